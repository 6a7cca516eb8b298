"""Who may use the addresses of offerings of places and of requests."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from capillary.web.places.models import Draw, Offering, PlaceRequest, Provider

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

FIRM = {"owner", "colleague"}
OFFICE = {"officer"}
EVERYBODY = set(PEOPLE)
OF_FIRM = ("place-object", "place-withdraw", "place-accept", "place-decline")
OF_OFFICE = (
    "office-provider-add",
    "office-providers-load",
    "office-provider-remove",
    "office-offering-open",
    "office-offering-close",
    "office-offering-draw",
    "office-draw-confirm",
    "office-draw-refuse",
    "office-draw-repeat",
    "office-places-expire",
    "office-attendance",
)

TABLE: dict[str, dict[str, set[str]]] = {
    "offerings": {"GET": EVERYBODY},
    "offering": {"GET": EVERYBODY},
    "place-ask": {"GET": FIRM, "POST": FIRM},
    "enterprise-places": {"GET": FIRM},
    "place": {"GET": FIRM},
    **{name: {"POST": FIRM} for name in OF_FIRM},
    "office-offerings": {"GET": OFFICE},
    "office-offering-new": {"GET": OFFICE, "POST": OFFICE},
    "office-offering": {"GET": OFFICE},
    "office-offering-edit": {"GET": OFFICE, "POST": OFFICE},
    **{name: {"POST": OFFICE} for name in OF_OFFICE},
    "office-exclusion": {"GET": OFFICE, "POST": OFFICE},
    "office-offering-events": {"GET": OFFICE},
    "office-requests-export": {"GET": OFFICE},
    "office-draw-file": {"GET": OFFICE},
}


def offering_of(world: World) -> Offering:
    """Return an offering whose draw is published."""
    today = timezone.localdate()
    row = Offering.objects.create(
        organisation=world.organisation,
        code="security-1",
        kind="security",
        title_zh="安全",
        title_en="Security",
        state="published",
        seed=7,
        key="00",
        commitment="00",
        opens_on=today - dt.timedelta(days=1),
        closes_on=today + dt.timedelta(days=1),
    )
    drawn = Draw(offering=row, firms="firm\n", providers="provider,capacity\n", seed=7)
    drawn.state = {"got": {}, "gone": [], "fixed": []}
    drawn.save()
    return row


def _provider(world: World) -> list[Any]:
    row = offering_of(world)
    return [row.pk, Provider.objects.create(offering=row, name="Lab", capacity=1).pk]


def _exclusion(world: World) -> list[Any]:
    (pk,) = _request(world)
    return [PlaceRequest.objects.get(pk=pk).offering_id, pk]


def _request(world: World) -> list[Any]:
    row = PlaceRequest.objects.create(
        offering=offering_of(world), number=1, enterprise=world.enterprise, asked_on=timezone.localdate()
    )
    return [row.pk]


ARGS = {
    **dict.fromkeys(
        (
            "offering",
            "office-offering",
            "office-offering-edit",
            "office-offering-events",
            *(name for name in OF_OFFICE if name != "office-provider-remove"),
        ),
        lambda world: [offering_of(world).pk],
    ),
    "place-ask": lambda world: [offering_of(world).pk, world.enterprise.pk],
    "enterprise-places": lambda world: [world.enterprise.pk],
    "office-provider-remove": _provider,
    "office-exclusion": _exclusion,
    "office-requests-export": lambda world: [offering_of(world).pk, "csv"],
    "office-draw-file": lambda world: [offering_of(world).pk, "firms"],
    **dict.fromkeys(("place", *OF_FIRM), _request),
}
