"""Writes to evidence. Nothing is deleted: evidence is withdrawn, and a confirmation is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import grades_change
from capillary.web.enterprises.models import Enterprise
from capillary.web.evidence.files.room import must_have_room
from capillary.web.evidence.grades import grade_of
from capillary.web.evidence.models import Evidence, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.core.files.uploadedfile import UploadedFile

    from capillary.web.access import Access
    from capillary.web.accounts.models import User

FIRM = frozenset({Revision.Origin.OWNER, Revision.Origin.COLLEAGUE})
INSPECTION = frozenset({Revision.Origin.ASSESSOR})


class ClosedError(Exception):
    """The assessment is signed off, or the question is not answered: no evidence can be added or withdrawn."""


def takes_evidence(assessment: Assessment, question: str) -> bool:
    """Whether evidence behind the answer to a question can be added or withdrawn now."""
    return assessment.status != Assessment.Status.SIGNED and question in assessment.answers


def may_withdraw(access: Access, evidence: Evidence) -> bool:
    """Whether a visitor may withdraw a piece of evidence and put it back.

    The firm decides about everything that stands on its side; what an assessor found is the assessor's. An adviser or
    assessor withdraws what they added themselves.
    """
    if access.user is not None and evidence.added_by_id == access.user.pk:
        return True
    return bool(FIRM & access.roles) and evidence.role not in INSPECTION


@transaction.atomic
def evidence_add(
    *,
    assessment: Assessment,
    question: str,
    values: Mapping[str, Any],
    by: User | None,
    role: str,
) -> Evidence:
    """Add a piece of evidence to an answer, and bring the grade up to date.

    Args:
        assessment: the row, locked by the caller.
        question: id of an answered question.
        values: fields of the evidence, as a form of `forms` returns them; a file has been checked.
        by: who adds it.
        role: in what role.

    Raises:
        ClosedError: the assessment takes no evidence for this question.
        BadFileError: the enterprise has no room left for the file.
    """
    if not takes_evidence(assessment, question):
        raise ClosedError
    upload: UploadedFile | None = values.get("file")
    if upload is not None:
        _check_room(assessment.enterprise, values["file_size"])
    evidence = Evidence(assessment=assessment, question=question, added_by=by, role=role, **values)
    try:
        evidence.save(force_insert=True)
        audit_write(by, "evidence-add", assessment.enterprise_id, f"{assessment.pk} {question} {evidence.pk}")
        grades_refresh(assessment=assessment, questions=[question])
    except Exception:
        if upload is not None:
            evidence.file.delete(save=False)
        raise
    return evidence


def _check_room(enterprise: Enterprise, size: int) -> None:
    """Raise where a file would take the enterprise over its room; the row's lock keeps two uploads from passing at once."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    must_have_room(
        size,
        # withdrawn ones included
        Evidence.objects.filter(assessment__enterprise=enterprise).exclude(file=""),
        cause=_("The files of your enterprise would take more than %(limit)s."),
        remedy=_("Add a link instead, or make the file smaller."),
    )


@transaction.atomic
def evidence_withdraw(*, evidence: Evidence, by: User | None, reason: str) -> Evidence:
    """Withdraw a piece of evidence: it counts no longer, and its file is not served.

    Args:
        evidence: of an assessment that the caller has locked.
        by: who withdraws it.
        reason: why.

    Raises:
        ClosedError: the assessment is signed off.
    """
    if evidence.assessment.status == Assessment.Status.SIGNED:
        raise ClosedError
    if evidence.withdrawn_at is None:
        evidence.withdrawn_at, evidence.withdrawn_by = timezone.now(), by
        evidence.withdrawn_because = reason
        _moved(evidence, "evidence-withdraw", by)
    return evidence


@transaction.atomic
def evidence_restore(*, evidence: Evidence, by: User | None) -> Evidence:
    """Let a withdrawn piece of evidence count again.

    Raises:
        ClosedError: the assessment is signed off.
    """
    if evidence.assessment.status == Assessment.Status.SIGNED:
        raise ClosedError
    if evidence.withdrawn_at is not None:
        evidence.withdrawn_at = evidence.withdrawn_by = None
        evidence.withdrawn_because = ""
        _moved(evidence, "evidence-restore", by)
    return evidence


