"""Reads the offers that a firm holds: from the workbook of a roadmap, or from a CSV file with the same figures."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import Text, msg
from capillary.roadmap.firm import WEEKS, Offer
from capillary.roadmap.goal import MOST_MONEY, MOST_QUARTERS
from capillary.sheets.cells import number_in
from capillary.sheets.files import refuse
from capillary.sheets.tables import open_table
from capillary.sheets.workbook import MOST_ROWS, Values, open_book

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.model.measure import Catalogue

OFFER_SHEET: Text = Text(zh="措施", en="Measures")
ID_HEADING: Text = Text(zh="措施编号", en="Measure id")
OWN_HEADINGS: Mapping[str, Text] = {
    "one_off": Text(zh="报价：一次性", en="Own one-off"),
    "yearly": Text(zh="报价：每年", en="Own yearly"),
    "weeks": Text(zh="报价：工期（周）", en="Own weeks"),
}
CSV_COLUMNS = ("id", *OWN_HEADINGS)
MOST_WEEKS = MOST_QUARTERS * WEEKS
_FRESH_BOOK = msg("Copy your offers into a fresh workbook of the roadmap.")
_PACKED = b"PK"


@dataclass(frozen=True)
class _Said:
    """One figure as it stands in a file: of which measure, which of the three, its value, and where."""

    measure: str
    figure: str
    value: Any
    place: Place


def read_offers(source: Path | bytes, catalogue: Catalogue, name: str | None = None) -> dict[str, Offer]:
    """Return a firm's own figures by measure.

    Amounts are in the currency of the roadmap and count in whole units; weeks are rounded up. A measure may stand in several
    rows, since it may be in several plans, as long as they do not contradict one another.

    Args:
        source: a workbook that `roadmap_xlsx` wrote, with figures in its own columns; or a CSV file with the columns id,
            one_off, yearly and weeks. As a path, or as the file's content.
        catalogue: all measures.
        name: what the file is called in problems, where its content is given.

    Raises:
        InputError: something in it cannot be used, each problem with its sheet and row; or it holds no offer.
    """
    if isinstance(source, Path):
        return _read(source, catalogue)
    plain = Path(name or "").name or ("offers.xlsx" if source.startswith(_PACKED) else "offers.csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / plain
        path.write_bytes(source)
        return _read(path, catalogue)


def _read(path: Path, catalogue: Catalogue) -> dict[str, Offer]:
    problems: list[Problem] = []
    said = list(_from_csv(path, problems) if path.suffix.lower() == ".csv" else _from_book(path, problems))
    offers = _offers(said, catalogue, problems)
    if problems:
        raise InputError(problems)
    if not offers:
        raise refuse(
            "no-offers",
            Place(file=path.name),
            msg("The file holds no offer."),
            msg("Fill in at least one figure in the columns {columns}.", columns=", ".join(CSV_COLUMNS[1:]))
            if path.suffix.lower() == ".csv"
            else msg("Fill in at least one of the yellow cells, save the file and try again."),
        )
    return offers


def _from_csv(path: Path, problems: list[Problem]) -> Iterator[_Said]:
    table = open_table(path, problems)
    missing = [column for column in ("id",) if column not in table.columns]
    figures = [column for column in OWN_HEADINGS if column in table.columns]
    if missing or not figures:
        raise refuse(
            "missing-column",
            Place(file=path.name, row=1),
            msg("The columns of a list of offers are missing."),
            msg("Name the columns in the first row: {columns}.", columns=", ".join(CSV_COLUMNS)),
        )
    for rows in table.batches:
        names = rows.table.column("id").to_pylist()
        for figure in figures:
            for place, value in enumerate(rows.table.column(figure).to_pylist()):
                if value is not None and value.strip():
                    where = Place(file=path.name, row=int(rows.numbers[place]), column=figure)
                    yield _Said((names[place] or "").strip(), figure, value, where)


def _from_book(path: Path, problems: list[Problem]) -> Iterator[_Said]:
    sheets = open_book(path, _FRESH_BOOK)
    sheet = next((sheets[name] for name in (OFFER_SHEET.zh, OFFER_SHEET.en) if name in sheets), None)
    if sheet is None:
        raise refuse(
            "wrong-sheet",
            Place(file=path.name),
            msg(
                "The sheet {sheet} is missing; there are: {sheets}.",
                sheet=OFFER_SHEET,
                sheets=", ".join(sheets),
            ),
            _FRESH_BOOK,
        )
    head, columns = _columns(sheet, path.name)
    values = Values(path)
    for row in range(head + 1, min(sheet.max_row, MOST_ROWS) + 1):
        name = sheet.cell(row, columns["id"]).value
        for figure in OWN_HEADINGS:
            if figure not in columns:
                continue
            cell = sheet.cell(row, columns[figure])
            place = Place(path.name, sheet.title, row, str(cell.column_letter))
            if cell.data_type == "f":
                cell = values.of(sheet.title, row, columns[figure])
                if cell.value is None:
                    problems.append(_without_result(place))
            if cell.value is not None and str(cell.value).strip():
                yield _Said("" if name is None else str(name).strip(), figure, cell.value, place)


def _columns(sheet: Any, file: str) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and where each column stands, whatever was inserted or moved."""
    wanted = {text: key for key, title in OWN_HEADINGS.items() for text in (title.zh, title.en)}
    wanted |= dict.fromkeys((ID_HEADING.zh, ID_HEADING.en), "id")
    for row in sheet.iter_rows(max_row=20, max_col=60):
        found = {
            wanted[cell.value]: cell.column
            for cell in row
            if isinstance(cell.value, str) and cell.value in wanted
        }
        if "id" in found and len(found) > 1:
            return row[0].row, found
    raise refuse(
        "missing-column",
        Place(file=file, sheet=sheet.title),
        msg("The columns for the measure and your own figures are missing."),
        _FRESH_BOOK,
    )


