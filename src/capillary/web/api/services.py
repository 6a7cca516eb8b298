"""Writes of the API: tokens, and enterprises that a program registers."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.web.access import audit_write
from capillary.web.api.models import ApiToken
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    from datetime import datetime

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.services import EnterpriseFacts

PREFIX = "cap_"
SHOWN_SIGNS = len(PREFIX) + 6
# "Last used" is a hint to the owner and not worth a write on every request.
USED_EVERY = timedelta(minutes=5)


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def token_create(*, user: User, name: str, scope: str, expires_at: datetime | None) -> tuple[ApiToken, str]:
    """Make a token. It can be read here and never again.

    Returns:
        The stored token and the token itself.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        start=secret[:SHOWN_SIGNS],
        digest=digest_of(secret),
        expires_at=expires_at,
    )
    audit_write(user, "token-create", None, str(token))
    return token, secret


@transaction.atomic
def token_withdraw(*, token: ApiToken, by: User) -> ApiToken:
    """Withdraw a token: from now on it opens nothing."""
    if token.withdrawn_at is None:
        token.withdrawn_at = timezone.now()
        token.save(update_fields=["withdrawn_at"])
        audit_write(by, "token-withdraw", None, str(token))
    return token


def token_used(*, token: ApiToken) -> None:
    """Note that a token was used, at most every few minutes."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def enterprise_create(*, facts: EnterpriseFacts, by: User) -> Enterprise:
    """Register an enterprise; the user becomes its owner."""
    enterprise = Enterprise.objects.create(
        name=facts.name,
        sector=facts.sector,
        region=facts.region,
        employees=facts.employees,
        industry_scheme=facts.industry_scheme,
        industry_code=facts.industry_code,
        claimed_at=timezone.now(),
    )
    Member.objects.create(enterprise=enterprise, user=by, role=Member.Role.OWNER)
    audit_write(by, "enterprise-create", enterprise.pk)
    return enterprise
