"""Ranking: equal to a plain walk over all offers; every rank follows from its reasons; what clashes is the smallest set."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.matching.clash import smallest_clash
from capillary.matching.need import Aid, Need, Rates, places_of, still_useful, wanted_of
from capillary.matching.rank import DEMANDS, Match, Ranking, rank
from capillary.matching.words import DEMAND_WORDS, clash_words, reasons, why_not
from capillary.model.market import (
    Capacity,
    Conflict,
    Market,
    Offer,
    Price,
    PricePart,
    Record,
    Tally,
    market_of,
)

from .market_kit import MEASURES, ON, REGIONS, SECTORS, listed, lot, market_by_lot, offer, provider

RATES = Rates({"CNY": Fraction(1), "EUR": Fraction(8)})


def need_by_lot(dice: Random) -> Need:
    def maybe(value: Any, otherwise: Any = None) -> Any:
        return value if dice.random() < 0.5 else otherwise

    wanted = dice.sample(MEASURES, dice.randint(0, 4))
    return Need(
        on=ON,
        wanted={name: maybe(dice.choice(["2026-03-31", "2026-06-30", "2026-09-30"])) for name in wanted},
        places=maybe(("CN-JS", "CN"), ()),
        sector=maybe(dice.choice(SECTORS)),
        employees=maybe(dice.choice([5, 20, 100, 500])),
        users=dice.randint(0, 9),
        machines=dice.randint(0, 9),
        languages=maybe(frozenset([dice.choice(["zh", "en"])]), frozenset()),
        kinds=maybe(frozenset(dice.sample(["product", "consulting", "course"], 2)), frozenset()),
        budget=maybe(dice.choice([0, 1500, 3000, 9000])),
        currency=dice.choice(["CNY", "EUR"]),
        aid=maybe(Aid(dice.choice([0, 3333, 10_000]), maybe(500))),
        start_by=maybe("2026-05-31"),
        accreditation=maybe("platform-admission"),
        parties=maybe(frozenset(["bank-1", "p0"]), frozenset()),
    )


# --- the oracle: every offer, one after the other --------------------------------------------------------------------


def plain_cost(need: Need, item: Offer) -> int | None:
    if item.price.model == "on-request":
        return None
    rate = RATES.worth[item.price.currency] / RATES.worth[need.currency]

    def up(amount: int) -> int:
        exact = amount * rate
        return int(exact) + (exact != int(exact))

    once = up(item.price.one_off.fixed) + up(item.price.one_off.per_user) * need.users
    once += up(item.price.one_off.per_machine) * need.machines
    yearly = up(item.price.yearly.fixed) + up(item.price.yearly.per_user) * need.users
    yearly += up(item.price.yearly.per_machine) * need.machines
    aid = 0
    if need.aid is not None:
        aid = int(Fraction(once) * need.aid.share / 10_000)
        aid = aid if need.aid.cap is None else min(aid, need.aid.cap)
    return once + yearly - aid


def plain_failures(need: Need, item: Offer, market: Market) -> set[str]:
    behind = market.providers[item.provider]
    size = next(
        (
            name
            for name, end in (("micro", 10), ("small", 50), ("medium", 250))
            if (need.employees or 0) < end
        ),
        "large",
    )
    cost = plain_cost(need, item)
    failed = {
        "measures": need.wanted and not set(need.wanted) & set(item.measures),
        "kind": need.kinds and item.kind not in need.kinds,
        "valid": need.on < item.valid_from or need.on > item.valid_to,
        "region": need.places and item.regions and not set(need.places) & set(item.regions),
        "sector": need.sector and item.sectors and need.sector not in item.sectors,
        "size": need.employees is not None and item.sizes and size not in item.sizes,
        "language": need.languages and not need.languages & set(item.languages),
        "budget": need.budget is not None and (cost is None or cost > need.budget),
        "start": item.capacity.places == 0
        or (need.start_by is not None and item.capacity.free_from > need.start_by),
        "accreditation": need.accreditation
        and not any(
            held.programme == need.accreditation and held.granted_on <= need.on <= held.valid_to
            for held in behind.accreditations
        ),
        "conflict": need.parties & ({held.party for held in behind.conflicts} | {behind.id}),
    }
    return {name for name, fails in failed.items() if fails}


def plain_order(need: Need, market: Market) -> list[str]:
    rows = []
    for item in market.offers.values():
        if plain_failures(need, item, market):
            continue
        wanted = [name for name in item.measures if name in need.wanted]
        in_time = [
            name
            for name in wanted
            if need.wanted[name] is None or item.capacity.free_from <= str(need.wanted[name])
        ]
        served = item.references.get(need.sector or "", 0)
        step = 3 if served >= 10 else 2 if served >= 3 else 1 if served else 0
        cost = plain_cost(need, item)
        key = (
            -len(in_time),
            -len(wanted),
            -step,
            cost is None,
            cost or 0,
            item.capacity.free_from,
            item.weeks,
            item.id,
        )
        rows.append((key, item.id))
    return [name for _, name in sorted(rows)]


@given(st.integers(0, 10**9))
@settings(max_examples=300, deadline=None)
def test_ranking_equals_a_plain_walk(seed: int) -> None:
    dice = lot(seed)
    market, need = market_by_lot(dice), need_by_lot(dice)
    found = rank(need, market, RATES)
    assert [match.offer.id for match in found.matches] == plain_order(need, market)
    assert {item.offer.id: set(item.failed) for item in found.ruled_out} == {
        name: failed for name, item in market.offers.items() if (failed := plain_failures(need, item, market))
    }
    check_clash(found, market)
    check_words(found)


def check_clash(found: Ranking, market: Market) -> None:
    if found.matches or not market.offers:
        assert found.clash == ()
        return
    failed = [set(item.failed) for item in found.ruled_out]
    assert all(item & set(found.clash) for item in failed)
    for size in range(1, len(found.clash)):
        for chosen in combinations(DEMANDS, size):
            assert not all(item & set(chosen) for item in failed)


def check_words(found: Ranking) -> None:
    for match in found.matches:
        assert all(reason.in_("zh") and reason.in_("en") for reason in reasons(match, found.need))
    for item in found.ruled_out:
        said = why_not(item, found.need)
        assert len(said) == len(item.failed)
        assert all(reason.in_("zh") != reason.in_("en") for reason in said)


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_market_does_not_matter(seed: int) -> None:
    dice = lot(seed)
    market, need = market_by_lot(dice), need_by_lot(dice)
    turned = market_of(list(market.offers.values())[::-1], market.providers.values())
    assert rank(need, turned, RATES).matches == rank(need, market, RATES).matches


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_dropping_a_demand_lets_through_as_many_as_it_says(seed: int) -> None:
    dice = lot(seed)
    market, need = market_by_lot(dice), need_by_lot(dice)
    found = rank(need, market, RATES)
    import dataclasses

    free = dataclasses.replace(need, budget=None)
    assert len(rank(free, market, RATES).matches) == len(found.matches) + found.without("budget")


def score_from(match: Match) -> tuple[object, ...]:
    """Return a rank worked out from nothing but what is shown."""
    steps = (0, 1, 1, 2, 2, 2, 2, 2, 2, 2)
    step = 3 if match.served > 9 else steps[match.served]
    net = None if match.cost is None else match.cost.one_off + match.cost.yearly - match.cost.aid
    return (
        -len(match.in_time),
        -len({*match.in_time, *match.late}),
        -step,
        int(net is None),
        net or 0,
        match.offer.capacity.free_from,
        match.offer.weeks,
        match.offer.id,
    )


@given(st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_every_rank_follows_from_what_is_shown(seed: int) -> None:
    dice = lot(seed)
    found = rank(need_by_lot(dice), market_by_lot(dice), RATES)
    assert [match.score for match in found.matches] == sorted(score_from(match) for match in found.matches)


# --- examples --------------------------------------------------------------------------------------------------------


def test_reasons_say_what_the_brief_asks_for() -> None:
    behind = provider(
        record=Record(
            delivered=5,
            levels_gained={"0": 1, "1": 3},
            in_time=Tally(hits=4, of=5),
            in_budget=Tally(hits=5, of=5),
            satisfied=Tally(hits=2, of=3),
        )
    )
    item = offer(
        measures=MEASURES[:3],
        price=Price(
            currency="CNY", one_off=PricePart(fixed=10_000, per_user=100), yearly=PricePart(fixed=500)
        ),
        references={"machinery": 12},
        capacity=Capacity(places=1, free_from="2026-07-01"),
    )
    need = Need(
        on=ON,
        wanted={**dict.fromkeys(MEASURES, None), MEASURES[0]: "2026-06-30"},
        sector="machinery",
        users=10,
        budget=9000,
        aid=Aid(3000),
    )
    found = rank(need, market_of([item], [behind]), RATES)
    assert [reason.in_("en") for reason in reasons(found.matches[0], need)] == [
        "Delivers 3 of your 5 measures.",
        "Cannot begin in time with: crm-cloud.",
        "Has served 12 firms of your sector.",
        "The first year costs CNY 8,200 after aid of 3,300: within the budget.",
        "Free from 2026-07-01.",
        "Delivered within 4 weeks of the order.",
        "The provider has delivered 5 projects.",
        "In 3 of 4 the firm rose by a level or more.",
        "4 of 5 were delivered by the day quoted.",
        "5 of 5 cost no more than quoted.",
        "2 of 3 firms asked were satisfied.",
    ]
    assert found.undelivered == MEASURES[3:]


def test_demands_that_clash_are_named() -> None:
    near = offer("near", regions=("CN-JS",), languages=("zh",))
    far = offer("far", regions=("DE",), languages=("en",))
    need = Need(on=ON, places=("CN-JS", "CN"), languages=frozenset(["en"]))
    found = rank(need, market_of([near, far], [provider()]), RATES)
    assert found.clash == ("region", "language")
    assert [found.without(name) for name in ("region", "language", "budget")] == [1, 1, 0]
    assert [words.in_("en") for words in clash_words(found)] == [
        "No offer fulfils these 2 demands together:",
        "is offered in your region",
        "is delivered in your language",
    ]
    alone = rank(Need(on="2030-01-01"), market_of([near], [provider()]), RATES)
    assert [words.in_("en") for words in clash_words(alone)] == [
        "No offer fulfils this demand:",
        "stands on the day",
    ]
    assert clash_words(rank(Need(on=ON), market_of([near], [provider()]), RATES)) == []
    assert rank(need, Market(), RATES).clash == ()


def test_without_any_offer_there_is_no_clash_and_a_passing_offer_has_none() -> None:
    assert smallest_clash([], DEMANDS) == ()
    with pytest.raises(ValueError, match="fails no demand"):
        smallest_clash([()], DEMANDS)


def test_every_demand_has_words() -> None:
    assert set(DEMAND_WORDS) == set(DEMANDS)


def test_a_provider_that_is_bound_to_an_excluded_organisation_is_ruled_out() -> None:
    bound = provider(conflicts=(Conflict(party="bank-1", reason=provider().title),))
    market = market_of([offer()], [bound])
    assert rank(Need(on=ON, parties=frozenset(["bank-1"])), market, RATES).clash == ("conflict",)
    assert rank(Need(on=ON, parties=frozenset(["p"])), market, RATES).clash == ("conflict",)
    assert len(rank(Need(on=ON, parties=frozenset(["bank-2"])), market, RATES).matches) == 1


def test_amounts_in_another_currency_are_rounded_up() -> None:
    market = market_of([offer(price=listed(801, currency="CNY"))], [provider()])
    found = rank(Need(on=ON, currency="EUR"), market, RATES)
    assert found.matches[0].cost is not None
    assert found.matches[0].cost.net == 101
    with pytest.raises(KeyError):
        rank(Need(on=ON, currency="USD"), market, RATES)


def test_a_need_is_checked() -> None:
    for wrong in ({"on": "today"}, {"on": ON, "start_by": "soon"}, {"on": ON, "wanted": {"a": "2026-00-01"}}):
        with pytest.raises(ValueError, match="is no day"):
            Need(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="0 or more"):
        Need(on=ON, users=-1)
    with pytest.raises(ValueError, match="share of aid"):
        Aid(10_001)


def test_places_are_a_region_and_all_that_hold_it() -> None:
    regions = Library().regions()
    assert places_of("CN-JS", regions) == REGIONS[1::-1]
    assert places_of("XX", regions) == ("XX",)
    assert places_of(None, regions) == ()


def test_what_a_profile_wants_follows_from_the_measures() -> None:
    measures = Library().measures().measures
    assert "crm-cloud" not in wanted_of({}, measures)
    ready = {"sales-management": 1, "internet-access": 1}
    assert "crm-cloud" in wanted_of(ready, measures)
    assert "sales-records-spreadsheet" not in wanted_of(ready, measures)
    have = {item.capability: item.to for item in measures["sales-records-spreadsheet"].raises}
    wanted: dict[str, str | None] = {"sales-records-spreadsheet": None, "no-such": None}
    assert still_useful(wanted, {}, measures) == {"sales-records-spreadsheet": None}
    assert still_useful(wanted, have, measures) == {}
