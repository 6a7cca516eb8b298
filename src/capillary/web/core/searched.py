"""What every list with a search has in common: what its address asks for, its pages, and the choices of a facet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import QueryDict

    from capillary.matching.search import Hits, Index

PER_PAGE = 20
LONGEST, LAST_PAGE = 100, 5000


@dataclass(frozen=True)
class Asked:
    """What an address asks for: words, a value for some facets, and a page."""

    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    @classmethod
    def of(cls, given: QueryDict, facets: Collection[str]) -> Self:
        """Return what an address asks for; what makes no sense is left out."""
        page = given.get("page", "1")
        return cls(
            given.get("q", "")[:LONGEST].strip(),
            {name: value[:LONGEST] for name in facets if (value := given.get(name, ""))},
            min(LAST_PAGE, int(page)) if page.isascii() and page.isdigit() and int(page) else 1,
        )

    def address(self, page: int = 1) -> str:
        """Return the query part of another page's address."""
        return urlencode({"q": self.words, **self.filters, "page": page})

    def hits(self, index: Index, first: int | None = None, count: int = PER_PAGE) -> Hits:
        """Return what an index has of it, best first: those of the page, or ``count`` from ``first`` on."""
        wanted = {name: {value} for name, value in self.filters.items()}
        start = (self.page - 1) * PER_PAGE if first is None else first
        return index.search(self.words, wanted, first=start, count=count)


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and how many it would leave."""

    value: str
    count: int
    chosen: bool


def choices_of(counts: Mapping[str, int], chosen: str) -> list[Choice]:
    """Return the values of a facet that leave something, and the one that was chosen."""
    return [
        Choice(value, count, value == chosen) for value, count in counts.items() if count or value == chosen
    ]


@dataclass(frozen=True)
class Searched:
    """One page of what was found."""

    asked: Asked
    hits: Hits

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
