"""The verification of an assessment, question by question, ready for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.web import engine
from capillary.web.advising.models import Objection, Review, ReviewMark
from capillary.web.advising.services_review import may_object_now, present_marks
from capillary.web.advising.words import changed_words, in_words, with_answers
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.core.grades import Grade
from capillary.web.evidence.models import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

    from capillary.model.standard import Question
    from capillary.model.text import Text
    from capillary.web.advising.words import Said

Kind = ReviewMark.Kind


@dataclass(frozen=True)
class Correction:
    """A correction that stands or stood: what the firm had said, what the assessor found, and why."""

    mark: ReviewMark
    objection: Objection | None
    stands: bool


@dataclass(frozen=True)
class ReviewRow:
    """One answered question.

    Attributes:
        firm_said: what the firm had answered, where the assessor corrected it.
        now_says: what differs from it in the present answer.
        mark: what the assessor found; None where nothing was marked yet.
        corrections: every correction that was made, with its objection; the last one may stand.
        evidence: how many pieces of evidence there are.
        may_object: whether the firm may object to the present correction.
    """

    number: int
    question: Question
    dimension: Text
    words: Said
    grade: str
    firm_said: Said
    now_says: Said
    mark: ReviewMark | None
    corrections: tuple[Correction, ...]
    evidence: int
    may_object: bool

    @property
    def grade_label(self) -> Promise:
        """The grade in words."""
        return Grade(self.grade).label

    @property
    def objection(self) -> Objection | None:
        """The objection that waits for the assessor, if there is one."""
        waiting = (item.objection for item in self.corrections if item.stands and item.objection)
        return next((item for item in waiting if item.state == Objection.State.OPEN), None)


@dataclass(frozen=True)
class Standing:
    """Level and score as the firm declared them, after the verification, and as far as the evidence supports them."""

    declared_level: tuple[int | None, int | None]
    declared_score: tuple[float, float]
    level: tuple[int | None, int | None]
    score: tuple[float | None, float | None]
    supported_level: int | None
    supported_score: float | None


@dataclass(frozen=True)
class ReviewPage:
    """The verification of one assessment."""

    review: Review | None
    rows: tuple[ReviewRow, ...]
    standing: Standing

    def of_kind(self, kind: str) -> int:
        """Return how many questions have a mark of this kind."""
        return sum(row.mark is not None and row.mark.kind == kind for row in self.rows)

    @property
    def confirmed(self) -> int:
        """How many answers were confirmed."""
        return self.of_kind(Kind.CONFIRMED)

    @property
    def corrected(self) -> int:
        """How many answers were corrected."""
        return self.of_kind(Kind.CORRECTED)

    @property
    def unchecked(self) -> int:
        """How many answers could not be checked."""
        return self.of_kind(Kind.UNCHECKED)

    @property
    def marked(self) -> int:
        """How many answers have a mark."""
        return sum(row.mark is not None for row in self.rows)

    @property
    def left(self) -> int:
        """How many answers have no mark yet."""
        return len(self.rows) - self.marked

    @property
    def objections(self) -> int:
        """How many objections wait for the assessor."""
        return sum(row.objection is not None for row in self.rows)

    @property
    def ready(self) -> bool:
        """Whether it can be signed off."""
        return bool(self.rows) and not self.left and not self.objections


def review_page(assessment: Assessment) -> ReviewPage:
    """Return the verification of an assessment, in as many queries for one question as for fifty."""
    review = Review.objects.select_related("assessor").filter(assessment=assessment).first()
    standard = engine.standard_of(assessment)
    firm = with_answers(assessment, firm_answers(assessment))
    said, present = in_words(firm), in_words(assessment)
    marks = present_marks(review, assessment)
    corrections = _corrections(review, marks)
    pieces = _pieces(assessment)
    titles = {item.id: item.title for item in standard.file.dimensions}
    in_time = may_object_now(assessment)
    rows = []
    for number, question in enumerate(standard.questions, start=1):
        if question.id not in assessment.answers:
            continue
        mark = marks.get(question.id)
        corrected = mark is not None and mark.kind == Kind.CORRECTED
        old, new = changed_words(said, present, question) if corrected else ((), ())
        rows.append(
            ReviewRow(
                number=number,
                question=question,
                dimension=titles[question.dimension],
                words=present.words(question),
                grade=assessment.grades.get(question.id, "declared"),
                firm_said=old,
                now_says=new,
                mark=mark,
                corrections=corrections.get(question.id, ()),
                evidence=pieces.get(question.id, 0),
                may_object=corrected and in_time and _objection_to(mark) is None,
            )
        )
    return ReviewPage(review, tuple(rows), _standing(assessment, firm))


def firm_answers(assessment: Assessment) -> dict[str, object]:
    """Return the present answers with those of the assessor replaced by what the firm had said before."""
    rows = Revision.objects.filter(assessment=assessment)
    touched = rows.filter(origin=Revision.Origin.ASSESSOR).values("question")
    theirs = rows.filter(question__in=touched).exclude(origin=Revision.Origin.ASSESSOR).order_by("number")
    said = dict(theirs.values_list("question", "value"))
    answers = {name: said.get(name, entry["value"]) for name, entry in assessment.answers.items()}
    return {name: value for name, value in answers.items() if value is not None}


def _corrections(review: Review | None, marks: Mapping[str, ReviewMark]) -> dict[str, tuple[Correction, ...]]:
    """Return every correction of a review by question, the first one first."""
    found: dict[str, tuple[Correction, ...]] = {}
    if review is None:
        return found
    rows = ReviewMark.objects.filter(review=review, kind=Kind.CORRECTED).order_by("pk")
    for mark in rows.select_related("by", "objection__by", "objection__answered_by"):
        stands = marks.get(mark.question) == mark
        one = Correction(mark, _objection_to(mark), stands)
        found[mark.question] = (*found.get(mark.question, ()), one)
    return found


def _objection_to(mark: ReviewMark) -> Objection | None:
    try:
        return mark.objection
    except Objection.DoesNotExist:
        return None


def _pieces(assessment: Assessment) -> dict[str, int]:
    """Return how many pieces of evidence each answer has."""
    counts: dict[str, int] = {}
    rows = Evidence.objects.filter(assessment=assessment, withdrawn_at=None)
    for name in rows.values_list("question", flat=True):
        counts[name] = counts.get(name, 0) + 1
    return counts


def _standing(assessment: Assessment, firm: Assessment) -> Standing:
    score = engine.figures_of(firm).score
    level = score.level
    return Standing(
        declared_level=(None, None) if level is None else (int(level.low), int(level.high)),
        declared_score=(float(score.score.low), float(score.score.high)),
        level=(assessment.level_low, assessment.level_high),
        score=(assessment.score_low, assessment.score_high),
        supported_level=assessment.supported_level,
        supported_score=assessment.supported_score,
    )
