"""Shortest schedules of activities that share staff: the resource-constrained project scheduling problem.

Activities wait for their predecessors and take a share of renewable resources while they last; the project should end as early
as possible. A serial schedule gives a first plan, the longest chain and the work that each resource has to do give a bound, and
CP-SAT closes what lies between. Kolisch and Sprecher, PSPLIB, 1997, published instances with which anyone can check this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from capillary.roadmap.schedule_check import check_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Activity:
    """Something to be done without interruption.

    Attributes:
        duration: in units of time; 0 for a milestone.
        successors: activities that begin when it has ended, or later.
        demands: what it takes of each resource while it lasts.
    """

    id: int
    duration: int
    successors: tuple[int, ...]
    demands: tuple[int, ...]


@dataclass(frozen=True)
class Project:
    """Activities without a circle among them, none of which takes more than there is.

    Attributes:
        capacities: how much of each resource there is in every unit of time.
    """

    name: str
    activities: tuple[Activity, ...]
    capacities: tuple[int, ...]

    @cached_property
    def by_id(self) -> Mapping[int, Activity]:
        """Activities by their id."""
        return {item.id: item for item in self.activities}

    @cached_property
    def before(self) -> Mapping[int, frozenset[int]]:
        """Direct predecessors of each activity."""
        found: dict[int, set[int]] = {item.id: set() for item in self.activities}
        for item in self.activities:
            for other in item.successors:
                found[other].add(item.id)
        return {name: frozenset(others) for name, others in found.items()}

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Activities so that each stands behind its predecessors."""
        return tuple(TopologicalSorter(self.before).static_order())


@dataclass(frozen=True)
class Schedule:
    """When each activity begins.

    Attributes:
        starts: by activity, from 0.
        makespan: when the last one has ended.
        bound: no schedule is shorter.
        seconds: time inside the solver.
    """

    starts: Mapping[int, int]
    makespan: int
    bound: int
    seconds: float

    @property
    def proven(self) -> bool:
        """Whether no shorter schedule exists."""
        return self.makespan == self.bound


def schedule(project: Project, seconds: float = 30.0, seed: int = 0) -> Schedule:
    """Return the shortest schedule that was found, with the bound that was proven.

    Args:
        project: what is to be done.
        seconds: the longest time for the solver; the best schedule so far is returned when it is up.
        seed: of the solver's random choices.

    Raises:
        BrokenScheduleError: the schedule breaks a demand; this is a mistake in the product.
    """
    first = min(
        (_serial(project, rule) for rule in _rules(project)), key=lambda found: _length(project, found)
    )
    least = max(_longest_chain(project), _most_work(project))
    length = _length(project, first)
    found = (
        Schedule(first, length, least, 0.0)
        if length == least
        else _closed(project, first, least, seconds, seed)
    )
    check_schedule(project, found.starts, found.makespan)
    return found


def _length(project: Project, starts: Mapping[int, int]) -> int:
    return max((start + project.by_id[name].duration for name, start in starts.items()), default=0)


# --- bounds ----------------------------------------------------------------------------------------------------------


def _heads(project: Project) -> dict[int, int]:
    """Return when each activity can begin at the earliest, by its chains alone."""
    heads: dict[int, int] = {}
    for name in project.order:
        heads[name] = max(
            (heads[other] + project.by_id[other].duration for other in project.before[name]), default=0
        )
    return heads


def _tails(project: Project) -> dict[int, int]:
    """Return how long the longest chain behind each activity takes."""
    tails: dict[int, int] = {}
    for name in reversed(project.order):
        tails[name] = max(
            (tails[other] + project.by_id[other].duration for other in project.by_id[name].successors),
            default=0,
        )
    return tails


def _longest_chain(project: Project) -> int:
    heads, tails = _heads(project), _tails(project)
    return max((heads[item.id] + item.duration + tails[item.id] for item in project.activities), default=0)


