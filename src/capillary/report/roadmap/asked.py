"""What was asked for, what of it clashes, and what more of each limit would buy: in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.roadmap.page import Clash, Demand, Tradeoffs
from capillary.report.roadmap.words import (
    AIM_TITLES,
    AIM_WORDS,
    ROLE_TITLES,
    ROLE_WORDS,
    aim_title,
    counted_words,
    grouped,
    joined,
    listed,
    points,
)
from capillary.roadmap.goal import MOST_MONEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from capillary.report.page import Words
    from capillary.report.roadmap.words import Calendar, Money
    from capillary.roadmap.clash import Demand as ClashDemand
    from capillary.roadmap.goal import Goal, Subsidy, Tier
    from capillary.roadmap.roadmap import Roadmap, Tradeoff

_PERSON = "hours."


@dataclass(frozen=True)
class Asked:
    """Says the goal of a roadmap, and what it came to.

    Attributes:
        roadmap: the answer to the question.
        calendar: its quarters.
        money: its currency.
    """

    roadmap: Roadmap
    calendar: Calendar
    money: Money

    @property
    def goal(self) -> Goal:
        """The goal."""
        return self.roadmap.question.goal

    def level(self, number: int) -> Words:
        """Return a level by its name."""
        return self.roadmap.question.standard.level_title(number)

    def demands(self) -> Iterator[Words]:
        """Yield the goal in sentences: what to reach, within what, and what is fixed."""
        goal, money = self.goal, self.money
        end = self.calendar.say(goal.quarters)
        if goal.level is None:
            yield msg("Reach as much as the limits allow by the end of {quarter}.", quarter=end)
        else:
            yield msg("Reach “{level}” by the end of {quarter}.", level=self.level(goal.level), quarter=end)
        if goal.budget is not None:
            yield msg(
                "Spend at most {amount}: one-off costs and one year's running costs, less subsidies.",
                amount=money.say(goal.budget),
            )
        if goal.cash is not None:
            yield msg("Pay at most {amount} in any one quarter.", amount=money.say(goal.cash))
        if goal.running is not None:
            yield msg("Running costs of at most {amount} a year.", amount=money.say(goal.running))
        yield from self._staff()
        yield from self._fixed()
        for subsidy in goal.subsidies:
            for tier in subsidy.tiers:
                yield self._subsidy(subsidy, tier)
            counted = counted_words(subsidy)
            if counted is not None:
                yield counted
        yield msg(
            "Cost of ownership counts {years} years of running costs, each later year at {discount} % less.",
            years=goal.years,
            discount=goal.discount,
        )

    def _staff(self) -> Iterator[Words]:
        """Yield the limits of own staff; those that were assumed in one sentence."""
        assumed = self.roadmap.hours_assumed
        for role, hours in self.goal.hours.items():
            if role not in assumed:
                yield msg(
                    "At most {hours} hours a quarter of {role}.", hours=grouped(hours), role=ROLE_WORDS[role]
                )
        if assumed:
            yield msg(
                "Own staff can give so many hours a quarter, as is assumed for a firm of this size: {hours}.",
                hours=joined(
                    [
                        msg("{role} {hours}", role=ROLE_TITLES[role], hours=grouped(self.goal.hours[role]))
                        for role in assumed
                    ]
                ),
            )

    def _fixed(self) -> Iterator[Words]:
        goal = self.goal
        if goal.pinned:
            yield msg("In any case: {measures}.", measures=self.titles(sorted(goal.pinned)))
        if goal.excluded:
            yield msg("Not: {measures}.", measures=self.titles(sorted(goal.excluded)))
        if goal.have:
            yield msg("There already: {measures}.", measures=self.titles(sorted(goal.have)))
        for name, quarter in goal.contracted.items():
            yield msg(
                "On order and paid: {measure}, complete at the end of {quarter}.",
                measure=self.titles([name]),
                quarter=self.calendar.say(quarter),
            )

    def titles(self, names: Iterable[str]) -> Words:
        """Return measures by their titles."""
        return listed([self.roadmap.catalogue.measures[name].title for name in names])

    def _subsidy(self, subsidy: Subsidy, tier: Tier) -> Words:
        title: Words = subsidy.title or msg("Subsidy")
        share = (
            msg("{title}: {percent} % of the one-off costs", title=title, percent=tier.percent)
            if subsidy.categories is None
            else msg("{title}: {percent} % of the spend that counts", title=title, percent=tier.percent)
        )
        given: Words = share
        if tier.cap < MOST_MONEY:
            given = msg("{subsidy}, at most {cap}", subsidy=share, cap=self.money.say(tier.cap))
        if tier.bonus:
            given = msg("{subsidy}, and {bonus} besides", subsidy=given, bonus=self.money.say(tier.bonus))
        if not tier.level:
            return msg("{subsidy}.", subsidy=given)
        return msg("{subsidy}, once “{level}” is reached.", subsidy=given, level=self.level(tier.level))

    # --- what clashes --------------------------------------------------------------------------------------

    def clash(self) -> Clash | None:
        """Return which demands clash; None where there are plans, or where none was found in time."""
        clash = self.roadmap.clash
        if clash is None:
            return None
        single = len(clash.demands) == 1
        if not clash.proven:
            lead = msg(
                "No plan that meets these demands was found in the time given. That there is none is not proven."
            )
        elif single:
            lead = msg("There is no plan: this demand cannot be met. That is proven.")
        else:
            lead = msg("There is no plan: these demands cannot be met together. That is proven.")
        after = (
            msg(
                "Demands that are not listed here play no part in that; plan again once this one has changed."
            )
            if single
            else msg(
                "One of them has to give way. Each figure holds while the others in this list stay; demands that are not listed"
                " were not counted, so plan again with the new figure."
            )
        )
        rows = tuple(Demand(self._demand(item), self._instead(item)) for item in clash.demands)
        return Clash(lead, rows, after)

    def _demand(self, item: ClashDemand) -> Words:
        goal, have = self.goal, item.have or 0
        amount = self.money.say(have)
        words: Mapping[str, Callable[[], Words]] = {
            "level": lambda: msg("Reach “{level}”", level=self.level(have)),
            "date": lambda: msg("Be done by the end of {quarter}", quarter=self.calendar.say(have)),
            "budget": lambda: msg("Spend at most {amount}", amount=amount),
            "cash": lambda: msg("Pay at most {amount} in any one quarter", amount=amount),
            "running": lambda: msg("Running costs of at most {amount} a year", amount=amount),
            "pinned": lambda: msg("In any case: {measures}", measures=self.titles(sorted(goal.pinned))),
            "excluded": lambda: msg("Not: {measures}", measures=self.titles(sorted(goal.excluded))),
        }
        if item.demand in words:
            return words[item.demand]()
        role = item.demand.removeprefix(_PERSON)
        demand = msg("At most {hours} hours a quarter of {role}", hours=grouped(have), role=ROLE_WORDS[role])
        return msg("{demand} (assumed)", demand=demand) if role in self.roadmap.hours_assumed else demand

    def _instead(self, item: ClashDemand) -> Words:
        if item.demand == "pinned":
            return msg("Let go of at least one of them.")
        if item.demand == "excluded":
            return msg("Allow at least one of them.")
        if item.needs is None:
            return msg("No other figure was found that would do.")
        return self._would_do(item.demand, item.needs)

    def _would_do(self, demand: str, needs: int) -> Words:
        if demand == "level":
            return msg("“{level}” can be reached.", level=self.level(needs))
        if demand == "date":
            return msg("By the end of {quarter} it can be done.", quarter=self.calendar.say(needs))
        if demand in {"budget", "cash", "running"}:
            return msg("{amount} would do.", amount=self.money.say(needs))
        return msg("{hours} hours a quarter would do.", hours=grouped(needs))

    def nothing(self) -> Words | None:
        """Return that no plan was found although none is known to be impossible; None where there are plans."""
        roadmap = self.roadmap
        if roadmap.plans or roadmap.clash is not None:
            return None
        return msg(
            "No plan was found in the time given. That does not mean that there is none: allow more time, or widen a limit."
        )

    def undecided(self) -> Words | None:
        """Return for which aims no plan was found in time."""
        roadmap = self.roadmap
        if not roadmap.plans or not roadmap.undecided:
            return None
        return msg(
            "For {aims} no plan was found in the time given; that there is none is not proven.",
            aims=joined([AIM_WORDS[aim] for aim in roadmap.undecided]),
        )

    # --- what more would buy -------------------------------------------------------------------------------

    def tradeoffs(self) -> Iterator[Tradeoffs]:
        """Yield what one more unit of each limit would buy, by the plan that it is compared with."""
        found = self.roadmap.tradeoffs
        for aim in dict.fromkeys(item.aim for item in found):
            view = next((view for view in self.roadmap.plans if aim in view.aims), None)
            lead = (
                msg("Compared with the plan “{plan}”, which is not shown here:", plan=AIM_TITLES[aim])
                if view is None
                else msg("Compared with the plan “{plan}”:", plan=aim_title(view))
            )
            yield Tradeoffs(lead, tuple(self._would_buy(item for item in found if item.aim == aim)))

    def _would_buy(self, items: Iterable[Tradeoff]) -> Iterator[Words]:
        """Yield a sentence for each limit; those that would buy nothing share one."""
        useless = []
        for item in items:
            more, bought = self._more(item), list(self._bought(item))
            if bought:
                yield msg("{more} would buy: {bought}.", more=more, bought=joined(bought))
            else:
                useless.append(more)
        if useless:
            yield msg("{more} would buy nothing.", more=joined(useless))

    def _more(self, item: Tradeoff) -> Words:
        if item.what == "budget":
            return msg("{amount} more to spend", amount=self.money.say(item.more))
        if item.what == "date":
            if item.more == 1:
                return msg("1 more quarter")
            return msg("{count} more quarters", count=item.more)
        role = ROLE_WORDS[item.what.removeprefix(_PERSON)]
        return msg("{hours} more hours a quarter of {role}", hours=grouped(item.more), role=role)

    def _bought(self, item: Tradeoff) -> Iterator[Words]:
        level, score, ownership = item.change
        if level:
            yield msg("“{level}”", level=self.level(item.level))
        if score:
            change = points(abs(score))
            yield (
                msg("{points} points more", points=change)
                if score > 0
                else msg("{points} points less", points=change)
            )
        if ownership:
            amount = self.money.say(abs(ownership))
            yield (
                msg("{amount} more cost of ownership", amount=amount)
                if ownership > 0
                else msg("{amount} less cost of ownership", amount=amount)
            )
