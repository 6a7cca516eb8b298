"""The whole roadmap of a firm: plans that differ in kind, how sure each is, why each measure is in, what more would buy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from capillary.model.exact import tidy
from capillary.model.measure import ROLES
from capillary.roadmap.clash import Clash, clash_of
from capillary.roadmap.explain import Why, Without, reasons, without
from capillary.roadmap.firm import Prices, firm_of
from capillary.roadmap.goal import MOST_QUARTERS
from capillary.roadmap.planner import NoPlanError, Planner, TimeUpError
from capillary.roadmap.robustness import Means, Return, Robustness, return_of, robustness
from capillary.roadmap.timeline import standing
from capillary.scoring.solver import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from fractions import Fraction

    from capillary.content.library import Library
    from capillary.model.measure import Catalogue, StaffRole
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.roadmap.firm import Firm, Offer, Terms
    from capillary.roadmap.goal import Aim, Goal
    from capillary.roadmap.planner import Plan

TO_A_LEVEL: tuple[Aim, ...] = ("cheapest", "fastest", "safest")
WITHIN_LIMITS: tuple[Aim, ...] = ("highest", "fastest", "safest")
PERSON_HOURS = 480  # of one more person in a quarter
SHARE_MORE = 10  # one more unit of budget, in percent of it
SIDE_SECONDS = 2.0  # solver time for each plan that only answers "what if"


@dataclass(frozen=True)
class Question:
    """Everything that a roadmap is made from.

    Attributes:
        sheet: the answers; what is unknown counts as not there.
        sections: sections of ISIC that the firm's sector stands for.
        users, machines: figures that costs depend on; None where they are assumed.
        revenue: yearly turnover in the plan's currency; None where it is assumed.
        offers: the firm's own figures by measure.
        assume_staff: whether hours of own staff that the goal does not limit are limited by what firms of this size can give.
        aims: which plans are made; by default three that differ in kind, and the highest score where they fall together.
        limits: solver time for each plan.
        seed: of the simulation.
    """

    standard: Standard
    sheet: AnswerSheet
    goal: Goal
    sections: tuple[str, ...] = ()
    users: int | None = None
    machines: int | None = None
    revenue: int | None = None
    offers: Mapping[str, Offer] = field(default_factory=dict)
    assume_staff: bool = False
    aims: tuple[Aim, ...] = ()
    limits: Limits = field(default_factory=Limits)
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    """How far the work is: which plan is looked for, how many are there, and the best so far with its bound."""

    aim: str
    found: int
    wanted: int
    objective: int | None = None
    bound: float | None = None


@dataclass(frozen=True)
class PlanView:
    """A plan with everything that is said of it.

    Attributes:
        aims: what it is best at; several where one plan is the best in more than one way.
        terms: what each of its measures takes and costs.
        why: by measure.
        without: by measure, what leaving it out would cost; only where that was worked out.
    """

    plan: Plan
    aims: tuple[Aim, ...]
    terms: Mapping[str, Terms]
    robustness: Robustness
    returns: Return
    why: Mapping[str, Why]
    without: Mapping[str, Without]

    def as_json(self, catalogue: Catalogue) -> dict[str, Any]:
        """Return it as a JSON object."""
        plan = self.plan
        return {
            "aim": plan.aim,
            "aims": list(self.aims),
            "level": plan.level,
            "score": tidy(plan.score),
            "reached": plan.reached,
            "proof": {
                "status": plan.proof.status,
                "objective": plan.proof.objective,
                "bound": plan.proof.bound,
                "gap": plan.proof.gap,
                "seconds": round(plan.proof.seconds, 3),
            },
            "money": {
                "one_off": plan.money.one_off,
                "spend": dict(plan.money.spend),
                "yearly": plan.money.yearly,
                "paid": plan.money.paid,
                "subsidy": plan.money.subsidy,
                "spent": plan.money.spent,
                "ownership": plan.money.ownership,
            },
            "quarters": [
                {
                    "quarter": state.quarter,
                    "level": state.level,
                    "score": tidy(state.score),
                    "paid": state.paid,
                    "hours": dict(zip(ROLES, state.hours, strict=True)),
                    "complete": list(state.complete),
                }
                for state in plan.states
            ],
            "measures": [self._measure_json(number, catalogue) for number in range(len(plan.steps))],
            "robustness": self.robustness.as_json(),
            "return": self.returns.as_json(),
        }

    def _measure_json(self, number: int, catalogue: Catalogue) -> dict[str, Any]:
        step = self.plan.steps[number]
        terms, measure = self.terms[step.measure], catalogue.measures[step.measure]
        left = self.without.get(step.measure)
        return {
            "id": step.measure,
            "begins": step.begins,
            "complete": step.complete,
            "one_off": list(terms.one_off),
            "yearly": list(terms.yearly),
            "weeks": list(terms.weeks),
            "hours": dict(zip(ROLES, terms.hours, strict=True)),
            "risk": measure.risk,
            "contracted": step.contracted,
            "own_figures": terms.own,
            "certainty": catalogue.certainty_of(measure, measure.cost),
            "why": self.why[step.measure].as_json(),
            "without": None if left is None else left.as_json(),
        }


@dataclass(frozen=True)
class Tradeoff:
    """What one more unit of a limit buys.

    Attributes:
        aim: what the compared plans are best at.
        what: budget, date, or hours.<role>.
        more: how much more: money, quarters, or hours a quarter.
        level, score, ownership: of the best plan then.
        change: the differences to the plan with the limit as it was asked for.
    """

    aim: Aim
    what: str
    more: int
    level: int
    score: Fraction
    ownership: int
    change: tuple[int, Fraction, int]

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        level, score, ownership = self.change
        return {
            "aim": self.aim,
            "what": self.what,
            "more": self.more,
            "level": self.level,
            "score": tidy(self.score),
            "ownership": self.ownership,
            "change": {"level": level, "score": tidy(score), "ownership": ownership},
        }


@dataclass(frozen=True)
class Roadmap:
    """The answer to a question: plans, or the demands that clash.

    Attributes:
        hours_assumed: roles whose hours are limited by what firms of this size can give.
        undecided: aims for which no plan was found in time, without proof that there is none.
    """

    question: Question
    firm: Firm
    catalogue: Catalogue
    plans: tuple[PlanView, ...]
    clash: Clash | None
    tradeoffs: tuple[Tradeoff, ...]
    undecided: tuple[Aim, ...] = ()
    hours_assumed: tuple[StaffRole, ...] = ()

    @property
    def assumed(self) -> frozenset[str]:
        """Names of the figures that the firm did not state: employees, users, machines, revenue, hours.<role>."""
        asked = self.question
        missing = {"revenue"} if asked.revenue is None else set()
        return self.firm.size.assumed | missing | {f"hours.{role}" for role in self.hours_assumed}

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        goal, size = self.question.goal, self.firm.size
        level, score = standing(self.firm)
        return {
            "standard": self.question.standard.id,
            "currency": goal.currency,
            "now": {"level": level, "score": tidy(score)},
            "goal": goal_json(goal),
            "size": {
                "employees": size.employees,
                "users": size.users,
                "machines": size.machines,
                "assumed": sorted(self.assumed),
            },
            "plans": [view.as_json(self.catalogue) for view in self.plans],
            "clash": None if self.clash is None else self.clash.as_json(),
            "tradeoffs": [item.as_json() for item in self.tradeoffs],
            "undecided": list(self.undecided),
        }


def goal_json(goal: Goal) -> dict[str, Any]:
    """Return a goal as a JSON object."""
    return {
        "level": goal.level,
        "quarters": goal.quarters,
        "budget": goal.budget,
        "cash": goal.cash,
        "running": goal.running,
        "hours": dict(goal.hours),
        "pinned": sorted(goal.pinned),
        "excluded": sorted(goal.excluded),
        "have": sorted(goal.have),
        "contracted": dict(goal.contracted),
        "subsidies": [
            {
                "percent": item.percent,
                "cap": item.cap,
                "from_level": item.from_level,
                "bonus": item.bonus,
                "higher": [asdict(tier) for tier in item.higher],
                "categories": None if item.categories is None else sorted(item.categories),
                "counts": item.counts,
            }
            for item in goal.subsidies
        ],
        "years": goal.years,
        "discount": goal.discount,
    }


def make_roadmap(
    question: Question, library: Library, progress: Callable[[Progress], None] | None = None
) -> Roadmap:
    """Return the roadmap of a firm.

    Args:
        question: firm, goal, limits.
        library: the content.
        progress: told what is being worked on, and whenever a solver has something better.

    Raises:
        InputError: the goal makes no sense for this firm.
    """
    maker = _Maker(question, library, progress)
    views: list[PlanView] = []
    undecided: list[Aim] = []
    queue = list(maker.aims)
    while queue:
        aim = queue.pop(0)
        maker.tell(aim, len(views))
        try:
            plan = replace(maker.planner, progress=maker.listener(aim, len(views))).plan(aim)
        except NoPlanError:
            maker.tell("clash", len(views))
            clash = clash_of(maker.aside())
            return maker.roadmap(clash=clash)
        except TimeUpError:
            undecided.append(aim)
            continue
        twin = next((place for place, view in enumerate(views) if view.plan.starts == plan.starts), None)
        if twin is None:
            views.append(maker.view(plan, first=not views))
        else:
            views[twin] = replace(views[twin], aims=(*views[twin].aims, aim))
        if aim == "highest" and plan.level <= standing(maker.planner.start)[0]:
            # without a level to gain there is nothing to be fast or safe about
            queue = [other for other in queue if other == "steady"]
        if not queue and maker.has_room_for_more(views, undecided):
            queue.append("highest")
    maker.tell("tradeoffs", len(maker.aims))
    tradeoffs = tuple(maker.tradeoffs([view.plan for view in views])) if views else ()
    return maker.roadmap(plans=tuple(views), tradeoffs=tradeoffs, undecided=tuple(undecided))


class _Maker:
    def __init__(
        self, question: Question, library: Library, progress: Callable[[Progress], None] | None
    ) -> None:
        self.question = question
        self.catalogue = library.measures()
        self.assumptions = library.assumptions()
        self.currencies = library.currencies()
        self.progress = progress
        self.aims = question.aims or (WITHIN_LIMITS if question.goal.level is None else TO_A_LEVEL)
        self.firm = firm_of(
            question.standard,
            question.sheet,
            library.capabilities(),
            self.assumptions,
            sections=question.sections,
            users=question.users,
            machines=question.machines,
        )
        self.hours_assumed: tuple[StaffRole, ...] = ()
        if question.assume_staff:
            self.hours_assumed = tuple(role for role in ROLES if role not in question.goal.hours)
            self.question = replace(question, goal=self._with_staff(question.goal))
        self.means = Means(self.assumptions, self.currencies, self.firm.size, question.revenue)
        prices = Prices(question.goal.currency, self.currencies, question.offers)
        self.planner = Planner(self.firm, self.catalogue, prices, self.question.goal, question.limits)

    def roadmap(self, **parts: Any) -> Roadmap:
        """Return the roadmap with what was found."""
        found = {"plans": (), "clash": None, "tradeoffs": (), **parts}
        return Roadmap(
            self.question, self.planner.start, self.catalogue, hours_assumed=self.hours_assumed, **found
        )

    def _with_staff(self, goal: Goal) -> Goal:
        """Return the goal with what own staff of such a firm can give, where it does not say."""
        heads = self.firm.size.employees
        usual = {
            role: hours.fixed + hours.per_head * heads for role, hours in self.assumptions.staff_hours.items()
        }
        return replace(goal, hours={**usual, **goal.hours})

    def has_room_for_more(self, views: Sequence[PlanView], undecided: Sequence[Aim]) -> bool:
        """Whether the plan with the highest score is worth showing too: within limits, where fewer than three are there."""
        goal = self.question.goal
        limited = goal.budget is not None or goal.cash is not None or bool(goal.hours)
        told = {aim for view in views for aim in view.aims} | set(undecided)
        return not self.question.aims and limited and len(views) < len(TO_A_LEVEL) and "highest" not in told

    def tell(self, aim: str, found: int, objective: int | None = None, bound: float | None = None) -> None:
        if self.progress is not None:
            self.progress(Progress(aim, found, len(self.aims), objective, bound))

    def listener(self, aim: str, found: int) -> Callable[[int, float | None], None] | None:
        if self.progress is None:
            return None
        return lambda objective, bound: self.tell(aim, found, objective, bound)

    def aside(self) -> Planner:
        """Return the planner for plans that only answer "what if": with little time each."""
        limits = self.question.limits
        return replace(self.planner, limits=replace(limits, seconds=min(SIDE_SECONDS, limits.seconds)))

    def view(self, plan: Plan, *, first: bool) -> PlanView:
        planner = replace(self.planner, goal=plan.goal)
        terms = {step.measure: planner.terms[step.measure] for step in plan.steps}
        own = [step.measure for step in plan.steps if not step.contracted]
        left = without(plan, replace(self.aside(), goal=plan.goal), own) if first else {}
        return PlanView(
            plan=plan,
            aims=(plan.aim,),
            terms=terms,
            robustness=robustness(plan, planner.network, self.question.seed),
            returns=return_of(plan, terms, self.catalogue, self.means),
            why=reasons(plan, planner),
            without=left,
        )

    def tradeoffs(self, plans: Sequence[Plan]) -> Iterator[Tradeoff]:
        """Yield what more of each limit would buy.

        More money buys points, so it is asked of the highest score; more time and more staff make the way cheaper, so they are
        asked of the first plan.
        """
        first = plans[0]
        highest = next((plan for plan in plans if plan.aim == "highest"), None)
        for what, more, goal in self._more():
            if what != "budget":
                plan: Plan | None = first
            else:
                plan = highest = highest or self._beside("highest", self.question.goal)
            other = None if plan is None else self._beside(plan.aim, goal)
            if plan is None or other is None:
                continue
            change = (
                other.level - plan.level,
                other.score - plan.score,
                other.money.ownership - plan.money.ownership,
            )
            yield Tradeoff(plan.aim, what, more, other.level, other.score, other.money.ownership, change)

    def _beside(self, aim: Aim, goal: Goal) -> Plan | None:
        """Return a plan that only answers "what if"; None where none was found in the little time."""
        try:
            return replace(self.aside(), goal=goal).plan(aim)
        except (NoPlanError, TimeUpError):
            return None

    def _more(self) -> Iterator[tuple[str, int, Goal]]:
        goal = self.question.goal
        if goal.budget:
            more = max(1, goal.budget * SHARE_MORE // 100)
            yield "budget", more, replace(goal, budget=goal.budget + more)
        if goal.quarters < MOST_QUARTERS:
            yield "date", 1, replace(goal, quarters=goal.quarters + 1)
        for role, hours in goal.hours.items():
            yield (
                f"hours.{role}",
                PERSON_HOURS,
                replace(goal, hours={**goal.hours, role: hours + PERSON_HOURS}),
            )
