"""Partners for an enterprise: the profiles that pass all its demands and whose demands it passes, in an order with reasons.

Demands hold both ways and are joined by "and": what the reader demands of the partner, and what the partner demands of the
reader. A profile that fails one is ruled out. The profiles that are left are ordered by these, one after the other:

1. levels: demanded levels that are certainly reached on both sides before those that are only possibly reached;
2. industries: one lies wholly in the other, before industries that only overlap;
3. forms of partnership in common, more first;
4. languages in common, more first;
5. the first day on which it stands, later first, for a new profile has fewer answers;
6. its reference.

A level is an interval. A demand for a level is *certainly* reached where the lowest possible level reaches it, *possibly* where
only the highest does, and certainly not where neither does; what is not known or not shown may be anything, and is possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, get_args

from capillary.matching.clash import smallest_clash
from capillary.matching.need import places_of
from capillary.model.days import is_day
from capillary.model.partner import COMPLEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from capillary.model.industry import Crosswalk
    from capillary.model.market import CooperationProfile, Partnership, SizeClass
    from capillary.model.partner import LeastLevel, PartnerProfile, ProfileIndustry
    from capillary.model.place import Region

Wish = Literal[
    "kind",
    "valid",
    "industry",
    "partnership",
    "their-region",
    "our-region",
    "their-size",
    "our-size",
    "language",
    "their-level",
    "our-level",
]
WISHES: tuple[Wish, ...] = get_args(Wish)
_LATEST = 10**8
Word = TypeVar("Word", bound=str)


class Reach(StrEnum):
    """Whether a level is reached."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NO = "no"


class Overlap(StrEnum):
    """How far two industries are the same."""

    WHOLE = "whole"  # one lies wholly in the other
    PARTIAL = "partial"
    NONE = "none"


class Relations(Protocol):
    """How a crosswalk relates industries."""

    def __call__(self, first: ProfileIndustry, second: ProfileIndustry) -> Overlap:
        """Return how far two industries are the same, whatever classifications they are of."""


@dataclass(frozen=True)
class CrosswalkRelations:
    """Relations by the crosswalk of the content."""

    crosswalk: Crosswalk

    def __call__(self, first: ProfileIndustry, second: ProfileIndustry) -> Overlap:
        """Return how far two industries are the same; a code that the content does not have is related to none."""
        here, there = self._share(first, second), self._share(second, first)
        if here is None:
            return Overlap.NONE
        return Overlap.WHOLE if here or there else Overlap.PARTIAL

    def _share(self, one: ProfileIndustry, other: ProfileIndustry) -> bool | None:
        """Return whether all of one lies in the other; None where they have nothing in common."""
        known = self.crosswalk.industries
        if one.code not in known[one.scheme] or other.code not in known[other.scheme]:
            return None
        grain = known[other.scheme][other.code].grain
        met = self.crosswalk.related(one.scheme, one.code, other.scheme, grain)
        return next((item.whole for item in met if item.code == other.code), None)


@dataclass(frozen=True)
class LevelSpan:
    """A level under a standard as an interval, both ends included."""

    at_least: int
    at_most: int


@dataclass(frozen=True)
class Known:
    """What matching needs to know besides the profiles.

    Attributes:
        regions: all regions.
        relations: the crosswalk of industries.
        levels: by reference, the level of the firm behind a profile by standard; what is not shown is left out.
    """

    regions: Mapping[str, Region]
    relations: Relations
    levels: Mapping[str, Mapping[str, LevelSpan]] = field(default_factory=dict)


