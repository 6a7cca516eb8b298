"""Writes scored batches as JSON lines, CSV or Parquet, one batch at a time, and counts levels by group."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import msgspec

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.answers import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from capillary.fleet.parquet import LevelTable
    from capillary.fleet.score import ScoredBatch


def writer_for(path: Path) -> Callable[[Path], AbstractContextManager[Any]]:
    """Return the writer for a file by its name's ending.

    Raises:
        InputError: there is none for it.
    """
    kinds: Mapping[str, Any] = {
        ".jsonl": _JsonLines,
        ".ndjson": _JsonLines,
        ".json": _JsonArray,
        ".csv": _Csv,
        ".parquet": _Parquet,
    }
    writer: Callable[[Path], AbstractContextManager[Any]] | None = kinds.get(path.suffix.lower())
    if writer is None:
        cause = msg("{name} does not end in one of: {words}.", name=path.name, words=", ".join(kinds))
        raise InputError(
            [Problem("file-kind", Place(file=path.name), cause, msg("Name the output after its kind."))]
        )
    return writer


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self.stream = path.open("wb")
        self.encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def add(self, batch: ScoredBatch) -> None:
        self.stream.writelines(self.encoder.encode(line) + b"\n" for line in batch.lines())


class _JsonArray:
    """One JSON document: an array with an object a sheet."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open("wb")
        self.encoder = msgspec.json.Encoder()
        self.before = b"[\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.write(b"\n]\n")
        self.stream.close()

    def add(self, batch: ScoredBatch) -> None:
        for line in batch.lines():
            self.stream.write(self.before + self.encoder.encode(line))
            self.before = b",\n"


class _Table:
    """Remembers what the first batch fixed: the standard, and what its sheets say of the enterprise beyond `FACTS`."""

    def __init__(self) -> None:
        self.standard: str | None = None
        self.enterprise: list[str] = []

    def columns(self, batch: ScoredBatch) -> dict[str, list[Any]]:
        """Return a batch as columns.

        Raises:
            InputError: the batch is of another standard than the one before, or says something new of enterprises.
        """
        if self.standard is None:
            self.standard = batch.standard
            named = (name for item in batch.enterprise for name in item)
            self.enterprise = list(dict.fromkeys([*FACTS, *named]))
        if self.standard != batch.standard:
            raise _mixed(self.standard, batch.standard)
        late = next((name for item in batch.enterprise for name in item if name not in self.enterprise), None)
        if late is not None:
            cause = msg("A later sheet says something new about its enterprise: {column}.", column=late)
            remedy = msg(
                "The columns of a table are fixed by its first sheets: score into .jsonl, or put this sheet first."
            )
            raise InputError([Problem("late-column", Place(column=late), cause, remedy)])
        scores = _score_columns(batch)
        facts = {
            f"enterprise.{name}" if name in scores else name: [
                _cell(item.get(name)) for item in batch.enterprise
            ]
            for name in self.enterprise
        }
        return {**facts, **scores}


def _mixed(one: str, other: str) -> InputError:
    cause = msg("The sheets answer {one} and {other}.", one=one, other=other)
    remedy = msg("A table holds one standard: score them one by one, or into .jsonl.")
    return InputError([Problem("mixed-standards", Place(), cause, remedy)])


def _score_columns(batch: ScoredBatch) -> dict[str, list[Any]]:
    """Return what a batch scored as columns, lowest and highest values apart."""
    values: dict[str, Any] = {"score": batch.score}
    if batch.level is not None:
        values["level"] = batch.level
    values |= {f"dimension_{name}": value for name, value in batch.dimensions.items()}
    for view, groups in batch.views.items():
        values |= {f"{view}_{name}": value for name, value in groups.items()}
    columns: dict[str, list[Any]] = {"standard": [batch.standard] * len(batch.answered)}
    for name, value in values.items():
        columns[f"{name}_low"] = value[:, 0].tolist()
        columns[f"{name}_high"] = value[:, 1].tolist()
    columns["answered"] = batch.answered.tolist()
    return columns


def _cell(value: object) -> object:
    """Return a value as a cell holds it: lists and objects as JSON."""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else value


