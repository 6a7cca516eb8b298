"""Pages for everybody: the catalogue, an offer, a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from capillary.matching.words import record_words
from capillary.model.market import raised_by
from capillary.web import engine
from capillary.web.core.searched import Asked
from capillary.web.market.bonds import party_names
from capillary.web.market.catalogue import FACETS, catalogue
from capillary.web.market.live import live, provider_public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from capillary.model.programme import Programme
    from capillary.model.standard import Source

FACET_WORDS = {
    "what": _("Offers or providers"),
    "kind": _("Kind of offer"),
    "provider-kind": _("Kind of provider"),
    "region": _("Region"),
    "sector": _("Sector"),
    "size": _("Size of the firm"),
    "language": _("Language"),
    "price": _("Price"),
    "accreditation": _("Accredited by"),
}


@require_safe
def market(request: HttpRequest) -> HttpResponse:
    """List offers and providers, by words and filters."""
    page = catalogue(Asked.of(request.GET, FACETS))
    facets = [(name, FACET_WORDS[name], choices) for name, choices in page.facets]
    return render(request, "market/market.html", {"page": page, "facets": facets})


@require_safe
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """Show an offer: what it delivers and raises, for whom, at what price, and who stands behind it."""
    state = live()
    item = state.market.offers.get(code)
    if item is None:
        raise Http404
    provider = state.market.providers[item.provider]
    context = {
        "offer": item,
        "provider": provider,
        "raised": raised_by(item.measures, engine.library().measures().measures).items(),
        "record": record_words(provider.record),
    }
    return render(request, "market/offer.html", context)


@require_safe
def provider(request: HttpRequest, code: str) -> HttpResponse:
    """Show a provider: its record as counts, its accreditations, what it is bound to, its offers."""
    item = provider_public(code)
    if item is None:
        raise Http404
    state = live()
    programmes = engine.library().accreditations().programmes
    context = {
        "provider": item,
        "record": record_words(item.record),
        "offers": [entry for entry in state.market.offers.values() if entry.provider == code],
        "accreditations": [
            (programmes[held.programme], held, _source(programmes[held.programme]))
            for held in item.accreditations
            if held.programme in programmes and held.granted_on <= state.day <= held.valid_to
        ],
        "party_names": party_names(bond.party for bond in item.conflicts),
    }
    return render(request, "market/provider.html", context)


def _source(programme: Programme) -> Source:
    """Return the document that a programme's rules come from."""
    return next(item for item in programme.sources if item.id == programme.source)
