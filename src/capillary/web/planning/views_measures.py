"""The catalogue of measures, open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from capillary.web import engine
from capillary.web.planning.catalogue import Wanted, in_short, measure_facts, measures_found, topics
from capillary.web.programmes.sizes import SIZES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PER_PAGE = 20
LONGEST = 100


@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """List the measures, by words, capability, cost and size of the firm."""
    wanted = Wanted(
        request.GET.get("q", "")[:LONGEST],
        request.GET.get("area", ""),
        request.GET.get("cost", ""),
        request.GET.get("size", ""),
    )
    found = measures_found(wanted)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "page": page,
        "items": [(item, item.is_free, in_short(item)) for item in page],
        "all": len(engine.library().measures().measures),
        "areas": topics(),
        "costs": [("free", _("No money")), ("paid", _("Costs money"))],
        "sizes": [(size.id, size.title) for size in SIZES],
        "query": _query(wanted),
    }
    return render(request, "planning/measures.html", context)


def _query(wanted: Wanted) -> str:
    """Return the search as it stands in the address, for the links to other pages."""
    from urllib.parse import urlencode

    given = {"q": wanted.text, "area": wanted.area, "cost": wanted.cost, "size": wanted.size}
    return urlencode({name: value for name, value in given.items() if value})


@require_safe
def measure(request: HttpRequest, name: str) -> HttpResponse:
    """Show one measure: what it takes, costs and brings, and what it rests on."""
    found = engine.library().measures().measures.get(name)
    if found is None:
        raise Http404
    return render(request, "planning/measure.html", {"measure": found, **measure_facts(found)})
