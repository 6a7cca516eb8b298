"""People who act on places at the same moment, in real transactions of their own: one draw, one place for each."""

from __future__ import annotations

import pytest

from capillary.web.places import draws, services
from capillary.web.places.models import Draw, Event, Offering, PlaceRequest

from .places_kit import SITE, asks, closed, drawn, firm, places_world, published
from .test_applications_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
FIRMS = 6


def test_two_draws_at_once_are_one() -> None:
    world = places_world()
    for number in range(FIRMS):
        asks(world, firm(world, number))
    row = closed(world)
    users = [world.users[name] for name in ("officer", "second", "third")]
    refused = at_once([lambda user=user: draws.offering_draw(offering=row, by=user) for user in users])
    assert len(refused) == 2
    assert Draw.objects.count() == 1
    assert Event.objects.filter(act="draw").count() == 1
    assert len(Draw.objects.get().held.got) == 3


def test_one_publication() -> None:
    world = places_world()
    for number in range(FIRMS):
        asks(world, firm(world, number))
    row = drawn(world)
    users = [world.users[name] for name in ("officer", "second", "third")]
    refused = at_once(
        [lambda user=user: draws.draw_confirm(offering=row, by=user, site=SITE) for user in users]
    )
    assert len(refused) == 2
    assert Draw.objects.get().confirmed_by in users[1:]


def test_places_that_are_declined_at_once_are_given_once_each() -> None:
    world = places_world()
    for number in range(FIRMS):
        asks(world, firm(world, number))
    published(world)
    held = list(PlaceRequest.objects.filter(state="offered"))
    owner = world.users["owner"]
    acts = [lambda row=row: draws.request_decline(request=row, by=owner, site=SITE) for row in held]
    assert at_once([*acts, *acts]) != []
    found = PlaceRequest.objects.filter(state="offered")
    assert len(found) == 3
    assert {row.pk for row in found}.isdisjoint({row.pk for row in held})
    for provider in Offering.objects.get().providers.all():
        assert PlaceRequest.objects.filter(state="offered", provider=provider).count() == provider.capacity


def test_requests_get_numbers_of_their_own() -> None:
    world = places_world()
    firms = [firm(world, number) for number in range(FIRMS)]
    row, owner = world.extra["offering"], world.users["owner"]
    acts = [
        lambda item=item: services.request_save(
            offering=row, enterprise=item, choices=[], takes_any=True, by=owner
        )
        for item in [*firms, *firms]
    ]
    assert at_once(acts) == []
    assert sorted(PlaceRequest.objects.values_list("number", flat=True)) == list(range(1, FIRMS + 1))
