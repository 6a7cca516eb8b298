"""The page of an assessment with what the market has for its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from capillary.web.access import Action, assessment_for
from capillary.web.market.forms import DemandForm
from capillary.web.market.plan import plan_offers
from capillary.web.results.readable import needs_standard

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE = 20


@require_safe
@never_cache
@needs_standard
def offers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the offers that fit a plan, with reasons, what was ruled out and why, and bundles where they are asked for."""
    access = assessment_for(request, pk, Action.PLAN)
    form = DemandForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    number = request.GET.get("plan", "0")
    found = plan_offers(
        access.assessment,
        asked,
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
        bundled="bundle" in request.GET,
    )
    page = Paginator(found.ranking.matches, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "access": access,
        "assessment": access.assessment,
        "form": form,
        "found": found,
        "page": page,
        "matches": [(match, found.reasons(match)) for match in page],
        "query": query.urlencode(),
        "plans": range(found.plan.count),
    }
    return render(request, "market/plan.html", context, status=422 if form.errors else 200)
