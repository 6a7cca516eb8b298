"""Links with a secret that show one thing to whoever has them: making, opening and withdrawing them, whatever they show.

The secret is shown once, to whoever makes the link, and kept nowhere; the row has its hash. Who may do what, and the entry in
the audit log, are up to the services that use this.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django_ratelimit.core import is_ratelimited

from capillary.web.results.models import SecretLink

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from capillary.web.accounts.models import User

LinkOf = TypeVar("LinkOf", bound=SecretLink)
SHARED_LIMIT = "120/h"


def hash_of(token: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_new(
    kind: type[SecretLink], *, identifier: UUID, by: User | None, days: int, shows: dict[str, object]
) -> str | None:
    """Make a link.

    Args:
        kind: its model.
        identifier: its id, chosen by the form.
        by: who makes it.
        days: how long it works.
        shows: the columns that say what it shows.

    Returns:
        The link's secret, which is kept nowhere; None where this form has made its link already.
    """
    token = secrets.token_urlsafe(32)
    _, is_new = kind._default_manager.get_or_create(  # noqa: SLF001 - Django's way to the manager
        id=identifier,
        defaults={
            "token_hash": hash_of(token),
            "made_by": by,
            "expires_at": timezone.now() + timedelta(days=days),
            **shows,
        },
    )
    return token if is_new else None


def link_end(link: SecretLink) -> bool:
    """Let a link show nothing from now on; return whether it was not withdrawn before."""
    rows = type(link)._default_manager.filter(pk=link.pk, withdrawn_at=None)  # noqa: SLF001
    return bool(rows.update(withdrawn_at=timezone.now()))


def link_found(rows: QuerySet[LinkOf], token: str) -> LinkOf | None:
    """Return the link of a secret and count that it was opened; None where it does not work, or does no longer."""
    now = timezone.now()
    link = rows.filter(token_hash=hash_of(token)).first()
    if link is None or not link.works(now):
        return None
    rows.filter(pk=link.pk).update(uses=F("uses") + 1, last_used=now)
    return link


def opened_too_often(request: HttpRequest) -> bool:
    """Count an opening of a link; return whether the visitor has opened too many within the hour."""
    rate = settings.LIMITS.get("shared", SHARED_LIMIT)
    return bool(
        is_ratelimited(
            request, group="shared", key="user_or_ip", rate=rate, method=("GET", "HEAD"), increment=True
        )
    )


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page out of search engines, and its address out of what other sites see."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
