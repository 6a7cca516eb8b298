"""Needs, leads and matches, to be read: a firm's own and a provider's own, with what each may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import Http404, HttpRequest
from ninja import Query, Router

from capillary.web.access import Action, enterprise_for
from capillary.web.api import selectors
from capillary.web.api.schemas import LeadOut, MatchFullOut, MatchOut, NeedOut, PageIn, PageOut
from capillary.web.matches import selectors as matches
from capillary.web.matches.models import Match, Need

if TYPE_CHECKING:
    from capillary.matching.leads import Lead
    from capillary.web.market.models import MarketProvider
    from capillary.web.matches.models import Quote

router = Router(tags=["matches"])


@router.get(
    "/enterprises/{uuid:enterprise_id}/needs",
    response=PageOut[NeedOut],
    operation_id="needs",
    url_name="needs",
    summary="List the needs",
)
def needs(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the needs of an enterprise, the latest first."""
    access = enterprise_for(request, enterprise_id, Action.MATCH)
    rows = Need.objects.filter(enterprise=access.enterprise).order_by("-published_at", "pk")
    return selectors.page(rows, page, _need)


@router.get(
    "/enterprises/{uuid:enterprise_id}/matches",
    response=PageOut[MatchOut],
    operation_id="enterprise_matches",
    url_name="enterprise-matches",
    summary="List an enterprise's matches",
)
def enterprise_matches(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the matches of an enterprise, the latest change first."""
    access = enterprise_for(request, enterprise_id, Action.MATCH)
    rows = matches.of_enterprises([access.enterprise]).order_by("-changed_at", "pk")
    return selectors.page(rows, page, lambda row: _match(row, firm=True))


@router.get(
    "/leads",
    response=PageOut[LeadOut],
    operation_id="leads",
    url_name="leads",
    summary="List a provider's leads",
)
def leads(request: HttpRequest, page: Query[PageIn]) -> Any:
    """Return the needs that fit the provider's offers and capacity, without a name, the latest first."""
    provider = _provider(request)
    found = [] if provider is None else matches.leads_of(provider)
    return {
        "items": [_lead(item) for item in found[page.offset : page.offset + page.limit]],
        "total": len(found),
        "limit": page.limit,
        "offset": page.offset,
    }


@router.get(
    "/provider/matches",
    response=PageOut[MatchOut],
    operation_id="provider_matches",
    url_name="provider-matches",
    summary="List a provider's matches",
)
def provider_matches(request: HttpRequest, page: Query[PageIn]) -> Any:
    """Return the matches of the provider, the latest change first."""
    provider = _provider(request)
    rows = Match.objects.none() if provider is None else matches.of_provider(provider)
    rows = rows.order_by("-changed_at", "pk")
    return selectors.page(rows, page, lambda row: _match(row, firm=False))


@router.get(
    "/matches/{uuid:match_id}",
    response=MatchFullOut,
    operation_id="match",
    url_name="match",
    summary="Read a match",
)
def match(request: HttpRequest, match_id: UUID) -> Any:
    """Return a match with its quotes, messages and steps. Names are null until both sides have agreed."""
    found = matches.visit(request, match_id)
    row = found.match
    return {
        **_match(row, firm=found.is_firm),
        "firm": row.need.enterprise.name if found.sees_firm else None,
        "provider": row.provider.code if found.sees_provider else None,
        "quotes": [_quote(item) for item in row.quotes.all()],
        "messages": [
            {"side": item.side, "text": item.text, "at": item.at, "file": item.file_name or None}
            for item in (row.thread.all() if row.named else ())
        ],
        "steps": [
            {"act": item.act, "side": item.side or None, "at": item.at, "text": item.text}
            for item in row.events.all()
        ],
    }


def _provider(request: HttpRequest) -> MarketProvider | None:
    """Return the provider that the caller works for; None for whoever works for none, and so has an empty list."""
    try:
        return matches.provider_for(request)
    except Http404:
        return None


def _seen(need: Need, lead: Lead) -> dict[str, Any]:
    return {
        "need": need.pk,
        "reference": need.reference,
        "published_at": need.published_at,
        "measures": list(lead.measures),
        "sector": lead.sector or None,
        "size": lead.size,
        "region": lead.region or None,
        "budget_class": lead.budget,
        "currency": lead.currency,
        "start_by": lead.start_by,
        "languages": list(lead.languages),
    }


def _lead(item: matches.LeadShown) -> dict[str, Any]:
    return {**_seen(item.need, item.lead), "offers": [fit.offer.id for fit in item.fits]}


def _need(row: Need) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "state": row.state,
        "published_at": row.published_at,
        "measures": list(row.measures),
        "budget": row.budget,
        "currency": row.currency,
        "start_by": row.start_by,
        "languages": list(row.languages),
        "words": row.words,
    }


def _match(row: Match, *, firm: bool) -> dict[str, Any]:
    shows_offer = not firm or row.by_firm or row.named
    return {
        "id": row.pk,
        "need": row.need_id,
        "offer": row.offer_code if shows_offer else None,
        "status": row.status,
        "since": row.since,
        "due": matches.due_on(row),
        "overdue_on": row.overdue_on,
        "named": row.named,
        "contract_on": row.contract_on,
        "contract_amount": None if row.contract_amount is None else str(row.contract_amount),
        "contract_currency": row.contract_currency or None,
        "deliver_by": row.deliver_by,
        "delivered_on": row.delivered_on,
        "cost": None if row.cost is None else str(row.cost),
        "level_before": row.level_before,
        "level_after": row.level_after,
    }


def _quote(row: Quote) -> dict[str, Any]:
    return {
        "number": row.number,
        "one_off": str(row.one_off),
        "yearly": str(row.yearly),
        "currency": row.currency,
        "weeks": row.weeks,
        "valid_until": row.valid_until,
        "note": row.note,
        "at": row.at,
        "file": row.file_name or None,
    }
