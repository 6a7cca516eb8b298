"""Search over short documents in Chinese and English, in memory, the same whatever database holds them.

An `Index` is a value: a change makes a new one that shares nearly everything with the old. What it finds does not depend on how
it came to be: an index that was changed a hundred times answers like one that was built anew.

A document's worth is the sum over the units of a query of the best way in which it has each. A way's worth is that of BM25
(S. Robertson and H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009), in whole numbers, with a fixed
length in place of the mean one, since the mean would change with every document. Equal ones stand by their order and id.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import log
from typing import TYPE_CHECKING

import numpy as np

from capillary.matching.search_query import WHOLE, Thesaurus, Unit, units_of
from capillary.matching.search_text import distance, is_han, tokens
from capillary.model.listed import ANYTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.matching.search_query import Way

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Flags = NDArray[np.bool_]

LENGTH, K1, B = 120, 1.2, 0.6
SCALE = 1000
SEGMENTS = 8
PREFIX, ONE_OFF, TWO_OFF = 80, 60, 40
MOST_VARIANTS, FEW = 8, 6
SHORTEST_PREFIX, SHORTEST_TYPO, TWO_TYPOS = 3, 4, 8
PAIR = 2


@dataclass(frozen=True)
class Document:
    """Something that can be found.

    Attributes:
        id: its name in the index, such as ``offer:my-offer``.
        texts: texts in any language, each with its weight: a word in a title tells more than one in a summary.
        facets: by facet the values that it has; `ANYTHING` among them stands for all values.
        order: among equal ones, the smallest stands first.
        percent: what its worth counts, so that thousands of offers do not stand before what they are offers of.
    """

    id: str
    texts: tuple[tuple[int, str], ...]
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: int = 0
    percent: int = WHOLE


@dataclass(frozen=True)
class Hits:
    """What was found.

    Attributes:
        total: how many documents.
        ids: those of the page that was asked for, best first.
        counts: by facet and value, how many would be found with this value, all other facets' filters kept.
        relaxed: whether no document has everything that was asked for; these have the most of it.
        instead: words that nothing has, each with the words that were looked for in its place.
    """

    total: int
    ids: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    relaxed: bool = False
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Facet:
    """The values of a facet in one segment: pairs of document and value, and the documents that have any value."""

    values: tuple[str, ...]
    document: Small
    value: Small
    anything: Flags

    @cached_property
    def number(self) -> Mapping[str, int]:
        return {value: index for index, value in enumerate(self.values)}

    @cached_property
    def start(self) -> Ints:
        """Where the pairs of each document begin, and the end of the last ones; they stand in the order of the documents."""
        return np.searchsorted(self.document, np.arange(len(self.anything) + 1))

    def counted(self, flags: Flags) -> list[int]:
        """Return how many of some documents have each value itself."""
        places = np.flatnonzero(flags)
        if len(places) * FEW > len(flags):
            values = self.value[flags[self.document]]
        else:
            # a few documents: their pairs alone are read
            count = self.start[places + 1] - self.start[places]
            within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            values = self.value[np.repeat(self.start[places], count) + within]
        found: list[int] = np.bincount(values, minlength=len(self.values)).tolist()
        return found


@dataclass(frozen=True, eq=False)
class _Segment:
    """Documents that were added together; never changed.

    Attributes:
        span: by token, where its part of ``document`` and ``worth`` begins and ends.
        worth: of the token in the document, in thousandths, before its rarity is counted.
    """

    ids: tuple[str, ...]
    order: Ints
    percent: Ints
    span: Mapping[str, tuple[int, int]]
    document: Small
    worth: Small
    facets: Mapping[str, _Facet]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each id."""
        return {name: index for index, name in enumerate(self.ids)}

    @cached_property
    def words(self) -> list[str]:
        """The words of Latin script, in alphabetical order."""
        return sorted(token for token in self.span if token.isalpha() and not is_han(token))

    @cached_property
    def grams(self) -> Mapping[str, Small]:
        """By three neighbouring letters, the places in ``words`` of the words that have them."""
        found: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            for gram in _grams(word):
                found.setdefault(gram, []).append(index)
        return {gram: np.array(items, dtype=np.int32) for gram, items in found.items()}

    @cached_property
    def lengths(self) -> Ints:
        """How long each of ``words`` is."""
        return np.array([len(word) for word in self.words], dtype=np.int64)

    @cached_property
    def letters(self) -> Ints:
        """Which letters each of ``words`` has, as bits."""
        return np.array([_letters(word) for word in self.words], dtype=np.int64)

    def posted(self, token: str) -> tuple[Small, Small]:
        """Return the documents that have a token, and its worth in each."""
        first, last = self.span.get(token, (0, 0))
        return self.document[first:last], self.worth[first:last]


