"""Reads of the projects."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils import timezone

from capillary.roadmap.quarters import moved
from capillary.web import engine
from capillary.web.access import SignInNeeded, enterprise_for
from capillary.web.assessments.models import Assessment
from capillary.web.core.language import language
from capillary.web.outcomes.services import Done, Source
from capillary.web.planning.forms import quarter_label
from capillary.web.projects.models import Milestone, Project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.web.access import Access, Action
    from capillary.web.enterprises.models import Enterprise


@dataclass(frozen=True)
class ProjectAccess:
    """A visitor who was let in to a project."""

    access: Access
    project: Project


def project_for(request: HttpRequest, pk: UUID, action: Action) -> ProjectAccess:
    """Return a project and the visitor's roles on its enterprise.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor may not do this, or there is no such project.
    """
    project = Project.objects.filter(pk=pk).first()
    if project is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    access = enterprise_for(request, project.enterprise_id, action)
    project.enterprise = access.enterprise
    return ProjectAccess(access, project)


def measure_title(name: str) -> str:
    """Return the title of a measure; its id where it is not in the catalogue any more."""
    found = engine.library().measures().measures.get(name)
    return found.title.in_(language()) if found else name


@dataclass(frozen=True)
class Shown:
    """A milestone with the title of its measure, whether it is late, and its first step."""

    milestone: Milestone
    title: str
    first_step: str
    is_late: bool


@dataclass(frozen=True)
class Quarter:
    """The milestones that are due in one quarter."""

    title: str
    rows: Sequence[Shown]


@dataclass(frozen=True)
class Progress:
    """How far a project is, in milestones and money; what is given up does not count."""

    done: int
    all: int
    late: int
    planned: int
    spent: int

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return round(100 * self.done / self.all) if self.all else 0


def quarters_of(milestones: Sequence[Milestone]) -> list[Quarter]:
    """Return milestones by the quarter in which they are due."""
    measures = engine.library().measures().measures
    today = timezone.localdate()
    found: dict[tuple[int, int], list[Shown]] = {}
    for item in sorted(milestones, key=lambda item: (item.due, item.number)):
        quarter = moved((item.due.year, 1), (item.due.month - 1) // 3)
        measure = measures.get(item.measure)
        step = "" if measure is None else measure.first_step.in_(language())
        found.setdefault(quarter, []).append(
            Shown(item, measure_title(item.measure), step, item.is_late(today))
        )
    return [Quarter(quarter_label(quarter), rows) for quarter, rows in found.items()]


def progress_of(milestones: Sequence[Milestone]) -> Progress:
    """Return how far the project of some milestones is."""
    today = timezone.localdate()
    counted = [item for item in milestones if item.status != Milestone.Status.DROPPED]
    return Progress(
        done=sum(item.status == Milestone.Status.DONE for item in counted),
        all=len(counted),
        late=sum(item.is_late(today) for item in counted),
        planned=sum(item.planned for item in counted),
        spent=sum(item.spent for item in milestones),
    )


def levels_of(project: Project) -> tuple[int | None, int | None]:
    """Return the firm's level before and after a project, by its own answers, each only where it is certain.

    Before is the last assessment that was completed when the project began; after is the latest one, where it was changed
    after the last milestone was done.
    """
    rows = Assessment.objects.filter(enterprise=project.enterprise_id, standard=project.standard).order_by(
        "number"
    )
    done_on = max((item.done_on for item in project.milestones.all() if item.done_on), default=None)
    before: int | None = None
    after: int | None = None
    for item in rows.only("level_low", "level_high", "completed_at", "changed_at"):
        level = item.level_low if item.certain else None
        if item.completed_at is not None and item.completed_at <= project.made_at:
            before = level
        elif done_on is not None and timezone.localdate(item.changed_at) >= done_on:
            after = level
    return before, after


def source_of(project: Project) -> Source:
    """Return what of a project is done, for telling what came of it."""
    done = {
        item.measure: Done(Decimal(item.spent), min(item.begins, item.done_on), item.done_on)
        for item in project.milestones.all()
        if item.status == Milestone.Status.DONE and item.done_on is not None
    }
    return Source(
        project.enterprise, {"project_id": project.pk}, done, project.currency, levels=levels_of(project)
    )


def projects_of(enterprise: Enterprise) -> list[tuple[Project, Progress]]:
    """Return the projects of an enterprise with how far each is, the latest first."""
    rows = Project.objects.filter(enterprise=enterprise).prefetch_related("milestones")
    return [(row, progress_of(list(row.milestones.all()))) for row in rows]
