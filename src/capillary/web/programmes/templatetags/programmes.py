"""Template tags of the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from capillary.web.programmes.dashboard import figure_text

if TYPE_CHECKING:
    from capillary.web.programmes.dashboard import Cell, Table

register = template.Library()


@register.simple_tag
def cell_text(cell: Cell, table: Table) -> str:
    """Return what stands in a cell of a dashboard's table."""
    return figure_text(cell, table)