def _grams(word: str) -> set[str]:
    padded = f"##{word}#"
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _letters(word: str) -> int:
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) % 32)
    return found


def _ones(bits: Ints) -> Ints:
    """Return how many of the lowest 32 bits are set."""
    found: Ints = sum(((bits >> place) & 1 for place in range(32)), np.zeros_like(bits))
    return found


@lru_cache(maxsize=1 << 15)
def _counted(text: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return how often each token stands in a text, and how many there are; kept, for documents share many of their texts."""
    found = Counter(tokens(text))
    return tuple(found.items()), found.total()


@lru_cache(maxsize=1 << 15)
def _worth(frequency: int, length: int) -> int:
    return round(SCALE * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / LENGTH)))


def _segment(documents: Sequence[Document]) -> _Segment:
    number: dict[str, int] = {}
    # arrays of the machine's numbers: lists would take eight times as much memory while the index is built
    token_of, document, worth = array("i"), array("i"), array("i")
    for index, item in enumerate(documents):
        counted: dict[str, int] = {}
        length = 0
        for weight, text in item.texts:
            found, count = _counted(text)
            length += count
            for token, times in found:
                counted[token] = counted.get(token, 0) + weight * times
        token_of.extend([number.setdefault(token, len(number)) for token in counted])
        worth.extend([_worth(frequency, length) for frequency in counted.values()])
        document.extend([index] * len(counted))
    owner = np.frombuffer(token_of, dtype=np.int32) if token_of else np.zeros(0, dtype=np.int32)
    by_token = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner, minlength=len(number))) if number else np.zeros(0, dtype=np.int64)
    span = {
        token: (int(ends[place - 1]) if place else 0, int(ends[place])) for token, place in number.items()
    }
    return _Segment(
        tuple(item.id for item in documents),
        np.array([item.order for item in documents], dtype=np.int64),
        np.array([item.percent for item in documents], dtype=np.int64),
        span,
        np.array(document, dtype=np.int32)[by_token],
        np.array(worth, dtype=np.int32)[by_token],
        _facets(documents),
    )


def _facets(documents: Sequence[Document]) -> dict[str, _Facet]:
    names = dict.fromkeys(name for item in documents for name in item.facets)
    found = {}
    for name in names:
        number: dict[str, int] = {}
        document, value = [], []
        anything = np.zeros(len(documents), dtype=bool)
        for index, item in enumerate(documents):
            for word in dict.fromkeys(item.facets.get(name, ())):
                if word == ANYTHING:
                    anything[index] = True
                else:
                    document.append(index)
                    value.append(number.setdefault(word, len(number)))
        pairs = np.array([document, value], dtype=np.int32)
        # what has any value has each of them, so its own are not counted besides
        pairs = pairs[:, ~anything[pairs[0]]]
        found[name] = _Facet(tuple(number), pairs[0], pairs[1], anything)
    return found


def _merged(segments: Sequence[_Segment], live: Sequence[Flags]) -> _Segment:
    """Return the live documents of several segments as one, without reading their texts again."""
    moved = []
    base = 0
    for segment, flags in zip(segments, live, strict=True):
        place = np.full(len(segment), -1, dtype=np.int32)
        place[flags] = np.arange(base, base + int(flags.sum()), dtype=np.int32)
        moved.append(place)
        base += int(flags.sum())
    span: dict[str, tuple[int, int]] = {}
    documents, worths = [], []
    done = 0
    for token in dict.fromkeys(token for segment in segments for token in segment.span):
        first = done
        for segment, place in zip(segments, moved, strict=True):
            document, worth = segment.posted(token)
            kept = place[document] >= 0
            documents.append(place[document][kept])
            worths.append(worth[kept])
            done += int(kept.sum())
        if done > first:
            span[token] = (first, done)
    ids = tuple(
        name
        for segment, flags in zip(segments, live, strict=True)
        for name, kept in zip(segment.ids, flags.tolist(), strict=True)
        if kept
    )
    order = np.concatenate([segment.order[flags] for segment, flags in zip(segments, live, strict=True)])
    percent = np.concatenate([segment.percent[flags] for segment, flags in zip(segments, live, strict=True)])
    empty = np.zeros(0, dtype=np.int32)
    return _Segment(
        ids,
        order,
        percent,
        span,
        np.concatenate([*documents, empty]),
        np.concatenate([*worths, empty]),
        _merged_facets(segments, live, moved, base),
    )


def _merged_facets(
    segments: Sequence[_Segment], live: Sequence[Flags], moved: Sequence[Small], size: int
) -> dict[str, _Facet]:
    found = {}
    for name in dict.fromkeys(name for segment in segments for name in segment.facets):
        number: dict[str, int] = {}
        documents, values = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
        anything = np.zeros(size, dtype=bool)
        for segment, flags, place in zip(segments, live, moved, strict=True):
            facet = segment.facets.get(name)
            if facet is None:
                continue
            renamed = np.array(
                [number.setdefault(word, len(number)) for word in facet.values], dtype=np.int32
            )
            kept = flags[facet.document]
            documents.append(place[facet.document[kept]])
            values.append(renamed[facet.value[kept]])
            anything[place[flags]] = facet.anything[flags]
        found[name] = _Facet(tuple(number), np.concatenate(documents), np.concatenate(values), anything)
    return found


@dataclass(frozen=True, eq=False)
class Index:
    """Documents that can be searched.

    Attributes:
        thesaurus: names that mean the same.
    """

    thesaurus: Thesaurus = field(default_factory=Thesaurus)
    segments: tuple[_Segment, ...] = ()
    live: tuple[Flags, ...] = ()

    @classmethod
    def of(cls, documents: Iterable[Document], thesaurus: Thesaurus | None = None) -> Index:
        """Return the index of documents; of several with one id the last counts."""
        return cls(thesaurus or Thesaurus()).changed(documents)

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return sum(int(flags.sum()) for flags in self.live)

    def changed(self, documents: Iterable[Document] = (), removed: Collection[str] = ()) -> Index:
        """Return the index with documents added or replaced, and those of some ids taken out; this one stays as it is."""
        latest = {item.id: item for item in documents}
        gone = latest.keys() | set(removed)
        live = [
            self._without(segment, flags, gone)
            for segment, flags in zip(self.segments, self.live, strict=True)
        ]
        kept = [item for name, item in latest.items() if name not in removed]
        segments = [*self.segments, _segment(kept)] if kept else list(self.segments)
        live += [np.ones(len(kept), dtype=bool)] if kept else []
        while len(segments) > SEGMENTS:
            # the two smallest neighbours, so that a large old segment is copied seldom
            place = min(range(len(segments) - 1), key=lambda at: len(segments[at]) + len(segments[at + 1]))
            both, flags = segments[place : place + 2], live[place : place + 2]
            segments[place : place + 2] = [_merged(both, flags)]
            live[place : place + 2] = [np.ones(len(segments[place]), dtype=bool)]
        return Index(self.thesaurus, tuple(segments), tuple(live))

    def joined(self, *others: Index) -> Index:
        """Return one index over the documents of this and others, which share no id; no document is read again.

        What is found in it is what an index of all the documents finds.
        """
        return Index(
            self.thesaurus,
            sum((other.segments for other in others), self.segments),
            sum((other.live for other in others), self.live),
        )

    @staticmethod
    def _without(segment: _Segment, live: Flags, gone: Collection[str]) -> Flags:
        places = [place for name in gone if (place := segment.place.get(name)) is not None]
        if not places or not live[places].any():
            return live
        flags = live.copy()
        flags[places] = False
        return flags

    # --- asking ------------------------------------------------------------------------------------------------------

    def search(
        self,
        query: str = "",
        filters: Mapping[str, Collection[str]] | None = None,
        *,
        first: int = 0,
        count: int = 20,
    ) -> Hits:
        """Return the documents that have what a query asks for, and pass all filters.

        Args:
            query: as it was typed; an empty one asks for everything.
            filters: by facet the values of which one must hold; facets are joined by "and".
            first: how many of the best to leave out.
            count: how many to name.
        """
        filters = {name: values for name, values in (filters or {}).items() if values}
        units, instead = self._units(query)
        score, had = self._scored(units)
        found = self._all_live & (had == len(units))
        relaxed = False
        if units and not found.any():
            most = int(had[self._all_live].max(initial=0))
            relaxed = most > 0
            found = self._all_live & (had == most) & (had > 0)
        passing = {name: self._passing(name, values) for name, values in filters.items()}
        counts = self._counts(found, passing)
        for flags in passing.values():
            found = found & flags
        places = np.flatnonzero(found)
        ids = tuple(self._id(place) for place in self._best(places, score, first, count))
        return Hits(len(places), ids, counts, relaxed, instead)

    @cached_property
    def _all_live(self) -> Flags:
        return np.concatenate([np.zeros(0, dtype=bool), *self.live])

    @cached_property
    def _base(self) -> list[int]:
        """Where each segment begins in the row of all documents, and the end."""
        return [0, *np.cumsum([len(segment) for segment in self.segments]).tolist()]

    @cached_property
    def _percent(self) -> Ints:
        return np.concatenate([np.zeros(0, dtype=np.int64), *(segment.percent for segment in self.segments)])

    @cached_property
    def _standing(self) -> Ints:
        """The standing of each document where all else is equal, the best first from 0."""
        order = np.concatenate([np.zeros(0, dtype=np.int64), *(segment.order for segment in self.segments)])
        ids = np.array([name for segment in self.segments for name in segment.ids], dtype=np.str_)
        found = np.empty(len(order), dtype=np.int64)
        found[np.lexsort((ids, order))] = np.arange(len(order))
        return found

    def _id(self, place: int) -> str:
        at = next(index for index, end in enumerate(self._base[1:]) if place < end)
        return self.segments[at].ids[place - self._base[at]]

    def _best(self, places: Ints, score: Ints, first: int, count: int) -> list[int]:
        size = len(self._standing)
        key = score[places] * size + (size - 1 - self._standing[places])
        wanted = min(first + count, len(places))
        if wanted <= first:
            return []
        if wanted < len(places):
            top = np.argpartition(key, len(places) - wanted)[len(places) - wanted :]
            places, key = places[top], key[top]
        found: list[int] = places[np.argsort(-key)][first:wanted].tolist()
        return found

    @cached_property
    def _held(self) -> dict[str, int]:
        return {}

    def _holders(self, token: str) -> int:
        """Return how many live documents have a token; counted once."""
        found = self._held.get(token)
        if found is None:
            found = self._held[token] = sum(
                int(flags[segment.posted(token)[0]].sum())
                for segment, flags in zip(self.segments, self.live, strict=True)
            )
        return found

    def _scored(self, units: Sequence[Unit]) -> tuple[Ints, Small]:
        """Return the worth of every document, and how many units it has."""
        size = self._base[-1]
        score, had = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int32)
        for unit in units:
            best = np.zeros(size, dtype=np.int64)
            for way in unit.ways:
                np.maximum(best, self._way(way), out=best)
            score += best
            had += best > 0
        return score * self._percent // WHOLE, had

    def _way(self, way: Way) -> Ints:
        """Return the worth of a way in every document, 0 where too few of its tokens stand."""
        size = self._base[-1]
        worth, number = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int16)
        for token in way.tokens:
            rarity = self._rarity(token)
            for base, segment in zip(self._base, self.segments, strict=False):
                document, value = segment.posted(token)
                if len(document):
                    worth[base : base + len(segment)][document] += value.astype(np.int64) * rarity
                    number[base : base + len(segment)][document] += 1
        worth[number < way.needed] = 0
        return worth * way.percent // 100

    def _rarity(self, token: str) -> int:
        holders = self._holders(token)
        return max(1, round(SCALE * log(1 + (self._count - holders + 0.5) / (holders + 0.5))))

    # --- words that nothing has --------------------------------------------------------------------------------------

    def _units(self, query: str) -> tuple[list[Unit], dict[str, tuple[str, ...]]]:
        """Return the units of a query.

        A word of Latin script that nothing has is looked for under its neighbours, a run of Chinese characters that nothing
        has by the words of two characters in it.
        """
        instead: dict[str, tuple[str, ...]] = {}
        units: dict[str, Unit] = {}
        for unit in units_of(query, self.thesaurus):
            ways = unit.ways
            if len(ways) == 1 and is_han(unit.typed):
                if len(unit.typed) > PAIR and not self._way(ways[0])[self._all_live].any():
                    parts = self._pairs_in(unit.typed)
                    instead |= {unit.typed: tuple(parts)} if parts else {}
                    units |= {
                        part: Unit(part, self.thesaurus.ways((part,))) for part in parts or [unit.typed]
                    }
                    continue
            elif len(ways) == 1 and len(ways[0].tokens) == 1:
                word = ways[0].tokens[0]
                if not self._holders(word):
                    variants = list(self._variants(word))
                    ways = tuple(
                        way for other, percent in variants for way in self.thesaurus.ways((other,), percent)
                    )
                    instead |= {unit.typed: tuple(other for other, _ in variants)} if variants else {}
            units[unit.typed] = Unit(unit.typed, ways)
        return list(units.values()), instead

    def _pairs_in(self, run: str) -> list[str]:
        """Return as many neighbours in a Chinese run as something has, none with a character of another.

        Of several ways to have as many, the one that has the first of them furthest to the left.
        """
        best: list[list[str]] = [[], []]
        for place in range(len(run) - PAIR, -1, -1):
            pair = run[place : place + PAIR]
            later = [pair, *best[-2]] if self._holders(pair) else []
            best.append(later if len(later) >= len(best[-1]) and later else best[-1])
        return best[-1]

    def _variants(self, word: str) -> Iterator[tuple[str, int]]:
        """Yield words that a word may stand for, with what each counts in percent: longer ones, else misspelt ones."""
        longer = self._longer(word)
        if longer:
            yield from ((other, PREFIX) for other in longer)
            return
        most = 2 if len(word) >= TWO_TYPOS else 1 if len(word) >= SHORTEST_TYPO else 0
        if not most or not word.isalpha():
            return
        near: dict[str, int] = {}
        for segment in self.segments:
            for other in self._alike(segment, word, most):
                if (
                    other not in near
                    and (apart := distance(word, other, most)) <= most
                    and self._holders(other)
                ):
                    near[other] = apart
        least = min(near.values(), default=0)
        same = sorted((name for name, apart in near.items() if apart == least), key=self._often)
        yield from ((other, ONE_OFF if least == 1 else TWO_OFF) for other in same[:MOST_VARIANTS])

    def _often(self, word: str) -> tuple[int, str]:
        return -self._holders(word), word

    def _longer(self, word: str) -> list[str]:
        if len(word) < SHORTEST_PREFIX or not word.isalpha():
            return []
        found: dict[str, None] = {}
        for segment in self.segments:
            place = bisect_left(segment.words, word)
            while place < len(segment.words) and segment.words[place].startswith(word):
                found[segment.words[place]] = None
                place += 1
        return sorted((name for name in found if self._holders(name)), key=self._often)[:MOST_VARIANTS]

    @staticmethod
    def _alike(segment: _Segment, word: str, most: int) -> list[str]:
        """Return the words of a segment that so few mistakes could have turned into a word, and some others."""
        listed = [segment.grams[gram] for gram in sorted(_grams(word)) if gram in segment.grams]
        if not listed:
            return []
        shared = np.bincount(np.concatenate(listed), minlength=len(segment.words))
        # one mistake spoils four groups at most, where two neighbours are swapped, and exchanges one letter for another
        least = max(1, len(word) + 1 - 4 * most)
        places = np.flatnonzero((shared >= least) & (np.abs(segment.lengths - len(word)) <= most))
        apart = _ones(segment.letters[places] ^ _letters(word))
        return [segment.words[place] for place in places[apart <= 2 * most].tolist()]

    # --- filters -----------------------------------------------------------------------------------------------------

    def _passing(self, name: str, values: Collection[str]) -> Flags:
        """Return the documents that have one of the values of a facet."""
        parts = [np.zeros(0, dtype=bool)]
        for segment in self.segments:
            flags = np.zeros(len(segment), dtype=bool)
            facet = segment.facets.get(name)
            if facet is not None:
                wanted = np.zeros(len(facet.values), dtype=bool)
                wanted[[facet.number[value] for value in values if value in facet.number]] = True
                flags[facet.document[wanted[facet.value]]] = True
                flags |= facet.anything
            parts.append(flags)
        return np.concatenate(parts)

    def _counts(self, found: Flags, passing: Mapping[str, Flags]) -> dict[str, dict[str, int]]:
        """Return how many documents each value of each facet would leave, the other facets' filters kept."""
        counts: dict[str, dict[str, int]] = {}
        for name, values in self._values.items():
            flags = found
            for other, kept in passing.items():
                if other != name:
                    flags = flags & kept
            counted = self._counted(name, flags)
            counts[name] = {value: counted.get(value, 0) + counted[ANYTHING] for value in values}
        return counts

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, ...]]:
        """By facet the values that live documents have, in alphabetical order."""
        found: dict[str, tuple[str, ...]] = {}
        for name in sorted({name for segment in self.segments for name in segment.facets}):
            counted = self._counted(name, self._all_live)
            values = tuple(sorted(value for value, count in counted.items() if count and value != ANYTHING))
            if values:
                found[name] = values
        return found

    def _counted(self, name: str, flags: Flags) -> Counter[str]:
        """Return how many of some documents have each value of a facet itself, and how many have any."""
        found: Counter[str] = Counter({ANYTHING: 0})
        for base, segment in zip(self._base, self.segments, strict=False):
            facet = segment.facets.get(name)
            if facet is None:
                continue
            mine = flags[base : base + len(segment)]
            found.update(dict(zip(facet.values, facet.counted(mine), strict=True)))
            found[ANYTHING] += int((mine & facet.anything).sum())
        return found
