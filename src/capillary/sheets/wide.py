"""Answer sheets as wide tables: CSV and Parquet, a row an enterprise, a column a field; read in batches.

Text columns hold what people write (a key, keys with semicolons between them, a percentage, ``true``, ``na``). Typed Parquet
columns may hold codes instead: the position of the option from 0, a bit mask for multiple choices, a level, a percentage
for rates, lists of keys. An empty cell is unknown.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.answers import FACTS, AnswerReader, meant_by, reader_for
from capillary.sheets.cells import number_in
from capillary.sheets.codes import CodedColumn, band_codes, code_column
from capillary.sheets.files import MOST_PROBLEMS, refuse
from capillary.sheets.tables import Rows, Table, open_table, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from capillary.model.standard import Question, Standard
    from capillary.sheets.codes import CodeArray

__all__ = ["ENTERPRISE_COLUMNS", "WideBatch", "band_codes", "read_wide"]

ENTERPRISE_COLUMNS = FACTS
NUMERIC_COLUMNS = frozenset({"employees", "revenue"})
OTHER_PREFIX = "enterprise."
OWN_COLUMNS = frozenset({"standard", "variant"})


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
        problems: gets what is wrong with cells; rows with problems are yielded as unknown there. Reading ends when it
            holds `MOST_PROBLEMS`.

    Raises:
        InputError: the file as a whole cannot be read.
    """
    try:
        yield from _read(open_table(path, problems), find, names, standard, problems)
    except UnicodeDecodeError as error:
        # Arrow takes the text of a Parquet file on trust
        raise unreadable(path, error) from error


def _read(
    table: Table,
    find: Callable[[str], Standard],
    names: Sequence[str],
    standard: str | None,
    problems: list[Problem],
) -> Iterator[WideBatch]:
    first = next(table.batches, None)
    answered = find(standard or _named_standard(first, find) or _tell_standard(table, find, names))
    reader = reader_for(answered)
    _check_columns(table, reader)
    if first is None:
        return
    for rows in chain([first], table.batches):
        yield _batch(rows, reader, table.unnamed)
        if len(problems) >= MOST_PROBLEMS:
            return


def standard_of(
    path: Path, find: Callable[[str], Standard], names: Sequence[str], standard: str | None
) -> str:
    """Return the standard that a wide table answers, as its columns tell.

    Args:
        path: a ``.csv`` or ``.parquet`` file.
        find: returns the standard of an id.
        names: the standards that there are.
        standard: the standard's id, where it is known already.

    Raises:
        InputError: the file cannot be read, the columns do not tell, or some are not known.
        ValueError: the rows name their standards themselves, each its own.
    """
    table = open_table(path, [])
    if "standard" in table.columns:
        raise ValueError("the rows name their standards")
    name = standard or _tell_standard(table, find, names)
    _check_columns(table, reader_for(find(name)))
    return name


def _named_standard(rows: Rows | None, find: Callable[[str], Standard]) -> str | None:
    """Return the standard that the first entry in the column ``standard`` names.

    Raises:
        InputError: there is no such standard.
    """
    if rows is None or "standard" not in rows.table.schema.names:
        return None
    entries = rows.table.column("standard").to_pylist()
    named = next(((row, str(entry).strip()) for row, entry in enumerate(entries) if entry is not None), None)
    if named is None:
        return None
    row, name = named
    try:
        return find(name).id
    except InputError as error:
        place = {"file": rows.file, "row": int(rows.numbers[row]), "column": "standard"}
        raise InputError([problem.at(**place) for problem in error.problems]) from error


def _tell_standard(table: Table, find: Callable[[str], Standard], names: Sequence[str]) -> str:
    shared = {name: _shared(table.columns, find(name)) for name in names}
    most = max(shared.values(), default=0)
    fitting = [name for name, count in shared.items() if count == most and most]
    if len(fitting) == 1:
        return fitting[0]
    place = Place(file=table.file, row=1)
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


def _is_fact(column: str) -> bool:
    """Say whether a column is about the sheet or its enterprise, and not an answer."""
    return column in OWN_COLUMNS or column in ENTERPRISE_COLUMNS or column.startswith(OTHER_PREFIX)


def _shared(columns: Sequence[str], standard: Standard) -> int:
    fields = {field.id for field in reader_for(standard).fields}
    return len(fields.intersection(columns))


def _check_columns(table: Table, reader: AnswerReader) -> None:
    known = [field.id for field in reader.fields]
    problems = [
        _unknown_column(table.file, column, reader.standard, known)
        for column in table.columns
        if column not in known and column not in table.unnamed and not _is_fact(column)
    ]
    facts = [column.removeprefix(OTHER_PREFIX) for column in table.columns if _is_fact(column)]
    problems.extend(
        Problem(
            "stands-twice",
            Place(file=table.file, row=1, column=OTHER_PREFIX + name),
            msg("The column {column} stands twice.", column=name),
            msg("Give each column its own name."),
        )
        for name in sorted({name for name in facts if facts.count(name) > 1})
    )
    if not any(column in known for column in table.columns):
        cause = msg("No column answers a question of {standard}.", standard=reader.standard.id)
        problems.append(Problem("no-answers", Place(file=table.file, row=1), cause, did_you_mean("", known)))
    if problems:
        raise InputError(problems)


