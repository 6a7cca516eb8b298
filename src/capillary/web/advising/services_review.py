"""The verification on site: an assessor confirms, corrects with a reason or marks what could not be checked, and signs off.

The firm may object to a correction, until fourteen days after the sign-off. Whatever changes an answer is a revision.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.advising.models import Objection, Review, ReviewMark
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.tasks import letter_send
from capillary.web.advising.words import same_answer
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change, answers_change
from capillary.web.core.bonds import bonds_between
from capillary.web.core.language import TAGS
from capillary.web.enterprises.models import Member
from capillary.web.evidence.services import answer_unverify, answer_verify
from capillary.web.programmes.standing import standing_refresh

if TYPE_CHECKING:
    from datetime import datetime

    from capillary.web.accounts.models import User

OBJECTION_DAYS = 14
Kind = ReviewMark.Kind


def has_answered_himself(assessment: Assessment, user: User) -> bool:
    """Return whether a present answer comes from this user in another role than assessor: then four eyes are missing."""
    numbers = [entry["revision"] for entry in assessment.answers.values() if entry.get("by") == user.pk]
    if not numbers:
        return False
    rows = Revision.objects.filter(assessment=assessment, number__in=numbers)
    return rows.exclude(origin=Revision.Origin.ASSESSOR).exists()


def belongs_to_firm(assessment: Assessment, user: User) -> bool:
    """Return whether a user is or was of the firm itself: nobody verifies his own house."""
    return Member.objects.filter(
        enterprise=assessment.enterprise_id, user=user, role__in=[Member.Role.OWNER, Member.Role.COLLEAGUE]
    ).exists()


def present_marks(review: Review | None, assessment: Assessment) -> dict[str, ReviewMark]:
    """Return the marks that count by question: the last one of each, where the answer is still the one looked at."""
    if review is None:
        return {}
    rows = ReviewMark.objects.filter(review=review).select_related("by", "objection", "objection__by")
    last = {mark.question: mark for mark in rows.select_related("objection__answered_by").order_by("pk")}
    return {
        name: mark
        for name, mark in last.items()
        if name in assessment.answers and assessment.answers[name]["revision"] == mark.revision
    }


def objections_until(assessment: Assessment) -> datetime | None:
    """Return until when the firm may object; None while the assessment is not signed off."""
    return None if assessment.signed_at is None else assessment.signed_at + timedelta(days=OBJECTION_DAYS)


def may_object_now(assessment: Assessment, at: datetime | None = None) -> bool:
    """Return whether objections are still possible."""
    until = objections_until(assessment)
    return until is None or (at or timezone.now()) <= until


@transaction.atomic
def answer_confirm(*, assessment: Assessment, question: str, by: User, note: str = "") -> ReviewMark:
    """Note that an answer was found right on site; it counts as verified.

    Raises:
        NotNowError: the assessment is not up for verification, or the assessor answered it himself.
    """
    review = _review_for(assessment, question, by)
    mark = _marked(
        review=review, assessment=assessment, question=question, kind=Kind.CONFIRMED, by=by, note=note
    )
    answer_verify(assessment=assessment, question=question, by=by, note=note)
    return mark


@transaction.atomic
def answer_leave_unchecked(*, assessment: Assessment, question: str, by: User, note: str) -> ReviewMark:
    """Note that an answer could not be checked, and why; it stays declared, or what its evidence says.

    Raises:
        NotNowError: as for `answer_confirm`, or there is no reason.
    """
    if not note.strip():
        raise NotNowError(_("Say in a few words why it could not be checked."))
    review = _review_for(assessment, question, by)
    mark = _marked(
        review=review, assessment=assessment, question=question, kind=Kind.UNCHECKED, by=by, note=note
    )
    answer_unverify(assessment=assessment, question=question, by=by)
    return mark


@transaction.atomic
def answer_correct(
    *, assessment: Assessment, question: str, value: object, reason: str, by: User, site: str = ""
) -> ReviewMark:
    """Replace an answer by what was found on site, with the reason; the new answer counts as verified.

    While an objection to an earlier correction of the question is open, this upholds it.

    Raises:
        NotNowError: as for `answer_confirm`, or there is no reason, or the answer stays what it is.
        BadAnswerError: the new answer does not fit its question.
    """
    if not reason.strip():
        raise NotNowError(_("Say why the answer is corrected. The firm reads it."))
    standard = engine.standard_of(assessment)
    review = _review_for(assessment, question, by, signed_too=True)
    present = assessment.answers[question]["value"]
    if value is None or same_answer(standard, standard.by_id[question], present, value):
        raise NotNowError(_("This is the present answer. Confirm it instead."))
    waiting = _open_objection(review, question)
    mark = _answered_anew(review, assessment, Change(question, value, reason), Kind.CORRECTED, by)
    if waiting is not None:
        _answered(waiting, Objection.State.UPHELD, reason, by, site)
    return mark


@transaction.atomic
def review_sign(*, assessment: Assessment, by: User, note: str = "", site: str = "") -> Review:
    """Sign off an assessment; from now on it takes no more answers.

    Raises:
        NotNowError: a question has no mark, an objection waits for its answer, or the assessment is not up for it.
    """
    _must_be_completed(assessment)
    _must_be_another(assessment, by)
    review = Review.objects.filter(assessment=assessment).first()
    missing = set(assessment.answers) - set(present_marks(review, assessment))
    if review is None or missing:
        raise NotNowError(_("Some answers are neither confirmed nor corrected nor marked."))
    if Objection.objects.filter(mark__review=review, state=Objection.State.OPEN).exists():
        raise NotNowError(_("An objection waits for your answer."))
    at = timezone.now()
    review.assessor, review.signed_at, review.note = by, at, note
    bonds = bonds_between(by.pk, assessment.enterprise_id)
    review.bonds = [{code: words.in_(code) for code in TAGS} for words in bonds]
    review.save(update_fields=["assessor", "signed_at", "note", "bonds"])
    if bonds:
        audit_write(by, "review-sign-bound", assessment.enterprise_id, bonds[0].in_("en"))
    assessment.status, assessment.signed_at, assessment.signed_by = Assessment.Status.SIGNED, at, by
    assessment.save(update_fields=["status", "signed_at", "signed_by"])
    standing_refresh(assessment)
    audit_write(by, "review-sign", assessment.enterprise_id, assessment.standard)
    letter_send.enqueue("signed", str(assessment.pk), site)
    return review


@transaction.atomic
def objection_create(
    *, assessment: Assessment, mark: ReviewMark, text: str, proposal: str, by: User, site: str = ""
) -> Objection:
    """Object to a correction.

    Raises:
        NotNowError: it is too late, or there was an objection to it, or it does not stand any more.
    """
    if not may_object_now(assessment):
        raise NotNowError(
            gettext("Objections were possible until %(days)s days after the sign-off.")
            % {"days": OBJECTION_DAYS}
        )
    present = present_marks(mark.review, assessment).get(mark.question)
    if mark.kind != Kind.CORRECTED or present != mark:
        raise NotNowError(_("This correction does not stand any more."))
    if Objection.objects.filter(mark=mark).exists():
        raise NotNowError(_("There is an objection to this correction already."))
    made = Objection.objects.create(mark=mark, text=text.strip(), proposal=proposal.strip(), by=by)
    audit_write(by, "objection-create", assessment.enterprise_id, mark.question)
    letter_send.enqueue("objection", str(assessment.pk), site)
    return made


@transaction.atomic
def objection_uphold(
    *, assessment: Assessment, objection: Objection, answer: str, by: User, site: str = ""
) -> Objection:
    """Give the firm right: its own answer comes back as a new revision, and counts as confirmed.

    Raises:
        NotNowError: the objection has its answer, or the former answer is not known.
    """
    review = _review_answering(assessment, objection, by)
    question = objection.mark.question
    former = former_value(assessment, objection.mark)
    if former is None:
        raise NotNowError(_("The former answer is not known any more."))
    reason = answer.strip() or gettext("The objection was upheld.")
    _answered_anew(review, assessment, Change(question, former, reason), Kind.CONFIRMED, by)
    return _answered(objection, Objection.State.UPHELD, answer, by, site)


@transaction.atomic
def objection_reject(
    *, assessment: Assessment, objection: Objection, answer: str, by: User, site: str = ""
) -> Objection:
    """Keep the correction, with a reason.

    Raises:
        NotNowError: the objection has its answer, or there is no reason.
    """
    if not answer.strip():
        raise NotNowError(_("Say why the correction stands. The firm reads it."))
    _review_answering(assessment, objection, by)
    return _answered(objection, Objection.State.REJECTED, answer, by, site)


def former_value(assessment: Assessment, mark: ReviewMark) -> object:
    """Return what the firm itself had answered last before a correction."""
    rows = Revision.objects.filter(
        assessment=assessment, question=mark.question, number__lt=mark.revision
    ).exclude(origin=Revision.Origin.ASSESSOR)
    return rows.order_by("-number").values_list("value", flat=True).first()


def _review_for(assessment: Assessment, question: str, by: User, *, signed_too: bool = False) -> Review:
    """Return the assessment's review, begun if there is none, in which this question may be marked."""
    if question not in assessment.answers:
        raise NotNowError(_("This question has no answer."))
    _must_be_another(assessment, by)
    review = Review.objects.filter(assessment=assessment).first()
    reopened = signed_too and review is not None and _open_objection(review, question) is not None
    if not reopened:
        _must_be_completed(assessment)
    if review is None:
        review = Review.objects.create(assessment=assessment, assessor=by)
        audit_write(by, "review-start", assessment.enterprise_id, assessment.standard)
    return review


