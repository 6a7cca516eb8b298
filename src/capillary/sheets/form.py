"""Writes the form of a standard as a workbook that people fill in with Excel or LibreOffice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from capillary.model.standard import Multiple, Rate, Ticks
from capillary.model.text import LANGUAGES, Language, Text, msg
from capillary.sheets.layout import (
    ANSWER_COLUMN,
    ANSWER_SHEET,
    ENTERPRISE_ROWS,
    ENTERPRISE_SHEET,
    GUIDE_SHEET,
    KEY_COLUMN,
    LIST_SHEET,
    MARK_SHEET,
    NONE_KEY,
    TICK,
    FormRow,
    choice_label,
    question_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard

_INK, _BLUE, _PALE, _INPUT, _LINE = "1F2937", "1E4E79", "E8EEF4", "FFF8E1", "B8C4CE"
_SIDE = Side(style="thin", color=_LINE)
_EDGE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_WRAP = Alignment(wrap_text=True, vertical="top")
_ANSWER_STYLE = {
    "fill": PatternFill("solid", fgColor=_INPUT),
    "border": _EDGE,
    "protection": Protection(locked=False),
    "alignment": Alignment(wrap_text=True, vertical="center", horizontal="center"),
}
_PERCENT = '0.##"%"'
_HEADINGS: tuple[tuple[Text, int], ...] = (
    (Text(zh="键", en="key"), 10),
    (Text(zh="编号", en="No."), 8),
    (Text(zh="问题与选项", en="Question and options"), 52),
    (Text(zh="另一种语言", en="Other language"), 52),
    (Text(zh="请在此填写", en="Answer here"), 30),
    (Text(zh="填写提示", en="What counts"), 52),
    (Text(zh="可出示的材料", en="Papers that show it"), 34),
)


def write_form(
    standard: Standard, path: Path, language: Language, filled: AnswerSheet | None = None
) -> None:
    """Write the form of a standard.

    Args:
        standard: the standard.
        path: where to write the workbook.
        language: the language that stands first; the other stands beside it.
        filled: answers to fill in, or None for an empty form.

    Raises:
        OSError: the file cannot be written.
    """
    book = Workbook()
    guide = book.active
    assert guide is not None  # noqa: S101 - a new workbook has a sheet
    guide.title = GUIDE_SHEET.in_(language)
    _write_guide(guide, standard, language)
    _write_enterprise(book.create_sheet(ENTERPRISE_SHEET.in_(language)), standard, language, filled)
    lists = book.create_sheet(LIST_SHEET)
    lists.sheet_state = "hidden"
    _write_answers(book.create_sheet(ANSWER_SHEET.in_(language), 2), lists, standard, language, filled)
    mark = book.create_sheet(MARK_SHEET)
    mark.sheet_state = "hidden"
    for row in (("form", "1"), ("standard", standard.id), ("language", language)):
        mark.append(row)
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
    book.security = WorkbookProtection(lockStructure=True)
    book.active = 2
    for number, sheet in enumerate(book.worksheets):
        sheet.sheet_view.tabSelected = number == 2
    # A fixed date: the same standard gives the same file, whenever it is written.
    book.properties.creator = "Capillary"
    book.properties.title = standard.file.title.in_(language)
    book.save(path)


def _write_guide(sheet: Worksheet, standard: Standard, language: Language) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 100
    order = (language, *(other for other in LANGUAGES if other != language))
    for tongue in order:
        sheet.append([standard.file.title.in_(tongue)])
        sheet.cell(sheet.max_row, 1).font = Font(size=16, bold=True, color=_BLUE)
        lines = (
            standard.file.summary,
            msg("1. Fill in the sheet {sheet}: only the yellow cells can be changed.", sheet=ENTERPRISE_SHEET),
            msg("2. Answer on the sheet {sheet}: choose from the lists, tick with {tick}, write rates as numbers "
                "(35 for 35 %).", sheet=ANSWER_SHEET, tick=TICK),
            msg("3. Leave empty what you don't know: an empty answer is unknown, never zero."),
            msg("4. Save, and run: capillary diagnose FILE"),
        )
        for line in lines:
            sheet.append([line.in_(tongue)])
        sources = [source.title.in_(tongue) for source in standard.file.sources]
        sheet.append([msg("Sources: {sources}", sources="; ".join(sources)).in_(tongue)])
        sheet.cell(sheet.max_row, 1).font = Font(size=9, color="5A6672")
        sheet.append([None])
    for row in sheet.iter_rows():
        row[0].alignment = _WRAP


def _write_enterprise(
    sheet: Worksheet, standard: Standard, language: Language, filled: AnswerSheet | None
) -> None:
    _column_widths(sheet, (10, 34, 34, 44))
    sheet.column_dimensions["A"].hidden = True
    known = filled.enterprise.as_json() if filled else {}
    for key, label in ENTERPRISE_ROWS:
        _enterprise_row(sheet, key, label, language, known.get(key))
    if standard.file.variants:
        label = Text(zh="企业类型", en="Kind of firm")
        labels = {item.id: choice_label(item.id, item.title, language) for item in standard.file.variants}
        chosen = labels.get(filled.variant) if filled and filled.variant else None
        cell = _enterprise_row(sheet, "variant", label, language, chosen)
        offer = DataValidation(type="list", formula1='"' + ",".join(labels.values()).replace('"', "") + '"')
        sheet.add_data_validation(offer)
        offer.add(cell)


def _enterprise_row(sheet: Worksheet, key: str, label: Text, language: Language, value: object) -> str:
    sheet.append([key, label.in_(language), label.in_("en" if language == "zh" else "zh"), value])
    row = sheet.max_row
    for column in (2, 3):
        sheet.cell(row, column).font = Font(color=_INK if column == 2 else "5A6672")
    answer = sheet.cell(row, 4)
    _style_answer(answer)
    return f"D{row}"


def _write_answers(
    sheet: Worksheet, lists: Worksheet, standard: Standard, language: Language, filled: AnswerSheet | None
) -> None:
    _column_widths(sheet, tuple(width for _, width in _HEADINGS))
    sheet.column_dimensions[get_column_letter(KEY_COLUMN)].hidden = True
    sheet.append([heading.in_(language) for heading, _ in _HEADINGS])
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_BLUE)
        cell.alignment = _WRAP
    sheet.freeze_panes = "E2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ticks = DataValidation(type="list", formula1=f'"{TICK}"', allow_blank=True)
    percents = DataValidation(type="decimal", operator="between", formula1="0", formula2="100", allow_blank=True)
    percents.error = msg("Write a percentage from 0 to 100: 35 for 35 %.").in_(language)
    sheet.add_data_validation(ticks)
    sheet.add_data_validation(percents)
    choices: dict[tuple[str, ...], DataValidation] = {}
    dimension = None
    for question in standard.questions:
        if question.dimension != dimension:
            dimension = question.dimension
            _write_band(sheet, standard, dimension, language)
        values = _filled_values(question, filled, language)
        for row in question_rows(question):
            number = _write_row(sheet, row, question, language)
            if row.kind == "heading":
                continue
            cell = sheet.cell(number, ANSWER_COLUMN)
            cell.value = values.get(row.key)
            _style_answer(cell)
            if row.kind == "tick":
                ticks.add(cell.coordinate)
            elif row.kind == "percent":
                cell.number_format = _PERCENT
                percents.add(cell.coordinate)
            else:
                labels = tuple(choice_label(key, text, language) for key, text in row.choices)
                if labels not in choices:
                    choices[labels] = _list_validation(lists, labels)
                    sheet.add_data_validation(choices[labels])
                choices[labels].add(cell.coordinate)


def _write_band(sheet: Worksheet, standard: Standard, dimension: str, language: Language) -> None:
    title = next(item.title for item in standard.file.dimensions if item.id == dimension)
    other: Language = "en" if language == "zh" else "zh"
    sheet.append([None, None, title.in_(language), title.in_(other)])
    for column in range(2, len(_HEADINGS) + 1):
        cell = sheet.cell(sheet.max_row, column)
        cell.fill = PatternFill("solid", fgColor=_PALE)
        cell.font = Font(bold=True, size=12, color=_BLUE)


def _write_row(sheet: Worksheet, row: FormRow, question: Question, language: Language) -> int:
    other: Language = "en" if language == "zh" else "zh"
    leads = row.key == question.id
    hint = question.example.in_(language) if leads else None
    papers = "; ".join(paper.in_(language) for paper in question.evidence) if leads else None
    first, second = row.text.in_(language), row.text.in_(other)
    if leads and isinstance(question, Rate) and question.inputs:
        first = f"{first} ({'; '.join(item.in_(language) for item in question.inputs)})"
    sheet.append([row.key, row.label, first, second, None, hint, papers])
    number = sheet.max_row
    for column in range(2, len(_HEADINGS) + 1):
        cell = sheet.cell(number, column)
        cell.alignment = _WRAP
        cell.font = Font(bold=leads and column == 3, color=_INK if column <= 3 else "5A6672", size=10)
        if leads:
            cell.border = Border(top=Side(style="thin", color=_LINE))
    return number


def _style_answer(cell: object) -> None:
    for name, value in _ANSWER_STYLE.items():
        setattr(cell, name, value)


def _list_validation(lists: Worksheet, labels: tuple[str, ...]) -> DataValidation:
    """Put the labels into the next column of the hidden sheet: a list written inline may hold only 255 characters."""
    column = lists.max_column + 1 if lists.max_row > 1 or lists.cell(1, 1).value is not None else 1
    for row, label in enumerate(labels, start=1):
        lists.cell(row, column, label)
    letter = get_column_letter(column)
    where = f"'{LIST_SHEET}'!${letter}$1:${letter}${len(labels)}"
    return DataValidation(type="list", formula1=where, allow_blank=True)


def _column_widths(sheet: Worksheet, widths: tuple[int, ...]) -> None:
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def _filled_values(
    question: Question, filled: AnswerSheet | None, language: Language
) -> Mapping[str, Any]:
    """Return the cell values, by row key, that say what a sheet answers to a question."""
    answer = filled.answers.get(question.id) if filled else None
    if answer is None:
        return {}
    name = question.id
    if isinstance(question, Multiple):
        chosen = [str(key) for key in answer] if isinstance(answer, list | tuple) else []
        return {f"{name}.{key}": TICK for key in chosen or [NONE_KEY]}
    if isinstance(question, Ticks) and isinstance(answer, dict):
        return {
            f"{name}.{column}.{row}": TICK for column, rows in answer.items() for row in rows or [NONE_KEY]
        }
    values: dict[str, Any] = {}
    for row in question_rows(question):
        given = answer.get(row.label) if isinstance(answer, dict) else answer
        if row.kind == "percent":
            values[row.key] = given
        elif row.kind == "choice" and given is not None:
            key = str(given).lower() if isinstance(given, bool) else str(given)
            label = next((choice_label(k, text, language) for k, text in row.choices if k == key), key)
            values[row.key] = label
    return values
