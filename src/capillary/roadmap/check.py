"""An independent reader of plans: it knows measures, firm and goal, nothing of the model, and says what a plan breaks.

It works in weeks where the model works in quarters, walks through the plan from the first day, and reads the standard with the
plain evaluation. Every plan passes through it before anybody sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.model.measure import Catalogue, Measure, SpendCategory
    from capillary.model.standard import Binding, Question, Standard
    from capillary.roadmap.firm import Firm, Prices
    from capillary.roadmap.goal import Goal
    from capillary.roadmap.planner import Plan

QUARTER_WEEKS = 13
STAFF = ("owner", "shop-floor", "office", "it")


@dataclass(frozen=True)
class Breach:
    """One demand that a plan breaks.

    Attributes:
        rule: a stable name: order, exclusion, size, window, budget, cash, running, hours, level, pinned, excluded, figures.
        text: what is wrong, for developers.
    """

    rule: str
    text: str


class BrokenPlanError(Exception):
    """A plan breaks a demand; the product has a mistake and shows no such plan."""

    def __init__(self, breaches: list[Breach]) -> None:
        self.breaches = breaches
        super().__init__("; ".join(f"{item.rule}: {item.text}" for item in breaches))


def check_plan(plan: Plan, firm: Firm, catalogue: Catalogue, prices: Prices) -> None:
    """Refuse a plan that breaks anything.

    Raises:
        BrokenPlanError: it does.
    """
    found = list(breaches(plan, firm, catalogue, prices))
    if found:
        raise BrokenPlanError(found)


def breaches(plan: Plan, firm: Firm, catalogue: Catalogue, prices: Prices) -> Iterator[Breach]:
    """Yield everything that a plan breaks: of its goal, of the measures' needs, of its own figures."""
    walk = _Walk(plan, firm, catalogue, prices)
    yield from walk.order()
    yield from walk.choice()
    yield from walk.money()
    yield from walk.hours()
    yield from walk.levels()


