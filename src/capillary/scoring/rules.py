"""The node kinds of a scoring program, each with all its readings side by side.

A node's value is an integer in units of ``1 / unit`` of a point, so that every comparison is exact. ``evaluate`` reads a
rule over NumPy arrays, ``express`` over Ibis columns, ``constrain`` as rows of a solver's model; the reading *bounds* needs
no code of its own, because every rule is monotone: the lowest answers give the lowest value and the highest answers the
highest, and since no two fields depend on each other both are reached. Whoever adds a kind adds all three methods and the
proof that it is monotone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from capillary.scoring.columns import WIDTH, ladder_expression, set_expression, whole
from capillary.scoring.linear import LinearModel, Quantity, known, summed

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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:  # noqa: ARG002 - one form for all
        """Return the weighted sum as a quantity; it needs no row of its own."""
        terms = [value.scaled(factor) for value, factor in zip(values, self.coefficients, strict=True)]
        return summed(terms, self.constant)


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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:
        """Return a quantity at most the child and at most the limit."""
        return model.least_of([values[0].scaled(self.factor), known(self.limit)], name)


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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:
        """Return a quantity at most every child; for the largest, at most the one child that a flag names."""
        scaled = [value.scaled(factor) for value, factor in zip(values, self.factors, strict=True)]
        if not self.largest:
            return model.least_of(scaled, name)
        low, high = max(part.low for part in scaled), max(part.high for part in scaled)
        if low == high:
            return known(high)
        found = model.quantity(low, high, name, whole=False)
        named = [model.flag(f"{name} is child {index}") for index in range(len(scaled))]
        model.at_most(known(1), summed(named))
        for part, flag in zip(scaled, named, strict=True):
            # without its flag a child binds nothing: the node may be as high as its own end
            slack = high - part.low
            model.at_most(summed([found, flag.scaled(slack)]), summed([part], slack))
        return found


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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:
        """Return the sum of one flag a child that has reached its threshold."""
        pairs = enumerate(zip(values, self.thresholds, strict=True))
        return summed([model.reached(value, cut, f"{name} counts {index}") for index, (value, cut) in pairs])


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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:
        """Return the sum of one flag a cut, each at most the one before it."""
        flags = [model.reached(values[0], cut, f"{name} {number}") for number, cut in enumerate(self.cuts, 1)]
        return _staircase(flags, model)


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

    def constrain(self, values: Sequence[Quantity], model: LinearModel, name: str) -> Quantity:
        """Return the sum of one flag a level.

        A level's flag is at most the one below it, which loses nothing: content whose levels do not build on each other
        is refused when it is loaded.
        """
        flags = []
        for number, needs in enumerate(self.levels, start=1):
            met = [model.reached(values[child], least, f"{name} {number}") for child, least in needs]
            flags.append(model.least_of(met, f"{name} {number}"))
        return _staircase(flags, model)


Rule = Points | Linear | Cap | Extreme | Count | Band | Gate


def _staircase(flags: Sequence[Quantity], model: LinearModel) -> Quantity:
    """Return how many flags are up, where one can be up only if those before it are."""
    for below, above in pairwise(flags):
        model.at_most(above, below)
    whole_sum = summed(flags)
    steps = tuple(enumerate(flags, start=1))
    return Quantity(whole_sum.constant, whole_sum.terms, whole_sum.low, whole_sum.high, steps)


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
