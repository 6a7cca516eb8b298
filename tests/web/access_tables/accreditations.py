"""Who may use the addresses of accreditations."""

from __future__ import annotations

from typing import Any

from ..accreditation_kit import application, desk_of, paper_of, submitted
from ..kit import World

PROVIDER, OFFICE = {"provider"}, {"officer"}
OF_PROVIDER = ("papers", "submit", "withdraw", "appeal")
OF_OFFICE = ("propose", "confirm", "return")


def _request(world: World) -> list[Any]:
    return [submitted(world).pk]


def _draft(world: World) -> list[Any]:
    return [application(world).pk]


def _paper(world: World) -> list[Any]:
    found = paper_of(world)
    return [found.request_id, found.pk]


TABLE: dict[str, dict[str, set[str]]] = {
    "accreditations": {"GET": PROVIDER},
    "accreditation-facts": {"GET": PROVIDER, "POST": PROVIDER},
    "accreditation-start": {"POST": PROVIDER},
    "accreditation": {"GET": PROVIDER | OFFICE},
    "accreditation-paper": {"GET": PROVIDER | OFFICE},
    "accreditation-paper-remove": {"POST": PROVIDER},
    **{f"accreditation-{name}": {"POST": PROVIDER} for name in OF_PROVIDER},
    "accreditation-check": {"GET": OFFICE, "POST": OFFICE},
    **{f"accreditation-{name}": {"POST": OFFICE} for name in OF_OFFICE},
    "office-accreditations": {"GET": OFFICE},
    "accreditation-desk-new": {"GET": OFFICE, "POST": OFFICE},
    "accreditation-desk": {"GET": OFFICE, "POST": OFFICE},
}
ARGS = {
    "accreditation-start": lambda world: [desk_of(world).pk],
    "accreditation-desk": lambda world: [desk_of(world).pk],
    "accreditation": _request,
    "accreditation-paper": _paper,
    "accreditation-paper-remove": _paper,
    **{f"accreditation-{name}": _draft for name in OF_PROVIDER},
    "accreditation-check": lambda world: [submitted(world).pk, "provider_identity_checked"],
    **{f"accreditation-{name}": _request for name in OF_OFFICE},
}
