"""What the API reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from capillary.web.accounts.models import User
    from capillary.web.api.schemas import PageIn


def enterprises_of(user: User) -> QuerySet[Enterprise]:
    """Return the enterprises of which a user is a member, each with the user's memberships as ``mine``."""
    mine = Member.objects.filter(user=user, until=None)
    return (
        Enterprise.objects.filter(pk__in=mine.values("enterprise"), erased_at=None)
        .prefetch_related(Prefetch("members", queryset=mine, to_attr="mine"))
        .order_by("name", "pk")
    )


def page(rows: QuerySet[Any], wanted: PageIn, show: Any) -> dict[str, Any]:
    """Return one page of rows, shown by ``show``."""
    return {
        "items": [show(row) for row in rows[wanted.offset : wanted.offset + wanted.limit]],
        "total": rows.count(),
        "limit": wanted.limit,
        "offset": wanted.offset,
    }
