"""What can be found: offers, providers and measures as documents of the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.matching.search import ANYTHING, Document
from capillary.model.market_words import OFFER_KIND_WORDS, PROFILE_WORDS, PROVIDER_KIND_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from capillary.model.capability import Capability
    from capillary.model.market import Market, Offer, Provider
    from capillary.model.measure import Measure
    from capillary.model.place import Region
    from capillary.model.text import Text

TITLE, KEY, SUMMARY = 4, 2, 1


@dataclass(frozen=True)
class Words:
    """What documents say beside their own texts: the titles of what they name."""

    measures: Mapping[str, Measure]
    capabilities: Mapping[str, Capability]
    regions: Mapping[str, Region]

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
            **accredited(provider, on),
        },
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
    )


def measure_document(measure: Measure, words: Words) -> Document:
    """Return a measure as a document."""
    raised = dict.fromkeys(item.capability for item in measure.raises)
    return Document(
        f"measure:{measure.id}",
        (
            *_both(TITLE, measure.title),
            *_both(SUMMARY, measure.summary),
            *(part for name in raised for part in _capability(name, words)),
        ),
        {"what": ("measure",)},
    )


def documents_of(market: Market, words: Words) -> Iterator[Document]:
    """Yield every offer and provider of a market, and every measure, as documents."""
    for offer in market.offers.values():
        yield offer_document(offer, market.providers[offer.provider], words)
    for provider in market.providers.values():
        yield provider_document(provider, words)
    for measure in words.measures.values():
        yield measure_document(measure, words)


def _both(weight: int, text: Text) -> list[tuple[int, str]]:
    return [(weight, text.zh), (weight, text.en)]


def _capability(name: str, words: Words) -> list[tuple[int, str]]:
    return _both(SUMMARY, words.capabilities[name].title) if name in words.capabilities else []
