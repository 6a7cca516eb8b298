"""Writes the form of a standard as a workbook that people fill in with Excel or LibreOffice."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Multiple, Ticks
from capillary.model.text import LANGUAGES, Language, Text
from capillary.sheets.layout import (
    ANSWER_COLUMN,
    ANSWER_SHEET,
    ENTERPRISE_ANSWER_COLUMN,
    ENTERPRISE_ROWS,
    ENTERPRISE_SHEET,
    FORM_VERSION,
    GUIDE_SHEET,
    KEY_COLUMN,
    LIST_SHEET,
    MARK_SHEET,
    NONE_KEY,
    NUMERIC_ROWS,
    TICK,
    VARIANT_ROW,
    FormRow,
    choice_label,
    choice_labels,
    question_rows,
)
from capillary.sheets.look import (
    BAND_FILL,
    BLUE,
    DONE_FILL,
    GREY,
    HAIR,
    HEAD_FILL,
    INK,
    RULE,
    WHITE,
    column_widths,
    font,
    height_for,
    set_page,
    style_answer,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard

# Hidden key, number, text, answer, other language. The last is as wide as text and answer, so that a print in two pages'
# width never tears an answer cell from its question.
_WIDTHS: Mapping[Language, tuple[float, ...]] = {
    "zh": (10.0, 8.0, 72.0, 28.0, 102.0),
    "en": (10.0, 8.0, 84.0, 28.0, 114.0),
}
_LABEL_COLUMN, _TEXT_COLUMN, _OTHER_COLUMN = 2, 3, 5
_ENTERPRISE_WIDTHS = (10.0, 30.0, 40.0, 34.0)
_GUIDE_WIDTH = 70.0
_HEAD_ROW = 3
_LONGEST_NUMBER = 6
_HEADINGS: tuple[Text, ...] = (
    Text(zh="", en=""),
    Text(zh="编号", en="No."),
    Text(zh="问题与选项", en="Questions and options"),
    Text(zh="请在此填写", en="Answer here"),
)
_OTHER_HEADING = Text(zh="问题与选项（中文）", en="Questions and options (English)")
_LEGEND = Text(
    zh="只填黄色格子，填好后变绿；不清楚的留空，留空表示“不知道”，不按零分算。",
    en="Fill in the yellow cells; they turn green. Leave empty what you do not know: empty is unknown, never zero.",
)
_ENTERPRISE_LEGEND = Text(
    zh="能填的填上，便于和同类企业比较；都可以留空。",
    en="Fill in what you like, so that you can be compared with firms like yours; all of it may stay empty.",
)
_BAND_ERROR = Text(
    zh="请填 0 到 100 的百分数（35% 就填 35），或某一档的字母。",
    en="Write a percentage from 0 to 100 (35 for 35 %), or the letter of a band.",
)
_LIST_ERROR = Text(zh="请从下拉列表里选，或清空。", en="Choose from the list, or empty the cell.")
_AMOUNT_ERROR = Text(zh="请填不小于 0 的数。", en="Write a number of 0 or more.")
_STEPS: tuple[Text, ...] = (
    Text(
        zh="1. 先填“企业”表：这是一家怎样的企业。",
        en="1. Begin with the sheet “Enterprise”: what kind of firm this is.",
    ),
    Text(
        zh="2. 再填“填报”表：黄色格子里，有下拉列表的从列表里选；多选题在符合的选项后面选 ✓；比例直接填数（35% 就填 35）。",
        en="2. Then answer on the sheet “Answers”. In the yellow cells, choose from the list; where several options may hold, "
        "choose ✓ behind each that does; write percentages as numbers (35 for 35 %).",
    ),
    Text(
        zh="3. 不清楚的就留空：留空表示“不知道”，不按零分算；结果会给出最低和最高两个数。",
        en="3. Leave empty what you do not know: empty means unknown, never zero, and the result shows a lowest and a highest "
        "value.",
    ),
    Text(
        zh="4. 灰字说明哪些算、哪些不算，以及评审时可能要看的材料；现在不用附材料。",
        en="4. The grey lines say what counts and what does not, and which papers an assessor may want to see; none need be "
        "attached now.",
    ),
    Text(
        zh="5. 保存后发回给把表交给你的人；想自己看结果，运行：capillary diagnose 文件名",
        en="5. Save it and return it to whoever gave it to you; or see the result yourself with: capillary diagnose FILE",
    ),
)
_SOURCES = Text(zh="依据：", en="Sources: ")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def write_form(standard: Standard, path: Path, language: Language, filled: AnswerSheet | None = None) -> None:
    """Write the form of a standard; the same form is the same file, byte for byte, whenever it is written.

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
    enterprise = book.create_sheet(ENTERPRISE_SHEET.in_(language))
    answers = book.create_sheet(ANSWER_SHEET.in_(language))
    lists = book.create_sheet(LIST_SHEET)
    lists.sheet_state = "hidden"
    _write_enterprise(enterprise, _Lists(lists), standard, language, filled)
    _Answers(answers, _Lists(lists), standard, language, filled).write()
    mark = book.create_sheet(MARK_SHEET)
    mark.sheet_state = "hidden"
    for row in (("form", FORM_VERSION), ("standard", standard.id), ("language", language)):
        mark.append(row)
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
    book.security = WorkbookProtection(lockStructure=True)
    book.properties.creator = "Capillary"
    book.properties.title = standard.file.title.in_(language)
    _save(book, path, standard.file.effective_from)


