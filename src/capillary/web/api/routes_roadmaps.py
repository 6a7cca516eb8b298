"""Roadmaps: asking for one, reading how far it is and what was found; the measures; the projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router
from ninja.responses import Status

from capillary.model.problems import InputError
from capillary.roadmap.quarters import written
from capillary.web import engine
from capillary.web.access import Action, assessment_for, enterprise_for
from capillary.web.api import selectors
from capillary.web.api.problems import not_found, unusable
from capillary.web.api.schemas import (
    GoalIn,
    MeasureOut,
    PageIn,
    PageOut,
    ProjectOut,
    RoadmapFullOut,
    RoadmapOut,
)
from capillary.web.api.shown import text
from capillary.web.planning.models import Roadmap
from capillary.web.planning.selectors import roadmap_for
from capillary.web.planning.services import HEAVY, roadmap_ask, roadmap_delete
from capillary.web.planning.wishes import Wishes, wishes_of
from capillary.web.projects.models import Project

if TYPE_CHECKING:
    from capillary.model.measure import CostPart, Measure
    from capillary.web.projects.models import Milestone

router = Router(tags=["roadmaps"])


@router.post(
    "/assessments/{uuid:assessment_id}/roadmaps",
    response={202: RoadmapOut},
    operation_id="roadmap_ask",
    url_name="roadmaps",
    summary="Ask for a roadmap",
)
def ask(request: HttpRequest, assessment_id: UUID, body: GoalIn) -> Any:
    """Have a roadmap made in the background. Read it until its status is `ready` or `failed`."""
    access = assessment_for(request, assessment_id, Action.PLAN)
    wishes = wishes_of(body.dict(exclude_none=True))
    try:
        made = roadmap_ask(assessment=access.assessment, wishes=wishes, by=access.user)
    except InputError as error:
        raise unusable(error.problems, "body.") from error
    return Status(202, _row(made))


@router.get(
    "/assessments/{uuid:assessment_id}/roadmaps",
    response=PageOut[RoadmapOut],
    operation_id="roadmaps",
    url_name="roadmaps",
    summary="List the roadmaps",
)
def roadmaps(request: HttpRequest, assessment_id: UUID, page: Query[PageIn]) -> Any:
    """Return the roadmaps of an assessment, the latest first."""
    access = assessment_for(request, assessment_id, Action.VIEW)
    rows = Roadmap.objects.filter(assessment=access.assessment).defer(*HEAVY)
    return selectors.page(rows, page, _row)


@router.get(
    "/roadmaps/{uuid:roadmap_id}",
    response=RoadmapFullOut,
    operation_id="roadmap",
    url_name="roadmap",
    summary="Read a roadmap",
)
def roadmap(request: HttpRequest, roadmap_id: UUID) -> Any:
    """Return how far a roadmap is and, once it is ready, its plans or the demands that clash."""
    found = roadmap_for(request, roadmap_id, Action.VIEW).roadmap
    return {**_row(found), "result": found.result or None}


@router.delete(
    "/roadmaps/{uuid:roadmap_id}",
    response=RoadmapOut,
    operation_id="roadmap_delete",
    url_name="roadmap",
    summary="Delete a roadmap",
)
def delete(request: HttpRequest, roadmap_id: UUID) -> Any:
    """Delete a roadmap and return it as it was. Projects that were made of it stay."""
    found = roadmap_for(request, roadmap_id, Action.PLAN, light=True)
    row = _row(found.roadmap)
    roadmap_delete(roadmap=found.roadmap, by=found.access.user)
    return row


def _row(row: Roadmap) -> dict[str, Any]:
    return {
        "id": row.pk,
        "assessment": row.assessment_id,
        "status": row.status,
        "made_at": row.made_at,
        "ready_at": row.ready_at,
        "first_quarter": written(row.first),
        "goal": _goal(wishes_of(row.wishes)),
        "progress": row.progress or None,
        "problems": [{"path": item["path"], "zh": item["zh"], "en": item["en"]} for item in row.problems],
    }


def _goal(wishes: Wishes) -> dict[str, Any]:
    import msgspec

    return {name: getattr(wishes, name) for name in wishes.__struct_fields__ if name != "offers"} | {
        "offers": {name: msgspec.to_builtins(own) for name, own in wishes.offers.items()}
    }


@router.get(
    "/measures",
    response=list[MeasureOut],
    operation_id="measures",
    url_name="measures",
    summary="List the measures",
)
def measures(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return everything that roadmaps are made of, with costs, their source and how sure they are."""
    return [_measure(item) for item in engine.library().measures().measures.values()]


@router.get(
    "/measures/{str:measure}",
    response=MeasureOut,
    operation_id="measure",
    url_name="measure",
    summary="Read a measure",
)
def measure(request: HttpRequest, measure: str) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return one measure."""
    found = engine.library().measures().measures.get(measure)
    if found is None:
        raise not_found()
    return _measure(found)


def _measure(item: Measure) -> dict[str, Any]:
    catalogue = engine.library().measures()
    return {
        "id": item.id,
        "title": text(item.title),
        "summary": text(item.summary),
        "first_step": text(item.first_step),
        "raises": [
            {"capability": raised.capability, "from": raised.from_, "to": raised.to} for raised in item.raises
        ],
        "needs": {"capabilities": dict(item.needs.capabilities), "measures": list(item.needs.measures)},
        "excludes": list(item.excludes),
        "cost": {
            "currency": item.cost.currency,
            "year": item.cost.year,
            "one_off": _part(item.cost.one_off),
            "yearly": _part(item.cost.yearly),
            "certainty": catalogue.certainty_of(item, item.cost),
            "source": text(catalogue.source_of(item, item.cost).title),
        },
        "weeks": list(item.weeks),
        "staff": dict(item.staff),
        "risk": item.risk,
    }


def _part(part: CostPart) -> dict[str, list[int]]:
    return {
        "fixed": list(part.fixed),
        "per_user": list(part.per_user),
        "per_machine": list(part.per_machine),
    }


@router.get(
    "/enterprises/{uuid:enterprise_id}/projects",
    response=PageOut[ProjectOut],
    operation_id="projects",
    url_name="projects",
    summary="List the projects",
)
def projects(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the projects of an enterprise with their milestones, the latest first."""
    access = enterprise_for(request, enterprise_id, Action.VIEW)
    rows = Project.objects.filter(enterprise=access.enterprise).prefetch_related("milestones")
    return selectors.page(rows, page, _project)


def _project(row: Project) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "standard": row.standard,
        "status": row.status,
        "level": row.level,
        "currency": row.currency,
        "budget": row.budget,
        "made_at": row.made_at,
        "milestones": [_milestone(item) for item in row.milestones.all()],
    }


def _milestone(row: Milestone) -> dict[str, Any]:
    return {
        "id": row.pk,
        "measure": row.measure,
        "owner": row.owner,
        "begins": row.begins,
        "due": row.due,
        "status": row.status,
        "planned": row.planned,
        "spent": row.spent,
        "done_on": row.done_on,
        "raised": list(row.raised),
    }
