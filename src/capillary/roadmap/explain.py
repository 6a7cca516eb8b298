"""Why each measure is in a plan: what it changes, what it makes possible, and what leaving it out would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.exact import tidy
from capillary.roadmap.network import after
from capillary.roadmap.planner import NoPlanError, TimeUpError
from capillary.roadmap.robustness import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.roadmap.firm import Firm
    from capillary.roadmap.planner import Plan, Planner


@dataclass(frozen=True)
class AnswerChange:
    """An answer that becomes better: the field, its keys before and after, and the points that its question gains."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    points: Fraction


@dataclass(frozen=True)
class Rise:
    """A capability that rises."""

    capability: str
    before: int
    after: int


@dataclass(frozen=True)
class Why:
    """What a measure does in its plan, at the moment when it is complete.

    Attributes:
        answers: answers that it changes.
        capabilities: capabilities that it raises.
        unlocks: measures of the plan that could not be done without it.
    """

    answers: tuple[AnswerChange, ...]
    capabilities: tuple[Rise, ...]
    unlocks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "answers": [
                {
                    "field": item.field,
                    "from": list(item.before),
                    "to": list(item.after),
                    "points": tidy(item.points),
                }
                for item in self.answers
            ],
            "capabilities": [
                {"capability": item.capability, "from": item.before, "to": item.after}
                for item in self.capabilities
            ],
            "unlocks": list(self.unlocks),
        }


@dataclass(frozen=True)
class Without:
    """What the best plan without a measure costs more; not possible where there is none."""

    possible: bool
    ownership: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"possible": self.possible, "ownership": self.ownership}


def reasons(plan: Plan, planner: Planner) -> dict[str, Why]:
    """Return for each measure of a plan why it is in."""
    network = planner.network
    inside = {network.index[step.measure] for step in plan.steps}
    found: dict[str, Why] = {}
    done: list[str] = []
    firm = planner.start
    for name in order_of(plan, network):
        done.append(name)
        later = after(planner.start, planner.catalogue, done)
        number = network.index[name]
        unlocks = tuple(
            network.choices[other].id
            for other in sorted(inside)
            if any(makers & inside == {number} for makers in network.choices[other].needs)
        )
        found[name] = Why(_answers(firm, later), _rises(firm, later), unlocks)
        firm = later
    return found


def _answers(before: Firm, later: Firm) -> tuple[AnswerChange, ...]:
    program = before.program
    codes = [np.array(pair) for pair in zip(before.codes, later.codes, strict=True)]
    values = program.run(codes)
    changed: list[AnswerChange] = []
    counted: set[str] = set()
    for field, old, new in zip(program.fields, before.codes, later.codes, strict=True):
        if old == new:
            continue
        node = program.position.get(field.question)
        gained = Fraction(0)
        if node is not None and field.question not in counted:
            low, high = (int(value) for value in values[node])
            gained = program.in_points(node, high - low)
            counted.add(field.question)
        changed.append(AnswerChange(field.id, field.chosen(old), field.chosen(new), gained))
    return tuple(changed)


def _rises(before: Firm, later: Firm) -> tuple[Rise, ...]:
    return tuple(
        Rise(name, before.levels.get(name, 0), level)
        for name, level in later.levels.items()
        if level > before.levels.get(name, 0)
    )


def without(plan: Plan, planner: Planner, names: Sequence[str]) -> dict[str, Without]:
    """Return what leaving out each of some measures would cost, by planning again without it.

    Args:
        plan: a plan of the planner's goal, or of its goal with a level.
        planner: the planner that made it; its time limit holds for each attempt.
        names: which measures.
    """
    found: dict[str, Without] = {}
    for name in names:
        goal = replace(plan.goal, excluded=plan.goal.excluded | {name}, pinned=plan.goal.pinned - {name})
        try:
            other = replace(planner, goal=goal, progress=None).plan(plan.aim)
        except NoPlanError:
            found[name] = Without(possible=False, ownership=None)
        except TimeUpError:
            continue
        else:
            found[name] = Without(possible=True, ownership=other.money.ownership - plan.money.ownership)
    return found
