"""The planner measured: proofs, gaps, what each strengthening brings, and many firms at once; on a world drawn from a seed."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

from capillary.roadmap.calendar import PlanModel
from capillary.roadmap.firm import Prices
from capillary.roadmap.goal import Goal
from capillary.roadmap.greedy import greedy_starts
from capillary.roadmap.network import after, network_of
from capillary.roadmap.planner import NoPlanError, Planner, TimeUpError
from capillary.roadmap.steady import worth
from capillary.roadmap.timeline import money, standing, timeline
from capillary.scoring.linear import summed
from capillary.scoring.solver import Limits, solve
from plan_world import currencies_for, firms, world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.measure import Catalogue
    from capillary.roadmap.firm import Firm
    from capillary.roadmap.planner import Plan

WORLD_SEED, FIRM_SEED = 1, 2
FIRMS, HARD, COMPARED = 50, 8, 3
BUDGET = 400_000
QUARTERS = 12
CALENDAR = Goal(
    quarters=QUARTERS, cash=100_000, hours={"shop-floor": 200, "it": 200}, running=150_000
)  # what a firm of some eighty people could give
SECONDS = 10.0
CHUNK = 50


@dataclass(frozen=True)
class Timed:
    """A plan with the wall time that it took, model and check included."""

    seconds: float
    plan: Plan | None


@cache
def _world() -> tuple[Catalogue, Prices]:
    return world(WORLD_SEED), Prices("CNY", currencies_for())  # type: ignore[arg-type]


def _planner(firm: Firm, goal: Goal, limits: Limits | None = None) -> Planner:
    catalogue, prices = _world()
    return Planner(firm, catalogue, prices, goal, limits or Limits(seconds=SECONDS))


def _timed(firm: Firm, goal: Goal, aim: str) -> Timed:
    began = time.perf_counter()
    try:
        plan = _planner(firm, goal).plan(aim)  # type: ignore[arg-type]
    except (NoPlanError, TimeUpError):
        plan = None
    return Timed(time.perf_counter() - began, plan)


def _next_level(firm: Firm) -> Goal:
    return Goal(quarters=QUARTERS, level=standing(firm)[0] + 1)


def _spread(times: Sequence[float]) -> str:
    high = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return f"median {statistics.median(times):.3f} s, 95th percentile {high:.3f} s"


def main(count: int = FIRMS, hard: int = HARD, many: int = 10_000) -> None:
    """Print everything."""
    found = firms(count, FIRM_SEED)
    _world()
    without_calendar(found)
    with_calendar(found[:hard])
    strengthened(found[: min(COMPARED, hard)])
    solvers(found[: min(COMPARED, hard)])
    batch(many)


def without_calendar(found: Sequence[Firm]) -> None:
    """Questions (a) and (b): proven or not, and how long it takes."""
    print(f"{len(found)} firms, {len(_world()[0].measures)} measures, 16 scenarios, no limits by quarter")
    print("limits: median 1 s, 95th percentile 5 s")
    for name, aim, goals in (
        ("(a) least cost to the next level", "cheapest", [_next_level(firm) for firm in found]),
        ("(b) highest within a budget", "highest", [Goal(quarters=QUARTERS, budget=BUDGET)] * len(found)),
    ):
        timed = [_timed(firm, goal, aim) for firm, goal in zip(found, goals, strict=True)]
        plans = [item.plan for item in timed if item.plan is not None]
        proven = sum(plan.proof.status == "optimal" for plan in plans)
        print(f"{name}: {proven} of {len(plans)} plans proven; {_spread([item.seconds for item in timed])}")
        if aim == "cheapest":
            _saving([(firm, item.plan) for firm, item in zip(found, timed, strict=True) if item.plan])


def _saving(pairs: Sequence[tuple[Firm, Plan]]) -> None:
    """Print how much dearer the greedy way to the same level is."""
    dearer = []
    for firm, plan in pairs:
        cost = _greedy_cost(firm, plan.goal)
        if cost is not None and plan.money.ownership:
            dearer.append(cost / plan.money.ownership)
    if dearer:
        print(
            f"    the greedy plan (best score per cost first, until the level is reached) costs "
            f"{statistics.median(dearer):.2f} times as much (median of {len(dearer)})"
        )


def _greedy_cost(firm: Firm, goal: Goal) -> int | None:
    """Return the cost of the first measures of the greedy plan that reach the level; None where they never do."""
    planner = _planner(firm, replace(goal, level=None))
    names = [planner.network.choices[number].id for number in greedy_starts(planner.network, planner.goal)]
    for count in range(1, len(names) + 1):
        if standing(after(planner.start, planner.catalogue, names[:count]))[0] >= (goal.level or 0):
            starts = dict.fromkeys(names[:count], 1)
            long = replace(planner.goal, quarters=20)
            states = timeline(planner.start, planner.catalogue, planner.terms, long, starts)
            return money(planner.terms, long, starts, states).ownership
    return None


def with_calendar(found: Sequence[Firm]) -> None:
    """Question (c): when the first plan is there, and how far from the best it can be."""
    firsts, gaps, times, gains = [], [], [], []
    for firm in found:
        began = time.perf_counter()
        planner = _planner(firm, CALENDAR, Limits(seconds=SECONDS, gap=0.01))
        starts = greedy_starts(planner.network, planner.goal)
        firsts.append(time.perf_counter() - began)
        plain = worth(planner, starts)
        now = worth(planner, {})
        plan = planner.plan("steady")
        gap = plan.proof.gap if plan.proof.gap is not None else 1.0
        gaps.append(gap)
        times.append(plan.proof.seconds if gap <= 0.0101 else float("inf"))  # the gap is cut after its digits
        gains.append((plan.proof.objective - now) / max(1, plain - now))
    print(
        f"(c) value over {QUARTERS} quarters with cash, staff and running costs limited: {len(found)} firms"
    )
    print(f"    a feasible plan after {max(firsts):.2f} s at most; limit 1 s")
    middle = statistics.median(times)
    within = "not within 10 s" if middle == float("inf") else f"{middle:.1f} s"
    print(
        f"    gap after at most {SECONDS:g} s: median {statistics.median(gaps):.2%}, worst {max(gaps):.2%}; "
        f"a gap of 1 %: median {within}, {sum(item <= SECONDS for item in times)} of {len(times)} firms; limit 10 s"
    )
    print(f"    points gained over time: {statistics.median(gains):.2f} times the greedy plan's (median)")


def strengthened(found: Sequence[Firm]) -> None:
    """What each strengthening brings: time to a gap of 1 %, and the gap after 10 s."""
    print("    what each step brings (time to 1 % or 10 s, gap then; one line a firm):")
    for firm in found:
        for name, answer in _variants(firm):
            print(f"      {name:<44} {answer[0]:5.1f} s  {answer[1]:.2%}")


def _variants(firm: Firm) -> list[tuple[str, tuple[float, float]]]:
    catalogue, prices = _world()
    planner = _planner(firm, CALENDAR, Limits(seconds=SECONDS, gap=0.01))
    whole = network_of(firm, catalogue, prices, focus=["score"] if "score" in firm.program.position else None)
    ours = planner.network
    found = [
        ("plain model, every measure", _solved(PlanModel(whole, CALENDAR, scored=range(1, QUARTERS + 1)))),
        ("without what cannot matter", _solved(PlanModel(ours, CALENDAR, scored=range(1, QUARTERS + 1)))),
    ]
    model = PlanModel(ours, CALENDAR, scored=range(1, QUARTERS + 1))
    model.add_cuts()
    found.append(("and rows that cut off fractions", _solved(model)))
    model = PlanModel(ours, CALENDAR, scored=range(1, QUARTERS + 1))
    model.add_cuts()
    found.append(("and no new beginnings", _solved(model, restarts=False)))
    plan = planner.plan("steady")
    gap = plan.proof.gap if plan.proof.gap is not None else 1.0
    found.append(("and the greedy plan to begin with (as used)", (plan.proof.seconds, gap)))
    return found


def _solved(model: PlanModel, *, restarts: bool = True, backend: str = "highs") -> tuple[float, float]:
    objective = summed([model.score(quarter) for quarter in range(1, QUARTERS + 1)])
    answer = solve(
        model.model,
        objective,
        limits=Limits(seconds=SECONDS, gap=0.01, restarts=restarts),
        maximise=True,
        backend=backend,  # type: ignore[arg-type]
    )
    return answer.seconds, 1.0 if answer.gap is None else answer.gap


def solvers(found: Sequence[Firm]) -> None:
    """HiGHS beside CP-SAT on the same models."""
    for firm in found[:1]:
        model = PlanModel(_planner(firm, CALENDAR).network, CALENDAR, scored=range(1, QUARTERS + 1))
        for backend in ("highs", "cp-sat"):
            seconds, gap = _solved(model, backend=backend)
            print(f"    {backend:<7} on (c), one thread: {seconds:5.1f} s  gap {gap:.2%}")


@cache
def _drawn(count: int) -> list[Firm]:
    return firms(count, FIRM_SEED)


def batch(count: int) -> None:
    """Question (a) for many firms in one batch with two processes."""
    chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    _drawn(count)  # before the processes begin, so that they share it
    began = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        results = list(pool.map(_share, [(part, count) for part in chunks]))
    wall = time.perf_counter() - began
    proven = sum(item[0] for item in results)
    share = sum(item[1] for item in results) / sum(item[2] for item in results)
    memory = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(
        f"{count:,} firms, question (a), 2 processes: {count / wall:.1f} firms a second, {proven:,} plans proven; "
        f"solver time / all time {share:.2f} (aim 0.8); peak memory of a process {memory / 1024:.0f} MiB"
    )


def _share(given: tuple[range, int]) -> tuple[int, float, float]:
    numbers, count = given
    began = time.perf_counter()
    proven, solver = 0, 0.0
    for firm in _drawn(count)[numbers.start : numbers.stop]:
        try:
            plan = _planner(firm, _next_level(firm)).plan("cheapest")
        except NoPlanError:
            continue
        proven += plan.proof.status == "optimal"
        solver += plan.proof.seconds
    return proven, solver, time.perf_counter() - began


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
