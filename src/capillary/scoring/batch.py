"""The reading *evaluate* for populations: the same program, laid out for millions of sheets.

Most of a scoring program is additive: a sum over questions, where each question's share depends on one field alone.
Such a node is a *lane*: its value is the sum over fields of one table lookup. All lanes fit side by side, bit-packed, into
one or two 64-bit words, and several fields share one combined lookup table. A sheet then costs a handful of lookups and
additions whatever the number of nodes; only the few nodes above the lanes (bands and gates) are computed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.scoring.rules import Band, Cap, Count, Gate, Linear, Points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from capillary.scoring.program import Program
    from capillary.scoring.rules import CodeArray, IntArray

LARGEST_TABLE = 1 << 16
WORD_BITS = 63


@dataclass(frozen=True)
class _Lane:
    """Where a node's value stands in the words."""

    node: int
    word: int
    shift: int
    bits: int


@dataclass(frozen=True)
class _Group:
    """Fields that share one combined table: its index is ``sum of code * stride``."""

    fields: tuple[int, ...]
    strides: tuple[int, ...]
    tables: tuple[IntArray, ...]


@dataclass(frozen=True)
class _PackedGate:
    """A gate over lanes of one word, tested lane by lane with a single addition a level.

    Every lane has a spare bit above it. Adding ``2**bits - least`` to a lane sets that bit exactly if the lane's value is at
    least ``least``; adding the constants of all needs of a level at once tests them all.
    """

    levels: tuple[tuple[int, int], ...]

    def run(self, word: IntArray) -> IntArray:
        """Return the highest level all of whose spare bits are set."""
        level = np.zeros(word.shape, dtype=np.int64)
        for number, (addend, mask) in enumerate(self.levels, start=1):
            np.copyto(level, number, where=(word + addend & mask) == mask)
        return level


