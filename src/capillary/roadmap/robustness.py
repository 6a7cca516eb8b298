"""How sure a plan is, and what it brings: chances as ranges, and the years until it has paid for itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from capillary.model.measure import WHOLE
from capillary.roadmap.firm import WEEKS
from capillary.roadmap.timeline import subsidy_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.measure import Catalogue, EffectBase, Range
    from capillary.model.money import AssumptionFile, CurrencyFile
    from capillary.roadmap.firm import Size, Terms
    from capillary.roadmap.network import Network
    from capillary.roadmap.planner import Plan

RUNS = 2000
FLOATS: TypeAlias = NDArray[np.float64]
Three: TypeAlias = tuple[float, float, float]
Chance: TypeAlias = tuple[float, float]
LONGEST_PAYBACK = 10
STEP = 20  # chances are told in steps of a twentieth: the figures behind them are not better


@dataclass(frozen=True)
class Robustness:
    """What happens to a plan when costs and durations are not the typical ones.

    How far the costs of different measures miss their typical figures together is not known. Every chance is therefore told
    twice, for measures that miss independently and for measures that all miss alike, and the two make the range.

    Attributes:
        runs: simulated courses for each of the two.
        cost: one-off costs and one year's running costs less subsidies, at the 10th, 50th and 90th percentile.
        end: the quarter, as a fraction, in which the last measure is complete, at the same percentiles.
        within_budget: the chance that the budget holds; None where there is none.
        in_time: the chance that everything is complete at the end of the last quarter.
        both: the chance of both.
    """

    runs: int
    cost: Three
    end: Three
    within_budget: Chance | None
    in_time: Chance
    both: Chance

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "runs": self.runs,
            "cost": [round(value) for value in self.cost],
            "end": [round(value, 1) for value in self.end],
            "within_budget": None if self.within_budget is None else list(self.within_budget),
            "in_time": list(self.in_time),
            "both": list(self.both),
        }


@dataclass(frozen=True)
class _Course:
    cost: FLOATS
    end: FLOATS


def robustness(plan: Plan, network: Network, seed: int, runs: int = RUNS) -> Robustness:
    """Return how sure a plan is, by simulation.

    Costs and durations are drawn from triangular distributions over (low, typical, high). A measure begins in its quarter, or
    later if what it needs is late; nothing is left out and nothing begins early.

    Args:
        plan: the plan.
        network: what was chosen from; names what needs what.
        seed: of the random numbers; the same seed gives the same result.
        runs: how many courses are drawn.
    """
    dice = np.random.default_rng(seed)
    own = _simulate(plan, network, dice, runs, together=False)
    alike = _simulate(plan, network, dice, runs, together=True)
    cost, end = np.concatenate([own.cost, alike.cost]), np.concatenate([own.end, alike.end])
    budget, last = plan.goal.budget, plan.goal.quarters
    in_budget = [np.ones(runs, bool) if budget is None else course.cost <= budget for course in (own, alike)]
    in_time = [course.end <= last + 1e-9 for course in (own, alike)]
    return Robustness(
        runs=runs,
        cost=_percentiles(cost),
        end=_percentiles(end),
        within_budget=None if budget is None else _chance(in_budget),
        in_time=_chance(in_time),
        both=_chance([a & b for a, b in zip(in_budget, in_time, strict=True)]),
    )


def _simulate(
    plan: Plan, network: Network, dice: np.random.Generator, runs: int, *, together: bool
) -> _Course:
    starts, goal = plan.starts, plan.goal
    order = order_of(plan, network)
    shared = dice.random(runs) if together else None

    def draw(given: Range) -> FLOATS:
        return _triangular(given, dice.random(runs) if shared is None else shared)

    ends: dict[str, FLOATS] = {}
    yearly_all, one_off_all = np.zeros(runs), np.zeros(runs)
    counted = np.zeros((len(goal.subsidies), runs))
    for name in order:
        choice = network.choices[network.index[name]]
        begin = np.full(runs, float((starts[name] - 1) * WEEKS))
        for makers in choice.needs:
            ready = [ends[network.choices[maker].id] for maker in makers if network.choices[maker].id in ends]
            if ready:
                begin = np.maximum(begin, np.minimum.reduce(ready))
        if name in goal.contracted:
            ends[name] = np.full(runs, float(goal.contracted[name] * WEEKS))
            continue
        ends[name] = begin + draw(choice.terms.weeks)
        one_off = draw(choice.terms.one_off)
        one_off_all += one_off
        for number, item in enumerate(goal.subsidies):
            counted[number] += one_off * choice.terms.counted_share(item.categories) / WHOLE
        yearly_all += draw(choice.terms.yearly)
    back = np.array(
        [
            subsidy_of(goal, int(value), [int(part) for part in parts], plan.level)
            for value, parts in zip(one_off_all, counted.T, strict=True)
        ]
    )
    last = np.maximum.reduce(list(ends.values())) / WEEKS if ends else np.zeros(runs)
    return _Course(one_off_all + yearly_all - back, last)


def order_of(plan: Plan, network: Network) -> list[str]:
    """Return the measures of a plan so that every one stands after those in the plan that it needs."""
    from graphlib import TopologicalSorter

    names = [step.measure for step in plan.steps]
    inside = {network.index[name] for name in names}
    before = {
        network.choices[number].id: {
            network.choices[maker].id for makers in network.choices[number].needs for maker in makers & inside
        }
        for number in sorted(inside)
    }
    return list(TopologicalSorter(before).static_order())


def _triangular(given: Range, uniform: FLOATS) -> FLOATS:
    """Return values of the triangular distribution for uniform random numbers, by inversion."""
    low, mode, high = given
    if low == high:
        return np.full(uniform.shape, float(low))
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(uniform * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - uniform) * (high - low) * (high - mode))
    return cast("FLOATS", np.where(uniform < turn, rising, falling))


def _percentiles(values: FLOATS) -> Three:
    low, middle, high = np.percentile(values, [10, 50, 90])
    return float(low), float(middle), float(high)


def _chance(outcomes: Iterable[NDArray[np.bool_]]) -> Chance:
    """Return the lowest and the highest share, outwards to a twentieth."""
    shares = [float(item.mean()) for item in outcomes]
    return float(np.floor(min(shares) * STEP) / STEP), float(np.ceil(max(shares) * STEP) / STEP)


@dataclass(frozen=True)
class Rest:
    """One figure that a return rests on: the yearly worth of a base, and how much less of it is expected."""

    base: EffectBase
    worth: Three
    percent: Three
    measures: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "base": self.base,
            "worth": [round(value) for value in self.worth],
            "percent": [round(value, 1) for value in self.percent],
            "measures": list(self.measures),
        }


@dataclass(frozen=True)
class Return:
    """What a plan costs and brings, each as (low, typical, high).

    Attributes:
        cost: one-off costs less subsidies.
        running: running costs in a year.
        effect: what is saved in a year once everything is complete, before running costs.
        payback_years: years until savings have paid for the costs, best, typical and worst; None where they do not within
            `LONGEST_PAYBACK` years.
        rests_on: the figures behind it.
        turnover: the yearly turnover that the bases are shares of.
        turnover_assumed: whether the firm did not state it.
    """

    cost: Three
    running: Three
    effect: Three
    payback_years: tuple[float | None, float | None, float | None]
    rests_on: tuple[Rest, ...]
    turnover: Three
    turnover_assumed: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "cost": [round(value) for value in self.cost],
            "running": [round(value) for value in self.running],
            "effect": [round(value) for value in self.effect],
            "payback_years": [None if value is None else round(value, 1) for value in self.payback_years],
            "rests_on": [item.as_json() for item in self.rests_on],
            "turnover": [round(value) for value in self.turnover],
            "turnover_assumed": self.turnover_assumed,
        }


@dataclass(frozen=True)
class Means:
    """What a firm turns over, and how much of that each effect acts on.

    Attributes:
        assumptions: what each base is worth, in percent of the turnover.
        currencies: rates.
        size: head count, for the turnover of a firm that does not state it.
        revenue: yearly turnover in the plan's currency; None where it is assumed.
    """

    assumptions: AssumptionFile
    currencies: CurrencyFile
    size: Size
    revenue: int | None


def return_of(
    plan: Plan,
    terms: Mapping[str, Terms],
    catalogue: Catalogue,
    means: Means,
) -> Return:
    """Return what a plan costs and brings.

    Only effects on what is money count. Several measures that act on one base take their share of what the others left.

    Args:
        plan: the plan.
        terms: what each of its measures costs.
        catalogue: all measures, with their effects.
        means: what the firm turns over.
    """
    turnover = _turnover(means, plan.goal.currency)
    rests = tuple(_rests(plan, catalogue, means.assumptions, turnover))
    effect = _three(sum(rest.worth[i] * rest.percent[i] / 100 for rest in rests) for i in range(3))
    own = [terms[step.measure] for step in plan.steps if not step.contracted]
    cost = _three(sum(item.one_off[i] for item in own) - plan.money.subsidy for i in range(3))
    cost = _three(max(0.0, value) for value in cost)
    running = _three(sum(item.yearly[i] for item in own) for i in range(3))
    pairs = ((0, 2), (1, 1), (2, 0))
    years = tuple(_payback(cost[c], effect[e] - running[c]) for c, e in pairs)
    return Return(
        cost, running, effect, (years[0], years[1], years[2]), rests, turnover, means.revenue is None
    )


def _payback(cost: float, gain: float) -> float | None:
    if cost <= 0 and gain >= 0:
        return 0.0
    if gain <= 0 or cost / gain > LONGEST_PAYBACK:
        return None
    return cost / gain


def _turnover(means: Means, currency: str) -> Three:
    if means.revenue is not None:
        return float(means.revenue), float(means.revenue), float(means.revenue)
    heads, rates = means.assumptions.turnover_per_head, means.currencies
    rate = rates.rate(heads.currency).per_unit / rates.rate(currency).per_unit
    return _three(float(Fraction(value) * means.size.employees * rate) for value in heads.range)


def _rests(plan: Plan, catalogue: Catalogue, assumptions: AssumptionFile, turnover: Three) -> Iterable[Rest]:
    for share in assumptions.shares:
        acting = [
            (step.measure, effect.percent)
            for step in plan.steps
            for effect in catalogue.measures[step.measure].effects
            if effect.of == share.of
        ]
        if acting:
            percent = _three(
                100 * (1 - float(np.prod([1 - given[i] / 100 for _, given in acting]))) for i in range(3)
            )
            worth = _three(turnover[i] * share.percent[i] / 100 for i in range(3))
            yield Rest(share.of, worth, percent, tuple(dict.fromkeys(name for name, _ in acting)))


def _three(values: Iterable[float]) -> Three:
    low, middle, high = values
    return float(low), float(middle), float(high)
