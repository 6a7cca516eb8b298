"""Reads who wants places and who has them from CSV files or workbooks, and says by row and column what cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.matching.allocation import Firm, Market, Provider, market
from capillary.matching.allocation_rules import REST, Rule, remedy_of, value_of
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.cells import number_in, plain
from capillary.sheets.files import MEBIBYTE, note, refuse
from capillary.sheets.tables import open_table
from capillary.sheets.workbook import Values, open_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.model.text import Message

LARGEST_TABLE = 512 * MEBIBYTE
MOST_FIRMS = 1_000_000
MOST_PROVIDERS = 20_000
MOST_CAPACITY = 10_000_000
MOST_BOOK_ROWS = 20_000
MOST_HINTS = 30
# The names of our own columns, in both languages.
FIRM_COLUMNS: Mapping[str, str] = {"firm": "firm", "企业": "firm", "choices": "choices", "志愿": "choices"}
PROVIDER_COLUMNS: Mapping[str, str] = {
    "provider": "provider",
    "服务商": "provider",
    "capacity": "capacity",
    "名额": "capacity",
    "offer": "offer",
    "服务项目": "offer",
    "places": "places",
    "项目名额": "places",
    "order": "order",
    "次序": "order",
}
_SEPARATOR = re.compile("[;；]")
_AS_CSV = msg("Save it as CSV UTF-8, with the names of the columns in the first row.")


@dataclass(frozen=True)
class _Line:
    """One row: its place in the file, and its cells that are not empty, by column."""

    file: str
    sheet: str | None
    row: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]

    def bad(self, column: str, code: str, cause: Message, remedy: Message) -> Problem:
        """Return a problem with a cell of the row."""
        place = Place(self.file, self.sheet, self.row, self.headings.get(column, column))
        return Problem(code, place, cause, remedy)

    def listed(self, column: str) -> list[str]:
        """Return the names that a cell lists."""
        return [name for part in _SEPARATOR.split(self.cells.get(column, "")) if (name := part.strip())]


@dataclass(frozen=True)
class _Sheet:
    """A table as it was read: its file, its columns by our names, the headings behind these, and its rows."""

    file: str
    columns: frozenset[str]
    headings: Mapping[str, str]
    lines: list[_Line]


def read_market(firms: Path, providers: Path, rules: Sequence[Rule] = (), seed: int = 0) -> Market:
    """Return what is to be allocated.

    Args:
        firms: a ``.csv`` or ``.xlsx`` file with the columns firm, choices, and what the rules look at.
        providers: one with the columns provider and capacity; offer and places, where a provider has several kinds of
            places; order, where it has an order of its own; and what rules of the kind ``same`` look at.
        rules: who comes first.
        seed: of the lottery.

    Raises:
        InputError: a file cannot be read or used; every problem is named with its file, row and column.
    """
    problems: list[Problem] = []
    wanting = _read(firms, FIRM_COLUMNS, ("firm",), MOST_FIRMS, problems)
    having = _read(providers, PROVIDER_COLUMNS, ("provider", "capacity"), MOST_PROVIDERS, problems)
    _check_rules(rules, wanting, having, problems)
    if problems:
        raise InputError(problems)
    ids = _ids(wanting, "firm", problems)
    places = _providers(having, ids.keys(), rules, problems)
    offers = {
        offer for provider in places for offer, _ in provider.offers or ((provider.id, provider.capacity),)
    }
    found = list(_firms(wanting, ids, offers, rules, problems))
    if problems:
        raise InputError(problems)
    return market(found, places, rules, seed)


# --- tables --------------------------------------------------------------------------------------------


def _read(
    path: Path, names: Mapping[str, str], needed: Iterable[str], most: int, problems: list[Problem]
) -> _Sheet:
    place = Place(file=path.name)
    try:
        size = path.stat().st_size if path.exists() else 0
        if size > LARGEST_TABLE:
            cause = msg(
                "The file has {size} MiB; at most {most} MiB are read.",
                size=size // MEBIBYTE,
                most=LARGEST_TABLE // MEBIBYTE,
            )
            raise refuse("file-too-large", place, cause, msg("Check that it is the right file."))
        match path.suffix.lower():
            case ".csv":
                sheet = _from_csv(path, names, most, problems)
            case ".xlsx":
                sheet = _from_book(path, names, most, problems)
            case _:
                cause = msg("{name} does not end in one of: {words}.", name=path.name, words=".csv, .xlsx")
                raise refuse("file-kind", place, cause, _AS_CSV)
    except InputError as error:
        if error.problems[0].code != "empty-file":
            raise
        raise refuse("empty-file", place, error.problems[0].cause, _AS_CSV) from error
    for column in needed:
        if column not in sheet.columns:
            cause = msg("The column {column} is missing.", column=column)
            remedy = msg("Columns found: {columns}.", columns=", ".join(sorted(sheet.columns)))
            problems.append(Problem("missing-column", Place(file=path.name, row=1), cause, remedy))
    if not sheet.lines and not problems:
        raise refuse("empty-file", place, msg("The file has no row below its head."), _AS_CSV)
    return sheet


def _named(
    columns: Sequence[str], names: Mapping[str, str], file: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return our names of columns, and the headings behind our names."""
    ours = {column: names.get(plain(column).casefold(), plain(column)) for column in columns}
    headings: dict[str, str] = {}
    for column, name in ours.items():
        if name in headings:
            raise refuse(
                "stands-twice",
                Place(file=file, row=1, column=column),
                msg("The column {column} stands twice.", column=name),
                msg("Give each column its own name."),
            )
        headings[name] = column
    return ours, headings


