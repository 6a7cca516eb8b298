"""Compiles a standard into its scoring program.

The program is data: a list of nodes, each with a rule and the nodes that it reads. Compile once, then read it in four
ways: `evaluate` (arrays), `bounds` (partial answers), `query` (Ibis columns) and `trace` (the account of a score).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from capillary.model.exact import common_denominator
from capillary.model.fields import Field, fields_of
from capillary.model.standard import (
    BandNode,
    CapNode,
    CountNode,
    GateNode,
    MaximumNode,
    MeanNode,
    MinimumNode,
    Multiple,
    SumNode,
)
from capillary.scoring.rules import (
    Band,
    Cap,
    CodeArray,
    Count,
    Extreme,
    Gate,
    IntArray,
    LadderTable,
    Linear,
    Points,
    Rule,
    SetTable,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.standard import Question, ScoringNode, Standard


@dataclass(frozen=True)
class Node:
    """One node of a program.

    Attributes:
        name: the question's or scoring node's id.
        unit: how many integer units make one point.
        rule: what the node does.
        children: positions of the nodes that it reads; for `Points`, positions of fields instead.
    """

    name: str
    unit: int
    rule: Rule
    children: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled standard, for one variant and one set of questions that do not apply.

    `compile_standard` keeps what it compiled, so two programs are equal only if they are the same object.

    Attributes:
        standard: the standard it was compiled from.
        variant: the variant whose weights were used, or None where the standard has none.
        dropped: questions left out because they do not apply.
        fields: the atoms of the answers, in order; codes come in this order.
        nodes: in an order in which every node stands after those that it reads.
    """

    standard: Standard
    variant: str | None
    dropped: frozenset[str]
    fields: tuple[Field, ...]
    nodes: tuple[Node, ...]

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each node by name."""
        return {node.name: index for index, node in enumerate(self.nodes)}

    @cached_property
    def field_position(self) -> Mapping[str, int]:
        """Position of each field by id."""
        return {field.id: index for index, field in enumerate(self.fields)}

    @cached_property
    def tops(self) -> tuple[int, ...]:
        """Every node's value for the highest answers, in its units."""
        codes = [np.array([field.top]) for field in self.fields]
        return tuple(int(value[0]) for value in self.run(codes))

    @property
    def score(self) -> int:
        """Position of the node that is the score."""
        return self.position[self.standard.file.scoring.score]

    @property
    def level(self) -> int | None:
        """Position of the node that is the level; None where there are no levels, or nothing left to tell them from."""
        name = self.standard.file.scoring.level
        return None if name is None else self.position.get(name)

    @cached_property
    def top_level(self) -> int:
        """The highest level of the standard, 0 where it has none."""
        return 0 if self.level is None else self.tops[self.level]

    def in_points(self, node: int, value: int) -> Fraction:
        """Return a node's integer value in points."""
        return Fraction(value, self.nodes[node].unit)

    def run(self, codes: Sequence[CodeArray]) -> list[IntArray]:
        """Return every node's values for full answers; the plain reading that the fast one is held to.

        Args:
            codes: one array of codes a field, all of one shape.

        Returns:
            One array a node, of that shape, in the node's units.
        """
        values: list[IntArray] = []
        for node in self.nodes:
            if isinstance(node.rule, Points):
                values.append(node.rule.evaluate([codes[child] for child in node.children]))
            else:
                values.append(node.rule.evaluate([values[child] for child in node.children]))
        return values


@lru_cache(maxsize=256)
def compile_standard(
    standard: Standard, variant: str | None = None, dropped: frozenset[str] = frozenset()
) -> Program:
    """Return the scoring program of a standard.

    Args:
        standard: what to compile.
        variant: one of the standard's variants; required where it has some.
        dropped: questions that do not apply and leave the means that they stand in.

    Raises:
        ValueError: the variant is missing or unknown.
    """
    known = [item.id for item in standard.file.variants]
    if (variant is None) != (not known) or (variant is not None and variant not in known):
        raise ValueError(f"{standard.id} needs a variant of {known}, not {variant!r}")
    fields = fields_of(standard)
    compiler = _Compiler(fields, variant)
    for question in standard.questions:
        if question.id not in dropped:
            compiler.add_question(question)
    for node in standard.file.scoring.nodes:
        compiler.add_node(node)
    if standard.file.scoring.score not in compiler.position:
        # Nothing would be left to score: then what does not apply counts as nothing rather than leaving.
        return compile_standard(standard, variant)
    return Program(standard, variant, dropped, fields, tuple(compiler.nodes))


