"""What can't matter is left out before a model is made: measures that another one beats in every respect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.measure import ROLES, WHOLE
from capillary.roadmap.goal import RISK_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from capillary.model.measure import StaffRole
    from capillary.roadmap.firm import Terms
    from capillary.roadmap.goal import Goal
    from capillary.roadmap.network import Choice, Network


def beaten(network: Network, goal: Goal) -> set[str]:
    """Return the measures that no plan needs, because another measure does as well in every respect.

    The other one makes true all that this one does, needs nothing that this one does not need, excludes nothing more, and is
    not dearer, longer, more work or more risky. Put in its place, at the same time, it meets every limit and reaches no less;
    so the best plan without the beaten ones is the best plan. Of two equals the first by name stays. What is pinned or on
    order is never left out, and what is on order beats nothing, since its time is fixed.
    """
    makes = _made_true(network)
    fixed = goal.pinned | set(goal.contracted)
    gone: set[int] = set()
    for number, choice in enumerate(network.choices):
        if choice.id in fixed or not makes[number]:
            continue
        for other in _makers_of_all(makes[number], network, number):
            rival = network.choices[other]
            if other in gone or rival.id in goal.contracted:
                continue
            if _as_good(network, goal, other, number) and not (
                _as_good(network, goal, number, other) and makes[other] == makes[number] and number < other
            ):
                gone.add(number)
                break
    return {network.choices[number].id for number in gone}


def same_work(network: Network) -> list[list[int]]:
    """Return groups of choices that make exactly the same true, for the same others in the same quarter.

    No plan gains by two of a group: the one that is complete later can be taken out, and nothing becomes true later.
    """
    groups: dict[object, list[int]] = {}
    for number, facts in enumerate(_made_true(network)):
        if facts:
            near = frozenset(
                place for place, choice in enumerate(network.choices) if number in choice.same_quarter
            )
            groups.setdefault((frozenset(facts), near), []).append(number)
    return [group for group in groups.values() if len(group) > 1]


def _made_true(network: Network) -> list[set[frozenset[int]]]:
    """Return for each choice the facts that it makes true; a fact is known by all its makers."""
    made: list[set[frozenset[int]]] = [set() for _ in network.choices]
    for fact in _facts(network):
        for number in fact:
            made[number].add(fact)
    return made


def _facts(network: Network) -> Iterable[frozenset[int]]:
    for steps in network.answers:
        for facts in steps:
            yield from (fact for fact in facts if not isinstance(fact, bool))
    for choice in network.choices:
        yield from choice.needs


def _makers_of_all(facts: set[frozenset[int]], network: Network, number: int) -> list[int]:
    everyone = frozenset(range(len(network.choices)))
    return sorted(everyone.intersection(*facts) - {number})


def _as_good(network: Network, goal: Goal, this: int, that: int) -> bool:
    """Whether a choice could stand wherever another stands; that it makes true as much is known already."""
    one, two = network.choices[this], network.choices[that]
    return (
        _not_more(one.terms, two.terms, goal.hours)
        and _not_less_paid(one.terms, two.terms, goal)
        and RISK_WEIGHT[one.measure.risk] <= RISK_WEIGHT[two.measure.risk]
        and one.excludes <= two.excludes | {that}
        and all(_need_met(makers, one, two) for makers in one.needs)
        and all(this in choice.same_quarter for choice in network.choices if that in choice.same_quarter)
    )


def _not_more(one: Terms, two: Terms, roles: Container[StaffRole]) -> bool:
    """Whether one takes no more of anything that a model sees: typical figures, and hours of the roles that are limited."""
    hours = zip(ROLES, one.hours_a_quarter(), two.hours_a_quarter(), strict=True)
    return (
        one.one_off[1] <= two.one_off[1]
        and one.yearly[1] <= two.yearly[1]
        and one.weeks[1] <= two.weeks[1]
        and all(left <= right for role, left, right in hours if role in roles)
    )


def _not_less_paid(one: Terms, two: Terms, goal: Goal) -> bool:
    """Whether subsidies lose no more by the one in place of the other than it is cheaper.

    Where all of them count every one-off cost, a cheaper measure never leaves more to pay; where they count categories, a
    dearer one may leave less, since more of it comes back.
    """
    if all(item.categories is None for item in goal.subsidies):
        return True
    lost = sum(
        item.tiers[-1].percent * max(0, two.counted(item.categories) - one.counted(item.categories))
        for item in goal.subsidies
    )
    return lost <= WHOLE * (two.one_off[1] - one.one_off[1])


def _need_met(makers: frozenset[int], one: Choice, two: Choice) -> bool:
    """Whether a need of the one is met whenever the needs of the other are, and as early."""
    return any(other <= makers and other & two.same_quarter <= one.same_quarter for other in two.needs)
