"""Public figures: how many needs there are, how many were taken care of in time, how many were delivered; no small numbers.

Counted are needs, so that a need that met five offers counts once. For each region and each sector the needs are split into
those that some provider took care of within three working days of being sent, and the others; and into those with a delivery
that both confirmed, and the others. Cells under ten are held back, and with them what would give them away; see
`capillary.web.programmes.suppression`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef

from capillary.matching.life import CONFIRMED
from capillary.web.matches.models import Match, Need
from capillary.web.programmes.suppression import held_back, hidden_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PARTS = ("region", "sector")
CSV_HEADS = ("by", "id", "needs", "taken_in_time", "delivered")


@dataclass(frozen=True)
class Line:
    """A region or a sector; what is None is held back.

    Attributes:
        needs: how many there are.
        taken: how many were taken care of within three working days.
        delivered: how many were delivered.
    """

    name: str
    needs: int | None
    taken: int | None
    delivered: int | None

    @property
    def taken_share(self) -> int | None:
        """How many of a hundred needs were taken care of in time."""
        return _share(self.taken, self.needs)

    @property
    def delivered_share(self) -> int | None:
        """How many of a hundred needs were delivered."""
        return _share(self.delivered, self.needs)


def _share(count: int | None, of: int | None) -> int | None:
    return None if count is None or not of else round(100 * count / of)


@dataclass(frozen=True)
class Figures:
    """Figures over all needs, and by region and sector."""

    all: Line
    parts: Mapping[str, Sequence[Line]]


Cell = tuple[int, int, int]


def figures() -> Figures:
    """Return the figures of all needs; one query."""
    mine = Match.objects.filter(need=OuterRef("pk"))
    rows = list(
        Need.objects.annotate(
            taken=Exists(mine.filter(in_time=True)),
            done=Exists(mine.filter(status__in=[item.value for item in CONFIRMED])),
        )
        .values("region", "sector", "taken", "done")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return shown({part: _added(rows, part) for part in PARTS})


def _added(rows: Iterable[Mapping[str, Any]], part: str) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for row in rows:
        needs, taken, done = found.get(row[part], (0, 0, 0))
        count = row["count"]
        found[row[part]] = (
            needs + count,
            taken + count * bool(row["taken"]),
            done + count * bool(row["done"]),
        )
    return dict(sorted(found.items()))


def shown(parts: Mapping[str, Mapping[str, Cell]]) -> Figures:
    """Return counts with what is small, or gives away something small, held back.

    Args:
        parts: for each way to part the same needs, by name: (needs, taken care of in time, delivered).
    """
    every = next(iter(parts.values()), {})
    sums = [sum(cell[place] for cell in every.values()) for place in range(3)]
    hides = [False, False]
    lines = {}
    for part, cells in parts.items():
        lines[part], hidden = _lines(cells)
        hides = [one or other for one, other in zip(hides, hidden, strict=True)]
    total = Line(
        "",
        None if hidden_of([sums[0]])[0] else sums[0],
        None if hides[0] else sums[1],
        None if hides[1] else sums[2],
    )
    return Figures(total, lines)


def _lines(cells: Mapping[str, Cell]) -> tuple[list[Line], list[bool]]:
    """Return the lines of one part, and which of the totals of taken and delivered would give something away."""
    names = list(cells)
    needs = [cells[name][0] for name in names]
    columns = hidden_of(needs)
    hidden, kept = [], []
    for place in (1, 2):
        counts = [
            [cells[name][place] for name in names],
            [cells[name][0] - cells[name][place] for name in names],
        ]
        held = held_back(counts, columns)
        # of two cells that make up a total that is shown, one is as telling as both
        hidden.append([one or other or away for one, other, away in zip(*held.cells, columns, strict=True)])
        kept.append(any(held.rows))
    found = [
        Line(
            name,
            None if columns[index] else cells[name][0],
            None if hidden[0][index] else cells[name][1],
            None if hidden[1][index] else cells[name][2],
        )
        for index, name in enumerate(names)
    ]
    return found, kept


def csv_rows(found: Figures) -> Iterator[tuple[object, ...]]:
    """Yield figures as the rows of a table with the columns `CSV_HEADS`; what is held back is None."""
    rows = [("all", found.all), *((part, row) for part in PARTS for row in found.parts[part])]
    for by, line in rows:
        yield by, line.name, line.needs, line.taken, line.delivered