def _save(book: Workbook, path: Path, date: str) -> None:
    """Save a workbook without the moment of its making: its parts and properties bear the standard's date."""
    packed = io.BytesIO()
    book.save(packed)
    stamp = rb"\g<1>" + f"{date}T00:00:00Z".encode()
    with zipfile.ZipFile(packed) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            text = made.read(name)
            if name == "docProps/core.xml":
                text = _STAMP.sub(stamp, text)
            kept.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)


def _other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"


class _Lists:
    """The hidden sheet with what the drop-downs offer: a list written into a validation may hold only 255 characters."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet

    def validation(self, labels: tuple[str, ...], error: str) -> DataValidation:
        """Return a validation that offers ``labels`` and refuses everything else."""
        empty = self.sheet.max_row == 1 and self.sheet.cell(1, 1).value is None
        column = 1 if empty else self.sheet.max_column + 1
        for row, label in enumerate(labels, start=1):
            self.sheet.cell(row, column, label)
        letter = get_column_letter(column)
        return _refusing(
            DataValidation(type="list", formula1=f"'{LIST_SHEET}'!${letter}$1:${letter}${len(labels)}"), error
        )


def _refusing(validation: DataValidation, error: str) -> DataValidation:
    """Return a validation that lets a cell stay empty and stops wrong input with a message."""
    validation.allow_blank = True
    validation.showErrorMessage = True
    validation.error = error
    return validation


def _write_guide(sheet: Worksheet, standard: Standard, language: Language) -> None:
    set_page(sheet, wide=1)
    column_widths(sheet, (_GUIDE_WIDTH,))
    order = (language, *(other for other in LANGUAGES if other != language))
    for tongue in order:
        sources = "; ".join(source.title.in_(tongue) for source in standard.file.sources)
        _guide_line(sheet, standard.file.title, tongue, 16, BLUE)
        _guide_line(sheet, standard.file.summary, tongue, 10.5, INK)
        for step in _STEPS:
            _guide_line(sheet, step, tongue, 10.5, INK)
        lead = _SOURCES.in_(tongue)
        _guide_line(sheet, Text(zh=lead + sources, en=lead + sources), tongue, 9, GREY)
        sheet.append([None])


def _guide_line(sheet: Worksheet, text: Text, language: Language, size: float, color: str) -> None:
    shown = text.in_(language)
    sheet.append([shown])
    cell = sheet.cell(sheet.max_row, 1)
    cell.font = font(language, size, bold=color == BLUE, color=color)
    cell.alignment = wrapped()
    sheet.row_dimensions[sheet.max_row].height = height_for([(shown, _GUIDE_WIDTH, size)]) + 5


def _write_title(sheet: Worksheet, title: str, legend: str, language: Language) -> None:
    """Write title and legend into the first two rows."""
    sheet.cell(1, _LABEL_COLUMN, title).font = font(language, 14, bold=True, color=BLUE)
    sheet.row_dimensions[1].height = 26
    sheet.cell(2, _LABEL_COLUMN, legend).font = font(language, 9.5, color=GREY)
    sheet.row_dimensions[2].height = 20


def _write_enterprise(
    sheet: Worksheet, lists: _Lists, standard: Standard, language: Language, filled: AnswerSheet | None
) -> None:
    set_page(sheet, wide=1)
    column_widths(sheet, _ENTERPRISE_WIDTHS)
    sheet.column_dimensions["A"].hidden = True
    _write_title(sheet, ENTERPRISE_SHEET.in_(language), _ENTERPRISE_LEGEND.in_(language), language)
    known = filled.enterprise.as_json() if filled else {}
    numbers = _refusing(
        DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0"),
        _AMOUNT_ERROR.in_(language),
    )
    sheet.add_data_validation(numbers)
    for key, label in ENTERPRISE_ROWS:
        cell = _enterprise_row(sheet, key, label, language, known.get(key))
        # a registration number of 18 digits would lose its last as a number
        sheet[cell].number_format = "#,##0" if key in NUMERIC_ROWS else "@"
        if key in NUMERIC_ROWS:
            numbers.add(cell)
    if standard.file.variants:
        labels = {item.id: choice_label(item.id, item.title, language) for item in standard.file.variants}
        chosen = labels.get(filled.variant) if filled and filled.variant else None
        offer = lists.validation(tuple(labels.values()), _LIST_ERROR.in_(language))
        sheet.add_data_validation(offer)
        offer.add(_enterprise_row(sheet, "variant", VARIANT_ROW, language, chosen))
    shipped = {key for key, _ in ENTERPRISE_ROWS}
    for key, value in known.items():
        if key not in shipped and isinstance(value, str | int | float):
            _enterprise_row(sheet, key, Text(zh=key, en=key), language, value)
    _colour_filled(sheet, ENTERPRISE_ANSWER_COLUMN, _HEAD_ROW)


def _enterprise_row(sheet: Worksheet, key: str, label: Text, language: Language, value: object) -> str:
    """Write a fact about the enterprise below the last; return the coordinate of its cell."""
    row = max(_HEAD_ROW, sheet.max_row + 1)
    other = _other(language)
    sheet.cell(row, KEY_COLUMN, key)
    for column, tongue, color in ((2, language, INK), (4, other, GREY)):
        cell = sheet.cell(row, column, label.in_(tongue))
        cell.font = font(tongue, 10.5, color=color)
        cell.alignment = wrapped(vertical="center", indent=1 if column == 4 else 0)
    answer = sheet.cell(row, ENTERPRISE_ANSWER_COLUMN)
    _put(answer, value)
    style_answer(answer, language)
    sheet.row_dimensions[row].height = 24
    return str(answer.coordinate)


def _put(cell: Any, value: object) -> None:
    """Set a cell's value; text stays text, also where it begins with an equals sign."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _colour_filled(sheet: Worksheet, column: int, first: int) -> None:
    """Let the answer cells of a column turn green when they are filled in."""
    letter = get_column_letter(column)
    rule = Rule("expression", formula=[f"LEN(${letter}{first})>0"], dxf=DifferentialStyle(fill=DONE_FILL))
    sheet.conditional_formatting.add(f"{letter}{first}:{letter}{max(first, sheet.max_row)}", rule)


