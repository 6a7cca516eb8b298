"""The catalogue of measures, open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.planning.selectors import Wanted, is_free, measure_facts, measures_found

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PER_PAGE = 20
LONGEST = 100


@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """List the measures, by words, area and cost."""
    wanted = Wanted(
        request.GET.get("q", "")[:LONGEST], request.GET.get("area", ""), request.GET.get("cost", "")
    )
    found = measures_found(wanted)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    areas = [(area.id, area.title.in_(language())) for area in engine.library().areas()]
    context = {
        "wanted": wanted,
        "page": page,
        "items": [(item, is_free(item)) for item in page],
        "all": len(engine.library().measures().measures),
        "areas": areas,
        "costs": [("free", _("No money")), ("paid", _("Costs money"))],
        "query": _query(wanted),
    }
    return render(request, "planning/measures.html", context)


def _query(wanted: Wanted) -> str:
    """Return the search as it stands in the address, for the links to other pages."""
    from urllib.parse import urlencode

    given = {"q": wanted.text, "area": wanted.area, "cost": wanted.cost}
    return urlencode({name: value for name, value in given.items() if value})


@require_safe
def measure(request: HttpRequest, name: str) -> HttpResponse:
    """Show one measure: what it takes, costs and brings, and what it rests on."""
    found = engine.library().measures().measures.get(name)
    if found is None:
        raise Http404
    return render(request, "planning/measure.html", {"measure": found, **measure_facts(found)})
