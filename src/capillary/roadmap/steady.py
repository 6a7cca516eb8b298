"""The plan that is worth most all along: points gained, summed over the quarters in which the firm has them.

This is the large model: every quarter's score counts. A first plan comes from the greedy planner within milliseconds. The
solver begins with it, makes it better, and gives the bound that tells how far from the best the plan can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.roadmap.calendar import PlanModel
from capillary.roadmap.greedy import greedy_starts
from capillary.roadmap.network import after
from capillary.roadmap.planner import NoPlanError, Proof, TimeUpError
from capillary.roadmap.timeline import standing, timeline
from capillary.scoring.linear import Quantity, summed
from capillary.scoring.solver import solve, whole_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.roadmap.planner import Plan, Planner
    from capillary.scoring.solver import Answer, Status


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
    return search.proven(search.first())


@dataclass
class _Search:
    planner: Planner
    used: float = 0.0
    best: int = 0

    def model(self) -> tuple[PlanModel, Quantity]:
        goal = self.planner.goal
        model = PlanModel(self.planner.network, goal, scored=range(1, goal.quarters + 1))
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

    def proven(self, starts: dict[int, int]) -> Plan:
        """Return the best plan with its bound, from the whole model."""
        planner = self.planner
        self.best = worth(planner, starts)
        self._tell(None)
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
