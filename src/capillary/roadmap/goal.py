"""What a roadmap is asked for: the goal, the limits, and what is fixed beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from capillary.model.measure import ROLES, SPEND, SPEND_WORDS, WHOLE
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.measure import Catalogue, SpendCategory, StaffRole
    from capillary.model.standard import Certainty
    from capillary.model.text import Text
    from capillary.roadmap.firm import Firm

Aim = Literal["cheapest", "fastest", "safest", "highest", "steady"]
AIMS: tuple[Aim, ...] = ("cheapest", "fastest", "safest", "highest", "steady")
MOST_QUARTERS = 20
MOST_MONEY = 10**12
OPERATION_YEARS = 3
DISCOUNT = 5
RISK_WEIGHT = {"low": 0, "medium": 1, "high": 4}


@dataclass(frozen=True)
class Tier:
    """What a subsidy is from a level on: a share of the spend that counts, at most ``cap``, and a ``bonus`` besides."""

    level: int
    percent: int
    cap: int
    bonus: int = 0


@dataclass(frozen=True)
class Subsidy:
    """Money that comes back: a share of the one-off costs that count, at most ``cap``, once ``from_level`` is reached.

    It is paid after the end of the plan: it lowers what the plan costs, but not what has to be paid on the way.

    Attributes:
        percent: the share in whole percent.
        cap: the most that is paid, in the plan's currency.
        from_level: the level that must be reached; 0 for none.
        bonus: what is paid besides.
        higher: what it is from higher levels on, in rising order; no figure falls from one to the next.
        categories: the categories of spend that count; None for every one-off cost.
        counts: how sure it is which spend counts; None where the firm states the subsidy itself.
    """

    percent: int
    cap: int
    from_level: int = 0
    title: Text | None = None
    bonus: int = 0
    higher: tuple[Tier, ...] = ()
    categories: frozenset[SpendCategory] | None = None
    counts: Certainty | None = None

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """What it is from each level on."""
        return (Tier(self.from_level, self.percent, self.cap, self.bonus), *self.higher)

    def paid(self, counted: int, level: int) -> int:
        """Return what is paid for the spend that counts once a level is reached, rounded down."""
        reached = [tier for tier in self.tiers if level >= tier.level]
        if not reached:
            return 0
        return min(reached[-1].cap, counted * reached[-1].percent // WHOLE) + reached[-1].bonus


@dataclass(frozen=True)
class Goal:
    """What a plan must reach and within what it must stay. Money is in whole units of one currency.

    Attributes:
        level: the level to reach; None for the highest within the limits.
        quarters: how many quarters there are; what counts must be complete at the end of the last one.
        budget: the most that the plan may cost: one-off costs and one year's running costs of each measure, less subsidies.
            It does not depend on when a measure begins, so that a later date never makes a plan dearer.
        cash: the most that may be paid in any one quarter.
        running: the most that all running costs together may come to in a year.
        hours: hours of own staff in a quarter, by role; a role that is not named is not limited.
        pinned: measures that must be in.
        excluded: measures that must not be in.
        have: measures that are complete already.
        contracted: measures that are on order and paid for, by the quarter (from 1) at whose end they are complete.
        subsidies: those known so far.
        years: years of operation that the comparison of costs counts.
        discount: yearly discount on later costs, in whole percent.
        currency: code of ISO 4217.
    """

    quarters: int
    level: int | None = None
    budget: int | None = None
    cash: int | None = None
    running: int | None = None
    hours: Mapping[StaffRole, int] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    have: frozenset[str] = frozenset()
    contracted: Mapping[str, int] = field(default_factory=dict)
    subsidies: tuple[Subsidy, ...] = ()
    years: int = OPERATION_YEARS
    discount: int = DISCOUNT
    currency: str = "CNY"


def check_goal(goal: Goal, firm: Firm, catalogue: Catalogue, currencies: Iterable[str]) -> None:
    """Refuse a goal that makes no sense for a firm.

    Raises:
        InputError: everything that is wrong with it, each with its remedy.
    """
    problems = [
        *_level_problems(goal, firm),
        *_figure_problems(goal),
        *_funding_problems(goal),
        *_measure_problems(goal, catalogue),
    ]
    known = list(currencies)
    if goal.currency not in known:
        problems.append(
            Problem(
                "unknown-currency",
                Place(path="currency"),
                msg("There is no rate for the currency {currency}.", currency=goal.currency),
                did_you_mean(goal.currency, known),
            )
        )
    if problems:
        raise InputError(problems)


def level_now(firm: Firm) -> int:
    """Return the level that a firm has for certain; 0 where the standard has none."""
    from capillary.scoring.evaluate import evaluate

    program = firm.program
    if program.level is None:
        return 0
    import numpy as np

    return int(evaluate(program, [np.array([code]) for code in firm.codes])[program.level][0])


def _level_problems(goal: Goal, firm: Firm) -> Iterable[Problem]:
    if goal.level is None:
        return
    top, now = firm.program.top_level, level_now(firm)
    place = Place(path="level")
    if firm.program.level is None:
        yield Problem(
            "no-levels",
            place,
            msg("The standard {standard} has no levels.", standard=firm.program.standard.id),
            msg("Leave the level out: the plan then looks for the highest score within the budget."),
        )
    elif goal.level > top or goal.level < 1:
        yield Problem(
            "unknown-level",
            place,
            msg("There is no level {level}.", level=goal.level),
            msg("Choose a level from {low} to {top}.", low=min(now + 1, top), top=top),
        )
    elif goal.level <= now:
        yield Problem(
            "level-reached",
            place,
            msg("The firm is at level {now} already; the goal is level {level}.", now=now, level=goal.level),
            msg("Choose a level from {low} to {top}.", low=now + 1, top=top)
            if now < top
            else msg("Leave the level out: the plan then looks for the highest score within the budget."),
        )


def _figure_problems(goal: Goal) -> Iterable[Problem]:
    figures = {
        "budget": goal.budget,
        "cash": goal.cash,
        "running": goal.running,
        **{f"hours.{role}": hours for role, hours in goal.hours.items()},
        **{
            f"subsidies[{number}].cap": item.tiers[-1].cap + item.tiers[-1].bonus
            for number, item in enumerate(goal.subsidies)
        },
    }
    for path, value in figures.items():
        if value is not None and not 0 <= value <= MOST_MONEY:
            yield Problem(
                "amount",
                Place(path=path),
                msg("{value} is not an amount that a plan can have.", value=value),
                msg("Give a whole number from 0 to {most}.", most=MOST_MONEY),
            )
    for path, value, low, high in (
        ("quarters", goal.quarters, 1, MOST_QUARTERS),
        ("years", goal.years, 0, 10),
        ("discount", goal.discount, 0, 50),
        *(
            (f"subsidies[{number}].percent", item.tiers[-1].percent, 0, 100)
            for number, item in enumerate(goal.subsidies)
        ),
    ):
        if not low <= value <= high:
            yield Problem(
                "date" if path == "quarters" else "amount",
                Place(path=path),
                msg("The plan would have {value} quarters.", value=value)
                if path == "quarters"
                else msg("{value} is out of range.", value=value),
                msg("Choose a date that lies 1 to {most} quarters ahead.", most=MOST_QUARTERS)
                if path == "quarters"
                else msg("Give a whole number from {low} to {high}.", low=low, high=high),
            )
    for number, item in enumerate(goal.subsidies):
        if any(_falls(low, high) for low, high in pairwise(item.tiers)):
            yield Problem(
                "tiers",
                Place(path=f"subsidies[{number}]"),
                msg("A subsidy pays less at a higher level, or its levels are not in rising order."),
                msg("Write its levels in rising order, with shares, caps and bonuses that do not fall."),
            )
    for role in goal.hours:
        if role not in ROLES:
            yield Problem(
                "unknown-role",
                Place(path=f"hours.{role}"),
                msg("{word} is not known.", word=role),
                did_you_mean(role, ROLES),
            )


def _funding_problems(goal: Goal) -> Iterable[Problem]:
    """Yield a category of spend for which subsidies together would pay more than all of it: buying would then earn money."""
    if all(item.categories is None for item in goal.subsidies):
        return  # each pays for the same spend, and never more than that comes back
    for name in SPEND:
        shares = sum(
            item.tiers[-1].percent
            for item in goal.subsidies
            if item.categories is None or name in item.categories
        )
        if shares > WHOLE:
            yield Problem(
                "over-funded",
                Place(path="subsidies"),
                msg(
                    "Together the subsidies pay {percent} % of what is spent on {category}.",
                    percent=shares,
                    category=SPEND_WORDS[name],
                ),
                msg("Leave one of them out, or lower its share."),
            )
            return


def _falls(low: Tier, high: Tier) -> bool:
    return (
        high.level <= low.level or high.percent < low.percent or high.cap < low.cap or high.bonus < low.bonus
    )


def unknown_measures(path: str, names: Iterable[str], catalogue: Catalogue) -> Iterable[Problem]:
    """Yield the names that no measure has."""
    for name in sorted(names):
        if name not in catalogue.measures:
            yield Problem(
                "unknown-measure",
                Place(path=path),
                msg("There is no measure {measure}.", measure=name),
                did_you_mean(name, catalogue.measures),
            )


def _measure_problems(goal: Goal, catalogue: Catalogue) -> Iterable[Problem]:
    for path, names in (
        ("pinned", goal.pinned),
        ("excluded", goal.excluded),
        ("have", goal.have),
        ("contracted", goal.contracted),
    ):
        yield from unknown_measures(path, names, catalogue)
    for name in sorted(goal.pinned & goal.excluded):
        yield Problem(
            "pinned-and-excluded",
            Place(path="pinned"),
            msg("{measure} is pinned and excluded.", measure=name),
            msg("Take it out of one of the two."),
        )
    for name, quarter in goal.contracted.items():
        if not 1 <= quarter <= goal.quarters:
            yield Problem(
                "date",
                Place(path=f"contracted.{name}"),
                msg("{measure} would be complete in quarter {quarter}.", measure=name, quarter=quarter),
                msg("Give a quarter from 1 to {most}.", most=goal.quarters),
            )
