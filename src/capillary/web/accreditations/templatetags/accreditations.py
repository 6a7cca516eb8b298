"""Template tags of accreditations: what steps are called, and how a condition came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from capillary.incentives.evaluate import Judged
    from capillary.web.accreditations.models import AccreditationEvent

register = template.Library()
STEP_WORDS = {
    "start": gettext_lazy("Draft begun"),
    "add-paper": gettext_lazy("Paper handed in"),
    "paper-remove": gettext_lazy("Paper taken out"),
    "submit": gettext_lazy("Submitted"),
    "withdraw": gettext_lazy("Withdrawn"),
    "check": gettext_lazy("Fact found out or corrected"),
    "propose": gettext_lazy("Decision proposed"),
    "return": gettext_lazy("Proposal sent back"),
    "grant": gettext_lazy("Accredited"),
    "refuse": gettext_lazy("Not accredited"),
    "take-back": gettext_lazy("Accreditation taken back"),
    "appeal": gettext_lazy("Appeal"),
}
VERDICTS = {
    "entitled": gettext_lazy("every condition is met"),
    "unclear": gettext_lazy("cannot be told yet"),
    "not-entitled": gettext_lazy("not every condition is met"),
}


@register.filter
def accreditation_step(event: AccreditationEvent) -> str:
    """Return what a step is called."""
    return str(STEP_WORDS.get(event.act, event.act))


@register.filter
def met(item: Judged) -> str:
    """Return how a condition came out, in words."""
    if item.truth.is_open:
        return _("cannot be told yet")
    return _("met") if item.truth.yes else _("not met")


@register.filter
def meets(verdict: str) -> str:
    """Return what the rules say as a whole, in words."""
    return str(VERDICTS[verdict])
