"""Writes of the scenarios: one is started in the plan of a firm."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from msgspec.structs import replace

from capillary.model.problems import InputError
from capillary.roadmap.firm import WEEKS, firm_of, sections_of
from capillary.roadmap.goal import MOST_QUARTERS
from capillary.roadmap.pins import Pins, pins_of
from capillary.roadmap.quarters import count_until, moved, quarter_of, written
from capillary.roadmap.timeline import standing
from capillary.web import engine
from capillary.web.planning.changes import changed
from capillary.web.planning.forms import DEFAULT_AHEAD
from capillary.web.planning.models import Roadmap
from capillary.web.planning.services import HEAVY, first_quarter, roadmap_ask
from capillary.web.planning.wishes import Wishes, wishes_of

if TYPE_CHECKING:
    from capillary.content.estimates import Estimate
    from capillary.model.scenario import Scenario
    from capillary.roadmap.firm import Firm
    from capillary.roadmap.quarters import Quarter
    from capillary.web.accounts.models import User
    from capillary.web.assessments.models import Assessment


@dataclass(frozen=True)
class Started:
    """What came of starting a scenario.

    Attributes:
        roadmap: the one that was asked for; None where the firm has everything already or nothing of it suits.
    """

    pins: Pins
    roadmap: Roadmap | None


def scenario_start(
    *, assessment: Assessment, scenario: Scenario, estimate: Estimate, by: User | None
) -> Started:
    """Put the measures of a scenario into the goal of a firm, in any case, and have a roadmap made.

    The goal is that of its latest roadmap; a firm that has none yet, or whose date has passed, gets the next level and time
    enough for the scenario. What the firm has already, and what does not suit it, is left out.

    Raises:
        InputError: the goal makes no sense for the enterprise, such as one that the answers have reached meanwhile.
    """
    firm = _firm(assessment)
    pins = pins_of(scenario.measures, firm, engine.library().measures())
    if not pins.pinned:
        return Started(pins, None)
    first = first_quarter()
    previous = Roadmap.objects.filter(assessment=assessment).defer(*HEAVY).order_by("-made_at").first()
    wishes = _goal(assessment, firm, previous, first, estimate)
    for name in pins.pinned:
        if name not in {*wishes.have, *wishes.contracted}:
            wishes = changed(wishes, {"do": "pin", "measure": name}, first)
    return Started(pins, roadmap_ask(assessment=assessment, wishes=wishes, by=by, previous=previous))


def _firm(assessment: Assessment) -> Firm:
    library = engine.library()
    return firm_of(
        engine.standard_of(assessment),
        engine.sheet_of(assessment),
        library.capabilities(),
        library.assumptions(),
        sections=sections_of(assessment.enterprise.sector, library.sectors()),
    )


def _goal(
    assessment: Assessment, firm: Firm, previous: Roadmap | None, first: Quarter, estimate: Estimate
) -> Wishes:
    """Return the goal of the latest roadmap, with another date or level only where those have passed."""
    now, _score = standing(firm)
    above = [item.level for item in engine.standard_of(assessment).file.levels if item.level > now]
    if previous is None:
        base = engine.library().currencies().base
        return Wishes(by=_date(first, estimate), level=min(above, default=None), currency=base)
    wishes = wishes_of(previous.wishes)
    if wishes.level is not None and wishes.level <= now:
        wishes = replace(wishes, level=min(above, default=None))
    try:
        count_until(first, quarter_of(wishes.by))
    except InputError:
        return replace(wishes, by=_date(first, estimate))
    return wishes


def _date(first: Quarter, estimate: Estimate) -> str:
    """Return a date that leaves time for a scenario, and for what it may need before."""
    ahead = max(DEFAULT_AHEAD, ceil(estimate.weeks[1] / WEEKS) + 1)
    return written(moved(first, min(ahead, MOST_QUARTERS - 1)))
