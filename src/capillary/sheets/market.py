"""Reads offers and providers from tables that people keep, with errors by cell, and writes them back."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from capillary.content.market import offer_faults, provider_faults, read_market_file
from capillary.model.market import Market, Offer, Provider, market_of
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import Text, msg
from capillary.sheets.files import note, refuse
from capillary.sheets.look import HEAD_FILL, WHITE, column_widths, font, wrapped
from capillary.sheets.market_columns import OFFER_COLUMNS, PROVIDER_COLUMNS, SHEETS, CellError, Column
from capillary.sheets.tables import open_table
from capillary.sheets.workbook import MOST_ROWS, Values, open_book

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from capillary.content.market import Fault, Vocabulary
    from capillary.model.text import Language

_FRESH = msg("Make a fresh table with: capillary offers form FILE.xlsx, and copy the rows into it.")
_HEAD_ROWS = 10
_SEPARATOR = "; "


@dataclass(frozen=True)
class ReadMarket:
    """What a file of offers and providers holds.

    Attributes:
        market: offers and providers.
        places: where each stands, by ``offers`` or ``providers`` and id; empty for YAML.
        providers_known: whether the providers that offers name could be looked for.
    """

    market: Market
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    providers_known: bool = True


@dataclass(frozen=True)
class _Row:
    """One row of a table: its cells' texts by column key, and where they stand."""

    listed: str
    cells: Mapping[str, str]
    place: Place
    letters: Mapping[str, str]

    def at(self, key: str) -> Place:
        """Return the place of a cell; that of the row where there is no such column."""
        return Place(self.place.file, self.place.sheet, self.place.row, self.letters.get(key))


def read_market(path: Path, vocabulary: Vocabulary, providers: Collection[str] | None = None) -> ReadMarket:
    """Return the offers and providers of a file.

    Args:
        path: ``.yaml``; ``.xlsx`` with a sheet *Offers*, a sheet *Providers* or both; or ``.csv`` with one of the two.
        vocabulary: the words that they may use.
        providers: ids of providers that offers may name beside those of the file; None where the file need not hold any.

    Raises:
        InputError: something cannot be used; every problem is named with file, sheet, row and column.
    """
    kind = path.suffix.lower()
    if kind in {".yaml", ".yml"}:
        return ReadMarket(read_market_file(path, vocabulary)[0])
    if kind not in {".csv", ".xlsx"}:
        raise refuse(
            "file-kind",
            Place(file=path.name),
            msg("Offers are not read from a file whose name ends in {ending}.", ending=kind or "…"),
            msg("Use .xlsx, .csv or .yaml."),
        )
    problems: list[Problem] = []
    rows = list(_csv_rows(path, problems) if kind == ".csv" else _book_rows(path, problems))
    found: dict[str, dict[str, Any]] = {"providers": {}, "offers": {}}
    places: dict[tuple[str, str], Place] = {}
    # providers come first, for offers name them
    for row in sorted(rows, key=lambda item: item.listed != "providers"):
        item = _item(row, problems)
        if item is None:
            continue
        if item.id in found[row.listed]:
            cause = msg("{word} stands {count} times.", word=item.id, count=2)
            note(problems, [Problem("stands-twice", row.at("id"), cause, msg("Give each its own name."))])
            continue
        found[row.listed][item.id], places[row.listed, item.id] = item, row.place
        named = (
            None
            if providers is None and not found["providers"]
            else {*(providers or ()), *found["providers"]}
        )
        note(problems, _faults(item, row, named, vocabulary))
    if problems:
        raise InputError(problems)
    if not rows:
        raise refuse(
            "no-offers",
            Place(file=path.name),
            msg("The file holds no offer and no provider."),
            msg("Fill in a row."),
        )
    market = market_of(found["offers"].values(), found["providers"].values())
    return ReadMarket(market, places, providers_known=bool(found["providers"]) or providers is not None)


