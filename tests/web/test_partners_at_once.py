"""Two sides that act at the same moment, in real transactions of their own: names are shown only where both agreed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capillary.web.cooperation import services
from capillary.web.cooperation.models import CooperationProfile, Interest, InterestEvent
from capillary.web.core.refusals import RefusedError

from .kit import World
from .partner_kit import drafted, interested, partner_world, public, seen, submitted
from .test_applications_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def withdraw_or_express(world: World, row: CooperationProfile) -> list[Callable[[], object]]:
    return [
        lambda: services.profile_withdraw(profile=row, by=world.users["owner"]),
        lambda: interested(world, row),
    ]


def test_agreeing_and_withdrawing_at_once_is_one_of_both() -> None:
    world = partner_world()
    for _time in range(TIMES):
        interest = interested(world, public(world))
        publisher, seeker = seen(world, interest, "owner"), seen(world, interest, "buyer")
        refused = at_once(
            [
                lambda visit=publisher: services.interest_agree(visit=visit),
                lambda visit=seeker: services.interest_withdraw(visit=visit, why="Changed plans"),
                lambda visit=publisher: services.interest_decline(visit=visit, why="No capacity"),
            ]
        )
        assert len(refused) == 2
        interest.refresh_from_db()
        assert interest.status in {"agreed", "withdrawn", "declined"}
        assert interest.named == (interest.status == "agreed")
        acts = set(InterestEvent.objects.filter(interest=interest).values_list("act", flat=True))
        assert ("named" in acts) == interest.named
        assert len(acts & {"agree", "withdraw", "decline"}) == 1


def test_agreeing_and_withdrawing_the_profile_at_once() -> None:
    world = partner_world()
    for _time in range(TIMES):
        row = public(world)
        interest = interested(world, row)
        visit = seen(world, interest, "owner")
        at_once(
            [
                lambda visit=visit: services.interest_agree(visit=visit),
                lambda row=row: services.profile_withdraw(profile=row, by=world.users["owner"]),
            ]
        )
        interest.refresh_from_db()
        assert interest.status in {"agreed", "withdrawn"}
        assert interest.named == (interest.status == "agreed")


def test_an_interest_expressed_while_the_profile_is_withdrawn_does_not_wait_for_ever() -> None:
    world = partner_world()
    for _time in range(TIMES):
        row = public(world)
        at_once(withdraw_or_express(world, row))
        assert not Interest.objects.filter(profile=row, status="waiting").exists()


def test_one_interest_of_many_clicks_and_no_more_than_the_day_allows() -> None:
    world = partner_world()
    row = public(world)
    assert len(at_once([lambda: interested(world, row) for _click in range(TIMES)])) == TIMES - 1
    rows = [public(world) for _number in range(6)]
    refused = at_once([lambda item=item: interested(world, item) for item in rows])
    assert len(refused) == 2
    assert Interest.objects.filter(enterprise=world.extra["buyer"]).count() == 5


def test_two_officers_publish_one_version_and_references_are_not_given_twice() -> None:
    world = partner_world()
    row = submitted(world)
    acts = [lambda: services.profile_publish(profile=row, by=world.users["officer"]) for _officer in range(3)]
    assert len(at_once(acts)) == 2
    row.refresh_from_db()
    assert row.version == 1
    others = [submitted(world) for _number in range(4)]
    assert (
        at_once(
            [
                lambda item=item: services.profile_publish(profile=item, by=world.users["officer"])
                for item in others
            ]
        )
        == []
    )
    found = sorted(CooperationProfile.objects.values_list("reference", flat=True))
    assert [name[-3:] for name in found] == ["001", "002", "003", "004", "005"]


def test_the_limit_of_profiles_holds_for_many_clicks() -> None:
    world = partner_world()
    for _number in range(9):
        drafted(world)
    assert len(at_once([lambda: drafted(world) for _click in range(TIMES)])) == TIMES - 1
    with pytest.raises(RefusedError):
        drafted(world)
