"""The result as a workbook: sheets for the result, the account, the answers and the shortcomings.

Every text is written as text: a name that begins with "=" must not become a formula in somebody's spreadsheet.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from capillary.report.answers import Answers
from capillary.sheets.look import HEAD_FILL, WHITE, column_widths, font, set_page
from capillary.web import engine
from capillary.web.core.templatetags.capillary import region, sector
from capillary.web.results.names import certainty_name, grade_name
from capillary.web.results.shown import date_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from capillary.model.text import Language
    from capillary.report.page import FindingRow, Words
    from capillary.web.assessments.models import Assessment
    from capillary.web.results.shown import AccountNode, Result

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_TOP = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True)
class _Table:
    """One sheet: its name, widths and headings of its columns, and its rows."""

    title: str
    widths: tuple[float, ...]
    headings: tuple[str, ...]
    rows: list[tuple[object, ...]]


def result_workbook(assessment: Assessment, result: Result, language: Language) -> bytes:
    """Return the result of an assessment as an XLSX file in one language."""
    maker = _Tables(assessment, result, language)
    book = Workbook()
    for number, table in enumerate(
        (maker.result_table(), maker.account_table(), maker.answer_table(), maker.finding_table())
    ):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None  # noqa: S101 - a new workbook has one
        _write(sheet, table, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, table: _Table, language: Language) -> None:
    sheet.title = table.title
    column_widths(sheet, table.widths)
    set_page(sheet, wide=1)
    for column, heading in enumerate(table.headings, start=1):
        _put(sheet, 1, column, heading)
        cell = sheet.cell(1, column)
        cell.font, cell.fill = font(language, bold=True, color=WHITE), HEAD_FILL
        cell.alignment = _TOP
    for row, values in enumerate(table.rows, start=2):
        for column, value in enumerate(values, start=1):
            _put(sheet, row, column, value)
            cell = sheet.cell(row, column)
            cell.font = font(language)
            cell.alignment = _TOP
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.headings))}{len(table.rows) + 1}"


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a number as a number, and everything else as text that no spreadsheet reads as a formula."""
    cell = sheet.cell(row, column)
    if value is None or isinstance(value, int | float):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_RISKY):
        # the mark that spreadsheets set for a leading apostrophe: text stays text when somebody edits the cell
        cell.quotePrefix = True


def _figure(text: str | None) -> float | str | None:
    """Return a figure as the page shows it as a number; an interval as it is."""
    return float(text) if text is not None and _NUMBER.fullmatch(text) else text


class _Tables:
    """Makes the tables of one result in one language."""

    def __init__(self, assessment: Assessment, result: Result, language: Language) -> None:
        self.assessment = assessment
        self.result = result
        self.page = result.page
        self.language = language

    def _say(self, words: Words | None) -> str:
        if words is None:
            return ""
        return words if isinstance(words, str) else words.in_(self.language)

    def _all(self, words: Sequence[Words]) -> str:
        return "\n".join(self._say(item) for item in words)

    def result_table(self) -> _Table:
        """Return who, under what, and the result."""
        assessment, head, say = self.assessment, self.page.head, self._say
        enterprise = assessment.enterprise
        rows: list[tuple[object, ...]] = [
            (_("Enterprise"), say(head.name), None),
            (_("Sector"), sector(enterprise.sector), None),
            (_("Region"), region(enterprise.region), None),
            (_("Employees"), enterprise.employees, None),
            (_("Standard"), say(head.standard), None),
            (_("Assessment"), f"T{assessment.number}", None),
            (_("State"), str(assessment.get_status_display()), None),
            (_("Date"), date_of(assessment).isoformat(), None),
        ]
        if head.level is not None:
            rows.append((say(head.verdict), say(head.level), None))
            rows.append((_("What it means"), say(head.meaning), None))
        rows.append((_("Score, lowest and highest possible"), assessment.score_low, assessment.score_high))
        rows.append((_("Score"), " ".join((str(head.score), say(head.of))), None))
        if assessment.supported_score is not None:
            rows.append((_("Score that the evidence supports"), assessment.supported_score, None))
        rows += [(say(item.title), f"{item.value} / {item.top}", None) for item in self.page.dimensions]
        rows += [(_("Note"), say(notice), None) for notice in head.notices]
        return _Table(_("Result"), (38.0, 70.0, 14.0), (_("Item"), _("Value"), _("Up to")), rows)

    def account_table(self) -> _Table:
        """Return the account of the score, one line a row."""
        headings = (
            _("Account line"),
            _("Depth"),
            _("Earned"),
            _("Lost"),
            _("Unknown"),
            _("Not applicable"),
            _("At most"),
            _("Source"),
            _("Certainty"),
        )
        widths = (56.0, 8.0, 10.0, 10.0, 10.0, 14.0, 10.0, 50.0, 14.0)
        return _Table(_("Score account"), widths, headings, list(self._account_rows(self.result.account)))

    def _account_rows(self, node: AccountNode) -> Iterator[tuple[object, ...]]:
        line = node.line
        for depth, title, amounts, certainty in (
            (line.depth, line.title, line.amounts, line.reference.certainty),
            *((line.depth + 1, part.title, part.amounts, part.reference.certainty) for part in line.parts),
        ):
            yield (
                f"{'    ' * depth}{self._say(title)}",
                depth,
                _figure(amounts.earned),
                _figure(amounts.lost),
                _figure(amounts.unknown),
                _figure(amounts.not_applicable),
                _figure(amounts.potential),
                self._say(node.source),
                certainty_name(certainty),
            )
        for child in node.children:
            yield from self._account_rows(child)

    def answer_table(self) -> _Table:
        """Return every question with its answer and the grade of the evidence behind it."""
        standard = engine.standard_of(self.assessment)
        answers = Answers(standard, engine.sheet_of(self.assessment))
        titles = {item.id: item.title for item in standard.file.dimensions}
        rows: list[tuple[object, ...]] = [
            (
                question.id,
                self._say(titles[question.dimension]),
                self._say(question.title),
                self._say(question.text),
                self._all(answers.words(question)),
                grade_name(answers.sheet.evidence.get(question.id, "declared"))
                if question.id in answers.sheet.answers
                else "",
            )
            for question in standard.questions
        ]
        headings = (
            _("Question number"),
            _("Dimension"),
            _("Question"),
            _("Question text"),
            _("Answer"),
            _("Evidence"),
        )
        return _Table(_("Answers"), (10.0, 24.0, 28.0, 60.0, 60.0, 14.0), headings, rows)

    def finding_table(self) -> _Table:
        """Return the shortcomings, the costliest first."""
        found = (*self.page.shortcomings.first, *self.page.shortcomings.rest)
        headings = (
            _("Rank"),
            _("Shortcoming"),
            _("Dimension"),
            _("The firm has"),
            _("The next better answer"),
            _("Costs (points)"),
            _("Note"),
        )
        rows = [self._finding_row(rank, row) for rank, row in enumerate(found, start=1)]
        return _Table(_("Shortcomings"), (8.0, 32.0, 24.0, 46.0, 46.0, 12.0, 40.0), headings, rows)

    def _finding_row(self, rank: int, row: FindingRow) -> tuple[object, ...]:
        notes = [item for item in (row.still_open, row.blocks) if item is not None]
        return (
            rank,
            self._say(row.title),
            self._say(row.dimension),
            self._all(row.now),
            self._all(row.better),
            _figure(row.cost),
            self._all(notes),
        )
