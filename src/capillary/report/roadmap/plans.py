"""The plans side by side, and one plan in detail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from capillary.model.measure import ROLES, SPEND_WORDS
from capillary.model.text import msg
from capillary.report.figures import bar
from capillary.report.roadmap.charts import cash_chart, climb_chart, gantt_head, gantt_stripes
from capillary.report.roadmap.page import (
    Amount,
    Cell,
    Comparison,
    Detail,
    Line,
    MeasureRow,
    QuarterRow,
    Total,
)
from capillary.report.roadmap.words import (
    AIM_WORDS,
    RISK_WORDS,
    ROLE_TITLES,
    about,
    aim_title,
    between,
    chance,
    grouped,
    joined,
    listed,
    points,
    years,
)
from capillary.roadmap.firm import Offer
from capillary.roadmap.robustness import LONGEST_PAYBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from capillary.content.library import Library
    from capillary.model.measure import Measure, Range
    from capillary.model.standard import Question
    from capillary.model.text import Message
    from capillary.report.page import Words
    from capillary.report.roadmap.page import BarKind
    from capillary.report.roadmap.words import Calendar, Money
    from capillary.roadmap.explain import AnswerChange, Without
    from capillary.roadmap.firm import Terms
    from capillary.roadmap.goal import Aim
    from capillary.roadmap.planner import Proof, Step
    from capillary.roadmap.roadmap import PlanView, Roadmap

SIDE_BY_SIDE = 3
_RISKY = ("medium", "high")
_NONE_BETTER: Mapping[Aim, Message] = {
    "cheapest": msg("Proven: no cheaper plan exists."),
    "fastest": msg("Proven: no faster plan exists, and none as fast is cheaper."),
    "safest": msg("Proven: no plan with less risk exists."),
    "highest": msg("Proven: no plan reaches a higher score."),
    "steady": msg("Proven: no plan has more points over all quarters."),
}
_WORSE_WITHOUT: Mapping[Aim, Message] = {
    "cheapest": msg("{amount} less"),
    "fastest": msg("{amount} less, but later"),
    "safest": msg("{amount} less, but with more risk"),
    "highest": msg("{amount} less, but a lower score"),
    "steady": msg("{amount} less, but fewer points over all quarters"),
}


_WITHOUT_NOTES: Mapping[Aim, Message] = {
    "fastest": msg("The best plan without one of them may also take longer."),
    "safest": msg("The best plan without one of them may also carry more risk."),
    "highest": msg("The best plan without one of them may also reach a lower score."),
    "steady": msg("The best plan without one of them may also have fewer points over all quarters."),
}


def same_words(view: PlanView) -> Words | None:
    """Return that one plan is the best in several ways; None where it is in one only."""
    if len(view.aims) == 1:
        return None
    return msg(
        "One and the same plan is {aims}; so it stands here once.",
        aims=joined([AIM_WORDS[aim] for aim in view.aims]),
    )


def proof_words(aim: Aim, proof: Proof) -> Words:
    """Return how sure it is that no plan is better."""
    if proof.status == "optimal" and not proof.gap:
        return _NONE_BETTER[aim]
    if proof.gap is None:
        return msg("Best found in the time given; how much better one could be is not known.")
    percent = f"{ceil(proof.gap * 1000) / 10:g}"
    if aim == "fastest":
        return msg(
            "No faster plan exists; one that is as fast could be at most {percent} % cheaper.",
            percent=percent,
        )
    return msg("Best found in the time given; one could be at most {percent} % better.", percent=percent)


@dataclass(frozen=True)
class Plans:
    """Says the plans of a roadmap.

    Attributes:
        roadmap: with plans.
        library: the content.
        calendar: its quarters.
        money: its currency.
    """

    roadmap: Roadmap
    library: Library
    calendar: Calendar
    money: Money

    def comparisons(self) -> tuple[Comparison, ...]:
        """Return all plans, at most three side by side."""
        views = self.roadmap.plans
        return tuple(
            self._comparison(views[start : start + SIDE_BY_SIDE])
            for start in range(0, len(views), SIDE_BY_SIDE)
        )

    def _comparison(self, views: Sequence[PlanView]) -> Comparison:
        goal = self.roadmap.question.goal
        spent = (
            msg("One-off costs and one year's running costs")
            if goal.budget is None
            else msg("Counted against the budget")
        )
        lines: list[tuple[Words, Callable[[PlanView], Cell]]] = [
            (msg("At the end"), self._result),
            (msg("Score"), self._score),
            (spent, self._spent),
            (msg("Running costs a year"), self._running),
            (msg("Cost of ownership, {years} years", years=goal.years), self._ownership),
            (msg("Chance to stay within the budget"), self._in_budget),
            (msg("Chance to be done in time"), self._in_time),
            (msg("Pays back in"), self._payback),
            (msg("Measures"), self._measures),
            (msg("Is there a better one?"), lambda view: Cell(proof_words(view.plan.aim, view.plan.proof))),
        ]
        if goal.budget is None:
            del lines[5]
        if self.roadmap.firm.program.level is None:
            del lines[0]
        return Comparison(
            titles=tuple(aim_title(view) for view in views),
            anchors=tuple(view.plan.aim for view in views),
            lines=tuple(Line(name, tuple(cell(view) for view in views)) for name, cell in lines),
        )

    def _result(self, view: PlanView) -> Cell:
        plan = view.plan
        title = self.roadmap.question.standard.level_title(plan.level)
        if not plan.reached:
            return Cell(title, msg("has it already"))
        return Cell(title, msg("reached at the end of {quarter}", quarter=self.calendar.say(plan.reached)))

    def _score(self, view: PlanView) -> Cell:
        most = self.roadmap.question.standard.file.scoring.max
        score, now = view.plan.score, view.plan.states[0].score
        return Cell(
            points(score),
            msg("{points} more than now", points=points(score - now)) if score != now else msg("as now"),
            bar(score, score, most, now),
        )

    def _spent(self, view: PlanView) -> Cell:
        paid, budget = view.plan.money, self.roadmap.question.goal.budget
        spent: Words = (
            self.money.say(paid.spent)
            if budget is None
            else msg("{spent} of {budget}", spent=self.money.say(paid.spent), budget=grouped(budget))
        )
        parts: Words = msg(
            "one-off {one_off} + one year {yearly}",
            one_off=grouped(paid.one_off),
            yearly=grouped(paid.yearly),
        )
        if paid.subsidy:
            parts = msg("{parts} − subsidies {subsidy}", parts=parts, subsidy=grouped(paid.subsidy))
        low, _, high = view.robustness.cost
        if not view.plan.steps:
            return Cell(spent)
        return Cell(spent, msg("{parts}; in 8 of 10 cases {range}", parts=parts, range=between(low, high)))

    def _running(self, view: PlanView) -> Cell:
        low, _, high = view.returns.running
        note = msg("between {range}", range=between(low, high)) if low != high else None
        return Cell(self.money.say(view.plan.money.yearly), note)

    def _ownership(self, view: PlanView) -> Cell:
        subsidy = view.plan.money.subsidy
        note = msg("after subsidies of {amount}", amount=grouped(subsidy)) if subsidy else None
        return Cell(self.money.say(view.plan.money.ownership), note)

    @staticmethod
    def _in_budget(view: PlanView) -> Cell:
        found = view.robustness.within_budget
        return Cell("–" if found is None else chance(found))

    @staticmethod
    def _in_time(view: PlanView) -> Cell:
        found = view.robustness
        if found.within_budget is None:
            return Cell(chance(found.in_time))
        return Cell(chance(found.in_time), msg("both together {chance}", chance=chance(found.both)))

    @staticmethod
    def _payback(view: PlanView) -> Cell:
        best, typical, worst = view.returns.payback_years
        if not view.plan.steps:
            return Cell("–")
        if not view.returns.rests_on:
            return Cell(msg("not in money"), msg("no savings are known for these measures"))
        if best == typical == worst:
            return Cell(years(typical, LONGEST_PAYBACK))
        return Cell(
            years(typical, LONGEST_PAYBACK),
            msg(
                "best case {best}, worst case {worst}",
                best=years(best, LONGEST_PAYBACK),
                worst=years(worst, LONGEST_PAYBACK),
            ),
        )

    def _measures(self, view: PlanView) -> Cell:
        measures = self.roadmap.catalogue.measures
        risks = [measures[step.measure].risk for step in view.plan.steps]
        risky = sum(risk in _RISKY for risk in risks)
        high = risks.count("high")
        if not risky:
            return Cell(str(len(risks)), msg("none of them risky") if risks else None)
        if not high:
            return Cell(str(len(risks)), msg("{count} with medium risk", count=risky))
        if risky == high:
            return Cell(str(len(risks)), msg("{count} with high risk", count=high))
        return Cell(
            str(len(risks)),
            msg("{medium} with medium risk, {high} with high risk", medium=risky - high, high=high),
        )

    # --- one plan ------------------------------------------------------------------------------------------

    def detail(self, view: PlanView) -> Detail:
        """Return one plan in detail."""
        plan = view.plan
        paid = plan.money
        rows = tuple(self._row(view, number) for number in range(len(plan.steps)))
        return Detail(
            anchor=plan.aim,
            title=aim_title(view),
            lead=proof_words(plan.aim, plan.proof),
            empty=None if rows else self._empty(view),
            head=gantt_head(self.calendar, plan.goal.quarters),
            stripes=gantt_stripes(plan.goal.quarters),
            rows=rows,
            left_out=None,
            total=Total(grouped(paid.one_off), grouped(paid.yearly), grouped(_hours(view))),
            with_without=bool(view.without),
            without_note=_WITHOUT_NOTES.get(plan.aim) if view.without else None,
            cash=cash_chart(plan, self.calendar, self.money),
            climb=climb_chart(plan, self.calendar, self.roadmap.question.standard.file.scoring.max),
            roles=tuple(ROLE_TITLES[role] for role in ROLES),
            quarters=tuple(self._quarters(view)),
            subsidy=msg(
                "Subsidies of {amount} come back after the end of the plan.",
                amount=self.money.say(paid.subsidy),
            )
            if paid.subsidy
            else None,
            spend=tuple(self._spend(view)),
            gains=tuple(self._gains(view)) if rows else (),
            gains_doubt=bool(view.returns.rests_on) and self.library.assumptions().certainty == "unverified",
        )

    def _spend(self, view: PlanView) -> Iterator[Words]:
        """Yield the one-off costs by category of spend, and what of them each subsidy counts."""
        spend, catalogue = view.plan.money.spend, self.roadmap.catalogue
        if not spend:
            return
        measures = [catalogue.measures[step.measure] for step in view.plan.steps if not step.contracted]
        doubt = any(catalogue.certainty_of(item, item.cost) == "unverified" for item in measures)
        parts = listed(
            [
                msg("{category} {amount}", category=SPEND_WORDS[name], amount=grouped(amount))
                for name, amount in spend.items()
            ]
        )
        yield msg("One-off costs by category{doubt}: {parts}.", doubt=" ‡" if doubt else "", parts=parts)
        for item in view.plan.goal.subsidies:
            if item.categories is None:
                continue
            yield msg(
                "“{title}” counts {counted} of them.",
                title=item.title or msg("Subsidy"),
                counted=self.money.say(sum(spend.get(name, 0) for name in item.categories)),
            )

    def _empty(self, view: PlanView) -> Words:
        goal = self.roadmap.question.goal
        if goal.level is not None:
            title = self.roadmap.question.standard.level_title(view.plan.level)
            return msg("The firm has “{level}” already: nothing has to be done for this goal.", level=title)
        return msg("Within these limits no measure brings the firm further; the plan is empty.")

    def _row(self, view: PlanView, number: int) -> MeasureRow:
        step = view.plan.steps[number]
        terms, measure = view.terms[step.measure], self.roadmap.catalogue.measures[step.measure]
        certainty = self.roadmap.catalogue.certainty_of(measure, measure.cost)
        doubt = certainty == "unverified" and not step.contracted
        offer = self.roadmap.question.offers.get(step.measure, Offer())
        share = 100 / view.plan.goal.quarters
        return MeasureRow(
            number=number + 1,
            title=measure.title,
            first_step=measure.first_step,
            period=self.calendar.span(step.begins, step.complete),
            x=round((step.begins - 1) * share, 2),
            width=round((step.complete - step.begins + 1) * share, 2),
            kind=_kind(step, measure),
            one_off=_amount(terms.one_off, doubt=doubt and offer.one_off is None),
            yearly=_amount(terms.yearly, doubt=doubt and offer.yearly is None),
            remark=_remark(step, terms),
            hours=grouped(sum(terms.hours)),
            hours_by=tuple(
                msg("{role} {hours}", role=ROLE_TITLES[role], hours=grouped(hours))
                for role, hours in zip(ROLES, terms.hours, strict=True)
                if hours
            ),
            risk=RISK_WORDS[measure.risk],
            why=tuple(self._why(view, step)),
            without=self._without(view, step.measure),
        )

    def _why(self, view: PlanView, step: Step) -> Iterator[Words]:
        why, measures = view.why[step.measure], self.roadmap.catalogue.measures
        questions = {question.id: question for question in self.roadmap.question.standard.questions}
        yield from _raised(why.answers, questions)
        if why.unlocks:
            yield msg(
                "makes possible: {measures}", measures=listed([measures[name].title for name in why.unlocks])
            )
        if step.measure in view.plan.goal.pinned:
            yield msg("asked for")
        if not why.answers and not why.unlocks:
            capabilities = self.library.capabilities()
            for rise in why.capabilities:
                yield msg(
                    "{capability}: from level {low} to {high}",
                    capability=capabilities[rise.capability].title,
                    low=rise.before,
                    high=rise.after,
                )

    def _without(self, view: PlanView, name: str) -> Words | None:
        left: Without | None = view.without.get(name)
        if left is None:
            return None
        if not left.possible:
            return msg("there is none")
        change = left.ownership or 0
        if change == 0:
            return msg("as much")
        if change > 0:
            return msg("{amount} more", amount=grouped(change))
        sure = view.plan.proof.status == "optimal"
        template = _WORSE_WITHOUT[view.plan.aim if sure else "cheapest"]
        return replace(template, values={"amount": grouped(-change)})

    def _quarters(self, view: PlanView) -> Iterator[QuarterRow]:
        measures = self.roadmap.catalogue.measures
        done: set[str] = set()
        so_far = 0
        for state in view.plan.states:
            so_far += state.paid
            new = [name for name in state.complete if name not in done]
            done |= set(new)
            yield QuarterRow(
                quarter=self.calendar.say(state.quarter) if state.quarter else msg("Now"),
                paid=grouped(state.paid),
                paid_so_far=grouped(so_far),
                hours=tuple(grouped(hours) for hours in state.hours),
                level=str(state.level) if self.roadmap.firm.program.level is not None else None,
                score=points(state.score),
                complete=tuple(measures[name].title for name in new),
            )

    def _gains(self, view: PlanView) -> Iterator[Words]:
        """Yield what the return rests on: turnover, bases, effects."""
        returns, money = view.returns, self.money
        low, typical, high = returns.turnover
        if not returns.rests_on:
            yield msg("For these measures no savings in money are known; what they bring shows in the score.")
            return
        if returns.turnover_assumed:
            yield msg(
                "The turnover is assumed, because the firm did not state it: {typical} a year ({range}).",
                typical=money.words(about(typical)),
                range=between(low, high),
            )
        else:
            yield msg("Turnover as stated: {amount} a year.", amount=money.say(typical))
        titles = {share.of: share.title for share in self.library.assumptions().shares}
        for rest in returns.rests_on:
            least, usual, most = rest.percent
            yield msg(
                "{base} ({worth} a year): {usual} % less ({least}–{most} %)",
                base=titles[rest.base],
                worth=between(rest.worth[0], rest.worth[2]),
                usual=f"{usual:.1f}".removesuffix(".0"),
                least=f"{least:.1f}".removesuffix(".0"),
                most=f"{most:.1f}".removesuffix(".0"),
            )
        yield msg(
            "Together {typical} saved a year ({range}), before running costs. Where several measures save on the same cost,"
            " each counts only for what the others leave.",
            typical=money.words(about(returns.effect[1])),
            range=between(returns.effect[0], returns.effect[2]),
        )


def _raised(answers: Sequence[AnswerChange], questions: Mapping[str, Question]) -> Iterator[Words]:
    """Yield the questions whose answers become better, each with the points that it gains in all."""
    gained: dict[str, Fraction] = {}
    for change in answers:
        question = change.field if change.field in questions else change.field.split(".")[0]
        gained[question] = gained.get(question, Fraction(0)) + change.points
    for name, more in gained.items():
        if name not in questions:
            continue
        title = questions[name].title
        if more:
            yield msg("{question} +{points}", question=title, points=points(more))
        else:
            yield title


def _amount(given: Range, *, doubt: bool) -> Amount:
    low, typical, high = given
    spread = None if low == high else f"{grouped(low)}–{grouped(high)}"
    return Amount(grouped(typical), spread, doubt=doubt and high > 0)


def _remark(step: Step, terms: Terms) -> Words | None:
    if step.contracted:
        return msg("on order, paid")
    return msg("own figures") if terms.own else None


def _kind(step: Step, measure: Measure) -> BarKind:
    if step.contracted:
        return "ordered"
    return "risky" if measure.risk in _RISKY else "plain"


def _hours(view: PlanView) -> int:
    return sum(sum(view.terms[step.measure].hours) for step in view.plan.steps if not step.contracted)
