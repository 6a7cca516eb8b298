"""Measures that are started in the plan of a firm, alone or those of a scenario: whose plan, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from msgspec.structs import replace

from capillary.model.problems import InputError
from capillary.roadmap.firm import WEEKS, firm_of, sections_of
from capillary.roadmap.goal import MOST_QUARTERS
from capillary.roadmap.pins import Pins, pins_of
from capillary.roadmap.quarters import count_until, moved, quarter_of, written
from capillary.roadmap.timeline import standing
from capillary.web import engine
from capillary.web.access import GRANTS, Action, Role, held_enterprises
from capillary.web.assessments.models import Assessment
from capillary.web.planning.changes import changed
from capillary.web.planning.forms import DEFAULT_AHEAD
from capillary.web.planning.models import Roadmap
from capillary.web.planning.services import HEAVY, first_quarter, roadmap_ask
from capillary.web.planning.wishes import Wishes, wishes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from capillary.roadmap.firm import Firm
    from capillary.roadmap.quarters import Quarter
    from capillary.web.accounts.models import User

MOST_FIRMS = 8  # in the list of those in whose plan something can be started


@dataclass(frozen=True)
class Started:
    """What came of starting measures.

    Attributes:
        roadmap: the one that was asked for; None where the firm has everything already or nothing of it suits.
    """

    pins: Pins
    roadmap: Roadmap | None


def measures_start(
    *, assessment: Assessment, measures: Sequence[str], weeks: int, by: User | None
) -> Started:
    """Put measures into the goal of a firm, in any case, and have a roadmap made.

    The goal is that of its latest roadmap; a firm that has none yet, or whose date has passed, gets the next level and time
    enough for the measures. What the firm has already, and what does not suit it, is left out.

    Args:
        assessment: says where the firm stands.
        measures: of the catalogue, in an order in which each can begin when those before it are complete.
        weeks: how long they typically take together.
        by: who started them.

    Raises:
        InputError: the goal makes no sense for the enterprise, such as one that the answers have reached meanwhile.
    """
    firm = _firm(assessment)
    pins = pins_of(measures, firm, engine.library().measures())
    if not pins.pinned:
        return Started(pins, None)
    first = first_quarter()
    previous = Roadmap.objects.filter(assessment=assessment).defer(*HEAVY).order_by("-made_at").first()
    wishes = _goal(assessment, firm, previous, first, weeks)
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


def _goal(assessment: Assessment, firm: Firm, previous: Roadmap | None, first: Quarter, weeks: int) -> Wishes:
    """Return the goal of the latest roadmap, with another date or level only where those have passed."""
    now, _score = standing(firm)
    above = [item.level for item in engine.standard_of(assessment).file.levels if item.level > now]
    if previous is None:
        base = engine.library().currencies().base
        return Wishes(by=_date(first, weeks), level=min(above, default=None), currency=base)
    wishes = wishes_of(previous.wishes)
    if wishes.level is not None and wishes.level <= now:
        wishes = replace(wishes, level=min(above, default=None))
    try:
        count_until(first, quarter_of(wishes.by))
    except InputError:
        return replace(wishes, by=_date(first, weeks))
    return wishes


def _date(first: Quarter, weeks: int) -> str:
    """Return a date that leaves time for measures, and for what they may need before."""
    ahead = max(DEFAULT_AHEAD, ceil(weeks / WEEKS) + 1)
    return written(moved(first, min(ahead, MOST_QUARTERS - 1)))


def plannable(request: HttpRequest, only: str = "") -> Sequence[Assessment]:
    """Return the assessments in whose plan the visitor may start something: the latest of each enterprise, by its name.

    Args:
        request: the visitor's request.
        only: the id of the one assessment that is wanted; left out for all, at most `MOST_FIRMS`.
    """
    theirs = Q()
    if request.user.is_authenticated:
        roles = [role.value for role in GRANTS[Action.PLAN] - {Role.HOLDER}]
        theirs = Q(
            enterprise__members__user=request.user,
            enterprise__members__until=None,
            enterprise__members__role__in=roles,
        )
    held = held_enterprises(request)
    if held:
        theirs |= Q(enterprise__in=held, enterprise__claimed_at=None)
    if not theirs:
        return []
    found = (
        Assessment.objects.filter(theirs, enterprise__erased_at=None, standard__in=list(engine.standards()))
        .select_related("enterprise")
        .defer("answers", "asked", "carried")
        .order_by("enterprise__name", "enterprise_id", "-changed_at")
        .distinct()
    )
    if only:
        return list(found.filter(pk=wanted)) if (wanted := _uuid(only)) else []
    latest: dict[UUID, Assessment] = {}
    for row in found[: MOST_FIRMS * 10]:
        latest.setdefault(row.enterprise_id, row)
    return list(latest.values())[:MOST_FIRMS]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
