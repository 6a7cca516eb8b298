"""Reads a filled form back, and says by cell what cannot be used."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from capillary.model.fields import question_fields
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Multiple, Rate, Ticks
from capillary.model.text import msg
from capillary.sheets.answers import read_sheet
from capillary.sheets.cells import answer_from_text, is_no_tick, is_tick, number_in
from capillary.sheets.files import MEBIBYTE, check_size, refuse
from capillary.sheets.layout import (
    ANSWER_COLUMN,
    ANSWER_SHEET,
    ENTERPRISE_ANSWER_COLUMN,
    ENTERPRISE_SHEET,
    FORM_VERSION,
    KEY_COLUMN,
    MARK_SHEET,
    NONE_KEY,
    NUMERIC_ROWS,
    TICK,
    FormRow,
    choice_key,
    rows_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard
    from capillary.model.text import Message, Text

LARGEST_BOOK = 20 * MEBIBYTE
LARGEST_UNPACKED = 48 * MEBIBYTE
LARGEST_XML = 4 * MEBIBYTE
MOST_PARTS = 500
# Forms are far shorter; a stray cell in the last row of a sheet must not make us walk through a million empty ones.
MOST_ROWS = 5000
FRESH_FORM = msg("Copy the answers into a fresh form (capillary form).")
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 1
_NOT_PERCENT = re.compile(r'"[^"]*"|\\.|_.|\*.')
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
    ArithmeticError,
    AssertionError,
)


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
    sheets = open_book(path)
    name = path.name
    standard = find(_marked_standard(sheets, name))
    answers_sheet = _sheet(sheets, name, ANSWER_SHEET)
    enterprise_sheet = _sheet(sheets, name, ENTERPRISE_SHEET)
    values = Values(path)
    problems: list[Problem] = []
    cells = _cells(answers_sheet, values, name, ANSWER_COLUMN, problems)
    answers = _answers(standard, cells, name, answers_sheet.title, problems)
    facts = _cells(enterprise_sheet, values, name, ENTERPRISE_ANSWER_COLUMN, problems)
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


def open_book(path: Path, fresh: Message = FRESH_FORM) -> dict[str, Any]:
    """Return the worksheets of a workbook by their titles, with formulas as they stand.

    Args:
        path: the workbook.
        fresh: how its user gets a fresh one.

    Raises:
        InputError: it is no workbook, or one that could do harm.
    """
    check_size(path, LARGEST_BOOK)
    _check_archive(path, fresh)
    return _load(path, values=False)


def _check_archive(path: Path, fresh: Message) -> None:
    """Refuse what is not a workbook, and what would unpack to far more than a form can be, before unpacking it.

    Raises:
        InputError: it is one of these, or its XML declares entities.
    """
    place = Place(file=path.name)
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == _OLE:
        raise _locked(place)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(parts, place, fresh)
            texts = [archive.read(part) for part in parts if _is_xml(part)]
    except _UNREADABLE as error:
        raise _not_a_workbook(place) from error
    if any(b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in texts):
        raise refuse(
            "xml-entities",
            place,
            msg("The workbook declares XML entities, which no spreadsheet writes."),
            fresh,
        )


def _is_xml(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith((".xml", ".rels", ".vml"))


def _check_parts(parts: list[zipfile.ZipInfo], place: Place, fresh: Message) -> None:
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise _locked(place)
    unpacked = sum(part.file_size for part in parts)
    xml = sum(part.file_size for part in parts if _is_xml(part))
    if unpacked > LARGEST_UNPACKED or xml > LARGEST_XML or len(parts) > MOST_PARTS:
        raise refuse(
            "zip-bomb",
            place,
            msg(
                "The workbook would unpack to {size} MiB in {parts} parts; a form never needs that.",
                size=unpacked // MEBIBYTE,
                parts=len(parts),
            ),
            fresh,
        )


def _locked(place: Place) -> InputError:
    return refuse(
        "old-workbook",
        place,
        msg("This is a workbook of the old kind (.xls), or one with a password."),
        msg("Save it as .xlsx without a password."),
    )


def _load(path: Path, *, values: bool) -> dict[str, Any]:
    """Return the worksheets of a workbook by their titles, with formulas or with the results saved beside them."""
    from defusedxml.common import DefusedXmlException
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts that it leaves out: a form does not need them
            warnings.simplefilter("ignore")
            # from memory: openpyxl leaves a file open when it gives up on it
            book = load_workbook(io.BytesIO(path.read_bytes()), data_only=values)
    except (InvalidFileException, DefusedXmlException, *_UNREADABLE) as error:
        raise _not_a_workbook(Place(file=path.name)) from error
    return {sheet.title: sheet for sheet in book.worksheets}


class Values:
    """The results of formulas, read only where there are formulas."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheets: dict[str, Any] | None = None

    def of(self, sheet: str, row: int, column: int) -> Any:
        """Return the cell with the result of a formula."""
        if self.sheets is None:
            self.sheets = _load(self.path, values=True)
        return self.sheets[sheet].cell(row, column)


def _not_a_workbook(place: Place) -> InputError:
    return refuse(
        "not-a-workbook",
        place,
        msg("The file cannot be read as a workbook."),
        msg("Open it, save it as .xlsx and try again."),
    )


