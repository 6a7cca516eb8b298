"""Reads a filled form back, and says by cell what cannot be used."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.answers import read_sheet
from capillary.sheets.cells import answer_from_text, is_no_tick, is_tick
from capillary.sheets.files import MEBIBYTE, check_size, refuse
from capillary.sheets.layout import (
    ANSWER_COLUMN,
    ANSWER_SHEET,
    ENTERPRISE_SHEET,
    KEY_COLUMN,
    MARK_SHEET,
    NONE_KEY,
    NUMERIC_ROWS,
    FormRow,
    choice_key,
    rows_of,
)
from capillary.model.fields import question_fields
from capillary.model.standard import Boolean, Grid, Multiple, Rate, Ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard

LARGEST_BOOK = 20 * MEBIBYTE
LARGEST_UNPACKED = 48 * MEBIBYTE
MOST_PARTS = 500
_OLE = b"\xd0\xcf\x11\xe0"
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class _Cell:
    """An answer cell: its place, and its value as text or number; None where it is empty."""

    place: Place
    value: Any


def read_workbook(path: Path, find: Callable[[str], Standard]) -> AnswerSheet:
    """Return the sheet that a filled form holds.

    Args:
        path: the workbook.
        find: returns the standard of an id.

    Raises:
        InputError: the workbook or its answers cannot be used; every problem is named with its cell.
    """
    check_size(path, LARGEST_BOOK)
    _check_archive(path)
    values, formulas = _load(path, values=True), _load(path, values=False)
    name = path.name
    standard = find(_mark(values, name, "standard"))
    problems: list[Problem] = []
    answers_sheet = _sheet(values, name, ANSWER_SHEET.zh, ANSWER_SHEET.en)
    cells = _cells(answers_sheet, formulas, name, KEY_COLUMN, ANSWER_COLUMN, problems)
    answers = _answers(standard, cells, name, answers_sheet.title, problems)
    enterprise_sheet = _sheet(values, name, ENTERPRISE_SHEET.zh, ENTERPRISE_SHEET.en)
    facts = _cells(enterprise_sheet, formulas, name, 1, 3, problems)
    raw: dict[str, object] = {
        "standard": standard.id,
        "enterprise": {key: _fact(key, cell.value) for key, cell in facts.items() if key != "variant"},
        "answers": answers,
    }
    variant = facts.get("variant")
    if variant is not None and variant.value is not None:
        raw["variant"] = choice_key(str(variant.value))
    sheet = None
    try:
        sheet = read_sheet(raw, find)
    except InputError as error:
        problems.extend(_placed(problem, cells, facts, name) for problem in error.problems)
    if problems or sheet is None:
        raise InputError(problems)
    return sheet


def _check_archive(path: Path) -> None:
    """Refuse what is not a workbook and what would unpack to far more than a form can be."""
    place = Place(file=path.name)
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == _OLE:
        raise refuse(
            "old-workbook",
            place,
            msg("This is a workbook of the old kind (.xls), or one with a password."),
            msg("Save it as .xlsx without a password."),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _not_a_workbook(place) from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
        raise refuse(
            "zip-bomb",
            place,
            msg(
                "The workbook would unpack to {size} MiB in {parts} parts; a form never needs that.",
                size=unpacked // MEBIBYTE,
                parts=len(parts),
            ),
            msg("Copy the answers into a fresh form (capillary form)."),
        )


def _load(path: Path, *, values: bool) -> Any:
    from defusedxml.common import DefusedXmlException
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(path, data_only=values)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        ParseError,
        DefusedXmlException,
        OSError,
    ) as error:
        raise _not_a_workbook(Place(file=path.name)) from error


def _not_a_workbook(place: Place) -> InputError:
    return refuse(
        "not-a-workbook",
        place,
        msg("The file cannot be read as a workbook."),
        msg("Open it, save it as .xlsx and try again."),
    )


def _mark(book: Any, file: str, key: str) -> str:
    if MARK_SHEET in book.sheetnames:
        for row in book[MARK_SHEET].iter_rows(max_col=2, max_row=20, values_only=True):
            if row[0] == key and isinstance(row[1], str):
                return row[1]
    raise refuse(
        "wrong-workbook",
        Place(file=file),
        msg("This workbook is not a form; its sheets are: {sheets}.", sheets=", ".join(book.sheetnames)),
        msg("Make a form with: capillary form STANDARD FORM.xlsx, and copy the answers into it."),
    )


def _sheet(book: Any, file: str, *names: str) -> Any:
    for name in names:
        if name in book.sheetnames:
            return book[name]
    raise refuse(
        "wrong-sheet",
        Place(file=file),
        msg(
            "The sheet {sheet} is missing; there are: {sheets}.",
            sheet=names[0],
            sheets=", ".join(book.sheetnames),
        ),
        did_you_mean(names[0], [name for name in book.sheetnames if not name.startswith("_")]),
    )


def _cells(
    sheet: Any, formulas: Any, file: str, key_column: int, answer_column: int, problems: list[Problem]
) -> dict[str, _Cell]:
    """Return the answer cells by the key in their row; what no answer may be is noted and left out."""
    from openpyxl.utils import get_column_letter

    column = get_column_letter(answer_column)
    merged = {
        row
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        if area.min_col <= answer_column <= area.max_col or area.min_col <= key_column <= area.max_col
    }
    found: dict[str, _Cell] = {}
    with_formulas = formulas[sheet.title]
    for row in range(1, sheet.max_row + 1):
        key = sheet.cell(row, key_column).value
        if not isinstance(key, str):
            continue
        place = Place(file=file, sheet=sheet.title, row=row, column=column)
        cell = sheet.cell(row, answer_column)
        problem = _cell_problem(place, cell, with_formulas.cell(row, answer_column), merged=row in merged)
        if key in found:
            problem = Problem(
                "stands-twice",
                place,
                msg("{word} stands {count} times.", word=key, count=2),
                msg("Delete the copied row."),
            )
        if problem is not None:
            problems.append(problem)
            continue
        found[key] = _Cell(place, _cell_value(cell))
    return found


def _cell_problem(place: Place, cell: Any, formula: Any, *, merged: bool) -> Problem | None:
    if merged:
        return Problem(
            "merged-cells",
            place,
            msg("The cell is merged with others."),
            msg("Split the cells and write each answer in its own."),
        )
    if cell.data_type == "e":
        return Problem(
            "formula-error",
            place,
            msg("The cell shows the error {value}.", value=str(cell.value)),
            msg("Write the answer itself, without a formula."),
        )
    if formula.data_type == "f" and cell.value is None:
        return Problem(
            "formula-without-value",
            place,
            msg("The cell holds a formula whose result was not saved."),
            msg("Write the answer itself, without a formula."),
        )
    if cell.is_date:
        return Problem(
            "date",
            place,
            msg("The cell holds a date."),
            msg("Set its format to text and write the answer again."),
        )
    return None


def _cell_value(cell: Any) -> object:
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    if (
        isinstance(value, float | int)
        and not isinstance(value, bool)
        and "%" in _QUOTED.sub("", cell.number_format)
    ):
        return round(value * 100, 9)
    return value


def _fact(key: str, value: object) -> object:
    if key in NUMERIC_ROWS and isinstance(value, str):
        plain = value.replace(",", "").replace("，", "")
        return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain) else value
    return value


def _answers(
    standard: Standard, cells: dict[str, _Cell], file: str, sheet: str, problems: list[Problem]
) -> dict[str, object]:
    answers: dict[str, object] = {}
    rows: dict[str, list[FormRow]] = {}
    for row in rows_of(standard):
        rows.setdefault(row.question, []).append(row)
    known = {row.key for group in rows.values() for row in group}
    broken = {problem.place.row for problem in problems}
    for key in cells.keys() - known - {"key", "键"}:
        place = cells[key].place
        cause = msg("{standard} has no question {question}.", standard=standard.id, question=key)
        problems.append(Problem("unknown-question", place, cause, did_you_mean(key, known)))
    if not broken and not known & cells.keys():
        problems.append(
            Problem(
                "wrong-sheet",
                Place(file=file, sheet=sheet),
                msg("The sheet holds no question of {standard}.", standard=standard.id),
                msg("Fill in the form that capillary form makes."),
            )
        )
    for question in standard.questions:
        answer = _answer(question, rows[question.id], cells, problems)
        if answer is not None:
            answers[question.id] = answer
    return answers


def _answer(
    question: Question, rows: list[FormRow], cells: dict[str, _Cell], problems: list[Problem]
) -> object:
    match question:
        case Multiple():
            return _ticked(question.id, rows, cells, problems)
        case Ticks():
            columns = {
                column.key: _ticked(
                    f"{question.id}.{column.key}",
                    [row for row in rows if row.key.startswith(f"{question.id}.{column.key}.")],
                    cells,
                    problems,
                )
                for column in question.columns
            }
            return {key: value for key, value in columns.items() if value is not None} or None
        case Grid():
            parts = {row.label: _plain(question, row, cells) for row in rows if row.kind == "choice"}
            return {key: value for key, value in parts.items() if value is not None} or None
        case _:
            return _plain(question, rows[0], cells)


def _plain(question: Question, row: FormRow, cells: dict[str, _Cell]) -> object:
    cell = cells.get(row.key)
    if cell is None or cell.value is None:
        return None
    if not isinstance(cell.value, str):
        number = cell.value
        if isinstance(question, Rate | Boolean) or isinstance(number, bool):
            return number
        return answer_from_text(question, _field(question, row), f"{number:g}")
    return answer_from_text(question, _field(question, row), choice_key(cell.value))


def _field(question: Question, row: FormRow) -> Any:
    fields = list(question_fields(question))
    return next((field for field in fields if field.part == row.label), fields[0])


def _ticked(
    name: str, rows: list[FormRow], cells: dict[str, _Cell], problems: list[Problem]
) -> list[str] | None:
    """Return the keys ticked, [] for "none of these", or None where nothing is said."""
    ticks: list[str] = []
    refused = 0
    ticked_rows = [row for row in rows if row.kind == "tick"]
    first: Place | None = None
    for row in ticked_rows:
        cell = cells.get(row.key)
        if cell is None or cell.value is None:
            continue
        first = first or cell.place
        text = str(cell.value).lower() if isinstance(cell.value, bool) else f"{cell.value}"
        if is_tick(text):
            ticks.append(row.key.rsplit(".", maxsplit=1)[1])
        elif is_no_tick(text):
            refused += 1
        else:
            problems.append(
                Problem(
                    "not-a-tick",
                    cell.place,
                    msg("{value} is not a tick.", value=repr(cell.value)),
                    msg("Choose {tick} from the list, or empty the cell.", tick="✓"),
                )
            )
    if ticks:
        if NONE_KEY in ticks and len(ticks) > 1:
            problems.append(
                Problem(
                    "none-with-others",
                    cells[f"{name}.{NONE_KEY}"].place,
                    msg("{key} says that none applies, but other options are chosen too.", key=NONE_KEY),
                    msg("Keep either {key} or the others.", key=NONE_KEY),
                )
            )
        return [tick for tick in ticks if tick != NONE_KEY]
    if refused == len(ticked_rows):
        return []
    if refused and first is not None:
        problems.append(
            Problem(
                "half-filled",
                first,
                msg("Some options are refused, none is ticked."),
                msg("Tick what applies, or tick the row that says none of these."),
            )
        )
    return None


def _placed(problem: Problem, cells: dict[str, _Cell], facts: dict[str, _Cell], file: str) -> Problem:
    """Return a problem with the cell that its path stands for."""
    path = problem.place.path or ""
    where = path.removeprefix("answers.").removeprefix("enterprise.")
    for place in _candidates(where, cells, facts):
        return Problem(problem.code, place, problem.cause, problem.remedy)
    return problem.at(file=file)


def _candidates(where: str, cells: dict[str, _Cell], facts: dict[str, _Cell]) -> Iterator[Place]:
    parts = where.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        for found in (cells, facts):
            if key in found:
                yield found[key].place
        below = [
            cell.place
            for name, cell in cells.items()
            if name.startswith(f"{key}.") and cell.value is not None
        ]
        yield from below[:1]
