"""Taking over what an uploaded workbook says, and undoing it. Everything is a revision; nothing is overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.advising.models import WorkbookImport
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.words import same_answer, values_of
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import FOLLOWING, Author, Change, answers_change, figures_refresh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.web.accounts.models import User
    from capillary.web.advising.workbooks import ReadBook


class OutdatedError(Exception):
    """The assessment was changed after the preview that was confirmed."""


@transaction.atomic
def import_prepare(*, assessment: Assessment, book: ReadBook, by: User) -> WorkbookImport:
    """Keep what a workbook says for the confirmation; no answer changes.

    Raises:
        NotNowError: the assessment takes no more answers.
    """
    _must_be_open(assessment)
    audit_write(by, "workbook-upload", assessment.enterprise_id, book.sha256)
    return WorkbookImport.objects.create(
        assessment=assessment,
        file_name=book.file_name,
        sha256=book.sha256,
        answers=dict(book.sheet.answers),
        variant=book.sheet.variant or "",
        other_name=book.other_name,
        base_revision=assessment.revision,
        by=by,
    )


def import_changes(
    assessment: Assessment, answers: Mapping[str, object], *, remove: bool = False
) -> list[Change]:
    """Return the answers that a workbook changes, in the standard's order.

    Args:
        assessment: as it is.
        answers: what the workbook says.
        remove: whether answers that the workbook leaves out are taken back.
    """
    standard = engine.standard_of(assessment)
    present = values_of(assessment)
    changes = []
    for question in standard.questions:
        value = answers.get(question.id)
        if value is None and not remove:
            continue
        if not same_answer(standard, question, present.get(question.id), value):
            changes.append(Change(question.id, value))
    return changes


@transaction.atomic
def import_apply(
    *, found: WorkbookImport, assessment: Assessment, base: int, by: User, remove: bool = False
) -> WorkbookImport:
    """Take over what a workbook says.

    Args:
        found: the upload.
        assessment: its assessment, locked by the caller.
        base: the assessment's revision that the person saw in the preview.
        by: who confirms it.
        remove: whether answers that the workbook leaves out are taken back.

    Raises:
        OutdatedError: the assessment has changed since; nothing was taken over.
        NotNowError: the assessment takes no more answers, or the upload was taken over already.
    """
    _must_be_open(assessment)
    if found.applied_at is not None:
        raise NotNowError(_("This workbook has been applied already."))
    if base != assessment.revision:
        raise OutdatedError
    at = timezone.now()
    found.base_revision = assessment.revision
    if found.variant and not assessment.variant:
        found.set_variant = True
        _variant_change(assessment, found.variant)
    answers_change(
        assessment=assessment,
        changes=import_changes(assessment, found.answers, remove=remove),
        author=Author(by, Revision.Origin.WORKBOOK),
        at=at,
    )
    found.applied_at, found.applied_by = at, by
    if assessment.revision > found.base_revision:
        found.first_revision, found.last_revision = found.base_revision + 1, assessment.revision
    found.save()
    audit_write(by, "workbook-apply", assessment.enterprise_id, found.sha256)
    return found


@transaction.atomic
def import_undo(*, found: WorkbookImport, assessment: Assessment, by: User) -> list[str]:
    """Put the answers back that a workbook changed, as new revisions; what somebody changed since stays.

    Args:
        found: the upload.
        assessment: its assessment, locked by the caller.
        by: who undoes it.

    Returns:
        The questions that were left alone because their answers have changed since.

    Raises:
        NotNowError: the assessment takes no more answers, or there is nothing to undo.
    """
    _must_be_open(assessment)
    if found.applied_at is None or found.undone_at is not None:
        raise NotNowError(_("There is nothing to undo."))
    before, last = _before_and_last(found)
    mine = [name for name, number in last.items() if number <= (found.last_revision or 0)]
    reason = gettext("The workbook %(file)s was undone") % {"file": found.file_name}
    if found.set_variant and assessment.variant == found.variant:
        _variant_change(assessment, "")
    answers_change(
        assessment=assessment,
        changes=[Change(name, before.get(name), reason) for name in mine],
        author=Author(by, Revision.Origin.WORKBOOK),
    )
    found.undone_at, found.undone_by = timezone.now(), by
    found.save(update_fields=["undone_at", "undone_by"])
    audit_write(by, "workbook-undo", assessment.enterprise_id, found.sha256)
    return [name for name in last if name not in set(mine)]


def _before_and_last(found: WorkbookImport) -> tuple[dict[str, object], dict[str, int]]:
    """Return, for the questions that an import changed, the answer before it and the number of the last revision."""
    first, last = found.first_revision or 0, found.last_revision or 0
    rows = Revision.objects.filter(assessment_id=found.assessment_id)
    touched = rows.filter(number__gte=first, number__lte=last).values("question")
    before: dict[str, object] = {}
    numbers: dict[str, int] = {}
    every = rows.filter(question__in=touched).order_by("number")
    for name, number, value in every.values_list("question", "number", "value"):
        if number < first:
            before[name] = value
        numbers[name] = number
    return before, numbers


def _variant_change(assessment: Assessment, variant: str) -> None:
    assessment.variant = variant
    figures_refresh(assessment)
    assessment.save(update_fields=["variant", *FOLLOWING])


def _must_be_open(assessment: Assessment) -> None:
    if assessment.status != Assessment.Status.OPEN:
        raise NotNowError(_("This assessment is closed. New answers go into the next one."))
