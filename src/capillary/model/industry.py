"""Codes of industries in three classifications, and how they read across: GB/T 4754-2017, NACE Rev. 2 and ISIC Rev. 4.

Only sections (``C``) and divisions (``C13``) are held. NACE Rev. 2 has the sections and divisions of ISIC Rev. 4 (Eurostat,
NACE Rev. 2, introduction to the method); the link between GB/T 4754 and ISIC is a relation of divisions. All else follows from
it by sets: a section is the set of its divisions, and codes are related where the sets meet. NACE Rev. 2.1 (in use since 2025)
and ISIC Rev. 5 are not held.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.place import Sector

Scheme = Literal["gbt-4754", "nace-2", "isic-4"]
Grain = Literal["section", "division"]
Share = Literal["whole", "part"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
IndustryCode = Annotated[str, Meta(pattern=r"^[A-Z](\d{2})?$")]
DivisionCode = Annotated[str, Meta(pattern=r"^[A-Z]\d{2}$")]

_TYPED = re.compile(r"^([A-Z])?(?:(\d{2})(?:\.?\d){0,3})?$")


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Entry(Figure, frozen=True, kw_only=True):
    """A section or a division, as it is written."""

    code: IndustryCode
    title: Text


class IndustryFile(_Item, frozen=True, kw_only=True):
    """A file of ``industries/`` as it is written: one classification.

    Attributes:
        like: another classification whose codes and titles this one has; then none are listed.
    """

    scheme: Scheme
    title: Text
    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    like: Scheme | None = None
    industries: tuple[Entry, ...] = ()


class Row(Figure, frozen=True, kw_only=True):
    """A division of GB/T 4754 and one of ISIC that have something in common.

    Attributes:
        share: whether all of the Chinese division lies in the other, small exceptions aside, or a part of it.
    """

    gbt: DivisionCode
    isic: DivisionCode
    share: Share


class Unmatched(_Item, frozen=True, kw_only=True):
    """A division to which nothing in the other classification answers, and why."""

    scheme: Literal["gbt-4754", "isic-4"]
    code: DivisionCode
    note: Text


class CrosswalkFile(_Item, frozen=True, kw_only=True):
    """``industries/crosswalk.yaml`` as it is written."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    rows: Annotated[tuple[Row, ...], AT_LEAST_ONE]
    unmatched: tuple[Unmatched, ...] = ()


@dataclass(frozen=True)
class Industry:
    """A section or a division of a classification."""

    scheme: Scheme
    code: str
    title: Text
    certainty: Certainty

    @property
    def section(self) -> str:
        """The letter of its section; its own where it is one.

        >>> Industry("isic-4", "C10", Text(zh="食品制造", en="Food"), "unverified").section
        'C'
        """
        return self.code[0]

    @property
    def grain(self) -> Grain:
        """Whether it is a section or a division."""
        return "section" if len(self.code) == 1 else "division"


@dataclass(frozen=True)
class Related:
    """A code that has something in common with the one asked for.

    Attributes:
        whole: all of what was asked for lies in it.
    """

    code: str
    whole: bool


