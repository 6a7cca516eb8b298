"""Reads of the public catalogue: what an address asks for, what is found, and how many each further filter would leave."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Max
from django.utils import timezone

from capillary.matching.search import Document, Index
from capillary.model.market_words import PARTNERSHIP_WORDS, PROFILE_WORDS
from capillary.web import engine
from capillary.web.cooperation.selectors import standing
from capillary.web.core.searched import Asked, Choice, Searched, choices_of
from capillary.web.find.registry import thesaurus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.partner import PartnerProfile
    from capillary.model.text import Text

FACETS = ("kind", "country", "section", "partnership", "size", "stage", "language", "shows")
TITLE, KEY, SUMMARY = 4, 2, 1
_LOCK = threading.Lock()


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
class Catalogue(Searched):
    """The page of the catalogue."""

    entries: tuple[Entry, ...]
    facets: tuple[tuple[str, tuple[Choice, ...]], ...]


def catalogue(asked: Asked) -> Catalogue:
    """Return what is found."""
    state = live()
    hits = asked.hits(state.index)
    facets = []
    for name in FACETS:
        values = dict(hits.counts.get(name, {}))
        chosen = asked.filters.get(name, "")
        if chosen and chosen in _values(name, state):
            values.setdefault(chosen, 0)
        choices = choices_of(values, chosen)
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
            index = Index.of([_document(entry) for entry in entries.values()], thesaurus())
            _Holder.state = _Live(mark, entries, index)
        return _Holder.state


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
