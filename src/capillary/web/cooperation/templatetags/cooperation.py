"""Template tags of this part: what the parts of a profile, levels, steps and sides are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.model.partner_words import PROTECTION_WORDS, STAGE_WORDS
from capillary.web import engine
from capillary.web.cooperation.words import TONGUES
from capillary.web.core.language import language
from capillary.web.market.templatetags.market import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.partner import LeastLevel, ProfileIndustry
    from capillary.model.text import Text
    from capillary.web.cooperation.models import InterestEvent

register = template.Library()
STEP_WORDS = {
    "express": gettext_lazy("Interest expressed"),
    "agree": gettext_lazy("Agreed"),
    "named": gettext_lazy("Names are shown to both sides from now on"),
    "decline": gettext_lazy("Interest declined"),
    "withdraw": gettext_lazy("Withdrawn"),
    "close": gettext_lazy("The profile was withdrawn"),
    "ask": gettext_lazy("Question or answer without names"),
    "write": gettext_lazy("Message written"),
    "end": gettext_lazy("Ended"),
}
SIDE_WORDS = {
    "publisher": gettext_lazy("the firm behind the profile"),
    "seeker": gettext_lazy("the interested firm"),
}
GRADE_WORDS = {
    "declared": gettext_lazy("its own statement"),
    "documented": gettext_lazy("documents"),
    "measured": gettext_lazy("measurements"),
    "verified": gettext_lazy("an assessor's verification"),
}
_KINDS = {"kind": "profile"}
_WORDS: Mapping[str, Mapping[Any, Text]] = {"stage": STAGE_WORDS, "protection": PROTECTION_WORDS}


@register.filter
def profile_called(value: str, what: str) -> str:
    """Return what a value of a profile is called, in the reader's language.

    Args:
        value: a code, such as ``nace-2:C25`` for an ``industry`` or ``miit-2024:2`` for a ``level``.
        what: of what it is a value.
    """
    first, _colon, second = value.partition(":")
    if what in {"industry", "section"}:
        return _industry(first, second)
    if what == "level":
        return _level(first, int(second))
    if what == "language":
        return dict(TONGUES).get(value, value)
    if what in _WORDS:
        return _WORDS[what][value].in_(language())
    if what == "shows":
        return _("Level is shown") if value == "yes" else _("Level is not shown")
    return called(value, _KINDS.get(what, what))


def _industry(scheme: Any, code: str) -> str:
    book = engine.library().industries()
    item = book.industries[scheme].get(code)
    if item is None:
        return f"{code} ({book.files[scheme].title.in_(language())})"
    return f"{item.title.in_(language())} ({_short(scheme)} {code})"


def _short(scheme: str) -> str:
    return {"gbt-4754": "GB/T 4754", "nace-2": "NACE", "isic-4": "ISIC"}[scheme]


def _level(standard: str, level: int) -> str:
    found = engine.standards().get(standard)
    if found is None:
        return f"{standard} {level}"
    return _("{level} under {standard}").format(
        level=found.level_title(level).in_(language()), standard=found.file.short_title.in_(language())
    )


@register.filter
def all_profile_called(values: Iterable[str], what: str) -> str:
    """Return values in a row; any, where there are none."""
    comma = "、" if language() == "zh" else ", "
    return comma.join(profile_called(value, what) for value in values) or _("any")


@register.filter
def industry(item: ProfileIndustry) -> str:
    """Return what an industry is called, with its code and classification."""
    return profile_called(item.word, "industry")


@register.filter
def interest_step(event: InterestEvent) -> str:
    """Return what a step in the life of an interest is called."""
    return str(STEP_WORDS.get(event.act, event.act))


@register.filter
def interest_side(side: str) -> str:
    """Return what a side of an interest is called."""
    return str(SIDE_WORDS.get(side, side))


@register.filter
def grade_called(grade: str | None) -> str:
    """Return what the evidence of a grade is, in words."""
    return str(GRADE_WORDS[grade]) if grade else ""


@register.filter
def facet_called(value: str, facet: str) -> str:
    """Return what a value of a facet of the catalogue is called."""
    return profile_called(value, "region" if facet == "country" else facet)


@register.filter
def least_called(least: LeastLevel) -> str:
    """Return what a level that is demanded is called, with its standard."""
    return _level(least.standard, least.level)