class BatchPlan:
    """A program laid out for evaluation over arrays of codes.

    Args:
        program: what to lay out.
        outputs: positions of the nodes wanted.
    """

    def __init__(self, program: Program, outputs: Sequence[int]) -> None:
        self.program = program
        self.outputs = tuple(outputs)
        self._shares = additive_shares(program)
        wanted = self._frontier()
        self._lanes = _pack(wanted, program)
        self._above = self._nodes_above({lane.node for lane in self._lanes})
        self._groups = self._group()
        self._packed = _packed_gate(program, self.outputs, self._lanes)

    def run(self, codes: Sequence[CodeArray]) -> dict[int, IntArray]:
        """Return the values of the wanted nodes, in their integer units.

        Args:
            codes: one integer array of codes a field of the program, all of one shape.
        """
        words = self._words(codes)
        if self._packed is not None:
            return {self.outputs[0]: self._packed.run(words[0])}
        values: dict[int, IntArray] = {}
        for lane in self._lanes:
            values[lane.node] = words[lane.word] >> lane.shift & ((1 << lane.bits) - 1)
        for index in self._above:
            node = self.program.nodes[index]
            if isinstance(node.rule, Points):
                values[index] = node.rule.evaluate([codes[child] for child in node.children])
            else:
                values[index] = node.rule.evaluate([values[child] for child in node.children])
        return {index: values[index] for index in self.outputs}

    def _words(self, codes: Sequence[CodeArray]) -> list[IntArray]:
        words: list[IntArray] = []
        for group in self._groups:
            index = _index(codes, group)
            for number, table in enumerate(group.tables):
                found = table.take(index)
                if number < len(words):
                    words[number] += found
                else:
                    words.append(found)
        return words

    def _frontier(self) -> list[int]:
        """Return the additive nodes that outputs are, or that non-additive nodes above them read."""
        lanes: list[int] = []
        queue = list(self.outputs)
        seen: set[int] = set()
        while queue:
            index = queue.pop()
            if index in seen:
                continue
            seen.add(index)
            if index in self._shares:
                lanes.append(index)
            else:
                queue.extend(self._read_nodes(index))
        return sorted(lanes)

    def _nodes_above(self, lanes: set[int]) -> list[int]:
        needed: set[int] = set()
        queue = list(self.outputs)
        while queue:
            index = queue.pop()
            if index not in lanes and index not in needed:
                needed.add(index)
                queue.extend(self._read_nodes(index))
        return sorted(needed)

    def _read_nodes(self, index: int) -> tuple[int, ...]:
        """Return the nodes that a node reads; a question reads fields, not nodes."""
        node = self.program.nodes[index]
        return () if isinstance(node.rule, Points) else node.children

    def _group(self) -> list[_Group]:
        used = sorted({field for lane in self._lanes for field in self._shares[lane.node]})
        sizes = {field: self.program.fields[field].size for field in used}
        groups: list[list[int]] = []
        room: list[int] = []
        for field in sorted(used, key=lambda item: -sizes[item]):
            for number, free in enumerate(room):
                if sizes[field] <= free:
                    groups[number].append(field)
                    room[number] = free // sizes[field]
                    break
            else:
                groups.append([field])
                room.append(max(1, LARGEST_TABLE // sizes[field]))
        return [self._table(fields, sizes) for fields in groups]

    def _table(self, fields: Sequence[int], sizes: dict[int, int]) -> _Group:
        strides: list[int] = []
        stride = 1
        for field in fields:
            strides.append(stride)
            stride *= sizes[field]
        words = 1 + max(lane.word for lane in self._lanes)
        tables = [np.zeros(stride, dtype=np.int64) for _ in range(words)]
        index = np.arange(stride)
        for field, step in zip(fields, strides, strict=True):
            code = index // step % sizes[field]
            for lane in self._lanes:
                share = self._shares[lane.node].get(field)
                if share is not None:
                    tables[lane.word] += share[code] << lane.shift
        return _Group(tuple(fields), tuple(strides), tuple(tables))


@lru_cache(maxsize=64)
def plan_for(program: Program, outputs: tuple[int, ...]) -> BatchPlan:
    """Return the plan for a program and the positions of the nodes wanted; plans are kept."""
    return BatchPlan(program, outputs)


def _index(codes: Sequence[CodeArray], group: _Group) -> CodeArray:
    """Return the combined index.

    It is computed in the narrowest type that holds it, because the arithmetic is bound by memory traffic, and widened once at
    the end: a lookup by anything other than ``intp`` is several times slower in NumPy.
    """
    kind = np.dtype(np.uint16 if len(group.tables[0]) <= LARGEST_TABLE else np.int64)
    first, *rest = zip(group.fields, group.strides, strict=True)
    index: NDArray[Any] = codes[first[0]].astype(kind)
    for field, stride in rest:
        index += codes[field].astype(kind, copy=False) * kind.type(stride)
    return index.astype(np.intp)


def additive_shares(program: Program) -> dict[int, dict[int, IntArray]]:
    """Return, for every additive node, what each field's codes contribute to it; a constant goes to its first field."""
    shares: dict[int, dict[int, IntArray]] = {}
    for index, node in enumerate(program.nodes):
        share = (
            _points_shares(program, index)
            if isinstance(node.rule, Points)
            else _derived(program, index, shares)
        )
        if share is not None:
            shares[index] = share
    return shares


def _points_shares(program: Program, index: int) -> dict[int, IntArray] | None:
    node = program.nodes[index]
    rule = node.rule
    assert isinstance(rule, Points)  # noqa: S101 - narrows the type
    if rule.limit is not None and len(rule.fields) > 1:
        return None
    share: dict[int, IntArray] = {}
    for field, table in zip(rule.fields, rule.tables, strict=True):
        if program.fields[field].size > LARGEST_TABLE:
            return None
        points = table.evaluate(np.arange(program.fields[field].size))
        share[field] = points if rule.limit is None else np.minimum(points, rule.limit)
    return share


def _derived(
    program: Program, index: int, shares: dict[int, dict[int, IntArray]]
) -> dict[int, IntArray] | None:
    node = program.nodes[index]
    if any(child not in shares for child in node.children):
        return None
    children = [shares[child] for child in node.children]
    match node.rule:
        case Linear(coefficients, constant):
            return _linear_share(children, coefficients, constant)
        case Count(thresholds) if all(len(child) == 1 for child in children):
            total: dict[int, IntArray] = {}
            for child, cut in zip(children, thresholds, strict=True):
                for field, points in child.items():
                    total[field] = total.get(field, np.int64(0)) + (points >= cut).astype(np.int64)
            return total
        case Cap(limit, factor) if len(children[0]) == 1:
            return {field: np.minimum(points * factor, limit) for field, points in children[0].items()}
        case _:
            return None


def _linear_share(
    children: Sequence[dict[int, IntArray]], coefficients: Sequence[int], constant: int
) -> dict[int, IntArray]:
    total: dict[int, IntArray] = {}
    for child, factor in zip(children, coefficients, strict=True):
        for field, points in child.items():
            total[field] = total.get(field, np.int64(0)) + points * factor
    if constant:
        first = next(iter(total))
        total[first] = total[first] + constant
    return total


def _packed_gate(program: Program, outputs: Sequence[int], lanes: Sequence[_Lane]) -> _PackedGate | None:
    """Return the fast test for a plan whose only output is a gate or band right above lanes of one word, else None."""
    if len(outputs) != 1 or any(lane.word for lane in lanes):
        return None
    node = program.nodes[outputs[0]]
    match node.rule:
        case Gate(levels):
            needs = levels
        case Band(cuts):
            needs = tuple(((0, cut),) for cut in cuts)
        case _:
            return None
    places = {lane.node: lane for lane in lanes}
    if any(child not in places for child in node.children):
        return None
    tests = []
    for level in needs:
        # Two needs of one level on the same child would share a lane; the stricter one decides.
        strictest: dict[int, int] = {}
        for child, least in level:
            strictest[child] = max(least, strictest.get(child, 0))
        addend = mask = 0
        for child, least in strictest.items():
            lane = places[node.children[child]]
            addend += max(0, (1 << lane.bits) - max(0, least)) << lane.shift
            mask |= 1 << lane.shift + lane.bits
        tests.append((addend, mask))
    return _PackedGate(tuple(tests))


def _pack(nodes: Sequence[int], program: Program) -> list[_Lane]:
    """Give every lane the bits of its node's highest value and a spare one above; first fit into words."""
    lanes: list[_Lane] = []
    room: list[int] = []
    for node in sorted(nodes, key=lambda item: -program.tops[item]):
        bits = max(1, program.tops[node].bit_length())
        taken = bits + 1
        word = next((number for number, used in enumerate(room) if used + taken <= WORD_BITS), len(room))
        if word == len(room):
            room.append(0)
        lanes.append(_Lane(node, word, room[word], bits))
        room[word] += taken
    return lanes
