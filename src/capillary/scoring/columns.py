"""Points of codes as arithmetic on columns, with neither CASE nor joins.

A CASE over every option is slow on a column store, a list lookup is slower still on some engines. The points of a ladder
that rises evenly are a product; the points of a ladder in general are a sum of steps; ticks that give the same are
counted with one ``bit_count``, which DuckDB and Spark both have.
"""

from __future__ import annotations

from functools import cache, reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Wide enough for every node's value (checked by `query`); stored codes are narrower and would overflow.
WIDTH = "int32"


def ladder_expression(column: Any, values: Sequence[int]) -> Any:
    """Return the points of a ladder's code column.

    Args:
        column: Ibis integer column of codes from 0.
        values: points by code, in the program's integer units.
    """
    steps = {b - a for a, b in pairwise(values)}
    if len(steps) <= 1:
        step = steps.pop() if steps else 0
        wide = column.cast(WIDTH)
        scaled = wide if step == 1 else wide * whole(step)
        return scaled + whole(values[0]) if values[0] else scaled
    terms = [
        (column >= code).cast(WIDTH) * whole(b - a)
        for code, (a, b) in enumerate(pairwise(values), start=1)
        if b != a
    ]
    return reduce(lambda a, b: a + b, terms) + whole(values[0])


def set_expression(column: Any, values: Sequence[int]) -> Any:
    """Return the points of a set's mask column.

    Args:
        column: Ibis integer column of masks.
        values: points by bit, in the program's integer units.
    """
    masks: dict[int, int] = {}
    for bit, value in enumerate(values):
        masks[value] = masks.get(value, 0) | 1 << bit
    masks.pop(0, None)
    everything = (1 << len(values)) - 1
    terms = []
    for value, mask in sorted(masks.items()):
        ticked = column if mask == everything else column & mask
        count = ticked if mask == 1 else _bit_count()(ticked)
        terms.append(count.cast(WIDTH) * whole(value))
    return reduce(lambda a, b: a + b, terms) if terms else whole(0)


def whole(value: int) -> Any:
    """Return a whole number as a literal of the width that all arithmetic is done in."""
    import ibis

    return ibis.literal(value, type=WIDTH)


@cache
def _bit_count() -> Callable[..., Any]:
    import ibis

    def bit_count(x: int) -> int:  # type: ignore[empty-body]
        """Number of bits set; the backend's own function of this name."""

    count: Callable[..., Any] = ibis.udf.scalar.builtin(bit_count)
    return count
