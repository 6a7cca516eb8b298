"""Who may use the addresses of the projects."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from capillary.web.planning.models import Roadmap
from capillary.web.projects.models import Milestone, Project

from ..outcome_kit import finished

if TYPE_CHECKING:
    from ..kit import World

READERS = {"owner", "colleague", "adviser", "assessor", "officer"}
WORKERS = {"owner", "colleague", "adviser"}

TABLE = {
    "enterprise-projects": {"GET": READERS},
    "project-start": {"POST": WORKERS},
    "project": {"GET": READERS},
    "project-csv": {"GET": READERS},
    "project-end": {"POST": WORKERS},
    "project-delete": {"POST": WORKERS},
    "project-outcome": {"GET": WORKERS, "POST": WORKERS},
    "milestone": {"GET": WORKERS, "POST": WORKERS},
    "milestone-complete": {"GET": WORKERS, "POST": WORKERS},
    "milestone-reopen": {"POST": WORKERS},
}


def _roadmap(world: World) -> list[object]:
    made = Roadmap.objects.create(
        assessment=world.assessment,
        status=Roadmap.Status.READY,
        wishes={"by": "2030-Q4"},
        result={"plans": [{"measures": [], "aims": []}], "goal": {"level": 2}, "currency": "CNY"},
        first_year=2027,
        first_quarter=1,
    )
    return [made.pk, 0]


def _project(world: World) -> list[object]:
    made = Project.objects.create(
        enterprise=world.enterprise, standard=world.assessment.standard, name="A project", currency="CNY"
    )
    return [made.pk]


def _milestone(world: World) -> list[object]:
    (project,) = _project(world)
    made = Milestone.objects.create(
        project_id=project,
        number=1,
        measure="crm-cloud",
        begins=dt.date(2027, 1, 1),
        due=dt.date(2027, 3, 31),
    )
    return [project, made.pk]


ARGS = {
    "enterprise-projects": lambda world: [world.enterprise.pk],
    "project-start": _roadmap,
    "project-outcome": lambda world: [finished(world.enterprise).pk],
    **dict.fromkeys(("project", "project-csv", "project-end", "project-delete"), _project),
    **dict.fromkeys(("milestone", "milestone-complete", "milestone-reopen"), _milestone),
}
