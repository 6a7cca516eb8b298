"""Fair allocation: stable, the best for firms, proof against telling other choices, and its reasons recompute."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from capillary.matching.allocation import Firm, Provider, allocate, decline, market
from capillary.matching.allocation_lines import Lines
from capillary.matching.allocation_rules import lottery_number, read_rules
from capillary.model.problems import InputError

from .allocation_kit import NOTHING, World, got_of, worlds

if TYPE_CHECKING:
    from capillary.matching.allocation_lines import Standing

MANY = settings(max_examples=300, deadline=None)
SOME = settings(max_examples=80, deadline=None)

# --- the allocation --------------------------------------------------------------------------------------------------


@given(worlds())
@MANY
def test_an_allocation_is_stable_and_keeps_capacities(world: World) -> None:
    got = got_of(allocate(world.market()))
    assert world.is_fit(got)
    assert list(world.blocking(got)) == []


@given(worlds(5, takes_any=False))
@SOME
def test_no_stable_allocation_gives_any_firm_something_dearer(world: World) -> None:
    got = got_of(allocate(world.market()))
    stable = world.every_stable()
    assert got in stable
    for firm in world.firms:
        assert world.liking(firm, got[firm.id]) == min(world.liking(firm, other[firm.id]) for other in stable)


@given(worlds(5))
@SOME
def test_no_firm_gets_something_dearer_by_telling_other_choices(world: World) -> None:
    honest = got_of(allocate(world.market()))
    offers = list(world.places)[:4]
    lies = [told for count in range(len(offers) + 1) for told in permutations(offers, count)]
    for firm in world.firms:
        for told in lies:
            for takes_any in (False, True):
                lie = replace(firm, choices=told, takes_any=takes_any)
                got = got_of(allocate(world.telling(lie).market()))
                assert world.liking(firm, got[firm.id]) >= world.liking(firm, honest[firm.id])


@given(worlds(), st.randoms(use_true_random=False))
@SOME
def test_the_order_of_rows_does_not_matter(world: World, dice: Random) -> None:
    firms, providers = list(world.firms), list(world.providers)
    dice.shuffle(firms)
    dice.shuffle(providers)
    providers = [replace(each, offers=tuple(reversed(each.offers))) for each in providers]
    other = replace(world, firms=tuple(firms), providers=tuple(providers))
    one, two = allocate(world.market()), allocate(other.market())
    assert got_of(one) == got_of(two)
    lines = [Lines(one), Lines(two)]
    for firm in firms:
        assert lines[0].standings(firm.id) == lines[1].standings(firm.id)


def test_a_firm_that_takes_any_gets_what_is_left_before_nothing() -> None:
    firms = [Firm("Enterprise 1", ("Provider 1",)), Firm("Enterprise 2", ("Provider 1",), takes_any=True)]
    for seed in range(8):
        got = got_of(
            allocate(market(firms, [Provider("Provider 1", 1), Provider("Provider 2", 1)], seed=seed))
        )
        first = min(got, key=lambda name: lottery_number(seed, name))
        assert got[first] == "Provider 1"
        assert got["Enterprise 2"] == ("Provider 1" if first == "Enterprise 2" else "Provider 2")


def test_the_lottery_is_the_sha_256_of_seed_and_id() -> None:
    # printf '7:Enterprise 1' | sha256sum
    assert (
        lottery_number(7, "Enterprise 1")
        == "3c5ef0128c41b868b5514f39b770adbf1a66c432306b3fb9d3300108a2c99411"
    )
    firms = [Firm(f"企业 {number}", ("Provider 1",)) for number in range(50)]
    got = {
        seed: allocate(market(firms, [Provider("Provider 1", 9)], seed=seed)).firms_at("Provider 1")
        for seed in (1, 2)
    }
    for seed, admitted in got.items():
        assert (
            admitted == sorted((firm.id for firm in firms), key=lambda name: lottery_number(seed, name))[:9]
        )
    assert got[1] != got[2]


# --- against another implementation ----------------------------------------------------------------------------------


@given(worlds(8, takes_any=False, offers=False))
@MANY
def test_it_is_what_the_matching_library_finds(world: World) -> None:
    from matching.games import HospitalResident

    residents, hospitals = _both_sides(world)
    capacities = {name: world.places[name] for name in hospitals}
    assume(residents and all(capacities.values()))
    solved = HospitalResident.create_from_dictionaries(residents, hospitals, capacities).solve("resident")
    got = got_of(allocate(world.market()))
    for hospital, matched in solved.items():
        assert sorted(resident.name for resident in matched) == sorted(
            firm for firm, offer in got.items() if offer == hospital.name
        )


def _both_sides(world: World) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return strict lists of both sides that name one another, and nobody who names nobody."""
    residents = {}
    for firm in world.firms:
        choices = [offer for offer in firm.choices if world.takes(offer, firm)]
        if choices:
            residents[firm.id] = choices
    hospitals = {}
    for offer, provider in world.provider_of.items():
        wanting = [firm for firm in world.firms if offer in residents.get(firm.id, ())]
        if wanting:
            hospitals[offer] = [
                firm.id for firm in sorted(wanting, key=lambda firm: world.rank(firm, provider))
            ]
    return residents, hospitals


