"""Locks a match for a write, once it is certain that the visitor may make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.core.refusals import RefusedError
from capillary.web.matches.models import Match
from capillary.web.matches.selectors import Visit

if TYPE_CHECKING:
    from capillary.matching.life import Act


def locked_for(visit: Visit, act: Act) -> Match:
    """Return the match, locked, once it is certain that the visitor may do something with it.

    Raises:
        RefusedError: he may not, and why.
    """
    row = (
        Match.objects.select_for_update(of=("self",))
        .select_related("need__enterprise", "provider__organisation")
        .get(pk=visit.match.pk)
    )
    against = Visit(visit.user, row, visit.side).hindrance(act)
    if against is not None:
        raise RefusedError(against)
    return row
