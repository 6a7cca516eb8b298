"""What a level demands, as additive lanes: the common ground of the interview, the nearest way and the findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from capillary.scoring.batch import additive_shares
from capillary.scoring.rules import Band, Gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.scoring.program import Program
    from capillary.scoring.rules import IntArray


@dataclass(frozen=True)
class Condition:
    """One demand of a level: the node's value, in its integer units, must be at least this."""

    node: int
    least: int


@dataclass(frozen=True)
class Conditions:
    """A program's levels as sets of conditions on additive nodes.

    Attributes:
        levels: the conditions of level 1, 2, …; a level is reached when all of its own are met.
        shares: for every node that a condition names, what each field's codes contribute to it.
    """

    program: Program
    levels: tuple[tuple[Condition, ...], ...]
    shares: Mapping[int, Mapping[int, IntArray]]

    def base(self, node: int) -> int:
        """Return what a condition's node has whatever is answered."""
        return sum(int(points[0]) for points in self.shares[node].values())

    def of(self, level: int) -> tuple[Condition, ...]:
        """Return the conditions of a level; level 0 has none."""
        return self.levels[level - 1] if level > 0 else ()


@lru_cache(maxsize=64)
def conditions_of(program: Program) -> Conditions | None:
    """Return the levels of a program as conditions.

    None where it has no levels, or where a level depends on a node that is no sum over questions: then there is no nearest
    way to tell, and the interview asks in the standard's order.
    """
    if program.level is None:
        return None
    node = program.nodes[program.level]
    match node.rule:
        case Band(cuts):
            levels: tuple[tuple[Condition, ...], ...] = tuple(
                (Condition(node.children[0], cut),) for cut in cuts
            )
        case Gate(gate):
            levels = tuple(
                tuple(Condition(node.children[child], least) for child, least in needs) for needs in gate
            )
        case _:
            return None
    every = additive_shares(program)
    wanted = {condition.node for conditions in levels for condition in conditions}
    if not wanted <= every.keys():
        return None
    return Conditions(program, levels, {index: every[index] for index in wanted})
