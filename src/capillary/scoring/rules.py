"""The node kinds of a scoring program, each with all its readings side by side.

A node's value is an integer in units of ``1 / unit`` of a point, so that every comparison is exact. ``evaluate`` reads a
rule over NumPy arrays, ``express`` over Ibis columns; the reading *bounds* needs no code of its own, because every rule is
monotone: the lowest answers give the lowest value and the highest answers the highest, and since no two fields depend on
each other both are reached. Whoever adds a kind adds both methods and the proof that it is monotone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from capillary.scoring.columns import WIDTH, ladder_expression, set_expression, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

IntArray: TypeAlias = NDArray[np.int64]
CodeArray: TypeAlias = NDArray[np.integer[Any]]
Column: TypeAlias = Any  # an Ibis integer column; Ibis ships no usable types for strict checking


@dataclass(frozen=True)
class LadderTable:
    """Points of a ladder by code. Monotone: the values never fall (checked when the content is loaded)."""

    values: tuple[int, ...]

    def evaluate(self, codes: CodeArray) -> IntArray:
        """Return the points of each code."""
        return np.asarray(self.values, dtype=np.int64)[codes]

    def express(self, column: Column) -> Column:
        """Return the points as an expression of the code column."""
        return ladder_expression(column, self.values)


@dataclass(frozen=True)
class SetTable:
    """Points of a set by bit. Monotone: every tick gives zero or more (checked when the content is loaded)."""

    values: tuple[int, ...]

    def evaluate(self, codes: CodeArray) -> IntArray:
        """Return the points of each mask: the sum over its bits."""
        wide = codes.astype(np.int64)
        total = np.zeros(codes.shape, dtype=np.int64)
        for bit, value in enumerate(self.values):
            total += (wide >> bit & 1) * value
        return total

    def express(self, column: Column) -> Column:
        """Return the points as an expression of the mask column."""
        return set_expression(column, self.values)


Table = LadderTable | SetTable


@dataclass(frozen=True)
class Points:
    """A question: the sum of its fields' points, at most ``limit``.

    Monotone: a sum of monotone tables, and ``min(x, limit)`` does not fall when x rises.
    """

    fields: tuple[int, ...]
    tables: tuple[Table, ...]
    limit: int | None = None

    def evaluate(self, codes: Sequence[CodeArray]) -> IntArray:
        """Return the question's points; ``codes`` are those of its own fields."""
        total = _total([table.evaluate(code) for table, code in zip(self.tables, codes, strict=True)])
        return total if self.limit is None else np.minimum(total, self.limit)

    def express(self, columns: Sequence[Column]) -> Column:
        """Return the question's points as an expression of its code columns."""
        total = _sum([table.express(column) for table, column in zip(self.tables, columns, strict=True)])
        return total if self.limit is None else _least(total, self.limit)


@dataclass(frozen=True)
class Linear:
    """A weighted sum or mean. Monotone: no coefficient is negative (checked when the content is loaded)."""

    coefficients: tuple[int, ...]
    constant: int = 0

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the weighted sum of the children."""
        terms = [value * factor for value, factor in zip(values, self.coefficients, strict=True)]
        return _total(terms) + self.constant

    def express(self, values: Sequence[Column]) -> Column:
        """Return the weighted sum as an expression."""
        pairs = zip(values, self.coefficients, strict=True)
        terms = [value if factor == 1 else value * whole(factor) for value, factor in pairs if factor]
        total = _sum(terms) if terms else whole(0)
        return total + whole(self.constant) if self.constant else total


@dataclass(frozen=True)
class Cap:
    """The child, at most ``limit``. Monotone: ``min(x, limit)`` does not fall when x rises."""

    limit: int
    factor: int = 1

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the capped child, brought to the node's unit by ``factor``."""
        return np.minimum(values[0] * self.factor, self.limit)

    def express(self, values: Sequence[Column]) -> Column:
        """Return the capped child as an expression."""
        return _least(values[0] * whole(self.factor), self.limit)


@dataclass(frozen=True)
class Extreme:
    """The smallest or largest child, brought to one unit by ``factors``.

    Monotone: neither the minimum nor the maximum of numbers falls when one of them rises.
    """

    largest: bool
    factors: tuple[int, ...]

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the extreme child."""
        pick = np.maximum if self.largest else np.minimum
        scaled = [value * factor for value, factor in zip(values, self.factors, strict=True)]
        return reduce(pick, scaled)

    def express(self, values: Sequence[Column]) -> Column:
        """Return the extreme child as an expression."""
        scaled = [value * whole(factor) for value, factor in zip(values, self.factors, strict=True)]
        return reduce(_larger if self.largest else _smaller, scaled)


@dataclass(frozen=True)
class Count:
    """How many children have reached their threshold.

    Monotone: a child that has reached its threshold is not lost when it rises.
    """

    thresholds: tuple[int, ...]

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the count."""
        reached = [
            (value >= cut).astype(np.int64) for value, cut in zip(values, self.thresholds, strict=True)
        ]
        return _total(reached)

    def express(self, values: Sequence[Column]) -> Column:
        """Return the count as an expression."""
        return _sum([_flag(value >= cut) for value, cut in zip(values, self.thresholds, strict=True)])


@dataclass(frozen=True)
class Band:
    """How many cuts the child has reached. Monotone: a cut once reached stays reached when the child rises."""

    cuts: tuple[int, ...]

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the band, from 0."""
        return np.searchsorted(np.asarray(self.cuts, dtype=np.int64), values[0], side="right").astype(
            np.int64
        )

    def express(self, values: Sequence[Column]) -> Column:
        """Return the band as an expression."""
        return _sum([_flag(values[0] >= cut) for cut in self.cuts])


@dataclass(frozen=True)
class Gate:
    """The highest level all of whose needs are met.

    ``levels`` holds for level 1, 2, … the pairs (child, least value). Monotone: a need once met stays met when its child
    rises, so the set of levels met only grows, and with it the highest of them.
    """

    levels: tuple[tuple[tuple[int, int], ...], ...]

    def evaluate(self, values: Sequence[IntArray]) -> IntArray:
        """Return the level, from 0."""
        level = np.zeros(values[0].shape, dtype=np.int64)
        for number, needs in enumerate(self.levels, start=1):
            met = reduce(np.logical_and, [values[child] >= least for child, least in needs])
            level = np.where(met, number, level)
        return level

    def express(self, values: Sequence[Column]) -> Column:
        """Return the level as an expression.

        A CASE from the highest level down: the engines look at a lower level only for the rows that failed the higher
        ones. It takes an unknown condition for a false one; `capillary.scoring.query` sees to it that the level is null then.
        """
        import ibis

        branches = [
            (reduce(lambda a, b: a & b, [values[child] >= least for child, least in needs]), whole(number))
            for number, needs in enumerate(self.levels, start=1)
        ]
        return ibis.cases(*reversed(branches), else_=whole(0))


Rule = Points | Linear | Cap | Extreme | Count | Band | Gate


def _total(values: Sequence[IntArray]) -> IntArray:
    return reduce(np.add, values)


def _sum(values: Sequence[Column]) -> Column:
    return reduce(lambda a, b: a + b, values)


def _smaller(one: Column, other: Column) -> Column:
    """Return the smaller of two columns, unknown where one is unknown: the engines' own LEAST passes over nulls."""
    return one - _flag(one > other) * (one - other)


def _larger(one: Column, other: Column) -> Column:
    return one + _flag(other > one) * (other - one)


def _least(value: Column, limit: int) -> Column:
    return _smaller(value, whole(limit))


def _flag(condition: Column) -> Column:
    return condition.cast(WIDTH)
