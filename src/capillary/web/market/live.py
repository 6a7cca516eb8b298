"""What is public, in the memory of this process: offers, providers, and the index over them.

Each process holds its own and asks with every use for the number of the last change, one row. Where the number is higher than
its own it reads what changed since and makes a new state, which replaces the old in one step; readers of the old one are not
disturbed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.matching.search import Index
from capillary.matching.search_documents import accredited, offer_document, provider_document
from capillary.model.market import Market, Offer, Provider
from capillary.web.find.registry import thesaurus, words
from capillary.web.market.models import MarketOffer, MarketProvider, MarketRevision
from capillary.web.market.services import offer_of, provider_from

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCK = threading.Lock()


@dataclass(frozen=True)
class Live:
    """What is public on a day.

    Attributes:
        revision: the number of the last change that it has.
        day: on which it was made; offers that do not stand on it are in ``known`` only.
        known: every published offer, whether it stands or not.
        market: the offers that stand, and all providers.
        index: over ``market``.
    """

    revision: int = 0
    day: str = ""
    known: Mapping[str, Offer] = field(default_factory=dict)
    market: Market = field(default_factory=Market)
    index: Index = field(default_factory=Index)


class _Holder:
    state = Live()


def live() -> Live:
    """Return what is public now; one query where nothing changed."""
    number = MarketRevision.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    day = timezone.localdate().isoformat()
    state = _Holder.state
    if (state.revision, state.day) == (number, day):
        return state
    with _LOCK:
        state = _Holder.state
        if (state.revision, state.day) != (number, day):
            # a number that went down is another database, as in tests
            state = _newer(state if number >= state.revision else Live(), day, number)
            _Holder.state = state
    return state


def _newer(state: Live, day: str, number: int) -> Live:
    known, providers = dict(state.known), dict(state.market.providers)
    fresh_providers = {
        code: provider_from(public)
        for code, public in MarketProvider.objects.filter(
            revision__gt=state.revision, revision__lte=number
        ).values_list("code", "public")
        if public is not None
    }
    providers |= fresh_providers
    touched: set[str] = set()
    rows = MarketOffer.objects.filter(revision__gt=state.revision, revision__lte=number)
    for code, public in rows.values_list("code", "public"):
        touched.add(code)
        if public is None:
            known.pop(code, None)
        else:
            known[code] = offer_of(public)
    standing = {code: item for code, item in known.items() if item.valid_from <= day <= item.valid_to}
    # an accreditation begins and ends with a day, without a change of what is kept
    turned = {
        code
        for code, item in providers.items()
        if item.accreditations and accredited(item, state.day) != accredited(item, day)
    }
    # the texts of a provider stand in the documents of its offers
    met = fresh_providers.keys() | turned
    touched |= {code for code, item in standing.items() if item.provider in met}
    touched |= standing.keys() ^ state.market.offers.keys()
    documents = [
        offer_document(standing[code], providers[standing[code].provider], words(), day)
        for code in sorted(touched & standing.keys())
    ]
    # a provider is found once it has something to show
    shown = {item.provider for item in standing.values()}
    before = {item.provider for item in state.market.offers.values()}
    met |= shown ^ before
    documents += [provider_document(providers[code], words(), day) for code in sorted(met & shown)]
    gone = {f"offer:{code}" for code in touched - standing.keys()}
    gone |= {f"provider:{code}" for code in met - shown}
    index = state.index if len(state.index) else Index(thesaurus())
    return Live(number, day, known, Market(standing, providers), index.changed(documents, gone))


def provider_public(code: str) -> Provider | None:
    """Return a provider that has something to show: a public offer; None for others."""
    state = live()
    if not any(item.provider == code for item in state.market.offers.values()):
        return None
    return state.market.providers.get(code)