class _Answers:
    """Writes the sheet with the questions, row by row."""

    def __init__(
        self,
        sheet: Worksheet,
        lists: _Lists,
        standard: Standard,
        language: Language,
        filled: AnswerSheet | None,
    ) -> None:
        self.sheet = sheet
        self.lists = lists
        self.standard = standard
        self.language = language
        self.other = _other(language)
        self.filled = filled
        self.widths = _WIDTHS[language]
        self.row = _HEAD_ROW
        # where questions are named by words, the form counts them instead
        self.counted = any(len(question.id) > _LONGEST_NUMBER for question in standard.questions)
        self.ticks = _refusing(DataValidation(type="list", formula1=f'"{TICK}"'), _LIST_ERROR.in_(language))
        self.choices: dict[tuple[str, ...], DataValidation] = {}

    def write(self) -> None:
        """Write everything."""
        self._prepare()
        dimension = None
        for number, question in enumerate(self.standard.questions, start=1):
            if question.dimension != dimension:
                dimension = question.dimension
                self._band(dimension)
            values = _filled_values(question, self.filled, self.language)
            for row in question_rows(question):
                self.row += 1
                self._texts(row, str(number) if row.leads and self.counted else row.label)
                self._answer_cell(question, row, values.get(row.key))
        _colour_filled(self.sheet, ANSWER_COLUMN, _HEAD_ROW + 1)

    def _prepare(self) -> None:
        sheet = self.sheet
        set_page(sheet, wide=2)
        column_widths(sheet, self.widths)
        sheet.column_dimensions[get_column_letter(KEY_COLUMN)].hidden = True
        _write_title(
            sheet, self.standard.file.title.in_(self.language), _LEGEND.in_(self.language), self.language
        )
        other_title = sheet.cell(1, _OTHER_COLUMN, self.standard.file.title.in_(self.other))
        other_title.font = font(self.other, 12, bold=True, color=GREY)
        headings = [heading.in_(self.language) for heading in _HEADINGS]
        for column, heading in enumerate([*headings, _OTHER_HEADING.in_(self.other)], start=1):
            cell = sheet.cell(_HEAD_ROW, column, heading or None)
            cell.font = font(self.language, bold=True, color=WHITE)
            cell.fill = HEAD_FILL
            cell.alignment = wrapped("center" if column == ANSWER_COLUMN else "left", "center")
        sheet.row_dimensions[_HEAD_ROW].height = 22
        sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
        sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
        sheet.print_title_cols = "B:B"
        sheet.add_data_validation(self.ticks)

    def _band(self, dimension: str) -> None:
        """Write the title of a dimension across the sheet."""
        title = next(item.title for item in self.standard.file.dimensions if item.id == dimension)
        self.row += 1
        for column in range(_LABEL_COLUMN, _OTHER_COLUMN + 1):
            self.sheet.cell(self.row, column).fill = BAND_FILL
        for column, language in ((_TEXT_COLUMN, self.language), (_OTHER_COLUMN, self.other)):
            cell = self.sheet.cell(self.row, column, title.in_(language))
            cell.font = font(language, 12, bold=True, color=BLUE)
        self.sheet.row_dimensions[self.row].height = 24

    def _texts(self, row: FormRow, number: str) -> None:
        """Write number and text of a row in both languages, and make it high enough."""
        if row.key:
            self.sheet.cell(self.row, KEY_COLUMN, row.key)
        size = 9.0 if row.kind == "note" else 10.0
        bold = row.leads or row.kind == "part"
        texts: list[tuple[str, float, float]] = []
        for column, language in ((_TEXT_COLUMN, self.language), (_OTHER_COLUMN, self.other)):
            text = row.text.in_(language)
            color = GREY if row.kind == "note" or column == _OTHER_COLUMN else INK
            cell = self.sheet.cell(self.row, column, text)
            cell.data_type = "s"
            cell.font = font(language, size, bold=bold, color=color)
            cell.alignment = wrapped(vertical="top" if row.kind == "note" else "center")
            texts.append((text, self.widths[column - 1], size + bold))
        label = self.sheet.cell(self.row, _LABEL_COLUMN, number or None)
        label.font = font(self.language, 10, bold=row.leads, color=BLUE if row.leads else INK)
        label.alignment = wrapped("left" if row.leads else "right", "center", indent=0 if row.leads else 1)
        texts.append((number, self.widths[_LABEL_COLUMN - 1] + 1, 10.0))
        if row.kind != "note":
            for column in range(_LABEL_COLUMN, _OTHER_COLUMN + 1):
                self.sheet.cell(self.row, column).border = RULE if row.leads else HAIR
        if row.kind == "choice":
            texts.append(("\n" if row.leads else "", self.widths[ANSWER_COLUMN - 1], 10.0))
        self.sheet.row_dimensions[self.row].height = height_for(texts)

    def _answer_cell(self, question: Question, row: FormRow, value: object) -> None:
        cell = self.sheet.cell(self.row, ANSWER_COLUMN)
        if row.kind in {"part", "note", "option"}:
            return
        if row.kind == "heading" and value is None and question.not_applicable != "drop":
            return
        _put(cell, value)
        style_answer(cell, self.language, "left" if row.kind == "choice" else "center")
        if row.kind == "tick":
            self.ticks.add(cell.coordinate)
        elif row.kind == "percent":
            self._percent(row, cell.coordinate)
        else:
            self._choice(tuple(choice_labels(question, row, self.language).values()), cell.coordinate)

    def _choice(self, labels: tuple[str, ...], coordinate: str) -> None:
        if labels not in self.choices:
            validation = self.lists.validation(labels, _LIST_ERROR.in_(self.language))
            self.choices[labels] = validation
            self.sheet.add_data_validation(validation)
        self.choices[labels].add(coordinate)

    def _percent(self, row: FormRow, coordinate: str) -> None:
        """Let a cell take a percentage or the key of a band; a plain number format takes both ``35`` and ``35%``."""
        words = ",".join(f'{coordinate}="{key}"' for key, _ in row.choices)
        within = f"AND(ISNUMBER({coordinate}),{coordinate}>=0,{coordinate}<=100)"
        validation = _refusing(
            DataValidation(type="custom", formula1=f"OR({within},{words})"), _BAND_ERROR.in_(self.language)
        )
        self.sheet.add_data_validation(validation)
        validation.add(coordinate)


def _filled_values(question: Question, filled: AnswerSheet | None, language: Language) -> Mapping[str, Any]:
    """Return the cell values, by row key, that say what a sheet answers to a question."""
    answer = filled.answers.get(question.id) if filled else None
    if answer is None:
        return {}
    name = question.id
    if answer == NOT_APPLICABLE:
        leading = next(iter(question_rows(question)))
        return {name: choice_labels(question, leading, language)[NOT_APPLICABLE]}
    if isinstance(question, Multiple):
        chosen = [str(key) for key in answer] if isinstance(answer, list | tuple) else []
        return {f"{name}.{key}": TICK for key in chosen or [_none_key(question)]}
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
            key = (
                str(given).lower()
                if isinstance(given, bool)
                else f"{given:g}"
                if isinstance(given, float)
                else str(given)
            )
            values[row.key] = choice_labels(question, row, language)[key]
    return values


def _none_key(question: Multiple) -> str:
    """Return the key of the row that says "none of these"."""
    first = question.options[0]
    return first.key if first.exclusive else NONE_KEY
