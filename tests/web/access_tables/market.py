"""Who may use the addresses of the market."""

from __future__ import annotations

from typing import Any

from capillary.web.market.services import import_prepare, offer_publish, offer_submit

from ...market_kit import offer
from ..kit import PEOPLE, World
from ..market_kit import draft, named, publish, shop


def _public(what: str) -> Any:
    def args(_world: World) -> list[Any]:
        publish(offer("an-offer"))
        return [what]

    return args


def _draft(world: World) -> list[Any]:
    return [draft(world).pk]


def _waiting(world: World) -> list[Any]:
    row = draft(world)
    offer_submit(offer=row, by=None)
    return [row.pk]


def _changed(world: World) -> list[Any]:
    row = draft(world)
    offer_submit(offer=row, by=None)
    offer_publish(offer=row, by=None)
    shop(world, summary=named("别的", "Something else"))
    return [row.provider_id]


def _upload(world: World) -> list[Any]:
    return [import_prepare(provider=shop(world), by=None, offers=[offer("new")], file_name="a.csv").pk]


ALL, OWN, OFFICER = set(PEOPLE), {"provider"}, {"officer"}
BOTH = {"GET": OWN, "POST": OWN}
TABLE: dict[str, dict[str, set[str]]] = {
    "market": {"GET": ALL},
    "market-offer": {"GET": ALL},
    "market-provider": {"GET": ALL},
    "assessment-offers": {"GET": {"owner", "colleague", "adviser"}},
    "market-mine": {"GET": OWN},
    "market-profile": BOTH,
    "market-new": BOTH,
    "market-table": {"GET": OWN},
    "market-upload": BOTH,
    "market-import": BOTH,
    "market-edit": BOTH,
    "market-bonds": BOTH,
    "market-bond-end": {"POST": OWN},
    "market-submit": {"POST": OWN},
    "market-withdraw": {"POST": OWN},
    "market-review": {"GET": OFFICER},
    "market-review-offer": {"GET": OFFICER, "POST": OFFICER},
    "market-review-provider": {"GET": OFFICER, "POST": OFFICER},
}
ARGS = {
    "market-offer": _public("an-offer"),
    "market-provider": _public("p"),
    "market-import": _upload,
    "market-edit": _draft,
    "market-bond-end": lambda world: [shop(world) and "somebody"],
    "market-submit": _draft,
    "market-withdraw": _draft,
    "market-review-offer": _waiting,
    "market-review-provider": _changed,
}
