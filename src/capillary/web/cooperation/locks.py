"""Locks an interest for a write, once it is certain that the visitor may make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.cooperation.models import Interest
from capillary.web.cooperation.selectors import Visit
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    from capillary.matching.partner_life import InterestAct


def locked_for(visit: Visit, act: InterestAct) -> Interest:
    """Return the interest, locked, once it is certain that the visitor may do something with it.

    Raises:
        RefusedError: they may not, and why.
        Interest.DoesNotExist: it was erased meanwhile.
    """
    row = (
        Interest.objects.select_for_update(of=("self",))
        .select_related("profile__enterprise", "enterprise")
        .get(pk=visit.interest.pk)
    )
    against = Visit(visit.user, row, visit.side, signs=visit.signs, both=visit.both).hindrance(act)
    if against is not None:
        raise RefusedError(against)
    return row
