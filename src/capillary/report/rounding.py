"""Rounds an account so that every sum in it still holds as shown: along each line and down each column.

An account has two kinds of sums: the amounts of a line add up to what the line can give, and the
lines below a line add up to it, amount by amount. Rounding each column apart would leave lines that do not add up, or show
a loss where there is none. Here every figure goes to one of its two neighbours, and all sums hold: the amounts are a
circulation in a network whose inner vertices are the sums, and a circulation can be rounded by pushing along cycles of
figures that are not whole yet (Cox, "A constructive procedure for unbiased controlled rounding", JASA 1987).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HALF = Fraction(1, 2)
_OUTSIDE = ("outside",)

Vertex = tuple[object, ...]


@dataclass(frozen=True)
class Line:
    """The amounts of one line; those of its children add up to them, amount by amount."""

    amounts: tuple[Fraction, ...]
    children: tuple[Line, ...] = ()


@dataclass
class _Edge:
    """A figure that flows from one sum to another."""

    start: Vertex
    end: Vertex
    flow: Fraction

    @property
    def whole(self) -> bool:
        return self.flow.denominator == 1

    @property
    def nearest_is_up(self) -> bool:
        return self.flow - (self.flow.numerator // self.flow.denominator) >= _HALF


@dataclass
class _Network:
    """Edges in the order in which they are rounded to the nearest, and those of each vertex."""

    edges: list[_Edge] = field(default_factory=list)
    touching: dict[Vertex, list[_Edge]] = field(default_factory=dict)

    def add(self, start: Vertex, end: Vertex, flow: Fraction) -> _Edge:
        edge = _Edge(start, end, flow)
        self.edges.append(edge)
        self.touching.setdefault(start, []).append(edge)
        self.touching.setdefault(end, []).append(edge)
        return edge

    def round(self) -> None:
        """Make every flow whole. The first edges end at their nearest whole number if that can be."""
        for edge in self.edges:
            while not edge.whole:
                self._push(self._cycle(edge))

    def _cycle(self, edge: _Edge) -> list[tuple[_Edge, int]]:
        """Return a shortest cycle of edges that are not whole through ``edge``, each with the direction to push it."""
        start, goal = (edge.end, edge.start) if edge.nearest_is_up else (edge.start, edge.end)
        came: dict[Vertex, tuple[_Edge, int]] = {}
        queue = deque([start])
        while goal not in came:
            here = queue.popleft()
            for other in self.touching[here]:
                if other is edge or other.whole:
                    continue
                forward = other.start == here
                there = other.end if forward else other.start
                if there != start and there not in came:
                    came[there] = (other, 1 if forward else -1)
                    queue.append(there)
        steps = [(edge, 1 if edge.nearest_is_up else -1)]
        here = goal
        while here != start:
            other, sign = came[here]
            steps.append((other, sign))
            here = other.start if sign > 0 else other.end
        return steps

    @staticmethod
    def _push(steps: Sequence[tuple[_Edge, int]]) -> None:
        """Push along a cycle until the first of its flows is whole."""
        amount = min((-edge.flow * sign) % 1 for edge, sign in steps)
        for edge, sign in steps:
            edge.flow += sign * amount


def round_line(line: Line, digits: int) -> Line:
    """Return a line and all below it rounded such that all sums hold as shown.

    No figure moves by a whole unit of the last place or more, and a figure that needs no rounding keeps its value. The
    first amount of the topmost line is rounded to the nearest.

    Args:
        line: the line; its children must add up to it exactly.
        digits: decimal places.

    >>> third = Fraction(1, 3)
    >>> shown = round_line(Line((2 * third, third), (Line((third, third)), Line((third, Fraction(0))))), 1)
    >>> [[float(amount) for amount in part.amounts] for part in (shown, *shown.children)]
    [[0.7, 0.3], [0.4, 0.3], [0.3, 0.0]]
    """
    scale = 10**digits
    network = _Network()
    figures: dict[tuple[int, ...], list[_Edge]] = {}
    sums: list[_Edge] = []
    for path, part in _walk(line, ()):
        above: Vertex = ("sum", *path[:-1]) if path else _OUTSIDE
        columns = []
        for column, amount in enumerate(part.amounts):
            origin: Vertex = ("amount", column, *path[:-1]) if path else _OUTSIDE
            inner: Vertex = ("amount", column, *path) if part.children else ("sum", *path)
            columns.append(network.add(origin, inner, amount * scale))
        figures[path] = columns
        sums.append(_Edge(("sum", *path), above, sum(part.amounts, Fraction(0)) * scale))
    for edge in sums:
        network.add(edge.start, edge.end, edge.flow)
    network.round()

    def shown(part: Line, path: tuple[int, ...]) -> Line:
        amounts = tuple(edge.flow / scale for edge in figures[path])
        children = tuple(shown(child, (*path, index)) for index, child in enumerate(part.children))
        return Line(amounts, children)

    return shown(line, ())


def _walk(line: Line, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Line]]:
    yield path, line
    for index, child in enumerate(line.children):
        yield from _walk(child, (*path, index))
