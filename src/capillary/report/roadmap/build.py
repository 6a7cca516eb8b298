"""Builds the paper of a roadmap out of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary import __version__
from capillary.model.text import msg
from capillary.report.figures import bar
from capillary.report.foot import PRODUCT
from capillary.report.head import date_words, of_words
from capillary.report.page import Fact, SourceEntry
from capillary.report.roadmap.asked import Asked
from capillary.report.roadmap.page import Foot, RoadmapPage, Rung, Standing
from capillary.report.roadmap.plans import Plans, same_words
from capillary.report.roadmap.words import Calendar, Money, aim_title, grouped, joined, points
from capillary.roadmap.timeline import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from fractions import Fraction

    from capillary.content.library import Library
    from capillary.model.standard import Source
    from capillary.report.page import Words
    from capillary.report.roadmap.page import Detail
    from capillary.roadmap.roadmap import Roadmap

_EVEN = 0.5
_SIZES: Mapping[str, Callable[[str], Words]] = {
    "employees": lambda count: msg("{count} employees", count=count),
    "users": lambda count: msg("{count} users of office software", count=count),
    "machines": lambda count: msg("{count} machines", count=count),
}


def build_roadmap(
    roadmap: Roadmap, library: Library, first: tuple[int, int], written_on: str | None = None
) -> RoadmapPage:
    """Return the paper of a roadmap, ready for the template.

    Args:
        roadmap: the roadmap.
        library: the content.
        first: year and quarter of the plan's first quarter.
        written_on: the date of the paper, as an ISO date.
    """
    return _Builder(roadmap, library, Calendar(first)).page(written_on)


class _Builder:
    def __init__(self, roadmap: Roadmap, library: Library, calendar: Calendar) -> None:
        goal = roadmap.question.goal
        self.roadmap = roadmap
        self.library = library
        self.calendar = calendar
        self.money = Money.of_currency(goal.currency, library.currencies())
        self.asked = Asked(roadmap, calendar, self.money)
        self.plans = Plans(roadmap, library, calendar, self.money)
        self.standard = roadmap.question.standard
        self.levels = roadmap.firm.program.level is not None

    def page(self, written_on: str | None) -> RoadmapPage:
        roadmap = self.roadmap
        name: Words = roadmap.question.sheet.enterprise.name or msg("Enterprise without a name")
        views = roadmap.plans
        details = tuple(self.plans.detail(view) for view in views)
        same = (same_words(view) for view in views)
        return RoadmapPage(
            title=msg("Roadmap: {name}", name=name),
            name=name,
            standard=self.standard.file.title,
            unit=self.money.unit,
            facts=tuple(self._facts(written_on)),
            standings=tuple(self._standings()),
            rungs=tuple(self._rungs()) if self.levels else (),
            demands=tuple(self.asked.demands()),
            clash=self.asked.clash(),
            nothing=self.asked.nothing(),
            same=tuple(words for words in same if words is not None),
            comparisons=self.plans.comparisons(),
            chances=self._chances(),
            tradeoffs=tuple(self.asked.tradeoffs()),
            notices=tuple(self._notices(details)),
            details=details,
            foot=self._foot(details),
        )

    def _facts(self, written_on: str | None) -> Iterator[Fact]:
        quarters = self.roadmap.question.goal.quarters
        if written_on:
            yield Fact(msg("Date"), date_words(written_on))
        yield Fact(
            msg("Time of the plan"),
            msg("{span} ({count} quarters)", span=self.calendar.span(1, quarters), count=quarters)
            if quarters > 1
            else self.calendar.say(1),
        )
        size = self.roadmap.firm.size
        for name, title in (
            ("employees", msg("Employees")),
            ("users", msg("Users of office software")),
            ("machines", msg("Machines")),
        ):
            count = grouped(getattr(size, name))
            yield Fact(title, msg("{count} (assumed)", count=count) if name in size.assumed else count)

    def _standings(self) -> Iterator[Standing]:
        level, score = standing(self.roadmap.firm)
        yield self._standing(msg("Now"), level, score)
        for view in self.roadmap.plans[:1]:
            plan = view.plan
            yield self._standing(
                msg(
                    "{plan}, at the end of {quarter}",
                    plan=aim_title(view),
                    quarter=self.calendar.say(plan.goal.quarters),
                ),
                plan.level,
                plan.score,
            )

    def _standing(self, when: Words, level: int, score: Fraction) -> Standing:
        most = self.standard.file.scoring.max
        return Standing(
            when=when,
            level=self.standard.level_title(level) if self.levels else None,
            score=msg("{score} {of}", score=points(score), of=of_words(self.standard)),
            bar=bar(score, score, most),
        )

    def _rungs(self) -> Iterator[Rung]:
        now, _ = standing(self.roadmap.firm)
        for item in sorted(self.standard.file.levels, key=lambda item: item.level):
            plans = tuple(aim_title(view) for view in self.roadmap.plans if view.plan.level == item.level)
            state = "passed" if item.level < now else "now" if item.level == now else "above"
            yield Rung(item.title, state, plans)  # type: ignore[arg-type]  # one of the three words

    def _chances(self) -> Words | None:
        if not any(view.plan.steps for view in self.roadmap.plans):
            return None
        runs = self.roadmap.plans[0].robustness.runs
        return msg(
            "Chances are from {runs} simulated courses, with costs and durations between their low and high figures. They are"
            " ranges, because nobody knows whether the measures miss their typical figures together or each on its own.",
            runs=grouped(2 * runs),
        )

    def _notices(self, details: tuple[Detail, ...]) -> Iterator[Words]:
        undecided = self.asked.undecided()
        if undecided is not None:
            yield undecided
        for view in self.roadmap.plans:
            if view.robustness.both[1] < _EVEN:
                title = aim_title(view)
                if view.robustness.within_budget is None:
                    yield msg(
                        "“{plan}” will more likely than not be late: choose a later date, or another plan.",
                        plan=title,
                    )
                else:
                    yield msg(
                        "“{plan}” will more likely than not miss budget or date: keep a reserve, or choose another plan.",
                        plan=title,
                    )
        if any(row.doubt for detail in details for row in detail.rows):
            yield msg(
                "Costs marked ‡ are our own estimates that nobody has verified. Get offers before you decide, and plan again"
                " with them."
            )

    def _foot(self, details: tuple[Detail, ...]) -> Foot:
        doubts = any(row.doubt for detail in details for row in detail.rows)
        return Foot(
            assumed=tuple(self._assumed()),
            doubts=doubts,
            sources=tuple(self._sources()),
            product=f"{PRODUCT} {__version__}",
        )

    def _assumed(self) -> Iterator[Words]:
        size = self.roadmap.firm.size
        guessed = [say(grouped(getattr(size, name))) for name, say in _SIZES.items() if name in size.assumed]
        if guessed and self.roadmap.plans:
            yield msg("Assumed, because the firm did not state it: {figures}.", figures=joined(guessed))
        currency = self.roadmap.question.goal.currency
        currencies = self.library.currencies()
        if currency != currencies.base:
            rate = currencies.rate(currency)
            yield msg(
                "Amounts are converted at {rate} {base} for 1 {currency} ({date}).",
                rate=f"{float(rate.per_unit):g}",
                base=currencies.base,
                currency=currency,
                date=rate.date,
            )

    def _sources(self) -> Iterator[SourceEntry]:
        """Yield what the costs, the assumptions and the rates come from, each once."""
        catalogue = self.roadmap.catalogue
        found: dict[str, Source] = {}
        for view in self.roadmap.plans:
            for step in view.plan.steps:
                measure = catalogue.measures[step.measure]
                source = catalogue.source_of(measure, measure.cost)
                found.setdefault(source.title.en, source)
        if found:
            for file in (self.library.assumptions(), self.library.currencies())[: 1 + self._foreign()]:
                source = next(item for item in file.sources if item.id == file.source)
                found.setdefault(source.title.en, source)
        for number, source in enumerate(found.values(), start=1):
            yield SourceEntry(
                number=number,
                title=source.title,
                details=tuple(item for item in (source.document, source.date) if item),
                url=source.url if (source.url or "").startswith(("https://", "http://")) else None,
                note=source.note,
            )

    def _foreign(self) -> bool:
        return self.roadmap.question.goal.currency != self.library.currencies().base
