"""Finds plans: the cheapest, the fastest, the safest way to a level, or the most that limits allow; each with its proof.

A plan is looked for in two steps. First without a calendar: time, staff and cash count only in total. What is best there
cannot be beaten by any plan with a calendar. Then its measures are put into quarters; if they fit, the plan is proven best
without ever solving the large model. Only where they do not fit is the model with the calendar solved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from capillary.model.measure import ROLES
from capillary.roadmap.calendar import PlanModel, ownership_cost, windows
from capillary.roadmap.goal import check_goal
from capillary.roadmap.network import after, network_of
from capillary.roadmap.presolve import beaten
from capillary.roadmap.timeline import (
    Money,
    QuarterState,
    completion,
    money,
    standing,
    standings,
    subsidy_of,
    timeline,
)
from capillary.scoring.linear import Quantity, known, summed
from capillary.scoring.solver import Answer, Limits, solve, whole_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from capillary.model.measure import Catalogue
    from capillary.roadmap.calendar import Window
    from capillary.roadmap.firm import Firm, Prices, Terms
    from capillary.roadmap.goal import Aim, Goal
    from capillary.roadmap.network import Choice, Network
    from capillary.scoring.solver import Status

    Stages = Sequence[Callable[[PlanModel], Quantity]]

QUICK_WEEKS = 6
QUICK_WEIGHT = 5


@dataclass(frozen=True)
class Step:
    """One measure of a plan.

    Attributes:
        begins, complete: quarters from 1; it is complete at the end of the second.
        one_off, yearly: typical figures; 0 for what is on order.
    """

    measure: str
    begins: int
    complete: int
    one_off: int
    yearly: int
    contracted: bool = False


@dataclass(frozen=True)
class Proof:
    """How good a plan is, and how that is known.

    Attributes:
        status: ``optimal`` if no plan within the limits is better; ``feasible`` if the time was up before that was proven.
        objective, bound: what was made small or large, and what no plan can beat; in the aim's own unit.
        gap: their relative distance.
        seconds: time inside the solver.
    """

    status: Status
    objective: int
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Measures in their quarters, and what follows from them."""

    aim: Aim
    goal: Goal
    steps: tuple[Step, ...]
    states: tuple[QuarterState, ...]
    money: Money
    proof: Proof

    @property
    def starts(self) -> Mapping[str, int]:
        """The quarter in which each measure begins."""
        return {step.measure: step.begins for step in self.steps}

    @property
    def level(self) -> int:
        """The level at the end."""
        return self.states[-1].level

    @property
    def score(self) -> Fraction:
        """The score at the end, in the standard's points."""
        return self.states[-1].score

    @property
    def reached(self) -> int:
        """The quarter at whose end the final level is reached first; 0 if the firm has it already."""
        return next(state.quarter for state in self.states if state.level >= self.level)


class NoPlanError(Exception):
    """No plan meets all demands; `capillary.roadmap.clash` says which of them clash."""


class TimeUpError(Exception):
    """The time was up before any plan was found."""


@dataclass
class _Clock:
    """Solver time that is left; the solvers report their own."""

    seconds: float
    used: float = 0.0

    def limits(self, base: Limits, share: float = 1.0) -> Limits:
        return replace(base, seconds=max(0.05, (self.seconds - self.used) * share))


