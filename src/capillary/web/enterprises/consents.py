"""Writes of what an enterprise agrees to: purposes, and programmes in which it takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Consent, Enterprise
from capillary.web.programmes.models import Enrolment
from capillary.web.programmes.standing import standing_refresh

if TYPE_CHECKING:
    from capillary.web.accounts.models import User
    from capillary.web.programmes.models import Programme

# What an enrolment holds while officers may not see it: nothing of the enterprise.
NOTHING_SEEN = {
    "assessment": None,
    "name": "",
    "sector": "",
    "region": "",
    "employees": None,
    "level_low": None,
    "level_high": None,
    "score_low": None,
    "score_high": None,
    "supported_level": None,
    "weakest": "",
    "assessed_at": None,
    "assessments": 0,
}


@transaction.atomic
def consent_give(*, enterprise: Enterprise, purpose: Consent.Purpose, by: User) -> Consent:
    """Give a consent; one that stands already stays as it is."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    consent, made = Consent.objects.get_or_create(
        enterprise=enterprise, purpose=purpose, withdrawn_at=None, defaults={"given_by": by}
    )
    if made:
        audit_write(by, "consent-give", enterprise.id, purpose)
    return consent


@transaction.atomic
def consent_withdraw(*, enterprise: Enterprise, purpose: Consent.Purpose, by: User) -> None:
    """Withdraw a consent. Without the one for programmes the enterprise leaves all of them."""
    now = timezone.now()
    ended = Consent.objects.filter(enterprise=enterprise, purpose=purpose, withdrawn_at=None).update(
        withdrawn_at=now
    )
    if ended:
        audit_write(by, "consent-withdraw", enterprise.id, purpose)
    if purpose == Consent.Purpose.PROGRAMME:
        Enrolment.objects.filter(enterprise=enterprise, withdrawn_at=None).update(
            withdrawn_at=now, **NOTHING_SEEN
        )


@transaction.atomic
def programme_join(*, enterprise: Enterprise, programme: Programme, by: User) -> Enrolment:
    """Take part in a programme: its officers see the enterprise's assessments from now on."""
    consent_give(enterprise=enterprise, purpose=Consent.Purpose.PROGRAMME, by=by)
    facts = {
        "name": enterprise.name,
        "sector": enterprise.sector,
        "region": enterprise.region,
        "employees": enterprise.employees,
    }
    enrolment, _made = Enrolment.objects.update_or_create(
        programme=programme,
        enterprise=enterprise,
        defaults={"consented_at": timezone.now(), "withdrawn_at": None, **facts},
    )
    audit_write(by, "programme-join", enterprise.id, programme.code)
    latest = (
        Assessment.objects.filter(enterprise=enterprise, standard=programme.standard)
        .exclude(status=Assessment.Status.OPEN)
        .order_by("-number")
        .first()
    )
    if latest is not None:
        latest.enterprise = enterprise
        standing_refresh(latest)
    return enrolment


@transaction.atomic
def programme_leave(*, enrolment: Enrolment, by: User) -> None:
    """Leave a programme: its officers see nothing of the enterprise any more."""
    enterprise = enrolment.enterprise
    Enrolment.objects.filter(pk=enrolment.pk).update(withdrawn_at=timezone.now(), **NOTHING_SEEN)
    audit_write(by, "programme-leave", enterprise.id, enrolment.programme.code)
    if not Enrolment.objects.filter(enterprise=enterprise, withdrawn_at=None).exists():
        consent_withdraw(enterprise=enterprise, purpose=Consent.Purpose.PROGRAMME, by=by)
