"""Locks an application for a write, once it is certain that the visitor may make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.web.applications.models import Application
from capillary.web.applications.refusals import NotNowError
from capillary.web.applications.selectors import Visit
from capillary.web.enterprises.models import Enterprise

if TYPE_CHECKING:
    from capillary.incentives.applying import Act


def locked_for(visit: Visit, act: Act) -> Application:
    """Return the application, locked, once it is certain that the visitor may do something with it.

    Raises:
        NotNowError: he may not, and why.
    """
    # the enterprise comes first everywhere, as in an erasure, so that nobody waits for each other
    Enterprise.objects.select_for_update().get(pk=visit.application.enterprise_id)
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("call__organisation", "enterprise", "assessment")
        .filter(pk=visit.application.pk)
        .order_by()
        .first()
    )
    if row is None:
        raise NotNowError(msg("The enterprise has been erased, and its application with it."))
    fresh = Visit(visit.user, row, visit.side, visit.roles)
    against = fresh.hindrance(act)
    if against is not None:
        raise NotNowError(against)
    return row