def _too_many(file: str, most: int) -> InputError:
    cause = msg("The file has more than {most} rows.", most=f"{most:,}")
    return refuse(
        "too-many-rows", Place(file=file), cause, msg("Check that it is the right file, or split it.")
    )


def _from_csv(path: Path, names: Mapping[str, str], most: int, problems: list[Problem]) -> _Sheet:
    table = open_table(path, problems)
    columns = [column for column in table.columns if column not in table.unnamed]
    ours, headings = _named(columns, names, path.name)
    lines: list[_Line] = []
    for rows in table.batches:
        if len(lines) + len(rows) > most:
            raise _too_many(path.name, most)
        cells = [rows.table.column(column).to_pylist() for column in columns]
        keys = [ours[column] for column in columns]
        for number, values in zip(rows.numbers.tolist(), zip(*cells, strict=True), strict=True):
            found = {
                key: text
                for key, value in zip(keys, values, strict=True)
                if value is not None and (text := value.strip())
            }
            if found:
                lines.append(_Line(path.name, None, number, found, headings))
    return _Sheet(path.name, frozenset(headings), headings, lines)


def _from_book(path: Path, names: Mapping[str, str], most: int, problems: list[Problem]) -> _Sheet:
    sheet = next(iter(open_book(path, _AS_CSV).values()))
    values = Values(path)
    rows = sheet.iter_rows(max_row=MOST_BOOK_ROWS + 1)
    head = next((row for row in rows if any(cell.value is not None for cell in row)), ())
    columns = {
        cell.column: str(cell.value).strip()
        for cell in head
        if cell.value is not None and str(cell.value).strip()
    }
    if not columns:
        raise refuse("empty-file", Place(file=path.name), msg("The file is empty."), _AS_CSV)
    ours, headings = _named(list(columns.values()), names, path.name)
    if len(ours) < len(columns):
        doubled = next(name for name in columns.values() if list(columns.values()).count(name) > 1)
        raise refuse(
            "stands-twice",
            Place(file=path.name, row=1, column=doubled),
            msg("The column {column} stands twice.", column=doubled),
            msg("Give each column its own name."),
        )
    lines: list[_Line] = []
    for row in rows:
        found: dict[str, str] = {}
        number = row[0].row
        line = _Line(path.name, sheet.title, number, found, headings)
        for cell in row:
            if cell.column in columns:
                text = _text(cell, values, line, columns[cell.column], problems)
                if text:
                    found[ours[columns[cell.column]]] = text
        if found:
            lines.append(line)
            if number > MOST_BOOK_ROWS or len(lines) > most:
                raise _too_many(path.name, min(most, MOST_BOOK_ROWS))
    return _Sheet(path.name, frozenset(headings), headings, lines)


