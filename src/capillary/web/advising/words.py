"""Answers in words, and what one set of answers says otherwise than another."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Grid, Rate, Ticks
from capillary.report.answers import Answers, reach_words
from capillary.sheets.answers import reader_for
from capillary.web import engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.standard import Question, Standard
    from capillary.report.page import Words
    from capillary.web.assessments.models import Assessment

Said = tuple["Words", ...]


def values_of(assessment: Assessment) -> dict[str, object]:
    """Return the raw answers of an assessment by question."""
    return {name: entry["value"] for name, entry in assessment.answers.items()}


def with_answers(
    assessment: Assessment, answers: Mapping[str, object], variant: str | None = None
) -> Assessment:
    """Return an unsaved copy of an assessment that has other answers, to be scored or put into words."""
    other = copy(assessment)
    other.answers = {name: {"value": value} for name, value in answers.items()}
    if variant is not None:
        other.variant = variant
    return other


def in_words(assessment: Assessment) -> Answers:
    """Return the answers of an assessment in words."""
    return Answers(engine.standard_of(assessment), engine.sheet_of(assessment))


def same_answer(standard: Standard, question: Question, one: object, other: object) -> bool:
    """Return whether two raw answers say the same, in whatever order and form; None is no answer.

    >>> from capillary.content import load_standard
    >>> standard = load_standard("miit-2024")
    >>> rate = next(item for item in standard.questions if isinstance(item, Rate))
    >>> same_answer(standard, rate, 35, 35.0), same_answer(standard, rate, 35, None)
    (True, False)
    """
    if one == other:
        return True
    if one is None or other is None or NOT_APPLICABLE in (one, other):
        return False
    if isinstance(question, Rate):
        return str(one) == str(other)
    reader = reader_for(standard)
    return list(reader.read(question.id, one)) == list(reader.read(question.id, other))


def changed_words(before: Answers, after: Answers, question: Question) -> tuple[Said, Said]:
    """Return what was answered and what is answered now; of a question with many lines only the lines that differ."""
    told = (before, after)
    plain = any(
        question.id in item.sheet.not_applicable or question.id not in item.sheet.answers for item in told
    )
    if plain or not isinstance(question, Grid | Ticks):
        return before.words(question), after.words(question)
    old: Said = ()
    new: Said = ()
    for was, now in zip(before.coded[question.id], after.coded[question.id], strict=True):
        if (was.low, was.high) == (now.low, now.high):
            continue
        is_set = was.field.kind == "set"
        if is_set or was.settled:
            gone = was.low & ~now.low if is_set else was.low
            old += reach_words(question, was.field, was.field.chosen(gone))
        if is_set or now.settled:
            come = now.low & ~was.low if is_set else now.low
            new += reach_words(question, now.field, now.field.chosen(come))
    return old, new
