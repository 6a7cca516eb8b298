"""The facts of an enterprise that rules of priority look at, and what columns, values and rules are called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.web.applications.judging import assessment_for_rules, supported_level
from capillary.web.core.language import TAGS, language
from capillary.web.engine import library
from capillary.web.places.models import PlaceRequest
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from capillary.model.text import Language
    from capillary.web.enterprises.models import Enterprise

COLUMNS = {
    "served_before": gettext_lazy("served before"),
    "size": gettext_lazy("size"),
    "level": gettext_lazy("level by evidence"),
    "asked": gettext_lazy("day of asking"),
    "region": gettext_lazy("region"),
}
VALUES = {
    ("served_before", "no"): gettext_lazy("not yet"),
    ("served_before", "yes"): gettext_lazy("already"),
    ("size", "micro"): gettext_lazy("micro"),
    ("size", "small"): gettext_lazy("small"),
    ("size", "medium"): gettext_lazy("medium"),
    ("size", "large"): gettext_lazy("large"),
}
RULES = {
    "served_before=no,yes": gettext_lazy("Never served here before: these come first"),
    "size=micro,small,medium,large": gettext_lazy("Size: the smallest come first"),
    "size=large,medium,small,micro": gettext_lazy("Size: the largest come first"),
    "level=lowest": gettext_lazy("Level that evidence supports: the lowest comes first"),
    "level=highest": gettext_lazy("Level that evidence supports: the highest comes first"),
    "asked=earliest": gettext_lazy("Day of asking: the earliest comes first"),
    "region=same": gettext_lazy("Region: enterprises of the provider's own region come first"),
}


@dataclass(frozen=True)
class Facts:
    """What rules may look at; empty or None where it is not known.

    Attributes:
        size: ``micro``, ``small``, ``medium`` or ``large``, by head count.
        level: that which evidence supports, of the last assessment that is complete.
        served_before: whether it was served in this installation before.
    """

    size: str
    region: str
    sector: str
    level: int | None
    served_before: bool


def facts_of(enterprise: Enterprise) -> Facts:
    """Return the facts of an enterprise as they are now."""
    size = size_of(enterprise.employees)
    assessment = assessment_for_rules(enterprise)
    return Facts(
        size="" if size is None else size.id,
        region=enterprise.region,
        sector=enterprise.sector,
        level=None if assessment is None else supported_level(assessment),
        served_before=PlaceRequest.objects.filter(
            enterprise=enterprise, state=PlaceRequest.State.SERVED
        ).exists(),
    )


def cells_of(row: PlaceRequest) -> dict[str, str | None]:
    """Return the facts of a request as the draw's table has them."""
    return {
        "served_before": None if row.served_before is None else "yes" if row.served_before else "no",
        "size": row.size or None,
        "level": None if row.level is None else str(row.level),
        "asked": row.asked_on.isoformat(),
        "region": row.region or None,
    }


def rule_title(rule: str) -> str:
    """Return what a rule is called; the rule itself where it is none of those that are offered."""
    return str(RULES.get(rule, rule))


def words_in(language: Language) -> Callable[[str, str], str]:
    """Return what names columns and values in a language; see `capillary.matching.places.told`."""

    @cache
    def word(column: str, value: str) -> str:
        with translation.override(TAGS[language]):
            if not value:
                return str(COLUMNS.get(column, column))
            if column == "region":
                item = library().regions().get(value)
                return item.title.in_(language) if item else value
            return str(VALUES.get((column, value), value))

    return word


def shown(column: str, row: Facts | PlaceRequest) -> str:
    """Return a fact of an enterprise in the reader's language."""
    value = getattr(row, column)
    if column == "served_before":
        if value is None:
            return _("is looked up when the asking closes")
        return _("already") if value else _("not yet")
    if value in {"", None}:
        return _("not known: comes last")
    return words_in(language())(column, str(value))
