"""Moments as credentials write them."""

from __future__ import annotations

from datetime import UTC, datetime

FORM = "%Y-%m-%dT%H:%M:%SZ"


def seconds(moment: str) -> int:
    """Return an ISO time as seconds since 1970.

    Raises:
        ValueError: it is no time with a zone.

    >>> seconds("2026-01-01T00:00:00Z")
    1767225600
    """
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        raise ValueError(moment)
    return int(found.timestamp())


def written(moment: int) -> str:
    """Return seconds since 1970 as an ISO time in UTC.

    >>> written(1767225600)
    '2026-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(moment, UTC).strftime(FORM)