def read_row(
    listed: str, cells: Mapping[str, str], vocabulary: Vocabulary, providers: Collection[str] | None = None
) -> tuple[Offer | Provider | None, list[Problem]]:
    """Return what one row says, as a form gives it, and everything that is wrong with it.

    Args:
        listed: ``offers`` or ``providers``.
        cells: texts by the key of their column; what is left out is empty.
        vocabulary: the words that it may use.
        providers: ids that an offer may name; None where they are not looked for.

    Returns:
        The offer or provider, None where a cell cannot be read; each problem has the key of its column as its place's column.
    """
    row = _Row(listed, cells, Place(), {column.key: column.key for column in SHEETS[listed][2]})
    problems: list[Problem] = []
    item = _item(row, problems)
    if item is not None:
        problems.extend(_faults(item, row, providers, vocabulary))
    return item, problems


def _faults(
    item: Offer | Provider, row: _Row, providers: Collection[str] | None, vocabulary: Vocabulary
) -> Iterator[Problem]:
    faults = (
        offer_faults(item, providers, vocabulary)
        if isinstance(item, Offer)
        else provider_faults(item, vocabulary)
    )
    return (_placed(fault, row) for fault in faults)


def _placed(fault: Fault, row: _Row) -> Problem:
    columns = SHEETS[row.listed][2]
    key = next(
        (
            column.key
            for column in columns
            if column.entry == fault.entry or column.entry.startswith(f"{fault.entry}.")
        ),
        "id",
    )
    return fault.at(row.at(key))


def _item(row: _Row, problems: list[Problem]) -> Offer | Provider | None:
    """Return what a row says; None where a cell cannot be read."""
    _, kind, columns = SHEETS[row.listed]
    raw: dict[str, Any] = {}
    sound = True
    for column in columns:
        given = row.cells.get(column.key, "")
        if not given.strip():
            if column.needed:
                cause = msg("The cell is empty.")
                remedy = msg("Fill in {heading}.", heading=column.title)
                note(problems, [Problem("empty-cell", row.at(column.key), cause, remedy)])
                sound = False
            continue
        try:
            _put(raw, column.entry, column.read(given))
        except CellError as error:
            note(problems, [Problem(error.code, row.at(column.key), error.cause, error.remedy)])
            sound = False
    if not sound:
        return None
    try:
        item: Offer | Provider = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        # what is missing of an entry of several columns, such as the partnerships of a cooperation
        remedy = msg("Fill in all columns of the entry, or none of them.")
        note(problems, [Problem("incomplete", row.place, msg("{cause}.", cause=str(error)), remedy)])
        return None
    return item


def _put(raw: dict[str, Any], entry: str, value: Any) -> None:
    *steps, last = entry.split(".")
    for step in steps:
        raw = raw.setdefault(step, {})
    raw[last] = value


def _csv_rows(path: Path, problems: list[Problem]) -> Iterator[_Row]:
    table = open_table(path, problems)
    # an offer names its provider; a provider cannot
    given = {_key(name, OFFER_COLUMNS) for name in table.columns}
    listed = "offers" if "provider" in given else "providers"
    columns = SHEETS[listed][2]
    keys = {name: key for name in table.columns if (key := _key(name, columns)) is not None}
    _check_columns(list(table.columns), keys, columns, Place(file=path.name, row=1), table.unnamed)
    letters = {key: name for name, key in keys.items()}
    for batch in table.batches:
        cells = {key: batch.table.column(name).to_pylist() for name, key in keys.items()}
        for index in range(len(batch)):
            texts = {key: (values[index] or "") for key, values in cells.items()}
            if any(text.strip() for text in texts.values()):
                yield _Row(listed, texts, Place(file=path.name, row=int(batch.numbers[index])), letters)


def _book_rows(path: Path, problems: list[Problem]) -> Iterator[_Row]:
    sheets = open_book(path, _FRESH)
    values = Values(path)
    present = [
        (listed, sheets[name])
        for listed, (title, _, _) in SHEETS.items()
        for name in (title.zh, title.en)
        if name in sheets
    ]
    if not present:
        cause = msg(
            "There is no sheet {offers} and no sheet {providers}; there are: {sheets}.",
            offers=SHEETS["offers"][0],
            providers=SHEETS["providers"][0],
            sheets=", ".join(sheets),
        )
        raise refuse("wrong-sheet", Place(file=path.name), cause, _FRESH)
    for listed, sheet in present:
        yield from _sheet_rows(sheet, values, path.name, listed, problems)


