"""The demonstration's offerings of places: one that takes requests, one that is drawn.

They are made by the product's own services. Only the last day of the drawn one is put back afterwards, for the services let
nobody ask in the past.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from capillary.web.enterprises.models import Enterprise
from capillary.web.places import draws, services
from capillary.web.places.models import Offering, PlaceRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.web.accounts.models import Organisation, User

OPEN_BEFORE, OPEN_AFTER = 6, 15  # days
SITE = "http://127.0.0.1/"
RULES = ["served_before=no,yes", "size=micro,small,medium,large", "level=lowest"]
PLACES = (("示例检测机构甲 · Demo lab A", 8), ("示例检测机构乙 · Demo lab B", 6))
MOST_FIRMS, OPEN_FIRMS = 30, 14


def places_load(users: dict[str, User], office: Organisation, now: dt.datetime) -> None:
    """Let an office give out security checks that are drawn, and training seats that can be asked for."""
    today = timezone.localdate(now)
    mine = Enterprise.objects.filter(members__user=users["owner"]).order_by("created_at").first()
    others = list(
        Enterprise.objects.filter(region__in=("CN-JS", "CN-ZJ"))
        .exclude(members__user=users["owner"])
        .order_by("name")[:MOST_FIRMS]
    )
    checks = _announced(
        users["officer"],
        office,
        today,
        {
            "kind": Offering.Kind.SECURITY,
            "code": "demo-security-1",
            "title_zh": "免费网络安全体检（示例）",
            "title_en": "Free security checks (demonstration)",
        },
    )
    _ask(checks, ([mine] if mine else []) + others, users["owner"])
    if PlaceRequest.objects.filter(offering=checks).exists():
        _draw(checks, users, today)
    seats = _announced(
        users["officer"],
        office,
        today,
        {
            "kind": Offering.Kind.TRAINING,
            "code": "demo-training-1",
            "title_zh": "数字化转型培训（示例）",
            "title_en": "Training on digital transformation (demonstration)",
        },
    )
    _ask(seats, others[:OPEN_FIRMS], users["owner"])


def _announced(officer: User, office: Organisation, today: dt.date, what: dict[str, Any]) -> Offering:
    row = services.offering_save(
        offering=None,
        organisation=office,
        values={
            **what,
            "opens_on": today - dt.timedelta(days=OPEN_BEFORE),
            "closes_on": today + dt.timedelta(days=OPEN_AFTER),
            "rules": RULES,
        },
        by=officer,
    )
    for name, capacity in PLACES:
        services.provider_add(
            offering=row,
            values={"name": name, "organisation": None, "capacity": capacity, "region": ""},
            by=officer,
        )
    return services.offering_open(offering=row, by=officer)


def _ask(row: Offering, firms: Sequence[Enterprise], by: User) -> None:
    first, second = row.providers.values_list("pk", flat=True)
    wishes = ((first, second), (second,), ())
    for number, firm in enumerate(firms):
        choices = wishes[number % len(wishes)]
        services.request_save(
            offering=row, enterprise=firm, choices=choices, takes_any=number % 2 == 0 or not choices, by=by
        )


def _draw(row: Offering, users: dict[str, User], today: dt.date) -> None:
    Offering.objects.filter(pk=row.pk).update(closes_on=today - dt.timedelta(days=1))
    draws.offering_close(offering=row, by=users["officer"])
    draws.offering_draw(offering=row, by=users["officer"])
    draws.draw_confirm(offering=row, by=users["officer2"], site=SITE)
