"""Reads of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps

from capillary.web.accounts.models import Position
from capillary.web.assessments.models import Revision
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.models import Consent, Member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.web.accounts.models import User


def data_of(user: User) -> dict[str, Any]:
    """Return everything that is stored about a person, ready for JSON."""
    return {
        "account": {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "currency": user.currency,
            "joined": user.date_joined,
            "last_login": user.last_login,
        },
        "email_addresses": list(
            EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
        ),
        "sign_in_methods": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
        "connected_accounts": list(
            SocialAccount.objects.filter(user=user).values("provider", "uid", "date_joined", "extra_data")
        ),
        "access_tokens": list(_tokens_of(user)),
        "positions": list(
            Position.objects.filter(user=user).values(
                "organisation__name_en", "organisation__name_zh", "role", "since"
            )
        ),
        "memberships": list(
            Member.objects.filter(user=user)
            .order_by("since")
            .values("enterprise", "enterprise__name", "role", "since", "until", "parts")
        ),
        "consents_given": list(
            Consent.objects.filter(given_by=user).values("enterprise", "purpose", "given_at", "withdrawn_at")
        ),
        "answers": list(
            Revision.objects.filter(by=user)
            .order_by("at")
            .values("assessment", "number", "question", "value", "origin", "at", "reason")
        ),
        "evidence": list(_evidence_of(user)),
        **_talent_of(user),
        "log": list(
            AuditEntry.objects.filter(user=user)
            .order_by("at")
            .values("at", "kind", "action", "enterprise", "subject", "role")
        ),
    }


def _evidence_of(user: User) -> Iterable[Any]:
    try:
        model = apps.get_model("evidence", "Evidence")
    except LookupError:
        return []
    rows = model._default_manager.filter(added_by=user)  # noqa: SLF001 - a public name of Django
    return rows.values(
        "assessment",
        "question",
        "kind",
        "title",
        "url",
        "text",
        "figure",
        "unit",
        "measured_on",
        "file_name",
        "role",
        "added_at",
        "withdrawn_at",
        "withdrawn_because",
    )


def _talent_of(user: User) -> dict[str, Any]:
    """Return the skills checks that a person kept, what they publish, and who asked them."""
    tables = {
        "skills_checks": ("SkillsResult", "user", ("role", "answers", "shared", "taken_at")),
        "talent_profile": (
            "TalentProfile",
            "user",
            ("role", "region", "languages", "availability", "levels", "published_at"),
        ),
        "talent_consents": ("TalentConsent", "user", ("given_at", "withdrawn_at")),
        "talent_confirmations": ("SkillsConfirmation", "profile__user", ("competence", "level", "at")),
        "talent_requests": (
            "TalentRequest",
            "profile__user",
            ("enterprise__name", "reason", "status", "sent_at", "answered_at"),
        ),
        "trainings": (
            "Attendance",
            "trainee__user",
            ("course", "begins_on", "due_on", "status", "result", "done_on"),
        ),
    }
    return {
        name: list(
            apps.get_model("talent", model)._default_manager.filter(**{owner: user}).values(*fields)  # noqa: SLF001 - a public name of Django
        )
        for name, (model, owner, fields) in tables.items()
    }


def _tokens_of(user: User) -> Iterable[Any]:
    """Return what is known of a person's access tokens, without what would open anything."""
    rows = apps.get_model("api", "ApiToken")._default_manager.filter(user=user)  # noqa: SLF001 - a public name of Django
    return rows.values("name", "start", "scope", "created_at", "expires_at", "last_used_at", "withdrawn_at")


def methods_of(user: User) -> dict[str, Any]:
    """Return which ways to sign in a person has set up."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "password": user.has_usable_password(),
        "totp": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "recovery": Authenticator.Type.RECOVERY_CODES in kinds,
    }