def _sheet_rows(
    sheet: Any, values: Values, file: str, listed: str, problems: list[Problem]
) -> Iterator[_Row]:
    columns = SHEETS[listed][2]
    head = _head(sheet, columns)
    place = Place(file=file, sheet=sheet.title)
    if head is None:
        raise refuse("missing-column", place, msg("The headings of the columns are missing."), _FRESH)
    number, names = head
    keys = {name: key for name in names.values() if (key := _key(name, columns)) is not None}
    _check_columns(list(names.values()), keys, columns, Place(file, sheet.title, number), frozenset())
    where = {keys[name]: column for column, name in names.items() if name in keys}
    from openpyxl.utils import get_column_letter

    letters = {key: get_column_letter(column) for key, column in where.items()}
    if sheet.max_row > MOST_ROWS:
        cause = msg("The sheet has {rows} rows; at most {most} are read.", rows=sheet.max_row, most=MOST_ROWS)
        raise refuse("too-many-rows", place, cause, msg("Delete empty rows at the end, or use CSV."))
    for row in range(number + 1, sheet.max_row + 1):
        there = Place(file, sheet.title, row)
        found = {key: _cell(sheet, values, row, column) for key, column in where.items()}
        bad = {key: problem for key, (_, problem) in found.items() if problem is not None}
        if any(text.strip() for text, _ in found.values()) or bad:
            item = _Row(listed, {key: text for key, (text, _) in found.items()}, there, letters)
            note(problems, (fault.at(item.at(key)) for key, fault in bad.items()))
            if not bad:
                yield item


def _head(sheet: Any, columns: Sequence[Column]) -> tuple[int, dict[int, str]] | None:
    """Return the row of the headings, and the name of each column by its number."""
    for row in sheet.iter_rows(max_row=_HEAD_ROWS, max_col=100):
        names = {
            cell.column: cell.value.strip()
            for cell in row
            if isinstance(cell.value, str) and cell.value.strip()
        }
        if sum(_key(name, columns) is not None for name in names.values()) > 2:
            return int(row[0].row), names
    return None


@dataclass(frozen=True)
class _Bad:
    code: str
    cause: Any
    remedy: Any

    def at(self, place: Place) -> Problem:
        return Problem(self.code, place, self.cause, self.remedy)


def _cell(sheet: Any, values: Values, row: int, column: int) -> tuple[str, _Bad | None]:
    """Return a cell as text, days as ISO dates; or what is wrong with it."""
    cell = sheet.cell(row, column)
    if cell.data_type == "f":
        cell = values.of(sheet.title, row, column)
        if cell.value is None:
            return "", _Bad(
                "formula-without-value",
                msg("The cell holds a formula whose result was not saved."),
                msg("Write the value itself, without a formula."),
            )
    if cell.data_type == "e":
        return "", _Bad(
            "formula-error",
            msg("The cell shows the error {value}.", value=str(cell.value)),
            msg("Write the value itself, without a formula."),
        )
    value = cell.value
    if value is None:
        return "", None
    if cell.is_date and hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d"), None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value), None


def _key(name: str, columns: Sequence[Column]) -> str | None:
    shown = name.strip().casefold()
    for column in columns:
        if shown in {column.key, column.title.zh.casefold(), column.title.en.casefold()}:
            return column.key
    return None


