"""A linear model in whole numbers, that knows no solver: variables, rows, and quantities made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Quantity:
    """``constant + sum of factor * variable``, with bounds that always hold.

    Attributes:
        terms: factor by variable.
        steps: where the quantity is a staircase, its values in rising order, each with a quantity that is 1 when the value is
            reached and 0 when it is not; lets a threshold be read without a new variable.
    """

    constant: int
    terms: Mapping[int, int]
    low: int
    high: int
    steps: tuple[tuple[int, Quantity], ...] = ()

    @property
    def fixed(self) -> bool:
        """Whether it does not depend on any variable."""
        return not self.terms

    def scaled(self, factor: int) -> Quantity:
        """Return the quantity times a factor of 0 or more."""
        return Quantity(
            self.constant * factor,
            {name: value * factor for name, value in self.terms.items()} if factor else {},
            self.low * factor,
            self.high * factor,
            tuple((value * factor, reached) for value, reached in self.steps) if factor else (),
        )

    def value(self, values: Sequence[float]) -> float:
        """Return what it is worth for given values of the variables."""
        return self.constant + sum(factor * values[name] for name, factor in self.terms.items())


def known(value: int) -> Quantity:
    """Return a quantity that is a number."""
    return Quantity(value, {}, value, value)


def summed(parts: Sequence[Quantity], constant: int = 0) -> Quantity:
    """Return the sum of quantities and a constant.

    >>> summed([known(2), known(3)], 1).constant
    6
    """
    terms: dict[int, int] = {}
    for part in parts:
        for name, factor in part.terms.items():
            terms[name] = terms.get(name, 0) + factor
    low = constant + sum(part.low for part in parts)
    high = constant + sum(part.high for part in parts)
    steps = parts[0].steps if len(parts) == 1 and not constant else ()
    return Quantity(constant + sum(part.constant for part in parts), terms, low, high, steps)


@dataclass(frozen=True)
class Row:
    """``low <= sum of factor * variable <= high``; None where there is no such end."""

    terms: tuple[tuple[int, int], ...]
    low: int | None
    high: int | None


@dataclass
class LinearModel:
    """Variables and rows, to be added to; everything is a whole number.

    Attributes:
        lower, upper: the ends of each variable.
        whole: whether a variable must be whole; the others are whole in a best solution anyway.
        names: what each variable stands for, for messages and tests.
    """

    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def variable(self, lower: int, upper: int, name: str, *, whole: bool = True) -> int:
        """Add a variable and return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(whole)
        self.names.append(name)
        return len(self.lower) - 1

    def quantity(self, lower: int, upper: int, name: str, *, whole: bool = True) -> Quantity:
        """Add a variable and return it as a quantity."""
        return Quantity(0, {self.variable(lower, upper, name, whole=whole): 1}, lower, upper)

    def flag(self, name: str, *, whole: bool = True) -> Quantity:
        """Add a variable that is 0 or 1."""
        return self.quantity(0, 1, name, whole=whole)

    def at_most(self, left: Quantity, right: Quantity) -> None:
        """Demand ``left <= right``. A row that always holds is left out."""
        terms = dict(left.terms)
        for name, factor in right.terms.items():
            terms[name] = terms.get(name, 0) - factor
        kept = tuple((name, factor) for name, factor in terms.items() if factor)
        limit = right.constant - left.constant
        most = sum(factor * (self.upper[name] if factor > 0 else self.lower[name]) for name, factor in kept)
        if most > limit:
            self.rows.append(Row(kept, None, limit))

    def least_of(self, parts: Sequence[Quantity], name: str) -> Quantity:
        """Return a quantity that is at most each of the parts, and can be the smallest of them."""
        low, high = min(part.low for part in parts), min(part.high for part in parts)
        lowest = min(parts, key=lambda part: part.high)
        binding = [part for part in parts if part is lowest or part.low < high]
        if len(binding) == 1:
            return lowest
        found = self.quantity(low, high, name, whole=False)
        for part in binding:
            self.at_most(found, part)
        return found

    def reached(self, quantity: Quantity, least: int, name: str) -> Quantity:
        """Return a quantity that can be 1 only where ``quantity >= least``."""
        if least <= quantity.low:
            return known(1)
        if least > quantity.high:
            return known(0)
        for value, step in quantity.steps:
            if value >= least:
                return step
        flag = self.flag(name)
        self.at_most(summed([flag.scaled(least - quantity.low)], quantity.low), quantity)
        return flag
