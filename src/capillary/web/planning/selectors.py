"""Reads of the roadmaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404

from capillary.roadmap.firm import firm_of
from capillary.roadmap.quarters import count_until, moved, quarter_of
from capillary.roadmap.timeline import standing
from capillary.web import engine
from capillary.web.access import AssessmentAccess, SignInNeeded, assessment_for
from capillary.web.core.language import language
from capillary.web.planning.forms import quarter_label
from capillary.web.planning.models import Roadmap
from capillary.web.planning.services import HEAVY, first_quarter
from capillary.web.planning.wishes import wishes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.report.roadmap.page import Demand, Detail, MeasureRow, RoadmapPage, Tick
    from capillary.web.access import Action
    from capillary.web.assessments.models import Assessment
    from capillary.web.planning.wishes import Wishes


@dataclass(frozen=True)
class RoadmapAccess:
    """A visitor who was let in to a roadmap."""

    access: AssessmentAccess
    roadmap: Roadmap


def roadmap_for(request: HttpRequest, pk: UUID, action: Action, *, light: bool = False) -> RoadmapAccess:
    """Return a roadmap and the visitor's roles on its enterprise.

    Raises:
        SignInNeeded: nobody is signed in and the visitor does not hold it.
        Http404: the visitor may not do this, or there is no such roadmap.
    """
    rows = Roadmap.objects.all().defer(*(HEAVY if light else ("book_zh", "book_en")))
    roadmap = rows.filter(pk=pk).first()
    if roadmap is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    access = assessment_for(request, roadmap.assessment_id, action)
    roadmap.assessment = access.assessment
    return RoadmapAccess(access, roadmap)


@dataclass(frozen=True)
class Before:
    """Where an enterprise stands before it plans: certain level and score, and the hours that are assumed by role."""

    level: int
    score: float
    hours: Mapping[str, int]


def before(assessment: Assessment) -> Before:
    """Return where an assessment's enterprise stands for certain."""
    library = engine.library()
    assumptions = library.assumptions()
    firm = firm_of(
        engine.standard_of(assessment), engine.sheet_of(assessment), library.capabilities(), assumptions
    )
    level, score = standing(firm)
    hours = {
        role: item.fixed + item.per_head * firm.size.employees
        for role, item in assumptions.staff_hours.items()
    }
    return Before(level, float(score), hours)


@dataclass(frozen=True)
class Made:
    """A roadmap in a list, with its goal in short."""

    roadmap: Roadmap
    level: str
    by: str
    budget: int | None
    currency: str


def made_for(assessment: Assessment) -> list[Made]:
    """Return the roadmaps of an assessment, the latest first."""
    standard = engine.standard_of(assessment)
    rows = Roadmap.objects.filter(assessment=assessment).defer(*HEAVY).select_related("made_by")
    found = []
    for row in rows:
        wishes = wishes_of(row.wishes)
        level = "" if wishes.level is None else standard.level_title(wishes.level).in_(language())
        found.append(Made(row, level, quarter_label(quarter_of(wishes.by)), wishes.budget, wishes.currency))
    return found


@dataclass(frozen=True)
class Offered:
    """A measure of a plan with its state in the question, for the buttons beside it."""

    id: str
    row: MeasureRow
    pinned: bool
    own: Mapping[str, int]
    contracted: bool


@dataclass(frozen=True)
class PlanShown:
    """A plan in detail with its measures; ``number`` is its place among the plans."""

    number: int
    detail: Detail
    measures: Sequence[Offered]

    @property
    def steps(self) -> list[tuple[Tick, float]]:
        """Where the score changes, with the height of its line there."""
        return list(zip(self.detail.climb.steps, self.detail.climb.heights, strict=True))


def plans_shown(roadmap: Roadmap, details: Sequence[Detail]) -> list[PlanShown]:
    """Return the plans of a page with what can be done with each measure."""
    wishes = wishes_of(roadmap.wishes)
    found = []
    for number, (plan, detail) in enumerate(zip(roadmap.result["plans"], details, strict=True)):
        measures = [
            Offered(
                id=item["id"],
                row=row,
                pinned=item["id"] in wishes.pinned,
                own=wishes_json(wishes, item["id"]),
                contracted=item["id"] in wishes.contracted,
            )
            for item, row in zip(plan["measures"], detail.rows, strict=True)
        ]
        found.append(PlanShown(number, detail, measures))
    return found


def wishes_json(wishes: Wishes, measure: str) -> dict[str, int]:
    """Return the firm's own figures for a measure, as far as it gave them."""
    own = wishes.offers.get(measure)
    given = {} if own is None else {"one_off": own.one_off, "yearly": own.yearly, "weeks": own.weeks}
    return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Remedy:
    """One demand of a clash, and what its button sends; nothing where no other figure would do."""

    row: Demand
    sends: Mapping[str, str | int]


def clash_shown(roadmap: Roadmap, page: RoadmapPage) -> list[Remedy]:
    """Return the demands that clash, each with what would do."""
    clash = roadmap.result.get("clash")
    if clash is None or page.clash is None:
        return []
    now = roadmap.result["now"]["level"]
    pairs = zip(page.clash.demands, clash["demands"], strict=True)
    return [Remedy(row, _sent(item["demand"], item["needs"], now)) for row, item in pairs]


def _sent(demand: str, needs: int | None, now: int) -> dict[str, str | int]:
    """Return the change that meets what a demand needs; one of measures, or for no higher level, is dropped as a whole."""
    if demand in {"pinned", "excluded"} or (demand == "level" and needs is not None and needs <= now):
        return {"do": "drop", "demand": demand}
    return {} if needs is None else {"do": "limit", "demand": demand, "value": needs}


@dataclass(frozen=True)
class Fixed:
    """A measure that the question fixes, with the change that takes that back."""

    id: str
    title: str
    how: str
    undo: str


def fixed_by(wishes: Wishes) -> list[Fixed]:
    """Return what the question fixes of measures."""
    measures = engine.library().measures().measures
    groups = (
        ("pinned", wishes.pinned, "unpin"),
        ("excluded", wishes.excluded, "include"),
        ("have", wishes.have, "have-not"),
        ("contracted", list(wishes.contracted), "order-not"),
        ("offers", list(wishes.offers), "offer-not"),
    )
    return [
        Fixed(name, measures[name].title.in_(language()) if name in measures else name, how, undo)
        for how, names, undo in groups
        for name in names
    ]


def quarters_of(roadmap: Roadmap) -> list[tuple[str, str]]:
    """Return the quarters of a roadmap as they are sent and as they are read."""
    from capillary.roadmap.quarters import written

    count = count_until(roadmap.first, quarter_of(wishes_of(roadmap.wishes).by))
    found = [moved(roadmap.first, number) for number in range(count)]
    return [(written(item), quarter_label(item)) for item in found]


def is_outdated(roadmap: Roadmap) -> bool:
    """Whether the answers have changed, or a quarter has begun, since the roadmap was made."""
    return roadmap.revision != roadmap.assessment.revision or roadmap.first != first_quarter()
