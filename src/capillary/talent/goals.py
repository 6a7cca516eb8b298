"""What a firm wants to learn for: the levels that its plan raises, or the next level of what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.capability import Capability
    from capillary.model.course import Course, Span
    from capillary.model.measure import Measure


def goals_of_measures(measures: Iterable[Measure], levels: Mapping[str, int]) -> dict[str, Span]:
    """Return the levels that measures raise above what a firm has.

    Args:
        measures: those of its plan.
        levels: the certain level of each capability.
    """
    tops: dict[str, int] = {}
    for measure in measures:
        for raised in measure.raises:
            tops[raised.capability] = max(raised.to, tops.get(raised.capability, 0))
    return {name: (levels.get(name, 0), top) for name, top in tops.items() if top > levels.get(name, 0)}


def goals_of_gaps(
    names: Iterable[str], levels: Mapping[str, int], capabilities: Mapping[str, Capability]
) -> dict[str, Span]:
    """Return the next level of each capability that a firm lacks.

    Args:
        names: capabilities that its shortcomings ask about.
        levels: the certain level of each capability.
        capabilities: the hub vocabulary.
    """
    return {
        name: (levels.get(name, 0), levels.get(name, 0) + 1)
        for name in dict.fromkeys(names)
        if name in capabilities and levels.get(name, 0) < capabilities[name].top
    }


def taught(goals: Mapping[str, Span], courses: Iterable[Course]) -> dict[str, Span]:
    """Return the goals over some level of which a course leads."""
    every = list(courses)
    return {
        name: (low, high)
        for name, (low, high) in goals.items()
        if any(
            max(low, course.capabilities[name][0]) < min(high, course.capabilities[name][1])
            for course in every
            if name in course.capabilities
        )
    }
