"""Who may use which address of the programme officers' part, with which method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.kit import World

OFFICER = {"officer"}
READ = {"GET": OFFICER, "HEAD": OFFICER}
TABLE: dict[str, dict[str, set[str]]] = {
    "programme-list": READ,
    "programme-new": {**READ, "POST": OFFICER},
    "programme-enterprises": READ,
    "programme-edit": {**READ, "POST": OFFICER},
    "programme-invite": READ,
    "programme-cohort": {"POST": OFFICER},
    "programme-export": READ,
    "programme-view-save": {"POST": OFFICER},
    "programme-view-change": {"POST": OFFICER},
    "programme-dashboard": READ,
    "programme-figures": READ,
}


def _view(world: World) -> list[Any]:
    from capillary.web.programmes.models import SavedView

    view = SavedView.objects.create(
        programme=world.programme, user=world.users["officer"], name=f"View {SavedView.objects.count()}"
    )
    return [world.programme.pk, view.pk]


def _table(world: World) -> list[Any]:
    """Fill the dashboard: without figures it has no table."""
    from capillary.web.programmes.models import Aggregate

    Aggregate.objects.get_or_create(
        programme=world.programme, grouping="region", key="CN-JS", part="1", defaults={"count": 40}
    )
    return [world.programme.pk, "region"]


ARGS: dict[str, Callable[[World], list[Any]]] = {
    "programme-list": lambda _world: [],
    "programme-new": lambda _world: [],
    "programme-view-change": _view,
    "programme-figures": _table,
}
