"""Writes to invitations: inviting by e-mail, the letter, accepting, declining, withdrawing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from capillary.web.access import audit_write
from capillary.web.accounts.models import Position, User
from capillary.web.enterprises.models import INVITATION_DAYS, Enterprise, Invitation, Member

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

FIRM = frozenset({Member.Role.OWNER, Member.Role.COLLEAGUE})


class AlreadyMemberError(Exception):
    """The person takes part in this role already."""


class NotIndependentError(Exception):
    """An assessor may neither belong to the enterprise nor advise it, and the other way round."""


class NotAppointedError(Exception):
    """Nobody becomes an assessor by an enterprise's word alone: an organisation must have made them one."""


class NotWaitingError(Exception):
    """The invitation was accepted, withdrawn or has expired."""


def secret_hash(secret: str) -> str:
    """Return what is stored of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invitation_send(
    *,
    enterprise: Enterprise,
    email: str,
    role: Member.Role,
    language: str,
    by: User,
    base: str,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> Invitation:
    """Invite a person, or send the same invitation once more with what is new in it.

    Args:
        enterprise: which enterprise.
        email: where the letter goes.
        role: what the person shall be.
        language: of the letter; a person who has an account gets it in their own language.
        by: the owner who invites.
        base: where this installation is reached, such as ``https://example.org/``.
        parts: dimensions that the person shall answer, by standard; empty for everything.

    Raises:
        AlreadyMemberError: the person takes part in this role already.
    """
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    email = email.strip().lower()
    known = User.objects.filter(email=email).first()
    if Member.objects.filter(enterprise=enterprise, user__email=email, role=role, until=None).exists():
        raise AlreadyMemberError
    invitation, _made = Invitation.objects.update_or_create(
        enterprise=enterprise,
        email=email,
        role=role,
        accepted_at=None,
        ended_at=None,
        defaults={
            "language": (known.language if known else "") or language,
            "parts": {name: list(items) for name, items in (parts or {}).items()},
            "invited_by": by,
        },
    )
    _letter_wanted(invitation, base)
    audit_write(by, "invitation-send", enterprise.id, str(invitation.pk))
    return invitation


@transaction.atomic
def invitation_resend(*, invitation: Invitation, by: User, base: str) -> None:
    """Send the letter again, with a new link; the link of the earlier letter stops working.

    Raises:
        NotWaitingError: it was accepted or withdrawn.
    """
    if invitation.accepted_at or invitation.ended_at:
        raise NotWaitingError
    _letter_wanted(invitation, base)
    audit_write(by, "invitation-resend", invitation.enterprise_id, str(invitation.pk))


def _letter_wanted(invitation: Invitation, base: str) -> None:
    from capillary.web.enterprises.tasks import invitation_letter

    invitation.expires_at = timezone.now() + timedelta(days=INVITATION_DAYS)
    invitation.sent_at, invitation.secret = None, ""
    invitation.save(update_fields=["expires_at", "sent_at", "secret"])
    invitation_letter.enqueue(str(invitation.pk), base)


def letter_send(*, pk: UUID, base: str) -> None:
    """Send an invitation's letter. Its secret is made here, so that it stands in the letter and nowhere else."""
    invitation = Invitation.objects.waiting().select_related("enterprise", "invited_by").filter(pk=pk).first()
    if invitation is None:
        return
    secret = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=pk).update(secret=secret_hash(secret))
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "link": urljoin(base, reverse("invitation", args=[secret])),
            "days": INVITATION_DAYS,
        }
        subject = render_to_string("enterprises/mail/invitation_subject.txt", context)
        text = render_to_string("enterprises/mail/invitation.txt", context)
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    Invitation.objects.filter(pk=pk).update(sent_at=timezone.now())


@transaction.atomic
def invitation_accept(*, invitation: Invitation, by: User) -> Member:
    """Take an invitation up; whoever is an owner already does not become a colleague besides.

    Raises:
        NotWaitingError: it was accepted, withdrawn or has expired.
        NotIndependentError: the person would check what they or their firm did.
        NotAppointedError: no organisation has made the person an assessor.
    """
    waiting = Invitation.objects.select_for_update(of=("self",)).waiting().filter(pk=invitation.pk).first()
    if waiting is None:
        raise NotWaitingError
    mine = list(Member.objects.filter(enterprise=waiting.enterprise_id, user=by, until=None))
    _must_be_independent(waiting.role, {member.role for member in mine})
    _must_be_appointed(waiting.role, by)
    roles = FIRM if waiting.role == Member.Role.COLLEAGUE else {waiting.role}
    member = next((item for item in mine if item.role in roles), None)
    if member is None:
        member = Member.objects.create(
            enterprise_id=waiting.enterprise_id,
            user=by,
            role=waiting.role,
            let_in_by=waiting.invited_by,
            parts=waiting.parts,
        )
    waiting.accepted_at = timezone.now()
    waiting.save(update_fields=["accepted_at"])
    audit_write(by, "invitation-accept", waiting.enterprise_id, str(waiting.pk))
    return member


def _must_be_independent(wanted: str, present: set[str]) -> None:
    assessor = {Member.Role.ASSESSOR.value}
    together = {wanted, *present}
    if together & assessor and together - assessor:
        raise NotIndependentError


def _must_be_appointed(wanted: str, by: User) -> None:
    """Refuse an assessor whom no organisation appointed: money follows what an assessor verified.

    Raises:
        NotAppointedError: the person has no position as an assessor.
    """
    appointed = Position.objects.filter(user=by, role=Position.Role.ASSESSOR)
    if wanted == Member.Role.ASSESSOR and not appointed.exists():
        raise NotAppointedError


@transaction.atomic
def invitation_end(*, invitation: Invitation, by: User) -> None:
    """Withdraw an invitation, or decline it."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, ended_at=None).update(
        ended_at=timezone.now(), secret=""
    )
    audit_write(by, "invitation-end", invitation.enterprise_id, str(invitation.pk))
