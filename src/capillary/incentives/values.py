"""What is known of a value: a range of numbers or days, the keys that are possible, or whether something can be true or false.

A fact that nobody has stated is not wrong, it is wide. Every operation returns what can follow from what is known, so a result
is never more certain than its facts: that is what makes "entitled", "not entitled" and "cannot tell yet" right.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.exact import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FIRST_DAY, LAST_DAY = "0000-00-00", "9999-99-99"


@dataclass(frozen=True)
class Span:
    """A number from ``low`` to ``high``, both included; None where there is no end."""

    low: Fraction | None
    high: Fraction | None

    @property
    def is_open(self) -> bool:
        """Whether more than one value is possible."""
        return self.low is None or self.low != self.high

    def as_json(self) -> object:
        """Return the number, or its ends."""
        ends = [None if end is None else tidy(end) for end in (self.low, self.high)]
        return {"from": ends[0], "to": ends[1]} if self.is_open else ends[0]


@dataclass(frozen=True)
class Days:
    """A day from ``low`` to ``high``, both included, as ISO dates."""

    low: str
    high: str

    @property
    def is_open(self) -> bool:
        """Whether more than one day is possible."""
        return self.low != self.high

    def as_json(self) -> object:
        """Return the day, or its ends; None where nothing is known of an end."""
        ends = [None if end in {FIRST_DAY, LAST_DAY} else end for end in (self.low, self.high)]
        return {"from": ends[0], "to": ends[1]} if self.is_open else ends[0]


@dataclass(frozen=True)
class Keys:
    """One key, of those that are possible."""

    possible: frozenset[str]

    @property
    def is_open(self) -> bool:
        """Whether more than one key is possible."""
        return len(self.possible) != 1

    def as_json(self) -> object:
        """Return the key, or those that are possible."""
        return {"one_of": sorted(self.possible)} if self.is_open else next(iter(self.possible))


@dataclass(frozen=True)
class KeySet:
    """Any number of keys; None where they are not known."""

    keys: frozenset[str] | None

    @property
    def is_open(self) -> bool:
        """Whether the keys are not known."""
        return self.keys is None

    def as_json(self) -> object:
        """Return the keys; None where they are not known."""
        return None if self.keys is None else sorted(self.keys)


@dataclass(frozen=True)
class Truth:
    """Whether something can be true (``yes``) and can be false (``no``)."""

    yes: bool
    no: bool

    @property
    def is_open(self) -> bool:
        """Whether it cannot be told."""
        return self.yes and self.no

    def as_json(self) -> object:
        """Return true or false; None where it cannot be told."""
        return None if self.is_open else self.yes


Value = Span | Days | Keys | KeySet | Truth
TRUE, FALSE, OPEN = Truth(yes=True, no=False), Truth(yes=False, no=True), Truth(yes=True, no=True)


def exactly(number: Fraction | int) -> Span:
    """Return a number that is known."""
    return Span(Fraction(number), Fraction(number))


def add(left: Span, right: Span) -> Span:
    """Return the sum.

    >>> add(exactly(2), Span(Fraction(1), None))
    Span(low=Fraction(3, 1), high=None)
    """
    return Span(_sum(left.low, right.low), _sum(left.high, right.high))


def subtract(left: Span, right: Span) -> Span:
    """Return the difference."""
    return Span(
        None if left.low is None or right.high is None else left.low - right.high,
        None if left.high is None or right.low is None else left.high - right.low,
    )


def multiply(left: Span, right: Span) -> Span:
    """Return the product.

    >>> multiply(Span(Fraction(0), None), exactly(2))
    Span(low=Fraction(0, 1), high=None)
    """
    ends = [
        _product(one, other)
        for one in ((left.low, -1), (left.high, 1))
        for other in ((right.low, -1), (right.high, 1))
    ]
    low = min(ends, key=lambda end: _place(*end))
    high = max(ends, key=lambda end: _place(*end))
    return Span(low[0], high[0])


def least(parts: Iterable[Span]) -> Span:
    """Return the least of several numbers."""
    found = list(parts)
    lows = [part.low for part in found]
    highs = [part.high for part in found if part.high is not None]
    return Span(
        None if None in lows else min(low for low in lows if low is not None), min(highs, default=None)
    )


def most(parts: Iterable[Span]) -> Span:
    """Return the greatest of several numbers."""
    found = list(parts)
    lows = [part.low for part in found if part.low is not None]
    highs = [part.high for part in found]
    return Span(
        max(lows, default=None), None if None in highs else max(high for high in highs if high is not None)
    )


def both(parts: Sequence[Truth]) -> Truth:
    """Return whether all hold."""
    return Truth(yes=all(part.yes for part in parts), no=any(part.no for part in parts))


def either(parts: Sequence[Truth]) -> Truth:
    """Return whether one of them holds."""
    return Truth(yes=any(part.yes for part in parts), no=all(part.no for part in parts))


def opposite(part: Truth) -> Truth:
    """Return whether it does not hold."""
    return Truth(yes=part.no, no=part.yes)


def joined(parts: Sequence[Value]) -> Value:
    """Return what is known where any one of several values may be the one.

    Raises:
        TypeError: the values are of different kinds, or none are given.
    """
    first = parts[0]
    if isinstance(first, Span):
        spans = [part for part in parts if isinstance(part, Span)]
        lows, highs = [part.low for part in spans], [part.high for part in spans]
        return Span(
            None if None in lows else min(end for end in lows if end is not None),
            None if None in highs else max(end for end in highs if end is not None),
        )
    if isinstance(first, Days):
        days = [part for part in parts if isinstance(part, Days)]
        return Days(min(part.low for part in days), max(part.high for part in days))
    if isinstance(first, Truth):
        truths = [part for part in parts if isinstance(part, Truth)]
        return Truth(yes=any(part.yes for part in truths), no=any(part.no for part in truths))
    raise TypeError(f"{first!r} cannot be joined")


_COMPARED: dict[str, Callable[[Span | Days, Span | Days], Truth]] = {
    "<": lambda left, right: Truth(yes=_below(left, right), no=_not_above(right, left)),
    "<=": lambda left, right: Truth(yes=_not_above(left, right), no=_below(right, left)),
    ">": lambda left, right: Truth(yes=_below(right, left), no=_not_above(left, right)),
    ">=": lambda left, right: Truth(yes=_not_above(right, left), no=_below(left, right)),
}


def compared(op: str, left: Value, right: Value) -> Truth:
    """Return whether one number or day stands so to another.

    Args:
        op: ``<``, ``<=``, ``>``, ``>=``, ``==`` or ``!=``.
        left: the one.
        right: the other.

    Raises:
        TypeError: they are no numbers and no days.

    >>> compared(">=", Span(Fraction(2), None), exactly(2)).as_json()
    True
    """
    if not isinstance(left, Span | Days) or type(left) is not type(right):
        raise TypeError(f"{left!r} and {right!r} cannot be compared")
    other: Span | Days = right
    if op in _COMPARED:
        return _COMPARED[op](left, other)
    same = Truth(
        yes=_not_above(left, other) and _not_above(other, left),
        no=left.is_open or other.is_open or left != other,
    )
    return same if op == "==" else opposite(same)


def _below(left: Span | Days, right: Span | Days) -> bool:
    """Whether the one can be below the other."""
    return left.low is None or right.high is None or left.low < right.high  # type: ignore[operator]


def _not_above(left: Span | Days, right: Span | Days) -> bool:
    return left.low is None or right.high is None or left.low <= right.high  # type: ignore[operator]


def _sum(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left + right


def _product(
    left: tuple[Fraction | None, int], right: tuple[Fraction | None, int]
) -> tuple[Fraction | None, int]:
    """Return the product of two ends, each with its sign where it is endless; nothing times endless is nothing."""
    if left[0] is not None and right[0] is not None:
        return left[0] * right[0], 0
    signs = [side[1] if side[0] is None else (side[0] > 0) - (side[0] < 0) for side in (left, right)]
    sign = signs[0] * signs[1]
    return (Fraction(0), 0) if sign == 0 else (None, sign)


def _place(end: Fraction | None, sign: int) -> tuple[int, Fraction]:
    return (sign, Fraction(0)) if end is None else (0, end)
