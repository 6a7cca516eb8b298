"""Numbers of charts, and names of what measures deal with, for the templates of the roadmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext_lazy as _

from capillary.web.core.templatetags.capillary import figure
from capillary.web.planning.catalogue import course_count
from capillary.web.planning.forms import ROLE_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.report.page import Words
    from capillary.report.roadmap.page import Cell, Comparison, Line

register = template.Library()
RISKS = {
    "low": _("Such work seldom goes wrong."),
    "medium": _("Such work goes wrong now and then."),
    "high": _("Such work often goes wrong."),
}
EFFECTS = {
    "cost": _("cost"),
    "quality": _("quality"),
    "lead-time": _("lead time"),
    "energy": _("energy"),
    "risk": _("risk"),
}
BASES = {
    "office-labour": _("of the labour cost of the office"),
    "shop-floor-labour": _("of the labour cost of the shop floor"),
    "materials": _("of the cost of materials"),
    "scrap": _("of scrap and rework"),
    "energy": _("of the cost of energy"),
    "stock": _("of the cost of holding stock"),
    "downtime": _("of losses from stoppages"),
    "lead-time": _("of the lead time"),
    "incidents": _("of security incidents"),
}


@register.filter
def plain(value: float, more: float = 0) -> str:
    """Return a number of a drawing, the same in every language, with something added."""
    return f"{float(value) + float(more):g}"


@register.filter
def middle(start: float, width: float) -> str:
    """Return the middle of a stretch of a drawing."""
    return f"{start + width / 2:g}"


@register.filter
def columns(comparison: Comparison) -> list[tuple[Words, str]]:
    """Return the plans of a comparison: what each is called, and where it stands in detail."""
    return list(zip(comparison.titles, comparison.anchors, strict=True))


@register.filter
def beside(line: Line, comparison: Comparison) -> list[tuple[Words, Cell]]:
    """Return the cells of a line of a comparison, each with the name of its plan."""
    return list(zip(comparison.titles, line.cells, strict=True))


@register.filter
def three(given: Sequence[int]) -> str:
    """Return low, typical and high figure; a dash where all are nothing."""
    if not any(given):
        return "–"
    low, typical, high = (figure(amount, 0) for amount in given)
    return typical if low == high else f"{low} – {typical} – {high}"


@register.filter
def role_words(role: str) -> str:
    """Return the name of a role."""
    return str(ROLE_LABELS.get(role, role))


@register.filter
def risk_words(risk: str) -> str:
    """Return how often such work goes wrong."""
    return str(RISKS.get(risk, risk))


@register.filter
def effect_words(on: str) -> str:
    """Return what an effect makes better."""
    return str(EFFECTS.get(on, on))


@register.filter
def base_words(of: str) -> str:
    """Return what the percentage of an effect is counted of."""
    return str(BASES.get(of, of))


@register.simple_tag
def courses_teaching(measure: str) -> int:
    """Return how many courses teach a capability that a measure raises."""
    return course_count(measure)
