"""Writes: issuing certificates and taking them back; and the signed lists that are published."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from capillary.credentials import sdjwt
from capillary.credentials.certificate import certificate_of
from capillary.credentials.integrity import secured
from capillary.credentials.keys import KeyFolder
from capillary.credentials.moments import FORM
from capillary.credentials.status import LEAST_BITS, status_list
from capillary.diagnosis.diagnose import diagnose
from capillary.incentives.firm import weakest_grade
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.certificates.models import IssuedCertificate, StatusEntry

if TYPE_CHECKING:
    from datetime import datetime

    from capillary.web.accounts.models import User

TRIES = 20


class NotCompletedError(Exception):
    """The assessment is still open: its level may change, so nothing can be certified."""


def issuer_keys() -> KeyFolder:
    """Return the keys of this installation, made at the first use; known as ``did:web`` where its host is set."""
    folder = KeyFolder(settings.CERTIFICATE_KEYS, settings.CERTIFICATE_HOST)
    folder.begin()
    return folder


def certificate_issue(
    *, assessment: Assessment, by: User | None, days: int, registration: str, status_address: str
) -> IssuedCertificate:
    """Issue a certificate of an assessment's level, as far as it is certain.

    Args:
        assessment: completed or signed off.
        by: who asks for it.
        days: how long it is valid.
        registration: the number under which the enterprise is registered; empty where it is not given.
        status_address: where the status list is published.

    Raises:
        NotCompletedError: the assessment is still open.
    """
    if assessment.status == Assessment.Status.OPEN:
        raise NotCompletedError
    now = timezone.now().replace(microsecond=0)
    until = now + timedelta(days=days)
    identifier = uuid.uuid4()
    sheet = engine.sheet_of(assessment)
    library = engine.library()
    standard = engine.standard_of(assessment)
    diagnosis = diagnose(standard, sheet, library.capabilities(), (), library.benchmark(standard.id))
    issuer = issuer_keys()
    key, method = issuer.current(), issuer.method
    with transaction.atomic():
        entry = _entry()
        certificate = certificate_of(
            diagnosis,
            identifier=f"urn:uuid:{identifier}",
            name=assessment.enterprise.name,
            registration=registration or None,
            assessed_on=timezone.localdate(assessment.completed_at or assessment.changed_at).isoformat(),
            evidence_grade=weakest_grade(sheet),
            assessor=_assessor(assessment),
            valid_from=_written(now),
            valid_until=_written(until),
            status_list=status_address,
            status_index=entry.index,
        )
        document = secured(certificate.credential(issuer.did), key, _written(now), method)
        made = IssuedCertificate.objects.create(
            id=identifier,
            assessment=assessment,
            entry=entry,
            issued_at=now,
            valid_until=until,
            made_by=by,
            document=json.dumps(document, ensure_ascii=False, indent=2),
            token=sdjwt.issued(certificate, key, method),
        )
        audit_write(by, "certificate-issue", assessment.enterprise_id, f"certificate {identifier}")
    return made


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORM)


def _entry() -> StatusEntry:
    """Return a new entry of the status list, by lot."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return StatusEntry.objects.create(index=secrets.randbelow(LEAST_BITS))
        except IntegrityError:
            continue
    raise RuntimeError("the status list is full")


def _assessor(assessment: Assessment) -> str | None:
    """Return who signed an assessment off; None where nobody did."""
    review = getattr(assessment, "review", None)
    if review is None or review.signed_at is None or review.assessor is None:
        return None
    return str(review.assessor)


@transaction.atomic
def certificate_revoke(*, certificate: IssuedCertificate, by: User | None) -> bool:
    """Take a certificate back; return whether it was not taken back before."""
    rows = StatusEntry.objects.filter(pk=certificate.entry_id, revoked_at=None)
    is_new = bool(rows.update(revoked_at=timezone.now()))
    if is_new:
        enterprise = certificate.assessment.enterprise_id
        audit_write(by, "certificate-revoke", enterprise, f"certificate {certificate.pk}")
    return is_new


def entry_of_deleted_revoke(instance: IssuedCertificate, **_: object) -> None:
    """Take back the certificate of a row that was deleted; its enterprise may be gone by then."""
    rows = StatusEntry.objects.filter(pk=instance.entry_id, revoked_at=None)
    if rows.update(revoked_at=timezone.now()):
        audit_write(None, "certificate-revoke", None, f"certificate {instance.pk}, deleted")


def published_status(address: str) -> dict[str, Any]:
    """Return the signed status list as it is now."""
    issuer = issuer_keys()
    now = _written(timezone.now())
    indexes = StatusEntry.objects.exclude(revoked_at=None).values_list("index", flat=True)
    listed = status_list(identifier=address, issuer=issuer.did, valid_from=now, taken_back=indexes)
    return secured(listed, issuer.current(), now, issuer.method)
