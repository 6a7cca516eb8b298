"""Why there is no plan: the smallest set of demands that cannot hold together, and what would have to give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from capillary.roadmap.calendar import PlanModel
from capillary.roadmap.goal import MOST_QUARTERS
from capillary.roadmap.planner import NoPlanError, TimeUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capillary.roadmap.goal import Goal
    from capillary.roadmap.planner import Plan, Planner

FINE = 24  # halvings when a limit is searched for; stops earlier at a hundredth


@dataclass(frozen=True)
class Demand:
    """One demand of a clash.

    Attributes:
        demand: level, date, budget, cash, running, hours.<role>, pinned or excluded.
        have: what was asked for; None where it is no number.
        needs: the least that would do if all others of the clash stay, as far as it was found; None where nothing would.
    """

    demand: str
    have: int | None
    needs: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"demand": self.demand, "have": self.have, "needs": self.needs}


@dataclass(frozen=True)
class Clash:
    """A smallest set of demands that no plan meets together; each of them could be the one to give way.

    Attributes:
        proven: whether it is proven that they clash, and that no smaller set does.
    """

    demands: tuple[Demand, ...]
    proven: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"demands": [demand.as_json() for demand in self.demands], "proven": self.proven}


def clash_of(planner: Planner) -> Clash | None:
    """Return the smallest set of demands that clash; None where there is a plan that meets them all.

    Sets are tried from the smallest on, so the first that fails has no smaller one beside it. Which limit would do is then
    searched for each of its demands while the others stay.

    Args:
        planner: with the goal that no plan meets; its time limit holds for each attempt.
    """
    names = _demands(planner.goal)
    unsure = False
    for size in range(1, len(names) + 1):
        for kept in combinations(names, size):
            found = _feasible(planner, _only(planner.goal, kept))
            unsure = unsure or found is None
            if found is False:
                demands = tuple(
                    Demand(name, _have(planner.goal, name), _needs(planner, kept, name)) for name in kept
                )
                return Clash(demands, not unsure)
    if unsure:
        return Clash(tuple(Demand(name, _have(planner.goal, name), None) for name in names), proven=False)
    return None


def _demands(goal: Goal) -> list[str]:
    names = ["level"] if goal.level is not None else []
    names.append("date")
    names += [name for name in ("budget", "cash", "running") if getattr(goal, name) is not None]
    names += [f"hours.{role}" for role in goal.hours]
    names += [name for name in ("pinned", "excluded") if getattr(goal, name)]
    return names


def _only(goal: Goal, kept: Sequence[str]) -> Goal:
    """Return the goal with these demands alone."""
    return replace(
        goal,
        level=goal.level if "level" in kept else None,
        quarters=goal.quarters if "date" in kept else MOST_QUARTERS,
        budget=goal.budget if "budget" in kept else None,
        cash=goal.cash if "cash" in kept else None,
        running=goal.running if "running" in kept else None,
        hours={role: hours for role, hours in goal.hours.items() if f"hours.{role}" in kept},
        pinned=goal.pinned if "pinned" in kept else frozenset(),
        excluded=goal.excluded if "excluded" in kept else frozenset(),
    )


def _have(goal: Goal, name: str) -> int | None:
    if name == "date":
        return goal.quarters
    if name.startswith("hours."):
        return next(hours for role, hours in goal.hours.items() if f"hours.{role}" == name)
    value = getattr(goal, name)
    return value if isinstance(value, int) else None


def _attempt(planner: Planner, goal: Goal) -> Plan:
    return replace(planner, goal=goal).any_plan()


def _feasible(planner: Planner, goal: Goal) -> bool | None:
    """Return whether a plan exists; None where the time was up."""
    try:
        _attempt(planner, goal)
    except NoPlanError:
        return False
    except TimeUpError:
        return None
    return True


def _needs(planner: Planner, kept: Sequence[str], name: str) -> int | None:
    """Return the limit of one demand at which the others of the clash can be met."""
    if name in {"pinned", "excluded"}:
        return None
    others = [item for item in kept if item != name]
    goal = _only(planner.goal, others)
    if name == "level":
        return _highest_level(planner, replace(goal, level=None))
    try:
        if name == "date":
            plan = replace(planner, goal=goal).plan("fastest")
            return plan.reached if goal.level is not None else None
        if name == "budget":
            return replace(planner, goal=goal).least(PlanModel.spent).money.spent
        plan = replace(planner, goal=goal).least(PlanModel.ownership)
    except (NoPlanError, TimeUpError):
        return None
    return _halved(planner, goal, name, _used(plan, name))


def _highest_level(planner: Planner, goal: Goal) -> int | None:
    try:
        return replace(planner, goal=goal).plan("highest").level
    except (NoPlanError, TimeUpError):
        return None


def _used(plan: Plan, name: str) -> int:
    """Return what a plan uses of a limit at most."""
    if name == "running":
        return plan.money.yearly
    if name == "cash":
        return max(state.paid for state in plan.states)
    from capillary.model.measure import ROLES

    place = [f"hours.{role}" for role in ROLES].index(name)
    return max(state.hours[place] for state in plan.states)


def _halved(planner: Planner, goal: Goal, name: str, high: int) -> int:
    """Return the least limit for which a plan was found, to about a hundredth."""
    low = _have(planner.goal, name) or 0
    for _ in range(FINE):
        if high - low <= max(1, high // 100):
            break
        middle = (low + high) // 2
        if _feasible(planner, _with(goal, name, middle)):
            high = middle
        else:
            low = middle
    return high


def _with(goal: Goal, name: str, value: int) -> Goal:
    changes: dict[str, Callable[[], Goal]] = {
        "cash": lambda: replace(goal, cash=value),
        "running": lambda: replace(goal, running=value),
    }
    if name in changes:
        return changes[name]()
    role = name.removeprefix("hours.")
    return replace(goal, hours={**goal.hours, role: value})  # type: ignore[dict-item]  # a role that the goal named
