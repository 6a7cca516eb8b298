"""Words about outcomes, for the templates of this part and of the scenarios."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext_lazy as _

from capillary.web.outcomes.models import How

if TYPE_CHECKING:
    from django.utils.functional import Promise

register = template.Library()
EFFECTS = {
    "office-labour": _("Labour cost of the office"),
    "shop-floor-labour": _("Labour cost of the shop floor"),
    "materials": _("Cost of materials"),
    "scrap": _("Scrap and rework"),
    "energy": _("Energy"),
    "stock": _("Stock held"),
    "downtime": _("Stoppages"),
    "lead-time": _("Lead time"),
    "incidents": _("Security incidents"),
}


@register.filter
def got_better(of: str) -> str | Promise:
    """Return what a figure before and after is about."""
    return EFFECTS[of]


@register.filter
def how_words(how: str) -> str | Promise:
    """Return how a figure was found."""
    return How(how).label


@register.filter
def percent_less(item: dict[str, str]) -> str:
    """Return by how many percent something became less, as a whole number; below zero where it became more."""
    before, after = Decimal(item["before"]), Decimal(item["after"])
    return f"{round(100 * (before - after) / before)}"
