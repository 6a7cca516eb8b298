"""A filtered list as CSV, XLSX or Parquet, row by row: the first bytes leave at once, and memory does not grow with rows.

The list is read some thousand rows at a time, each time with a query of its own. So no transaction and no cursor stay open
while a slow line takes its time; somebody who joins or leaves in the meantime may or may not be in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from capillary.web.access import visible_enrolments
from capillary.web.programmes.columns import columns_of, local_time
from capillary.web.programmes.models import Enrolment
from capillary.web.programmes.paging import Pager
from capillary.web.programmes.xlsx import xlsx_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from capillary.web.programmes.columns import Column
    from capillary.web.programmes.filters import Filters
    from capillary.web.programmes.models import Programme

CHUNK = 2_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NOT_NEEDED = {"programme", "folded"}
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


class Export:
    """The export of a programme's list.

    Args:
        programme: whose list it is.
        filters: what is wanted of it, and in which order.
    """

    def __init__(self, programme: Programme, filters: Filters) -> None:
        # The columns are made now: the rows are written when the request, and its language with it, is over.
        self.columns: Sequence[Column] = columns_of(programme)
        seen = visible_enrolments() & filters.condition()
        self.rows = Enrolment.objects.filter(seen, programme=programme)
        self.sort = filters.sort

    def count(self) -> int:
        """Return how many enterprises it holds."""
        return self.rows.count()

    def bytes_of(self, form: str) -> Iterator[bytes]:
        """Return the file in a form of `KINDS`, piece by piece."""
        return {"csv": self._csv, "xlsx": self._xlsx, "parquet": self._parquet}[form]()

    def _chunks(self) -> Iterator[Sequence[Enrolment]]:
        own = [field.name for field in Enrolment._meta.concrete_fields]  # noqa: SLF001 - Django's own name
        needed = [name for name in own if name not in NOT_NEEDED]
        with_scores = self.rows.select_related("assessment").only(
            *needed, "assessment__dimensions", "assessment__supported_score"
        )
        return Pager(with_scores, self.sort).chunks(CHUNK)

    def _shown(self) -> Iterator[list[list[Any]]]:
        for rows in self._chunks():
            yield [[_plain(column.value(row, for_people=True)) for column in self.columns] for row in rows]

    def _csv(self) -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([column.title for column in self.columns])
        yield b"\xef\xbb\xbf" + _taken(buffer)
        for rows in self._shown():
            writer.writerows([_disarmed(value) for value in row] for row in rows)
            yield _taken(buffer)

    def _xlsx(self) -> Iterator[bytes]:
        return xlsx_chunks([column.title for column in self.columns], self._shown())

    def _parquet(self) -> Iterator[bytes]:
        import pyarrow as pa
        from pyarrow import parquet

        types = {
            "text": pa.string(),
            "whole": pa.int32(),
            "number": pa.float64(),
            "time": pa.timestamp("ms", "UTC"),
        }
        schema = pa.schema([(column.name, types[column.kind]) for column in self.columns])
        sink = Sink()
        with parquet.ParquetWriter(pa.PythonFile(sink, "w"), schema) as writer:
            for rows in self._chunks():
                values = [[column.value(row, for_people=False) for row in rows] for column in self.columns]
                arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                yield sink.taken()
        yield sink.taken()


class Sink(io.RawIOBase):
    """Takes what a writer writes, until it is fetched; it knows how far it has come, and cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Take some bytes."""
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were taken in all."""
        return self._position

    def taken(self) -> bytes:
        """Return what was taken since the last time."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a small table as CSV that spreadsheets read as it is meant."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([_disarmed(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + _taken(buffer)


def _plain(value: Any) -> Any:
    return local_time(value) if isinstance(value, dt.datetime) else value


def _disarmed(value: Any) -> Any:
    """Return a value as it may stand in a CSV file: a spreadsheet would run text that begins like a formula.

    >>> _disarmed("=1+1"), _disarmed(-3), _disarmed("Firm")
    ("'=1+1", -3, 'Firm')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _taken(buffer: io.StringIO) -> bytes:
    found = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return found
