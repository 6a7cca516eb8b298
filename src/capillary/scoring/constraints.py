"""The reading *constraints*: a scoring program as variables and rows of a solver's model.

Every rule is monotone, therefore one direction suffices: the model may claim for a node at most what its children support.
Whoever wants a node high (a goal, or a score to be made as large as possible) finds exactly the value that `evaluate` gives,
and no solution ever claims more. Tests hold the two readings together.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from capillary.scoring.linear import LinearModel, Quantity, known, summed
from capillary.scoring.rules import LadderTable, Points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from capillary.scoring.program import Program
    from capillary.scoring.rules import Table

Reached = tuple[Quantity, ...]


def constraints(
    program: Program, model: LinearModel, fields: Sequence[Reached], wanted: Iterable[str] | None = None
) -> dict[str, Quantity]:
    """Add a program to a model and return its nodes as quantities, in the nodes' integer units.

    Args:
        program: the compiled standard.
        model: what the variables and rows are added to.
        fields: for every field of the program what its answer has reached: for a ladder one quantity of 0 or 1 for each code
            from 1 ("at least this code", never rising), for a set one for each bit.
        wanted: names of the nodes that are needed; all by default. Others are left out.

    Returns:
        By name: a quantity that no solution puts above the node's true value, and that can be it.
    """
    needed = _needed(program, wanted)
    values: dict[int, Quantity] = {}
    for index, node in enumerate(program.nodes):
        if index not in needed:
            continue
        if isinstance(node.rule, Points):
            parts = [
                _points(table, fields[child])
                for table, child in zip(node.rule.tables, node.children, strict=True)
            ]
            whole = summed(parts)
            limit = node.rule.limit
            values[index] = (
                whole if limit is None else model.least_of([whole, known(limit)], f"{node.name} capped")
            )
        else:
            children = [values[child] for child in node.children]
            values[index] = node.rule.constrain(children, model, node.name)
    return {program.nodes[index].name: value for index, value in values.items()}


def _needed(program: Program, wanted: Iterable[str] | None) -> set[int]:
    if wanted is None:
        return set(range(len(program.nodes)))
    queue = [program.position[name] for name in wanted]
    found: set[int] = set()
    while queue:
        index = queue.pop()
        if index not in found:
            found.add(index)
            node = program.nodes[index]
            queue.extend(() if isinstance(node.rule, Points) else node.children)
    return found


def _points(table: Table, reached: Reached) -> Quantity:
    if isinstance(table, LadderTable):
        return _ladder(table.values, reached)
    return summed([flag.scaled(value) for flag, value in zip(reached, table.values, strict=True)])


def _ladder(values: Sequence[int], reached: Reached) -> Quantity:
    """Return the points of a ladder as a staircase: each code adds what it gives more than the one below."""
    steps = [(value, flag) for value, flag in zip(values[1:], reached, strict=True)]
    rises = [
        flag.scaled(value - before) for before, value, flag in zip(values, values[1:], reached, strict=False)
    ]
    whole = reduce(lambda a, b: summed([a, b]), rises, known(values[0]))
    return Quantity(whole.constant, whole.terms, whole.low, whole.high, tuple(steps))
