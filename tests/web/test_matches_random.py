"""Matches at random, through the services and the pages: no page names anybody before both agreed, whatever is tried."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.web.core.refusals import RefusedError
from capillary.web.matches import services
from capillary.web.matches.models import Match, MatchEvent

from .match_kit import QUOTE, interested, match_world, seen, sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .kit import World

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
ACTS: Mapping[str, Callable[[Any], object]] = {
    "accept": lambda v: services.interest_accept(visit=v),
    "refuse": lambda v: services.match_refuse(visit=v, why="No"),
    "withdraw": lambda v: services.match_withdraw(visit=v, why="No"),
    "take": lambda v: services.match_take(visit=v),
    "write": lambda v: services.message_write(visit=v, values={"text": "Hello"}),
    "quote": lambda v: services.quote_make(visit=v, values=QUOTE | {"valid_until": TODAY()}),
    "return": lambda v: services.quote_return(visit=v, why="Cheaper"),
    "contract": lambda v: services.contract_note(visit=v, quote=v.match.quotes.count(), day=TODAY()),
    "deliver": lambda v: services.delivery_report(visit=v, day=TODAY(), text=""),
    "confirm": lambda v: services.delivery_confirm(visit=v),
    "reject": lambda v: services.delivery_reject(visit=v, why="Training"),
    "measure": lambda v: services.outcome_measure(visit=v, cost=Decimal(1), used_by=None),
    "rate": lambda v: services.match_rate(visit=v, satisfied=True, in_use=True, trained=True),
    "complain": lambda v: services.complaint_make(visit=v, text="Late"),
    "settle": lambda v: services.complaint_settle(visit=v, text="Done", ends=False),
}
# the way from the start to the rating, of which a part is gone before anything is tried
STRAIGHT = (
    ("owner", "accept"),
    ("provider", "take"),
    ("provider", "quote"),
    ("owner", "contract"),
    ("provider", "deliver"),
    ("owner", "confirm"),
    ("owner", "measure"),
    ("owner", "rate"),
)
TRIES = st.lists(
    st.tuples(st.sampled_from(["owner", "provider", "officer"]), st.sampled_from(sorted(ACTS))), max_size=14
)


@pytest.fixture
def world() -> World:
    return match_world()


def _text(world: World, row: Match, person: str) -> str:
    return world.client(person).get(f"/en/matches/{row.pk}/").content.decode()


@given(by_firm=st.booleans(), ahead=st.integers(0, len(STRAIGHT)), tries=TRIES)
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_page_names_anybody_before_both_agreed(
    world: World, *, by_firm: bool, ahead: int, tries: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        row = sent(world) if by_firm else interested(world)
        done: list[str] = []
        for person, name in [*STRAIGHT[:ahead], *tries]:
            try:
                ACTS[name](seen(world, row, person))
            except RefusedError:
                continue
            done.append(name)
        row.refresh_from_db()
        both = ("take" in done) if by_firm else ("accept" in done)
        assert row.named == both
        assert ("Example Metal Parts" in _text(world, row, "provider")) == both
        if not by_firm:
            assert ("Example Provider" in _text(world, row, "owner")) == both
        assert MatchEvent.objects.filter(match=row, act="named").count() == int(both)
        assert (row.satisfied is None) or (row.confirmed_at is not None and "deliver" in done)
        transaction.set_rollback(True)
