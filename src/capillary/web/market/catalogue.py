"""Reads of the public catalogue: what an address asks for, what is found, and how many each further filter would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from capillary.web.market.live import live

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from capillary.matching.search import Hits
    from capillary.model.market import Offer, Provider

FACETS = ("what", "kind", "provider-kind", "region", "sector", "size", "language", "price", "accreditation")
PER_PAGE = 20
LONGEST, LAST_PAGE = 100, 5000


@dataclass(frozen=True)
class Asked:
    """What an address asks for: words, a value for some facets, and a page."""

    words: str
    filters: Mapping[str, str]
    page: int

    @classmethod
    def of(cls, given: QueryDict) -> Asked:
        """Return what an address asks for; what makes no sense is left out."""
        page = given.get("page", "1")
        return cls(
            given.get("q", "")[:LONGEST].strip(),
            {name: value[:LONGEST] for name in FACETS if (value := given.get(name, ""))},
            min(LAST_PAGE, int(page)) if page.isascii() and page.isdigit() and int(page) else 1,
        )

    def address(self, page: int) -> str:
        """Return the query part of another page's address."""
        return urlencode({"q": self.words, **self.filters, "page": page})


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and how many it would leave."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Found:
    """One entry of the list: an offer with its provider, or a provider alone."""

    provider: Provider
    offer: Offer | None = None


@dataclass(frozen=True)
class Catalogue:
    """The page of the catalogue."""

    asked: Asked
    hits: Hits
    entries: tuple[Found, ...]
    facets: tuple[tuple[str, tuple[Choice, ...]], ...]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.hits.total // PER_PAGE))

    @property
    def previous(self) -> str | None:
        """The query part of the page before."""
        return self.asked.address(min(self.asked.page - 1, self.pages)) if self.asked.page > 1 else None

    @property
    def next(self) -> str | None:
        """The query part of the page after."""
        return self.asked.address(self.asked.page + 1) if self.asked.page < self.pages else None


def catalogue(asked: Asked) -> Catalogue:
    """Return what is found."""
    state = live()
    hits = state.index.search(
        asked.words,
        {name: {value} for name, value in asked.filters.items()},
        first=(asked.page - 1) * PER_PAGE,
        count=PER_PAGE,
    )
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
        choices = [
            Choice(value, count, value == chosen)
            for value, count in values.items()
            if count or value == chosen
        ]
        # one value that everything has does not narrow anything down
        if len(choices) > 1 or chosen or any(choice.count < hits.total for choice in choices):
            facets.append((name, tuple(sorted(choices, key=lambda item: -item.count))))
    return Catalogue(asked, hits, tuple(entries), tuple(facets))