@dataclass(frozen=True)
class Seeker:
    """Who looks for a partner; what is None or empty demands nothing.

    Attributes:
        on: the day of the question.
        kind: of the own profile; None where any kind of profile will do.
        region, size: where and how large the reader's firm is; None where that is not known.
        industries: of the reader's firm or profile.
        partnerships: forms that would do.
        partner_regions, partner_sizes: where and how large the partner may be.
        languages: in which the reader can talk.
        least: the level that the partner should have reached.
        levels: the reader's own level, by standard.
        own: references of the reader's own profiles, which are not looked at.
    """

    on: str
    kind: CooperationProfile | None = None
    region: str | None = None
    size: SizeClass | None = None
    industries: tuple[ProfileIndustry, ...] = ()
    partnerships: frozenset[Partnership] = frozenset()
    partner_regions: tuple[str, ...] = ()
    partner_sizes: tuple[SizeClass, ...] = ()
    languages: frozenset[str] = frozenset()
    least: LeastLevel | None = None
    levels: Mapping[str, LevelSpan] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not is_day(self.on):
            raise ValueError(f"{self.on} is no day")


@dataclass(frozen=True)
class Partner:
    """A profile as seen by a seeker, with the facts that its rank follows from.

    Attributes:
        overlap: the best relation between an industry of either side, and `pairs` all pairs that have it.
        partnerships, languages: in common; all of the profile's where the seeker names none.
        theirs: whether the firm behind it reaches the level that the seeker demands; certain where none is demanded.
        ours: whether the seeker reaches the level that the profile demands.
    """

    profile: PartnerProfile
    overlap: Overlap
    pairs: tuple[tuple[ProfileIndustry, ProfileIndustry], ...]
    partnerships: tuple[Partnership, ...]
    languages: tuple[str, ...]
    theirs: Reach
    ours: Reach

    @cached_property
    def score(self) -> tuple[int, int, int, int, int, str]:
        """What profiles are ordered by, the smallest first."""
        return (
            (self.theirs != Reach.CERTAIN) + (self.ours != Reach.CERTAIN),
            int(self.overlap != Overlap.WHOLE),
            -len(self.partnerships),
            -len(self.languages),
            _LATEST - int(self.profile.valid_from.replace("-", "")),
            self.profile.reference,
        )


@dataclass(frozen=True)
class NoPartner:
    """A profile that fails demands, all of them named."""

    profile: PartnerProfile
    failed: tuple[Wish, ...]


@dataclass(frozen=True)
class Partners:
    """What was found.

    Attributes:
        partners: the profiles that pass, best first.
        ruled_out: the others, by reference.
        clash: where none passes: the smallest set of demands that no profile passes together.
    """

    seeker: Seeker
    partners: tuple[Partner, ...]
    ruled_out: tuple[NoPartner, ...]
    clash: tuple[Wish, ...] = ()


def seeker_of(profile: PartnerProfile, on: str, levels: Mapping[str, LevelSpan] | None = None) -> Seeker:
    """Return the seeker that a profile stands for.

    Args:
        profile: the reader's own.
        on: the day of the question.
        levels: the reader's own level, by standard.
    """
    return Seeker(
        on=on,
        kind=profile.kind,
        region=profile.region,
        size=profile.size,
        industries=profile.industries,
        partnerships=frozenset(profile.partnerships),
        partner_regions=profile.partner_regions,
        partner_sizes=profile.partner_sizes,
        languages=frozenset(profile.languages),
        least=profile.least,
        levels=levels or {},
        own=frozenset({profile.reference}) - {""},
    )


def partners_of(seeker: Seeker, profiles: Iterable[PartnerProfile], known: Known) -> Partners:
    """Return the profiles that pass all demands of both sides, best first, and why the others do not."""
    found: list[Partner] = []
    ruled_out: list[NoPartner] = []
    for profile in sorted(profiles, key=lambda item: item.reference):
        if profile.reference in seeker.own:
            continue
        partner = partner_of(seeker, profile, known)
        failed = tuple(wish for wish in WISHES if not _PASSES[wish](seeker, partner, known))
        if failed:
            ruled_out.append(NoPartner(profile, failed))
        else:
            found.append(partner)
    found.sort(key=lambda item: item.score)
    clash = () if found else smallest_clash([item.failed for item in ruled_out], WISHES)
    return Partners(seeker, tuple(found), tuple(ruled_out), clash)


