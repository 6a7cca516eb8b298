"""What can be found, as documents of the index: offers and providers, and whatever a catalogue lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from capillary.matching.search import Document
from capillary.matching.search_query import WHOLE
from capillary.model.listed import ANYTHING, KIND_ORDER, LAST, Listed
from capillary.model.market_words import OFFER_KIND_WORDS, PROFILE_WORDS, PROVIDER_KIND_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from capillary.model.capability import Capability
    from capillary.model.market import Market, Offer, Provider
    from capillary.model.measure import Measure
    from capillary.model.place import Region, Sector
    from capillary.model.text import Text

TITLE, KEY, SUMMARY = 4, 2, 1
# What the worth of a kind counts where kinds are mixed: what something is about stands before who sells it.
PERCENT = {"offer": 70, "provider": 70, "capability": 80}


@dataclass(frozen=True)
class Words:
    """What documents say beside their own texts: the titles of what they name."""

    measures: Mapping[str, Measure]
    capabilities: Mapping[str, Capability]
    regions: Mapping[str, Region]
    sectors: Mapping[str, Sector] = field(default_factory=dict)

    def inside(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return regions and all that lie in them; everywhere where there are none."""
        wanted = set(codes)
        if not wanted:
            return (ANYTHING,)
        # parents stand above their parts in every file of regions
        for region in self.regions.values():
            if region.parent in wanted:
                wanted.add(region.id)
        return tuple(sorted(wanted))


def accredited(provider: Provider, on: str | None) -> dict[str, tuple[str, ...]]:
    """Return the facet of the programmes by which a provider is accredited on a day; nothing where it is by none."""
    held = {
        item.programme for item in provider.accreditations if on and item.granted_on <= on <= item.valid_to
    }
    return {"accreditation": tuple(sorted(held))} if held else {}


def offer_document(offer: Offer, provider: Provider, words: Words, on: str | None = None) -> Document:
    """Return an offer as a document: its texts, its kind, its provider, and the measures that it delivers.

    Args:
        offer: the offer.
        provider: who stands behind it.
        words: what documents say beside their own texts.
        on: the day on which accreditations count; None for none.
    """
    texts = [
        *_both(TITLE, offer.title),
        *_both(SUMMARY, offer.summary),
        *_both(KEY, OFFER_KIND_WORDS[offer.kind]),
        *_both(KEY, provider.title),
    ]
    if offer.cooperation is not None:
        texts += _both(KEY, PROFILE_WORDS[offer.cooperation.profile])
    delivered = [words.measures[name] for name in offer.measures if name in words.measures]
    raised = dict.fromkeys(item.capability for measure in delivered for item in measure.raises)
    texts += [part for measure in delivered for part in _both(KEY, measure.title)]
    texts += [part for name in raised for part in _capability(name, words)]
    return Document(
        f"offer:{offer.id}",
        tuple(texts),
        {
            "what": ("offer",),
            "kind": (offer.kind,),
            "sector": offer.sectors or (ANYTHING,),
            "size": offer.sizes or (ANYTHING,),
            "region": words.inside(offer.regions),
            "language": offer.languages,
            "price": (offer.price.model,),
            "capability": tuple(raised),
            "measure": offer.measures,
            **accredited(provider, on),
        },
        KIND_ORDER["offer"],
        PERCENT["offer"],
    )


def provider_document(provider: Provider, words: Words, on: str | None = None) -> Document:
    """Return a provider as a document; accreditations count on the day ``on``."""
    return Document(
        f"provider:{provider.id}",
        (
            *_both(TITLE, provider.title),
            *_both(SUMMARY, provider.summary),
            *_both(KEY, PROVIDER_KIND_WORDS[provider.kind]),
        ),
        {
            "what": ("provider",),
            "provider-kind": (provider.kind,),
            "region": words.inside(provider.regions),
            "language": provider.languages,
            **accredited(provider, on),
        },
        KIND_ORDER["provider"],
        PERCENT["provider"],
    )


def offer_listed(offer: Offer) -> Listed:
    """Return an offer as a list shows it."""
    return Listed("offer", offer.id, offer.title, offer.summary)


def provider_listed(provider: Provider) -> Listed:
    """Return a provider as a list shows it."""
    return Listed("provider", provider.id, provider.title, provider.summary)


def listed_document(item: Listed, words: Words) -> Document:
    """Return an entry of a catalogue as a document: its texts, and the titles of measures and capabilities that it names."""
    texts = [
        *_both(TITLE, item.title),
        *_both(SUMMARY, item.summary),
        *((KEY, name) for name in item.names),
        *(part for text in item.more for part in _both(SUMMARY, text)),
    ]
    for name in item.facets.get("measure", ()):
        if name in words.measures and name != item.id:
            texts += _both(SUMMARY, words.measures[name].title)
    for name in item.facets.get("capability", ()):
        if name != item.id:
            texts += _capability(name, words)
    return Document(
        item.key,
        tuple(texts),
        {"what": (item.kind,), **item.facets},
        KIND_ORDER.get(item.kind, LAST),
        PERCENT.get(item.kind, WHOLE),
    )


def market_documents(market: Market, words: Words, on: str | None = None) -> Iterator[Document]:
    """Yield every offer and provider of a market as documents, with the accreditations that hold on a day."""
    for offer in market.offers.values():
        yield offer_document(offer, market.providers[offer.provider], words, on)
    for provider in market.providers.values():
        yield provider_document(provider, words, on)


def _both(weight: int, text: Text) -> list[tuple[int, str]]:
    return [(weight, text.zh), (weight, text.en)]


def _capability(name: str, words: Words) -> list[tuple[int, str]]:
    return _both(SUMMARY, words.capabilities[name].title) if name in words.capabilities else []
