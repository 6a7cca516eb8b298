"""People who act on a match at the same moment, in real transactions of their own: the second meets what the first one did."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from capillary.matching.life import Side
from capillary.model.market import Capacity
from capillary.web.market.services import provider_of
from capillary.web.matches import services
from capillary.web.matches.models import Match, MatchEvent, Quote
from capillary.web.matches.selectors import Visit

from .kit import World
from .match_kit import QUOTE, advanced, interested, match_world, need, published, seen, sent, shop_row
from .test_applications_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def acts(row: Match) -> list[str]:
    return list(MatchEvent.objects.filter(match=row).order_by("pk").values_list("act", flat=True))


def quoted(world: World) -> Match:
    """Return a match with two quotes, of which only the last one counts."""
    row = advanced(world, sent(world), "quoted")
    day = timezone.localdate() + dt.timedelta(days=20)
    services.quote_make(visit=seen(world, row, "provider"), values=QUOTE | {"valid_until": day})
    return row


def test_the_firm_agrees_while_the_provider_withdraws() -> None:
    world = match_world()
    row = interested(world)
    firm, provider = seen(world, row, "owner"), seen(world, row, "provider")
    refused = at_once(
        [
            lambda: services.interest_accept(visit=firm),
            lambda: services.match_withdraw(visit=provider, why="Not now"),
        ]
    )
    row.refresh_from_db()
    assert len(refused) == 1
    if row.status == "sent":
        assert acts(row) == ["express", "accept", "named"]
        assert row.named
    else:
        assert row.status == "withdrawn"
        assert acts(row) == ["express", "withdraw"]
        assert not row.named, "nobody is named in a match that came to nothing"


def test_two_people_of_the_firm_accept_two_quotes() -> None:
    world = match_world()
    row = quoted(world)
    today = timezone.localdate()
    world.enterprise.members.create(user=world.users["stranger"], role="owner")
    visits = [seen(world, row, "owner"), Visit(world.users["stranger"], row, Side.SIGNER)]
    refused = at_once(
        [
            lambda: services.contract_note(visit=visits[0], quote=1, day=today),
            lambda: services.contract_note(visit=visits[1], quote=2, day=today),
        ]
    )
    row.refresh_from_db()
    assert len(refused) == 1
    assert row.status == "contracted"
    assert acts(row).count("contract") == 1
    assert row.contract_amount == Quote.objects.get(match=row, number=2).first_year


def test_a_contract_is_noted_while_the_quote_is_replaced() -> None:
    world = match_world()
    row = quoted(world)
    firm, provider = seen(world, row, "owner"), seen(world, row, "provider")
    dearer = QUOTE | {
        "one_off": QUOTE["one_off"] * 2,
        "valid_until": timezone.localdate() + dt.timedelta(days=9),
    }
    refused = at_once(
        [
            lambda: services.contract_note(visit=firm, quote=2, day=timezone.localdate()),
            lambda: services.quote_make(visit=provider, values=dearer),
        ]
    )
    row.refresh_from_db()
    assert len(refused) == 1
    if row.status == "contracted":
        assert row.quotes.count() == 2
        assert row.contract_amount == QUOTE["one_off"] + QUOTE["yearly"], "what was read is what was signed"
    else:
        assert row.quotes.count() == 3
        assert row.contract_amount is None


def test_an_officer_settles_while_the_other_side_complains_or_delivers() -> None:
    world = match_world()
    row = advanced(world, sent(world), "contracted")
    services.complaint_make(visit=seen(world, row, "owner"), text="Nothing came")
    officer, provider = seen(world, row, "officer"), seen(world, row, "provider")
    refused = at_once(
        [
            lambda: services.complaint_settle(visit=officer, text="It ends", ends=True),
            lambda: services.delivery_report(visit=provider, day=timezone.localdate(), text=""),
        ]
    )
    row.refresh_from_db()
    # a delivery that is reported first does not keep the officer from ending the match; the other way round it does
    assert row.status == "ended"
    assert len(refused) in {0, 1}
    assert ("deliver" in acts(row)) == (not refused)


def test_an_officer_settles_while_the_firm_takes_its_complaint_back() -> None:
    world = match_world()
    row = advanced(world, sent(world), "contracted")
    services.complaint_make(visit=seen(world, row, "owner"), text="Nothing came")
    officer, firm = seen(world, row, "officer"), seen(world, row, "owner")
    refused = at_once(
        [
            lambda: services.complaint_settle(visit=officer, text="It ends", ends=True),
            lambda: services.complaint_drop(visit=firm, text="It came"),
        ]
    )
    row.refresh_from_db()
    assert len(refused) == 1
    assert not row.complains
    # what was settled is not taken back, and what was taken back is not settled: the match goes on
    assert (row.status, acts(row)[-1]) in {("ended", "settle"), ("contracted", "drop")}


def test_two_officers_settle_once() -> None:
    world = match_world()
    row = advanced(world, sent(world), "contracted")
    services.complaint_make(visit=seen(world, row, "owner"), text="Nothing came")
    from capillary.web.accounts.models import Position

    Position.objects.create(user=world.users["stranger"], organisation=world.organisation, role="officer")
    visits = [seen(world, row, "officer"), Visit(world.users["stranger"], row, Side.OFFICER)]
    for visit in visits:
        visit.match.refresh_from_db()
    refused = at_once(
        [
            lambda visit=visit: services.complaint_settle(visit=visit, text="Done", ends=False)
            for visit in visits
        ]
    )
    row.refresh_from_db()
    assert len(refused) == 1
    assert acts(row).count("settle") == 1
    assert not row.complains


def test_a_delivery_counts_once_in_the_record() -> None:
    world = match_world()
    row = advanced(world, sent(world), "delivered")
    world.enterprise.members.create(user=world.users["stranger"], role="owner")
    visits = [seen(world, row, "owner"), Visit(world.users["stranger"], row, Side.SIGNER)]
    refused = at_once([lambda visit=visit: services.delivery_confirm(visit=visit) for visit in visits])
    assert len(refused) == 1
    assert provider_of(shop_row()).record.delivered == 1


def test_the_last_place_is_taken_once() -> None:
    world = match_world()
    rows = [sent(world, need(world)) for _ in range(3)]
    published(world, "crm", capacity=Capacity(places=1, free_from="2026-01-01"))
    visits = [seen(world, row, "provider") for row in rows]
    refused = at_once([lambda visit=visit: services.match_take(visit=visit) for visit in visits])
    assert len(refused) == 2
    assert Match.objects.filter(status="taken").count() == 1


def test_a_need_meets_an_offer_once() -> None:
    world = match_world()
    row = need(world)
    provider: Any = shop_row()
    refused = at_once(
        [
            lambda: services.need_send(need=row, codes=["crm"], by=world.users["owner"]),
            lambda: services.interest_express(
                provider=provider, need=row, code="crm", by=world.users["provider"]
            ),
        ]
    )
    assert len(refused) == 1
    assert Match.objects.count() == 1
