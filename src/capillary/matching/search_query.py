"""What a query asks for: units that must be found, each in one of several ways."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from capillary.matching.search_text import FILLERS, SILENT, is_han, pairs, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capillary.model.capability import Capability
    from capillary.model.synonym import Synonyms

WHOLE = 100
SYNONYM = 60
LONGEST_QUERY = 200
MOST_UNITS = 12


@dataclass(frozen=True)
class Way:
    """One way in which a unit can be found.

    Attributes:
        tokens: what a document must have.
        needed: how many of them.
        percent: what a hit counts, in percent of one by the word as it was typed.
    """

    tokens: tuple[str, ...]
    needed: int
    percent: int = WHOLE


@dataclass(frozen=True)
class Unit:
    """A word, a phrase or a run of characters; a document has it if it has it in one of the ways."""

    typed: str
    ways: tuple[Way, ...]


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(runs(text))


def _way(phrase: Sequence[str], percent: int) -> Way:
    """Return the way in which a phrase is found: all its words, and enough pairs of its Chinese runs."""
    found: dict[str, None] = {}
    spare = 0
    for run in phrase:
        parts = pairs(run) if is_han(run) else [run]
        found |= dict.fromkeys(parts)
        if is_han(run):
            spare += len(parts) - enough(len(parts))
    return Way(tuple(found), len(found) - spare, percent)


def enough(count: int) -> int:
    """Return how many of so many pairs a document must have: two thirds, rounded up.

    A run of two or three characters must stand as it was typed; of 质量管理 it will do that 质量 and 管理 stand apart.

    >>> [enough(count) for count in (1, 2, 3, 4, 6)]
    [1, 2, 2, 3, 4]
    """
    return -(-count * 2 // 3)


@dataclass(frozen=True)
class Thesaurus:
    """Names that mean the same.

    Attributes:
        groups: for each name, as its runs, the names of the same group, itself left out.
        longest: the most runs that a name has.
    """

    groups: Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]]) -> Thesaurus:
        """Return the thesaurus of groups of names."""
        found: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
        for group in groups:
            names = list(dict.fromkeys(phrase for name in group if (phrase := _phrase(name))))
            for name in names:
                found.setdefault(name, {}).update((other, None) for other in names if other != name)
        return cls({name: tuple(others) for name, others in found.items()}, max(map(len, found), default=0))

    @classmethod
    def of_capabilities(
        cls, capabilities: Mapping[str, Capability], synonyms: Iterable[Synonyms]
    ) -> Thesaurus:
        """Return the thesaurus of the hub vocabulary: a capability's titles in both languages, and its other names."""
        names = {item.id: [item.title.zh, item.title.en] for item in capabilities.values()}
        others = []
        for item in synonyms:
            said = (*item.names.zh, *item.names.en)
            if item.capability is None:
                others.append(said)
            else:
                names.setdefault(item.capability, []).extend(said)
        return cls.of([*names.values(), *others])

    def ways(self, phrase: tuple[str, ...], percent: int = WHOLE) -> tuple[Way, ...]:
        """Return the ways in which a phrase is found: as it was typed, and by its other names.

        A name of more words counts no more than one of as many as were typed, though each of them is found.
        """
        typed = _way(phrase, percent)
        others = [_way(other, SYNONYM * percent // WHOLE) for other in self.groups.get(phrase, ())]
        return (
            typed,
            *(
                replace(way, percent=way.percent * min(len(typed.tokens), len(way.tokens)) // len(way.tokens))
                for way in others
            ),
        )

    def inside(self, run: str) -> Iterator[str]:
        """Yield the parts of a Chinese run: the longest names that stand in it, from the left, and what is between."""
        start = place = 0
        while place < len(run):
            for end in range(len(run), place + 1, -1):
                if (run[place:end],) in self.groups:
                    if start < place:
                        yield run[start:place]
                    yield run[place:end]
                    start = place = end
                    break
            else:
                place += 1
        if start < len(run):
            yield run[start:]


def units_of(query: str, thesaurus: Thesaurus) -> list[Unit]:
    """Return what a query asks for; words that say nothing are left out unless there are no others.

    Args:
        query: as it was typed; what is beyond `LONGEST_QUERY` characters or `MOST_UNITS` units is not looked at.
        thesaurus: names that mean the same.
    """
    words = [part for run in runs(query[:LONGEST_QUERY]) for part in _telling(run)]
    telling = [word for word in words if word not in SILENT] or words
    found: dict[tuple[str, ...], Unit] = {}
    place = 0
    while place < len(telling):
        length = next(
            (
                length
                for length in range(min(thesaurus.longest, len(telling) - place), 0, -1)
                if tuple(telling[place : place + length]) in thesaurus.groups
            ),
            0,
        )
        phrases = [tuple(telling[place : place + length])] if length else _split(telling[place], thesaurus)
        for phrase in phrases:
            found.setdefault(phrase, Unit(" ".join(phrase), thesaurus.ways(phrase)))
        place += max(1, length)
    return list(found.values())[:MOST_UNITS]


def _telling(run: str) -> list[str]:
    """Return the parts of a run between words that say nothing; the run itself where there is nothing else.

    >>> _telling("订单总是延期"), _telling("怎么办"), _telling("erp")
    (['订单', '延期'], ['怎么办'], ['erp'])
    """
    return [part for part in FILLERS.split(run) if part] or [run]


def _split(word: str, thesaurus: Thesaurus) -> list[tuple[str, ...]]:
    if not is_han(word):
        return [(word,)]
    parts = list(thesaurus.inside(word))
    # a single character between two names, such as 的, is no word of its own
    telling = [part for part in parts if len(part) > 1] or parts
    return [(part,) for part in telling]
