"""What a plan means quarter by quarter: level, score, payments, hours. Read from the measures themselves, not from a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capillary.model.measure import ROLES, SPEND
from capillary.roadmap.calendar import ownership_cost, running_a_quarter
from capillary.roadmap.network import after
from capillary.scoring.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from capillary.model.measure import Catalogue, SpendCategory
    from capillary.roadmap.firm import Firm, Terms
    from capillary.roadmap.goal import Goal


@dataclass(frozen=True)
class QuarterState:
    """The end of one quarter.

    Attributes:
        quarter: from 1; 0 is the present.
        level, score: under the standard, from what is complete.
        paid: what is paid in the quarter, typical figures.
        hours: hours of own staff in the quarter, by role in the order of `ROLES`.
        complete: measures complete by its end.
    """

    quarter: int
    level: int
    score: Fraction
    paid: int
    hours: tuple[int, ...]
    complete: tuple[str, ...]


@dataclass(frozen=True)
class Money:
    """What a plan costs, typical figures, in whole units of the plan's currency.

    Attributes:
        one_off, yearly: of all measures together.
        spend: the one-off costs by category; what content of one's own leaves open is in none.
        paid: what is paid until the end of the plan.
        subsidy: what comes back afterwards.
        spent: one-off costs and one year's running costs less the subsidy: what counts against the budget.
        ownership: one-off costs and running costs of the years that are counted, less the subsidy: what plans are compared by.
    """

    one_off: int
    spend: Mapping[SpendCategory, int]
    yearly: int
    paid: int
    subsidy: int
    spent: int
    ownership: int


def standing(firm: Firm) -> tuple[int, Fraction]:
    """Return level and score that a firm has for certain; level 0 where the standard has none."""
    return standings([firm])[0]


def standings(firms: Sequence[Firm]) -> list[tuple[int, Fraction]]:
    """Return level and score of several states of one firm; reading all of them takes little longer than reading one."""
    if not firms:
        return []
    program = firms[0].program
    values = evaluate(program, list(np.array([firm.codes for firm in firms], dtype=np.int64).T))
    scores = values[program.score].tolist()
    levels = [0] * len(firms) if program.level is None else values[program.level].tolist()
    return [
        (level, program.in_points(program.score, score)) for level, score in zip(levels, scores, strict=True)
    ]


def timeline(
    firm: Firm, catalogue: Catalogue, terms: Mapping[str, Terms], goal: Goal, starts: Mapping[str, int]
) -> tuple[QuarterState, ...]:
    """Return the plan quarter by quarter, from the present (quarter 0) to the end.

    Args:
        firm: where the firm stands.
        catalogue: all measures.
        terms: of every measure in the plan.
        goal: the limits; what is on order completes at the end of its quarter and costs nothing more.
        starts: the quarter in which each measure begins, from 1.
    """
    ends = {name: completion(name, start, terms, goal) for name, start in starts.items()}
    complete = [
        tuple(name for name in starts if ends[name] <= quarter) for quarter in range(goal.quarters + 1)
    ]
    different = list(dict.fromkeys(complete))
    read = standings([after(firm, catalogue, names) for names in different])
    known = dict(zip(different, read, strict=True))
    return tuple(
        QuarterState(
            quarter=quarter,
            level=known[names][0],
            score=known[names][1],
            paid=_paid(quarter, starts, ends, terms, goal),
            hours=_hours(quarter, starts, ends, terms, goal),
            complete=names,
        )
        for quarter, names in enumerate(complete)
    )


def completion(name: str, start: int, terms: Mapping[str, Terms], goal: Goal) -> int:
    """Return the quarter at whose end a measure is complete."""
    return goal.contracted.get(name, start + terms[name].quarters - 1)


def _paid(
    quarter: int,
    starts: Mapping[str, int],
    ends: Mapping[str, int],
    terms: Mapping[str, Terms],
    goal: Goal,
) -> int:
    own = [name for name in starts if name not in goal.contracted]
    begin = sum(terms[name].one_off[1] for name in own if starts[name] == quarter)
    return begin + sum(running_a_quarter(terms[name]) for name in own if ends[name] < quarter)


def _hours(
    quarter: int,
    starts: Mapping[str, int],
    ends: Mapping[str, int],
    terms: Mapping[str, Terms],
    goal: Goal,
) -> tuple[int, ...]:
    busy = [
        terms[name].hours_a_quarter()
        for name in starts
        if name not in goal.contracted and starts[name] <= quarter <= ends[name]
    ]
    return tuple(sum(hours[place] for hours in busy) for place in range(len(ROLES)))


def money(
    terms: Mapping[str, Terms], goal: Goal, starts: Mapping[str, int], states: Sequence[QuarterState]
) -> Money:
    """Return what a plan costs."""
    own = [terms[name] for name in starts if name not in goal.contracted]
    one_off = sum(item.one_off[1] for item in own)
    counted = [sum(item.counted(subsidy.categories) for item in own) for subsidy in goal.subsidies]
    paid = subsidy_of(goal, one_off, counted, states[-1].level)
    return Money(
        one_off=one_off,
        spend={name: amount for name in SPEND if (amount := sum(item.spend.get(name, 0) for item in own))},
        yearly=sum(item.yearly[1] for item in own),
        paid=sum(state.paid for state in states),
        subsidy=paid,
        spent=one_off + sum(item.yearly[1] for item in own) - paid,
        ownership=sum(ownership_cost(item, goal) for item in own) - paid,
    )


def subsidy_of(goal: Goal, one_off: int, counted: Sequence[int], level: int) -> int:
    """Return the subsidies once a level is reached: never more than the one-off costs, rounded down.

    Args:
        goal: holds the subsidies.
        one_off: all one-off costs.
        counted: what each subsidy counts of them.
        level: the level that is reached.
    """
    paid = (item.paid(part, level) for item, part in zip(goal.subsidies, counted, strict=True))
    return min(one_off, sum(paid))
