"""The money of a call: who is in line for it, what is left for whom, and in which parts it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Waiting:
    """An application that is not decided.

    Attributes:
        id: which one.
        since: when it was handed in complete, as something that sorts.
        asked: the most that it can get.
    """

    id: object
    since: object
    asked: Decimal


@dataclass(frozen=True)
class Place:
    """Where an application stands in line.

    Attributes:
        number: 1 for the first one.
        before: what those in front of it can get at most.
        room: what is left of the budget for it, if they get it.
        fits: whether that is enough.
    """

    id: object
    number: int
    asked: Decimal
    before: Decimal
    room: Decimal
    fits: bool


def line(waiting: Iterable[Waiting], left: Decimal | None) -> list[Place]:
    """Return the applications in the order in which they came; those of the same moment by their ids.

    Args:
        waiting: all that are not decided.
        left: what is left of the budget; None where there is no limit.
    """
    found: list[Place] = []
    before = Decimal(0)
    ordered = sorted(waiting, key=lambda item: (item.since, str(item.id)))
    for number, item in enumerate(ordered, 1):
        room = item.asked if left is None else max(left - before, Decimal(0))
        found.append(Place(item.id, number, item.asked, before, room, item.asked <= room))
        before += item.asked
    return found


def room_for(wanted: object, waiting: Iterable[Waiting], left: Decimal | None) -> Decimal | None:
    """Return the most that may be granted to one application without touching what those in front of it may get.

    Returns:
        None where the budget has no limit.

    Raises:
        KeyError: it is not in line.
    """
    if left is None:
        return None
    for place in line(waiting, left):
        if place.id == wanted:
            return place.room
    raise KeyError(wanted)


def split(amount: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Return an amount in parts that are to one another as ``parts`` are, each down to the cent; the last one takes the rest.

    >>> split(Decimal(100), [Decimal(1), Decimal(2)])
    [Decimal('33.33'), Decimal('66.67')]

    Raises:
        ValueError: there are no parts, one is negative, or all are zero while the amount is not.
    """
    whole = sum(parts, Decimal(0))
    if not parts or min(parts) < 0 or (whole == 0 and amount != 0):
        raise ValueError("an amount is divided by parts that are not negative, and not all zero")
    if whole == 0:
        return [Decimal(0) for _ in parts]
    found = [(amount * part / whole).quantize(CENT, ROUND_DOWN) for part in parts[:-1]]
    return [*found, amount - sum(found, Decimal(0))]
