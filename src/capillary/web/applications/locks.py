"""Locks an application for a write, once it is certain that the visitor may make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.applications.models import Application
from capillary.web.applications.refusals import RefusedError
from capillary.web.applications.selectors import Visit

if TYPE_CHECKING:
    from capillary.incentives.applying import Act


def locked_for(visit: Visit, act: Act) -> Application:
    """Return the application, locked, once it is certain that the visitor may do something with it.

    Raises:
        RefusedError: he may not, and why.
    """
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("call__organisation", "enterprise", "assessment")
        .get(pk=visit.application.pk)
    )
    fresh = Visit(visit.user, row, visit.side, visit.roles)
    against = fresh.hindrance(act)
    if against is not None:
        raise RefusedError(against)
    return row
