"""Levels of a population in a Parquet file, by groups, at the speed of the scan.

The file is read slice by slice on a few threads, in narrow integers as it stands on disk; memory does not grow with
the number of sheets. Columns hold codes (see `capillary.sheets.wide`), complete ones: an unknown answer is refused here.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.scoring.batch import BatchPlan, plan_for
from capillary.sheets.wide import band_codes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

    from capillary.model.fields import Field
    from capillary.scoring.program import Program

# A block's codes and words should stay in the processor's cache between the steps of a plan.
BLOCK = 1 << 16
# Every slice reads the foot of the file anew, so slices are large; memory stays at some tens of MiB for each thread.
ROWS = 1 << 19
WIDEST_CODE = 1 << 20
NOT_SAID = "–"


@dataclass(frozen=True)
class LevelTable:
    """How many sheets stand on each level, by group.

    Attributes:
        names: the grouping columns.
        counts: sheets by (group, level).
    """

    names: tuple[str, ...]
    counts: Counter[tuple[tuple[str, ...], int]]


def level_table(path: Path, program: Program, names: Sequence[str], threads: int = 2) -> LevelTable:
    """Return the levels of a population by groups.

    Args:
        path: a Parquet file of codes, one column a field, and the grouping columns as text.
        program: the compiled standard, which must have levels.
        names: the grouping columns.
        threads: how many slices are worked on at once.

    Raises:
        InputError: a column is missing, holds something other than codes, or an answer is unknown.
        ValueError: the standard has no levels.
    """
    import polars as pl

    if program.level is None:
        raise ValueError(f"{program.standard.id} has no levels")
    plan = plan_for(program, (program.level,))
    columns = [field.id for field in program.fields]
    table = pl.scan_parquet(path)
    present = table.collect_schema().names()
    missing = [name for name in (*columns, *names) if name not in present]
    if missing:
        raise _refused(path, missing[0], msg("The column is missing."), msg("Add it, coded like the others."))
    rows = table.select(pl.len()).collect().item()

    def read(starts: range) -> _Tally:
        tally = _Tally(names, program.top_level + 1)
        for start in starts:
            _count(path, table.select(*columns, *names).slice(start, ROWS).collect(), plan, tally)
        return tally

    counts: Counter[tuple[tuple[str, ...], int]] = Counter()
    with ThreadPoolExecutor(threads) as pool:
        shares = [range(first * ROWS, rows, threads * ROWS) for first in range(threads)]
        for tally in pool.map(read, shares):
            counts.update(tally.counts())
    return LevelTable(tuple(names), counts)


class _Tally:
    """Counts of sheets by group and level, as one dense array that grows as new words of a column appear."""

    def __init__(self, names: Sequence[str], levels: int) -> None:
        self.names = names
        self.levels = levels
        self.words: list[dict[str, int]] = [{} for _ in names]
        self.array = np.zeros((*(1 for _ in names), levels), dtype=np.int64)

    def keys(self, table: pl.DataFrame) -> NDArray[np.intp]:
        """Return for every row of a table the position of its group in the array."""
        positions = [
            _positions(table.get_column(name), known)
            for name, known in zip(self.names, self.words, strict=True)
        ]
        wanted = [len(known) for known in self.words]
        missing = [(0, max(0, size - have)) for size, have in zip(wanted, self.array.shape, strict=False)]
        if any(after for _, after in missing):
            self.array = np.pad(self.array, [*missing, (0, 0)])
        keys = np.zeros(table.height, dtype=np.intp) if not positions else positions[0]
        for position, size in zip(positions[1:], self.array.shape[1:], strict=False):
            keys = keys * size + position
        return keys

    def add(self, keys: NDArray[np.intp], level: NDArray[np.int64]) -> None:
        """Count rows."""
        flat = self.array.reshape(-1)
        flat += np.bincount(keys * self.levels + level, minlength=len(flat))

    def counts(self) -> Counter[tuple[tuple[str, ...], int]]:
        """Return what has been counted."""
        named = [list(known) for known in self.words]
        found: Counter[tuple[tuple[str, ...], int]] = Counter()
        for *group, level in zip(*np.nonzero(self.array), strict=True):
            label = tuple(words[position] for words, position in zip(named, group, strict=True))
            found[label, int(level)] += int(self.array[(*group, level)])
        return found


def _positions(column: pl.Series, known: dict[str, int]) -> NDArray[np.intp]:
    """Return for every row the number of its word; words not met before get the next numbers."""
    import polars as pl

    if column.dtype.is_integer() and not column.null_count() and len(column):
        values = column.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low < WIDEST_CODE:
            codes = np.subtract(values, low, dtype=np.intp)
            table = np.zeros(high - low + 1, dtype=np.intp)
            for code in np.flatnonzero(np.bincount(codes)):
                table[code] = known.setdefault(str(low + code), len(known))
            found: NDArray[np.intp] = table.take(codes)
            return found
    text = column.cast(pl.String).fill_null(NOT_SAID)
    ranks = text.rank("dense").to_numpy().astype(np.intp) - 1
    words = text.unique().sort().to_list()
    return np.array([known.setdefault(word, len(known)) for word in words], dtype=np.intp).take(ranks)


def _count(path: Path, table: pl.DataFrame, plan: BatchPlan, tally: _Tally) -> None:
    program = plan.program
    assert program.level is not None  # noqa: S101 - checked by the caller
    codes = [_codes(path, table.get_column(field.id), field) for field in program.fields]
    keys = tally.keys(table)
    for start in range(0, table.height, BLOCK):
        block = slice(start, start + BLOCK)
        tally.add(keys[block], plan.run([column[block] for column in codes])[program.level])


def _codes(path: Path, column: pl.Series, field: Field) -> NDArray[Any]:
    if column.null_count():
        raise _refused(
            path, field.id, msg("An answer is unknown."), msg("Score such sheets with capillary score.")
        )
    if not column.dtype.is_integer() and not (field.upper and column.dtype.is_numeric()):
        kind = str(column.dtype)
        raise _refused(
            path, field.id, msg("A column of type {kind} holds no codes.", kind=kind), msg("Store codes.")
        )
    numbers = column.to_numpy()
    top = 100 if field.upper else field.top
    if len(numbers) and (numbers.min() < 0 or numbers.max() > top):
        worst = max(numbers.max(), numbers.min(), key=abs).item()
        raise _refused(
            path,
            field.id,
            msg("{value} is no code of this question.", value=worst),
            msg("Write a whole number from 0 to {top}.", top=top),
        )
    return band_codes(field, numbers) if field.upper else numbers


def _refused(path: Path, column: str, cause: Any, remedy: Any) -> InputError:
    return InputError([Problem("not-codes", Place(file=path.name, column=column), cause, remedy)])
