"""Reads courses of an organisation from a table, and says by row and column what cannot be used.

A link is a web page, a launch address of LTI 1.3 (1EdTech) or the id of an xAPI activity (IEEE 9274.1.1). It is checked
to be an address and stored; no launch is signed and no statement is exchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.model.course import COURSE_FORMS, MOST_HOURS, TOP_LEVEL, Course
from capillary.model.days import is_day
from capillary.model.measure import ROLES
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import Text, msg
from capillary.sheets.cells import number_in, plain
from capillary.sheets.files import refuse
from capillary.sheets.tables import open_table
from capillary.sheets.workbook import Values, open_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.model.text import Message

MOST_ROWS = 500
LONGEST = {"number": 40, "title_zh": 120, "title_en": 160, "outcome_zh": 300, "outcome_en": 400, "link": 500}
LINK_KINDS = ("url", "lti", "xapi")
COLUMNS: dict[str, str] = {
    "编号": "number",
    "中文名称": "title_zh",
    "英文名称": "title_en",
    "中文目标": "outcome_zh",
    "英文目标": "outcome_en",
    "角色": "roles",
    "形式": "form",
    "学时": "hours",
    "能力项": "capabilities",
    "个人能力": "competences",
    "链接类型": "link_kind",
    "链接": "link",
}
NEEDED = tuple(COLUMNS.values())
# columns that a table may leave out
EXTRA = {"价格": "price", "币种": "currency", "开课日期": "starts_on"}
NAMES = COLUMNS | EXTRA
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(:\d+)?(/\S*)?")
_SPAN = re.compile(r"^(?P<name>[^:：\s]+)\s*[:：]\s*(?P<low>\d+)\s*-\s*(?P<high>\d+)$")
_PRICE = re.compile(r"\d{1,9}(\.\d{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PARTS = re.compile("[;；]")
_FRESH = msg("Save it as CSV UTF-8, with the names of the columns in the first row.")


@dataclass(frozen=True)
class OfferedRow:
    """One course of a table; the fields are those of the columns.

    Attributes:
        price: of one person in units of ``currency``; empty where it is not told.
        starts_on: the day on which it next begins, ISO 8601; empty for any day.
    """

    number: str
    title_zh: str
    title_en: str
    outcome_zh: str
    outcome_en: str
    roles: tuple[str, ...]
    form: str
    hours: int
    capabilities: Mapping[str, tuple[int, int]]
    competences: Mapping[str, tuple[int, int]]
    link_kind: str
    link: str
    price: str = ""
    currency: str = ""
    starts_on: str = ""


def as_course(name: str, row: OfferedRow) -> Course:
    """Return a course of a table as plans take it: without an outline and without questions, which its provider has.

    Args:
        name: what plans call it.
        row: the course.
    """
    title = Text(zh=row.title_zh, en=row.title_en)
    outcome = Text(zh=row.outcome_zh, en=row.outcome_en)
    return Course(
        id=name,
        title=title,
        outcome=outcome,
        audience=outcome,
        roles=tuple(role for role in ROLES if role in row.roles),
        form=next(form for form in COURSE_FORMS if form == row.form),
        hours=row.hours,
        capabilities=dict(row.capabilities),
        competences=dict(row.competences),
        outline=(),
        checks=(),
    )


def read_offered(
    path: Path, tops: Mapping[str, int], competences: Iterable[str], name: str = ""
) -> list[OfferedRow]:
    """Return the courses of a table.

    Args:
        path: a ``.csv`` or ``.xlsx`` file with the columns of `NEEDED`, or their Chinese names.
        tops: the highest level of each capability.
        competences: the numbers of all competences.
        name: how the file is named in errors; its own name where it is left out.

    Raises:
        InputError: the file cannot be read or used; every problem is named with its row and column.
    """
    problems: list[Problem] = []
    lines = list(_lines(path, problems))
    reader = _Reader(name or path.name, tops, dict.fromkeys(competences, TOP_LEVEL), problems)
    rows = [reader.row(number, cells) for number, cells in lines]
    seen: dict[str, int] = {}
    for (number, _cells), row in zip(lines, rows, strict=True):
        if row.number and row.number in seen:
            cause = msg("{word} stands {count} times.", word=row.number, count=2)
            reader.bad(number, "number", "stands-twice", cause, msg("Give each its own name."))
        seen[row.number] = number
    if not lines and not problems:
        raise refuse(
            "empty-file", Place(file=reader.file), msg("The file has no row below its head."), _FRESH
        )
    if problems:
        raise InputError(problems)
    return rows


class _Reader:
    def __init__(
        self, file: str, tops: Mapping[str, int], heights: Mapping[str, int], problems: list[Problem]
    ) -> None:
        self.file, self.tops, self.heights, self.problems = file, tops, heights, problems

    def bad(self, row: int, column: str, code: str, cause: Message, remedy: Message) -> None:
        self.problems.append(Problem(code, Place(file=self.file, row=row, column=column), cause, remedy))

    def row(self, number: int, cells: Mapping[str, str]) -> OfferedRow:
        for column in NEEDED:
            if not cells.get(column):
                self.bad(number, column, "empty-cell", msg("The cell is empty."), msg("Fill it in."))
        for column, longest in LONGEST.items():
            if len(cells.get(column, "")) > longest:
                cause = msg("The text is longer than {most} signs.", most=longest)
                self.bad(number, column, "too-long", cause, msg("Shorten it."))
        return OfferedRow(
            **{
                name: cells.get(name, "")
                for name in ("number", "title_zh", "title_en", "outcome_zh", "outcome_en")
            },
            roles=tuple(self._one(number, "roles", part, ROLES) for part in _split(cells.get("roles", ""))),
            form=self._one(number, "form", cells.get("form", ""), COURSE_FORMS),
            hours=self._hours(number, cells.get("hours", "")),
            capabilities=self._spans(number, "capabilities", cells.get("capabilities", ""), self.tops),
            competences=self._spans(number, "competences", cells.get("competences", ""), self.heights),
            link_kind=self._one(number, "link_kind", cells.get("link_kind", ""), LINK_KINDS),
            link=self._link(number, cells.get("link", "")),
            **self._price(number, cells.get("price", ""), cells.get("currency", "").upper()),
            starts_on=self._day(number, cells.get("starts_on", "")),
        )

    def _price(self, number: int, price: str, currency: str) -> dict[str, str]:
        if price and not _PRICE.fullmatch(price):
            cause = msg("{text} is no amount.", text=price[:80])
            self.bad(number, "price", "no-amount", cause, msg("Write it as in {example}.", example="480.50"))
        if bool(price) != bool(currency) or (currency and not _CURRENCY.fullmatch(currency)):
            cause = msg("A price needs a currency of three letters, and a currency a price.")
            self.bad(
                number, "currency", "no-currency", cause, msg("Write it as in {example}.", example="CNY")
            )
        return {"price": price, "currency": currency}

    def _day(self, number: int, text: str) -> str:
        day = text[:10] if text.endswith(" 00:00:00") else text  # a cell of a workbook that holds a day
        if day and not is_day(day):
            cause = msg("{text} is no day.", text=text[:80])
            remedy = msg("Write it as in {example}.", example="2026-12-31")
            self.bad(number, "starts_on", "no-day", cause, remedy)
        return day

    def _one(self, number: int, column: str, word: str, known: Sequence[str]) -> str:
        if word and word not in known:
            self.bad(
                number,
                column,
                "unknown-name",
                msg("{word} is not known.", word=word),
                did_you_mean(word, known),
            )
        return word

    def _hours(self, number: int, text: str) -> int:
        value = number_in(text) if text else 1
        if not isinstance(value, int) or not 1 <= value <= MOST_HOURS:
            cause = msg("{text} is no whole number from 1 to {most}.", text=text, most=MOST_HOURS)
            self.bad(number, "hours", "not-a-number", cause, msg("Write the learning hours of one person."))
            return 1
        return value

    def _link(self, number: int, text: str) -> str:
        if text and not _ADDRESS.fullmatch(text):
            cause = msg("{text} is no address.", text=text[:80])
            self.bad(number, "link", "no-address", cause, msg("Write an address that begins with https://."))
        return text

    def _spans(
        self, number: int, column: str, text: str, tops: Mapping[str, int]
    ) -> dict[str, tuple[int, int]]:
        found = {}
        for part in _split(text):
            match = _SPAN.match(part)
            if match is None:
                cause = msg("{text} is not a name with two levels.", text=part[:80])
                remedy = msg(
                    "Write it as in {example}, several with semicolons between them.",
                    example=f"{next(iter(tops))}:0-1",
                )
                self.bad(number, column, "no-span", cause, remedy)
                continue
            name, low, high = match["name"], int(match["low"]), int(match["high"])
            self._one(number, column, name, list(tops))
            if name in tops and not low < high <= tops[name]:
                cause = msg(
                    "From level {low} to level {high} is no goal of {name}.", low=low, high=high, name=name
                )
                remedy = msg("Its levels go up to {top}; write the level of today first.", top=tops[name])
                self.bad(number, column, "unknown-level", cause, remedy)
            found[name] = (low, high)
        return found


def _split(text: str) -> list[str]:
    return [part.strip() for part in _PARTS.split(text) if part.strip()]


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows that are not empty with their numbers, cells by our names of columns."""
    match path.suffix.lower():
        case ".csv":
            rows = _csv_rows(path, problems)
        case ".xlsx":
            rows = _book_rows(path)
        case _:
            cause = msg("{name} does not end in one of: {words}.", name=path.name, words=".csv, .xlsx")
            raise refuse("file-kind", Place(file=path.name), cause, _FRESH)
    head = [NAMES.get(plain(name), plain(name).casefold()) for name in next(rows, (1, []))[1]]
    for column in NEEDED:
        if column not in head:
            cause = msg("The column {column} is missing.", column=column)
            remedy = msg("Columns found: {columns}.", columns=", ".join(name for name in head if name))
            problems.append(Problem("missing-column", Place(file=path.name, row=1), cause, remedy))
    if problems:
        raise InputError(problems)
    for count, (number, cells) in enumerate(row for row in rows if any(row[1])):
        if count >= MOST_ROWS:
            cause = msg("The file has more than {most} rows.", most=MOST_ROWS)
            raise refuse(
                "too-many-rows",
                Place(file=path.name),
                cause,
                msg("Check that it is the right file, or split it."),
            )
        yield number, dict(zip(head, cells, strict=False))


def _csv_rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    table = open_table(path, problems)
    yield 1, table.columns
    for batch in table.batches:
        columns = [batch.table.column(name).to_pylist() for name in table.columns]
        for number, values in zip(batch.numbers.tolist(), zip(*columns, strict=True), strict=True):
            yield number, [(value or "").strip() for value in values]


def _book_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    sheet = next(iter(open_book(path, _FRESH).values()))
    values = Values(path)
    for row in sheet.iter_rows(max_row=MOST_ROWS + 2):
        cells = [
            values.of(sheet.title, cell.row, cell.column) if cell.data_type == "f" else cell for cell in row
        ]
        yield row[0].row, [_text(cell.value) for cell in cells]


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
