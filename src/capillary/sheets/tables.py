"""Opens wide tables, CSV and Parquet, and reads them in batches; every row keeps the number it has in its file."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.sheets.files import check_encoding, check_size, note, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK = 1 << 21
ROWS_A_BATCH = 1 << 16
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Rows:
    """Some rows of a table.

    Attributes:
        file: the file's name.
        table: an Arrow record batch whose columns are named like the table's.
        numbers: the number of each row in the file: in a CSV file the head is row 1.
        problems: gets what is wrong with the rows.
    """

    file: str
    table: Any
    numbers: NDArray[np.int64]
    problems: list[Problem]

    def __len__(self) -> int:
        return len(self.numbers)

    def note(self, row: int, column: str, code: str, cause: Any, remedy: Any) -> None:
        """Note a problem with a cell; ``row`` counts the rows here from 0."""
        place = Place(file=self.file, row=int(self.numbers[row]), column=column)
        note(self.problems, [Problem(code, place, cause, remedy)])


@dataclass(frozen=True)
class Table:
    """A wide table, open for reading.

    Attributes:
        file: the file's name.
        columns: the names of the columns, without spaces around them.
        batches: the rows.
        unnamed: columns without a name, which got one from their letter.
    """

    file: str
    columns: list[str]
    batches: Iterator[Rows]
    unnamed: frozenset[str] = field(default=frozenset())


def open_table(path: Path, problems: list[Problem]) -> Table:
    """Open a ``.csv`` or ``.parquet`` file.

    Args:
        path: the file.
        problems: gets what is wrong with rows.

    Raises:
        InputError: the file as a whole cannot be read; also while its batches are read.
    """
    check_size(path, None)
    return _open_csv(path, problems) if path.suffix.lower() == ".csv" else _open_parquet(path, problems)


def _open_csv(path: Path, problems: list[Problem]) -> Table:
    check_encoding(path)
    head = _csv_head(path)
    columns, unnamed = _named(head.cells)
    _check_names(path, columns)
    batches = _csv_batches(path, head, columns, problems) if head.followed else iter(())
    return Table(path.name, columns, batches, unnamed)


@dataclass(frozen=True)
class _Head:
    """The head of a CSV file: its cells, its row, what separates cells, and whether rows follow."""

    cells: list[str]
    row: int
    delimiter: str
    followed: bool


def _csv_head(path: Path) -> _Head:
    """Return the head of a CSV file; cells are separated by what gives the most of them."""
    heads: list[_Head] = []
    for delimiter in _DELIMITERS:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = csv.reader(stream, delimiter=delimiter)
                number, cells = next(
                    ((number, cells) for number, cells in enumerate(rows, start=1) if any(cells)), (0, [])
                )
                followed = next(rows, None) is not None
        except csv.Error as error:
            raise unreadable(path, error) from error
        heads.append(_Head([cell.strip() for cell in cells], number, delimiter, followed))
    if not heads[0].cells:
        cause = msg("The file is empty.")
        raise refuse("empty-file", Place(file=path.name), cause, msg("Save it again with its answers."))
    return max(heads, key=lambda head: len(head.cells))


def _named(cells: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """Return the names of columns, and those that had none: spreadsheets often save empty columns at the end."""
    from openpyxl.utils import get_column_letter

    letters = {index: get_column_letter(index + 1) for index, cell in enumerate(cells) if not cell}
    return [letters.get(index, cell) for index, cell in enumerate(cells)], frozenset(letters.values())


def _check_names(path: Path, columns: Sequence[str]) -> None:
    doubled = sorted({column for column in columns if columns.count(column) > 1})
    if doubled:
        raise InputError(
            [
                Problem(
                    "stands-twice",
                    Place(file=path.name, row=1, column=column),
                    msg("The column {column} stands twice.", column=column),
                    msg("Give each column its own name."),
                )
                for column in doubled
            ]
        )


def _csv_batches(path: Path, head: _Head, columns: Sequence[str], problems: list[Problem]) -> Iterator[Rows]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    ragged: list[int] = []

    def skip(row: Any) -> str:
        ragged.append(row.number)
        note(problems, [_ragged(path, row)])
        return "skip"

    try:
        batches = arrow_csv.open_csv(
            path,
            # names and types are given, for Arrow would take "3" for a number: keys are text
            read_options=arrow_csv.ReadOptions(
                column_names=columns,
                skip_rows_after_names=head.row,
                block_size=BLOCK,
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=head.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
        yield from _numbered(path, batches, head.row + 1, ragged, problems)
    except pa.ArrowException as error:
        raise unreadable(path, error) from error


def _ragged(path: Path, row: Any) -> Problem:
    return Problem(
        "ragged-row",
        Place(file=path.name, row=row.number),
        msg(
            "The row has {actual} cells, the head has {expected}.",
            actual=row.actual_columns,
            expected=row.expected_columns,
        ),
        msg("Put quotes around cells that hold commas; leave unknown cells empty."),
    )


def _open_parquet(path: Path, problems: list[Problem]) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        columns = [name.strip() for name in file.schema_arrow.names]
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error
    _check_names(path, columns)
    return Table(path.name, columns, _parquet_batches(path, file, columns, problems))


def _parquet_batches(
    path: Path, file: Any, columns: Sequence[str], problems: list[Problem]
) -> Iterator[Rows]:
    import pyarrow as pa

    try:
        renamed = (batch.rename_columns(columns) for batch in file.iter_batches(batch_size=ROWS_A_BATCH))
        yield from _numbered(path, renamed, 1, [], problems)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def _numbered(
    path: Path, batches: Iterator[Any], first: int, left_out: list[int], problems: list[Problem]
) -> Iterator[Rows]:
    """Yield batches with the numbers of their rows; rows without any value are passed over.

    Args:
        path: the file.
        batches: Arrow record batches.
        first: the number of the first row.
        left_out: numbers of rows that stand in the file but not in the batches; grows while these are read.
        problems: gets what is wrong with the rows.
    """
    for batch in batches:
        candidates = np.arange(first, first + batch.num_rows + len(left_out), dtype=np.int64)
        numbers = candidates[~np.isin(candidates, left_out)][: batch.num_rows]
        first = int(numbers[-1]) + 1 if len(numbers) else first
        filled = np.zeros(batch.num_rows, dtype=np.bool_)
        for column in batch.columns:
            filled |= column.is_valid().to_numpy(zero_copy_only=False)
        if filled.all():
            yield Rows(path.name, batch, numbers, problems)
        elif filled.any():
            yield Rows(path.name, batch.filter(filled), numbers[filled], problems)


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error for a table that cannot be read."""
    return refuse(
        "unreadable-table",
        Place(file=path.name),
        msg("The table cannot be read: {cause}.", cause=str(error).splitlines()[0] if str(error) else "?"),
        msg("Save it again as CSV UTF-8 or Parquet."),
    )
