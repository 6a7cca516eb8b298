"""Days as ISO texts, which compare as they follow one another; nothing here knows what day it is."""

from __future__ import annotations

import re

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def is_day(text: object) -> bool:
    """Whether a text is an ISO date that exists.

    >>> is_day("2024-02-29"), is_day("2025-02-29"), is_day("soon")
    (True, False, False)
    """
    match = _DAY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return False
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= len(_LENGTHS):
        return False
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _LENGTHS[month - 1] + leap


def days_between(first: str, last: str) -> int:
    """Return how many days lie from one ISO day to another; negative where the second comes first.

    >>> days_between("2024-02-28", "2024-03-01"), days_between("2026-01-01", "2025-12-31")
    (2, -1)
    """
    return _number(last) - _number(first)


def _number(day: str) -> int:
    """Return the days since the first of March of the year 0, in years that begin in March so that leap days come last."""
    year, month, date = (int(part) for part in day.split("-"))
    year, month = (year - 1, month + 9) if month <= _FEBRUARY else (year, month - 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + date - 1