class _Walk:
    def __init__(self, plan: Plan, firm: Firm, catalogue: Catalogue, prices: Prices) -> None:
        self.plan = plan
        self.goal: Goal = plan.goal
        self.firm = firm
        self.measures: Mapping[str, Measure] = catalogue.measures
        self.prices = prices
        self.begin = {step.measure: step.begins for step in plan.steps}
        self.end = {step.measure: step.complete for step in plan.steps}

    def order(self) -> Iterator[Breach]:
        """Walk through the plan in weeks; every measure begins when what it needs is there, within its first quarter."""
        ready: dict[str, int] = {}
        waiting = [name for name in self.begin if name not in self.goal.contracted]
        for name, quarter in self.goal.contracted.items():
            ready[name] = quarter * QUARTER_WEEKS
        while waiting:
            moved = False
            for name in list(waiting):
                week = self._earliest(name, ready)
                if week is None:
                    continue
                start = max(week, (self.begin[name] - 1) * QUARTER_WEEKS)
                end = start + self._weeks(name)
                if end <= self.end[name] * QUARTER_WEEKS:
                    ready[name] = end
                    waiting.remove(name)
                    moved = True
            if not moved:
                for name in waiting:
                    yield Breach(
                        "order", f"{name} cannot be done in quarters {self.begin[name]} to {self.end[name]}"
                    )
                return
        for name, end in self.end.items():
            if not 1 <= self.begin[name] <= end <= self.goal.quarters:
                yield Breach("window", f"{name} from {self.begin[name]} to {end}")

    def _weeks(self, name: str) -> int:
        offer = self.prices.offers.get(name)
        return self.measures[name].weeks[1] if offer is None or offer.weeks is None else offer.weeks

    def _earliest(self, name: str, ready: Mapping[str, int]) -> int | None:
        """Return the week from which everything that a measure needs is there; None while something is not known yet."""
        weeks = [0]
        measure = self.measures[name]
        wanted = [*measure.needs.capabilities.items()]
        wanted += [(item.capability, item.from_) for item in measure.raises if item.from_]
        for capability, level in wanted:
            if self._held(capability) >= level:
                continue
            ends = [
                end
                for other, end in ready.items()
                for item in self.measures[other].raises
                if other != name and item.capability == capability and item.to >= level
            ]
            if not ends:
                return None
            weeks.append(min(ends))
        for other in measure.needs.measures:
            if other in self.goal.have or (other not in self.begin and self._there(other)):
                continue
            if other not in ready:
                return None
            weeks.append(ready[other])
        return max(weeks)

    def _held(self, capability: str) -> int:
        had = [
            item.to
            for name in self.goal.have
            for item in self.measures[name].raises
            if item.capability == capability
        ]
        return max([self.firm.levels.get(capability, 0), *had])

    def _there(self, name: str) -> bool:
        """Whether the firm has everything that a measure would bring, as its answers tell."""
        measure = self.measures[name]
        standard = self.firm.program.standard.id
        if measure.fulfils and standard not in measure.fulfils:
            return False
        codes = self._codes(frozenset())
        ticked = all(
            self._ticked(codes, field, key)
            for field, keys in measure.fulfils.get(standard, {}).items()
            for key in keys
        )
        return ticked and all(self._held(item.capability) >= item.to for item in measure.raises)

    def _ticked(self, codes: list[int], field: str, key: str) -> bool:
        for item, code in zip(self.firm.program.fields, codes, strict=True):
            if item.id == field:
                place = item.keys.index(key)
                return bool(code & (1 << place)) if item.kind == "set" else code >= place
        return False

    def choice(self) -> Iterator[Breach]:
        """Yield what the choice of measures breaks."""
        names = set(self.begin)
        for name in names:
            for other in self.measures[name].excludes:
                if other in names:
                    yield Breach("exclusion", f"{name} and {other}")
            if not self._suits(name):
                yield Breach("size", name)
        for name in names & self.goal.excluded - self.goal.pinned - set(self.goal.contracted):
            yield Breach("excluded", name)
        for name in self.goal.pinned - names - self.goal.have:
            yield Breach("pinned", name)

    def _suits(self, name: str) -> bool:
        measure, heads = self.measures[name], self.firm.size.employees
        if name in self.goal.pinned or name in self.goal.contracted:
            return True
        if heads < measure.employees_from or heads > (measure.employees_to or heads):
            return False
        return not (measure.sections and self.firm.sections) or not self.firm.sections.isdisjoint(
            measure.sections
        )

    def _own(self) -> list[str]:
        return [name for name in self.begin if name not in self.goal.contracted]

    def money(self) -> Iterator[Breach]:
        """Yield what the payments break, and figures of the plan that do not add up."""
        once = {
            name: self.prices.terms(self.measures[name], self.firm.size).one_off[1] for name in self._own()
        }
        yearly = {
            name: self.prices.terms(self.measures[name], self.firm.size).yearly[1] for name in self._own()
        }
        paid = dict.fromkeys(range(1, self.goal.quarters + 1), 0)
        for name in self._own():
            paid[self.begin[name]] = paid.get(self.begin[name], 0) + once[name]
            for quarter in range(self.end[name] + 1, self.goal.quarters + 1):
                paid[quarter] += ceil(yearly[name] / 4)
        for quarter, amount in paid.items():
            if self.goal.cash is not None and amount > self.goal.cash:
                yield Breach("cash", f"{amount} in quarter {quarter}")
        if self.goal.running is not None and sum(yearly.values()) > self.goal.running:
            yield Breach("running", str(sum(yearly.values())))
        level = self._standing(self.goal.quarters)[0]
        back = 0
        for item in self.goal.subsidies:
            counted = sum(self._counted(name, cost, item.categories) for name, cost in once.items())
            paying = [tier for tier in item.tiers if tier.level <= level]
            if paying:
                best = max(paying, key=lambda tier: tier.level)
                back += min(best.cap, counted * best.percent // 100) + best.bonus
        back = min(back, sum(once.values()))
        spent = sum(once.values()) + sum(yearly.values()) - back
        if self.goal.budget is not None and spent > self.goal.budget:
            yield Breach("budget", str(spent))
        told = self.plan.money
        if (told.one_off, told.yearly, told.paid, told.subsidy, told.spent) != (
            sum(once.values()),
            sum(yearly.values()),
            sum(paid.values()),
            back,
            spent,
        ):
            yield Breach("figures", "the amounts of the plan do not add up")

    def _counted(self, name: str, cost: int, categories: frozenset[SpendCategory] | None) -> int:
        """Return the part of a one-off cost that a subsidy counts; the category named first takes what rounding leaves."""
        if categories is None:
            return cost
        split = self.measures[name].cost.spend
        parts = [cost * share // 100 for share in split.values()]
        if parts:
            parts[0] = cost - sum(parts[1:])
        return sum(part for key, part in zip(split, parts, strict=True) if key in categories)

    def hours(self) -> Iterator[Breach]:
        """Yield the quarters in which more hours are needed than there are."""
        for role, most in self.goal.hours.items():
            for quarter in range(1, self.goal.quarters + 1):
                needed = sum(
                    ceil(self.measures[name].staff.get(role, 0) / (self.end[name] - self.begin[name] + 1))
                    for name in self._own()
                    if self.begin[name] <= quarter <= self.end[name]
                )
                if needed > most:
                    yield Breach("hours", f"{role}: {needed} in quarter {quarter}")

    def levels(self) -> Iterator[Breach]:
        """Yield a level that is not reached, and levels and scores that the plan states otherwise."""
        for state in self.plan.states:
            if self._standing(state.quarter) != (state.level, state.score):
                yield Breach(
                    "figures", f"quarter {state.quarter} is not at level {state.level} with {state.score}"
                )
        reached = self._standing(self.goal.quarters)[0]
        if self.goal.level is not None and reached < self.goal.level:
            yield Breach("level", f"level {self.goal.level} is not reached")

    def _standing(self, quarter: int) -> tuple[int, object]:
        return self._stood[self._complete(quarter)]

    def _complete(self, quarter: int) -> frozenset[str]:
        return frozenset(name for name, end in self.end.items() if end <= quarter)

    @cached_property
    def _stood(self) -> dict[frozenset[str], tuple[int, object]]:
        """Level and score by what is complete, for every quarter of the plan in one reading."""
        program = self.firm.program
        sets = list(dict.fromkeys(self._complete(quarter) for quarter in range(self.goal.quarters + 1)))
        codes = [self._codes(complete) for complete in sets]
        values = program.run([np.array(column) for column in zip(*codes, strict=True)])
        return {
            complete: (
                0 if program.level is None else int(values[program.level][place]),
                program.in_points(program.score, int(values[program.score][place])),
            )
            for place, complete in enumerate(sets)
        }

    def _codes(self, complete: frozenset[str]) -> list[int]:
        """Return the answers once some measures are complete: those given, and those that became true."""
        first = self._raised(self.firm.levels, self.goal.have)
        codes = self._answered(list(self.firm.codes), self.firm.levels, first, self.goal.have)
        return self._answered(codes, first, self._raised(first, complete), complete)

    def _raised(self, levels: Mapping[str, int], names: set[str] | frozenset[str]) -> dict[str, int]:
        found = dict(levels)
        for name in names:
            for item in self.measures[name].raises:
                found[item.capability] = max(found.get(item.capability, 0), item.to)
        return found

    def _answered(
        self,
        codes: list[int],
        before: Mapping[str, int],
        now: Mapping[str, int],
        names: set[str] | frozenset[str],
    ) -> list[int]:
        program = self.firm.program
        found = list(codes)
        for place, field in enumerate(program.fields):
            if field.question in self.firm.not_applicable:
                continue
            true = [
                key
                for key, binding in _bindings(program.standard, field.question, field.part)
                if key in field.keys and _says(binding, now) and not _says(binding, before)
            ]
            for name in names:
                true += self.measures[name].fulfils.get(program.standard.id, {}).get(field.id, ())
            for key in true:
                rank = field.keys.index(key)
                found[place] = found[place] | (1 << rank) if field.kind == "set" else max(found[place], rank)
        return found


@lru_cache(maxsize=4096)
def _bindings(standard: Standard, question: str, part: str | None) -> tuple[tuple[str, Binding], ...]:
    """Return the bindings of one field by key; a batch reads the same ones for every firm."""
    return tuple(_bound(standard.by_id[question], part))


def _bound(question: Question, part: str | None) -> Iterator[tuple[str, Binding]]:
    """Yield the bindings of one field by key, read from the question as its authors wrote it."""
    from capillary.model.standard import bindings_of

    for path, binding in bindings_of(question):
        words = path.split(".")
        if words == ["true"]:
            yield "true", binding
        elif words[0] in {"options", "levels"}:
            yield ".".join(words[1:]), binding
        elif part is not None and words[0] == "rows":
            row, key = words[1], ".".join(words[2:])
            if row == part:
                yield key, binding
            elif key == part:
                yield row, binding


def _says(binding: Binding, levels: Mapping[str, int]) -> bool:
    if any(levels.get(name, 0) >= level for name, level in binding.implied_by.items()):
        return True
    return bool(binding.means) and all(levels.get(name, 0) >= level for name, level in binding.means.items())
