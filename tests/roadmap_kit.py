"""Small worlds to plan for, from a seed: a few measures over a few capabilities, and a firm that is weak in just these.

They are small enough that every plan there is can be tried: `every_choice` and `every_calendar` are the oracles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from capillary.content.library import Library
from capillary.diagnosis.profile import claims_of
from capillary.model.measure import SPEND, Catalogue, Cost, CostPart, Measure, MeasureFile, Needs, Raise
from capillary.model.money import CurrencyFile, Rate
from capillary.model.standard import Source
from capillary.model.text import Text
from capillary.roadmap.firm import Firm, Prices, Size
from capillary.roadmap.goal import Goal
from capillary.roadmap.planner import Planner
from capillary.scoring.evaluate import evaluate
from capillary.scoring.program import compile_standard
from capillary.scoring.solver import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.scoring.program import Program

STANDARD = "miit-2024"
OUTCOMES = {"energy-performance", "quality-performance", "productivity-performance", "cost-performance"}
SOURCE = Source(id="seed", title=Text(zh="随机", en="drawn from a seed"))
WEEKS = 13


@cache
def program(standard: str = STANDARD) -> Program:
    """Return the compiled standard."""
    return compile_standard(Library().find(standard))


@cache
def ladders(standard: str = STANDARD) -> Mapping[str, int]:
    """Return the capabilities that a standard asks about, with their highest levels."""
    tops = {name: item.top for name, item in Library().capabilities().items()}
    named = {name for claim in claims_of(Library().find(standard)) for name in _named(claim.binding)}
    return {name: tops[name] for name in sorted(named - OUTCOMES - {"digital-investment"})}


def _named(binding: object) -> set[str]:
    return {*binding.means, *binding.implied_by}  # type: ignore[attr-defined]


def codes_of(levels: Mapping[str, int], standard: str = STANDARD) -> tuple[int, ...]:
    """Return the answers that capability levels make true: the oracle's own reading of the bindings."""
    codes = [0] * len(program(standard).fields)
    for claim in claims_of(Library().find(standard)):
        means, implied = claim.binding.means, claim.binding.implied_by
        met = any(levels.get(name, 0) >= level for name, level in implied.items()) or (
            bool(means) and all(levels.get(name, 0) >= level for name, level in means.items())
        )
        if met and claim.bit:
            codes[claim.field] |= 1 << claim.rank
        elif met:
            codes[claim.field] = max(codes[claim.field], claim.rank)
    return tuple(codes)


def catalogue_of(measures: list[Measure]) -> Catalogue:
    """Return a catalogue of measures."""
    file = MeasureFile(
        source="seed",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=(SOURCE,),
        measures=tuple(measures),
    )
    return Catalogue({item.id: item for item in measures}, {item.id: file for item in measures})