def _check_columns(
    names: Sequence[str],
    keys: Mapping[str, str],
    columns: Sequence[Column],
    place: Place,
    unnamed: frozenset[str],
) -> None:
    """Refuse a table whose columns are missing, stand twice or are not known: no figure under a wrong heading gets lost."""
    problems = []
    for column in columns:
        if column.needed and column.key not in keys.values():
            cause = msg("The column {column} is missing.", column=column.key)
            remedy = msg("Add it; its heading is {heading} or {key}.", heading=column.title, key=column.key)
            problems.append(Problem("missing-column", place, cause, remedy))
    for name in names:
        if name not in keys and name not in unnamed:
            cause = msg("The column {column} is not known.", column=name)
            remedy = did_you_mean(name, [column.key for column in columns])
            problems.append(Problem("unknown-column", place, cause, remedy))
    for one, other in pairwise(sorted(key for name in names if (key := keys.get(name)) is not None)):
        if one == other:
            cause = msg("The column {column} stands twice.", column=one)
            problems.append(Problem("stands-twice", place, cause, msg("Give each column its own name.")))
    if problems:
        raise InputError(problems)


# --- writing ---------------------------------------------------------------------------------------------------------


def cells_of(item: Offer | Provider) -> dict[str, str | int]:
    """Return an offer or a provider as the cells of its row, by column key.

    The record of a provider has no room in a table: it is counted, not written.
    """
    raw = msgspec.to_builtins(item)
    if isinstance(item, Offer):
        raw["cooperation"] = raw["cooperation"] or {}
    columns = OFFER_COLUMNS if isinstance(item, Offer) else PROVIDER_COLUMNS
    return {column.key: _written(_get(raw, column.entry)) for column in columns}


def _get(raw: Any, entry: str) -> Any:
    for step in entry.split("."):
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw


def _written(value: Any) -> str | int:  # noqa: PLR0911 - one branch for each kind of value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case list() | tuple() if value and isinstance(value[0], dict):
            return _written_lines(value)
        case list() | tuple():
            return _SEPARATOR.join(value)
        case dict():
            return _SEPARATOR.join(f"{name}: {count}" for name, count in value.items())
        case _:
            return str(value)


def _written_lines(items: Sequence[Mapping[str, Any]]) -> str:
    """Return accreditations, proofs or conflicts as their columns read them."""
    if "programme" in items[0]:
        return _SEPARATOR.join(
            f"{item['programme']} {item['granted_on']} {item['valid_to']}" for item in items
        )
    rows = (
        [item["party"], item["reason"]["zh"], item["reason"]["en"]]
        if "party" in item
        else [item["title"]["zh"], item["title"]["en"], *([item["url"]] if item["url"] else [])]
        for item in items
    )
    return "\n".join(" | ".join(row) for row in rows)


def write_market_csv(path: Path, items: Sequence[Offer] | Sequence[Provider], listed: str) -> None:
    """Write offers or providers as a CSV table, headed by the keys of its columns; ``listed`` is a key of `SHEETS`."""
    keys = [column.key for column in SHEETS[listed][2]]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, keys)
        writer.writeheader()
        writer.writerows(cells_of(item) for item in items)


def write_market_xlsx(path: Path, market: Market, language: Language) -> None:
    """Write offers and providers as a workbook with a sheet for each, headed in a language; an empty market makes a form."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for listed, items in (("offers", market.offers), ("providers", market.providers)):
        title, _, columns = SHEETS[listed]
        sheet = book.create_sheet(title.in_(language))
        sheet.append([column.title.in_(language) for column in columns])
        for cell in sheet[1]:
            cell.fill, cell.font, cell.alignment = (
                HEAD_FILL,
                font(language, bold=True, color=WHITE),
                wrapped(),
            )
        column_widths(sheet, [max(14.0, 2.0 * len(column.title.in_(language))) for column in columns])
        sheet.freeze_panes = "B2"
        for item in items.values():
            cells = cells_of(item)
            sheet.append([cells[column.key] if cells[column.key] != "" else None for column in columns])
        _no_formulas(sheet)
    book.save(path)


def _no_formulas(sheet: Any) -> None:
    """Make every text a text: one that begins with ``=`` must not be worked out by whoever opens the workbook."""
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"


def heading(listed: str, key: str) -> Text:
    """Return the heading of a column.

    Raises:
        KeyError: there is no such column.
    """
    for column in SHEETS[listed][2]:
        if column.key == key:
            return column.title
    raise KeyError(key)