@given(worlds(8, takes_any=False))
@MANY
def test_it_is_what_the_matching_library_finds_where_offers_share_a_capacity(world: World) -> None:
    from matching.games import StudentAllocation

    students, projects = _both_sides(world)
    supervisors: dict[str, list[str]] = {}
    for project in projects:
        provider = world.provider_of[project]
        wanting = [
            firm
            for firm in world.firms
            if any(world.provider_of[name] is provider for name in students.get(firm.id, ()))
        ]
        wanting.sort(key=lambda firm, provider=provider: world.rank(firm, provider))  # type: ignore[misc]
        supervisors[f"of {provider.id}"] = [firm.id for firm in wanting]
    affiliations = {project: f"of {world.provider_of[project].id}" for project in projects}
    capacities = {name: min(world.places[name], world.provider_of[name].capacity) for name in projects}
    # a supervisor whose projects together have less room than itself has no capacity of its own: the library refuses it
    room = {
        name: sum(places for project, places in capacities.items() if affiliations[project] == name)
        for name in supervisors
    }
    most = {name: min(room[name], _capacity(world, name.removeprefix("of "))) for name in supervisors}
    assume(students and all(capacities.values()))
    game = StudentAllocation.create_from_dictionaries(students, supervisors, affiliations, capacities, most)
    solved = game.solve("student")
    got = got_of(allocate(world.market()))
    for project, matched in solved.items():
        assert sorted(student.name for student in matched) == sorted(
            firm for firm, offer in got.items() if offer == project.name
        )


def _capacity(world: World, name: str) -> int:
    return next(provider.capacity for provider in world.providers if provider.id == name)


# --- declined places -------------------------------------------------------------------------------------------------


@given(worlds(), st.data())
@MANY
def test_after_a_decline_the_rest_is_stable_and_nobody_is_worse_off(
    world: World, data: st.DataObject
) -> None:
    before = allocate(world.market())
    gone = data.draw(st.lists(st.sampled_from([firm.id for firm in world.firms]), max_size=3, unique=True))
    after = decline(before, gone)
    rest = world.without(gone)
    got = {name: offer for name, offer in got_of(after).items() if name not in gone}
    assert all(after.offer_of(name) is None for name in gone)
    assert rest.is_stable(got)
    for firm in rest.firms:
        assert world.liking(firm, got[firm.id]) <= world.liking(firm, before.offer_of(firm.id))
    assert got_of(decline(before, reversed(gone))) == got_of(after)


@given(worlds(5, takes_any=False, offers=False), st.data())
@MANY
def test_a_decline_moves_only_whom_every_stable_allocation_moves(world: World, data: st.DataObject) -> None:
    before = allocate(world.market())
    gone = [data.draw(st.sampled_from([firm.id for firm in world.firms]))]
    got = got_of(decline(before, gone))
    rest = world.without(gone)
    kept = [
        other
        for other in rest.every_stable()
        if all(
            world.liking(firm, other[firm.id]) <= world.liking(firm, before.offer_of(firm.id))
            for firm in rest.firms
        )
    ]
    for firm in rest.firms:
        assert world.liking(firm, got[firm.id]) == max(world.liking(firm, other[firm.id]) for other in kept)


@given(worlds(takes_any=False, orders=False, same=False), st.data())
@MANY
def test_where_all_go_by_the_same_rules_a_decline_is_allocating_anew(
    world: World, data: st.DataObject
) -> None:
    gone = data.draw(st.lists(st.sampled_from([firm.id for firm in world.firms]), max_size=3, unique=True))
    got = got_of(decline(allocate(world.market()), gone))
    anew = got_of(allocate(world.without(gone).market()))
    assert {name: offer for name, offer in got.items() if name not in gone} == anew


def test_a_decline_asks_nobody_to_swap() -> None:
    """Enterprises 1 and 2 hold what the other would rather have; allocating anew would let them swap, a decline does not."""
    firms = [
        Firm("Enterprise 1", ("Provider 1", "Provider 2")),
        Firm("Enterprise 2", ("Provider 2", "Provider 1")),
        Firm("Enterprise 3", ("Provider 1", "Provider 3")),
    ]
    orders = {
        "Provider 1": ("Enterprise 2", "Enterprise 3", "Enterprise 1"),
        "Provider 2": ("Enterprise 1", "Enterprise 2"),
        "Provider 3": ("Enterprise 3",),
    }
    world = World(
        tuple(firms), tuple(Provider(name, 1, order=order) for name, order in orders.items()), (), 0
    )
    before = allocate(world.market())
    assert got_of(before) == {
        "Enterprise 1": "Provider 2",
        "Enterprise 2": "Provider 1",
        "Enterprise 3": "Provider 3",
    }
    after = got_of(decline(before, ["Enterprise 3"]))
    assert after == {"Enterprise 1": "Provider 2", "Enterprise 2": "Provider 1", "Enterprise 3": NOTHING}
    anew = got_of(allocate(world.without(["Enterprise 3"]).market()))
    assert anew == {"Enterprise 1": "Provider 1", "Enterprise 2": "Provider 2"}


