"""What a need is filled in with: the measures of a plan, or those that the profile is ready for, and the firm's size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capillary.roadmap.firm import firm_of, sections_of
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.market.plan import plan_of
from capillary.web.planning.wishes import Wishes, wishes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.measure import Measure
    from capillary.web.assessments.models import Assessment
    from capillary.web.planning.models import Roadmap

CHOSEN = 6


@dataclass(frozen=True)
class Draft:
    """What the form of a need begins with.

    Attributes:
        choices: measures with their titles; those of the plan, or those that the firm is ready for.
        sizes: users and machines, by which prices are multiplied.
        roadmap: where the measures come from; None where there is none.
    """

    choices: Sequence[tuple[str, str]]
    initial: Mapping[str, Any]
    sizes: Mapping[str, int]
    roadmap: Roadmap | None


def draft_of(assessment: Assessment, named: Sequence[str] = ()) -> Draft:
    """Return what a need of an assessment begins with.

    Args:
        assessment: whose plan or shortcomings are meant.
        named: measures that are to be ticked; where there are none, those of a plan, or those that would raise most.

    Raises:
        InputError: the standard is not installed any more.
    """
    library = engine.library()
    measures = library.measures().measures
    firm = firm_of(
        engine.standard_of(assessment),
        engine.sheet_of(assessment),
        library.capabilities(),
        library.assumptions(),
        sections=sections_of(assessment.enterprise.sector or None, library.sectors()),
    )
    plan = plan_of(assessment, 0, firm.levels)
    wishes = Wishes(by="") if plan.roadmap is None else wishes_of(plan.roadmap.wishes)
    known = [name for name in dict.fromkeys([*plan.wanted, *named]) if name in measures]
    ticked = [name for name in known if name in named]
    if not ticked and plan.roadmap is None:
        ticked = sorted(known, key=lambda name: (-_gain(measures[name], firm.levels), name))[:CHOSEN]
    elif not ticked:
        ticked = known[: 2 * CHOSEN]
    first = set(ticked)
    rest = [name for name in known if name not in first]
    choices = [(name, measures[name].title.in_(language())) for name in [*ticked, *sorted(rest)]]
    users = firm.size.users if wishes.users is None else wishes.users
    machines = firm.size.machines if wishes.machines is None else wishes.machines
    return Draft(
        choices,
        {"measures": ticked, "currency": wishes.currency},
        {"users": users, "machines": machines},
        plan.roadmap,
    )


def _gain(measure: Measure, levels: Mapping[str, int]) -> int:
    """Return how many levels of capabilities a measure raises for a firm."""
    return sum(max(0, item.to - levels.get(item.capability, 0)) for item in measure.raises)
