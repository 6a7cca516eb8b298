"""How offers and providers are found among everything: in the index of the market itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from capillary.matching.search_documents import offer_listed, provider_listed
from capillary.model.listed import KIND_WORDS
from capillary.model.text import Text
from capillary.web.core.language import language
from capillary.web.find.registry import Catalogue, Part, register
from capillary.web.market.live import live
from capillary.web.market.templatetags.market import called, priced

if TYPE_CHECKING:
    from capillary.model.listed import Listed
    from capillary.web.market.live import Live


def register_catalogues() -> None:
    """Register offers and providers."""
    register(
        Catalogue(
            kind="offer",
            one=KIND_WORDS["offer"],
            title=Text(zh="市场上的服务", en="Offers on the market"),
            text=Text(
                zh="产品、集成、咨询、安全、课程、融资：每项都写明价格、服务商和它做成的措施。",
                en="Products, services, advice, security, courses, finance: each with price, provider and measures.",
            ),
            url=lambda: f"{reverse('market')}?{urlencode({'what': 'offer'})}",
            link=lambda code: reverse("market-offer", args=[code]),
            part=lambda _numbers: _parts()[0],
        )
    )
    register(
        Catalogue(
            kind="provider",
            one=KIND_WORDS["provider"],
            title=Text(zh="服务商", en="Providers"),
            text=Text(
                zh="谁在做这些事：服务哪里、做成过多少、有没有按时按价。",
                en="Who does the work: where, how much of it was delivered, in time and at the price quoted or not.",
            ),
            url=lambda: f"{reverse('market')}?{urlencode({'what': 'provider'})}",
            link=lambda code: reverse("market-provider", args=[code]),
            part=lambda _numbers: _parts()[1],
        )
    )


class _Kept:
    state: tuple[Live, tuple[Part, Part]] | None = None


def _parts() -> tuple[Part, Part]:
    """Return what stands on the market now, as offers and as providers; both in one index."""
    state = live()
    kept = _Kept.state
    if kept is None or kept[0] is not state:
        kept = _Kept.state = (state, _parts_of(state))
    return kept[1]


def _parts_of(state: Live) -> tuple[Part, Part]:
    offers, providers = state.market.offers, state.market.providers

    def offer(code: str) -> Listed | None:
        return offer_listed(offers[code]) if code in offers else None

    def provider(code: str) -> Listed | None:
        return provider_listed(providers[code]) if code in providers else None

    def offer_facts(code: str) -> list[str]:
        item = offers[code]
        behind = providers[item.provider]
        said = [called(item.kind, "kind"), behind.title.in_(language()), priced({}, item.price)]
        return [*said, _("made up for demonstration")] if behind.demonstration else said

    def provider_facts(code: str) -> list[str]:
        item = providers[code]
        said = [called(item.kind, "provider-kind"), called(item.region, "region")]
        return [*said, _("made up for demonstration")] if item.demonstration else said

    return Part(state.index, offer, offer_facts), Part(state.index, provider, provider_facts)
