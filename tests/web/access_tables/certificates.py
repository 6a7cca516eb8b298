"""Who may use the addresses of certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.web.certificates.models import IssuedCertificate, StatusEntry

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

TABLE = {
    # published only where the installation is known as did:web: tests/web/test_certificates.py
    "certificate-did": {"GET": set()},
    "assessment-certificate": {"GET": {"owner"}, "POST": {"owner"}},
    "certificate-revoke": {"POST": {"owner"}},
    "certificate-download": {"GET": {"owner"}},
    "certificate-keys": {"GET": set(PEOPLE)},
    "certificate-status": {"GET": set(PEOPLE)},
    "verify-certificate": {"GET": set(PEOPLE), "POST": set(PEOPLE)},
}


def _row(world: World) -> IssuedCertificate:
    return IssuedCertificate.objects.create(
        assessment=world.assessment,
        entry=StatusEntry.objects.create(index=StatusEntry.objects.count()),
        valid_until=timezone.now() + timedelta(days=1),
        document="{}",
        token="a~",  # noqa: S106 - no secret
    )


ARGS = {
    "certificate-revoke": lambda world: [world.assessment.pk, _row(world).pk],
    "certificate-download": lambda world: [world.assessment.pk, _row(world).pk, "vc"],
    "certificate-did": lambda _world: [],
    "certificate-keys": lambda _world: [],
    "certificate-status": lambda _world: [],
    "verify-certificate": lambda _world: [],
}