@dataclass(frozen=True)
class Planner:
    """Finds plans for one firm within one goal.

    Attributes:
        catalogue: all measures.
        prices: what each costs this firm.
        limits: solver time in all for one plan, and the gap to stop at.
        progress: told the objective and the bound whenever a solver has something better.
    """

    firm: Firm
    catalogue: Catalogue
    prices: Prices
    goal: Goal
    limits: Limits = field(default_factory=Limits)
    progress: Callable[[int, float | None], None] | None = None

    def __post_init__(self) -> None:
        check_goal(
            self.goal, self.firm, self.catalogue, [rate.currency for rate in self.prices.currencies.rates]
        )

    @cached_property
    def start(self) -> Firm:
        """The firm with what it has already."""
        return after(self.firm, self.catalogue, self.goal.have)

    @cached_property
    def network(self) -> Network:
        """What can be chosen, without what is too dear, too long or too much work, and what another measure beats."""
        whole = self._network()
        spans = windows(whole, self.goal)
        hopeless = {
            choice.id
            for choice, window in zip(whole.choices, spans, strict=True)
            if self._hopeless(choice, window)
        }
        kept = whole.only(set(whole.index) - hopeless) if hopeless else whole
        inferior = beaten(kept, self.goal)
        return kept.only(set(kept.index) - inferior) if inferior else kept

    def _network(self) -> Network:
        program = self.firm.program
        scoring = program.standard.file.scoring
        focus = [name for name in (scoring.score, scoring.level) if name in program.position]
        network = network_of(
            self.start,
            self.catalogue,
            self.prices,
            have=self.goal.have,
            pinned=self.goal.pinned,
            ordered=self.goal.contracted,
            excluded=self.goal.excluded,
            focus=[name for name in focus if name is not None],
        )
        return replace(network, choices=tuple(self._on_order(choice) for choice in network.choices))

    def _on_order(self, choice: Choice) -> Choice:
        """Return what is on order as a choice that costs nothing more and waits for nothing."""
        if choice.id not in self.goal.contracted:
            return choice
        nothing = (0, 0, 0)
        terms = replace(choice.terms, one_off=nothing, yearly=nothing, weeks=(13, 13, 13), hours=(0, 0, 0, 0))
        return replace(choice, terms=terms)

    def _hopeless(self, choice: Choice, window: Window) -> bool:
        if choice.id in self.goal.pinned or choice.id in self.goal.contracted:
            return False
        goal, terms = self.goal, choice.terms
        return (
            window.last < window.first
            or (goal.cash is not None and terms.one_off[1] > goal.cash)
            or (goal.running is not None and terms.yearly[1] > goal.running)
            or any(
                hours > goal.hours[role]
                for role, hours in zip(ROLES, terms.hours_a_quarter(), strict=True)
                if role in goal.hours
            )
        )

    @property
    def terms(self) -> Mapping[str, Terms]:
        """What every choice takes and costs."""
        return {choice.id: choice.terms for choice in self.network.choices}

    # --- the aims ------------------------------------------------------------------------------------------

    def plan(self, aim: Aim) -> Plan:
        """Return the best plan for an aim; the highest score where no goal is set and no level can be gained.

        Raises:
            NoPlanError: no plan meets all demands.
            TimeUpError: none was found in time.
        """
        clock = _Clock(self.limits.seconds)
        if aim == "steady":
            from capillary.roadmap.steady import steady_plan

            return steady_plan(self)
        if aim == "highest" or self.goal.level is None:
            goal = self._highest_goal(clock)
            if aim == "highest" or goal.level is None:
                return self._highest(goal, clock)
            return replace(self, goal=goal).plan(aim)
        if aim == "fastest":
            return self._fastest(clock)
        stages = [PlanModel.ownership] if aim == "cheapest" else [PlanModel.risk, PlanModel.ownership]
        return self._staged(aim, self.goal, stages, clock)

    def least(self, quantity: Callable[[PlanModel], Quantity]) -> Plan:
        """Return the plan with the least of a quantity, such as what is spent.

        Raises:
            NoPlanError: no plan meets all demands.
            TimeUpError: none was found in time.
        """
        return self._staged("cheapest", self.goal, [quantity], _Clock(self.limits.seconds))

    def any_plan(self) -> Plan:
        """Return some plan that meets all demands.

        Raises:
            NoPlanError: there is none.
            TimeUpError: none was found in time.
        """
        return self.least(_nothing)

    def _highest_goal(self, clock: _Clock) -> Goal:
        """Return the goal with the highest level that the limits allow; no level where the standard has none."""
        now = standing(self.start)[0]
        for level in range(self.firm.program.top_level, now, -1):
            goal = replace(self.goal, level=level)
            try:
                self._staged("highest", goal, [_nothing], clock)
            except NoPlanError:
                continue
            return goal
        return self.goal

    def _highest(self, goal: Goal, clock: _Clock) -> Plan:
        return self._staged("highest", goal, [PlanModel.score, PlanModel.ownership], clock)

    def _fastest(self, clock: _Clock) -> Plan:
        """Return the cheapest plan among those that reach the level earliest, by halving the time that is needed."""
        best = self._staged("fastest", self.goal, [PlanModel.ownership], clock)
        low, high = 1, best.reached
        while low < high:
            middle = (low + high) // 2
            try:
                best = self._staged("fastest", self.goal, [PlanModel.ownership], clock, by=middle)
                high = best.reached
            except NoPlanError:
                low = middle + 1
        return best

    def _staged(self, aim: Aim, goal: Goal, stages: Stages, clock: _Clock, by: int | None = None) -> Plan:
        """Return the plan that is best in the first stage's quantity, then in the next, then begins earliest.

        Args:
            aim: names the plan, and decides what comes first among equals.
            goal: the limits.
            stages: what is made small one after the other (the score: large).
            clock: solver time.
            by: the quarter at whose end the level must be reached; the last one by default.
        """
        if not goal.pinned <= {*self.network.index, *goal.have}:
            raise NoPlanError
        flat = self._flat(goal, by)
        kept: list[Answer] = []
        chosen: set[str] = set()
        for number in range(len(stages)):
            model = PlanModel(flat.network, flat.goal)
            answer = self._best(model, by=None, stages=stages[: number + 1], kept=kept, clock=clock)
            kept.append(answer)
            chosen = {model.network.choices[item].id for item in model.starts(answer.values or ())}
        starts = self._placed(aim, chosen, goal, clock, by)
        if starts is None:
            return self._with_calendar(aim, goal, stages, clock, by)
        return self._made(aim, goal, starts, kept[0], clock)

    def _best(  # noqa: PLR0913 - all by name
        self,
        model: PlanModel,
        *,
        by: int | None,
        stages: Stages,
        kept: Sequence[Answer],
        clock: _Clock,
        warm: Mapping[int, int] | None = None,
    ) -> Answer:
        """Return the answer of the last stage, with what the earlier ones reached demanded."""
        if model.goal.level is not None:
            model.demand_level(model.goal.level, by)
        *earlier, quantity = stages
        for before, answer in zip(earlier, kept, strict=True):
            own, fixed = before(model), known(answer.objective or 0)
            model.model.at_most(*((fixed, own) if before is PlanModel.score else (own, fixed)))
        found = solve(
            model.model,
            quantity(model),
            limits=clock.limits(self.limits),
            maximise=quantity is PlanModel.score,
            warm=None if warm is None else model.hint(warm),
            progress=self.progress,
        )
        clock.used += found.seconds
        if found.status == "infeasible":
            raise NoPlanError
        if found.values is None:
            raise TimeUpError
        return found

    def _flat(self, goal: Goal, by: int | None) -> _Flat:
        """Return network and goal with one long quarter, in which whatever is needed can be done beforehand.

        Every plan with a calendar is one here too: hours and cash count in total only.
        """
        quarters = goal.quarters if by is None or goal.pinned else by
        in_time = [
            choice.id
            for choice, window in zip(self.network.choices, windows(self.network, goal), strict=True)
            if window.first + choice.terms.quarters - 1 <= quarters
            or choice.id in goal.pinned
            or choice.id in goal.contracted
        ]
        network = self.network.only(in_time)
        every = frozenset(range(len(network.choices)))
        choices = tuple(
            replace(
                choice, same_quarter=every, terms=replace(choice.terms, weeks=(0, 1, choice.terms.weeks[2]))
            )
            for choice in network.choices
        )
        return _Flat(
            replace(network, choices=choices),
            replace(
                goal,
                quarters=1,
                cash=None if goal.cash is None else goal.cash * quarters,
                hours={role: hours * quarters for role, hours in goal.hours.items()},
                contracted=dict.fromkeys(goal.contracted, 1),
            ),
        )

    def _placed(
        self, aim: Aim, chosen: set[str], goal: Goal, clock: _Clock, by: int | None
    ) -> dict[str, int] | None:
        """Return the measures in their quarters, as early as the limits allow; None where they do not fit."""
        kept = self._needed(aim, chosen, goal)
        network = self.network.only(kept)
        earliest = self._earliest(network, goal, by)
        if earliest is not None:
            return earliest
        model = PlanModel(network, replace(goal, pinned=frozenset(kept)), scored=_scored(goal, by))
        if goal.level is not None:
            model.demand_level(goal.level, by)
        limits = clock.limits(replace(self.limits, gap=0.01), 0.3)
        answer = solve(model.model, _lateness(model, aim), limits=limits)
        clock.used += answer.seconds
        if answer.values is None:
            return None
        return {network.choices[number].id: start for number, start in model.starts(answer.values).items()}

    def _earliest(self, network: Network, goal: Goal, by: int | None) -> dict[str, int] | None:
        """Return all measures at the earliest that their needs allow; None where that breaks a limit or misses the level.

        Every plan of these measures begins each of them then or later: none waits less, and none has more complete at the end
        of any quarter. Where the limits allow it, it is the best, and no solver is asked.
        """
        first, level = windows(network, goal), goal.level or 0
        if any(window.last < window.first for window in first):
            return None
        starts = {choice.id: window.first for choice, window in zip(network.choices, first, strict=True)}
        unlimited = goal.cash is None and goal.budget is None and not goal.hours
        if unlimited and by in {None, goal.quarters}:
            return starts  # the level was read from all of them, and at the end all are complete
        terms = {choice.id: choice.terms for choice in network.choices}
        states = timeline(self.start, self.catalogue, terms, goal, starts)
        spent = money(terms, goal, starts, states).spent
        return starts if _keeps(goal, states, spent) and states[by or goal.quarters].level >= level else None

    def _needed(self, aim: Aim, chosen: set[str], goal: Goal) -> set[str]:
        """Return the measures without those that can be taken out and nothing is lost, the dearest tried first.

        A measure whose level is not asked for stays where it pays: without it a subsidy would be lost that is worth more.
        """
        network = self.network
        fixed = goal.pinned | set(goal.contracted)
        kept = set(chosen) | (set(goal.contracted) & set(network.index))
        worth = standing(after(self.start, self.catalogue, kept))
        bill = self._bill(kept, goal, worth[0])
        if goal.level is not None and aim != "highest":
            worth = (goal.level, Fraction(0))
        cost = {name: network.choices[network.index[name]].terms.one_off[1] for name in kept}
        left = sorted(kept - fixed, key=lambda item: (-cost[item], item))
        while left:
            found = self._dispensable(kept, left, goal, worth, bill)
            if found is None:
                break
            place, bill = found
            kept = kept - {left[place]}
            left = left[place + 1 :]
        return kept

    def _dispensable(
        self,
        kept: set[str],
        names: Sequence[str],
        goal: Goal,
        worth: tuple[int, Fraction],
        bill: tuple[int, int],
    ) -> tuple[int, tuple[int, int]] | None:
        """Return the place of the first measure that can be taken out, and what is paid then; None where all are needed."""
        choices, index = self.network.choices, self.network.index
        places = {index[name] for name in kept}
        free = [
            place
            for place, name in enumerate(names)
            if all(
                makers & (places - {index[name]})
                for other in kept
                if other != name
                for makers in choices[index[other]].needs
            )
        ]
        states = standings([after(self.start, self.catalogue, kept - {names[place]}) for place in free])
        for place, state in zip(free, states, strict=True):
            less = self._bill(kept - {names[place]}, goal, state[0])
            if state >= worth and all(now <= before for now, before in zip(less, bill, strict=True)):
                return place, less
        return None

    def _bill(self, names: set[str], goal: Goal, level: int) -> tuple[int, int]:
        """Return what measures cost after subsidies: over the years that are counted, and against the budget."""
        own = [self.network.choices[self.network.index[name]].terms for name in names - set(goal.contracted)]
        one_off = sum(item.one_off[1] for item in own)
        counted = [sum(item.counted(subsidy.categories) for item in own) for subsidy in goal.subsidies]
        paid = subsidy_of(goal, one_off, counted, level)
        spent = one_off + sum(item.yearly[1] for item in own)
        return sum(ownership_cost(item, goal) for item in own) - paid, spent - paid

    def _with_calendar(self, aim: Aim, goal: Goal, stages: Stages, clock: _Clock, by: int | None) -> Plan:
        kept: list[Answer] = []
        starts: dict[int, int] = {}
        for number in range(len(stages)):
            model = PlanModel(self.network, goal, scored=_scored(goal, by))
            try:
                warm = starts if number else None
                answer = self._best(
                    model, by=by, stages=stages[: number + 1], kept=kept, clock=clock, warm=warm
                )
            except TimeUpError:
                if not starts:
                    raise
                break
            kept.append(answer)
            starts = model.starts(answer.values or ())
        names = {self.network.choices[number].id: start for number, start in starts.items()}
        better = self._placed(aim, set(names), goal, clock, by)
        return self._made(aim, goal, better or names, kept[0], clock)

    def _made(self, aim: Aim, goal: Goal, starts: Mapping[str, int], answer: Answer, clock: _Clock) -> Plan:
        proof = Proof(
            status=answer.status,
            objective=answer.objective or 0,
            bound=None
            if answer.bound is None
            else float(whole_bound(answer.bound, maximise=aim in {"highest", "steady"})),
            gap=0.0 if answer.status == "optimal" and not self.limits.gap else answer.gap,
            seconds=clock.used,
        )
        return self.finished(aim, goal, starts, proof)

    def finished(self, aim: Aim, goal: Goal, starts: Mapping[str, int], proof: Proof) -> Plan:
        """Return the plan of given beginnings, checked by a reader that shares nothing with the model.

        Raises:
            BrokenPlanError: the plan breaks a demand; this is a mistake in the product.
        """
        from capillary.roadmap.check import check_plan

        terms = self.terms
        steps = tuple(
            Step(
                measure=name,
                begins=start,
                complete=completion(name, start, terms, goal),
                one_off=terms[name].one_off[1],
                yearly=terms[name].yearly[1],
                contracted=name in goal.contracted,
            )
            for name, start in sorted(starts.items(), key=lambda item: (item[1], item[0]))
        )
        states = timeline(self.start, self.catalogue, terms, goal, starts)
        plan = Plan(aim, goal, steps, states, money(terms, goal, starts, states), proof)
        check_plan(plan, self.firm, self.catalogue, self.prices)
        return plan


