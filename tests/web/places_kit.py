"""What the tests of places share: an office with two officers, an offering with providers, and enterprises that ask."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone, translation

from capillary.web.accounts.models import Position, User
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.places import draws, services
from capillary.web.places.models import Offering, PlaceRequest

from .kit import World, make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

SITE = "http://testserver/"
RULES = ["served_before=no,yes", "size=micro,small,medium,large", "level=lowest"]
PLACES = (("North Lab", 2), ("South Lab", 1))
HEADS = (5, 20, 80, 400, None)


def places_world(rules: Sequence[str] = RULES, places: Sequence[tuple[str, int]] = PLACES) -> World:
    """Return the world with two officers and an offering that takes requests today."""
    world = make_world()
    for name in ("second", "third"):
        world.users[name] = User.objects.create_user(
            f"{name}@example.com", "a good passphrase", name=name.capitalize()
        )
        Position.objects.create(user=world.users[name], organisation=world.organisation, role="officer")
    row = prepared(world, rules)
    for name, capacity in places:
        services.provider_add(
            offering=row,
            values={"name": name, "organisation": None, "capacity": capacity, "region": ""},
            by=world.users["officer"],
        )
    world.extra["offering"] = services.offering_open(offering=row, by=world.users["officer"])
    return world


def prepared(world: World, rules: Sequence[str] = RULES, code: str = "security-1") -> Offering:
    """Return an offering that is not announced yet."""
    today = timezone.localdate()
    return services.offering_save(
        offering=None,
        organisation=world.organisation,
        values={
            "kind": "security",
            "code": code,
            "title_zh": "免费安全体检",
            "title_en": "Free security checks",
            "words_zh": "",
            "words_en": "",
            "contact": "",
            "opens_on": today - dt.timedelta(days=3),
            "closes_on": today + dt.timedelta(days=3),
            "answer_days": 7,
            "rules": list(rules),
        },
        by=world.users["officer"],
    )


def firm(world: World, number: int, **changes: Any) -> Enterprise:
    """Return an enterprise of the owner's."""
    facts = {
        "name": f"Firm {number:03}",
        "sector": ("machinery", "metal-products")[number % 2],
        "region": ("CN-JS", "CN-ZJ")[number % 2],
        "employees": HEADS[number % 5],
        "claimed_at": timezone.now(),
    } | changes
    made = Enterprise.objects.create(**facts)
    Member.objects.create(enterprise=made, user=world.users["owner"], role="owner")
    return made


def asks(
    world: World, enterprise: Enterprise, names: Sequence[str] = (), *, takes_any: bool = True
) -> PlaceRequest:
    """Let an enterprise ask for a place."""
    row: Offering = world.extra["offering"]
    pks = {item.name: item.pk for item in row.providers.all()}
    return services.request_save(
        offering=row,
        enterprise=enterprise,
        choices=[pks[name] for name in names],
        takes_any=takes_any,
        by=world.users["owner"],
    )


def over(world: World) -> Offering:
    """Let the last day pass."""
    row: Offering = world.extra["offering"]
    Offering.objects.filter(pk=row.pk).update(closes_on=timezone.localdate() - dt.timedelta(days=1))
    row.refresh_from_db()
    return row


def closed(world: World) -> Offering:
    """Return the offering once its asking is closed."""
    row = over(world)
    return draws.offering_close(offering=row, by=world.users["officer"])


def drawn(world: World) -> Offering:
    """Return the offering once it is drawn."""
    return draws.offering_draw(offering=closed(world), by=world.users["officer"])


def published(world: World) -> Offering:
    """Return the offering once its draw is published."""
    return draws.draw_confirm(offering=drawn(world), by=world.users["second"], site=SITE)


def at(name: str, *args: Any) -> str:
    """Return the address of a page in English."""
    with translation.override("en"):
        return reverse(name, args=args)


def office(world: World, address: str, person: str = "officer", /, *more: Any, **data: Any) -> HttpResponse:
    """Do something with the offering in an officer's browser; the answer after a redirect."""
    row = world.extra["offering"]
    return world.client(person).post(at(address, row.pk, *more), data, follow=True)
