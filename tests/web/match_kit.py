"""What the tests of matches share: a provider with a public offer, a firm's need, and ways from one stage to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.matching.life import Side
from capillary.model.market import Capacity
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.assessments.services import assessment_complete
from capillary.web.market import live
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.services import offer_publish, offer_submit
from capillary.web.matches import services
from capillary.web.matches.models import Match, Need
from capillary.web.matches.selectors import Visit

from .kit import World, answer, make_world, some_answers
from .market_kit import draft

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MEASURES = ("crm-cloud", "data-rules")
WISH: dict[str, Any] = {
    "measures": list(MEASURES),
    "languages": ["zh"],
    "budget": 60_000,
    "currency": "CNY",
    "start_by": None,
    "words": "We sell by telephone.",
}


@contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """Let the product believe that it is another moment."""
    with patch.object(timezone, "now", lambda: moment):
        yield


def match_world() -> World:
    """Return the world with a public offer of its provider, whose measures the firm needs."""
    world = make_world()
    world.assessment = answer(world.assessment, {**some_answers("miit-2024", 28), "S05": 0})
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    published(world, "crm")
    return world


def published(world: World, name: str, **parts: Any) -> MarketOffer:
    """Return an offer of the world's provider that everybody sees."""
    live._Holder.state = live.Live()  # what a test before took back would have the same number
    row = draft(
        world, name, **{"measures": MEASURES, "capacity": Capacity(places=5, free_from="2026-01-01")} | parts
    )
    offer_submit(offer=row, by=None)
    offer_publish(offer=row, by=world.users["officer"])
    row.refresh_from_db()
    return row


def shop_row() -> MarketProvider:
    return MarketProvider.objects.get(code="shop")


def need(world: World, **changes: Any) -> Need:
    """Return a need that the world's firm has published."""
    return services.need_publish(
        enterprise=world.enterprise,
        assessment=world.assessment,
        values=WISH | changes,
        by=world.users["owner"],
    )


def sent(world: World, row: Need | None = None, code: str = "crm") -> Match:
    return services.need_send(need=row or need(world), codes=[code], by=world.users["owner"])[0]


def interested(world: World, row: Need | None = None, code: str = "crm") -> Match:
    return services.interest_express(
        provider=shop_row(), need=row or need(world), code=code, by=world.users["provider"]
    )


def seen(world: World, row: Match, person: str) -> Visit:
    """Return a match as a person of the world visits it."""
    side = {
        "owner": Side.SIGNER,
        "colleague": Side.HELPER,
        "adviser": Side.HELPER,
        "provider": Side.PROVIDER,
        "officer": Side.OFFICER,
    }[person]
    return Visit(world.users[person], Match.objects.select_related("need", "provider").get(pk=row.pk), side)


QUOTE: dict[str, Any] = {
    "one_off": Decimal(6000),
    "yearly": Decimal(4800),
    "currency": "CNY",
    "weeks": 6,
    "note": "",
}


def advanced(world: World, row: Match, to: str) -> Match:
    """Return a match that was sent, moved on by both sides up to a status."""
    today = timezone.localdate()
    steps: tuple[tuple[str, str, Any], ...] = (
        ("taken", "provider", lambda v: services.match_take(visit=v)),
        (
            "quoted",
            "provider",
            lambda v: services.quote_make(
                visit=v, values=QUOTE | {"valid_until": today + dt.timedelta(days=30)}
            ),
        ),
        ("contracted", "owner", lambda v: services.contract_note(visit=v, quote=1, day=today)),
        ("delivered", "provider", lambda v: services.delivery_report(visit=v, day=today, text="")),
        ("confirmed", "owner", lambda v: services.delivery_confirm(visit=v)),
        ("measured", "owner", lambda v: services.outcome_measure(visit=v, cost=Decimal(10_800), used_by=9)),
        (
            "rated",
            "owner",
            lambda v: services.match_rate(visit=v, satisfied=True, in_use=True, trained=False),
        ),
    )
    for status, person, act in steps:
        if row.status == to:
            break
        act(seen(world, row, person))
        row.refresh_from_db()
        assert row.status == status
    return row


def act(client: Client, row: Match, name: str, *more: object, **data: Any) -> HttpResponse:
    return client.post(reverse(name, args=[row.pk, *more]), data)


def another_provider(world: World, name: str = "rival") -> User:
    """Return somebody who works for another provider."""
    organisation = Organisation.objects.create(name_zh="另一家", name_en="Another Provider", kind="provider")
    user = User.objects.create_user(f"{name}@example.com", "a good passphrase", name=name.capitalize())
    Position.objects.create(user=user, organisation=organisation, role="provider")
    world.users[name] = user
    return user