@dataclass(frozen=True)
class _Flat:
    network: Network
    goal: Goal


def _scored(goal: Goal, by: int | None) -> tuple[int, ...]:
    """Return the quarters at which the standard is read: the one of the level, and the last, on which subsidies depend."""
    return tuple(sorted({by or goal.quarters, goal.quarters}))


def _keeps(goal: Goal, states: Sequence[QuarterState], spent: int) -> bool:
    """Whether a plan keeps budget, cash and hours; running costs do not depend on when measures begin."""
    limits = [(ROLES.index(role), most) for role, most in goal.hours.items()]
    return (
        (goal.budget is None or spent <= goal.budget)
        and (goal.cash is None or all(state.paid <= goal.cash for state in states))
        and all(state.hours[place] <= most for state in states for place, most in limits)
    )


def _nothing(model: PlanModel) -> Quantity:  # noqa: ARG001 - one form for all stages
    """Return what is the same for every plan: any that meets the demands will do."""
    return known(0)


def _lateness(model: PlanModel, aim: Aim) -> Quantity:
    """Return the sum of waiting quarters; for the safest plan quick, sure measures weigh more, so that they come first."""
    plain = model.lateness()
    if aim != "safest":
        return plain
    quick = [
        number
        for number, choice in enumerate(model.network.choices)
        if choice.measure.risk == "low" and choice.terms.weeks[1] <= QUICK_WEEKS
    ]
    return summed([plain, model.lateness(quick).scaled(QUICK_WEIGHT - 1)])