def _most_work(project: Project) -> int:
    """Return the time that the busiest resource needs for all its work."""
    return max(
        (
            -(-sum(item.duration * item.demands[place] for item in project.activities) // capacity)
            for place, capacity in enumerate(project.capacities)
            if capacity
        ),
        default=0,
    )


# --- a first schedule ------------------------------------------------------------------------------------------------


def _rules(project: Project) -> list[Callable[[int], tuple[int, ...]]]:
    """Return rules by which an activity comes first: small values first.

    The latest beginning, the longest chain behind, and the most successors: the rules that did best in Kolisch's comparison
    (European Journal of Operational Research 90, 1996).
    """
    heads, tails = _heads(project), _tails(project)
    behind: dict[int, frozenset[int]] = {}
    for name in reversed(project.order):
        after = project.by_id[name].successors
        behind[name] = frozenset(after).union(*(behind[other] for other in after))
    return [
        lambda name: (-tails[name] - project.by_id[name].duration, name),
        lambda name: (-tails[name], name),
        lambda name: (-len(behind[name]), name),
        lambda name: (heads[name] - tails[name], name),
    ]


def _serial(project: Project, rule: Callable[[int], tuple[int, ...]]) -> dict[int, int]:
    """Return the schedule that puts one activity after the other into the earliest place where it fits."""
    starts: dict[int, int] = {}
    taken: list[list[int]] = []
    waiting = set(project.by_id)
    while waiting:
        ready = [name for name in waiting if project.before[name] <= starts.keys()]
        item = project.by_id[min(ready, key=rule)]
        begin = max(
            (starts[other] + project.by_id[other].duration for other in project.before[item.id]), default=0
        )
        while not _fits(project, item, begin, taken):
            begin += 1
        taken.extend([0] * len(project.capacities) for _ in range(begin + item.duration - len(taken)))
        for moment in range(begin, begin + item.duration):
            taken[moment] = [used + more for used, more in zip(taken[moment], item.demands, strict=True)]
        starts[item.id] = begin
        waiting.discard(item.id)
    return starts


def _fits(project: Project, item: Activity, begin: int, taken: Sequence[Sequence[int]]) -> bool:
    return all(
        used + more <= most
        for moment in range(begin, min(begin + item.duration, len(taken)))
        for used, more, most in zip(taken[moment], item.demands, project.capacities, strict=True)
    )


# --- the proof -------------------------------------------------------------------------------------------------------


def _closed(project: Project, first: Mapping[int, int], least: int, seconds: float, seed: int) -> Schedule:
    """Return the best schedule that CP-SAT finds, beginning with a first one."""
    from ortools.sat.python import cp_model

    most = _length(project, first)
    heads, tails = _heads(project), _tails(project)
    model = cp_model.CpModel()
    starts = {
        item.id: model.new_int_var(heads[item.id], most - tails[item.id] - item.duration, "")
        for item in project.activities
    }
    end = model.new_int_var(least, most, "")
    lasting = {
        item.id: model.new_fixed_size_interval_var(starts[item.id], item.duration, "")
        for item in project.activities
    }
    for item in project.activities:
        model.add(starts[item.id] + item.duration + tails[item.id] <= end)
        for other in item.successors:
            model.add(starts[item.id] + item.duration <= starts[other])
        model.add_hint(starts[item.id], first[item.id])
    for place, capacity in enumerate(project.capacities):
        busy = [item for item in project.activities if item.demands[place] and item.duration]
        model.add_cumulative(
            [lasting[item.id] for item in busy], [item.demands[place] for item in busy], capacity
        )
    model.add_hint(end, most)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    # Its relaxations are of no use here: without them the hardest of 240 instances took half the time, and one more was proven.
    solver.parameters.linearization_level = 0
    state = solver.solve(model)
    spent = float(solver.wall_time)
    if state not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Schedule(first, most, least, spent)
    found = {name: int(solver.value(variable)) for name, variable in starts.items()}
    bound = max(least, round(solver.best_objective_bound))
    return Schedule(found, _length(project, found), bound, spent)
