"""Reads of the public catalogue: what an address asks for, what is found, and how many each further filter would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.web.core.searched import Asked, Choice, Searched, choices_of
from capillary.web.market.live import live

if TYPE_CHECKING:
    from capillary.model.market import Offer, Provider

FACETS = ("what", "kind", "provider-kind", "region", "sector", "size", "language", "price", "accreditation")


@dataclass(frozen=True)
class Found:
    """One entry of the list: an offer with its provider, or a provider alone."""

    provider: Provider
    offer: Offer | None = None


@dataclass(frozen=True)
class Catalogue(Searched):
    """The page of the catalogue."""

    entries: tuple[Found, ...]
    facets: tuple[tuple[str, tuple[Choice, ...]], ...]


def catalogue(asked: Asked) -> Catalogue:
    """Return what is found."""
    state = live()
    hits = asked.hits(state.index)
    entries = []
    for name in hits.ids:
        what, _, code = name.partition(":")
        if what == "offer":
            offer = state.market.offers[code]
            entries.append(Found(state.market.providers[offer.provider], offer))
        else:
            entries.append(Found(state.market.providers[code]))
    facets = []
    for name in FACETS:
        values = dict(hits.counts.get(name, {}))
        chosen = asked.filters.get(name, "")
        if chosen:
            values.setdefault(chosen, 0)
        choices = choices_of(values, chosen)
        # one value that everything has does not narrow anything down
        if len(choices) > 1 or chosen or any(choice.count < hits.total for choice in choices):
            facets.append((name, tuple(sorted(choices, key=lambda item: -item.count))))
    return Catalogue(asked, hits, tuple(entries), tuple(facets))