def _marked_standard(sheets: Mapping[str, Any], file: str) -> str:
    """Return the id of the standard that a form asks about.

    Raises:
        InputError: the workbook is no form, or one that this version does not know.
    """
    marks: dict[object, object] = {}
    if MARK_SHEET in sheets:
        rows = sheets[MARK_SHEET].iter_rows(max_col=2, max_row=20, values_only=True)
        marks = {row[0]: row[1] for row in rows if len(row) > 1}
    standard = marks.get("standard")
    if not isinstance(standard, str):
        raise refuse(
            "wrong-workbook",
            Place(file=file),
            msg("This workbook is not a form; its sheets are: {sheets}.", sheets=", ".join(sheets)),
            msg("Make a form with: capillary form STANDARD FORM.xlsx, and copy the answers into it."),
        )
    if str(marks.get("form")) != FORM_VERSION:
        raise refuse(
            "wrong-workbook",
            Place(file=file),
            msg("The form was made by another version of the product."),
            msg("Make a fresh form (capillary form) and copy the answers into it."),
        )
    return standard


def _sheet(sheets: Mapping[str, Any], file: str, title: Text) -> Any:
    for name in (title.zh, title.en):
        if name in sheets:
            return sheets[name]
    shown = [name for name in sheets if not name.startswith("_")]
    raise refuse(
        "wrong-sheet",
        Place(file=file),
        msg("The sheet {sheet} is missing; there are: {sheets}.", sheet=title, sheets=", ".join(shown)),
        msg("Give the sheet its name back, or copy the answers into a fresh form (capillary form)."),
    )


def _cells(sheet: Any, values: Values, file: str, column: int, problems: list[Problem]) -> dict[str, _Cell]:
    """Return the answer cells by the key in their row; what no answer may be is noted and left out."""
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    merged = _merged_rows(sheet, column)
    reported: set[str] = set()
    found: dict[str, _Cell] = {}
    for row in range(1, min(sheet.max_row, MOST_ROWS) + 1):
        key = sheet.cell(row, KEY_COLUMN).value
        if row in merged:
            key = key if isinstance(key, str) else ""
            if merged[row] not in reported:
                reported.add(merged[row])
                problems.append(_merged(Place(file, sheet.title, row, letter), merged[row]))
            continue
        if not isinstance(key, str) or not key.strip():
            continue
        place = Place(file, sheet.title, row, letter)
        cell = sheet.cell(row, column)
        if cell.data_type == "f":
            cell = values.of(sheet.title, row, column)
            problem = _formula_problem(place, cell)
        else:
            problem = _cell_problem(place, cell)
        if key.strip() in found:
            cause = msg("{word} stands {count} times.", word=key.strip(), count=2)
            problem = Problem("stands-twice", place, cause, msg("Delete the copied row."))
        if problem is None:
            found[key.strip()] = _Cell(place, _cell_value(cell))
        else:
            problems.append(problem)
    return found


def _merged_rows(sheet: Any, column: int) -> dict[int, str]:
    """Return the rows whose key or answer is part of merged cells, with the range of these."""
    return {
        row: area.coord
        for area in sheet.merged_cells.ranges
        if any(area.min_col <= wanted <= area.max_col for wanted in (KEY_COLUMN, column))
        for row in range(area.min_row, min(area.max_row, MOST_ROWS) + 1)
    }


def _merged(place: Place, area: str) -> Problem:
    cause = msg("The cells {area} are merged.", area=area)
    return Problem("merged-cells", place, cause, msg("Split the cells and write each answer in its own."))


def _formula_problem(place: Place, result: Any) -> Problem | None:
    if result.value is None:
        return Problem(
            "formula-without-value",
            place,
            msg("The cell holds a formula whose result was not saved."),
            msg("Write the answer itself, without a formula."),
        )
    return _cell_problem(place, result)


def _cell_problem(place: Place, cell: Any) -> Problem | None:
    if cell.data_type == "e":
        return Problem(
            "formula-error",
            place,
            msg("The cell shows the error {value}.", value=str(cell.value)),
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
    """Return text without spaces around it, or a number: what is shown as 35 % is 35."""
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(value * 100, 9) if "%" in _NOT_PERCENT.sub("", cell.number_format) else value
    return value


def _fact(key: str, value: object) -> object:
    if key in NUMERIC_ROWS and isinstance(value, str):
        number = number_in(value)
        return value if number is None else number
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
    for key in (key for key in cells if key not in known):
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
    if isinstance(question, Multiple | Grid | Ticks) and _heading_says(question, cells, problems):
        return NOT_APPLICABLE
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


def _heading_says(question: Question, cells: dict[str, _Cell], problems: list[Problem]) -> bool:
    """Say whether the heading of a question says that it does not apply; note anything else that stands there."""
    cell = cells.get(question.id)
    if cell is None or cell.value is None:
        return False
    field = next(iter(question_fields(question)))
    if answer_from_text(question, field, choice_key(str(cell.value))) == NOT_APPLICABLE:
        return True
    cause = msg("{value} stands in the row of the question itself.", value=repr(cell.value))
    problems.append(Problem("wrong-cell", cell.place, cause, msg("Answer in the cells below it.")))
    return False


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
                    msg("Choose {tick} from the list, or empty the cell.", tick=TICK),
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
    group, _, where = (problem.place.path or "").partition(".")
    found = cells if group == "answers" else facts
    for place in _candidates(where if group in {"answers", "enterprise"} else group, found):
        return Problem(problem.code, place, problem.cause, problem.remedy)
    return problem.at(file=file)


def _candidates(where: str, cells: dict[str, _Cell]) -> Iterator[Place]:
    """Yield the cells that a path may mean, the nearest first: with its key, below its key, above it."""
    parts = where.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        exact = cells.get(key)
        if exact is not None and exact.value is not None:
            yield exact.place
        yield from (
            cell.place
            for name, cell in cells.items()
            if name.startswith(f"{key}.") and cell.value is not None
        )
        if exact is not None:
            yield exact.place
