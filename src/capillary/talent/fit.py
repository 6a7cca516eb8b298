"""How well people fit what a firm needs: the competences that its goals ask for, and how many of them somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.course import Course, Span


@dataclass(frozen=True)
class Skill:
    """A level of a competence that somebody has, and whether an assessor confirmed it."""

    level: int
    confirmed: bool


@dataclass(frozen=True)
class Fit:
    """What somebody has of what is wanted.

    Attributes:
        has: the wanted competences at the wanted level or above.
        confirmed: those of them that an assessor confirmed.
        wanted: how many are wanted.
    """

    has: tuple[str, ...]
    confirmed: tuple[str, ...]
    wanted: int

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller the better: first who has most, then who has most of it confirmed."""
        return -len(self.has), -len(self.confirmed)


def competences_for(goals: Mapping[str, Span], courses: Iterable[Course]) -> dict[str, int]:
    """Return the competences, with their levels, that courses teach which lead over some level of a goal.

    Where several of them teach one, the lowest level that some course ends with is enough.

    Args:
        goals: capability to the levels that the firm has and wants.
        courses: all that teach.
    """
    found: dict[str, int] = {}
    for course in courses:
        if any(
            max(low, goals[name][0]) < min(high, goals[name][1])
            for name, (low, high) in course.capabilities.items()
            if name in goals
        ):
            for name, (_low, high) in course.competences.items():
                found[name] = min(high, found.get(name, high))
    return dict(sorted(found.items()))


def fit_of(skills: Mapping[str, Skill], wanted: Mapping[str, int]) -> Fit:
    """Return what somebody has of what is wanted.

    >>> fit_of({"1.1": Skill(4, True), "2.1": Skill(1, False)}, {"1.1": 3, "2.1": 2})
    Fit(has=('1.1',), confirmed=('1.1',), wanted=2)
    """
    has = tuple(name for name, level in wanted.items() if name in skills and skills[name].level >= level)
    return Fit(has, tuple(name for name in has if skills[name].confirmed), len(wanted))
