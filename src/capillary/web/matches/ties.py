"""Who sells to a firm: a bond of those who assess it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.matching.life import BOUND
from capillary.model.text import Text, msg
from capillary.web.accounts.models import Position
from capillary.web.market.bonds import bound_organisations
from capillary.web.matches.models import Match

if TYPE_CHECKING:
    from uuid import UUID

    from capillary.model.text import Message


def sells_to(user: int, enterprise: UUID) -> list[Message]:
    """Return why a user is bound to a firm: he works for a provider that has a contract with it, or for one bound to it."""
    rows = Match.objects.filter(need__enterprise=enterprise, status__in=BOUND).select_related("provider")
    providers = {row.provider_id: row.provider for row in rows}
    mine = (
        set(Position.objects.filter(user=user).values_list("organisation_id", flat=True))
        if providers
        else set()
    )
    found = []
    for provider in providers.values():
        name = Text(zh=provider.name_zh, en=provider.name_en)
        if provider.organisation_id in mine:
            found.append(msg("The assessor works for {name}, which sells to this firm.", name=name))
        elif mine & bound_organisations(provider).keys():
            found.append(
                msg(
                    "The assessor works for an organisation that is bound to {name}, which sells to this firm.",
                    name=name,
                )
            )
    return found
