"""Which catalogues there are: each part of the product registers its own, and the search knows no part by name.

A part calls `register` once for each kind of entry, when its app is ready. See ``docs/decisions/024-find.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from capillary.matching.search import Index
from capillary.matching.search_content import thesaurus_of, words_of
from capillary.matching.search_documents import listed_document
from capillary.model.listed import KIND_ORDER, LAST
from capillary.web import engine

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import Model

    from capillary.matching.search_documents import Words
    from capillary.matching.search_query import Thesaurus
    from capillary.model.listed import Listed
    from capillary.model.text import Text

    Numbers = Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Part:
    """What stands in a catalogue now. While nothing has changed, a catalogue returns the same object.

    Attributes:
        index: over the entries, and perhaps those of neighbouring kinds.
        listed: an entry by its id; None where there is none.
        facts: what a list says under an entry, by its id, in the page's language.
    """

    index: Index
    listed: Callable[[str], Listed | None]
    facts: Callable[[str], list[str]] = lambda _id: []


@dataclass(frozen=True)
class Catalogue:
    """A kind of entry that can be found.

    Attributes:
        one: what an entry is called.
        title: what all of them are called.
        text: what there is to find, in a sentence.
        url: the address of the list of all.
        link: the address of an entry, by its id.
        part: what stands in it; takes the number of the last change of each kind.
    """

    kind: str
    one: Text
    title: Text
    text: Text
    url: Callable[[], str]
    link: Callable[[str], str]
    part: Callable[[Numbers], Part]


_CATALOGUES: dict[str, Catalogue] = {}


def register(catalogue: Catalogue) -> None:
    """Let the entries of a catalogue be found.

    Raises:
        ValueError: the kind is taken, or its name could not stand in the name of an entry.
    """
    if ":" in catalogue.kind or catalogue.kind in _CATALOGUES:
        raise ValueError(catalogue.kind)
    _CATALOGUES[catalogue.kind] = catalogue


def catalogues() -> list[Catalogue]:
    """Return all catalogues, in the order of their kinds; those that came along, last."""
    return sorted(_CATALOGUES.values(), key=lambda item: (KIND_ORDER.get(item.kind, LAST), item.kind))


def catalogue_of(kind: str) -> Catalogue:
    """Return the catalogue of a kind.

    Raises:
        KeyError: there is none.
    """
    return _CATALOGUES[kind]


@cache
def words() -> Words:
    """Return what documents say beside their own texts."""
    return words_of(engine.library())


@cache
def thesaurus() -> Thesaurus:
    """Return the names that mean the same."""
    return thesaurus_of(engine.library())


def part_of(entries: Iterable[Listed], facts: Callable[[str], list[str]] = lambda _id: []) -> Part:
    """Return entries of one kind with their index."""
    known = {item.id: item for item in entries}
    documents = [listed_document(item, words()) for item in known.values()]
    return Part(Index.of(documents, thesaurus()), known.get, facts)


def fixed(read: Callable[[], Part]) -> Callable[[Numbers], Part]:
    """Return the part of a catalogue that does not change while the process lives: one of the content."""
    kept = cache(read)
    _FIXED.append(kept)
    return lambda _numbers: kept()


_FIXED: list[Callable[[], Part]] = []


def warm_up() -> None:
    """Index all content, so that no visitor waits for it; what stands in the database is read with the first search."""
    for kept in _FIXED:
        kept()


def watched(kind: str, read: Callable[[], Part], *models: type[Model]) -> Callable[[Numbers], Part]:
    """Return the part of a catalogue that stands in the database.

    It is read again after a row of one of its models changed, and with every day, for what stands may end with one.
    Rows that are changed in another way than one by one (``update``, ``bulk_create``) send no signal: call `touch` there.
    """
    kept: list[tuple[tuple[int, dt.date], Part]] = []

    def part(numbers: Numbers) -> Part:
        mark = (numbers.get(kind, 0), timezone.localdate())
        if not kept or kept[0][0] != mark:
            kept[:] = [(mark, read())]
        return kept[0][1]

    def changed(**_given: object) -> None:
        touch(kind)

    for model in models:
        for signal in (post_save, post_delete):
            signal.connect(changed, sender=model, weak=False, dispatch_uid=f"find {kind}")
    _FORGET.append(kept.clear)
    return part


_FORGET: list[Callable[[], None]] = []


def forget() -> None:
    """Read everything that stands in the database anew with the next search: it is another database, as in tests."""
    for clear in _FORGET:
        clear()


def touch(kind: str) -> None:
    """Say that something of a kind has changed, in the transaction of the change."""
    from capillary.web.find.models import CatalogueRevision

    rows = CatalogueRevision.objects.filter(kind=kind)
    if not rows.update(number=F("number") + 1):
        CatalogueRevision.objects.get_or_create(kind=kind)
        rows.update(number=F("number") + 1)


def numbers() -> Numbers:
    """Return the number of the last change of each kind; one query."""
    from capillary.web.find.models import CatalogueRevision

    return dict(CatalogueRevision.objects.values_list("kind", "number"))
