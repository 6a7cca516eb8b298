"""The plan that a consultant would draw: again and again the measures that bring most points for their cost, at once.

It is quick, never breaks a limit, and is what the optimiser is measured against; it also gives the solver a start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from capillary.model.measure import ROLES
from capillary.roadmap.calendar import lag, ownership_cost, running_a_quarter, windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from capillary.roadmap.goal import Goal
    from capillary.roadmap.network import Network


@dataclass
class _Ledger:
    """What is taken of each limit so far, by quarter."""

    goal: Goal
    cash: list[int] = field(default_factory=list)
    hours: list[list[int]] = field(default_factory=list)
    running: int = 0
    spent: int = 0

    def __post_init__(self) -> None:
        self.cash = [0] * (self.goal.quarters + 2)
        self.hours = [[0] * len(ROLES) for _ in range(self.goal.quarters + 2)]


def greedy_starts(network: Network, goal: Goal) -> dict[int, int]:
    """Return the quarter in which each chosen choice begins, by position.

    Pinned measures and those on order come first. Then, while something still brings points and fits: the measure with the
    best ratio of points to cost, together with the cheapest measures that it still needs, each as early as the limits allow.
    """
    return _Greedy(network, goal).run()


class _Greedy:
    def __init__(self, network: Network, goal: Goal) -> None:
        self.network = network
        self.goal = goal
        self.windows = windows(network, goal)
        self.ledger = _Ledger(goal)
        self.starts: dict[int, int] = {}
        self.costs = [max(1, ownership_cost(choice.terms, goal)) for choice in network.choices]
        self.steps = _steps_made(network)

    def run(self) -> dict[int, int]:
        for name, quarter in self.goal.contracted.items():
            if name in self.network.index:
                self.starts[self.network.index[name]] = quarter
        for name in sorted(self.goal.pinned):
            if name in self.network.index and self.network.index[name] not in self.starts:
                bundle = self._bundle(self.network.index[name])
                if bundle is not None:
                    self._place(bundle)
        hopeless: set[int] = set()
        while True:
            found = self._best(hopeless)
            if found is None:
                return self.starts
            number, bundle = found
            if not self._place(bundle):
                hopeless.add(number)

    def _best(self, hopeless: set[int]) -> tuple[int, list[int]] | None:
        bundles: dict[int, list[int]] = {}
        for number in range(len(self.network.choices)):
            if number not in self.starts and number not in hopeless:
                bundle = self._bundle(number)
                if bundle is not None:
                    bundles[number] = bundle
        if not bundles:
            return None
        gains = self._gains(list(bundles.values()))
        cost = np.array([sum(self.costs[item] for item in bundle) for bundle in bundles.values()])
        worth = gains / cost
        place = int(np.argmax(worth))
        if gains[place] <= 0:
            return None
        return list(bundles.items())[place]

    def _bundle(self, number: int) -> list[int] | None:
        """Return a choice with the cheapest of what it still needs, in order; None where that is not possible."""
        order: list[int] = []
        return order if self._add(number, order, set()) else None

    def _add(self, number: int, order: list[int], open_: set[int]) -> bool:
        if number in self.starts or number in order:
            return True
        choice, window = self.network.choices[number], self.windows[number]
        if number in open_ or window.last < window.first:
            return False
        mark = len(order)
        met = all(
            makers & {*self.starts, *order}
            or any(
                self._add(maker, order, open_ | {number})
                for maker in sorted(makers, key=lambda item: self.costs[item])
            )
            for makers in choice.needs
        )
        if not met or choice.excludes & {*self.starts, *order}:
            del order[mark:]
            return False
        order.append(number)
        return True

    def _gains(self, bundles: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the points that each bundle brings now, in the score's units."""
        program = self.network.firm.program
        base = self._lifted(list(self.network.firm.codes), self.starts)
        rows = [base, *(self._lifted(list(base), bundle) for bundle in bundles)]
        values = program.run([np.array(column) for column in zip(*rows, strict=True)])
        score = values[program.score]
        return np.asarray(score[1:] - score[0])

    def _lifted(self, codes: list[int], numbers: Iterable[int]) -> list[int]:
        for number in numbers:
            for index, step, is_set in self.steps[number]:
                codes[index] = codes[index] | 1 << step if is_set else max(codes[index], step + 1)
        return codes

    def _place(self, bundle: Sequence[int]) -> bool:
        """Put a bundle into the earliest quarters that the limits allow; change nothing where it does not fit."""
        placed: dict[int, int] = {}
        for number in bundle:
            start = self._earliest(number, {**self.starts, **placed})
            if start is None:
                for other, quarter in placed.items():
                    self._book(other, quarter, -1)
                return False
            self._book(number, start, 1)
            placed[number] = start
        self.starts.update(placed)
        return True

    def _earliest(self, number: int, starts: dict[int, int]) -> int | None:
        choice, window = self.network.choices[number], self.windows[number]
        first = window.first
        for makers in choice.needs:
            ready = [
                starts[maker] + lag(choice, maker, self.network.choices)
                for maker in makers
                if maker in starts
            ]
            first = max(first, min(ready, default=window.last + 1))
        return next(
            (quarter for quarter in range(first, window.last + 1) if self._fits(number, quarter)), None
        )

    def _fits(self, number: int, quarter: int) -> bool:
        self._book(number, quarter, 1)
        goal, ledger = self.goal, self.ledger
        fits = (
            (goal.budget is None or ledger.spent <= goal.budget)
            and (goal.running is None or ledger.running <= goal.running)
            and (goal.cash is None or max(ledger.cash[1:-1]) <= goal.cash)
            and all(
                ledger.hours[when][place] <= goal.hours[role]
                for place, role in enumerate(ROLES)
                if role in goal.hours
                for when in range(1, goal.quarters + 1)
            )
        )
        self._book(number, quarter, -1)
        return fits

    def _book(self, number: int, quarter: int, sign: int) -> None:
        terms, ledger = self.network.choices[number].terms, self.ledger
        ledger.spent += sign * (terms.one_off[1] + terms.yearly[1])
        ledger.running += sign * terms.yearly[1]
        ledger.cash[quarter] += sign * terms.one_off[1]
        end = quarter + terms.quarters - 1
        for when in range(end + 1, self.goal.quarters + 1):
            ledger.cash[when] += sign * running_a_quarter(terms)
        for when in range(quarter, min(end, self.goal.quarters) + 1):
            for place, hours in enumerate(terms.hours_a_quarter()):
                ledger.hours[when][place] += sign * hours


def _steps_made(network: Network) -> list[list[tuple[int, int, bool]]]:
    """Return for each choice the steps of answers that it makes true alone: field, step, whether it is a set."""
    made: list[list[tuple[int, int, bool]]] = [[] for _ in network.choices]
    for index, (field_, steps) in enumerate(zip(network.firm.program.fields, network.answers, strict=True)):
        for step, facts in enumerate(steps):
            if len(facts) == 1 and not isinstance(facts[0], bool):
                for number in facts[0]:
                    made[number].append((index, step, field_.kind == "set"))
    return made
