"""Answer sheets as wide tables: CSV and Parquet, a row an enterprise, a column a field; read in batches.

Text columns hold what people write (a key, keys with semicolons between them, a percentage, ``true``, ``na``). Typed Parquet
columns may hold codes instead: the position of the option from 0, a bit mask for multiple choices, a level, a percentage
for rates, lists of keys. An empty cell is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.text import msg
from capillary.sheets.answers import AnswerReader, BadAnswerError, reader_for
from capillary.sheets.cells import NONE_WORD, answer_from_text
from capillary.sheets.files import check_encoding, check_size, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from capillary.model.fields import Field
    from capillary.model.standard import Standard

    CodeArray = NDArray[np.integer[Any]]

ENTERPRISE_COLUMNS = ("id", "name", "region", "sector", "employees", "revenue")
NUMERIC_COLUMNS = frozenset({"employees", "revenue"})
OTHER_PREFIX = "enterprise."
ROWS_A_BATCH = 1 << 16
MOST_PROBLEMS = 1000


@dataclass(frozen=True)
class WideBatch:
    """Some rows of a wide table, checked and coded.

    Attributes:
        standard: the standard that the columns answer.
        enterprise: what is said of the enterprises, a list a column.
        lowest: the lowest possible codes, an array a field.
        highest: the highest possible codes, an array a field.
        answered: how many questions each row answers.
        variants: the variant of each row, or None where the standard has none or none is named.
        dropped: for each question that may be dropped and somewhere does not apply: where it does not.
    """

    standard: Standard
    enterprise: Mapping[str, list[Any]]
    lowest: list[CodeArray]
    highest: list[CodeArray]
    answered: NDArray[np.int64]
    variants: list[str | None] | None
    dropped: Mapping[str, NDArray[np.bool_]]

    def __len__(self) -> int:
        return len(self.answered)


def read_wide(
    path: Path,
    find: Callable[[str], Standard],
    names: Sequence[str],
    standard: str | None,
    problems: list[Problem],
) -> Iterator[WideBatch]:
    """Yield the rows of a wide table in batches, in constant memory.

    Args:
        path: a ``.csv`` or ``.parquet`` file.
        find: returns the standard of an id.
        names: the standards that there are, to tell which one the columns answer.
        standard: the standard's id, or None to tell it from the columns.
        problems: gets what is wrong with cells; rows with problems are yielded as unknown there.

    Raises:
        InputError: the file as a whole cannot be read.
    """
    check_size(path, None)
    columns, tables = _open_csv(path, problems) if path.suffix.lower() == ".csv" else _open_parquet(path)
    doubled = sorted({column for column in columns if columns.count(column) > 1})
    if doubled:
        cause = msg("The column {column} stands twice.", column=doubled[0])
        raise refuse(
            "stands-twice", Place(file=path.name, row=1), cause, msg("Give each column its own name.")
        )
    answered = find(standard or _tell_standard(path, columns, find, names))
    reader = reader_for(answered)
    _check_columns(path, columns, reader)
    first = 2
    for table in tables:
        yield _batch(path, table, reader, first, problems)
        first += table.num_rows


def _tell_standard(
    path: Path, columns: Sequence[str], find: Callable[[str], Standard], names: Sequence[str]
) -> str:
    asked = [column for column in columns if column not in {*ENTERPRISE_COLUMNS, "variant"}]
    fitting = [name for name in names if _fits(asked, find(name))]
    if len(fitting) == 1:
        return fitting[0]
    place = Place(file=path.name, row=1)
    if not fitting:
        raise refuse(
            "unknown-standard",
            place,
            msg("The columns do not fit any standard."),
            msg(
                "Name the columns like the fields of a standard (capillary standards show ID), or say --standard ID."
            ),
        )
    raise refuse(
        "unknown-standard",
        place,
        msg("The columns fit more than one standard: {words}.", words=", ".join(fitting)),
        msg("Say which one with --standard ID."),
    )


def _fits(columns: Sequence[str], standard: Standard) -> bool:
    fields = {field.id for field in reader_for(standard).fields}
    shared = sum(column in fields for column in columns)
    return shared > len(columns) / 2


def _check_columns(path: Path, columns: Sequence[str], reader: AnswerReader) -> None:
    known = [field.id for field in reader.fields]
    allowed = {*known, *ENTERPRISE_COLUMNS, "variant", "standard"}
    problems = [
        Problem(
            "unknown-question",
            Place(file=path.name, row=1, column=column),
            msg("{standard} has no question {question}.", standard=reader.standard.id, question=column),
            did_you_mean(column, known)
            if _near(column, known)
            else msg(
                "Columns about the enterprise beyond {words} begin with {prefix}.",
                words=", ".join(ENTERPRISE_COLUMNS),
                prefix=OTHER_PREFIX,
            ),
        )
        for column in columns
        if column not in allowed and not column.startswith(OTHER_PREFIX)
    ]
    if not any(column in known for column in columns):
        problems.append(
            Problem(
                "no-answers",
                Place(file=path.name, row=1),
                msg("No column answers a question of {standard}.", standard=reader.standard.id),
                did_you_mean("", known),
            )
        )
    if problems:
        raise InputError(problems)


def _near(word: str, known: Sequence[str]) -> bool:
    import difflib

    return bool(difflib.get_close_matches(word, known, n=1, cutoff=0.6))


def _open_csv(path: Path, problems: list[Problem]) -> tuple[list[str], Iterator[Any]]:
    import pyarrow as pa
    from pyarrow import csv

    check_encoding(path)

    def ragged(row: Any) -> str:
        problems.append(
            Problem(
                "ragged-row",
                Place(file=path.name, row=row.number),
                msg(
                    "The row has {actual} cells, the head has {expected}.",
                    actual=row.actual_columns,
                    expected=row.expected_columns,
                ),
                msg("Put quotes around cells that hold commas; leave unknown cells empty."),
            )
        )
        return "skip"

    try:
        head = _csv_head(path)
        reader = csv.open_csv(
            path,
            read_options=csv.ReadOptions(block_size=1 << 22, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(head, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except (pa.ArrowInvalid, StopIteration) as error:
        raise _unreadable(path, error) from error
    return head, _batches(path, reader)


def _csv_head(path: Path) -> list[str]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [cell.strip() for cell in next(csv.reader(stream))]


def _open_parquet(path: Path) -> tuple[list[str], Iterator[Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(path, error) from error
    return list(file.schema_arrow.names), file.iter_batches(batch_size=ROWS_A_BATCH)


def _batches(path: Path, reader: Any) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from reader
    except pa.ArrowInvalid as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return refuse(
        "unreadable-table",
        Place(file=path.name),
        msg("The table cannot be read: {cause}.", cause=str(error).splitlines()[0] if str(error) else "?"),
        msg("Save it again as CSV UTF-8 or Parquet."),
    )


def _batch(path: Path, table: Any, reader: AnswerReader, first: int, problems: list[Problem]) -> WideBatch:
    rows = table.num_rows
    lowest: list[CodeArray] = []
    highest: list[CodeArray] = []
    answered: dict[str, NDArray[np.bool_]] = {}
    dropped: dict[str, NDArray[np.bool_]] = {}
    names = {name.strip(): name for name in table.schema.names}
    for field in reader.fields:
        if field.id not in names:
            lowest.append(np.zeros(rows, dtype=np.int64))
            highest.append(np.full(rows, field.top, dtype=np.int64))
            continue
        column = _Column(path, table.column(names[field.id]), reader, field, first, problems)
        low, high = column.codes()
        lowest.append(low)
        highest.append(high)
        seen = answered.setdefault(field.question, np.zeros(rows, dtype=np.bool_))
        seen |= column.answered
        if column.not_applicable.any() and reader.standard.by_id[field.question].not_applicable == "drop":
            dropped[field.question] = column.not_applicable
    count = np.zeros(rows, dtype=np.int64)
    for seen in answered.values():
        count += seen
    return WideBatch(
        standard=reader.standard,
        enterprise=_enterprise(path, table, names, first, problems),
        lowest=lowest,
        highest=highest,
        answered=count,
        variants=_variants(path, table, names, reader.standard, first, problems),
        dropped=dropped,
    )


class _Column:
    """One answer column of a batch."""

    def __init__(
        self, path: Path, array: Any, reader: AnswerReader, field: Field, first: int, problems: list[Problem]
    ) -> None:
        self.path = path
        self.array = array
        self.reader = reader
        self.field = field
        self.question = reader.standard.by_id[field.question]
        self.offset = [item.id for item in reader.of_question[field.question]].index(field.id)
        self.first = first
        self.problems = problems
        self.answered: NDArray[np.bool_] = ~np.asarray(array.is_null().to_numpy(zero_copy_only=False))
        self.not_applicable: NDArray[np.bool_] = np.zeros(len(array), dtype=np.bool_)

    def codes(self) -> tuple[CodeArray, CodeArray]:
        """Return the lowest and highest codes; what cannot be used is noted and left unknown."""
        import pyarrow as pa

        kind = self.array.type
        if pa.types.is_null(kind):
            return self._spread(np.zeros(len(self.array), dtype=np.int64))
        if pa.types.is_dictionary(kind):
            self.array = self.array.cast(kind.value_type)
            kind = self.array.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._from_texts(self.array)
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return self._from_lists()
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
            return self._from_numbers()
        self._note(
            "column-type",
            0,
            msg("A column of type {kind} holds no answers.", kind=str(kind)),
            msg("Store text, whole numbers, percentages or lists of keys."),
        )
        self.answered[:] = False
        return self._spread(np.zeros(len(self.array), dtype=np.int64))

    def _spread(self, codes: CodeArray) -> tuple[CodeArray, CodeArray]:
        """Return codes as spans: unanswered rows from 0 to the top."""
        if self.answered.all():
            return codes, codes
        return np.where(self.answered, codes, 0), np.where(self.answered, codes, self.field.top)

    def _from_texts(self, array: Any) -> tuple[CodeArray, CodeArray]:
        encoded = array.dictionary_encode()
        index = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        table = np.zeros(max(1, len(encoded.dictionary)), dtype=np.int64)
        for position, text in enumerate(encoded.dictionary.to_pylist()):
            plain = text.strip()
            here = (index == position) & self.answered
            if not plain:
                self.answered &= ~here
                continue
            raw = answer_from_text(self.question, self.field, plain)
            if raw == NOT_APPLICABLE:
                self.not_applicable |= here
            try:
                table[position] = self._code(raw)
            except BadAnswerError as bad:
                for row in np.flatnonzero(here)[:MOST_PROBLEMS]:
                    self._note(bad.code, int(row), bad.cause, bad.remedy)
                self.answered &= ~here
        return self._spread(table[index])

    def _code(self, raw: object) -> int:
        whole = raw if self.field.part is None or raw == NOT_APPLICABLE else {self.field.part: raw}
        return self.reader.read(self.question.id, whole)[self.offset].low

    def _from_lists(self) -> tuple[CodeArray, CodeArray]:
        import pyarrow as pa
        import pyarrow.compute as pc

        joined = pc.binary_join(self.array.cast(pa.list_(pa.string())), ";")
        return self._from_texts(pc.if_else(pc.equal(joined, ""), NONE_WORD, joined))

    def _from_numbers(self) -> tuple[CodeArray, CodeArray]:
        import pyarrow as pa

        if pa.types.is_floating(self.array.type):
            numbers = self.array.to_numpy(zero_copy_only=False)
            self.answered &= ~np.isnan(numbers)
            numbers = np.where(self.answered, numbers, 0.0)
        else:
            kind = pa.int64() if pa.types.is_boolean(self.array.type) else self.array.type
            numbers = self.array.cast(kind).fill_null(0).to_numpy(zero_copy_only=False)
        top = 100 if self.field.upper else self.field.top
        if len(numbers) and (numbers.min() < 0 or numbers.max() > top):
            self._refuse_numbers((numbers < 0) | (numbers > top), numbers, top)
        if self.field.upper:
            return self._spread(band_codes(self.field, numbers))
        if numbers.dtype.kind == "f":
            self._refuse_numbers(numbers != np.floor(numbers), numbers, top)
            numbers = numbers.astype(np.int64)
        return self._spread(np.where(self.answered, numbers, 0) if not self.answered.all() else numbers)

    def _refuse_numbers(self, bad: NDArray[np.bool_], numbers: NDArray[Any], top: int) -> None:
        for row in np.flatnonzero(bad)[:MOST_PROBLEMS]:
            self._note(
                "number-range",
                int(row),
                msg("{value} is no code of this question.", value=numbers[row].item()),
                msg("Write a whole number from 0 to {top}.", top=top)
                if not self.field.upper
                else msg("Write a percentage: 35 for 35 %."),
            )
        self.answered &= ~bad
        numbers[bad] = 0

    def _note(self, code: str, row: int, cause: Any, remedy: Any) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            place = Place(file=self.path.name, row=self.first + row, column=self.field.id)
            self.problems.append(Problem(code, place, cause, remedy))


def band_codes(field: Field, percent: NDArray[Any]) -> CodeArray:
    """Return the codes of percentages: bands are closed above.

    Whole percentages are compared with whole edges, so that narrow integers stay narrow: x > 10.5 is x > 10 for them.
    """
    codes = np.zeros(percent.shape, dtype=np.uint8)
    for upper in field.upper:
        codes += percent > (floor(upper) if percent.dtype.kind in "iu" else float(upper))
    return codes


def _enterprise(
    path: Path, table: Any, names: Mapping[str, str], first: int, problems: list[Problem]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, column in names.items():
        if name in ENTERPRISE_COLUMNS or name.startswith(OTHER_PREFIX):
            values = table.column(column).to_pylist()
            if name in NUMERIC_COLUMNS:
                values = [
                    _amount(path, name, value, first + row, problems) for row, value in enumerate(values)
                ]
            found[name.removeprefix(OTHER_PREFIX)] = values
    return found


def _amount(path: Path, name: str, value: Any, row: int, problems: list[Problem]) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if number >= 0:
        return int(number) if number.is_integer() else number
    if len(problems) < MOST_PROBLEMS:
        problems.append(
            Problem(
                "not-a-number",
                Place(file=path.name, row=row, column=name),
                msg("{value} stands where a number belongs.", value=repr(value)),
                msg("Write a number of 0 or more, without quotes or units."),
            )
        )
    return None


def _variants(
    path: Path, table: Any, names: Mapping[str, str], standard: Standard, first: int, problems: list[Problem]
) -> list[str | None] | None:
    known = [variant.id for variant in standard.file.variants]
    if "variant" not in names or not known:
        return None
    values: list[str | None] = []
    for row, value in enumerate(table.column(names["variant"]).to_pylist()):
        if value in {None, ""} or value in known:
            values.append(value or None)
            continue
        values.append(None)
        problems.append(
            Problem(
                "unknown-variant",
                Place(file=path.name, row=first + row, column="variant"),
                msg("{standard} has no variant {word}.", standard=standard.id, word=repr(value)),
                did_you_mean(str(value), known),
            )
        )
    return values
