"""The plan that is worth most all along: points gained, summed over the quarters in which the firm has them.

This is the large model: every quarter's score counts. A first plan comes from the greedy planner. It is then made better by
solving the model again and again with most measures held where they are, and only a part of them free: such parts are solved
in a fraction of a second. The whole model at last gives the bound that tells how far from the best the plan can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from capillary.roadmap.calendar import PlanModel
from capillary.roadmap.greedy import greedy_starts
from capillary.roadmap.network import after
from capillary.roadmap.planner import NoPlanError, Proof, TimeUpError
from capillary.roadmap.solver import solve, whole_bound
from capillary.roadmap.timeline import standing, timeline
from capillary.scoring.linear import Quantity, summed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.roadmap.planner import Plan, Planner
    from capillary.roadmap.solver import Answer, Status

PART_SHARE = 0.12  # of the time, for making the first plan better
PART_SECONDS = 1.0
FREE_SHARE = 0.35  # of the measures, in each part
GIVE_UP = 8  # parts in a row that bring nothing


def worth(planner: Planner, starts: Mapping[int, int]) -> int:
    """Return what a plan is worth: its scores at the end of each quarter, summed, in the program's units."""
    names = {planner.network.choices[number].id: start for number, start in starts.items()}
    program = planner.firm.program
    unit = program.nodes[program.score].unit
    states = timeline(planner.start, planner.catalogue, planner.terms, planner.goal, names)
    return sum(int(state.score * unit) for state in states[1:])


def steady_plan(planner: Planner) -> Plan:
    """Return the plan that is worth most, with the gap to the bound.

    Raises:
        NoPlanError: the pinned measures or the level cannot be had within the limits.
        TimeUpError: no plan was found in time.
    """
    search = _Search(planner)
    starts = search.first()
    starts = search.better(starts)
    return search.proven(starts)


@dataclass
class _Search:
    planner: Planner
    used: float = 0.0
    best: int = 0

    def model(self, held: Mapping[int, int | None] | None = None) -> tuple[PlanModel, Quantity]:
        goal = self.planner.goal
        model = PlanModel(self.planner.network, goal, scored=range(1, goal.quarters + 1), held=held or {})
        if goal.level is not None:
            model.demand_level(goal.level)
        return model, summed([model.score(quarter) for quarter in range(1, goal.quarters + 1)])

    def first(self) -> dict[int, int]:
        """Return the greedy plan, or some plan where the greedy one misses a demand."""
        goal, network = self.planner.goal, self.planner.network
        starts = greedy_starts(network, goal)
        names = [network.choices[number].id for number in starts]
        level = standing(after(self.planner.start, self.planner.catalogue, names))[0]
        if (goal.level is None or level >= goal.level) and goal.pinned <= {*names, *goal.have}:
            return starts
        plan = self.planner.any_plan()
        self.used += plan.proof.seconds
        return {network.index[name]: start for name, start in plan.starts.items()}

    def better(self, starts: dict[int, int]) -> dict[int, int]:
        """Make a plan better part by part."""
        limits = self.planner.limits
        dice = np.random.default_rng(limits.seed)
        self.best = worth(self.planner, starts)
        idle = 0
        while self.used < limits.seconds * PART_SHARE and idle < GIVE_UP:
            free = self._part(dice)
            held = {
                number: starts.get(number)
                for number in range(len(self.planner.network.choices))
                if number not in free
            }
            model, objective = self.model(held)
            part = replace(limits, seconds=PART_SECONDS, gap=0.001)
            answer = solve(model.model, objective, limits=part, maximise=True, warm=model.hint(starts))
            self.used += answer.seconds
            idle += 1
            if answer.values is not None:
                found = model.starts(answer.values)
                value = worth(self.planner, found)
                if value > self.best:
                    self.best, starts, idle = value, found, 0
                    self._tell(None)
        return starts

    def _part(self, dice: np.random.Generator) -> set[int]:
        """Return the choices of a part: some capabilities with everything that raises them, or measures at random."""
        choices = self.planner.network.choices
        size = max(1, int(len(choices) * FREE_SHARE))
        if dice.random() < 0.3:
            return set(dice.permutation(len(choices))[:size].tolist())
        ladders = sorted({item.capability for choice in choices for item in choice.measure.raises})
        free: set[int] = set()
        for name in dice.permutation(ladders).tolist():
            free |= {
                number
                for number, choice in enumerate(choices)
                if any(item.capability == name for item in choice.measure.raises)
            }
            if len(free) >= size:
                break
        return free

    def proven(self, starts: dict[int, int]) -> Plan:
        """Return the best plan with its bound, from the whole model."""
        planner = self.planner
        model, objective = self.model()
        model.add_cuts()
        left = max(0.5, planner.limits.seconds - self.used)
        limits = replace(planner.limits, seconds=left, restarts=False)
        answer = solve(
            model.model,
            objective,
            limits=limits,
            maximise=True,
            warm=model.hint(starts),
            progress=planner.progress,
        )
        self.used += answer.seconds
        if answer.status == "infeasible":
            raise NoPlanError
        if answer.values is not None:
            found = model.starts(answer.values)
            value = worth(planner, found)
            if value > self.best:
                self.best, starts = value, found
        if not starts and answer.values is None:
            raise TimeUpError
        names = {planner.network.choices[number].id: start for number, start in starts.items()}
        return planner.finished("steady", planner.goal, names, self._proof(answer))

    def _proof(self, answer: Answer) -> Proof:
        bound = None if answer.bound is None else whole_bound(answer.bound, maximise=True)
        gap = None if bound is None else max(0.0, (bound - self.best) / max(1, self.best))
        status: Status = "optimal" if gap is not None and gap <= self.planner.limits.gap else "feasible"
        return Proof(status, self.best, None if bound is None else float(bound), gap, self.used)

    def _tell(self, bound: float | None) -> None:
        if self.planner.progress is not None:
            self.planner.progress(self.best, bound)