@dataclass(frozen=True)
class Crosswalk:
    """The three classifications, how they read across, and the sectors of ours that they lie in.

    Attributes:
        files: each classification as it is written.
        links: the relation of divisions as it is written.
        sectors: sectors by id; each names the sections and divisions that it stands for.
    """

    files: Mapping[Scheme, IndustryFile]
    links: CrosswalkFile
    sectors: Mapping[str, Sector]

    @cached_property
    def industries(self) -> Mapping[Scheme, Mapping[str, Industry]]:
        """Every section and division of every classification, by code, in the order of its file."""
        return {scheme: self._industries(scheme) for scheme in SCHEMES}

    def _industries(self, scheme: Scheme) -> Mapping[str, Industry]:
        file = self.files[scheme]
        entries = self.files[file.like].industries if file.like else file.industries
        return {
            item.code: Industry(scheme, item.code, item.title, item.certainty or file.certainty)
            for item in entries
        }

    @cached_property
    def _across(self) -> Mapping[tuple[Scheme, Scheme], Mapping[str, frozenset[str]]]:
        """The divisions that each division meets, for every two classifications."""
        there: defaultdict[str, set[str]] = defaultdict(set)
        back: defaultdict[str, set[str]] = defaultdict(set)
        for row in self.links.rows:
            there[row.gbt].add(row.isic)
            back[row.isic].add(row.gbt)
        forth = {code: frozenset(found) for code, found in there.items()}
        home = {code: frozenset(found) for code, found in back.items()}
        return {
            (one, other): forth if one == "gbt-4754" else home
            for one in SCHEMES
            for other in SCHEMES
            if (one == "gbt-4754") != (other == "gbt-4754")
        }

    def find(self, scheme: Scheme, text: str) -> Industry | None:
        """Return the section or division that a text names; of a longer code, its division; None where there is none.

        A code may stand with its letter or without, and with the points of NACE: ``C``, ``C13``, ``13``, ``13.10``, ``C1310``.
        """
        found = _TYPED.match(text.strip().upper())
        if found is None:
            return None
        letter, division = found.groups()
        known = self.industries[scheme]
        if division is None:
            return known.get(letter or "")
        return next(
            (item for item in known.values() if item.code[1:] == division and letter in {None, item.code[0]}),
            None,
        )

    def search(self, words: str, schemes: Sequence[Scheme] = SCHEMES) -> list[Industry]:
        """Return what has all words in its title, in either language; what has it as its code stands first."""
        wanted = words.casefold().split()
        if not wanted:
            return []
        exact = [item for scheme in schemes if (item := self.find(scheme, words)) is not None]
        titled = [
            item
            for scheme in schemes
            for item in self.industries[scheme].values()
            if item not in exact
            and all(word in f"{item.title.zh} {item.title.en}".casefold() for word in wanted)
        ]
        return exact + titled

    def divisions(self, scheme: Scheme, code: str) -> tuple[str, ...]:
        """Return the divisions of a section, or the division itself.

        Raises:
            KeyError: the classification has no such code.
        """
        item = self.industries[scheme][code]
        if item.grain == "division":
            return (code,)
        return tuple(
            other.code
            for other in self.industries[scheme].values()
            if other.grain == "division" and other.section == code
        )

    def related(
        self, scheme: Scheme, code: str, to_scheme: Scheme, grain: Grain | None = None
    ) -> tuple[Related, ...]:
        """Return what a code has something in common with in another classification, in the order of its codes.

        Args:
            scheme: the classification of the code.
            code: a section or a division.
            to_scheme: where to look; it may be the same.
            grain: whether sections or divisions are wanted; left out, what the code is itself.

        Raises:
            KeyError: the classification has no such code.
        """
        grain = grain or self.industries[scheme][code].grain
        met = [self._met(scheme, division, to_scheme) for division in self.divisions(scheme, code)]
        every = frozenset[str]().union(*met)
        shown = {other if grain == "division" else other[0] for other in every}
        # where a division has no counterpart, some of the code lies nowhere, and so not in one other code
        is_whole = len(shown) == 1 and all(met)
        return tuple(Related(other, is_whole) for other in self.industries[to_scheme] if other in shown)

    def _met(self, scheme: Scheme, division: str, to_scheme: Scheme) -> frozenset[str]:
        if (scheme == "gbt-4754") == (to_scheme == "gbt-4754"):
            return frozenset(
                {division}
            )  # the same classification, or NACE and ISIC, whose divisions are the same
        return self._across[scheme, to_scheme].get(division, frozenset())

    def sectors_of(self, scheme: Scheme, code: str) -> tuple[str, ...]:
        """Return the ids of the sectors of ours that a code lies in, wholly or in part.

        Raises:
            KeyError: the classification has no such code.
        """
        wanted = set(self.divisions(scheme, code))
        return tuple(name for name in self.sectors if wanted & set(self.codes_of(name, scheme)))

    def codes_of(self, sector: str, scheme: Scheme) -> tuple[str, ...]:
        """Return the divisions of a classification that a sector of ours stands for.

        Raises:
            KeyError: there is no such sector.
        """
        return self._grouped[sector, scheme]

    @cached_property
    def _grouped(self) -> Mapping[tuple[str, Scheme], tuple[str, ...]]:
        return {
            (name, scheme): tuple(
                self._spelt_out(scheme, sector.gbt if scheme == "gbt-4754" else sector.isic)
            )
            for name, sector in self.sectors.items()
            for scheme in SCHEMES
        }

    def _spelt_out(self, scheme: Scheme, codes: Iterable[str]) -> Iterable[str]:
        for code in codes:
            if code in self.industries[scheme]:
                yield from self.divisions(scheme, code)

    def note_on(self, scheme: Scheme, code: str, to_scheme: Scheme, other: str) -> Text | None:
        """Return what two divisions have in common, where that is noted."""
        pair = (code, other) if scheme == "gbt-4754" else (other, code)
        return self._notes.get(pair) if (scheme == "gbt-4754") != (to_scheme == "gbt-4754") else None

    @cached_property
    def _notes(self) -> Mapping[tuple[str, str], Text]:
        return {(row.gbt, row.isic): row.note for row in self.links.rows if row.note is not None}

    def as_json(self, item: Industry, targets: Sequence[Scheme] = SCHEMES) -> dict[str, Any]:
        """Return an industry, what it is in other classifications, and the sectors of ours that it lies in."""
        return {
            "scheme": item.scheme,
            "code": item.code,
            "section": item.section,
            "title": {"zh": item.title.zh, "en": item.title.en},
            "certainty": item.certainty,
            "related": [
                {"scheme": target, "code": other.code, "whole": other.whole}
                for target in targets
                if target != item.scheme
                for other in self.related(item.scheme, item.code, target)
            ],
            "sectors": list(self.sectors_of(item.scheme, item.code)),
        }
