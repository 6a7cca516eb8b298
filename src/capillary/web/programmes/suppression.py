"""Small cells are held back, and with them as many others as it takes that nobody works the small ones out.

A cell with 1 to 9 enterprises is *small*. Where totals are shown, a single hidden cell of a line follows from the total, and
so does any hidden cell that a chain of such lines leads to. Taking lines as the points of a graph and hidden cells as the
edges between their row and their column, a hidden cell can be worked out from the totals exactly if its edge is a bridge,
that is, if it lies on no ring (Gusfield 1988). So cells are hidden until no edge is a bridge. What is hidden in a line adds
up to at least `LEAST` where its total is shown, or else the small total of the hidden ones would be as telling.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST = 10
Point = tuple[str, int]


def small(count: int) -> bool:
    """Whether a count stands for so few that it is held back; that there is nobody at all may be said."""
    return 0 < count < LEAST


def hidden_of(counts: Sequence[int]) -> list[bool]:
    """Return which cells of one line are held back when their sum is shown.

    >>> hidden_of([50, 3, 20, 40])
    [False, True, True, False]
    >>> hidden_of([50, 0, 20])
    [False, False, False]
    """
    hidden = [small(count) for count in counts]
    while any(hidden) and _too_little(counts, hidden):
        others = [index for index, count in enumerate(counts) if not hidden[index]]
        if not others:
            break
        hidden[min(others, key=lambda index: (counts[index] == 0, counts[index]))] = True
    return hidden


def _too_little(counts: Sequence[int], hidden: Sequence[bool]) -> bool:
    held = [count for count, away in zip(counts, hidden, strict=True) if away]
    return len(held) == 1 or sum(held) < LEAST


@dataclass(frozen=True)
class Held:
    """What of a table is held back.

    Attributes:
        cells: by row and column.
        rows: the total of each row.
        columns: the total of each column.
    """

    cells: tuple[tuple[bool, ...], ...]
    rows: tuple[bool, ...]
    columns: tuple[bool, ...]

    @classmethod
    def nothing(cls, counts: Sequence[Sequence[int]]) -> Held:
        """Return that nothing of a table is held back."""
        width = len(counts[0]) if counts else 0
        return cls(tuple((False,) * width for _ in counts), (False,) * len(counts), (False,) * width)


def held_back(counts: Sequence[Sequence[int]], columns: Sequence[bool] | None = None) -> Held:
    """Return which cells of a table and which of its totals are held back; the total of all is shown.

    Args:
        counts: rows of counts, all of the same length.
        columns: which totals of columns are hidden, where other tables that share them have decided; they stay so.
    """
    table = _Table(counts, columns)
    table.hide_small()
    while True:
        cell = table.next_to_hide()
        if cell is None:
            break
        table.hidden.add(cell)
    rows, width = len(counts), len(counts[0]) if counts else 0
    return Held(
        tuple(tuple((row, column) in table.hidden for column in range(width)) for row in range(rows)),
        tuple((row, width) in table.hidden for row in range(rows)),
        tuple((rows, column) in table.hidden for column in range(width)),
    )


class _Table:
    """A table with its totals as a last row and a last column, and the set of hidden cells."""

    def __init__(self, counts: Sequence[Sequence[int]], columns: Sequence[bool] | None) -> None:
        sums = [sum(column) for column in zip(*counts, strict=True)]
        self.counts = [*([*row, sum(row)] for row in counts), [*sums, sum(sums)]]
        self.last = (len(counts), len(sums))
        fixed = columns is not None
        decided = hidden_of(sums) if columns is None else columns
        self.hidden = {(self.last[0], column) for column, away in enumerate(decided) if away}
        self.fixed = {(self.last[0], column) for column in range(len(sums))} if fixed else set()
        self.fixed.add(self.last)

    def hide_small(self) -> None:
        """Hide every small cell and every small total."""
        self.hidden |= {
            (row, column)
            for row, line in enumerate(self.counts)
            for column, count in enumerate(line)
            if small(count) and (row, column) not in self.fixed
        }

    def next_to_hide(self) -> tuple[int, int] | None:
        """Return a further cell to hide, or None where nothing can be worked out any more."""
        for row, column in sorted(_bridges(self.hidden)):
            cell = self._cheapest([*self._row(row), *self._column(column)])
            if cell is not None:
                return cell
        for line in self._lines():
            held = [cell for cell in line[:-1] if cell in self.hidden]
            if held and line[-1] not in self.hidden and sum(self._count(cell) for cell in held) < LEAST:
                cell = self._cheapest(line[:-1])
                if cell is not None:
                    return cell
        return None

    def _count(self, cell: tuple[int, int]) -> int:
        return self.counts[cell[0]][cell[1]]

    def _row(self, row: int) -> list[tuple[int, int]]:
        return [(row, column) for column in range(self.last[1] + 1)]

    def _column(self, column: int) -> list[tuple[int, int]]:
        return [(row, column) for row in range(self.last[0] + 1)]

    def _lines(self) -> Iterable[list[tuple[int, int]]]:
        yield from (self._row(row) for row in range(self.last[0] + 1))
        yield from (self._column(column) for column in range(self.last[1] + 1))

    def _cheapest(self, cells: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
        """Return the cell whose loss costs least: a cell before a total, a small count before a great one, then empty ones."""
        open_cells = [cell for cell in cells if cell not in self.hidden and cell not in self.fixed]
        return min(open_cells, key=self._price, default=None)

    def _price(self, cell: tuple[int, int]) -> tuple[bool, bool, int, tuple[int, int]]:
        total = cell[0] == self.last[0] or cell[1] == self.last[1]
        count = self._count(cell)
        return (total, count == 0, count, cell)


def _bridges(edges: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the edges that lie on no ring, in the graph of rows and columns.

    A walk in depth numbers the points. An edge of the walk is a bridge where nothing beyond it leads back over it.
    """
    beside: dict[Point, list[Point]] = defaultdict(list)
    for row, column in edges:
        beside["row", row].append(("column", column))
        beside["column", column].append(("row", row))
    number: dict[Point, int] = {}
    lowest: dict[Point, int] = {}
    found: set[tuple[int, int]] = set()
    for start in list(beside):
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        path = [(start, start, iter(beside[start]))]
        while path:
            point, parent, rest = path[-1]
            step = next((other for other in rest if other != parent), None)
            if step is None:
                path.pop()
                if lowest[point] == number[point] and point != start:
                    found.add(_edge(parent, point))
                lowest[parent] = min(lowest[parent], lowest[point])
            elif step in number:
                lowest[point] = min(lowest[point], number[step])
            else:
                number[step] = lowest[step] = len(number)
                path.append((step, point, iter(beside[step])))
    return found


def _edge(one: Point, other: Point) -> tuple[int, int]:
    row, column = (one, other) if one[0] == "row" else (other, one)
    return row[1], column[1]
