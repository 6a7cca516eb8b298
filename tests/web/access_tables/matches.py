"""Who may use the addresses of needs and matches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from capillary.web.matches import letters, services
from capillary.web.matches.models import Match, MatchMessage, Need, Quote

from ..kit import PEOPLE, World
from ..match_kit import PDF, advanced, need, published, seen, sent
from ..outcome_kit import MEASURES

Args = Callable[[World], list[Any]]


def _need(world: World) -> list[Any]:
    published(world, "crm")
    return [need(world).pk]


def _match(world: World) -> Match:
    published(world, "crm")
    row: Need = need(world)
    return sent(world, row)


def _sent(world: World) -> list[Any]:
    return [_match(world).pk]


def _taken(world: World) -> list[Any]:
    return [advanced(world, _match(world), "taken").pk]


def _measured(world: World) -> list[Any]:
    """Return a match that has delivered a scenario."""
    row = advanced(world, _match(world), "measured")
    row.offer["measures"] = list(MEASURES)
    row.save()
    Need.objects.filter(pk=row.need_id).update(measures=list(MEASURES))
    return [row.pk]


def _complained(world: World) -> list[Any]:
    row = advanced(world, _match(world), "taken")
    services.complaint_make(visit=seen(world, row, "owner"), text="Late")
    return [row.pk]


def _file(model: Any, **parts: Any) -> Args:
    def args(world: World) -> list[Any]:
        row = advanced(world, _match(world), "taken")
        found = model(match=row, file_name="a.pdf", file_type="application/pdf", file_size=9, **parts)
        found.file.save("a.pdf", ContentFile(PDF), save=False)
        found.save()
        return [row.pk, found.pk]

    return args


QUOTE = {"number": 1, "one_off": 1, "currency": "CNY", "weeks": 1, "valid_until": timezone.localdate()}
ALL, SIGNED_IN = set(PEOPLE), set(PEOPLE) - {"anonymous", "holder"}
FIRM, OWNER, SHOP = {"owner", "colleague", "adviser"}, {"owner"}, {"provider"}
BOTH = {"POST": OWNER | SHOP}
TABLE: dict[str, dict[str, set[str]]] = {
    "need-new": {"GET": OWNER, "POST": OWNER},
    "enterprise-needs": {"GET": FIRM},
    "need": {"GET": FIRM},
    "need-send": {"POST": OWNER},
    "need-close": {"POST": OWNER},
    "need-interest": {"POST": SHOP},
    "leads": {"GET": SHOP},
    "complaints": {"GET": {"officer"}},
    "market-figures": {"GET": ALL},
    "market-figures-csv": {"GET": ALL},
    "match-letters": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    # the token in the address is the key
    "match-unsubscribe": {"GET": ALL, "POST": ALL},
    "match": {"GET": FIRM | SHOP},
    "match-accept": {"POST": OWNER},
    "match-refuse": BOTH,
    "match-withdraw": BOTH,
    "match-take": {"POST": SHOP},
    "match-message": {"POST": FIRM | SHOP | {"officer"}},
    "match-message-file": {"GET": FIRM | SHOP},
    "match-quote": {"POST": SHOP},
    "match-quote-file": {"GET": FIRM | SHOP},
    "match-return": {"POST": OWNER},
    "match-contract": {"POST": OWNER},
    "match-deliver": {"POST": SHOP},
    "match-confirm": {"POST": OWNER},
    "match-reject": {"POST": OWNER},
    "match-measure": {"POST": {"owner", "colleague", "adviser"}},
    "match-rate": {"POST": OWNER},
    "match-complain": BOTH,
    "match-drop": BOTH,
    "match-settle": {"POST": {"officer"}},
    "match-outcome": {"GET": FIRM, "POST": FIRM},
}
ON_SENT = ("match", "match-take", "match-accept", "match-withdraw", "match-refuse", "match-return")
ON_TAKEN = (
    "match-quote",
    "match-contract",
    "match-deliver",
    "match-confirm",
    "match-reject",
    "match-measure",
    "match-rate",
    "match-complain",
)
ARGS: dict[str, Args] = {
    "need": _need,
    "need-send": _need,
    "need-close": _need,
    "need-interest": _need,
    "match-unsubscribe": lambda world: [letters.token_of(world.users["owner"])],
    "match-message": _complained,
    "match-message-file": _file(MatchMessage, side="firm", text="A file"),
    "match-quote-file": _file(Quote, **QUOTE),
    "match-settle": _complained,
    "match-outcome": _measured,
    "match-drop": _complained,
    **dict.fromkeys(ON_SENT, _sent),
    **dict.fromkeys(ON_TAKEN, _taken),
}