def _text(cell: Any, values: Values, line: _Line, column: str, problems: list[Problem]) -> str | None:
    """Return what a cell of a workbook shows, as text."""
    if cell.data_type == "f":
        cell = values.of(line.sheet or "", cell.row, cell.column)
        if cell.value is None:
            cause = msg("The cell holds a formula whose result was not saved.")
            remedy = msg("Write the value itself, without a formula.")
            note(problems, [line.bad(column, "formula-without-value", cause, remedy)])
            return None
    value = cell.value
    if cell.data_type == "e":
        cause = msg("The cell shows the error {value}.", value=str(value))
        remedy = msg("Write the value itself, without a formula.")
        note(problems, [line.bad(column, "formula-error", cause, remedy)])
        return None
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # a day comes with the time of midnight
    return str(value).strip().removesuffix(" 00:00:00") or None


# --- what stands in them -------------------------------------------------------------------------------


def _check_rules(rules: Sequence[Rule], firms: _Sheet, providers: _Sheet, problems: list[Problem]) -> None:
    for rule in rules:
        for sheet in (firms, providers) if rule.kind == "same" else (firms,):
            if rule.column not in sheet.columns:
                cause = msg("The rule looks at the column {column}, which is missing.", column=rule.column)
                remedy = did_you_mean(rule.column, sorted(sheet.columns))
                problems.append(Problem("missing-column", Place(file=sheet.file, row=1), cause, remedy))


def _ids(sheet: _Sheet, column: str, problems: list[Problem]) -> dict[str, _Line]:
    """Return the rows by their ids."""
    found: dict[str, _Line] = {}
    for line in sheet.lines:
        name = line.cells.get(column)
        if name is None:
            cause = msg("The cell is empty.")
            note(problems, [line.bad(column, "no-id", cause, msg("Give every row an id of its own."))])
        elif name in found:
            note(problems, [_twice(line, column, name, found[name].row)])
        else:
            found[name] = line
    return found


def _twice(line: _Line, column: str, name: str, row: int) -> Problem:
    cause = msg("{name} stands in row {row} too.", name=name, row=row)
    return line.bad(column, "stands-twice", cause, msg("Delete one of the two rows, or give it another id."))


def _facts(line: _Line, rules: Sequence[Rule]) -> dict[str, str | None]:
    return {
        rule.column: None if (text := line.cells.get(rule.column)) is None else plain(text) for rule in rules
    }


def _firms(
    sheet: _Sheet,
    ids: Mapping[str, _Line],
    offers: set[str],
    rules: Sequence[Rule],
    problems: list[Problem],
) -> Iterator[Firm]:
    judged: dict[tuple[int, str], bool] = {}
    for name, line in ids.items():
        choices = line.listed("choices") if "choices" in sheet.columns else [REST]
        named = _check_choices(line, choices, offers, problems)
        facts = _facts(line, rules)
        for number, rule in enumerate(rules):
            fact = facts[rule.column]
            if fact is None or rule.kind == "same":
                continue
            if (number, fact) not in judged:
                judged[number, fact] = _can_read(rule, fact)
            if not judged[number, fact]:
                cause = msg("The rule cannot read {value}.", value=f"“{fact}”")
                note(problems, [line.bad(rule.column, "unknown-value", cause, remedy_of(rule, fact))])
        yield Firm(name, named, choices[-1:] == [REST], facts)


def _can_read(rule: Rule, fact: str) -> bool:
    try:
        value_of(rule, fact)
    except ValueError:
        return False
    return True


