"""Whole roadmaps of the example firm: what is said of each plan, how sure it is, and what bad goals are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.model.problems import InputError
from capillary.roadmap.firm import Offer, sections_of
from capillary.roadmap.goal import Goal, Subsidy, Tier
from capillary.roadmap.greedy import greedy_starts
from capillary.roadmap.quarters import count_until, moved, next_quarter, quarter_of, written
from capillary.roadmap.roadmap import Progress, Question, Roadmap, make_roadmap
from capillary.roadmap.robustness import robustness
from capillary.scoring.solver import Limits
from capillary.sheets.jsonfiles import read_json

from .roadmap_kit import plain_goal, small_world

EXAMPLE = Path(__file__).parent.parent / "examples" / "metal-parts.json"
LIBRARY = Library()
SHEET = read_json(EXAMPLE, LIBRARY.find)


def question(**goal: Any) -> Question:
    """Return a question for the example firm."""
    standard = LIBRARY.find(SHEET.standard)
    return Question(
        standard, SHEET, Goal(**{"quarters": 6, **goal}), sections=("C",), limits=Limits(seconds=10)
    )


@pytest.fixture(scope="module")
def roadmap() -> Roadmap:
    """Return the roadmap to level 3 within eight quarters."""
    asked = question(level=3, quarters=8, budget=800_000, subsidies=(Subsidy(30, 100_000, 3),))
    return make_roadmap(replace(asked, assume_staff=True, revenue=52_000_000), LIBRARY)


def test_three_plans_that_differ_in_kind_each_best_at_its_own(roadmap: Roadmap) -> None:
    best = {aim: view.plan for view in roadmap.plans for aim in view.aims}
    assert {"cheapest", "fastest", "safest"} <= set(best)
    risk = {"low": 0, "medium": 1, "high": 4}

    def risky(plan: Any) -> int:
        return sum(risk[roadmap.catalogue.measures[step.measure].risk] for step in plan.steps)

    for view in roadmap.plans:
        plan = view.plan
        assert plan.level >= 3
        assert plan.proof.status == "optimal"
        assert plan.money.spent <= 800_000
        assert best["cheapest"].money.ownership <= plan.money.ownership
        assert best["fastest"].reached <= plan.reached
        assert risky(best["safest"]) <= risky(plan)


def test_the_subsidy_for_the_level_is_taken_off(roadmap: Roadmap) -> None:
    money = roadmap.plans[0].plan.money
    assert money.subsidy == min(100_000, money.one_off * 30 // 100)
    assert money.spent == money.one_off + money.yearly - money.subsidy


def test_levels_and_scores_rise_and_figures_add_up(roadmap: Roadmap) -> None:
    for view in roadmap.plans:
        found = view.as_json(roadmap.catalogue)
        scores = [state["score"] for state in found["quarters"]]
        assert scores == sorted(scores)
        assert found["quarters"][0]["score"] == roadmap.as_json()["now"]["score"]
        assert found["money"]["one_off"] == sum(item["one_off"][1] for item in found["measures"])
        assert found["money"]["yearly"] == sum(item["yearly"][1] for item in found["measures"])
        assert sum(state["paid"] for state in found["quarters"]) == found["money"]["paid"]


def test_every_measure_says_why_it_is_in_and_what_leaving_it_out_costs(roadmap: Roadmap) -> None:
    view = roadmap.plans[0]
    names = {step.measure for step in view.plan.steps}
    for name in names:
        why = view.why[name]
        assert why.answers or why.unlocks, name
        assert set(why.unlocks) <= names - {name}
        assert view.without[name].possible is False or view.without[name].ownership >= 0  # type: ignore[operator]
    gained = sum(change.points for why in view.why.values() for change in why.answers)
    assert gained <= view.plan.score - view.plan.states[0].score + 100


def test_chances_are_ranges_and_the_seed_decides_them(roadmap: Roadmap) -> None:
    view = roadmap.plans[0]
    for low, high in (view.robustness.within_budget, view.robustness.in_time, view.robustness.both):  # type: ignore[misc]
        assert 0 <= low <= high <= 1
    same = make_roadmap(replace(question(level=2, budget=300_000), seed=7), LIBRARY).plans[0]
    again = make_roadmap(replace(question(level=2, budget=300_000), seed=7), LIBRARY).plans[0]
    assert same.robustness == again.robustness
    low, middle, high = same.robustness.cost
    assert low <= middle <= high


def test_a_return_names_its_range_and_the_figures_it_rests_on(roadmap: Roadmap) -> None:
    returns = roadmap.plans[0].returns
    assert returns.turnover == (52_000_000.0,) * 3
    assert not returns.turnover_assumed
    assert returns.effect[0] <= returns.effect[1] <= returns.effect[2]
    assert returns.rests_on
    for rest in returns.rests_on:
        assert rest.measures
        assert 0 <= rest.percent[0] <= rest.percent[2] <= 100
    best, typical, worst = (99.0 if value is None else value for value in returns.payback_years)
    assert best <= typical <= worst


def test_what_is_assumed_is_told(roadmap: Roadmap) -> None:
    assert roadmap.assumed == {
        "users",
        "machines",
        "hours.owner",
        "hours.shop-floor",
        "hours.office",
        "hours.it",
    }
    assert roadmap.question.goal.hours["it"] == 120 + 2 * 86
    unlimited = make_roadmap(question(level=2, budget=300_000), LIBRARY)
    assert unlimited.question.goal.hours == {}
    assert "revenue" in unlimited.assumed


def test_where_plans_fall_together_the_highest_score_within_the_budget_is_shown_too() -> None:
    found = make_roadmap(question(level=2, budget=300_000), LIBRARY)
    together = found.plans[0]
    assert set(together.aims) >= {"cheapest", "fastest"}
    highest = next(view for view in found.plans if "highest" in view.aims)
    assert highest.plan.score >= together.plan.score
    assert highest.plan.money.spent <= 300_000


def test_without_a_level_the_most_within_the_budget_is_looked_for() -> None:
    small = make_roadmap(replace(question(budget=20_000), aims=("highest",)), LIBRARY).plans[0].plan
    large = make_roadmap(replace(question(budget=200_000), aims=("highest",)), LIBRARY).plans[0].plan
    assert (small.level, small.score) <= (large.level, large.score)
    assert small.money.spent <= 20_000


def test_where_no_level_can_be_gained_the_highest_score_is_all_there_is() -> None:
    nothing = dict.fromkeys(("owner", "shop-floor", "office", "it"), 0)
    found = make_roadmap(question(quarters=3, hours=nothing), LIBRARY)
    assert [view.aims for view in found.plans] == [("highest",)]


def test_demands_that_clash_come_with_what_would_do() -> None:
    found = make_roadmap(question(level=3, budget=100_000), LIBRARY)
    assert found.plans == ()
    assert found.clash is not None
    demands = {item.demand: item for item in found.clash.demands}
    assert set(demands) == {"level", "budget"}
    needs = demands["budget"].needs
    assert needs is not None
    assert needs > 100_000
    enough = replace(question(level=3, budget=needs, quarters=20), aims=("cheapest",))
    assert make_roadmap(enough, LIBRARY).plans[0].plan.money.spent == needs


def test_more_of_a_limit_never_makes_the_plan_worse(roadmap: Roadmap) -> None:
    assert roadmap.tradeoffs
    for item in roadmap.tradeoffs:
        level, score, ownership = item.change
        if item.aim == "cheapest":
            assert ownership <= 0
        else:
            assert (level, score) >= (0, 0)


def test_own_figures_replace_those_of_the_content() -> None:
    plain = make_roadmap(replace(question(level=2), aims=("cheapest",)), LIBRARY).plans[0]
    dear = max(plain.plan.steps, key=lambda step: step.one_off)
    offer = Offer(one_off=1, yearly=0, weeks=1)
    found = make_roadmap(
        replace(question(level=2), aims=("cheapest",), offers={dear.measure: offer}), LIBRARY
    ).plans[0]
    assert found.terms[dear.measure].own
    assert found.terms[dear.measure].one_off == (1, 1, 1)
    assert found.plan.money.ownership < plain.plan.money.ownership


def test_another_currency_is_converted_at_the_dated_rate() -> None:
    yuan = make_roadmap(replace(question(level=2), aims=("cheapest",)), LIBRARY).plans[0].plan
    euro = make_roadmap(replace(question(level=2, currency="EUR"), aims=("cheapest",)), LIBRARY).plans[0].plan
    rate = LIBRARY.currencies().rate("EUR").per_unit
    assert euro.money.ownership == pytest.approx(float(yuan.money.ownership / rate), rel=0.01)


def test_progress_names_each_aim_and_the_best_so_far() -> None:
    heard: list[Progress] = []
    make_roadmap(question(level=3, quarters=8), LIBRARY, heard.append)
    assert {"cheapest", "fastest", "safest"} <= {item.aim for item in heard}
    assert any(item.objective is not None for item in heard)
    assert all(item.found <= item.wanted for item in heard)


@pytest.mark.parametrize(
    ("goal", "path", "code"),
    [
        ({"level": 1}, "level", "level-reached"),
        ({"level": 9}, "level", "unknown-level"),
        ({"budget": -1}, "budget", "amount"),
        ({"cash": -1}, "cash", "amount"),
        ({"quarters": 0}, "quarters", "date"),
        ({"quarters": 99}, "quarters", "date"),
        ({"currency": "XXX"}, "currency", "unknown-currency"),
        ({"hours": {"it": -4}}, "hours.it", "amount"),
        ({"hours": {"boss": 4}}, "hours.boss", "unknown-role"),
        ({"pinned": frozenset({"nothing"})}, "pinned", "unknown-measure"),
        (
            {"pinned": frozenset({"crm-cloud"}), "excluded": frozenset({"crm-cloud"})},
            "pinned",
            "pinned-and-excluded",
        ),
        ({"contracted": {"crm-cloud": 40}}, "contracted", "date"),
        ({"subsidies": (Subsidy(120, 5),)}, "subsidies[0].percent", "amount"),
        (
            {"subsidies": (Subsidy(60, 5), Subsidy(50, 5, categories=frozenset({"software"})))},
            "subsidies",
            "over-funded",
        ),
        ({"subsidies": (Subsidy(20, 5, 2, higher=(Tier(3, 10, 9),)),)}, "subsidies[0]", "tiers"),
        ({"subsidies": (Subsidy(20, 5, 3, higher=(Tier(2, 30, 9),)),)}, "subsidies[0]", "tiers"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_with_place_and_remedy(
    goal: dict[str, Any], path: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        make_roadmap(question(**goal), LIBRARY)
    problem = next(item for item in caught.value.problems if item.code == code)
    assert (problem.place.path or "").startswith(path)
    for language in ("zh", "en"):
        assert problem.remedy.in_(language)


# --- parts -----------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 20))
def test_the_greedy_plan_keeps_every_limit_and_never_beats_the_proven_one(seed: int, thousands: int) -> None:
    world = small_world(seed, 5, long=True)
    goal = plain_goal(quarters=4, cash=thousands * 1000, hours={"it": 60}, running=2000)
    planner = world.planner(goal)
    best = planner.plan("steady")
    starts = {
        planner.network.choices[place].id: start
        for place, start in greedy_starts(planner.network, goal).items()
    }
    greedy = planner.finished("steady", goal, starts, best.proof)  # raises where a limit is broken
    assert sum(state.score for state in greedy.states) <= sum(state.score for state in best.states)


def test_simulated_costs_lie_within_what_is_possible() -> None:
    world = small_world(5)
    planner = world.planner(plain_goal(budget=30_000))
    plan = planner.plan("highest")
    found = robustness(plan, planner.network, seed=1)
    terms = planner.terms
    low = sum(terms[step.measure].one_off[0] + terms[step.measure].yearly[0] for step in plan.steps)
    high = sum(terms[step.measure].one_off[2] + terms[step.measure].yearly[2] for step in plan.steps)
    assert low <= found.cost[0] <= found.cost[2] <= high
    assert found == robustness(plan, planner.network, seed=1)
    assert found != robustness(plan, planner.network, seed=2)


@given(st.integers(2020, 2099), st.integers(1, 12), st.integers(0, 19))
def test_quarters_count_as_calendars_do(year: int, month: int, more: int) -> None:
    first = next_quarter(year, month)
    assert first[0] * 4 + first[1] == year * 4 + int(np.ceil(month / 3)) + 1
    last = moved(first, more)
    assert count_until(first, last) == more + 1
    assert quarter_of(written(last)) == last
    assert quarter_of(f"{last[0]}-{last[1] * 3:02}") == last


@pytest.mark.parametrize("text", ["", "soon", "2027-13", "2027-Q5", "27-12", "2027-00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        quarter_of(text)


def test_a_sector_is_understood_by_id_and_by_code_of_either_classification() -> None:
    sectors = LIBRARY.sectors()
    assert sections_of("C33", sectors) == ("C",)
    assert sections_of(None, sectors) == ()
    assert sections_of("anything", sectors) == ()
    named = next(item for item in sectors.values() if item.isic[0].startswith("C"))
    assert "C" in sections_of(named.id, sectors)
