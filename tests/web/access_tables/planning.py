"""Who may use the addresses of the roadmaps."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.model.text import Text
from capillary.report.roadmap.page import Foot, RoadmapPage
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.pages import kept
from capillary.web.planning.services import roadmap_link_make

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
    "roadmap-share": {"GET": {"owner"}, "POST": {"owner"}},
    "roadmap-link-withdraw": {"POST": {"owner"}},
    "shared-roadmap": {"GET": set(PEOPLE)},
    "measures": {"GET": set(PEOPLE)},
    "measure": {"GET": set(PEOPLE)},
    "measure-start": {"POST": PLANNERS},
}


def roadmap_without_a_plan(world: World) -> Roadmap:
    """Return a roadmap without a plan."""
    words = Text(zh="无", en="none")
    page = RoadmapPage(
        *(words,) * 4,
        facts=(),
        standings=(),
        rungs=(),
        demands=(),
        clash=None,
        nothing=words,
        same=(),
        comparisons=(),
        chances=None,
        tradeoffs=(),
        notices=(),
        details=(),
        foot=Foot(assumed=(), doubts=False, sources=(), product="Capillary"),
    )
    return Roadmap.objects.create(
        assessment=world.assessment,
        status=Roadmap.Status.READY,
        wishes={"by": "2030-Q4"},
        first_year=2027,
        first_quarter=1,
        page=kept(page),
        result={"plans": []},
    )


def _link(world: World) -> list[object]:
    link = RoadmapLink.objects.create(
        roadmap=roadmap_without_a_plan(world),
        token_hash=uuid.uuid4().hex,
        expires_at=timezone.now() + timedelta(days=1),
    )
    return [link.roadmap_id, link.pk]


def _token(world: World) -> list[object]:
    owner = world.users["owner"]
    return [
        roadmap_link_make(roadmap=roadmap_without_a_plan(world), by=owner, days=7, identifier=uuid.uuid4())
    ]


ARGS = {
    **{
        name: lambda world: [roadmap_without_a_plan(world).pk] for name in TABLE if name.startswith("roadmap")
    },
    "roadmap-link-withdraw": _link,
    "shared-roadmap": _token,
    "measure": lambda _world: ["crm-cloud"],
    "measure-start": lambda world: [world.assessment.pk, "crm-cloud"],
}
