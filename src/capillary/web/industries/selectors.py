"""Reads of the codes of industries: searching them, and what each is elsewhere, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.model.industry import SCHEMES
from capillary.web import engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.model.industry import Industry, Scheme
    from capillary.model.place import Sector
    from capillary.model.standard import Certainty, Source
    from capillary.model.text import Text


def scheme_named(name: str) -> Scheme | None:
    """Return the classification of a name; None where there is none."""
    return next((scheme for scheme in SCHEMES if scheme == name), None)


def found_by(words: str, scheme: Scheme | None) -> list[Industry]:
    """Return what has the words as its code or in its name; without words, the sections."""
    crosswalk = engine.library().industries()
    schemes = (scheme,) if scheme else SCHEMES
    if words.strip():
        return crosswalk.search(words, schemes)
    return [
        item for name in schemes for item in crosswalk.industries[name].values() if item.grain == "section"
    ]


@dataclass(frozen=True)
class Link:
    """What a code has something in common with."""

    industry: Industry
    whole: bool
    note: Text | None


@dataclass(frozen=True)
class Elsewhere:
    """What a code is in another classification; no links where nothing answers to it."""

    title: Text
    links: list[Link]


@dataclass(frozen=True)
class Row:
    """A code with what it is elsewhere and the sectors that it lies in."""

    industry: Industry
    scheme: Text
    elsewhere: list[Elsewhere]
    sectors: list[Sector]


def rows(items: Iterable[Industry]) -> list[Row]:
    """Return what the page says of codes."""
    return [row(item) for item in items]


def row(item: Industry) -> Row:
    """Return what the page says of a code."""
    crosswalk = engine.library().industries()
    return Row(
        item,
        crosswalk.files[item.scheme].title,
        [
            Elsewhere(
                crosswalk.files[scheme].title,
                [
                    Link(
                        crosswalk.industries[scheme][other.code],
                        other.whole,
                        crosswalk.note_on(item.scheme, item.code, scheme, other.code),
                    )
                    for other in crosswalk.related(item.scheme, item.code, scheme)
                ],
            )
            for scheme in SCHEMES
            if scheme != item.scheme
        ],
        [crosswalk.sectors[name] for name in crosswalk.sectors_of(item.scheme, item.code)],
    )


def scheme_choices() -> list[tuple[Scheme, Text]]:
    """Return the classifications with their titles."""
    files = engine.library().industries().files
    return [(scheme, files[scheme].title) for scheme in SCHEMES]


def sources() -> list[tuple[Text, Source, Certainty]]:
    """Return what the classifications and their crosswalk rest on: what it is about, the source, and how sure it is."""
    crosswalk = engine.library().industries()
    found = [
        (file.title, source, file.certainty)
        for file in crosswalk.files.values()
        for source in file.sources
        if source.id == file.source
    ]
    return found + [
        (source.title, source, crosswalk.links.certainty)
        for source in crosswalk.links.sources
        if source.id == crosswalk.links.source
    ]
