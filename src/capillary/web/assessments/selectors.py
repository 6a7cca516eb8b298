"""Reads of assessments: all questions with their answers, and the history of one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from capillary.web import engine
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.words import answer_words
from capillary.web.core.grades import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from capillary.model.standard import Question, Standard
    from capillary.model.text import Language
    from capillary.report.page import Words
    from capillary.web.accounts.models import User


class State(models.TextChoices):
    """How far a question is."""

    ANSWERED = "answered", _("Answered")
    OPEN = "open", pgettext_lazy("question", "Open")
    UNKNOWN = "unknown", _("Don't know")
    CARRIED = "carried", _("Known from another assessment")


@dataclass(frozen=True)
class Row:
    """One question and its present answer.

    Attributes:
        words: the answer in words; empty where there is none.
        given: the revision that gave the answer; None where there is none.
        grade: the grade of the evidence; None where there is no answer.
        changes: how many revisions the answer has.
    """

    question: Question
    state: State
    words: tuple[Words, ...]
    given: Revision | None
    grade: Grade | None
    changes: int

    def matches(self, text: str, language: Language) -> bool:
        """Whether a search finds the question: by its id, its words or those of its answer."""
        known = [self.question.title, self.question.text, *self.words]
        said = " ".join([self.question.id, *(item.in_(language) for item in known)]).casefold()
        return all(word in said for word in text.casefold().split())


@dataclass(frozen=True)
class Group:
    """The questions of one dimension."""

    id: str
    title: Words
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Wanted:
    """What a reader of the list looks for; empty words are no condition.

    Attributes:
        by: id of the person who answered.
    """

    text: str = ""
    state: str = ""
    by: str = ""


@dataclass(frozen=True)
class Listing:
    """All questions of an assessment, as far as they are wanted.

    Attributes:
        found, all: how many questions are shown, and how many there are.
        counts: how many questions are in each state.
        people: who gave present answers.
    """

    groups: tuple[Group, ...]
    found: int
    all: int
    counts: Mapping[State, int]
    people: tuple[User, ...]


def questions_of(assessment: Assessment, wanted: Wanted, language: Language) -> Listing:
    """Return the questions of an assessment by dimension, with their present answers."""
    standard = engine.standard_of(assessment)
    rows = _rows(assessment, standard)
    kept = [row for row in rows if _is_wanted(row, wanted, language)]
    by_dimension = (
        Group(item.id, item.title, tuple(row for row in kept if row.question.dimension == item.id))
        for item in standard.file.dimensions
    )
    people = {row.given.by for row in rows if row.given is not None and row.given.by is not None}
    return Listing(
        groups=tuple(group for group in by_dimension if group.rows),
        found=len(kept),
        all=len(rows),
        counts={state: sum(row.state == state for row in rows) for state in State},
        people=tuple(sorted(people, key=str)),
    )


def _rows(assessment: Assessment, standard: Standard) -> list[Row]:
    """Return all questions; two queries, however many answers there are."""
    numbers = [entry["revision"] for entry in assessment.answers.values()]
    known = Revision.objects.filter(assessment=assessment)
    given = {item.question: item for item in known.filter(number__in=numbers).select_related("by")}
    changes = dict(known.order_by().values_list("question").annotate(count=Count("id")))
    settled = engine.interview_of(assessment).asked
    return [
        Row(
            question=item,
            state=_state(assessment, item, settled),
            words=_present_words(assessment, standard, item),
            given=given.get(item.id),
            grade=_grade(assessment, item),
            changes=changes.get(item.id, 0),
        )
        for item in standard.questions
    ]


def _state(assessment: Assessment, question: Question, settled: set[str]) -> State:
    if question.id in assessment.answers:
        return State.ANSWERED
    if question.id in assessment.asked:
        return State.UNKNOWN
    return State.CARRIED if question.id in settled else State.OPEN


def _present_words(assessment: Assessment, standard: Standard, question: Question) -> tuple[Words, ...]:
    entry = assessment.answers.get(question.id)
    return () if entry is None else answer_words(standard, question, entry["value"])


def _grade(assessment: Assessment, question: Question) -> Grade | None:
    if question.id not in assessment.answers:
        return None
    return Grade(assessment.grades.get(question.id, "declared"))


def _is_wanted(row: Row, wanted: Wanted, language: Language) -> bool:
    if wanted.state and row.state != wanted.state:
        return False
    if wanted.by and (row.given is None or str(row.given.by_id) != wanted.by):
        return False
    return row.matches(wanted.text, language)


@dataclass(frozen=True)
class Change:
    """One revision of an answer, in words; no words for "don't know" and for an answer taken back."""

    number: int
    words: tuple[Words, ...]
    origin: str
    by: User | None
    at: datetime
    reason: str
    present: bool


def history_of(assessment: Assessment, question: Question) -> list[Change]:
    """Return the revisions of one answer, the last one first; one query."""
    standard = engine.standard_of(assessment)
    revisions: Iterable[Revision] = (
        Revision.objects.filter(assessment=assessment, question=question.id)
        .select_related("by")
        .order_by("-number")
    )
    return [
        Change(
            number=item.number,
            words=answer_words(standard, question, item.value),
            origin=item.get_origin_display(),
            by=item.by,
            at=item.at,
            reason=item.reason,
            present=place == 0,
        )
        for place, item in enumerate(revisions)
    ]


def may_reopen(assessment: Assessment) -> bool:
    """Whether a closed assessment can be opened again: it is not signed off, and no later one builds on it."""
    return (
        assessment.status == Assessment.Status.COMPLETED
        and not Assessment.objects.filter(
            enterprise=assessment.enterprise_id, standard=assessment.standard, number__gt=assessment.number
        ).exists()
    )
