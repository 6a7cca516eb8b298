"""What a workbook would change, ready for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.web import engine
from capillary.web.advising.models import WorkbookImport
from capillary.web.advising.words import changed_words, in_words, same_answer, values_of, with_answers
from capillary.web.assessments.models import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.standard import Question, Standard
    from capillary.report.answers import Answers
    from capillary.web.advising.words import Said
    from capillary.web.assessments.models import Assessment

RECENT = 10


@dataclass(frozen=True)
class ChangedAnswer:
    """One question whose answer differs."""

    question: Question
    old: Said
    new: Said
    meanwhile: bool = False


@dataclass(frozen=True)
class Levels:
    """Level and score at two times, each as lowest and highest."""

    old: tuple[int | None, int | None]
    new: tuple[int | None, int | None]
    old_score: tuple[float | None, float | None]
    new_score: tuple[float | None, float | None]


@dataclass(frozen=True)
class Preview:
    """What taking over a workbook would do.

    Attributes:
        added: questions that had no answer.
        changed: questions whose answer becomes another.
        same: how many answers stay what they are.
        left_out: answers that the workbook leaves out; they are kept unless the person chooses otherwise.
        meanwhile: questions that were changed in the product since the upload.
        other_variant: whether the workbook names another variant than the assessment has.
    """

    added: tuple[ChangedAnswer, ...]
    changed: tuple[ChangedAnswer, ...]
    same: int
    left_out: tuple[ChangedAnswer, ...]
    meanwhile: tuple[Question, ...]
    levels: Levels
    variant: str
    other_variant: bool

    @property
    def nothing(self) -> bool:
        """Whether the workbook says nothing new and leaves nothing out."""
        return not (self.added or self.changed or self.left_out or self.variant)


def import_preview(found: WorkbookImport, assessment: Assessment) -> Preview:
    """Return what taking over a workbook would do to the assessment as it is now."""
    standard = engine.standard_of(assessment)
    present = values_of(assessment)
    variant = found.variant if found.variant and not assessment.variant else ""
    merged = with_answers(assessment, {**present, **found.answers}, variant or None)
    before, after = in_words(assessment), in_words(merged)
    meanwhile = _meanwhile(found, assessment)
    rows: dict[str, list[ChangedAnswer]] = {"added": [], "changed": [], "left_out": []}
    same = 0
    for question in standard.questions:
        was, comes = present.get(question.id), found.answers.get(question.id)
        kind = _kind(standard, question, was, comes)
        if kind in rows:
            rows[kind].append(_row(before, after, question, meanwhile))
        same += kind == "same"
    return Preview(
        added=tuple(rows["added"]),
        changed=tuple(rows["changed"]),
        left_out=tuple(rows["left_out"]),
        same=same,
        meanwhile=tuple(item for item in standard.questions if item.id in meanwhile),
        levels=_levels(assessment, merged),
        variant=_variant_title(standard, variant),
        other_variant=bool(found.variant and assessment.variant and found.variant != assessment.variant),
    )


def _kind(standard: Standard, question: Question, was: object, comes: object) -> str:
    if comes is None:
        return "" if was is None else "left_out"
    if was is None:
        return "added"
    return "same" if same_answer(standard, question, was, comes) else "changed"


def _row(before: Answers, after: Answers, question: Question, meanwhile: set[str]) -> ChangedAnswer:
    old, new = changed_words(before, after, question)
    return ChangedAnswer(question, old, new, question.id in meanwhile)


def _meanwhile(found: WorkbookImport, assessment: Assessment) -> set[str]:
    if assessment.revision == found.base_revision:
        return set()
    since = Revision.objects.filter(assessment=assessment, number__gt=found.base_revision)
    return set(since.values_list("question", flat=True))


def _levels(assessment: Assessment, merged: Assessment) -> Levels:
    score = engine.figures_of(merged).score
    level = score.level
    return Levels(
        old=(assessment.level_low, assessment.level_high),
        new=(None, None) if level is None else (int(level.low), int(level.high)),
        old_score=(assessment.score_low, assessment.score_high),
        new_score=(float(score.score.low), float(score.score.high)),
    )


def _variant_title(standard: Standard, variant: str) -> object:
    return next((item.title for item in standard.file.variants if item.id == variant), "")


def applied_changes(found: WorkbookImport, assessment: Assessment) -> tuple[ChangedAnswer, ...]:
    """Return what taking over a workbook did."""
    if found.first_revision is None or found.last_revision is None:
        return ()
    before, after = _around(found, assessment.pk)
    standard = engine.standard_of(assessment)
    old = in_words(with_answers(assessment, _known(before)))
    new = in_words(with_answers(assessment, _known(after)))
    return tuple(
        ChangedAnswer(question, *changed_words(old, new, question))
        for question in standard.questions
        if question.id in after
    )


def _around(found: WorkbookImport, assessment: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return the raw answers before and after an import to the questions that it changed."""
    rows = Revision.objects.filter(assessment_id=assessment, number__lte=found.last_revision)
    touched = rows.filter(number__gte=found.first_revision).values("question")
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    every = rows.filter(question__in=touched).order_by("number")
    for name, number, value in every.values_list("question", "number", "value"):
        (before if number < (found.first_revision or 0) else after)[name] = value
    return before, after


def _known(answers: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in answers.items() if value is not None}


def recent_imports(assessment: Assessment) -> Iterable[WorkbookImport]:
    """Return the last uploads of an assessment."""
    return (
        WorkbookImport.objects.filter(assessment=assessment)
        .defer("answers")
        .select_related("by", "applied_by", "undone_by")[:RECENT]
    )