def measure(name: str, raises: Mapping[str, tuple[int, int]], cost: int = 1000, **more: object) -> Measure:
    """Return a measure with a fixed cost; ``raises`` gives (from, to) by capability."""
    text = Text(zh=name, en=name)
    yearly = int(more.pop("yearly", 0))  # type: ignore[call-overload]
    weeks = int(more.pop("weeks", 4))  # type: ignore[call-overload]
    return Measure(
        **{
            "id": name,
            "title": text,
            "summary": text,
            "first_step": text,
            "raises": tuple(Raise(capability=key, from_=low, to=high) for key, (low, high) in raises.items()),
            "cost": Cost(
                currency="CNY",
                year=2026,
                one_off=CostPart(fixed=(cost // 2, cost, cost * 2)),
                yearly=CostPart(fixed=(yearly // 2, yearly, yearly * 2)),
                spend=more.pop("spend", {}),  # type: ignore[arg-type]
            ),
            "weeks": (max(1, weeks // 2), weeks, weeks * 2),
            "lowers": ("cannot-afford",),
            "risk": "low",
            **more,
        }
    )


def prices() -> Prices:
    """Return prices in one currency."""
    rate = Rate(currency="CNY", title=Text(zh="元", en="CNY"), per_unit=Fraction(1), date="2026-01-01")
    currencies = CurrencyFile(
        source="seed",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=(SOURCE,),
        base="CNY",
        rates=(rate,),
    )
    return Prices("CNY", currencies)


@dataclass(frozen=True)
class World:
    """A firm, and what it can choose from."""

    firm: Firm
    catalogue: Catalogue

    def planner(self, goal: Goal, seconds: float = 20.0) -> Planner:
        """Return the planner of a goal."""
        return Planner(self.firm, self.catalogue, prices(), goal, Limits(seconds=seconds))

    @property
    def measures(self) -> list[Measure]:
        """All measures in their order."""
        return list(self.catalogue.measures.values())


def a_split(dice: Random) -> dict[str, int]:
    """Return shares of one to three categories of spend that add up to 100."""
    names = dice.sample(SPEND, dice.randint(1, 3))
    ends = sorted(dice.sample(range(1, 100), len(names) - 1))
    return {name: high - low for name, low, high in zip(names, [0, *ends], [*ends, 100], strict=True)}


def small_world(seed: int, count: int = 7, *, long: bool = False, split: bool = False) -> World:
    """Return a world of ``count`` measures over a few capabilities in which the firm is weak; it is strong in all others.

    Costs are spent on categories by lot where ``split`` is asked for.
    """
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    names = dice.sample(list(ladders()), 4)
    measures: list[Measure] = []
    for number in range(count):
        name = dice.choice(names)
        to = dice.randint(1, ladders()[name])
        from_ = dice.randint(max(0, to - 2), to - 1)
        needs: dict[str, int] = {}
        others = [other for other in names if names.index(other) < names.index(name)]
        if others and dice.random() < 0.4:
            other = dice.choice(others)
            needs[other] = dice.randint(1, ladders()[other])
        excludes = (dice.choice(measures).id,) if measures and dice.random() < 0.25 else ()
        measures.append(
            measure(
                f"m{number}",
                {name: (from_, to)},
                cost=dice.randint(0, 20) * 500 + (dice.randint(0, 9) if split else 0),
                yearly=dice.randint(0, 4) * 250,
                weeks=dice.choice([3, 6, 13, 20, 30]) if long else dice.choice([1, 2, 3]),
                needs=Needs(capabilities=needs),
                excludes=excludes,
                risk=dice.choice(["low", "medium", "high"]),
                spend=a_split(dice) if split else {},
                staff={"it": dice.randint(0, 60), "office": dice.randint(0, 60)},
            )
        )
    levels = {**ladders(), **{name: dice.randint(0, 1) for name in names}}
    firm = Firm(program(), codes_of(levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
    return World(firm, catalogue_of(measures))


def steep_world(seed: int) -> World:
    """Return a world in which the firm can reach several levels above its own: two groups of capabilities, in two steps each.

    There are two ways to take the first step of the first group, and one that takes both at once.
    """
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    names = list(ladders())
    dice.shuffle(names)
    tops = ladders()
    measures: list[Measure] = []
    for number, group in enumerate((names[::2], names[1::2])):
        low = {name: (1, min(2, tops[name])) for name in group if tops[name] > 1}
        high = {name: (min(2, tops[name]), tops[name]) for name in group if tops[name] > 2}
        whole = {name: (1, tops[name]) for name in group if tops[name] > 1}
        steps = [low, high, *([low, whole] if number == 0 else [])]
        for place, raises in enumerate(steps):
            name = f"g{number}-{place}"
            spent, yearly = dice.randint(1, 20) * 500, dice.randint(0, 4) * 250
            measures.append(measure(name, raises, cost=spent, yearly=yearly, weeks=dice.choice([3, 13, 20])))
    levels = {name: min(1, top) for name, top in tops.items()}
    firm = Firm(program(), codes_of(levels), frozenset(), levels, Size(80, 30, 20), frozenset({"C"}))
    return World(firm, catalogue_of(measures))


# --- the oracles -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a set of measures comes to."""

    names: frozenset[str]
    level: int
    score: Fraction
    one_off: int
    yearly: int
    risk: int
    splits: tuple[tuple[int, dict[str, int]], ...] = ()

    def counted(self, categories: frozenset[str]) -> int:
        """Return what of the one-off costs falls into categories, by rounding down all but the first part of each measure."""
        whole = 0
        for cost, split in self.splits:
            left = cost
            for name, share in list(split.items())[:0:-1]:
                part = cost * share // 100
                left -= part
                whole += part if name in categories else 0
            whole += left if next(iter(split)) in categories else 0
        return whole


def outcome(world: World, names: frozenset[str]) -> Outcome:
    """Return what a set of measures comes to, read from the measures alone."""
    levels = dict(world.firm.levels)
    chosen = [world.catalogue.measures[name] for name in names]
    for item in chosen:
        for raised in item.raises:
            levels[raised.capability] = max(levels.get(raised.capability, 0), raised.to)
    level, score = standing_of(levels)
    weight = {"low": 0, "medium": 1, "high": 4}
    return Outcome(
        names,
        level,
        score,
        sum(item.cost.one_off.fixed[1] for item in chosen),
        sum(item.cost.yearly.fixed[1] for item in chosen),
        sum(weight[item.risk] for item in chosen),
        tuple((item.cost.one_off.fixed[1], item.cost.spend) for item in chosen),
    )


def standing_of(levels: Mapping[str, int], standard: str = STANDARD) -> tuple[int, Fraction]:
    """Return level and score of a profile, by plain evaluation."""
    found = program(standard)
    values = evaluate(found, [np.array([code]) for code in codes_of(levels, standard)])
    level = 0 if found.level is None else int(values[found.level][0])
    return level, Fraction(int(values[found.score][0]), found.nodes[found.score].unit)


def can_begin(world: World, item: Measure, done: frozenset[str]) -> bool:
    """Whether everything that a measure needs is there once others are complete."""
    levels = dict(world.firm.levels)
    for name in done:
        for raised in world.catalogue.measures[name].raises:
            levels[raised.capability] = max(levels.get(raised.capability, 0), raised.to)
    wanted = [
        *item.needs.capabilities.items(),
        *((raised.capability, raised.from_) for raised in item.raises),
    ]
    return all(levels.get(name, 0) >= level for name, level in wanted)


def _excluded(world: World, names: frozenset[str]) -> bool:
    return any(set(world.catalogue.measures[name].excludes) & names for name in names)


def every_choice(world: World) -> Iterator[Outcome]:
    """Yield every set of measures that can be done in some order."""
    items = world.measures
    for bits in product((False, True), repeat=len(items)):
        names = frozenset(item.id for item, bit in zip(items, bits, strict=True) if bit)
        if _excluded(world, names):
            continue
        done: frozenset[str] = frozenset()
        while True:
            ready = {name for name in names - done if can_begin(world, world.catalogue.measures[name], done)}
            if not ready:
                break
            done |= ready
        if done == names:
            yield outcome(world, names)


def every_calendar(world: World, goal: Goal) -> Iterator[tuple[dict[str, int], Outcome, list[Fraction]]]:
    """Yield every plan with long measures that keeps all limits: starts, outcome, score at the end of each quarter.

    Measures that need others begin in a later quarter than the one in which those are complete; so measures of this world
    must be too long for two to fit into one quarter one after the other.
    """
    items = world.measures
    for starts in product(range(goal.quarters + 1), repeat=len(items)):
        begun = {item.id: start for item, start in zip(items, starts, strict=True) if start}
        if _excluded(world, frozenset(begun)) or not _keeps(world, goal, begun):
            continue
        scores = []
        for quarter in range(1, goal.quarters + 1):
            done = frozenset(
                name for name, start in begun.items() if start + _long(world, name) - 1 <= quarter
            )
            scores.append(outcome(world, done).score)
        yield begun, outcome(world, frozenset(begun)), scores


def _long(world: World, name: str) -> int:
    return -(-world.catalogue.measures[name].weeks[1] // WEEKS)


def _keeps(world: World, goal: Goal, begun: Mapping[str, int]) -> bool:
    items = world.catalogue.measures
    ends = {name: start + _long(world, name) - 1 for name, start in begun.items()}
    if any(end > goal.quarters for end in ends.values()):
        return False
    for name, start in begun.items():
        done = frozenset(other for other, end in ends.items() if end < start)
        if not can_begin(world, items[name], done):
            return False
    spent = sum(items[name].cost.one_off.fixed[1] + items[name].cost.yearly.fixed[1] for name in begun)
    running = sum(items[name].cost.yearly.fixed[1] for name in begun)
    if (goal.budget is not None and spent > goal.budget) or (
        goal.running is not None and running > goal.running
    ):
        return False
    for quarter in range(1, goal.quarters + 1):
        paid = sum(items[name].cost.one_off.fixed[1] for name, start in begun.items() if start == quarter)
        paid += sum(-(-items[name].cost.yearly.fixed[1] // 4) for name, end in ends.items() if end < quarter)
        if goal.cash is not None and paid > goal.cash:
            return False
        for role, most in goal.hours.items():
            hours = sum(
                -(-items[name].staff.get(role, 0) // _long(world, name))
                for name, start in begun.items()
                if start <= quarter <= ends[name]
            )
            if hours > most:
                return False
    return True


def plain_goal(**parts: object) -> Goal:
    """Return a goal without discount, so that costs add up by head."""
    return replace(Goal(quarters=8, years=1, discount=0), **parts)  # type: ignore[arg-type]
