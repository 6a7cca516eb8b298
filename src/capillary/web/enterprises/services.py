"""Writes to enterprises and their members. Invitations, consents and erasure have files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from capillary.web.access import audit_write, visible_enrolments
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.consents import consent_give
from capillary.web.enterprises.models import Consent, Enterprise, Member
from capillary.web.programmes.models import Enrolment
from capillary.web.programmes.standing import standing_refresh

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from capillary.web.accounts.models import User


class AlreadyClaimedError(Exception):
    """Somebody else was quicker."""


class LastOwnerError(Exception):
    """The enterprise would be left without an owner."""


@dataclass(frozen=True)
class EnterpriseFacts:
    """What an enterprise says of itself."""

    name: str
    sector: str
    region: str
    employees: int | None
    industry_scheme: str = ""
    industry_code: str = ""


@transaction.atomic
def enterprise_change(*, enterprise: Enterprise, facts: EnterpriseFacts, by: User | None) -> Enterprise:
    """Change an enterprise's facts, also where officers see a copy of them."""
    changed = {
        "name": facts.name,
        "sector": facts.sector,
        "region": facts.region,
        "employees": facts.employees,
    }
    own = {"industry_scheme": facts.industry_scheme, "industry_code": facts.industry_code}
    for field, value in (changed | own).items():
        setattr(enterprise, field, value)
    enterprise.save(update_fields=[*changed, *own])
    Enrolment.objects.filter(visible_enrolments(), enterprise=enterprise).update(**changed)
    audit_write(by, "enterprise-change", enterprise.id)
    return enterprise


@transaction.atomic
def enterprise_claim(
    *, enterprise: UUID, by: User, name: str, purposes: Iterable[Consent.Purpose] = ()
) -> Enterprise:
    """Make a user the owner of a check that was made without an account; its assessment is the first one, T0.

    Raises:
        AlreadyClaimedError: it has an owner already.
    """
    claimed = _unclaimed(enterprise)
    claimed.name, claimed.claimed_at = name, timezone.now()
    claimed.save(update_fields=["name", "claimed_at"])
    Member.objects.create(enterprise=claimed, user=by, role=Member.Role.OWNER)
    Assessment.objects.filter(enterprise=claimed, started_by=None).update(started_by=by)
    audit_write(by, "enterprise-claim", claimed.id)
    for purpose in purposes:
        consent_give(enterprise=claimed, purpose=purpose, by=by)
    return claimed


@transaction.atomic
def check_merge(*, check: UUID, into: Enterprise, by: User) -> Enterprise:
    """Give the assessments of a check without an account to an enterprise, as its next ones, and drop the check.

    Raises:
        AlreadyClaimedError: the check has an owner already.
    """
    Enterprise.objects.select_for_update().get(pk=into.pk)
    taken = _unclaimed(check)
    for assessment in Assessment.objects.filter(enterprise=taken).order_by("started_at"):
        last = Assessment.objects.filter(enterprise=into, standard=assessment.standard).aggregate(
            last=Max("number")
        )["last"]
        assessment.enterprise = into
        assessment.number = 0 if last is None else last + 1
        assessment.started_by = assessment.started_by or by
        assessment.save(update_fields=["enterprise", "number", "started_by"])
        if assessment.status != Assessment.Status.OPEN:
            standing_refresh(assessment)
    audit_write(by, "check-merge", into.id, str(taken.pk))
    taken.delete()
    return into


def _unclaimed(pk: UUID) -> Enterprise:
    found = Enterprise.objects.select_for_update().filter(pk=pk, claimed_at=None, erased_at=None).first()
    if found is None:
        raise AlreadyClaimedError
    return found


@transaction.atomic
def member_end(*, member: Member, by: User) -> None:
    """End a membership; it stays as something that was.

    Raises:
        LastOwnerError: it is the last owner's; somebody else must become an owner first.
    """
    Enterprise.objects.select_for_update().get(pk=member.enterprise_id)
    owners = Member.objects.filter(enterprise=member.enterprise_id, role=Member.Role.OWNER, until=None)
    if member.role == Member.Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise LastOwnerError
    member.until = timezone.now()
    member.save(update_fields=["until"])
    audit_write(by, "member-end", member.enterprise_id, f"user {member.user_id} {member.role}")


@transaction.atomic
def member_promote(*, member: Member, by: User) -> Member:
    """Make a colleague an owner, so that the enterprise can be handed over."""
    Enterprise.objects.select_for_update().get(pk=member.enterprise_id)
    member.until = timezone.now()
    member.save(update_fields=["until"])
    owner, _made = Member.objects.get_or_create(
        enterprise_id=member.enterprise_id,
        user_id=member.user_id,
        role=Member.Role.OWNER,
        until=None,
        defaults={"let_in_by": by},
    )
    audit_write(by, "member-promote", member.enterprise_id, f"user {member.user_id}")
    return owner
