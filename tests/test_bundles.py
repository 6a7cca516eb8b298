"""Bundles: the frontier of cost and providers equals trying every set of offers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.matching.bundle import Bundle, Bundles, bundles, delivered_by
from capillary.matching.need import Aid, Need, Rates
from capillary.matching.rank import rank
from capillary.model.market import Capacity, Market, Price, market_of
from capillary.scoring.solver import Limits
from capillary.web.demo.market import demonstration_market

from .market_kit import MEASURES, ON, listed, lot, market_by_lot, offer, provider
from .test_matching import RATES


def need_for(dice: Random) -> Need:
    wanted = dice.sample(MEASURES, dice.randint(1, 5))
    return Need(
        on=ON,
        wanted={name: dice.choice([None, "2026-04-30", "2026-08-31"]) for name in wanted},
        users=dice.randint(0, 9),
        machines=dice.randint(0, 9),
        budget=dice.choice([None, 1]),
        aid=dice.choice([None, Aid(3333), Aid(5000, 1200), Aid(10_000)]),
    )


def every_bundle(need: Need, market: Market) -> tuple[set[str], dict[int, int]]:
    """Return what can be delivered, and by number of providers the least that it costs with no more, trying every set."""
    matches = [
        match
        for match in rank(replace(need, budget=None), market, RATES).matches
        if match.in_time and match.cost is not None
    ]
    covered = {name for match in matches for name in match.in_time}
    best: dict[int, int] = {}
    for size in range(len(matches) + 1):
        for chosen in combinations(matches, size):
            if covered - {name for match in chosen for name in match.in_time}:
                continue
            once = sum(match.cost.one_off for match in chosen if match.cost is not None)
            yearly = sum(match.cost.yearly for match in chosen if match.cost is not None)
            aid = 0
            if need.aid is not None:
                aid = min(once * need.aid.share // 10_000, once if need.aid.cap is None else need.aid.cap)
            count = len({match.provider.id for match in chosen})
            best[count] = min(best.get(count, 10**12), once + yearly - aid)
    return covered, best


def check(found: Bundles, covered: set[str], best: dict[int, int], most: int | None = None) -> None:
    assert set(found.covered) == covered
    if not covered:
        assert found.frontier == ()
        return
    assert found.least_providers == min(best)
    expected: list[tuple[int, int]] = []
    for count in sorted(best):
        if (most is None or count <= most) and (not expected or best[count] < expected[-1][1]):
            expected.append((count, best[count]))
    assert [(len(item.providers), item.net) for item in found.frontier] == expected
    for item in found.frontier:
        check_bundle(item, found)


def check_bundle(item: Bundle, found: Bundles) -> None:
    assert item.proven
    assert all(delivered_by(item, found.covered).values())
    assert item.one_off == sum(match.cost.one_off for match in item.matches if match.cost is not None)
    for left in item.matches:  # nothing in it is there for nothing
        others = {name for match in item.matches if match is not left for name in match.in_time}
        assert set(found.covered) - others


@given(st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_the_frontier_equals_trying_every_set(seed: int) -> None:
    dice = lot(seed)
    market, need = market_by_lot(dice, offers=10, providers=4), need_for(dice)
    check(bundles(need, market, RATES), *every_bundle(need, market))


@given(st.integers(0, 10**9), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_a_limit_on_providers_cuts_the_frontier(seed: int, most: int) -> None:
    dice = lot(seed)
    market, need = market_by_lot(dice, offers=9, providers=4), need_for(dice)
    covered, best = every_bundle(need, market)
    found = bundles(need, market, RATES, most_providers=most)
    check(found, covered, best, most)


def test_fewer_providers_may_cost_more() -> None:
    market = market_of(
        [
            offer("all", measures=MEASURES[:3], provider="one", price=listed(1000)),
            offer("a", measures=MEASURES[:1], provider="two", price=listed(200)),
            offer("b", measures=MEASURES[1:2], provider="three", price=listed(200)),
            offer("c", measures=MEASURES[2:3], provider="three", price=listed(300)),
        ],
        [provider(name) for name in ("one", "two", "three")],
    )
    found = bundles(Need(on=ON, wanted=dict.fromkeys(MEASURES[:3])), market, RATES)
    assert [(item.providers, item.net) for item in found.frontier] == [
        (("one",), 1000),
        (("three", "two"), 700),
    ]
    assert found.cheapest is not None
    assert delivered_by(found.cheapest, found.covered) == {
        MEASURES[0]: ("a",),
        MEASURES[1]: ("b",),
        MEASURES[2]: ("c",),
    }


def test_what_cannot_be_in_a_bundle_is_said() -> None:
    late = Capacity(places=1, free_from="2026-12-01")
    market = market_of(
        [
            offer("in-time", measures=MEASURES[:1]),
            offer("late", measures=MEASURES[1:2], capacity=late),
            offer("asked", measures=MEASURES[2:3], price=Price(model="on-request", currency="CNY")),
        ],
        [provider()],
    )
    found = bundles(Need(on=ON, wanted=dict.fromkeys(MEASURES[:4], "2026-07-01")), market, RATES)
    assert (found.covered, found.late, found.unpriced, found.undelivered) == (
        MEASURES[:1],
        MEASURES[1:2],
        MEASURES[2:3],
        MEASURES[3:4],
    )
    nothing = bundles(Need(on=ON, wanted={MEASURES[4]: None}), market, RATES)
    assert (nothing.frontier, nothing.cheapest, nothing.undelivered) == ((), None, MEASURES[4:])
    with pytest.raises(ValueError, match="measures to deliver"):
        bundles(Need(on=ON), market, RATES)


def test_without_time_nothing_is_claimed() -> None:
    dice = lot(5)
    market, need = market_by_lot(dice, offers=10, providers=4), need_for(dice)
    found = bundles(need, market, RATES, limits=Limits(seconds=0.0))
    assert found.covered
    assert (found.frontier, found.least_providers) == ((), None)


def test_a_plan_over_the_demonstration_is_proven() -> None:
    library = Library()
    market = demonstration_market(library)
    names = list(library.measures().measures)[10:26]
    need = Need(on="2026-12-15", wanted=dict.fromkeys(names), users=30, machines=10, aid=Aid(3000, 200_000))
    found = bundles(need, market, Rates.of(library.currencies()), limits=Limits(seconds=20))
    assert found.frontier
    assert all(item.proven for item in found.frontier)
    assert [len(item.providers) for item in found.frontier] == sorted(
        {len(item.providers) for item in found.frontier}
    )
