"""Exact numbers: points, weights and thresholds are fractions, never floats.

A sum of thirteen times 0.7 and once 0.9 must be 10 and pass a threshold of 10; with floats it does not.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def to_fraction(value: object) -> Fraction:
    """Return ``value`` as an exact fraction.

    Args:
        value: an integer, a decimal, a fraction, or text such as ``"0.7"`` or ``"10/3"``.

    Raises:
        ValueError: the value is not a finite number in one of these forms.

    >>> to_fraction("10/3") + to_fraction(Decimal("0.7"))
    Fraction(121, 30)
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | Fraction):
        raise ValueError(f"{value!r} is not a number")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"{value!r} is not a number") from error


def common_denominator(values: Iterable[Fraction]) -> int:
    """Return the smallest positive integer that turns every one of ``values`` into an integer.

    >>> common_denominator([Fraction(1, 4), Fraction(7, 10)])
    20
    """
    return lcm(1, *(value.denominator for value in values))


def tidy(value: Fraction) -> int | float:
    """Return ``value`` for display and JSON: an integer where it is one, else the nearest float.

    >>> tidy(Fraction(80, 2)), tidy(Fraction(115, 2))
    (40, 57.5)
    """
    return value.numerator if value.denominator == 1 else value.numerator / value.denominator
