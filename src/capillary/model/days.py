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
