"""Figures as they are shown: exact until the last moment, then rounded half up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.report.page import Bar

if TYPE_CHECKING:
    from capillary.scoring.evaluate import Interval
    from capillary.scoring.trace import Account

WIDE = 50


def shown(value: Fraction, digits: int) -> str:
    """Return a number with ``digits`` decimal places, rounded half up.

    >>> shown(Fraction(-5, 4), 1), shown(Fraction(45), 0), shown(Fraction(2, 3), 2)
    ('-1.2', '45', '0.67')
    """
    scale = 10**digits
    scaled = value * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = "-" if whole < 0 else ""
    units, rest = divmod(abs(whole), scale)
    return f"{sign}{units}.{rest:0{digits}d}" if digits else f"{sign}{units}"


def span(low: Fraction, high: Fraction, digits: int) -> str:
    """Return an interval, or the one number that both ends are shown as.

    >>> span(Fraction(1, 2), Fraction(3, 2), 1), span(Fraction(1, 3), Fraction(1, 3), 1)
    ('0.5–1.5', '0.3')
    """
    first, last = shown(low, digits), shown(high, digits)
    return first if first == last else f"{first}–{last}"


def interval(value: Interval, digits: int) -> str:
    """Return an interval as it is shown."""
    return span(value.low, value.high, digits)


def tidy_digits(*values: Fraction, most: int = 1) -> int:
    """Return how many decimal places show these values exactly, at most ``most``.

    >>> tidy_digits(Fraction(3), Fraction(4)), tidy_digits(Fraction(3), Fraction(1, 3))
    (0, 1)
    """
    for digits in range(most):
        if all((value * 10**digits).denominator == 1 for value in values):
            return digits
    return most


def digits_of(account: Account) -> int:
    """Return the decimal places of an account: as few as show nodes and questions exactly, if two do.

    Where two do not, a wide scale is shown with one and a short one with two.
    """
    amounts = _amounts(account)
    if all((amount * 100).denominator == 1 for amount in amounts):
        return tidy_digits(*amounts, most=2)
    return 1 if account.potential >= WIDE else 2


def _amounts(account: Account) -> list[Fraction]:
    own = [account.potential, account.earned, account.unknown, account.not_applicable]
    below = [child for child in account.children if child.kind != "part"]
    return own + [amount for child in below for amount in _amounts(child)]


def percent(part: Fraction, whole: Fraction) -> str:
    """Return a share as a number of percent that CSS understands, between 0 and 100.

    >>> percent(Fraction(1), Fraction(3))
    '33.33'
    """
    if whole <= 0:
        return "0"
    return shown(min(max(part / whole, Fraction(0)), Fraction(1)) * 100, 2)


def bar(low: Fraction, high: Fraction, top: Fraction, mark: Fraction | None = None) -> Bar:
    """Return a bar of full length ``top``: certain up to ``low``, possible up to ``high``."""
    return Bar(percent(low, top), percent(high - low, top), None if mark is None else percent(mark, top))