def _unknown_column(file: str, column: str, standard: Standard, known: Sequence[str]) -> Problem:
    near = meant_by(column, known) or difflib.get_close_matches(column, known, n=1, cutoff=0.6)
    remedy = (
        did_you_mean(column, near)
        if near
        else msg(
            "Columns about the enterprise beyond {words} begin with {prefix}.",
            words=", ".join(ENTERPRISE_COLUMNS),
            prefix=OTHER_PREFIX,
        )
    )
    cause = msg("{standard} has no question {question}.", standard=standard.id, question=column)
    return Problem("unknown-question", Place(file=file, row=1, column=column), cause, remedy)


def _batch(rows: Rows, reader: AnswerReader, unnamed: frozenset[str]) -> WideBatch:
    names = set(rows.table.schema.names)
    coded = {field.id: code_column(rows, reader, field) for field in reader.fields if field.id in names}
    count = len(rows)
    answered = np.zeros(count, dtype=np.int64)
    dropped: dict[str, NDArray[np.bool_]] = {}
    for question in reader.standard.questions:
        columns = [coded[field.id] for field in reader.of_question[question.id] if field.id in coded]
        if not columns:
            continue
        answered += np.logical_or.reduce([column.answered for column in columns])
        if question.not_applicable == "drop":
            complete = len(columns) == len(reader.of_question[question.id])
            where = _dropped(rows, question, columns, complete=complete)
            if where.any():
                dropped[question.id] = where
    _check_unnamed(rows, unnamed)
    _check_standard(rows, reader.standard)
    return WideBatch(
        standard=reader.standard,
        enterprise=_enterprise(rows),
        lowest=[
            coded[field.id].lowest if field.id in coded else np.zeros(count, dtype=np.int64)
            for field in reader.fields
        ],
        highest=[
            coded[field.id].highest if field.id in coded else np.full(count, field.top, dtype=np.int64)
            for field in reader.fields
        ],
        answered=answered,
        variants=_variants(rows, reader.standard),
        dropped=dropped,
    )


def _dropped(
    rows: Rows, question: Question, columns: Sequence[CodedColumn], *, complete: bool
) -> NDArray[np.bool_]:
    """Return where a question does not apply; noted where only some of its columns say so."""
    every: NDArray[np.bool_] = np.logical_and.reduce([column.not_applicable for column in columns])
    some: NDArray[np.bool_] = np.logical_or.reduce([column.not_applicable for column in columns])
    partly = some & ~every if complete else some
    for row in np.flatnonzero(partly)[:MOST_PROBLEMS]:
        rows.note(
            int(row),
            question.id,
            "partly-applicable",
            msg("Only some columns of {question} say that it does not apply.", question=question.id),
            msg("Write na in all of its columns, or in none."),
        )
    return every & ~partly


def _check_unnamed(rows: Rows, unnamed: frozenset[str]) -> None:
    for column in sorted(unnamed):
        filled = rows.table.column(column).is_valid().to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(filled)[:1]:
            cause = msg("The column has values but no name.")
            rows.note(
                int(row), column, "no-name", cause, msg("Name the column in the first row, or empty it.")
            )


def _check_standard(rows: Rows, standard: Standard) -> None:
    if "standard" not in rows.table.schema.names:
        return
    for row, value in enumerate(rows.table.column("standard").to_pylist()):
        if value is not None and str(value).strip() not in {"", standard.id}:
            cause = msg("The row answers {other}, not {standard}.", other=repr(value), standard=standard.id)
            remedy = msg("A table holds one standard: put the others into files of their own.")
            rows.note(row, "standard", "other-standard", cause, remedy)


def _enterprise(rows: Rows) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for column in rows.table.schema.names:
        if _is_fact(column) and column not in OWN_COLUMNS:
            values = rows.table.column(column).to_pylist()
            name = column.removeprefix(OTHER_PREFIX)
            if name in NUMERIC_COLUMNS:
                values = [_amount(rows, column, row, value) for row, value in enumerate(values)]
            found[name] = values
    return found


def _amount(rows: Rows, column: str, row: int, value: Any) -> float | None:
    """Return an amount of 0 or more, or None; note what is none."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number = number_in(value) if isinstance(value, str) else _as_number(value)
    if number is not None and math.isnan(number):
        return None
    if number is not None and 0 <= number < math.inf:
        return int(number) if float(number).is_integer() else number
    rows.note(
        row,
        column,
        "not-a-number",
        msg("{value} stands where a number belongs.", value=repr(value)),
        msg("Write a number of 0 or more, without quotes or units."),
    )
    return None


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _variants(rows: Rows, standard: Standard) -> list[str | None] | None:
    """Return the variant of each row; None where the column is missing or the standard has no variants."""
    if "variant" not in rows.table.schema.names:
        return None
    known = [variant.id for variant in standard.file.variants]
    values: list[str | None] = []
    for row, value in enumerate(rows.table.column("variant").to_pylist()):
        word = "" if value is None else str(value).strip()
        values.append(word if word in known else None)
        if not word or word in known:
            continue
        if known:
            cause = msg("{standard} has no variant {word}.", standard=standard.id, word=repr(value))
            rows.note(row, "variant", "unknown-variant", cause, did_you_mean(word, known))
        else:
            cause = msg("{standard} has no variants.", standard=standard.id)
            rows.note(row, "variant", "unknown-variant", cause, msg("Empty the column."))
    return values if known else None