def partner_of(seeker: Seeker, profile: PartnerProfile, known: Known) -> Partner:
    """Return what a profile would mean for a seeker, whether or not it passes."""
    overlap, pairs = _industries(seeker.industries, profile.industries, known.relations)
    levels = known.levels.get(profile.reference, {})
    return Partner(
        profile=profile,
        overlap=overlap,
        pairs=pairs,
        partnerships=_common(profile.partnerships, seeker.partnerships),
        languages=_common(profile.languages, seeker.languages),
        theirs=reach(levels, seeker.least),
        ours=reach(seeker.levels, profile.least),
    )


def reach(levels: Mapping[str, LevelSpan], least: LeastLevel | None) -> Reach:
    """Return whether a level is reached, by what is known of a firm.

    >>> from capillary.model.partner import LeastLevel
    >>> known = {"miit-2024": LevelSpan(1, 3)}
    >>> [reach(known, LeastLevel(standard="miit-2024", level=level)).value for level in (1, 2, 4)]
    ['certain', 'possible', 'no']
    """
    if least is None:
        return Reach.CERTAIN
    span = levels.get(least.standard)
    if span is None:
        return Reach.POSSIBLE
    if span.at_least >= least.level:
        return Reach.CERTAIN
    return Reach.POSSIBLE if span.at_most >= least.level else Reach.NO


def _common(theirs: Sequence[Word], ours: frozenset[Word]) -> tuple[Word, ...]:
    return tuple(item for item in theirs if not ours or item in ours)


def _industries(
    ours: Sequence[ProfileIndustry], theirs: Sequence[ProfileIndustry], relations: Relations
) -> tuple[Overlap, tuple[tuple[ProfileIndustry, ProfileIndustry], ...]]:
    """Return the best relation of two sets of industries and the pairs that have it."""
    if not ours:
        return Overlap.WHOLE, ()
    by_overlap: dict[Overlap, list[tuple[ProfileIndustry, ProfileIndustry]]] = {item: [] for item in Overlap}
    for mine in ours:
        for other in theirs:
            by_overlap[relations(mine, other)].append((mine, other))
    best = next(item for item in Overlap if by_overlap[item])
    return best, () if best == Overlap.NONE else tuple(by_overlap[best])


def _is_in(region: str | None, wanted: Sequence[str], known: Known) -> bool:
    """Whether a region is one of those wanted or lies in one; a region that is not known may be."""
    return not wanted or region is None or not set(places_of(region, known.regions)).isdisjoint(wanted)


_PASSES: Mapping[Wish, Callable[[Seeker, Partner, Known], bool]] = {
    "kind": lambda seeker, item, _: seeker.kind is None or item.profile.kind in COMPLEMENTS[seeker.kind],
    "valid": lambda seeker, item, _: item.profile.valid_from <= seeker.on <= item.profile.valid_to,
    "industry": lambda _, item, __: item.overlap != Overlap.NONE,
    "partnership": lambda _, item, __: bool(item.partnerships),
    "their-region": lambda seeker, item, known: _is_in(item.profile.region, seeker.partner_regions, known),
    "our-region": lambda seeker, item, known: _is_in(seeker.region, item.profile.partner_regions, known),
    "their-size": lambda seeker, item, _: (
        not seeker.partner_sizes or item.profile.size in seeker.partner_sizes
    ),
    "our-size": lambda seeker, item, _: (
        not item.profile.partner_sizes or seeker.size is None or seeker.size in item.profile.partner_sizes
    ),
    "language": lambda _, item, __: bool(item.languages),
    "their-level": lambda _, item, __: item.theirs != Reach.NO,
    "our-level": lambda _, item, __: item.ours != Reach.NO,
}
