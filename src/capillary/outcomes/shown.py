"""The figures of a scenario as they are shown: of finished projects where they may be told, of its measures elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from capillary.outcomes.figures import EFFECT, HOURS, LEVELS, ONE_OFF, WEEKS, Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.content.estimates import Estimate
    from capillary.model.measure import EffectBase, EffectOn
    from capillary.model.scenario import SizeClass
    from capillary.model.standard import Certainty

YEARLY = "yearly"
Name = Literal["one_off", "yearly", "weeks", "hours", "levels", "effect"]
Three = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Shown:
    """One figure.

    Attributes:
        on, of: what an effect is on; None for other figures.
        told: low, typical, high: quartiles and median of projects, or the range of the measures.
        estimate: that range, also where projects replace it; None where the measures have none, or only a typical value.
        projects, years: on how many projects it rests, and of which years; 0 and None where it is the measures' own.
        reported: how many projects report it, also where they are too few or too alike to be told.
        certainty: of the measures' figures.
    """

    name: Name
    told: Three
    estimate: Three | None = None
    on: EffectOn | None = None
    of: EffectBase | None = None
    projects: int = 0
    years: tuple[int, int] | None = None
    reported: int = 0
    certainty: Certainty = "unverified"

    @property
    def from_results(self) -> bool:
        """Whether it comes from finished projects."""
        return self.projects > 0

    @property
    def is_waiting(self) -> bool:
        """Whether projects report it that are not told."""
        return not self.from_results and self.reported > 0


def figures_shown(estimate: Estimate, size: SizeClass | None, cells: Mapping[str, Cell]) -> tuple[Shown, ...]:
    """Return the figures of a scenario in order: costs, weeks, hours, levels, effects.

    Args:
        estimate: what follows from its measures, in the currency of the cells.
        size: the size class whose costs are wanted; None where it is not known.
        cells: by part, as `capillary.outcomes.figures.values_of` names them.
    """
    return tuple(_shown(estimate, size, cells))


def _shown(estimate: Estimate, size: SizeClass | None, cells: Mapping[str, Cell]) -> Iterator[Shown]:
    sure = estimate.certainty
    yield _one("one_off", _three(estimate.one_off), cells.get(f"{ONE_OFF}:{size}"), sure["cost"])
    yield _one("yearly", _three(estimate.yearly), None, sure["cost"])
    yield _one("weeks", _three(estimate.weeks), cells.get(WEEKS), sure["weeks"])
    hours = Fraction(sum(estimate.hours.values()))
    yield _one("hours", (hours, hours, hours), cells.get(HOURS), sure.get("staff", "unverified"))
    levels = cells.get(LEVELS)
    if levels is not None and levels.figure is not None:
        yield _one("levels", None, levels, "unverified")
    for item in estimate.effects:
        cell = cells.get(f"{EFFECT}:{item.on}/{item.of}")
        yield _one("effect", item.percent, cell, sure["effects"], (item.on, item.of))


def _three(given: tuple[int, int, int]) -> Three:
    low, typical, high = map(Fraction, given)
    return low, typical, high


def _one(
    name: Name,
    estimate: Three | None,
    cell: Cell | None,
    certainty: Certainty,
    what: tuple[EffectOn | None, EffectBase | None] = (None, None),
) -> Shown:
    on, of = what
    zero = Fraction(0)
    if cell is None or cell.figure is None:
        told = estimate or (zero, zero, zero)
        reported = 0 if cell is None else cell.reported
        return Shown(name, told, estimate, on, of, reported=reported, certainty=certainty)
    figure = cell.figure
    return Shown(
        name,
        (figure.low, figure.typical, figure.high),
        estimate,
        on,
        of,
        figure.projects,
        figure.years,
        cell.reported,
        certainty,
    )