# --- reasons ---------------------------------------------------------------------------------------------------------


def _ahead(world: World, got: dict[str, str | None], firm: Firm, offer: str) -> list[str]:
    """Return who holds or would rather have a place of an offer, and is before a firm: counted one by one."""
    return [
        other.id
        for other in world.firms
        if other.id != firm.id
        and world.takes(offer, other)
        and world.before(other, firm, world.provider_of[offer])
        and _has_or_waits(world, got, other, offer)
    ]


def _has_or_waits(world: World, got: dict[str, str | None], firm: Firm, offer: str) -> bool:
    return got[firm.id] == offer or world.liking(firm, offer) < world.liking(firm, got[firm.id])


def _ahead_at_provider(world: World, got: dict[str, str | None], firm: Firm, offer: str) -> list[str]:
    provider = world.provider_of[offer]
    offers = [
        name for name, other in world.provider_of.items() if other is provider and world.places[name] > 0
    ]
    return [
        other.id
        for other in world.firms
        if other.id != firm.id
        and world.takes(offer, other)
        and world.before(other, firm, provider)
        and any(_has_or_waits(world, got, other, name) for name in offers)
    ]


@given(worlds())
@MANY
def test_places_in_line_are_right_by_an_independent_count(world: World) -> None:
    allocation = allocate(world.market())
    got = got_of(allocation)
    lines = Lines(allocation)
    for firm in world.firms:
        standings = lines.standings(firm.id)
        assert [each.offer for each in standings if each.choice is not None] == list(firm.choices)
        for each in standings:
            _check(world, got, firm, each)
        rest = [each for each in standings if each.choice is None]
        own = got[firm.id]
        if own is not NOTHING and own not in firm.choices:
            assert [(each.offer, each.outcome) for each in rest] == [(own, "got")]
        elif firm.takes_any and own is NOTHING:
            _check_shortest(world, got, firm, rest)
        else:
            assert rest == []


def _check(world: World, got: dict[str, str | None], firm: Firm, standing: Standing) -> None:
    offer = standing.offer
    provider = world.provider_of[offer]
    own = world.liking(firm, got[firm.id])
    if got[firm.id] == offer:
        assert standing.outcome == "got"
    elif world.liking(firm, offer) > own:
        assert standing.outcome == "not-needed"
    elif not world.takes(offer, firm):
        assert standing.outcome == "not-taken"
    elif min(world.places[offer], provider.capacity) == 0:
        assert standing.outcome == "no-places"
    else:
        assert standing.outcome == "in-line"
        ahead = _ahead(world, got, firm, offer)
        places = min(world.places[offer], provider.capacity)
        assert standing.ahead == len(ahead)
        assert standing.place == max(len(ahead) - places + 1, 0)
        here = world.held(got, offer)
        if sum(min(count, provider.capacity) for _, count in provider.offers) > provider.capacity:
            there = _ahead_at_provider(world, got, firm, offer)
            assert standing.provider_ahead == len(there)
            assert standing.provider_place == max(len(there) - provider.capacity + 1, 0)
            here = here if len(here) == places else world.held_by(got, provider)
        else:
            assert standing.provider_place is None
        last = max(here, key=lambda other: world.rank(other, provider))
        assert standing.last == last.id
        _check_between(world, last, firm, standing)


def _check_between(world: World, last: Firm, firm: Firm, standing: Standing) -> None:
    provider = world.provider_of[standing.offer]
    between = standing.between
    assert between is not None
    assert between.own_order == (provider.order is not None)
    if between.own_order:
        return
    pairs = zip(world.rank(last, provider), world.rank(firm, provider), strict=True)
    first = next(number for number, (one, other) in enumerate(pairs) if one != other)
    if first == len(world.rules):
        assert between.rule is None
        assert (between.first, between.second) == (
            lottery_number(world.seed, last.id),
            lottery_number(world.seed, firm.id),
        )
    else:
        assert between.rule == read_rules(world.rules)[first]
        assert (between.first, between.second) == (
            last.facts[between.rule.column],
            firm.facts[between.rule.column],
        )