def _moved(evidence: Evidence, action: str, by: User | None) -> None:
    evidence.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    assessment = evidence.assessment
    audit_write(
        by, action, assessment.enterprise_id, f"{evidence.pk}"
    )  # the reason stands in the row, which can be erased
    grades_refresh(assessment=assessment, questions=[evidence.question])


@transaction.atomic
def answer_verify(
    *, assessment: Assessment, question: str, by: User | None, note: str = "", signed_too: bool = False
) -> Verification:
    """Confirm the present answer to a question. It holds for this revision only.

    Args:
        assessment: the row, locked by the caller.
        question: id of an answered question.
        by: the assessor.
        note: what the assessor saw.
        signed_too: whether a signed-off assessment takes it, for the answer to an objection.

    Raises:
        ClosedError: the assessment is signed off, or the question is not answered.
    """
    if not takes_evidence(assessment, question) and not (signed_too and question in assessment.answers):
        raise ClosedError
    verification, new = Verification.objects.get_or_create(
        assessment=assessment,
        question=question,
        revision=assessment.answers[question]["revision"],
        withdrawn_at=None,
        defaults={"by": by, "note": note},
    )
    if new:
        audit_write(by, "answer-verify", assessment.enterprise_id, f"{assessment.pk} {question}")
        grades_refresh(assessment=assessment, questions=[question])
    return verification


@transaction.atomic
def answer_unverify(*, assessment: Assessment, question: str, by: User | None) -> None:
    """Take the confirmation of an answer back; nothing happens where there is none.

    Args:
        assessment: the row, locked by the caller.
        question: id of the question.
        by: who takes it back.

    Raises:
        ClosedError: the assessment is signed off.
    """
    if assessment.status == Assessment.Status.SIGNED:
        raise ClosedError
    standing = Verification.objects.filter(assessment=assessment, question=question, withdrawn_at=None)
    if standing.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        audit_write(by, "answer-unverify", assessment.enterprise_id, f"{assessment.pk} {question}")
        grades_refresh(assessment=assessment, questions=[question])


def grades_refresh(*, assessment: Assessment, questions: Iterable[str] | None = None) -> Assessment:
    """Bring the grades of an assessment, and the figures that follow from them, up to date with its evidence.

    Behind a confirmed answer the row also keeps what its evidence alone earns: when the answer changes, the confirmation
    lapses with the same write, at the cost of no query (`assessments.services.answers_change`).

    Args:
        assessment: the row, locked by the caller.
        questions: those whose grade may have changed; all that are answered if left out.
    """
    wanted = list(assessment.answers if questions is None else questions)
    changed: dict[str, str] = {}
    for question, (kinds, verified) in _kinds_and_confirmation(assessment, wanted).items():
        entry = assessment.answers.get(question, {})
        alone = grade_of(kinds, verified=False).value if verified else None
        grade = grade_of(kinds, verified=verified).value
        if grade != assessment.grades.get(question, "declared") or alone != entry.get("evidenced"):
            changed[question] = grade
            entry.pop("evidenced", None)
            entry |= {"evidenced": alone} if verified else {}
    return grades_change(assessment=assessment, grades=changed) if changed else assessment


def _kinds_and_confirmation(
    assessment: Assessment, questions: Iterable[str]
) -> dict[str, tuple[list[str], bool]]:
    """Return which kinds of evidence stand behind answers, and whether each is confirmed as it stands now."""
    here = {"assessment": assessment, "question__in": list(questions), "withdrawn_at": None}
    kinds: dict[str, list[str]] = {question: [] for question in questions}
    for question, kind in Evidence.objects.filter(**here).values_list("question", "kind"):
        kinds[question].append(kind)
    confirmed = set(Verification.objects.filter(**here).values_list("question", "revision"))
    return {
        question: (found, (question, assessment.answers.get(question, {}).get("revision")) in confirmed)
        for question, found in kinds.items()
    }


def file_remove(sender: type[Evidence], *, instance: Evidence, **_more: object) -> None:  # noqa: ARG001
    """Remove the file of a row that the database has deleted, once the transaction has succeeded."""
    file = instance.file
    if file:
        transaction.on_commit(lambda: file.storage.delete(file.name))
