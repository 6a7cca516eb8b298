"""Reads of the search: what an address asks for, what is found, and how many each further filter would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.core.searched import Asked, Searched
from capillary.web.find.live import everything
from capillary.web.find.registry import catalogue_of, catalogues
from capillary.web.find.words import FACET_WORDS, value_words

if TYPE_CHECKING:
    from capillary.matching.search import Hits
    from capillary.model.listed import Listed
    from capillary.web.find.live import Everything
    from capillary.web.find.registry import Catalogue

# `measure` is set by links from measures and not offered as a choice: there are too many of them
FACETS = ("what", "sector", "size", "region", "capability", "price", "language", "measure")
CHOSEN_ONLY = frozenset({"measure"})


@dataclass(frozen=True)
class FindAsked(Asked):
    """What an address of the search asks for; its addresses say no more than they must."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.words and not self.filters

    def address(self, page: int = 1, **changes: str) -> str:
        """Return the query part of an address with some facets changed; an empty value takes a facet's filter away."""
        given = {"q": self.words, **self.filters, **changes}
        if page > 1:
            given["page"] = str(page)
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Choice:
    """A value of a facet, what it is called, how many it would leave, and where it leads."""

    value: str
    label: str
    count: int
    chosen: bool
    address: str = ""


@dataclass(frozen=True)
class Group:
    """Choices that stand together under a heading; an empty one where they need none."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Filter:
    """A facet as a form offers it."""

    name: str
    label: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Found:
    """One entry of the list."""

    listed: Listed
    kind: str
    url: str
    facts: list[str]


@dataclass(frozen=True)
class FindPage(Searched):
    """What was found, one page of it."""

    asked: FindAsked
    entries: tuple[Found, ...]
    kinds: tuple[Choice, ...]
    filters: tuple[Filter, ...]

    @property
    def chosen_filters(self) -> int:
        """How many filters beside the kind are set."""
        return len(self.asked.filters.keys() - {"what"})

    @property
    def doubts(self) -> bool:
        """Whether something on the page is marked as unverified."""
        return any("‡" in fact for item in self.entries for fact in item.facts)

    @property
    def every_kind(self) -> str:
        """The query part of the address that shows all kinds; a page, so that it is not the one without words."""
        return self.asked.address(what="") or "page=1"


@dataclass(frozen=True)
class Card:
    """A catalogue on the page that leads to all of them."""

    catalogue: Catalogue
    url: str
    count: int


def cards() -> list[Card]:
    """Return every catalogue with how many entries it has."""
    counts = everything().counts
    return [Card(item, item.url(), counts.get(item.kind, 0)) for item in catalogues()]


def found_of(state: Everything, key: str) -> Found:
    """Return what a list says of an entry."""
    kind, _, code = key.partition(":")
    catalogue = catalogue_of(kind)
    return Found(
        state.listed(key), catalogue.one.in_(language()), catalogue.link(code), state.parts[kind].facts(code)
    )


def find_page(asked: FindAsked) -> FindPage:
    """Return what is found."""
    state = everything()
    hits = asked.hits(state.index)
    return FindPage(
        asked,
        hits,
        tuple(found_of(state, key) for key in hits.ids),
        tuple(_kinds(asked, hits)),
        tuple(item for name in FACETS if name != "what" and (item := _filter(name, asked, hits))),
    )


def _kinds(asked: FindAsked, hits: Hits) -> list[Choice]:
    """Return the kinds of which something is found, each with the address that shows it alone."""
    counts, chosen = hits.counts.get("what", {}), asked.filters.get("what", "")
    return [
        Choice(
            item.kind,
            item.title.in_(language()),
            counts.get(item.kind, 0),
            item.kind == chosen,
            asked.address(what=item.kind),
        )
        for item in catalogues()
        if counts.get(item.kind) or item.kind == chosen
    ]


def _filter(name: str, asked: FindAsked, hits: Hits) -> Filter | None:
    """Return a facet's choices, those that leave most first; None where there is nothing to choose."""
    counts, chosen = dict(hits.counts.get(name, {})), asked.filters.get(name, "")
    if name in CHOSEN_ONLY:
        counts = {value: count for value, count in counts.items() if value == chosen}
    if chosen:
        counts.setdefault(chosen, 0)
    choices = [
        Choice(value, value_words(name, value), count, value == chosen)
        for value, count in sorted(counts.items(), key=lambda item: -item[1])
        if count or value == chosen
    ]
    # a value that everything has does not narrow anything down
    if not chosen and all(item.count == hits.total for item in choices):
        return None
    groups = _by_area(choices) if name == "capability" else [Group("", tuple(choices))]
    return Filter(name, str(FACET_WORDS[name]), tuple(groups))


def _by_area(choices: list[Choice]) -> list[Group]:
    """Return the choices of capabilities by area, in the order of the vocabulary."""
    library = engine.library()
    known = library.capabilities()
    found = [
        Group(
            area.title.in_(language()),
            tuple(item for item in choices if item.value in known and known[item.value].area == area.id),
        )
        for area in library.areas()
    ]
    unknown = tuple(item for item in choices if item.value not in known)
    return [group for group in (*found, Group("", unknown)) if group.choices]
