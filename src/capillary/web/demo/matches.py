"""Needs and matches for showing the product, made by the services that the pages use: one match at each stage, and leads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.matching.life import Side
from capillary.matching.need import Need as Wanted
from capillary.matching.need import places_of
from capillary.matching.rank import rank
from capillary.model.market import Market
from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.market.live import live
from capillary.web.market.models import MarketProvider
from capillary.web.matches import services
from capillary.web.matches.models import Match
from capillary.web.matches.selectors import Visit
from capillary.web.rates.current import rates_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.market import Offer
    from capillary.web.accounts.models import User
    from capillary.web.matches.models import Need

LEADS = 12
# steps of each match of the firm: taken, quoted, contracted, delivered, confirmed (f), measured, rated
STAGES = ("", "t", "tq", "tqc", "tqcd", "tqcdf", "tqcdfm", "tqcdfmr")
QUOTE_DAYS, QUOTE_WEEKS = 30, 6


def matches_load(users: Mapping[str, User]) -> None:
    """Let the firm of the demonstration's owner have matches with its provider at every stage, and other firms have needs."""
    provider = MarketProvider.objects.filter(organisation__positions__user=users["provider"]).first()
    firm = Enterprise.objects.filter(members__user=users["owner"], members__role=Member.Role.OWNER).first()
    if provider is None or firm is None:
        return
    offers = _fitting(firm, provider)
    if not offers:
        return
    for number, stage in enumerate(STAGES):
        offer = offers[number % len(offers)]
        need = _need(firm, offer, users["owner"])
        row = services.need_send(need=need, codes=[offer.id], by=users["owner"])[0]
        _walked(row, stage, users)
    _interest(firm, provider, offers[0], users)
    others = Enterprise.objects.exclude(pk=firm.pk).exclude(claimed_at=None).order_by("created_at", "name")
    made = 0
    for other in others[: 5 * LEADS]:
        fits = _fitting(other, provider)
        if fits and made < LEADS:
            _need(other, fits[0], None)
            made += 1


def _fitting(firm: Enterprise, provider: MarketProvider) -> list[Offer]:
    """Return the offers of a provider that fit a firm and deliver something."""
    state = live()
    own = {
        item.id: item
        for item in state.market.offers.values()
        if item.provider == provider.code and item.measures
    }
    library = engine.library()
    wanted = Wanted(
        on=timezone.localdate().isoformat(),
        wanted=dict.fromkeys(name for item in own.values() for name in item.measures),
        places=places_of(firm.region or None, library.regions()),
        sector=firm.sector or None,
        employees=firm.employees,
    )
    ranking = rank(wanted, Market(own, state.market.providers), rates_today())
    return [match.offer for match in ranking.matches]


def _need(firm: Enterprise, offer: Offer, by: User | None) -> Need:
    assessment = Assessment.objects.filter(enterprise=firm).order_by("-started_at").first()
    values = {
        "measures": list(offer.measures[:3]),
        "languages": [],
        "budget": None,
        "currency": offer.price.currency,
        "words": "",
    }
    return services.need_publish(enterprise=firm, assessment=assessment, values=values, by=by)


def _interest(firm: Enterprise, provider: MarketProvider, offer: Offer, users: Mapping[str, User]) -> None:
    """Let the provider be interested in a further need, which waits for the firm's answer."""
    need = _need(firm, offer, users["owner"])
    services.interest_express(provider=provider, need=need, code=offer.id, by=users["provider"])


def _walked(row: Match, stage: str, users: Mapping[str, User]) -> None:
    today = timezone.localdate()
    for step in stage:
        row = Match.objects.select_related("need__enterprise", "provider").get(pk=row.pk)
        firm = Visit(users["owner"], row, Side.SIGNER)
        shop = Visit(users["provider"], row, Side.PROVIDER)
        match step:
            case "t":
                services.match_take(visit=shop)
            case "q":
                quote = {
                    "one_off": Decimal(18_000),
                    "yearly": Decimal(6_000),
                    "currency": row.need.currency,
                    "weeks": QUOTE_WEEKS,
                    "valid_until": today + dt.timedelta(days=QUOTE_DAYS),
                    "note": "",
                }
                services.quote_make(visit=shop, values=quote)
            case "c":
                services.contract_note(visit=firm, quote=1, day=today)
            case "d":
                services.delivery_report(visit=shop, day=today, text="")
            case "f":
                services.delivery_confirm(visit=firm)
            case "m":
                services.outcome_measure(visit=firm, cost=Decimal(24_000), used_by=12)
            case "r":
                services.match_rate(visit=firm, satisfied=True, in_use=True, trained=True)