def _offers(said: Sequence[_Said], catalogue: Catalogue, problems: list[Problem]) -> dict[str, Offer]:
    first: dict[tuple[str, str], tuple[int, Place]] = {}
    found: dict[str, dict[str, int]] = {}
    for item in said:
        value = _value(item, problems)
        if not _known(item, catalogue, problems) or value is None:
            continue
        before, where = first.setdefault((item.measure, item.figure), (value, item.place))
        if before != value:
            problems.append(_contradiction(item, before, value, where))
        found.setdefault(item.measure, {})[item.figure] = before
    return {name: Offer(**figures) for name, figures in found.items()}


def _known(item: _Said, catalogue: Catalogue, problems: list[Problem]) -> bool:
    if item.measure in catalogue.measures:
        return True
    if not item.measure:
        cause, remedy = (
            msg("The row has a figure but no measure."),
            msg("Write the id of the measure into the row, or empty its cells."),
        )
    else:
        cause = msg("There is no measure {measure}.", measure=item.measure)
        remedy = did_you_mean(item.measure, catalogue.measures)
    problems.append(Problem("unknown-measure", item.place, cause, remedy))
    return False


def _value(item: _Said, problems: list[Problem]) -> int | None:
    """Return a figure as a whole number; None where it is none that a plan can have."""
    value = number_in(item.value) if isinstance(item.value, str) else item.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        cause = msg("{value} is not a number.", value=repr(item.value))
        problems.append(
            Problem("not-a-number", item.place, cause, msg("Write the plain number, without unit or words."))
        )
        return None
    most = MOST_WEEKS if item.figure == "weeks" else MOST_MONEY
    if not 0 <= value <= most:
        problems.append(
            Problem(
                "amount",
                item.place,
                msg("{value} is negative.", value=value)
                if value < 0
                else msg("{value} is too large.", value=value),
                msg("Give a number from 0 to {most}.", most=most),
            )
        )
        return None
    return ceil(value) if item.figure == "weeks" else round(value)


def _without_result(place: Place) -> Problem:
    return Problem(
        "formula-without-value",
        place,
        msg("The cell holds a formula whose result was not saved."),
        msg("Write the number itself, without a formula."),
    )


def _contradiction(item: _Said, before: int, value: int, where: Place) -> Problem:
    return Problem(
        "two-offers",
        item.place,
        msg(
            "{measure} has two different figures: {before} in row {row}, and {value} here.",
            measure=item.measure,
            before=before,
            row=where.row,
            value=value,
        ),
        msg("Keep one of the two; where a measure is in several plans, one row is enough."),
    )
