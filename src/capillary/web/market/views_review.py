"""The officer's pages: what waits for review, and one offer with what it would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import audit_write, belongs_to, reviewer
from capillary.web.market import services
from capillary.web.market.bonds import party_names, tie
from capillary.web.market.forms import ReturnForm
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.selectors import bound_to, changes_of, providers_waiting, waiting

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.text import Message

PER_PAGE = 50


@require_safe
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """List the offers that wait for review, the longest first."""
    bound = bound_to(reviewer(request))
    page = Paginator(waiting(bound), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "providers": providers_waiting(bound)[:PER_PAGE]}
    return render(request, "market/queue.html", context)


def _tied_page(request: HttpRequest, provider: MarketProvider, why: Message) -> HttpResponse:
    """Say to an officer who is bound to a provider that somebody else has to review it; note that it was tried."""
    if request.method == "POST":
        audit_write(request.user, "market-review-refused", None, f"{provider.code}: bound")
    return render(request, "market/tied.html", {"provider": provider, "why": why}, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an offer and what it would change; publish it or send it back with a reason."""
    user = reviewer(request)
    row = get_object_or_404(MarketOffer.objects.select_related("provider__organisation"), pk=pk)
    if belongs_to(user, row.provider.organisation) or row.state in {
        MarketOffer.State.DRAFT,
        MarketOffer.State.WITHDRAWN,
    }:
        raise Http404
    tied = tie(user, row.provider)
    if tied is not None:
        return _tied_page(request, row.provider, tied)
    form = ReturnForm(request.POST if "return" in request.POST else None)
    if request.method == "POST":
        try:
            if "publish" in request.POST:
                services.offer_publish(offer=row, by=user)
                messages.success(request, _("Published."))
                return redirect("market-review")
            if form.is_valid():
                services.offer_return(offer=row, by=user, reason=form.cleaned_data["reason"])
                messages.success(request, _("Sent back."))
                return redirect("market-review")
        except services.NotNowError:
            messages.error(request, _("The offer does not wait for review any more."))
            return redirect("market-review")
    item, provider = services.offer_of(row.data), services.provider_of(row.provider)
    context = {
        "row": row,
        "offer": item,
        "provider": provider,
        "party_names": party_names(bond.party for bond in provider.conflicts),
        "line": changes_of(row),
        "form": form,
        "waits": row.state == MarketOffer.State.SUBMITTED,
    }
    return render(request, "market/review.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_provider(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a provider says of itself, now and before; publish it or send it back with a reason."""
    user = reviewer(request)
    row = get_object_or_404(MarketProvider.objects.select_related("organisation"), pk=pk)
    if belongs_to(user, row.organisation) or row.public is None:
        raise Http404
    tied = tie(user, row)
    if tied is not None:
        return _tied_page(request, row, tied)
    form = ReturnForm(request.POST if "return" in request.POST else None)
    if request.method == "POST":
        try:
            if "publish" in request.POST:
                services.provider_publish(provider=row, by=user)
                messages.success(request, _("Published."))
                return redirect("market-review")
            if form.is_valid():
                services.provider_return(provider=row, by=user, reason=form.cleaned_data["reason"])
                messages.success(request, _("Sent back."))
                return redirect("market-review")
        except services.NotNowError:
            messages.error(request, _("This does not wait for review any more."))
            return redirect("market-review")
    now, before = services.provider_of(row), services.provider_from(row.public)
    context = {
        "row": row,
        "now": now,
        "before": before,
        "party_names": party_names(bond.party for bond in (*now.conflicts, *before.conflicts)),
        "form": form,
    }
    return render(request, "market/review_provider.html", context, status=422 if form.errors else 200)
