"""The plan as a model: which measures begin in which quarter, and what follows from it.

For every choice and quarter there is one variable, "begins in this quarter"; "has begun by the end of this quarter" is
their sum, and everything else is read off these sums: what is complete, what is paid, whose hours are taken. A need
becomes one row a quarter that says "begun by now only if one of those that meet it is complete by then". A quarter
before everything that it needs could be complete is left out, and so are variables that cannot differ from others. What
each of these brought is measured in ``make bench`` and told in ``docs/decisions/017-roadmap-model.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from capillary.model.measure import ROLES
from capillary.roadmap.goal import RISK_WEIGHT
from capillary.roadmap.presolve import same_work
from capillary.scoring.constraints import constraints
from capillary.scoring.linear import LinearModel, Quantity, known, summed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.measure import SpendCategory, StaffRole
    from capillary.roadmap.firm import Terms
    from capillary.roadmap.goal import Goal, Subsidy
    from capillary.roadmap.network import Choice, Fact, Makers, Network

NEVER = 10**6
LARGEST_CUT = 4


def ownership_cost(terms: Terms, goal: Goal) -> int:
    """Return what a measure costs over the years of operation that are counted: one-off, and running costs at present value."""
    factor = sum((1 + goal.discount / 100) ** -year for year in range(1, goal.years + 1))
    return terms.one_off[1] + round(terms.yearly[1] * factor)


def running_a_quarter(terms: Terms) -> int:
    """Return the running cost of a quarter, rounded up."""
    return ceil(terms.yearly[1] / 4)


@dataclass(frozen=True)
class Window:
    """When a choice may begin: from ``first`` to ``last``, quarters from 1; never where last is before first."""

    first: int
    last: int


def windows(network: Network, goal: Goal) -> tuple[Window, ...]:
    """Return when each choice can begin at the earliest, by its needs alone, and at the latest, to be complete in time."""
    choices = network.choices
    fixed = {
        network.index[name]: quarter for name, quarter in goal.contracted.items() if name in network.index
    }
    first = [fixed.get(number, 1) for number in range(len(choices))]
    changed = True
    while changed:
        changed = False
        for number, choice in enumerate(choices):
            if number in fixed:
                continue
            least = max((_need_first(choice, makers, choices, first) for makers in choice.needs), default=1)
            if least > first[number]:
                first[number] = min(least, NEVER)
                changed = first[number] < NEVER or changed
    return tuple(
        Window(first[number], fixed.get(number, goal.quarters - choice.terms.quarters + 1))
        for number, choice in enumerate(choices)
    )


def _need_first(choice: Choice, makers: Makers, choices: Sequence[Choice], first: Sequence[int]) -> int:
    """Return the first quarter in which a choice may begin as far as one need goes."""
    return min(
        (first[maker] + lag(choice, maker, choices) for maker in makers),
        default=NEVER,
    )


def lag(choice: Choice, maker: int, choices: Sequence[Choice]) -> int:
    """Return how many quarters after a maker has begun a choice that needs it may begin."""
    return choices[maker].terms.quarters - (1 if maker in choice.same_quarter else 0)


class PlanModel:
    """Variables and rows of a plan.

    Args:
        network: what can be chosen.
        goal: the limits; its level is demanded by `demand_level`, not here.
        scored: the quarters at whose end the standard is read; the last one by default.
    """

    def __init__(
        self,
        network: Network,
        goal: Goal,
        *,
        scored: Sequence[int] | None = None,
    ) -> None:
        self.network = network
        self.goal = goal
        self.model = LinearModel()
        self.windows = windows(network, goal)
        self._either: dict[tuple[Makers, int], Quantity] = {}
        self.begun = [self._begun(number) for number in range(len(network.choices))]
        self._add_needs()
        self._add_exclusions()
        self._add_pins()
        wanted = self._wanted()
        self.nodes = {
            quarter: constraints(network.firm.program, self.model, self._answers(quarter), wanted)
            for quarter in scored or (goal.quarters,)
        }
        self.subsidy = self._subsidy()
        self._add_money()
        self._add_hours()

    def _wanted(self) -> list[str]:
        scoring = self.network.firm.program.standard.file.scoring
        names = [scoring.score, *([scoring.level] if scoring.level else [])]
        return [name for name in names if name in self.network.firm.program.position]

    def _begun(self, number: int) -> list[Quantity]:
        """Return for each quarter from 0 whether a choice has begun by its end."""
        choice, window = self.network.choices[number], self.windows[number]
        fixed = self.goal.contracted.get(choice.id, NEVER)
        is_fixed = choice.id in self.goal.contracted
        found: list[Quantity] = []
        for quarter in range(self.goal.quarters + 1):
            if is_fixed:
                found.append(known(int(fixed is not None and quarter >= fixed)))
            elif quarter < window.first or window.last < window.first:
                found.append(known(0))
            elif quarter > window.last:
                found.append(found[-1])
            else:
                starts = self.model.flag(f"{choice.id} in {quarter}")
                whole = summed([found[-1], starts])
                found.append(Quantity(whole.constant, whole.terms, 0, 1))
        if not is_fixed and window.first < window.last:
            self.model.at_most(found[-1], known(1))
        return found

    def begun_by(self, number: int, quarter: int) -> Quantity:
        """Return whether a choice has begun by the end of a quarter; nothing has before the first."""
        return self.begun[number][quarter] if quarter > 0 else known(0)

    def complete_by(self, number: int, quarter: int) -> Quantity:
        """Return whether a choice is complete by the end of a quarter."""
        return self.begun_by(number, quarter - self.network.choices[number].terms.quarters + 1)

    def chosen(self, number: int) -> Quantity:
        """Return whether a choice is in the plan."""
        return self.begun[number][-1]

    def _add_needs(self) -> None:
        choices = self.network.choices
        for number, choice in enumerate(choices):
            if choice.id in self.goal.contracted:
                continue
            window = self.windows[number]
            for makers in choice.needs:
                for quarter in range(window.first, window.last + 1):
                    ready = [self.begun_by(maker, quarter - lag(choice, maker, choices)) for maker in makers]
                    self.model.at_most(self.begun[number][quarter], summed(ready))

    def _add_exclusions(self) -> None:
        for number, choice in enumerate(self.network.choices):
            for other in choice.excludes:
                if number < other:
                    self.model.at_most(summed([self.chosen(number), self.chosen(other)]), known(1))

    def add_cuts(self) -> None:
        """Add rows that no best plan breaks: they change nothing but how quickly a solver sees what is best."""
        fixed = self.goal.pinned | set(self.goal.contracted)
        for group in same_work(self.network):
            free = [self.chosen(number) for number in group if self.network.choices[number].id not in fixed]
            if len(free) > 1:
                self.model.at_most(summed(free), known(1))
        for quarter in range(1, self.goal.quarters + 1):
            if self.goal.cash is not None:
                self._round_down(self._begin_parts(quarter), self.goal.cash)
                self._round_down(
                    [
                        (choice.terms.one_off[1], self.begun_by(number, quarter))
                        for number, choice in self._priced()
                        if choice.terms.one_off[1]
                    ],
                    self.goal.cash * quarter,
                )
            for role, most in self.goal.hours.items():
                self._round_down(self._hour_parts(role, quarter), most)

    def _round_down(self, parts: Sequence[tuple[int, Quantity]], most: int) -> None:
        """Add rounded forms of ``sum of weight * part <= most``: at most k of those that each take more than 1/(k+1) of it.

        These are Chvatal-Gomory cuts: the row divided by ``(most + 1) / (k + 1)`` and rounded down.
        """
        for count in range(1, LARGEST_CUT + 1):
            counted = [(weight * (count + 1) // (most + 1), part) for weight, part in parts]
            large = [part.scaled(factor) for factor, part in counted if factor]
            if len(large) > count:
                self.model.at_most(summed(large), known(count))

    def _begin_parts(self, quarter: int) -> list[tuple[int, Quantity]]:
        return [
            (
                choice.terms.one_off[1],
                minus(self.begun_by(number, quarter), self.begun_by(number, quarter - 1)),
            )
            for number, choice in self._priced()
            if choice.terms.one_off[1]
        ]

    def _hour_parts(self, role: StaffRole, quarter: int) -> list[tuple[int, Quantity]]:
        place = ROLES.index(role)
        return [
            (
                choice.terms.hours_a_quarter()[place],
                minus(self.begun_by(number, quarter), self.begun_by(number, quarter - choice.terms.quarters)),
            )
            for number, choice in self._priced()
            if choice.terms.hours[place]
        ]

    def _add_pins(self) -> None:
        for number, choice in enumerate(self.network.choices):
            if choice.id in self.goal.pinned:
                self.model.at_most(known(1), self.chosen(number))

    def _answers(self, quarter: int) -> list[tuple[Quantity, ...]]:
        return [tuple(self._all_true(facts, quarter) for facts in steps) for steps in self.network.answers]

    def _all_true(self, facts: Sequence[Fact], quarter: int) -> Quantity:
        if not facts:
            return known(1)
        return self.model.least_of([self.fact(fact, quarter) for fact in facts], "all")

    def fact(self, fact: Fact, quarter: int) -> Quantity:
        """Return whether a fact is true by the end of a quarter; equal facts share a variable."""
        if isinstance(fact, bool):
            return known(int(fact))
        key = (fact, quarter)
        if key not in self._either:
            ways = [self.complete_by(maker, quarter) for maker in sorted(fact)]
            open_ways = [way for way in ways if way.high]
            if not open_ways:
                self._either[key] = known(0)
            elif len(open_ways) == 1 or any(way.fixed for way in open_ways):
                self._either[key] = next((way for way in open_ways if way.fixed), open_ways[0])
            else:
                either = self.model.flag(f"any of {sorted(fact)} by {quarter}", whole=False)
                self.model.at_most(either, summed(open_ways))
                self._either[key] = either
        return self._either[key]

    def level(self, quarter: int | None = None) -> Quantity:
        """Return the level at the end of a scored quarter."""
        name = self.network.firm.program.standard.file.scoring.level
        nodes = self.nodes[quarter or self.goal.quarters]
        return nodes[name] if name in nodes else known(0)

    def score(self, quarter: int | None = None) -> Quantity:
        """Return the score at the end of a scored quarter, in the program's units."""
        name = self.network.firm.program.standard.file.scoring.score
        return self.nodes[quarter or self.goal.quarters][name]

    def demand_level(self, level: int, quarter: int | None = None) -> None:
        """Demand that a level is reached at the end of a scored quarter."""
        self.model.at_most(known(level), self.level(quarter))

    def one_off(self) -> Quantity:
        """Return all one-off costs."""
        return summed(
            [self.chosen(number).scaled(choice.terms.one_off[1]) for number, choice in self._priced()]
        )

    def ownership(self) -> Quantity:
        """Return one-off costs and running costs of the years that are counted, less subsidies."""
        costs = [
            self.chosen(number).scaled(ownership_cost(choice.terms, self.goal))
            for number, choice in self._priced()
        ]
        return minus(summed(costs), self.subsidy)

    def risk(self) -> Quantity:
        """Return the weight of the risky measures in the plan."""
        return summed(
            [
                self.chosen(number).scaled(RISK_WEIGHT[choice.measure.risk])
                for number, choice in self._priced()
            ]
        )

    def lateness(self, numbers: Sequence[int] | None = None) -> Quantity:
        """Return how many quarters, summed over all measures of the plan (or some choices), lie before their beginning."""
        wanted = range(len(self.network.choices)) if numbers is None else numbers
        return summed(
            [
                minus(self.chosen(number), self.begun[number][quarter])
                for number in wanted
                for quarter in range(1, self.goal.quarters)
            ]
        )

    def count(self) -> Quantity:
        """Return how many measures are in the plan."""
        return summed([self.chosen(number) for number, _ in self._priced()])

    def _priced(self) -> list[tuple[int, Choice]]:
        """Return the choices that still cost something: what is on order is paid for."""
        return [
            (number, choice)
            for number, choice in enumerate(self.network.choices)
            if choice.id not in self.goal.contracted
        ]

    def _subsidy(self) -> Quantity:
        if not self.goal.subsidies:
            return known(0)
        whole = summed([self._one_subsidy(item) for item in self.goal.subsidies])
        self.model.at_most(whole, self.one_off())
        return whole

    def _counted(self, categories: frozenset[SpendCategory] | None) -> Quantity:
        """Return the one-off costs that fall into some categories of spend."""
        return summed(
            [
                self.chosen(number).scaled(choice.terms.counted(categories))
                for number, choice in self._priced()
            ]
        )

    def _one_subsidy(self, item: Subsidy) -> Quantity:
        """Return what a subsidy pays for the spend that it counts, exact but for rounding.

        No figure of it falls from one level to the next. So it is at most the caps and bonuses of the levels that are reached;
        and for each tier at most its share with its bonus, unless the next one is reached, whose larger share then binds.
        """
        tiers, counted = item.tiers, self._counted(item.categories)
        most = tiers[-1].cap + tiers[-1].bonus
        amount = self.model.quantity(0, most, "subsidy", whole=False)
        reached = [
            self.model.reached(self.level(), tier.level, f"subsidised level {tier.level}")
            if tier.level
            else known(1)
            for tier in tiers
        ]
        before = 0
        limits, bonuses = [], []
        for tier, flag in zip(tiers, reached, strict=True):
            limits.append(flag.scaled(tier.cap + tier.bonus - before))
            before = tier.cap + tier.bonus
        self.model.at_most(amount, summed(limits))
        bonus = 0
        for number, tier in enumerate(tiers):
            bonuses.append(reached[number].scaled(tier.bonus - bonus))
            bonus = tier.bonus
            parts = [counted.scaled(tier.percent), *(part.scaled(100) for part in bonuses)]
            if number + 1 < len(tiers):
                parts.append(reached[number + 1].scaled(100 * most))
            self.model.at_most(amount.scaled(100), summed(parts))
        return amount

    def spent(self) -> Quantity:
        """Return what counts against the budget: one-off costs and one year's running costs, less subsidies."""
        costs = [
            self.chosen(number).scaled(choice.terms.one_off[1] + choice.terms.yearly[1])
            for number, choice in self._priced()
        ]
        return minus(summed(costs), self.subsidy)

    def _paid(self, quarter: int) -> Quantity:
        """Return what is paid in a quarter: one-off costs of what begins, running costs of what was complete before."""
        parts = []
        for number, choice in self._priced():
            begins = minus(self.begun_by(number, quarter), self.begun_by(number, quarter - 1))
            parts.append(begins.scaled(choice.terms.one_off[1]))
            runs = self.complete_by(number, quarter - 1)
            parts.append(runs.scaled(running_a_quarter(choice.terms)))
        return summed(parts)

    def _add_money(self) -> None:
        if self.goal.budget is not None:
            self.model.at_most(self.spent(), known(self.goal.budget))
        if self.goal.cash is not None:
            for quarter in range(1, self.goal.quarters + 1):
                self.model.at_most(self._paid(quarter), known(self.goal.cash))
        if self.goal.running is not None:
            runs = [self.chosen(number).scaled(choice.terms.yearly[1]) for number, choice in self._priced()]
            self.model.at_most(summed(runs), known(self.goal.running))

    def _add_hours(self) -> None:
        for role, most in self.goal.hours.items():
            for quarter in range(1, self.goal.quarters + 1):
                parts = [part.scaled(hours) for hours, part in self._hour_parts(role, quarter)]
                if parts:
                    self.model.at_most(summed(parts), known(most))

    def starts(self, values: Sequence[int]) -> dict[int, int]:
        """Return the quarter in which each chosen choice begins, from a solution."""
        found: dict[int, int] = {}
        for number in range(len(self.network.choices)):
            for quarter in range(1, self.goal.quarters + 1):
                if round(self.begun[number][quarter].value(values)):
                    found[number] = quarter
                    break
        return found

    def hint(self, starts: Mapping[int, int]) -> list[int]:
        """Return values of all variables for given beginnings, as a start for a solver.

        Variables that only claim something are set to what the beginnings support at most, in the order in which they were
        made; a claim that rests on later ones is left at its lower end.
        """
        values = list(self.model.lower)
        for number, begun in enumerate(self.begun):
            for quarter, quantity in enumerate(begun):
                for name in quantity.terms:
                    if name not in begun[quarter - 1].terms:
                        values[name] = int(starts.get(number) == quarter)
        beginnings = {name for begun in self.begun for quantity in begun for name in quantity.terms}
        rows_of: dict[int, list[int]] = {}
        for place, row in enumerate(self.model.rows):
            for name, _ in row.terms:
                if name not in beginnings:
                    rows_of.setdefault(name, []).append(place)
        for name in sorted(rows_of):
            values[name] = self.model.upper[name]
            values[name] = self._supported(name, rows_of[name], values)
        return values

    def _supported(self, name: int, rows: Sequence[int], values: Sequence[int]) -> int:
        """Return the largest value of a variable that the rows which limit it from above allow."""
        best = self.model.upper[name]
        for place in rows:
            row = self.model.rows[place]
            factor = dict(row.terms)[name]
            if factor <= 0 or row.high is None:
                continue
            rest = sum(other * values[item] for item, other in row.terms if item != name)
            best = min(best, (row.high - rest) // factor)
        return max(self.model.lower[name], best)


def minus(left: Quantity, right: Quantity) -> Quantity:
    """Return ``left - right`` for a right side of at most the left."""
    terms = dict(left.terms)
    for name, factor in right.terms.items():
        terms[name] = terms.get(name, 0) - factor
    return Quantity(
        left.constant - right.constant,
        {name: factor for name, factor in terms.items() if factor},
        left.low - right.high,
        left.high - right.low,
    )
