"""Figures of a firm's size, for the templates of the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

if TYPE_CHECKING:
    from capillary.roadmap.firm import Size

register = template.Library()


@register.filter
def size_figure(size: Size, field: str) -> int:
    """Return the figure of a size that a field of the form asks for."""
    return {"people": size.employees, "users": size.users, "machines": size.machines}[field]
