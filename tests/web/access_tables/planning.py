"""Who may use the addresses of the roadmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.planning.models import Roadmap

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

READERS = {"owner", "colleague", "adviser", "assessor", "officer"}
PLANNERS = {"owner", "colleague", "adviser"}

TABLE = {
    "assessment-plan": {"GET": READERS, "POST": PLANNERS},
    "roadmap": {"GET": READERS},
    "roadmap-state": {"GET": READERS},
    "roadmap-change": {"POST": PLANNERS},
    "roadmap-again": {"POST": PLANNERS},
    "roadmap-renew": {"POST": PLANNERS},
    "roadmap-delete": {"POST": PLANNERS},
    "roadmap-offers": {"POST": PLANNERS},
    "roadmap-pdf": {"GET": READERS},
    "roadmap-xlsx": {"GET": READERS},
    "roadmap-json": {"GET": READERS},
    "measures": {"GET": set(PEOPLE)},
    "measure": {"GET": set(PEOPLE)},
}


def _roadmap(world: World) -> list[object]:
    made = Roadmap.objects.create(
        assessment=world.assessment,
        status=Roadmap.Status.READY,
        wishes={"by": "2030-Q4"},
        first_year=2027,
        first_quarter=1,
    )
    return [made.pk]


ARGS = {
    **{name: _roadmap for name in TABLE if name.startswith("roadmap")},
    "measure": lambda _world: ["crm-cloud"],
}
