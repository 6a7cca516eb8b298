"""The market: what is public, and what fits an assessment's plan."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

import msgspec
from django.http import Http404, HttpRequest
from ninja import Query, Router

from capillary.web.access import Action, assessment_for
from capillary.web.api.schemas import MarketIn, MarketOut, OfferOut, PlanOffersIn, PlanOffersOut
from capillary.web.core.language import language
from capillary.web.market.live import live
from capillary.web.market.plan import plan_offers

router = Router(tags=["market"])


@router.get(
    "/market/offers",
    response=MarketOut,
    operation_id="market_offers",
    url_name="market-offers",
    summary="Search the public offers",
)
def offers(request: HttpRequest, wanted: Query[MarketIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the offers that fit words and filters, best first, with the number that each further filter would leave."""
    state = live()
    given = wanted.dict(exclude={"q", "limit", "offset"}, exclude_none=True)
    hits = state.index.search(
        wanted.q,
        {"what": {"offer"}, **{name: {value} for name, value in given.items()}},
        first=wanted.offset,
        count=wanted.limit,
    )
    return {
        "items": [_shown(name.partition(":")[2]) for name in hits.ids],
        "total": hits.total,
        "limit": wanted.limit,
        "offset": wanted.offset,
        "counts": {name: hits.counts.get(name, {}) for name in MarketIn.facets()},
        "relaxed": hits.relaxed,
        "instead": {typed: list(words) for typed, words in hits.instead.items()},
    }


@router.get(
    "/market/offers/{offer}",
    response=OfferOut,
    operation_id="market_offer",
    url_name="market-offer",
    summary="One public offer",
)
def offer(request: HttpRequest, offer: str) -> Any:  # noqa: ARG001
    """Return one public offer."""
    if offer not in live().market.offers:
        raise Http404
    return _shown(offer)


@router.get(
    "/assessments/{uuid:assessment_id}/offers",
    response=PlanOffersOut,
    operation_id="plan_offers",
    url_name="plan-offers",
    summary="Offers that fit the plan",
)
def for_plan(request: HttpRequest, assessment_id: UUID, wanted: Query[PlanOffersIn]) -> Any:
    """Return the offers that fit the latest roadmap's plan, best first, with reasons, and how many each demand rules out."""
    access = assessment_for(request, assessment_id, Action.PLAN)
    asked = {"budget": wanted.budget, "kind": wanted.kind, "language": wanted.language}
    found = plan_offers(access.assessment, asked, number=wanted.plan)
    return {
        "on": found.need.on,
        "currency": found.need.currency,
        "wanted": dict(found.need.wanted),
        "matches": [
            {
                "offer": match.offer.id,
                "provider": match.provider.id,
                "in_time": list(match.in_time),
                "late": list(match.late),
                "served": match.served,
                "first_year": None if match.cost is None else match.cost.net,
                "free_from": match.offer.capacity.free_from,
                "weeks": match.offer.weeks,
                "reasons": [reason.in_(language()) for reason in found.reasons(match)],
            }
            for match in found.ranking.matches[: wanted.limit]
        ],
        "total": len(found.ranking.matches),
        "ruled_out": Counter(demand for item in found.ranking.ruled_out for demand in item.failed),
        "clash": list(found.ranking.clash),
        "undelivered": list(found.ranking.undelivered),
    }


def _shown(code: str) -> Any:
    return msgspec.to_builtins(live().market.offers[code])
