"""What an enterprise asks for, as it is kept, and what it becomes for the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from capillary.roadmap.firm import Offer, sections_of
from capillary.roadmap.goal import MOST_MONEY, Goal, Subsidy
from capillary.roadmap.quarters import count_until, quarter_of
from capillary.roadmap.roadmap import TO_A_LEVEL, WITHIN_LIMITS, Question
from capillary.scoring.solver import Limits
from capillary.web import engine
from capillary.web.planning.incentives import subsidy_of

if TYPE_CHECKING:
    from capillary.roadmap.goal import Aim
    from capillary.roadmap.quarters import Quarter
    from capillary.web.assessments.models import Assessment

SECONDS = 8.0  # solver time for each plan


class OwnFigures(msgspec.Struct, frozen=True, omit_defaults=True):
    """An offer that the firm holds, in the roadmap's currency."""

    one_off: int | None = None
    yearly: int | None = None
    weeks: int | None = None


class Wishes(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question as it is kept; quarters are written as 2027-Q4.

    Attributes:
        by: the quarter at whose end the goal must be reached.
        hours: hours of own staff in a quarter, by role; what is not named is assumed.
        contracted: measures on order, by the quarter at whose end they are complete.
        programme: an incentive programme that pays by the level reached.
        steady: whether the plan with the most points over all quarters is wanted too.
    """

    by: str
    level: int | None = None
    budget: int | None = None
    cash: int | None = None
    running: int | None = None
    hours: dict[str, int] = {}
    currency: str = "CNY"
    subsidy_percent: int | None = None
    subsidy_cap: int | None = None
    subsidy_level: int | None = None
    programme: str | None = None
    users: int | None = None
    machines: int | None = None
    revenue: int | None = None
    steady: bool = False
    pinned: list[str] = []
    excluded: list[str] = []
    have: list[str] = []
    contracted: dict[str, str] = {}
    offers: dict[str, OwnFigures] = {}

    def as_json(self) -> dict[str, Any]:
        """Return what is kept in a row."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def wishes_of(kept: dict[str, Any]) -> Wishes:
    """Return the wishes of a row."""
    return msgspec.convert(kept, Wishes)


def goal_of(wishes: Wishes, first: Quarter) -> Goal:
    """Return the goal of the engine.

    Raises:
        InputError: a date lies outside of what can be planned.
    """
    return Goal(
        quarters=count_until(first, quarter_of(wishes.by)),
        level=wishes.level,
        budget=wishes.budget,
        cash=wishes.cash,
        running=wishes.running,
        hours=dict(wishes.hours),
        pinned=frozenset(wishes.pinned),
        excluded=frozenset(wishes.excluded),
        have=frozenset(wishes.have),
        contracted={name: count_until(first, quarter_of(text)) for name, text in wishes.contracted.items()},
        subsidies=_subsidies(wishes),
        currency=wishes.currency,
    )


def _subsidies(wishes: Wishes) -> tuple[Subsidy, ...]:
    if not wishes.subsidy_percent:
        return ()
    cap = MOST_MONEY if wishes.subsidy_cap is None else wishes.subsidy_cap
    return (Subsidy(wishes.subsidy_percent, cap, wishes.subsidy_level or 0),)


def question_of(assessment: Assessment, wishes: Wishes, first: Quarter) -> Question:
    """Return the question that the engine answers for an assessment.

    Raises:
        InputError: the standard is not installed any more, a date lies outside of what can be planned, or the programme pays
            nothing.
        BadAnswerError: an answer does not fit the standard.
    """
    goal = goal_of(wishes, first)
    if wishes.programme:
        paid = subsidy_of(assessment, wishes.programme, first, goal.quarters, wishes.currency)
        goal = replace(goal, subsidies=(*goal.subsidies, paid))
    aims: tuple[Aim, ...] = ()
    if wishes.steady:
        aims = (*(WITHIN_LIMITS if wishes.level is None else TO_A_LEVEL), "steady")
    return Question(
        standard=engine.standard_of(assessment),
        sheet=engine.sheet_of(assessment),
        goal=goal,
        sections=sections_of(assessment.enterprise.sector, engine.library().sectors()),
        users=wishes.users,
        machines=wishes.machines,
        revenue=wishes.revenue,
        offers={name: Offer(own.one_off, own.yearly, own.weeks) for name, own in wishes.offers.items()},
        assume_staff=True,
        aims=aims,
        limits=Limits(seconds=SECONDS),
    )