class _Compiler:
    def __init__(self, fields: Sequence[Field], variant: str | None) -> None:
        self.fields = fields
        self.variant = variant
        self.nodes: list[Node] = []
        self.position: dict[str, int] = {}

    def add_question(self, question: Question) -> None:
        own = [index for index, field in enumerate(self.fields) if field.question == question.id]
        unit = common_denominator(
            [question.points, *(points for index in own for points in self.fields[index].points)]
        )
        tables = tuple(_table(self.fields[index], unit) for index in own)
        most = sum(max(self.fields[i].value(self.fields[i].top), Fraction(0)) for i in own)
        limit = (
            int(question.points * unit) if isinstance(question, Multiple) and most > question.points else None
        )
        self._append(Node(question.id, unit, Points(tuple(own), tables, limit), tuple(own)))

    def add_node(self, node: ScoringNode) -> None:
        """Add a content node; one whose children have all been dropped is dropped too."""
        if isinstance(node, GateNode):
            if any(need.node in self.position for level in node.levels for need in level.needs):
                self._append(self._gate(node))
            return
        kept = [index for index, name in enumerate(node.of) if name in self.position]
        if kept and not self._weightless(node, kept):
            children = tuple(self.position[node.of[index]] for index in kept)
            self._append(self._plain(node, kept, children))

    def _weightless(self, node: ScoringNode, kept: Sequence[int]) -> bool:
        if not isinstance(node, MeanNode):
            return False
        weights = self._weights(node, kept)
        return not sum(weights)

    def _weights(self, node: SumNode | MeanNode, kept: Sequence[int]) -> list[Fraction]:
        given = node.weights[self.variant or ""] if isinstance(node.weights, dict) else node.weights
        return [given[index] if given else Fraction(1) for index in kept]

    def _append(self, node: Node) -> None:
        self.position[node.name] = len(self.nodes)
        self.nodes.append(node)

    def _plain(self, node: ScoringNode, kept: Sequence[int], children: tuple[int, ...]) -> Node:
        units = [self.nodes[child].unit for child in children]
        match node:
            case SumNode() | MeanNode():
                return self._linear(node, kept, children)
            case CapNode():
                unit = common_denominator([Fraction(1, units[0]), node.limit])
                return Node(node.id, unit, Cap(int(node.limit * unit), unit // units[0]), children)
            case MinimumNode() | MaximumNode():
                unit = common_denominator([Fraction(1, item) for item in units])
                factors = tuple(unit // item for item in units)
                return Node(node.id, unit, Extreme(isinstance(node, MaximumNode), factors), children)
            case CountNode():
                cuts = tuple(at_least(node.threshold, unit) for unit in units)
                return Node(node.id, 1, Count(cuts), children)
            case BandNode():
                reached = [at_least(cut, units[0]) for cut in node.from_]
                passed = [beyond(cut, units[0]) for cut in node.above]
                return Node(node.id, 1, Band((*reached, *passed)), children)
            case _:
                raise TypeError(type(node))

    def _linear(self, node: SumNode | MeanNode, kept: Sequence[int], children: tuple[int, ...]) -> Node:
        weights = self._weights(node, kept)
        scale = node.times / sum(weights) if isinstance(node, MeanNode) else node.times
        factors = [
            weight * scale / self.nodes[child].unit for weight, child in zip(weights, children, strict=True)
        ]
        unit = common_denominator([*factors, node.plus])
        rule = Linear(tuple(int(factor * unit) for factor in factors), int(node.plus * unit))
        return Node(node.id, unit, rule, children)

    def _gate(self, node: GateNode) -> Node:
        """Compile a gate; a need on a node that has been dropped is left out."""
        named = dict.fromkeys(need.node for level in node.levels for need in level.needs)
        names = [name for name in named if name in self.position]
        children = tuple(self.position[name] for name in names)
        levels = tuple(
            tuple(
                (names.index(need.node), at_least(need.at_least, self.nodes[self.position[need.node]].unit))
                for need in level.needs
                if need.node in self.position
            )
            for level in node.levels
        )
        return Node(node.id, 1, Gate(levels), children)


def at_least(cut: Fraction, unit: int) -> int:
    """Return the least integer value, in ``1 / unit``, that is at or above ``cut``.

    >>> at_least(Fraction(1, 3), 10), at_least(Fraction(2), 10)
    (4, 20)
    """
    return -floor(-cut * unit)


def beyond(cut: Fraction, unit: int) -> int:
    """Return the least integer value, in ``1 / unit``, that is above ``cut``.

    >>> beyond(Fraction(1, 3), 10), beyond(Fraction(2), 10)
    (4, 21)
    """
    return floor(cut * unit) + 1


def _table(field: Field, unit: int) -> Table:
    values = tuple(int(points * unit) for points in field.points)
    return LadderTable(values) if field.kind == "ladder" else SetTable(values)
