"""Demands that clash: the smallest set of which nothing that there is fulfils all."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Demanded = TypeVar("Demanded", bound=str)


def smallest_clash(failed: Sequence[Sequence[Demanded]], demands: Sequence[Demanded]) -> tuple[Demanded, ...]:
    """Return the smallest set of demands of which everything fails at least one; the first such set in their order.

    Nothing where there is nothing to fail, for then no demand is to blame. Trying all sets is exact, and there are eleven
    demands at most.

    >>> smallest_clash([("price", "region"), ("region",)], ("price", "region"))
    ('region',)
    """
    if not failed:
        return ()
    kinds = {frozenset(item) for item in failed}
    for size in range(1, len(demands) + 1):
        for chosen in combinations(demands, size):
            if all(kind.intersection(chosen) for kind in kinds):
                return chosen
    raise ValueError("an offer fails no demand, so there is no clash")