def _review_answering(assessment: Assessment, objection: Objection, by: User) -> Review:
    if objection.state != Objection.State.OPEN:
        raise NotNowError(_("This objection has its answer already."))
    _must_be_another(assessment, by)
    return objection.mark.review


def _must_be_completed(assessment: Assessment) -> None:
    if assessment.status == Assessment.Status.OPEN:
        raise NotNowError(_("The firm has not completed this assessment yet."))
    if assessment.status == Assessment.Status.SIGNED:
        raise NotNowError(_("This assessment is signed off."))


def _must_be_another(assessment: Assessment, by: User) -> None:
    if belongs_to_firm(assessment, by):
        raise NotNowError(_("You belong or belonged to this firm, so somebody else has to verify it."))
    if has_answered_himself(assessment, by):
        raise NotNowError(
            _("You gave answers of this assessment yourself, so somebody else has to verify it.")
        )


def _open_objection(review: Review, question: str) -> Objection | None:
    waiting = Objection.objects.filter(
        mark__review=review, mark__question=question, state=Objection.State.OPEN
    )
    return waiting.select_related("mark").first()


def _answered_anew(
    review: Review, assessment: Assessment, change: Change, kind: ReviewMark.Kind, by: User
) -> ReviewMark:
    """Change an answer as the assessor, mark it and count it as verified."""
    answers_change(assessment=assessment, changes=[change], author=Author(by, Revision.Origin.ASSESSOR))
    mark = _marked(
        review=review, assessment=assessment, question=change.question, kind=kind, by=by, note=change.reason
    )
    answer_verify(assessment=assessment, question=change.question, by=by, note=change.reason, signed_too=True)
    standing_refresh(assessment)
    return mark


def _marked(
    *, review: Review, assessment: Assessment, question: str, kind: ReviewMark.Kind, by: User, note: str
) -> ReviewMark:
    audit_write(by, f"review-{kind.value}", assessment.enterprise_id, question)
    return ReviewMark.objects.create(
        review=review,
        question=question,
        kind=kind,
        revision=assessment.answers[question]["revision"],
        note=note.strip(),
        by=by,
    )


def _answered(objection: Objection, state: Objection.State, answer: str, by: User, site: str) -> Objection:
    objection.state, objection.answer = state, answer.strip()
    objection.answered_by, objection.answered_at = by, timezone.now()
    objection.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    assessment = objection.mark.review.assessment
    audit_write(by, f"objection-{state.value}", assessment.enterprise_id, objection.mark.question)
    letter_send.enqueue("answered", str(assessment.pk), site)
    return objection
