"""The dashboard of a programme, and each of its tables as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from capillary.web.access import programme_for
from capillary.web.programmes.aggregates import REFRESH_MINUTES, aggregates_refresh, refresh_wanted
from capillary.web.programmes.dashboard import dashboard_of, figure_text
from capillary.web.programmes.exports import csv_bytes
from capillary.web.programmes.tasks import refresh_figures

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

PUBLICATION = "publication"  # in the address: small figures are held back


@require_safe
@never_cache
def dashboard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the figures as they were worked out last; ask for new ones in the background where they are old.

    The very first time they are worked out at once: there is nothing to show before.
    """
    programme = programme_for(request, pk)
    if programme.figures_at is None:
        aggregates_refresh(programme=programme)
    elif refresh_wanted(programme=programme):
        refresh_figures.enqueue(str(pk))
    programme.refresh_from_db(fields=["figures_at", "figures_asked_at"])
    context = {
        "programme": programme,
        "dashboard": dashboard_of(programme, publication=PUBLICATION in request.GET),
        "publication": PUBLICATION in request.GET,
        "on_the_way": programme.figures_on_the_way,
        "minutes": REFRESH_MINUTES,
        "tab": "dashboard",
    }
    return render(request, "programmes/dashboard.html", context)


@require_safe
def table(request: HttpRequest, pk: UUID, table: str) -> HttpResponse:
    """Send one table of the dashboard as CSV, with the same figures held back as on the page that it was asked from."""
    programme = programme_for(request, pk)
    shown = dashboard_of(programme, publication=PUBLICATION in request.GET)
    found = next((item for item in shown.tables if item.id == table), None)
    if found is None:
        raise Http404
    rows = [[row.title, *(_value(cell, found) for cell in row.cells)] for row in found.rows]
    body = csv_bytes([[found.first, *found.columns], *rows])
    name = f"{programme.code}-{found.id}-{timezone.localdate():%Y-%m-%d}.csv"
    return HttpResponse(
        body,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _value(cell: object, found: object) -> object:
    return figure_text(cell, found) if cell.count is None else cell.count
