"""The catalogue of measures, open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.planning.catalogue import Wanted, in_short, measure_facts, measures_found, topics
from capillary.web.planning.starting import measures_start, plannable
from capillary.web.programmes.sizes import SIZES
from capillary.web.results.readable import needs_standard

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.measure import Measure

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
    page = Paginator(found.measures, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "hits": found.hits,
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
    """Show one measure: what it takes, costs and brings, what helps with it, and what it rests on."""
    found = _named(name)
    context = {"measure": found, "firms": plannable(request), **measure_facts(found)}
    return render(request, "planning/measure.html", context)


def _named(name: str) -> Measure:
    found = engine.library().measures().measures.get(name)
    if found is None:
        raise Http404
    return found


@require_http_methods(["POST"])
@needs_standard
@limited("roadmap", "120/h")
def start(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Put a measure into the plan of a firm, and show the plan that is made."""
    access = assessment_for(request, pk, Action.PLAN)
    found = _named(name)
    try:
        started = measures_start(
            assessment=access.assessment, measures=[name], weeks=found.weeks[1], by=access.user
        )
    except InputError as error:
        for problem in error.problems:
            messages.error(request, problem.in_(language()))
        return redirect("measure", name=name)
    if started.roadmap is None:
        if started.pins.there:
            said = _("Your answers show that you have it, so the plan stays as it is.")
        else:
            said = _("It makes no sense for a firm of your size or sector, so the plan stays as it is.")
        messages.info(request, said)
        return redirect("measure", name=name)
    said = _("“{title}” is in your plan and stays in any case.")
    messages.success(request, said.format(title=found.title.in_(language())))
    return redirect("roadmap", pk=started.roadmap.pk)
