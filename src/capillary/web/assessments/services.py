"""Writes to assessments. Every change of an answer is a revision; the row's figures follow from it in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from capillary.sheets.answers import reader_for
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.selectors import may_reopen
from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.standing import standing_refresh

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from capillary.web.accounts.models import User


# The columns that follow from the revisions and the evidence; a save writes these and no others.
FOLLOWING = (
    "answers",
    "asked",
    "grades",
    "revision",
    "changed_at",
    "score_low",
    "score_high",
    "level_low",
    "level_high",
    "supported_score",
    "supported_level",
    "answered",
    "dimensions",
)


@dataclass(frozen=True)
class Author:
    """Who changes an answer, and in what role."""

    user: User | None
    origin: Revision.Origin


@dataclass(frozen=True)
class Change:
    """A new answer to a question; ``value`` None is "don't know", or takes an answer back."""

    question: str
    value: object
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """What a person says about the enterprise before a check."""

    sector: str
    employees: int | None
    region: str = ""
    name: str = ""


@transaction.atomic
def check_start(*, facts: Facts, standard: str, variant: str = "") -> Assessment:
    """Start a check without an account: an enterprise that nobody has claimed, and its first assessment."""
    enterprise = Enterprise.objects.create(
        name=facts.name, sector=facts.sector, employees=facts.employees, region=facts.region
    )
    return _started(enterprise, standard, variant, None)


@transaction.atomic
def assessment_start(
    *, enterprise: Enterprise, standard: str, by: User | None, variant: str = ""
) -> Assessment:
    """Start the enterprise's next assessment under a standard, or return the one that is still open.

    What its other assessments already say about the standard is carried over, so that nobody is asked twice.
    """
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    still_open = Assessment.objects.filter(
        enterprise=enterprise, standard=standard, status=Assessment.Status.OPEN
    ).first()
    if still_open is not None:
        return still_open
    audit_write(by, "assessment-start", enterprise.id, standard)
    return _started(enterprise, standard, variant, by)


def _started(enterprise: Enterprise, standard: str, variant: str, by: User | None) -> Assessment:
    last = Assessment.objects.filter(enterprise=enterprise, standard=standard).aggregate(last=Max("number"))
    assessment = Assessment(
        enterprise=enterprise,
        standard=standard,
        variant=variant,
        number=0 if last["last"] is None else last["last"] + 1,
        started_by=by,
    )
    other = (
        Assessment.objects.filter(enterprise=enterprise)
        .exclude(standard=standard)
        .exclude(answered=0)
        .order_by("-changed_at")
        .first()
    )
    if other is not None:
        other.enterprise = enterprise
        assessment.carried = engine.carried_from(engine.standard_of(assessment), other)
    figures_refresh(assessment)
    assessment.save(force_insert=True)
    return assessment


def answers_change(
    *, assessment: Assessment, changes: Sequence[Change], author: Author, at: datetime | None = None
) -> Assessment:
    """Change answers: one revision each, then the figures once. Answers that stay what they were make no revision.

    Args:
        assessment: the row, locked by the caller (``assessment_for(..., lock=True)``) in a transaction.
        changes: new answers.
        author: who changes them.
        at: when; now if left out.

    Raises:
        BadAnswerError: an answer does not fit its question; nothing was changed.
        KeyError: the standard has no such question.
    """
    at = at or timezone.now()
    new = _changed(assessment, changes, author, at)
    Revision.objects.bulk_create(new)
    assessment.save(update_fields=FOLLOWING if new else ("asked", "changed_at"))
    return assessment


def answers_give(*, assessment: Assessment, changes: Sequence[Change], author: Author) -> bool:
    """Change answers of an open assessment whose row was read without a lock, so that others hardly wait.

    Everything is worked out first; then the row is written only if it is still the one that was read.

    Args:
        assessment: the row as it was read; changed here, also where it is not written.
        changes: new answers.
        author: who changes them.

    Returns:
        Whether it was written. If not, somebody else was quicker: read the row anew, with a lock, and use `answers_change`.

    Raises:
        BadAnswerError: an answer does not fit its question; nothing was changed.
        KeyError: the standard has no such question.
    """
    read = {"pk": assessment.pk, "revision": assessment.revision, "changed_at": assessment.changed_at}
    new = _changed(assessment, changes, author, timezone.now())
    with transaction.atomic():
        same = Assessment.objects.filter(**read, status=Assessment.Status.OPEN)
        if not same.update(**{name: getattr(assessment, name) for name in FOLLOWING}):
            return False
        Revision.objects.bulk_create(new)
    return True


def _changed(
    assessment: Assessment, changes: Sequence[Change], author: Author, at: datetime
) -> list[Revision]:
    """Put changes and the figures that follow into the row, unsaved, and return the revisions to be written."""
    reader = reader_for(engine.standard_of(assessment))
    for change in changes:
        if change.value is not None:
            reader.read(change.question, change.value)
    revisions = [_revised(assessment, change, author, at) for change in changes]
    new = [revision for revision in revisions if revision is not None]
    if new:
        figures_refresh(assessment)
    assessment.changed_at = at
    return new


def _revised(assessment: Assessment, change: Change, author: Author, at: datetime) -> Revision | None:
    """Put one change into the row and return its revision; None where nothing changes."""
    if change.question not in assessment.asked:
        assessment.asked.append(change.question)
    now = assessment.answers.get(change.question)
    if change.value == (None if now is None else now["value"]) and not change.reason:
        return None
    assessment.revision += 1
    if now is not None and assessment.grades.get(change.question) == "verified":
        # an assessor confirmed the answer as it was; for the new one only its evidence speaks
        _grade(assessment, change.question, now.get("evidenced", "declared"))
    if change.value is None:
        assessment.answers.pop(change.question, None)
    else:
        assessment.answers[change.question] = {
            "value": change.value,
            "by": None if author.user is None else author.user.pk,
            "at": at.isoformat(timespec="seconds"),
            "revision": assessment.revision,
        }
    return Revision(
        assessment=assessment,
        number=assessment.revision,
        question=change.question,
        value=change.value,
        origin=author.origin,
        by=author.user,
        at=at,
        reason=change.reason,
    )


def grades_change(*, assessment: Assessment, grades: Mapping[str, str]) -> Assessment:
    """Set the grades of the evidence behind answers, and the figures that follow.

    Args:
        assessment: the row, locked by the caller in a transaction.
        grades: grade by question; ``declared`` takes the entry away.
    """
    for question, grade in grades.items():
        _grade(assessment, question, grade)
    assessment.changed_at = timezone.now()  # a row read before is not written after this, see `answers_give`
    figures_refresh(assessment)
    assessment.save(update_fields=FOLLOWING)
    if assessment.status != Assessment.Status.OPEN:
        standing_refresh(assessment)
    return assessment


def _grade(assessment: Assessment, question: str, grade: str) -> None:
    if grade == "declared":
        assessment.grades.pop(question, None)
    else:
        assessment.grades[question] = grade


def detail_wanted(*, assessment: Assessment) -> None:
    """Note that the person goes on though the level is certain."""
    assessment.detail = True
    assessment.save(update_fields=["detail"])


def assessment_complete(*, assessment: Assessment, by: User | None, at: datetime | None = None) -> Assessment:
    """Close an assessment: from now on it counts in lists and figures, and later answers go into the next one."""
    if assessment.status != Assessment.Status.OPEN:
        return assessment
    assessment.status = Assessment.Status.COMPLETED
    assessment.completed_at = at or timezone.now()
    assessment.save(update_fields=["status", "completed_at"])
    audit_write(by, "assessment-complete", assessment.enterprise_id, assessment.standard)
    standing_refresh(assessment)
    return assessment


def assessment_reopen(*, assessment: Assessment, by: User | None) -> Assessment:
    """Open a completed assessment again; one that is signed off or has a successor stays closed.

    Raises:
        ValueError: it is not completed, is signed off, or a later one exists.
    """
    if not may_reopen(assessment):
        raise ValueError("this assessment stays closed")
    assessment.status = Assessment.Status.OPEN
    assessment.completed_at = None
    assessment.save(update_fields=["status", "completed_at"])
    audit_write(by, "assessment-reopen", assessment.enterprise_id, assessment.standard)
    return assessment


def figures_refresh(assessment: Assessment) -> None:
    """Work the row's figures out anew; nothing is saved."""
    figures = engine.figures_of(assessment)
    score, supported = figures.score, figures.supported
    assessment.score_low, assessment.score_high = float(score.score.low), float(score.score.high)
    level = score.level
    assessment.level_low = None if level is None else int(level.low)
    assessment.level_high = None if level is None else int(level.high)
    assessment.answered = len(assessment.answers)
    assessment.dimensions = {
        name: [float(span.low), float(span.high)] for name, span in score.dimensions.items()
    }
    assessment.supported_score = None if supported is None else float(supported.score.low)
    assessment.supported_level = (
        None if supported is None or supported.level is None else int(supported.level.low)
    )
