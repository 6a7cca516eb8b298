"""Telling what came of a delivery, for the figures of scenarios."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import Http404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.matching.life import CONFIRMED
from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.core.limits import limited
from capillary.web.matches.models import Match
from capillary.web.matches.raising import delivered_measures
from capillary.web.outcomes.pages import tell_page
from capillary.web.outcomes.services import Done, Source

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


def source_of(match: Match) -> Source | None:
    """Return what a match delivered, for telling what came of it; None before both have confirmed and it was measured.

    What was measured holds the costs of the first year; told is what was paid once, without the yearly part of the quote.
    """
    if match.state not in CONFIRMED or match.cost is None or not match.contract_on or not match.delivered_on:
        return None
    quote = match.quotes.first()
    yearly = Decimal(0) if quote is None else quote.yearly
    done = Done(None, min(match.contract_on, match.delivered_on), match.delivered_on)
    return Source(
        match.need.enterprise,
        {"match_id": match.pk},
        dict.fromkeys(delivered_measures(match), done),
        match.contract_currency,
        cost=max(Decimal(0), match.cost - yearly),
        levels=(match.level_before, match.level_after),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("outcome", "60/h")
def outcome(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what came of a delivery, and keep it."""
    match = (
        Match.objects.select_related("need__enterprise").filter(pk=pk, firm_agreed_at__isnull=False).first()
    )
    if match is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    access = enterprise_for(request, match.need.enterprise_id, Action.MATCH)
    source = source_of(match)
    if source is None:
        raise Http404
    back = reverse("match", args=[pk])
    return tell_page(request, access, source, back=back, back_words=match.need.reference)
