"""A roadmap as a workbook: figures as numbers, and yellow cells for the offers that the firm holds.

Every text is written as text: a name that begins with "=" must not become a formula in somebody's spreadsheet.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from capillary.model.exact import tidy
from capillary.model.measure import ROLES
from capillary.model.text import msg
from capillary.report.roadmap.build import build_roadmap
from capillary.report.roadmap.plans import proof_words
from capillary.report.roadmap.words import RISK_WORDS, ROLE_TITLES, Calendar, Money, aim_title, listed
from capillary.roadmap.firm import Offer, Prices
from capillary.roadmap.offers import ID_HEADING, OFFER_SHEET, OWN_HEADINGS
from capillary.sheets.look import (
    GREY,
    HEAD_FILL,
    WHITE,
    column_widths,
    font,
    set_page,
    style_answer,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from capillary.content.library import Library
    from capillary.model.measure import Measure
    from capillary.model.text import Language
    from capillary.report.page import Words
    from capillary.report.roadmap.page import MeasureRow, RoadmapPage
    from capillary.roadmap.firm import Terms
    from capillary.roadmap.planner import Step
    from capillary.roadmap.roadmap import PlanView, Roadmap

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_WHOLE, _SHARE, _DECIMAL = "#,##0", "0%", "0.0#"


@dataclass(frozen=True)
class _Figure:
    """One line of the overview: its name, a value for each plan, and how numbers are shown."""

    name: Words
    values: tuple[object, ...]
    form: str = _WHOLE


def roadmap_xlsx(roadmap: Roadmap, library: Library, language: Language, first: tuple[int, int]) -> bytes:
    """Return a roadmap as a workbook; `capillary.roadmap.offers.read_offers` reads the offers in it back.

    Args:
        roadmap: the roadmap.
        library: the content that it was made with.
        language: the language of the workbook.
        first: year and quarter of the plan's first quarter.
    """
    page = build_roadmap(roadmap, library, first)
    return _Book(roadmap, library, language, Calendar(first)).made(page)


class _Book:
    def __init__(self, roadmap: Roadmap, library: Library, language: Language, calendar: Calendar) -> None:
        self.roadmap = roadmap
        self.library = library
        self.language: Language = language
        self.calendar = calendar
        self.book = Workbook()

    def made(self, page: RoadmapPage) -> bytes:
        overview = self.book.active
        assert overview is not None  # noqa: S101 - a new workbook has a sheet
        overview.title = self.say(msg("Plans"))
        self.overview(overview, page)
        self.measures(self.book.create_sheet(OFFER_SHEET.in_(self.language)), page)
        self.quarters(self.book.create_sheet(self.say(msg("Quarters"))))
        self.book.properties.creator = "Capillary"
        self.book.properties.title = self.say(page.title)
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()

    def say(self, words: Words) -> str:
        return words if isinstance(words, str) else words.in_(self.language)

    # --- the plans -----------------------------------------------------------------------------------------

    def overview(self, sheet: Worksheet, page: RoadmapPage) -> None:
        """Write who asked for what, what came of it, and the plans side by side."""
        column_widths(sheet, (46, 30, 30, 30, 30, 30))
        set_page(sheet, wide=1)
        self.text(sheet, page.title, size=14, bold=True)
        self.text(sheet, page.standard)
        for words in page.demands:
            self.text(sheet, words)
        if page.nothing:
            self.text(sheet, page.nothing, bold=True)
        if page.clash:
            self.text(sheet, page.clash.lead, bold=True)
            self.head(sheet, (msg("The demand"), msg("If the others listed here stay")))
            for demand in page.clash.demands:
                self.row(sheet, (demand.words, demand.instead))
            self.text(sheet, page.clash.after)
        if self.roadmap.plans:
            sheet.append([])
            self.head(sheet, ("", *(aim_title(view) for view in self.roadmap.plans)))
            for figure in self.figures():
                self.row(sheet, (figure.name, *figure.values), figure.form)
            sheet.append([])
        self.text(
            sheet,
            msg(
                "Offers that you hold belong into the yellow cells of the sheet “{sheet}”, in whole {unit}; an empty cell keeps"
                " the estimate.",
                sheet=OFFER_SHEET,
                unit=page.unit,
            ),
            bold=True,
        )
        bought = (words for group in page.tradeoffs for words in (group.lead, *group.sentences))
        for words in (*bought, *page.notices, *page.foot.assumed):
            self.text(sheet, words)

    def figures(self) -> Iterator[_Figure]:
        """Yield the lines of the overview."""
        views, goal = self.roadmap.plans, self.roadmap.question.goal
        plans = [view.plan for view in views]
        if self.roadmap.firm.program.level is not None:
            yield _Figure(msg("Level"), tuple(plan.level for plan in plans))
            yield _Figure(
                msg("Reached at the end of"),
                tuple(self.calendar.say(plan.reached) if plan.reached else msg("Now") for plan in plans),
            )
        yield _Figure(msg("Score now"), tuple(tidy(plan.states[0].score) for plan in plans), _DECIMAL)
        yield _Figure(msg("Score at the end"), tuple(tidy(plan.score) for plan in plans), _DECIMAL)
        unit = Money.of_currency(goal.currency, self.library.currencies()).unit
        money = [plan.money for plan in plans]
        yield _Figure(msg("Budget ({unit})", unit=unit), tuple(goal.budget for _ in plans))
        yield _Figure(msg("Counted against the budget"), tuple(item.spent for item in money))
        yield _Figure(msg("One-off costs"), tuple(item.one_off for item in money))
        yield _Figure(msg("Running costs a year"), tuple(item.yearly for item in money))
        yield _Figure(msg("Subsidies"), tuple(item.subsidy for item in money))
        yield _Figure(msg("Paid until the end of the plan"), tuple(item.paid for item in money))
        yield _Figure(
            msg("Cost of ownership, {years} years", years=goal.years), tuple(item.ownership for item in money)
        )
        yield from self._sureness(views)
        yield from self._returns(views)
        catalogue = self.roadmap.catalogue.measures
        yield _Figure(msg("Number of measures"), tuple(len(plan.steps) for plan in plans))
        yield _Figure(
            msg("Measures with medium or high risk"),
            tuple(sum(catalogue[step.measure].risk != "low" for step in plan.steps) for plan in plans),
        )
        yield _Figure(
            msg("Is there a better one?"), tuple(proof_words(plan.aim, plan.proof) for plan in plans)
        )

    @staticmethod
    def _sureness(views: Sequence[PlanView]) -> Iterator[_Figure]:
        found = [view.robustness for view in views]
        for place, name in enumerate(
            (
                msg("Spent: 1 case in 10 is below"),
                msg("Spent: half of all cases are below"),
                msg("Spent: 9 cases in 10 are below"),
            )
        ):
            yield _Figure(name, tuple(round(item.cost[place]) for item in found))
        for title, chances in (
            (msg("Chance to stay within the budget"), [item.within_budget for item in found]),
            (msg("Chance to be done in time"), [item.in_time for item in found]),
            (msg("Chance of both"), [item.both for item in found]),
        ):
            for place, name in enumerate(
                (msg("{figure}, lowest", figure=title), msg("{figure}, highest", figure=title))
            ):
                yield _Figure(name, tuple(None if item is None else item[place] for item in chances), _SHARE)

    @staticmethod
    def _returns(views: Sequence[PlanView]) -> Iterator[_Figure]:
        for place, case in enumerate((msg("low"), msg("typical"), msg("high"))):
            yield _Figure(
                msg("Saved a year, before running costs ({case})", case=case),
                tuple(round(view.returns.effect[place]) for view in views),
            )
        for place, case in enumerate((msg("best case"), msg("typical"), msg("worst case"))):
            values = (view.returns.payback_years[place] for view in views)
            yield _Figure(
                msg("Pays back in years ({case}); empty: not within 10 years", case=case),
                tuple(None if value is None else round(value, 2) for value in values),
                _DECIMAL,
            )

    # --- the measures --------------------------------------------------------------------------------------

    def measures(self, sheet: Worksheet, page: RoadmapPage) -> None:
        """Write a row for each measure of each plan, and yellow cells for offers."""
        column_widths(
            sheet, (22, 24, 40, 12, 12, *(11,) * 9, *(10,) * len(ROLES), 9, 14, 44, 14, 12, 12, 14, 14, 12)
        )
        set_page(sheet, wide=1)
        sheet.page_setup.orientation = "landscape"
        self.head(
            sheet,
            (
                msg("Plan"),
                ID_HEADING,
                msg("Measure"),
                msg("Begins"),
                msg("Complete"),
                *(
                    msg("{figure} ({case})", figure=figure, case=case)
                    for figure in (msg("One-off"), msg("Yearly"), msg("Weeks"))
                    for case in (msg("low"), msg("typical"), msg("high"))
                ),
                *(msg("Hours: {role}", role=ROLE_TITLES[role]) for role in ROLES),
                msg("Risk"),
                msg("Costs are"),
                msg("Why it is in"),
                msg("Is there a plan without it?"),
                msg("Cost of ownership without it, change"),
                *OWN_HEADINGS.values(),
            ),
        )
        for view, detail in zip(self.roadmap.plans, page.details, strict=True):
            for step, row in zip(view.plan.steps, detail.rows, strict=True):
                self._measure(sheet, view, step, row)
        inside = {step.measure for view in self.roadmap.plans for step in view.plan.steps}
        for name in sorted(self.roadmap.question.offers.keys() - inside):
            self._offered(sheet, name)
        sheet.freeze_panes = "D2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"

    def _measure(self, sheet: Worksheet, view: PlanView, step: Step, row: MeasureRow) -> None:
        measure, terms = self.roadmap.catalogue.measures[step.measure], view.terms[step.measure]
        left = view.without.get(step.measure)
        possible: Words | None = None
        if left is not None:
            possible = msg("yes") if left.possible else msg("no")
        self._line(
            sheet,
            (aim_title(view), self.calendar.say(step.begins), self.calendar.say(step.complete)),
            measure,
            terms,
            (
                msg("on order, paid") if step.contracted else self._certainty(measure, terms),
                listed(row.why) if row.why else None,
                possible,
                None if left is None else left.ownership,
            ),
        )

    def _offered(self, sheet: Worksheet, name: str) -> None:
        """Write the row of a measure that the firm has an offer for but no plan takes."""
        question = self.roadmap.question
        prices = Prices(question.goal.currency, self.library.currencies(), question.offers)
        measure = self.roadmap.catalogue.measures[name]
        terms = prices.terms(measure, self.roadmap.firm.size)
        self._line(
            sheet,
            (msg("in no plan"), None, None),
            measure,
            terms,
            (self._certainty(measure, terms), None, None, None),
        )

    def _line(
        self,
        sheet: Worksheet,
        when: tuple[Words, Words | None, Words | None],
        measure: Measure,
        terms: Terms,
        rest: tuple[object, ...],
    ) -> None:
        offer = self.roadmap.question.offers.get(measure.id, Offer())
        plan, begins, complete = when
        figures = (*terms.one_off, *terms.yearly, *terms.weeks, *terms.hours, RISK_WORDS[measure.risk], *rest)
        own = (offer.one_off, offer.yearly, offer.weeks)
        self.row(sheet, (plan, measure.id, measure.title, begins, complete, *figures, *own))
        for column in range(sheet.max_column - len(own) + 1, sheet.max_column + 1):
            cell = sheet.cell(sheet.max_row, column)
            style_answer(cell, self.language, "right")
            cell.number_format = _WHOLE

    def _certainty(self, measure: Measure, terms: Terms) -> Words:
        if terms.own:
            return msg("own figures")
        if self.roadmap.catalogue.certainty_of(measure, measure.cost) == "unverified":
            return msg("‡ unverified")
        return msg("from a source")

    # --- the quarters --------------------------------------------------------------------------------------

    def quarters(self, sheet: Worksheet) -> None:
        """Write payments, hours, level and score of each quarter of each plan."""
        column_widths(sheet, (22, 16, 12, 12, *(10,) * len(ROLES), 9, 9, 60))
        set_page(sheet, wide=1)
        levels = self.roadmap.firm.program.level is not None
        self.head(
            sheet,
            (
                msg("Plan"),
                msg("Quarter"),
                msg("Paid"),
                msg("Paid so far"),
                *(msg("Hours: {role}", role=ROLE_TITLES[role]) for role in ROLES),
                msg("Level"),
                msg("Score"),
                msg("Complete at its end"),
            ),
        )
        measures = self.roadmap.catalogue.measures
        for view in self.roadmap.plans:
            so_far, done = 0, frozenset[str]()
            for state in view.plan.states:
                so_far += state.paid
                new = [measures[name].title for name in state.complete if name not in done]
                done |= set(state.complete)
                self.row(
                    sheet,
                    (
                        aim_title(view),
                        self.calendar.say(state.quarter) if state.quarter else msg("Now"),
                        state.paid,
                        so_far,
                        *state.hours,
                        state.level if levels else None,
                        tidy(state.score),
                        "\n".join(self.say(title) for title in new),
                    ),
                )
                sheet.cell(sheet.max_row, 6 + len(ROLES)).number_format = _DECIMAL
        sheet.freeze_panes = "C2"

    # --- cells ---------------------------------------------------------------------------------------------

    def text(self, sheet: Worksheet, words: Words, size: float = 10, *, bold: bool = False) -> None:
        """Write a sentence into a row of its own."""
        cell = sheet.cell(sheet.max_row + (sheet["A1"].value is not None), 1)
        _put(cell, self.say(words))
        cell.font = font(self.language, size, bold=bold, color="1F2937" if bold else GREY)

    def head(self, sheet: Worksheet, titles: Sequence[Words]) -> None:
        """Write headings."""
        row = sheet.max_row + (sheet["A1"].value is not None)
        for column, title in enumerate(titles, start=1):
            cell = sheet.cell(row, column)
            _put(cell, self.say(title))
            cell.font, cell.fill = font(self.language, bold=True, color=WHITE), HEAD_FILL
            cell.alignment = wrapped()

    def row(self, sheet: Worksheet, values: Sequence[object], form: str = _WHOLE) -> None:
        """Write a row: numbers as numbers, everything else in words."""
        row = sheet.max_row + 1
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            if value is None or isinstance(value, int | float):
                cell.value = value
                cell.number_format = form
            else:
                _put(cell, value if isinstance(value, str) else value.in_(self.language))  # type: ignore[attr-defined]
            cell.font = font(self.language)
            cell.alignment = wrapped("left" if isinstance(value, str) or column == 1 else "general")


def _put(cell: Cell | MergedCell, text: str) -> None:
    """Write text that no spreadsheet takes for a formula, also after somebody has edited the cell."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_RISKY):
        cell.quotePrefix = True