def _check_shortest(
    world: World, got: dict[str, str | None], firm: Firm, rest: tuple[Standing, ...] | list[Standing]
) -> None:
    waits: dict[str, int] = {}
    for offer, places in world.places.items():
        provider = world.provider_of[offer]
        room = min(places, provider.capacity)
        if world.takes(offer, firm) and room:
            wait = max(len(_ahead(world, got, firm, offer)) - room + 1, 0)
            if sum(min(count, provider.capacity) for _, count in provider.offers) > provider.capacity:
                wait = max(wait, len(_ahead_at_provider(world, got, firm, offer)) - provider.capacity + 1)
            waits[offer] = wait
    lengths = {offer: wait for offer, wait in waits.items() if offer not in firm.choices}
    if rest:
        assert {lengths[each.offer] for each in rest} == {min(waits.values())}
        assert [max(each.place or 0, each.provider_place or 0) for each in rest] == [min(waits.values())]
    elif waits:
        assert any(waits[name] == min(waits.values()) for name in firm.choices if name in waits)


@given(worlds(), st.data())
@MANY
def test_a_firm_moves_in_when_as_many_as_its_place_give_up(world: World, data: st.DataObject) -> None:
    allocation = allocate(world.market())
    got = got_of(allocation)
    lines = Lines(allocation)
    waits = [
        (firm, each) for firm in world.firms for each in lines.standings(firm.id) if each.outcome == "in-line"
    ]
    assume(waits)
    firm, standing = data.draw(st.sampled_from(waits))
    assert standing.place is not None
    leaving = set(_drawn(data, _ahead(world, got, firm, standing.offer), standing.place))
    if standing.provider_place:
        there = _ahead_at_provider(world, got, firm, standing.offer)
        more = standing.provider_place - len(leaving & set(there))
        if more > 0:
            leaving |= set(_drawn(data, [name for name in there if name not in leaving], more))
    after = decline(allocation, leaving)
    assert world.liking(firm, after.offer_of(firm.id)) <= world.liking(firm, standing.offer)


def _drawn(data: st.DataObject, names: list[str], count: int) -> tuple[str, ...]:
    return data.draw(st.sampled_from(list(combinations(names, count))))


@given(worlds())
@MANY
def test_waiting_lists_hold_all_who_wait_in_their_order(world: World) -> None:
    allocation = allocate(world.market())
    got = got_of(allocation)
    lines = Lines(allocation)
    for offer, places in world.places.items():
        provider = world.provider_of[offer]
        row = lines.row(offer)
        order = sorted(
            (firm for firm in world.firms if world.takes(offer, firm)),
            key=lambda firm: world.rank(firm, provider),
        )
        assert row.provider == provider.id
        assert row.places == min(places, provider.capacity)
        assert list(row.admitted) == [firm.id for firm in order if got[firm.id] == offer]
        waiting = [firm.id for firm in order if world.liking(firm, offer) < world.liking(firm, got[firm.id])]
        assert list(row.waiting) == (waiting if row.places else [])


# --- what cannot be allocated ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["size", "=micro", "size=", "size=micro,,small", "size=*,micro", "size=micro,micro"]
)
def test_a_rule_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InputError) as found:
        read_rules([text])
    assert [problem.code for problem in found.value.problems] == ["priority"]


def test_rules_that_cannot_go_together_are_refused() -> None:
    for texts in (
        ["size=micro,small", "size=lowest"],
        [f"column{number}=lowest" for number in range(13)],
        [f"column{number}=same" for number in range(5)],
    ):
        with pytest.raises(InputError):
            read_rules(texts)


@pytest.mark.parametrize(
    ("firms", "providers", "cause"),
    [
        ([Firm("1"), Firm("1")], [], "1 stands twice"),
        ([], [Provider("A", 1), Provider("A", 2)], "A stands twice"),
        ([Firm("1", ("B",))], [Provider("A", 1)], "1 chooses the unknown B"),
        ([Firm("1", ("A", "A"))], [Provider("A", 1)], "1 chooses something twice"),
        ([Firm("1")], [Provider("A", -1)], "a capacity is negative"),
        ([Firm("1")], [Provider("A", 1, order=("2",))], "A orders the unknown 2"),
        ([Firm("1")], [Provider("A", 1, order=("1", "1"))], "1 stands twice"),
    ],
)
def test_the_engine_refuses_what_contradicts_itself(
    firms: list[Firm], providers: list[Provider], cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        market(firms, providers)


def test_nothing_to_allocate_is_allocated() -> None:
    assert allocate(market([], [])).got == ()
    empty = allocate(market([Firm("1", takes_any=True)], []))
    assert Lines(empty).standings("1") == ()
    assert decline(allocate(market([Firm("1")], [Provider("A", 1)])), ["1"]).got == (-1,)
    unwanted = allocate(market([], [Provider("A", 1)]))
    assert Lines(unwanted).row("A").waiting == ()
