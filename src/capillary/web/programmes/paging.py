"""Pages of a list in constant time: each page begins after the last row of the one before, wherever that is.

A column is read in the order of its index. Rows that have nothing in the sorted column come last, in either direction;
they are the second part of the list. A mark says where a page begins, and stands in the address.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

PAGE = 50
MOST_POSITION = 10_000_000


@dataclass(frozen=True)
class Sort:
    """A way to sort: the column, and the value that means that there is nothing."""

    column: str
    nothing: str | None = None
    always: bool = False

    def missing(self) -> Q:
        """The condition of the rows that have nothing in the column."""
        return (
            Q(**{self.column: self.nothing})
            if self.nothing is not None
            else Q(**{f"{self.column}__isnull": True})
        )

    def there(self) -> Q:
        """The condition of the rows that have something; a range, so that the index serves it."""
        if self.always:
            return Q()
        if self.nothing is not None:
            return Q(**{f"{self.column}__gt": self.nothing})
        return Q(**{f"{self.column}__isnull": False})


SORTS = {
    "name": Sort("name", ""),
    "region": Sort("region", ""),
    "sector": Sort("sector", ""),
    "size": Sort("employees"),
    "level": Sort("level_low"),
    "supported": Sort("supported_level"),
    "score": Sort("score_low"),
    "weakest": Sort("weakest", ""),
    "assessed": Sort("assessed_at"),
    "count": Sort("assessments", always=True),
    "cohort": Sort("cohort", ""),
}


@dataclass(frozen=True)
class Mark:
    """Where a page begins.

    Attributes:
        back: whether the page ends before this row instead of beginning after it.
        missing: whether the row has nothing in the sorted column.
        value: what the row has there.
        pk: the row itself, among those with the same value.
        position: how many rows stand before the page; for display only.
    """

    back: bool
    missing: bool
    value: Any
    pk: int
    position: int

    def written(self) -> str:
        """Return the mark as it stands in the address."""
        value = self.value.isoformat() if isinstance(self.value, dt.datetime) else self.value
        text = json.dumps([int(self.back), int(self.missing), value, self.pk, self.position])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: Sort) -> Mark | None:
        """Return the mark that stands in an address; None where it is none, or one of another sorting."""
        try:
            back, missing, value, pk, position = json.loads(
                base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            )
            if sort.column == "assessed_at" and not missing:
                value = dt.datetime.fromisoformat(value)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return None
        fits = missing or isinstance(value, _KINDS.get(sort.column, str))
        if not fits or not isinstance(pk, int) or not isinstance(position, int):
            return None
        if not 0 <= pk < 2**63 or (isinstance(value, int) and abs(value) > 2**31):
            return None
        return cls(bool(back), bool(missing), value, pk, min(max(position, 0), MOST_POSITION))


_KINDS: dict[str, Any] = {
    "employees": int,
    "level_low": int,
    "supported_level": int,
    "score_low": int | float,
    "assessed_at": dt.datetime,
    "assessments": int,
}


@dataclass
class Page:
    """One page of rows, and the marks of the pages around it."""

    rows: list[Any]
    before: Mark | None = None
    after: Mark | None = None
    position: int = 0


class Pager:
    """Reads a list page by page.

    Args:
        rows: the rows, in no order.
        sort: name of the sorting, with a minus sign in front for the other way round.
    """

    def __init__(self, rows: QuerySet[Any], sort: str) -> None:
        self.rows = rows
        self.down = sort.startswith("-")
        self.sort = SORTS[sort.removeprefix("-")]

    def page(self, text: str = "", size: int = PAGE) -> Page:
        """Return the page of a mark, or the first one."""
        mark = Mark.read(text, self.sort) if text else None
        back = mark is not None and mark.back
        found = self._read(mark, back=back, most=size + 1)
        more = len(found) > size
        rows = found[:size][::-1] if back else found[:size]
        position = 0 if mark is None else mark.position
        if back and not more:
            position = 0
        page = Page(rows, position=position)
        if rows and (more if back else mark is not None):
            page.before = self._mark(rows[0], back=True, position=max(position - size, 0))
        if rows and (back or more):
            page.after = self._mark(rows[-1], back=False, position=position + len(rows))
        return page

    def last(self, size: int, total: int) -> Page:
        """Return the last page of a list of ``total`` rows."""
        length = total % size or size
        rows = self._read(None, back=True, most=length)[::-1]
        position = max(total - len(rows), 0)
        page = Page(rows, position=position)
        if rows and position:
            page.before = self._mark(rows[0], back=True, position=max(position - size, 0))
        return page

    def chunks(self, size: int) -> Iterator[Sequence[Any]]:
        """Yield all rows in order, some at a time; each time the database is asked anew, so nothing stays open."""
        mark = None
        while rows := self._read(mark, back=False, most=size):
            yield rows
            if len(rows) < size:
                return
            mark = self._mark(rows[-1], back=False, position=0)

    def _mark(self, row: Any, *, back: bool, position: int) -> Mark:
        value = getattr(row, self.sort.column)
        missing = not self.sort.always and value == self.sort.nothing
        return Mark(back, missing, None if missing else value, row.pk, position)

    def _read(self, mark: Mark | None, *, back: bool, most: int) -> list[Any]:
        """Return rows from a mark on: of the part that it lies in, then of the next part if that is too short."""
        parts = [False] if self.sort.always else [True, False] if back else [False, True]
        if mark is not None:
            parts = parts[parts.index(mark.missing) if mark.missing in parts else 0 :]
        found: list[Any] = []
        for missing in parts:
            here = mark if mark is not None and mark.missing == missing else None
            found += self._part(here, missing=missing, back=back)[: most - len(found)]
            if len(found) >= most:
                break
        return found

    def _part(self, mark: Mark | None, *, missing: bool, back: bool) -> QuerySet[Any]:
        """Return the rows with or without something in the column, from a mark on."""
        down = self.down != back
        rows = self.rows.filter(self.sort.missing() if missing else self.sort.there())
        sign, than = ("-", "lt") if down else ("", "gt")
        if missing:
            if mark is not None:
                rows = rows.filter(**{f"pk__{'lt' if back else 'gt'}": mark.pk})
            return rows.order_by("-pk" if back else "pk")
        if mark is not None:
            column = self.sort.column
            rows = rows.filter(
                Q(**{f"{column}__{than}e": mark.value}),
                Q(**{f"{column}__{than}": mark.value}) | Q(**{f"pk__{than}": mark.pk}),
            )
        return rows.order_by(f"{sign}{self.sort.column}", f"{sign}pk")
