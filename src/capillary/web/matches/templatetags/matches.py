"""Template tags of matches: amounts, classes of budget, and what steps and sides are called."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from capillary.matching.leads import budget_ends, budget_words
from capillary.web.core.language import language
from capillary.web.rates.shown import mine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.matching.leads import Lead
    from capillary.web.matches.models import MatchEvent

register = template.Library()
STEP_WORDS = {
    "send": _("Need sent"),
    "express": _("Interest expressed"),
    "accept": _("Interest accepted"),
    "named": _("Names are shown to both sides from now on"),
    "refuse": _("Refused"),
    "withdraw": _("Withdrawn"),
    "close": _("Need closed"),
    "take": _("Taken care of"),
    "write": _("Message written"),
    "quote": _("Price and dates offered"),
    "return": _("Another quote asked for"),
    "contract": _("Contract noted"),
    "deliver": _("Delivery reported"),
    "confirm": _("Delivery confirmed"),
    "reject": _("Delivery not confirmed"),
    "measure": _("Cost and time measured"),
    "rate": _("Rated"),
    "complain": _("Complaint"),
    "drop": _("Complaint taken back"),
    "settle": _("Complaint settled"),
    "remind": _("Reminder"),
    "overdue": _("Overdue"),
}
SIDE_WORDS = {
    "firm": _("the firm"),
    "provider": _("the provider"),
    "officer": _("the mediating officer"),
    "": _("the clock"),
}


@register.filter
def money(value: Decimal | int | None) -> str:
    """Return an amount of money, with cents only where there are any."""
    if value is None:
        return "–"
    found = Decimal(value)
    return f"{found:,.0f}" if found == found.to_integral_value() else f"{found:,.2f}"


@register.simple_tag(takes_context=True)
def lead_budget(context: Mapping[str, Any], lead: Lead) -> str:
    """Return the class of a lead's budget, and about what its ends are in the reader's currency."""
    own = budget_words(lead.budget, lead.currency).in_(language())
    found = mine(context.get("request"), lead.currency)
    ends = budget_ends(lead.budget)
    if found is None or not ends:
        return own
    return format_html("{} {}", own, found.marked("–".join(found.amount(end) for end in ends)))


@register.filter
def step(event: MatchEvent) -> str:
    """Return what a step in the life of a match is called."""
    return str(STEP_WORDS.get(event.act, event.act))


@register.filter
def side_called(side: str) -> str:
    """Return what a side is called."""
    return str(SIDE_WORDS.get(side, side))