def _check_choices(
    line: _Line, choices: Sequence[str], offers: set[str], problems: list[Problem]
) -> tuple[str, ...]:
    """Return the choices without the “*” at their end."""
    named = choices[:-1] if choices and choices[-1] == REST else choices
    if not choices:
        cause = msg("The enterprise wants nothing.")
        remedy = msg("Name providers, separated by semicolons, or write “*” for any.")
        note(problems, [line.bad("choices", "no-choice", cause, remedy)])
    if REST in named:
        cause = msg("“*” does not stand at the end.")
        note(
            problems,
            [line.bad("choices", "any-not-last", cause, msg("Write what it would rather have before it."))],
        )
    seen: set[str] = set()
    for name in named:
        if name in seen:
            cause = msg("{name} is chosen twice.", name=name)
            note(problems, [line.bad("choices", "stands-twice", cause, msg("Keep the first of them."))])
        elif name not in offers and name != REST:
            cause = msg("There is no provider {name}.", name=name)
            # to look for the nearest of thousands takes time, and nobody reads hundreds of hints
            remedy = (
                did_you_mean(name, sorted(offers))
                if len(problems) < MOST_HINTS
                else msg("Write it as it stands in the file of providers.")
            )
            note(problems, [line.bad("choices", "unknown-provider", cause, remedy)])
        seen.add(name)
    return tuple(named)


def _providers(
    sheet: _Sheet, firms: Iterable[str], rules: Sequence[Rule], problems: list[Problem]
) -> list[Provider]:
    """Return the providers; several rows of one provider are its offers."""
    rows: dict[str, list[_Line]] = {}
    for line in sheet.lines:
        name = line.cells.get("provider")
        if name is None:
            cause = msg("The cell is empty.")
            note(problems, [line.bad("provider", "no-id", cause, msg("Give every row an id of its own."))])
        else:
            rows.setdefault(name, []).append(line)
    offers: dict[str, _Line] = {}
    known = set(firms)
    found = []
    for name, lines in rows.items():
        first = lines[0]
        for line in lines:
            column = "offer" if "offer" in line.cells else "provider"
            offer = line.cells[column]
            if offer in offers:
                note(problems, [_twice(line, column, offer, offers[offer].row)])
            elif _SEPARATOR.search(offer) or offer == REST:
                cause = msg("{name} cannot be chosen: it is “*”, or holds a semicolon.", name=offer)
                note(problems, [line.bad(column, "bad-id", cause, msg("Give it another id."))])
            offers.setdefault(offer, line)
            _check_alike(first, line, rules, problems)
        capacity = _count(first, "capacity", problems)
        kinds = tuple(
            (line.cells["offer"], _count(line, "places", problems) if "places" in line.cells else capacity)
            for line in lines
            if "offer" in line.cells
        )
        found.append(Provider(name, capacity, kinds, _order(first, known, problems), _facts(first, rules)))
    return found


def _check_alike(first: _Line, line: _Line, rules: Sequence[Rule], problems: list[Problem]) -> None:
    """Check that a further row of a provider says the same of it as its first."""
    for column in ("capacity", "order", *(rule.column for rule in rules if rule.kind == "same")):
        if line.cells.get(column) != first.cells.get(column):
            cause = msg(
                "Row {row} says something else of {name}.", row=first.row, name=first.cells["provider"]
            )
            remedy = msg("Write the same in both rows: it holds for the provider, not for one offer.")
            note(problems, [line.bad(column, "contradiction", cause, remedy)])


def _count(line: _Line, column: str, problems: list[Problem]) -> int:
    text = line.cells.get(column, "")
    number = number_in(text)
    if isinstance(number, int) and 0 <= number <= MOST_CAPACITY:
        return number
    cause = msg("{value} is not a number of places.", value=f"“{text}”")
    remedy = msg("Give a whole number from 0 to {most}.", most=f"{MOST_CAPACITY:,}")
    note(problems, [line.bad(column, "not-a-capacity", cause, remedy)])
    return 0


def _order(line: _Line, firms: set[str], problems: list[Problem]) -> tuple[str, ...] | None:
    """Return the provider's own order, or None where the rules hold."""
    if "order" not in line.cells:
        return None
    names = line.listed("order")
    for name in sorted(
        {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    ):
        cause = msg("{name} stands twice.", name=name)
        note(problems, [line.bad("order", "stands-twice", cause, msg("Keep the first of them."))])
    for name in names:
        if name not in firms:
            cause = msg("There is no enterprise {name}.", name=name)
            remedy = msg("Write it as it stands in the file of enterprises.")
            note(problems, [line.bad("order", "unknown-enterprise", cause, remedy)])
    return tuple(names)
