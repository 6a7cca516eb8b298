"""The two kinds of links with a secret: to a result and to a roadmap."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from capillary.web.planning.models import RoadmapLink
from capillary.web.results.models import ShareLink

from .access_tables.planning import roadmap_without_a_plan
from .kit import World


@dataclass(frozen=True)
class Kind:
    """A kind of link.

    Attributes:
        model: of its rows.
        page, withdraw, opens: names of its addresses.
        audit: what its entries in the audit log begin with.
        admin: the name of its list in the administration.
        of, other: the id of what the world's links show, and of another such thing of the same enterprise.
    """

    model: Any
    page: str
    withdraw: str
    opens: str
    audit: str
    admin: str
    of: Callable[[World], Any]
    other: Callable[[World], Any]

    def address(self, world: World) -> str:
        """Return the address of the page on which links are made."""
        return reverse(self.page, args=[self.of(world)])

    def withdraw_address(self, world: World) -> str:
        """Return the address that withdraws the only link."""
        return reverse(self.withdraw, args=[self.of(world), self.model.objects.get().pk])

    def make(self, world: World, **fields: object) -> str:
        """Make a link as the owner and return its address."""
        posted = {"link": str(uuid.uuid4()), "days": "30", **fields}
        page = world.client("owner").post(self.address(world), posted)
        found = re.search(r'value="(http[^"]+/shared/[^"]+)"', page.content.decode())
        assert found
        return found[1].removeprefix("http://testserver")


def _roadmap(world: World) -> Any:
    if "roadmap" not in world.extra:
        world.extra["roadmap"] = roadmap_without_a_plan(world)
    return world.extra["roadmap"].pk


RESULT = Kind(
    ShareLink,
    "assessment-share",
    "share-withdraw",
    "shared-result",
    "share-link",
    "admin:results_sharelink",
    lambda world: world.assessment.pk,
    lambda world: world.earlier.pk,
)
ROADMAP = Kind(
    RoadmapLink,
    "roadmap-share",
    "roadmap-link-withdraw",
    "shared-roadmap",
    "roadmap-link",
    "admin:planning_roadmaplink",
    _roadmap,
    lambda world: roadmap_without_a_plan(world).pk,
)
