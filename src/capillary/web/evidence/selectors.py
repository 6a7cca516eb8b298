"""What the pages about evidence show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from capillary.report.answers import Answers
from capillary.web import engine
from capillary.web.core.grades import Grade
from capillary.web.evidence.gains import Gain, Lift, gains_of, lift_of, supported_score
from capillary.web.evidence.models import Evidence, Verification
from capillary.web.evidence.services import may_withdraw, takes_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard
    from capillary.model.text import Text
    from capillary.report.page import Words
    from capillary.scoring.evaluate import SheetScore
    from capillary.web.access import Access
    from capillary.web.assessments.models import Assessment

MOST_GAINS = 5


@dataclass(frozen=True)
class Row:
    """One answered question in the overview."""

    question: Question
    dimension: Text
    answer: tuple[Words, ...]
    grade: Grade
    count: int


@dataclass(frozen=True)
class Side:
    """One of the two scores; ``level`` is None where the standard has no levels."""

    score_low: float
    score_high: float
    level_low: int | None
    level_high: int | None


@dataclass(frozen=True)
class Advice:
    """A question whose missing evidence counts most."""

    question: Question
    gain: Gain


@dataclass(frozen=True)
class Overview:
    """The whole overview.

    Attributes:
        top: the most that the score can be.
        rows: the answered questions that the filter lets through.
        answered: how many are answered in all.
        grades: how many answers have each grade.
        lift: how much of the advice raises the supported level; None where none does.
    """

    declared: Side
    supported: Side
    top: float
    rows: tuple[Row, ...]
    answered: int
    grades: tuple[tuple[Grade, int], ...]
    advice: tuple[Advice, ...]
    lift: Lift | None


def overview_of(assessment: Assessment, chosen: Mapping[str, str]) -> Overview:
    """Return the overview of an assessment's evidence.

    Args:
        assessment: the assessment.
        chosen: the filters that are set: ``grade``, ``dimension``.
    """
    standard, sheet = engine.standard_of(assessment), engine.sheet_of(assessment)
    rows = _rows(assessment, standard, sheet)
    gains = gains_of(standard, sheet)
    found = [row.grade for row in rows]
    return Overview(
        declared=Side(
            assessment.score_low or 0,
            assessment.score_high or 0,
            assessment.level_low,
            assessment.level_high,
        ),
        supported=_supported_side(supported_score(standard, sheet)),
        top=float(standard.file.scoring.max),
        rows=tuple(
            row
            for row in rows
            if chosen.get("grade") in (None, row.grade)
            and chosen.get("dimension") in (None, row.question.dimension)
        ),
        answered=len(rows),
        grades=tuple((grade, found.count(grade)) for grade in Grade),
        advice=tuple(Advice(standard.by_id[gain.question], gain) for gain in gains[:MOST_GAINS]),
        lift=lift_of(standard, sheet, gains),
    )


def _supported_side(score: SheetScore) -> Side:
    level = None if score.level is None else int(score.level.low)
    low = float(score.score.low)
    return Side(low, low, level, level)


def _rows(assessment: Assessment, standard: Standard, sheet: AnswerSheet) -> list[Row]:
    counted = Evidence.objects.filter(assessment=assessment, withdrawn_at=None).values_list("question")
    counts = dict(counted.annotate(all=Count("id")).order_by())
    titles = {item.id: item.title for item in standard.file.dimensions}
    answers = Answers(standard, sheet)
    return [
        Row(
            question=question,
            dimension=titles[question.dimension],
            answer=answers.in_short(question),
            grade=grade_in(assessment, question.id),
            count=counts.get(question.id, 0),
        )
        for question in standard.questions
        if question.id in sheet.answers
    ]


def grade_in(assessment: Assessment, question: str) -> Grade:
    """Return the grade of an answer."""
    return Grade(assessment.grades.get(question, Grade.DECLARED))


@dataclass(frozen=True)
class Item:
    """A piece of evidence as its page shows it."""

    evidence: Evidence
    may_withdraw: bool


@dataclass(frozen=True)
class QuestionEvidence:
    """One answer and what stands behind it.

    Attributes:
        open: whether evidence can be added or withdrawn now.
        standing, withdrawn: the evidence that counts, and what was withdrawn.
        verification: the assessor's confirmation of the answer as it stands; None where there is none.
    """

    question: Question
    answer: tuple[Words, ...]
    grade: Grade
    answered: bool
    open: bool
    standing: tuple[Item, ...]
    withdrawn: tuple[Item, ...]
    verification: Verification | None


def question_evidence(access: Access, assessment: Assessment, question: Question) -> QuestionEvidence:
    """Return an answer with its evidence, as one visitor may see and change it."""
    standard, sheet = engine.standard_of(assessment), engine.sheet_of(assessment)
    found = Evidence.objects.filter(assessment=assessment, question=question.id)
    items = [
        Item(evidence, may_withdraw(access, evidence))
        for evidence in found.select_related("added_by", "withdrawn_by")
    ]
    revision = assessment.answers.get(question.id, {}).get("revision")
    confirmed = Verification.objects.filter(
        assessment=assessment, question=question.id, revision=revision, withdrawn_at=None
    ).select_related("by")
    return QuestionEvidence(
        question=question,
        answer=Answers(standard, sheet).words(question),
        grade=grade_in(assessment, question.id),
        answered=question.id in assessment.answers,
        open=takes_evidence(assessment, question.id),
        standing=tuple(item for item in items if item.evidence.withdrawn_at is None),
        withdrawn=tuple(item for item in items if item.evidence.withdrawn_at is not None),
        verification=confirmed.first() if revision is not None else None,
    )
