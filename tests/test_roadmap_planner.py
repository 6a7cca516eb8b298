"""Plans held to exhaustive search: every plan of a small world is tried, and none is better than the planner's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.model.measure import SPEND, Needs
from capillary.roadmap.check import BrokenPlanError, check_plan
from capillary.roadmap.clash import clash_of
from capillary.roadmap.firm import Firm, Size
from capillary.roadmap.goal import Subsidy, Tier
from capillary.roadmap.planner import NoPlanError, Planner, TimeUpError
from capillary.scoring.solver import Answer

from .roadmap_kit import (
    Outcome,
    World,
    catalogue_of,
    codes_of,
    every_calendar,
    every_choice,
    ladders,
    measure,
    outcome,
    plain_goal,
    prices,
    program,
    small_world,
    steep_world,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = st.integers(0, 10**6)
PLANS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cost(found: object) -> int:
    return found.one_off + found.yearly  # type: ignore[attr-defined]


@PLANS
@given(SEEDS, st.integers(0, 4))
def test_no_cheaper_way_to_a_level_exists(seed: int, above: int) -> None:
    world = small_world(seed)
    sets = list(every_choice(world))
    now = outcome(world, frozenset()).level
    wanted = sorted({item.level for item in sets if item.level > now})
    if not wanted:
        return
    level = wanted[above % len(wanted)]
    least = min(cost(item) for item in sets if item.level >= level)
    plan = world.planner(plain_goal(level=level)).plan("cheapest")
    assert plan.level >= level
    assert (plan.proof.status, plan.proof.objective, plan.money.ownership) == ("optimal", least, least)


@PLANS
@given(SEEDS, st.integers(0, 40))
def test_no_higher_score_fits_a_budget(seed: int, thousands: int) -> None:
    world = small_world(seed)
    budget = thousands * 1000
    affordable = [item for item in every_choice(world) if cost(item) <= budget]
    best = max((item.level, item.score) for item in affordable)
    plan = world.planner(plain_goal(budget=budget)).plan("highest")
    assert (plan.level, plan.score) == best
    assert plan.money.spent <= budget


@PLANS
@given(SEEDS)
def test_no_plan_to_a_level_is_less_risky(seed: int) -> None:
    world = small_world(seed)
    sets = list(every_choice(world))
    top = max(item.level for item in sets)
    if top <= outcome(world, frozenset()).level:
        return
    reaching = [item for item in sets if item.level >= top]
    least = min((item.risk, cost(item)) for item in reaching)
    plan = world.planner(plain_goal(level=top)).plan("safest")
    assert plan.proof.objective == least[0]
    assert plan.money.ownership == least[1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS, st.integers(0, 12), st.sampled_from([20, 40, 80]), st.integers(2, 4))
def test_plans_with_a_calendar_are_the_best_there_are(
    seed: int, thousands: int, hours: int, quarters: int
) -> None:
    world = small_world(seed, 4, long=True)
    world = replace(world, catalogue=catalogue_of([_longer(item) for item in world.measures]))
    goal = plain_goal(quarters=quarters, cash=thousands * 1000, hours={"it": hours}, running=1500)
    plans = list(every_calendar(world, goal))
    best = max((found.level, found.score) for _, found, _ in plans)
    plan = world.planner(goal).plan("highest")
    assert (plan.level, plan.score) == best
    steady = world.planner(goal).plan("steady")
    assert sum(state.score for state in steady.states[1:]) == max(sum(scores) for _, _, scores in plans)
    level = best[0]
    if level > outcome(world, frozenset()).level:
        reaching = [item for item in plans if item[1].level >= level]
        cheapest = world.planner(replace(goal, level=level)).plan("cheapest")
        assert cheapest.money.ownership == min(cost(found) for _, found, _ in reaching)
        fastest = world.planner(replace(goal, level=level)).plan("fastest")
        assert fastest.reached == min(_reached(world, begun, level, quarters) for begun, _, _ in reaching)


def _longer(item: object) -> object:
    """Return a measure that takes most of a quarter at least, so that no two fit into one."""
    weeks = max(10, item.weeks[1])  # type: ignore[attr-defined]
    return measure(
        item.id,  # type: ignore[attr-defined]
        {raised.capability: (raised.from_, raised.to) for raised in item.raises},  # type: ignore[attr-defined]
        cost=item.cost.one_off.fixed[1],  # type: ignore[attr-defined]
        yearly=item.cost.yearly.fixed[1],  # type: ignore[attr-defined]
        weeks=weeks,
        needs=item.needs,  # type: ignore[attr-defined]
        excludes=item.excludes,  # type: ignore[attr-defined]
        risk=item.risk,  # type: ignore[attr-defined]
        staff=item.staff,  # type: ignore[attr-defined]
    )


def _reached(world: World, begun: dict[str, int], level: int, quarters: int) -> int:
    for quarter in range(1, quarters + 1):
        done = frozenset(
            name
            for name, start in begun.items()
            if start - 1 + -(-world.catalogue.measures[name].weeks[1] // 13) <= quarter
        )
        if outcome(world, done).level >= level:
            return quarter
    raise AssertionError("the level is never reached")


@PLANS
@given(SEEDS, st.data())
def test_a_plan_that_is_changed_at_random_is_caught_or_still_keeps_everything(
    seed: int, data: st.DataObject
) -> None:
    """The checker and the exhaustive reader agree on every calendar, good or bad."""
    world = small_world(seed, 4, long=True)
    world = replace(world, catalogue=catalogue_of([_longer(item) for item in world.measures]))
    goal = plain_goal(quarters=3, cash=9000, budget=14000, running=1200, hours={"it": 50})
    planner = world.planner(goal)
    plan = planner.plan("highest")
    starts = {
        item.id: start
        for item in world.measures
        if (start := data.draw(st.integers(0, 3), label=item.id)) and item.id in planner.network.index
    }
    good = [begun for begun, _, _ in every_calendar(world, goal)]
    try:
        planner.finished("highest", goal, starts, plan.proof)
    except BrokenPlanError:
        assert starts not in good
    else:
        assert starts in good


def two_steps() -> World:
    """Return a world with one way up: a first measure, and a second that needs it and brings the firm to the next level."""
    name = "business-systems"
    levels = {**ladders(), "digital-strategy": 0, name: 0}
    firm = Firm(program(), codes_of(levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
    first = measure("first", {name: (0, 1)}, cost=4000, weeks=20, staff={"it": 60})
    needs = Needs(measures=("first",))
    second = measure("second", {name: (1, 2)}, cost=6000, yearly=1000, weeks=10, needs=needs)
    return World(firm, catalogue_of([first, second]))


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("order", {"steps": {"second": 1}}),
        ("window", {"steps": {"second": 4}}),
        ("budget", {"goal": {"budget": 10000}}),
        ("cash", {"goal": {"cash": 5000}}),
        ("running", {"goal": {"running": 999}}),
        ("hours", {"goal": {"hours": {"it": 29}}}),
        ("excluded", {"goal": {"excluded": frozenset({"first"})}}),
        ("pinned", {"goal": {"pinned": frozenset({"third"})}}),
        ("level", {"goal": {"level": 5}}),
    ],
)
def test_the_checker_catches_every_kind_of_breach(rule: str, broken: dict[str, dict[str, object]]) -> None:
    world = two_steps()
    goal = plain_goal(quarters=3)
    planner = world.planner(goal)
    plan = planner.plan("highest")
    assert set(plan.starts) == {"first", "second"}
    steps = tuple(
        replace(step, begins=begins, complete=begins)
        if (begins := broken.get("steps", {}).get(step.measure))
        else step
        for step in plan.steps
    )
    bad = replace(plan, steps=steps, goal=replace(goal, **broken.get("goal", {})))
    with pytest.raises(BrokenPlanError) as caught:
        check_plan(bad, world.firm, world.catalogue, prices())
    assert rule in {breach.rule for breach in caught.value.breaches}


def test_figures_that_do_not_add_up_are_caught() -> None:
    world = two_steps()
    plan = world.planner(plain_goal(quarters=3)).plan("highest")
    bad = replace(plan, money=replace(plan.money, spent=plan.money.spent - 1))
    with pytest.raises(BrokenPlanError, match="figures"):
        check_plan(bad, world.firm, world.catalogue, prices())
    states = (*plan.states[:-1], replace(plan.states[-1], level=plan.level + 1))
    with pytest.raises(BrokenPlanError, match="figures"):
        check_plan(replace(plan, states=states), world.firm, world.catalogue, prices())


# --- what is fixed beforehand ----------------------------------------------------------------------------------------


@PLANS
@given(SEEDS, st.data())
def test_pinned_excluded_and_present_measures_are_kept_to(seed: int, data: st.DataObject) -> None:
    world = small_world(seed)
    sets = list(every_choice(world))
    names = sorted({name for item in sets for name in item.names})
    if len(names) < 2:
        return
    pinned = data.draw(st.sampled_from(names))
    excluded = data.draw(st.sampled_from([name for name in names if name != pinned]))
    goal = plain_goal(budget=15000, pinned=frozenset({pinned}), excluded=frozenset({excluded}))
    allowed = [
        item for item in sets if pinned in item.names and excluded not in item.names and cost(item) <= 15000
    ]
    if not allowed:
        with pytest.raises(NoPlanError):
            world.planner(goal).plan("highest")
        return
    plan = world.planner(goal).plan("highest")
    assert pinned in plan.starts
    assert excluded not in plan.starts
    assert (plan.level, plan.score) == max((item.level, item.score) for item in allowed)


def test_what_the_firm_has_is_not_done_twice_and_what_is_on_order_costs_nothing_more() -> None:
    world = two_steps()
    have = world.planner(plain_goal(quarters=3, have=frozenset({"first"}))).plan("highest")
    assert set(have.starts) == {"second"}
    ordered = world.planner(plain_goal(quarters=3, contracted={"first": 2})).plan("highest")
    assert dict(ordered.starts) == {"first": 2, "second": 3}
    assert (ordered.money.one_off, ordered.money.spent) == (6000, 7000)


def test_a_subsidy_counts_only_up_to_its_cap_and_from_its_level() -> None:
    world = two_steps()
    plain = world.planner(plain_goal(quarters=3)).plan("highest")
    goal = plain_goal(quarters=3, subsidies=(Subsidy(percent=50, cap=3000),))
    helped = world.planner(goal).plan("highest")
    assert helped.money.subsidy == 3000
    assert helped.money.spent == plain.money.spent - 3000
    never = plain_goal(quarters=3, subsidies=(Subsidy(percent=50, cap=3000, from_level=plain.level + 1),))
    assert world.planner(never).plan("highest").money.subsidy == 0


TIERS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 4000), st.integers(0, 800)), min_size=1, max_size=3
)


@PLANS
@given(SEEDS, TIERS, st.sampled_from([small_world, steep_world]))
def test_a_subsidy_by_level_is_weighed_exactly(
    seed: int, rises: list[tuple[int, int, int]], world_of: Callable[[int], World]
) -> None:
    """A plan goes higher than it was asked to where that pays; none that can be tried costs less."""
    world = world_of(seed)
    wanted = outcome(world, frozenset()).level + 1
    able = [item for item in every_choice(world) if item.level >= wanted]
    if not able:
        return
    tiers = []
    percent = cap = bonus = 0
    for number, (share, most, more) in enumerate(rises):
        percent, cap, bonus = min(100, percent + share), cap + most, bonus + more
        tiers.append(Tier(wanted + number, percent, cap, bonus))
    low, *higher = tiers
    subsidy = Subsidy(low.percent, low.cap, low.level, None, low.bonus, tuple(higher))

    def paid(one_off: int, level: int) -> int:
        reached = [tier for tier in tiers if tier.level <= level]
        part = (
            min(reached[-1].cap, one_off * reached[-1].percent // 100) + reached[-1].bonus if reached else 0
        )
        return min(one_off, part)

    best = min(cost(item) - paid(item.one_off, item.level) for item in able)
    plan = world.planner(plain_goal(level=wanted, subsidies=(subsidy,))).plan("cheapest")
    assert plan.money.subsidy == paid(plan.money.one_off, plan.level)
    assert best <= plan.money.ownership <= best + 1  # the model counts parts of a whole unit


@PLANS
@given(
    SEEDS,
    st.sets(st.sampled_from(SPEND), min_size=1, max_size=5),
    st.sets(st.sampled_from(SPEND), min_size=1, max_size=5),
    st.tuples(st.integers(0, 50), st.integers(0, 50)),
    st.tuples(st.integers(0, 9000), st.integers(0, 9000)),
)
def test_spend_is_counted_by_category_exactly(
    seed: int, one: set[str], other: set[str], percent: tuple[int, int], caps: tuple[int, int]
) -> None:
    """Two programmes pay for different spend: a dearer plan wins where more comes back, and no plan costs less."""
    world = small_world(seed, split=True)
    wanted = outcome(world, frozenset()).level + 1
    able = [item for item in every_choice(world) if item.level >= wanted]
    if not able:
        return
    subsidies = tuple(
        Subsidy(share, cap, wanted, categories=frozenset(names))
        for share, cap, names in zip(percent, caps, (one, other), strict=True)
    )

    def paid(item: Outcome) -> int:
        parts = (
            min(cap, item.counted(frozenset(names)) * share // 100)
            for share, cap, names in zip(percent, caps, (one, other), strict=True)
        )
        return min(item.one_off, sum(parts))

    best = min(cost(item) - paid(item) for item in able)
    plan = world.planner(plain_goal(level=wanted, subsidies=subsidies)).plan("cheapest")
    assert best <= plan.money.ownership <= best + 2  # the model counts parts of a whole unit, of each subsidy
    assert plan.money.subsidy == paid(outcome(world, frozenset(plan.starts)))
    assert sum(plan.money.spend.values()) == plan.money.one_off


def test_a_dearer_measure_wins_where_a_programme_pays_for_it() -> None:
    name, top = "business-systems", 2
    ways = [
        measure("machine", {name: (0, top)}, cost=900, spend={"equipment": 100}),
        measure("program", {name: (0, top)}, cost=1000, spend={"software": 90, "training": 10}),
    ]
    levels = {**ladders(), "digital-strategy": 0, name: 0}
    firm = Firm(program(), codes_of(levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
    world = World(firm, catalogue_of(ways))
    assert set(world.planner(plain_goal(quarters=2)).plan("highest").starts) == {"machine"}
    software = Subsidy(50, 10_000, categories=frozenset({"software"}))
    helped = world.planner(plain_goal(quarters=2, subsidies=(software,))).plan("highest")
    assert set(helped.starts) == {"program"}
    assert (helped.money.subsidy, helped.money.spend) == (450, {"software": 900, "training": 100})


def test_a_plan_reaches_a_higher_level_because_it_pays() -> None:
    tops = ladders()
    low = {name: (1, min(2, top)) for name, top in tops.items() if top > 1}
    high = {name: (min(2, top), top) for name, top in tops.items() if top > 2}
    levels = {name: min(1, top) for name, top in tops.items()}
    firm = Firm(program(), codes_of(levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
    world = World(firm, catalogue_of([measure("low", low, cost=1000), measure("high", high, cost=9000)]))
    middle, top = outcome(world, frozenset({"low"})).level, outcome(world, frozenset({"low", "high"})).level
    assert outcome(world, frozenset()).level < middle < top

    plain = world.planner(plain_goal(quarters=3, level=middle)).plan("cheapest")
    assert set(plain.starts) == {"low"}
    pays = Subsidy(percent=0, cap=0, from_level=middle, higher=(Tier(top, 95, 10**6),))
    helped = world.planner(plain_goal(quarters=3, level=middle, subsidies=(pays,))).plan("cheapest")
    assert (set(helped.starts), helped.level) == ({"low", "high"}, top)
    assert (helped.money.subsidy, helped.money.ownership) == (9500, 500)
    assert helped.proof.objective == 500


@PLANS
@given(SEEDS, st.integers(0, 40), st.sampled_from([None, 3000, 8000]), st.sampled_from([None, 40]))
def test_measures_begin_as_early_as_a_solver_would_let_them(
    seed: int, share: int, cash: int | None, hours: int | None
) -> None:
    """Where the earliest beginnings keep every limit no solver is asked; it would have found the same."""
    world = small_world(seed, long=True)
    goal = plain_goal(
        quarters=4, budget=share * 1000, cash=cash, hours={} if hours is None else {"it": hours}
    )
    try:
        plan = world.planner(goal).plan("highest")
    except NoPlanError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Planner, "_earliest", lambda *_: None)
        asked = world.planner(goal).plan("highest")
    assert asked.proof.objective == plan.proof.objective
    assert sum(plan.starts.values()) == sum(asked.starts.values())


# --- what clashes ----------------------------------------------------------------------------------------------------


@PLANS
@given(SEEDS)
def test_demands_that_clash_are_the_fewest_and_what_would_do_is_exact(seed: int) -> None:
    world = small_world(seed)
    sets = list(every_choice(world))
    top = max(item.level for item in sets)
    if top <= outcome(world, frozenset()).level:
        return
    least = min(cost(item) for item in sets if item.level >= top)
    if not least:
        return
    goal = plain_goal(level=top, budget=least - 1, running=10**6)
    planner = world.planner(goal)
    with pytest.raises(NoPlanError):
        planner.plan("cheapest")
    clash = clash_of(planner)
    assert clash is not None
    assert clash.proven
    assert {item.demand for item in clash.demands} == {"level", "budget"}
    needs = {item.demand: item.needs for item in clash.demands}
    assert needs["budget"] == least
    assert needs["level"] == max(item.level for item in sets if cost(item) < least)


def test_a_date_that_is_too_early_is_named_with_the_one_that_would_do() -> None:
    world = two_steps()
    level = world.planner(plain_goal(quarters=3)).plan("highest").level
    assert level > outcome(world, frozenset()).level
    planner = world.planner(plain_goal(quarters=2, level=level))
    with pytest.raises(NoPlanError):
        planner.plan("cheapest")
    clash = clash_of(planner)
    assert clash is not None
    assert {item.demand: item.needs for item in clash.demands}["date"] == 3


# --- time ------------------------------------------------------------------------------------------------------------


def test_when_the_time_is_up_the_best_so_far_comes_with_its_gap() -> None:
    world = small_world(11, 30, long=True)
    goal = plain_goal(quarters=12, cash=6000, hours={"it": 60})
    plan = world.planner(goal, 0.05).plan("steady")
    assert plan.proof.status in {"feasible", "optimal"}
    assert plan.proof.gap is not None
    assert plan.proof.bound is not None
    assert plan.proof.bound >= plan.proof.objective
    if plan.proof.status == "feasible":
        assert plan.proof.gap > 0


def test_no_plan_in_time_is_no_proof_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*_: object, **__: object) -> Answer:
        return Answer("unknown", None, None, None, 1.0)

    monkeypatch.setattr("capillary.roadmap.planner.solve", too_slow)
    world = two_steps()
    with pytest.raises(TimeUpError):
        world.planner(plain_goal(quarters=3, level=3)).plan("cheapest")
    clash = clash_of(world.planner(plain_goal(quarters=3, level=3)))
    assert clash is not None
    assert not clash.proven
