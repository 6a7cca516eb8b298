"""Who may use the addresses of the market."""

from __future__ import annotations

from typing import Any

from ...market_kit import offer
from ..kit import PEOPLE, World
from ..market_kit import publish


def _public(what: str) -> Any:
    def args(_world: World) -> list[Any]:
        publish(offer("an-offer"))
        return [what]

    return args


TABLE = {
    "market": {"GET": set(PEOPLE)},
    "market-offer": {"GET": set(PEOPLE)},
    "market-provider": {"GET": set(PEOPLE)},
}
ARGS = {
    "market-offer": _public("an-offer"),
    "market-provider": _public("p"),
}
