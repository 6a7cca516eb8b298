"""Reads of the result pages: the enterprise's other assessments, what changed between two, links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from capillary.content.courses import CourseWish, courses_found
from capillary.content.scenarios import Wish, capabilities_asked, scenarios_found
from capillary.report.answers import Answers
from capillary.web import engine
from capillary.web.assessments.models import Assessment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.model.standard import Question
    from capillary.report.page import Words

# What lists do not show and need not be read.
HEAVY = ("answers", "asked", "grades", "carried")


@dataclass(frozen=True)
class Siblings:
    """The enterprise's assessments without their answers.

    Attributes:
        same: those under the standard of the one that is looked at, T0 first.
        latest: the last one under every standard.
    """

    same: tuple[Assessment, ...]
    latest: Mapping[str, Assessment]


def siblings_of(assessment: Assessment) -> Siblings:
    """Return the assessments of an assessment's enterprise, itself among them."""
    rows = list(
        Assessment.objects.filter(enterprise=assessment.enterprise_id)
        .defer(*HEAVY)
        .order_by("standard", "number")
    )
    return Siblings(
        same=tuple(row for row in rows if row.standard == assessment.standard),
        latest={row.standard: row for row in rows},
    )


@dataclass(frozen=True)
class DimensionChange:
    """A dimension in two assessments, in points; None where an assessment does not know it."""

    title: Words
    old: tuple[float, float] | None
    new: tuple[float, float] | None

    @property
    def by(self) -> float | None:
        """How much more is certain in the new assessment."""
        return None if self.old is None or self.new is None else self.new[0] - self.old[0]


@dataclass(frozen=True)
class AnswerChange:
    """A question that was answered differently; ``better`` is None where neither answer is better for certain."""

    title: Words
    dimension: Words
    old: tuple[Words, ...]
    new: tuple[Words, ...]
    better: bool | None


@dataclass(frozen=True)
class Changes:
    """What changed between two assessments under one standard."""

    old: Assessment
    new: Assessment
    dimensions: tuple[DimensionChange, ...]
    answers: tuple[AnswerChange, ...]


def changes_between(old: Assessment, new: Assessment) -> Changes:
    """Return what changed between two assessments of one enterprise under one standard."""
    standard = engine.standard_of(new)
    dimensions = tuple(
        DimensionChange(item.title, _span(old, item.id), _span(new, item.id))
        for item in standard.file.dimensions
        if item.id in old.dimensions or item.id in new.dimensions
    )
    return Changes(old, new, dimensions, tuple(_answer_changes(old, new)))


def _span(assessment: Assessment, dimension: str) -> tuple[float, float] | None:
    span = assessment.dimensions.get(dimension)
    return None if span is None else (span[0], span[1])


def _answer_changes(old: Assessment, new: Assessment) -> Iterator[AnswerChange]:
    standard = engine.standard_of(new)
    before, after = (Answers(standard, engine.sheet_of(each)) for each in (old, new))
    dimensions = {item.id: item.title for item in standard.file.dimensions}
    for question in standard.questions:
        raw = [each.answers.get(question.id, {}).get("value") for each in (old, new)]
        if raw[0] == raw[1]:
            continue
        yield AnswerChange(
            title=question.title,
            dimension=dimensions[question.dimension],
            old=_words(before, question),
            new=_words(after, question),
            better=_better(before, after, question.id),
        )


def _words(answers: Answers, question: Question) -> tuple[Words, ...]:
    """Return an answer in words; what was not answered but follows from another standard says so."""
    known = question.id in answers.sheet.answers
    if not known and question.id not in answers.open:
        return (_("Known from another standard"),)
    return answers.words(question)


def _better(before: Answers, after: Answers, question: str) -> bool | None:
    """Return whether an answer went up or down; only where every part of it did, and both are answers."""
    pairs = list(zip(before.coded[question], after.coded[question], strict=True))
    if not all(one.settled and other.settled for one, other in pairs):
        return None
    if all(_at_least(other.field.kind, other.low, one.low) for one, other in pairs):
        return True
    if all(_at_least(one.field.kind, one.low, other.low) for one, other in pairs):
        return False
    return None


def _at_least(kind: str, high: int, low: int) -> bool:
    """Return whether one code holds all of another: positions on a ladder, or ticks as bits."""
    return high & low == low if kind == "set" else high >= low


def two_of(
    same: Sequence[Assessment], first: str | None, second: str | None
) -> tuple[Assessment, Assessment] | None:
    """Return the two assessments to compare, the earlier one first; the last two where none are named.

    Args:
        same: assessments under one standard, T0 first.
        first: number of one of them, as it stands in the address.
        second: number of the other one.
    """
    by_number = {str(item.number): item for item in same}
    if len(same) < 2:
        return None
    old, new = by_number.get(first or ""), by_number.get(second or "")
    if old is None or new is None or old is new:
        old, new = same[-2], same[-1]
    if old.number > new.number:
        old, new = new, old
    rows = {
        row.pk: row for row in Assessment.objects.filter(pk__in=(old.pk, new.pk)).select_related("enterprise")
    }
    return rows[old.pk], rows[new.pk]


@cache
def course_count(standard: str, question: str) -> int:
    """Return how many courses teach something that a question of a standard asks about; worked out once."""
    found = engine.standards().get(standard)
    asked = frozenset() if found is None else capabilities_asked(found, question)
    if not asked:
        return 0
    return len(courses_found(engine.library().courses(), CourseWish(capabilities=asked)))


@cache
def scenario_count(standard: str, question: str) -> int:
    """Return how many scenarios raise something that a question of a standard asks about; worked out once."""
    found = engine.standards().get(standard)
    asked = frozenset() if found is None else capabilities_asked(found, question)
    if not asked:
        return 0
    library = engine.library()
    return len(scenarios_found(library.scenarios(), library.measures().measures, Wish(helps=asked)))
