"""Reads of the public catalogue: what an address asks for, what is found, and how many each further filter would leave."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.utils import timezone

from capillary.matching.search import Document, Index
from capillary.matching.search_query import Thesaurus
from capillary.model.market_words import PARTNERSHIP_WORDS, PROFILE_WORDS
from capillary.web import engine
from capillary.web.cooperation.selectors import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from capillary.matching.search import Hits
    from capillary.model.partner import PartnerProfile
    from capillary.model.text import Text

FACETS = ("kind", "country", "section", "partnership", "size", "stage", "language", "shows")
PER_PAGE = 20
LONGEST, LAST_PAGE = 100, 5000
TITLE, KEY, SUMMARY = 4, 2, 1
_LOCK = threading.Lock()


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
class Entry:
    """A profile of the list."""

    profile: PartnerProfile
    shows_level: bool
    demonstration: bool


@dataclass(frozen=True)
class _Live:
    """The profiles that stand on a day, in the memory of this process."""

    mark: tuple[object, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    index: Index = field(default_factory=Index)


class _Holder:
    state = _Live()


@dataclass(frozen=True)
class Catalogue:
    """The page of the catalogue."""

    asked: Asked
    hits: Hits
    entries: tuple[Entry, ...]
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
    facets = []
    for name in FACETS:
        values = dict(hits.counts.get(name, {}))
        chosen = asked.filters.get(name, "")
        if chosen and chosen in _values(name, state):
            values.setdefault(chosen, 0)
        choices = [
            Choice(value, count, value == chosen)
            for value, count in values.items()
            if count or value == chosen
        ]
        # one value that everything has does not narrow anything down
        if len(choices) > 1 or chosen in values:
            facets.append((name, tuple(sorted(choices, key=lambda item: (-item.count, item.value)))))
    return Catalogue(asked, hits, tuple(state.entries[name] for name in hits.ids), tuple(facets))


def _values(facet: str, state: _Live) -> set[str]:
    return {value for entry in state.entries.values() for value in _facets_of(entry)[facet]}


def live() -> _Live:
    """Return the profiles that stand today; one query where nothing changed."""
    day = timezone.localdate()
    rows = standing(day)
    counted = rows.aggregate(count=Count("pk"), latest=Max("changed_at"))
    mark = (day, counted["count"], counted["latest"])
    state = _Holder.state
    if state.mark == mark:
        return state
    with _LOCK:
        if _Holder.state.mark != mark:
            entries = {
                row.reference: Entry(row.shown, row.shows_level, row.demonstration)
                for row in rows.order_by("reference")
            }
            index = Index.of([_document(entry) for entry in entries.values()], _thesaurus())
            _Holder.state = _Live(mark, entries, index)
        return _Holder.state


@cache
def _thesaurus() -> Thesaurus:
    library = engine.library()
    return Thesaurus.of_capabilities(library.capabilities(), library.synonyms())


def _document(entry: Entry) -> Document:
    profile = entry.profile
    book = engine.library().industries().industries
    industries = [
        book[item.scheme][item.code].title for item in profile.industries if item.code in book[item.scheme]
    ]
    texts = [
        *_both(TITLE, profile.title),
        *_both(SUMMARY, profile.summary),
        *(
            (SUMMARY, text)
            for words in (profile.description, profile.strengths)
            for text in (words.zh, words.en)
        ),
        *_both(KEY, PROFILE_WORDS[profile.kind]),
        *(part for name in profile.partnerships for part in _both(KEY, PARTNERSHIP_WORDS[name])),
        *(part for title in industries for part in _both(KEY, title)),
        (TITLE, profile.reference),
    ]
    return Document(
        profile.reference, tuple((weight, text) for weight, text in texts if text), _facets_of(entry)
    )


def _facets_of(entry: Entry) -> dict[str, tuple[str, ...]]:
    profile = entry.profile
    return {
        "kind": (profile.kind,),
        "country": (profile.country,),
        "section": _sections(profile),
        "partnership": profile.partnerships,
        "size": (profile.size,),
        "stage": (profile.stage,) if profile.stage else (),
        "language": profile.languages,
        "shows": ("yes" if entry.shows_level else "no",),
    }


def _sections(profile: PartnerProfile) -> tuple[str, ...]:
    """Return the sections of ISIC that a profile's industries lie in, wholly or in part, so that all can be asked alike."""
    book = engine.library().industries()
    found = [
        f"isic-4:{section.code}"
        for item in profile.industries
        if item.code in book.industries[item.scheme]
        for section in book.related(item.scheme, item.code, "isic-4", "section")
    ]
    return tuple(dict.fromkeys(found))


def _both(weight: int, text: Text) -> list[tuple[int, str]]:
    return [(weight, text.zh), (weight, text.en)]
