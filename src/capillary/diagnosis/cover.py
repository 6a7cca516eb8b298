"""The smallest way to meet several demands at once, exactly.

Both the nearest way to the next level and the fewest answers that prove a level are the same small problem: choose
alternatives of least total cost whose gains add up to at least the demands. It is solved by dynamic programming over the
cost spent, keeping for each cost only the gains that no other choice dominates, so the answer is a proven minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Gain = tuple[int, ...]


@dataclass(frozen=True)
class Alternative:
    """One way to use an item: its name, its cost (1 or more) and what it adds towards each demand."""

    name: str
    cost: int
    gain: Gain


Item = tuple[Alternative, ...]


@dataclass(frozen=True)
class Cover:
    """A choice of alternatives that meets the demands, and its cost, which no other choice undercuts."""

    cost: int
    chosen: tuple[Alternative, ...]


def smallest_cover(items: Sequence[Item], demands: Gain) -> Cover | None:
    """Return a choice of least cost, at most one alternative an item, whose gains meet all demands.

    Args:
        items: what can be used; an item not used costs and adds nothing. Among choices of equal cost the one that uses
            earlier items is preferred.
        demands: what the gains must add up to at least; a demand of 0 or less is met already.

    Returns:
        The cover, or None where even everything together does not meet the demands.
    """
    cost = 0
    chosen: list[Alternative] = []
    for part in _components(items, demands):
        cover = _solve([items[index] for index in part.items], part.demands, demands)
        if cover is None:
            return None
        cost += cover.cost
        chosen.extend(cover.chosen)
    return Cover(cost, tuple(chosen))


@dataclass(frozen=True)
class _Part:
    """Demands that share items, and those items: parts are solved apart."""

    items: tuple[int, ...]
    demands: tuple[int, ...]


def _components(items: Sequence[Item], demands: Gain) -> list[_Part]:
    open_demands = [index for index, demand in enumerate(demands) if demand > 0]
    serves = [
        {demand for demand in open_demands if any(way.gain[demand] > 0 for way in item)} for item in items
    ]
    groups: list[set[int]] = [{demand} for demand in open_demands]
    for served in serves:
        touched = [group for group in groups if group & served]
        if len(touched) > 1:
            groups = [group for group in groups if not group & served]
            groups.append(set().union(*touched))
    return [
        _Part(tuple(index for index, served in enumerate(serves) if served & group), tuple(sorted(group)))
        for group in groups
    ]


@dataclass(frozen=True)
class _State:
    """Gains so far, cut off at the demands, and how they were reached."""

    gain: Gain
    way: Alternative | None
    before: _State | None


def _solve(items: Sequence[Item], wanted: Sequence[int], demands: Gain) -> Cover | None:
    needs = tuple(demands[index] for index in wanted)
    # by_cost[c]: the states of cost c that no state of cost c or less dominates
    by_cost: dict[int, list[_State]] = {0: [_State(tuple(0 for _ in needs), None, None)]}
    best: int | None = None
    for item in items:
        fresh: dict[int, list[_State]] = {}
        for cost, states in by_cost.items():
            for way in item:
                if best is not None and cost + way.cost >= best:
                    continue
                for state in states:
                    gain = tuple(
                        min(have + way.gain[index], need)
                        for have, index, need in zip(state.gain, wanted, needs, strict=True)
                    )
                    if gain != state.gain:
                        fresh.setdefault(cost + way.cost, []).append(_State(gain, way, state))
        for cost, states in fresh.items():
            by_cost.setdefault(cost, []).extend(states)
            if best is None or cost < best:
                best = cost if any(state.gain == needs for state in states) else best
        by_cost = _prune(by_cost, best)
    if best is None:
        return None
    final = next(state for state in by_cost[best] if state.gain == needs)
    return Cover(best, tuple(_ways(final)))


def _prune(by_cost: dict[int, list[_State]], best: int | None) -> dict[int, list[_State]]:
    kept: dict[int, list[_State]] = {}
    cheaper: list[Gain] = []
    for cost in sorted(by_cost):
        if best is not None and cost > best:
            break
        states: list[_State] = []
        for state in sorted(by_cost[cost], key=lambda item: item.gain, reverse=True):
            if not any(_dominates(gain, state.gain) for gain in cheaper):
                states.append(state)
                cheaper.append(state.gain)
        if states:
            kept[cost] = states
    return kept


def _dominates(one: Gain, other: Gain) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True))


def _ways(state: _State) -> list[Alternative]:
    ways: list[Alternative] = []
    current: _State | None = state
    while current is not None and current.way is not None:
        ways.append(current.way)
        current = current.before
    return ways[::-1]