class _Csv(_Table):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.stream = path.open("w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def add(self, batch: ScoredBatch) -> None:
        first = self.standard is None
        columns = self.columns(batch)
        if first:
            self.writer.writerow(columns)
        self.writer.writerows(
            zip(*([_safe(value) for value in column] for column in columns.values()), strict=True)
        )


def _safe(value: object) -> object:
    """Disarm text that a spreadsheet would run as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


class _Parquet(_Table):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.writer: Any = None
        self.schema: Any = None
        self.scored: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def add(self, batch: ScoredBatch) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        columns = self.columns(batch)
        if self.writer is None:
            self.scored = frozenset(_score_columns(batch))
            self.schema = pa.schema([(name, _type(name, name in self.scored)) for name in columns])
            self.writer = parquet.ParquetWriter(self.path, self.schema)
        # Scores are numbers already; what sheets say of enterprises is whatever they say.
        tidy = {
            field.name: columns[field.name]
            if field.name in self.scored
            else [None if value is None else _as(field.type, value) for value in columns[field.name]]
            for field in self.schema
        }
        self.writer.write_table(pa.table(tidy, schema=self.schema))


def _type(name: str, scored: bool) -> Any:  # noqa: FBT001 - a fact about the column
    """Return the Arrow type of a column."""
    import pyarrow as pa

    if scored and name in {"answered", "level_low", "level_high"}:
        return pa.int64()
    numeric = name in {"employees", "revenue"} or (scored and name != "standard")
    return pa.float64() if numeric else pa.string()


def _as(kind: Any, value: Any) -> object:
    """Return a value in the form that an Arrow type takes."""
    import pyarrow as pa

    if pa.types.is_float64(kind):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


class LevelCounts:
    """Counts sheets by level and by columns of the enterprise; a level that is not certain counts as its interval."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.counts: Counter[tuple[tuple[str, ...], str]] = Counter()
        self.known: set[str] = set()
        self.standard: str | None = None

    def add(self, batch: ScoredBatch) -> None:
        """Count one batch.

        Raises:
            InputError: the batch is of another standard than the one before.
        """
        self.standard = self.standard or batch.standard
        if batch.standard != self.standard:
            raise _mixed(self.standard, batch.standard)
        self.known.update(name for item in batch.enterprise for name in item)
        for row, item in enumerate(batch.enterprise):
            group = tuple(str(item.get(name, "–")) for name in self.names)
            self.counts[group, self._level(batch, row)] += 1

    def take(self, table: LevelTable, standard: str) -> None:
        """Take over the counts of a whole file."""
        self.standard = standard
        self.known.update(table.names)
        for (group, level), count in table.counts.items():
            self.counts[group, str(level)] += count

    def unknown(self) -> list[Problem]:
        """Return a problem for every column that no sheet says anything about."""
        return [
            Problem(
                "unknown-column",
                Place(column=name),
                msg("No sheet says anything about {column}.", column=name),
                did_you_mean(name, sorted(self.known)),
            )
            for name in self.names
            if name not in self.known
        ]

    @staticmethod
    def _level(batch: ScoredBatch, row: int) -> str:
        if batch.level is None:
            return "–"
        low, high = (int(value) for value in batch.level[row])
        return str(low) if low == high else f"{low}–{high}"

    def as_json(self) -> str:
        """Return the counts as a JSON array of objects."""
        rows = [
            {**dict(zip(self.names, group, strict=True)), "level": level, "sheets": count}
            for (group, level), count in sorted(self.counts.items())
        ]
        return json.dumps(rows, ensure_ascii=False, indent=2)

    def as_table(self, level: str, sheets: str) -> str:
        """Return the counts as text: a row a group, a column a level."""
        levels = sorted({found for _, found in self.counts})
        groups = sorted({group for group, _ in self.counts})
        head = [*self.names, *(f"{level} {found}" for found in levels), sheets]
        rows = [
            [
                *group,
                *(str(self.counts[group, found]) for found in levels),
                str(sum(self.counts[group, f] for f in levels)),
            ]
            for group in groups
        ]
        widths = [max(_width(row[index]) for row in [head, *rows]) for index in range(len(head))]
        return "\n".join(
            "  ".join(
                cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in [head, *rows]
        )


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal; Chinese characters take two."""
    return sum(2 if "\u1100" <= sign <= "\uffdc" else 1 for sign in text)
