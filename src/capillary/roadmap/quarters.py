"""Quarters of the calendar: a plan counts its quarters from 1, people count them by year."""

from __future__ import annotations

import re
from typing import TypeAlias

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.roadmap.goal import MOST_QUARTERS

Quarter: TypeAlias = tuple[int, int]

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-?Q(?P<quarter>[1-4])|-(?P<month>\d{1,2})(?:-\d{1,2})?)?", re.IGNORECASE
)


def next_quarter(year: int, month: int) -> Quarter:
    """Return the quarter that begins next after a month: the first that a plan can use whole.

    >>> next_quarter(2026, 11)
    (2027, 1)
    """
    return moved((year, (month - 1) // 3 + 1), 1)


def moved(quarter: Quarter, count: int) -> Quarter:
    """Return the quarter that lies some quarters later.

    >>> moved((2026, 4), 5)
    (2028, 1)
    """
    whole = quarter[0] * 4 + quarter[1] - 1 + count
    return whole // 4, whole % 4 + 1


def quarter_of(text: str) -> Quarter:
    """Return the last quarter that has ended at the end of a date.

    Args:
        text: a year, a quarter such as 2027-Q4, or a month such as 2027-12.

    Raises:
        InputError: it is none of these.

    >>> quarter_of("2027-12"), quarter_of("2027-11"), quarter_of("2027-Q2"), quarter_of("2027")
    ((2027, 4), (2027, 3), (2027, 2), (2027, 4))
    """
    found = _FORM.fullmatch(text.strip())
    month = int(found["month"]) if found and found["month"] else 12
    if found is None or not 1 <= month <= 12:
        cause = msg("{value} is no date.", value=text)
        remedy = msg("Write it as 2027-12, 2027-Q4 or 2027.")
        raise InputError([Problem("date", Place(path="by"), cause, remedy)])
    year = int(found["year"])
    if found["quarter"]:
        return year, int(found["quarter"])
    return moved((year, 1), month // 3 - 1)


def count_until(first: Quarter, last: Quarter) -> int:
    """Return how many quarters a plan has from its first to its last, both counted.

    Raises:
        InputError: the last lies before the first, or too far ahead.

    >>> count_until((2027, 1), (2027, 4))
    4
    """
    count = (last[0] - first[0]) * 4 + last[1] - first[1] + 1
    if 1 <= count <= MOST_QUARTERS:
        return count
    far = moved(first, MOST_QUARTERS - 1)
    cause = (
        msg("The plan would end before {first}, in which it can begin.", first=written(first))
        if count < 1
        else msg("The plan would have {value} quarters.", value=count)
    )
    remedy = msg("Choose a date from {first} to {last}.", first=written(first), last=written(far))
    raise InputError([Problem("date", Place(path="by"), cause, remedy)])


def written(quarter: Quarter) -> str:
    """Return a quarter as it is written and read by programs.

    >>> written((2027, 4))
    '2027-Q4'
    """
    return f"{quarter[0]}-Q{quarter[1]}"


def last_day(quarter: Quarter) -> str:
    """Return the last day of a quarter as an ISO date.

    >>> last_day((2027, 2))
    '2027-06-30'
    """
    return f"{quarter[0]}-{('03-31', '06-30', '09-30', '12-31')[quarter[1] - 1]}"
