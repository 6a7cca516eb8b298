"""The best offers for very many firms at once: exactly what `rank` says of each, as arrays.

Firms with the same region, sector and size class see the same offers, so they are taken together: the demands are judged once,
and what is left of each measure's list of offers is shared. Within such a group every wanted measure is joined with its list;
equal pairs of firm and offer are counted by sorting; and a pair's whole rank is packed into one number of 64 bits with the firm
in front, so that one more sort puts every firm's offers in order. The work grows with the pairs that share a measure, not with
firms times offers, and memory with a block of pairs.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from capillary.matching.accreditation import is_accredited
from capillary.matching.need import WHOLE_SHARE, Aid, Charge, Need
from capillary.matching.rank import STEPS
from capillary.model.market import SIZE_CLASSES, Offer, Provider, market_of, size_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from capillary.matching.need import Rates
    from capillary.model.market import Market

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Flags = NDArray[np.bool_]

BEST = 10
NONE = -1
ANY_DAY = 99_999_999
MOST_PAIRS = 1 << 15
_BITS = 63


@dataclass(frozen=True)
class Crowd:
    """Many firms and what each wants.

    Attributes:
        shared: the demands that all firms make: day, currency, languages, kinds, start, accreditation, excluded parties.
        names: the measures that ``wanted`` counts.
        regions: for each region's number the region and all that hold it, as `places_of` gives them.
        sectors: the sectors that ``sector`` counts.
        starts: where each firm's part of ``wanted`` begins, and the end of the last one; one longer than there are firms.
        wanted: numbers of measures, each once for a firm.
        last_day: for each entry of ``wanted`` the last day on which work may begin, as 20261231; `ANY_DAY` for any.
        region, sector: numbers; `NONE` where not known.
        employees: head count; `NONE` where not known.
        users, machines: what prices are multiplied by.
        budget, cap: amounts in the shared currency; `NONE` for no limit.
        share: what aid pays of the one-off price, in hundredths of a percent; 0 for no aid.
    """

    shared: Need
    names: tuple[str, ...]
    regions: tuple[tuple[str, ...], ...]
    sectors: tuple[str, ...]
    starts: Ints
    wanted: Small
    last_day: Small
    region: Small
    sector: Small
    employees: Small
    users: Ints
    machines: Ints
    budget: Ints
    share: Ints
    cap: Ints

    @property
    def size(self) -> int:
        """How many firms there are."""
        return len(self.starts) - 1

    def part(self, first: int, last: int) -> Crowd:
        """Return the firms from ``first`` on, up to ``last`` and without it."""
        begin, end = int(self.starts[first]), int(self.starts[last])
        columns = ("region", "sector", "employees", "users", "machines", "budget", "share", "cap")
        return replace(
            self,
            starts=self.starts[first : last + 1] - begin,
            wanted=self.wanted[begin:end],
            last_day=self.last_day[begin:end],
            **{name: getattr(self, name)[first:last] for name in columns},
        )

    def need(self, firm: int) -> Need:
        """Return one firm's need, as `rank` takes it."""
        first, last = int(self.starts[firm]), int(self.starts[firm + 1])
        days = [int(day) for day in self.last_day[first:last]]
        region, sector = int(self.region[firm]), int(self.sector[firm])
        share, cap = int(self.share[firm]), int(self.cap[firm])
        return replace(
            self.shared,
            wanted={
                self.names[int(number)]: None if day == ANY_DAY else _written(day)
                for number, day in zip(self.wanted[first:last], days, strict=True)
            },
            places=() if region == NONE else self.regions[region],
            sector=None if sector == NONE else self.sectors[sector],
            employees=_known(int(self.employees[firm])),
            users=int(self.users[firm]),
            machines=int(self.machines[firm]),
            budget=_known(int(self.budget[firm])),
            aid=Aid(share, _known(cap)) if share else None,
        )


def _known(value: int) -> int | None:
    return None if value == NONE else value


def _number(day: str) -> int:
    return int(day.replace("-", ""))


def _written(day: int) -> str:
    text = f"{day:08d}"
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def crowd_of(needs: Sequence[Need]) -> Crowd:
    """Return a crowd of needs that make the same demands apart from what a `Crowd` has columns for.

    Raises:
        ValueError: there is none, or they differ in something else.
    """
    if not needs:
        raise ValueError("a crowd needs a firm")
    shared = _shared(needs[0])
    if any(_shared(need) != shared for need in needs):
        raise ValueError(
            "firms of a crowd share day, currency, languages, kinds, start, accreditation and parties"
        )
    names = tuple(dict.fromkeys(name for need in needs for name in need.wanted))
    regions = tuple(dict.fromkeys(need.places for need in needs if need.places))
    sectors = tuple(dict.fromkeys(need.sector for need in needs if need.sector is not None))
    number = {name: index for index, name in enumerate(names)}
    days = [day for need in needs for day in need.wanted.values()]
    return Crowd(
        shared,
        names,
        regions,
        sectors,
        starts=np.cumsum([0, *(len(need.wanted) for need in needs)], dtype=np.int64),
        wanted=np.array([number[name] for need in needs for name in need.wanted], dtype=np.int32),
        last_day=np.array([ANY_DAY if day is None else _number(day) for day in days], dtype=np.int32),
        region=_small(NONE if not need.places else regions.index(need.places) for need in needs),
        sector=_small(NONE if need.sector is None else sectors.index(need.sector) for need in needs),
        employees=_small(NONE if need.employees is None else need.employees for need in needs),
        users=_large(need.users for need in needs),
        machines=_large(need.machines for need in needs),
        budget=_large(NONE if need.budget is None else need.budget for need in needs),
        share=_large(0 if need.aid is None else need.aid.share for need in needs),
        cap=_large(NONE if need.aid is None or need.aid.cap is None else need.aid.cap for need in needs),
    )


def _small(values: Iterator[int]) -> Small:
    return np.fromiter(values, dtype=np.int32)


def _large(values: Iterator[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _shared(need: Need) -> Need:
    return replace(
        need,
        wanted={},
        places=(),
        sector=None,
        employees=None,
        users=0,
        machines=0,
        budget=None,
        aid=None,
    )


@dataclass(frozen=True)
class Tops:
    """The best offers of every firm.

    Attributes:
        offers: ids of offers, which ``best`` counts.
        best: for each firm the numbers of its best offers, best first; `NONE` where there are no more.
    """

    offers: tuple[str, ...]
    best: Small

    def of(self, firm: int) -> list[str]:
        """Return the ids of a firm's best offers, best first."""
        return [self.offers[int(number)] for number in self.best[firm] if number != NONE]


@dataclass
class _Market:
    """Offers as arrays, in the order that decides where all else is equal: free from, weeks, id.

    Attributes:
        open: offers that fulfil what all firms demand.
        free: the first day on which each is free.
        charge: one-off fixed, by user, by machine, and the same yearly; 0 where the price is on request.
        asked: whether the price is on request.
        posted: by measure, the offers that deliver it: ``offer[start[m]:start[m + 1]]``.
    """

    crowd: Crowd
    offers: list[Offer]
    open: Flags
    free: Small
    charge: tuple[Ints, ...]
    asked: Flags
    start: Ints
    offer: Ints
    _cache: dict[tuple[str, str], Flags] = field(default_factory=dict)

    @classmethod
    def of(cls, crowd: Crowd, market: Market, rates: Rates) -> _Market:
        shared = crowd.shared
        offers = sorted(
            market.offers.values(), key=lambda item: (item.capacity.free_from, item.weeks, item.id)
        )
        charges = [rates.charge(item.price, shared.currency) for item in offers]
        plain = [charge or Charge((0, 0, 0), (0, 0, 0)) for charge in charges]
        lists: list[list[int]] = [[] for _ in crowd.names]
        number = {name: index for index, name in enumerate(crowd.names)}
        for index, item in enumerate(offers):
            for name in item.measures:
                if name in number:
                    lists[number[name]].append(index)
        return cls(
            crowd,
            offers,
            np.array([_fits_all(item, shared, market) for item in offers], dtype=bool),
            _small(_number(item.capacity.free_from) for item in offers),
            tuple(
                np.array([getattr(charge, part)[place] for charge in plain], dtype=np.int64)
                for part in ("one_off", "yearly")
                for place in range(3)
            ),
            np.array([charge is None for charge in charges], dtype=bool),
            np.cumsum([0, *map(len, lists)], dtype=np.int64),
            np.array([index for items in lists for index in items], dtype=np.int64),
        )

    def passing(self, region: int, sector: int, size: int) -> Flags:
        """Return the offers for firms of a region, a sector and a size class; `NONE` demands nothing."""
        found = self.open
        if region != NONE:
            found = found & self._kept("region", str(region))
        if sector != NONE:
            found = found & self._kept("sector", self.crowd.sectors[sector])
        if size != NONE:
            found = found & self._kept("size", SIZE_CLASSES[size])
        return found

    def _kept(self, what: str, word: str) -> Flags:
        key = (what, word)
        found = self._cache.get(key)
        if found is None:
            words = frozenset(self.crowd.regions[int(word)] if what == "region" else [word])
            allowed = [getattr(item, f"{what}s") for item in self.offers]
            found = np.array([not names or not words.isdisjoint(names) for names in allowed], dtype=bool)
            self._cache[key] = found
        return found

    def steps(self, sector: int) -> Ints:
        """Return the step of firms served by offer, as it lowers the rank: 0 for the most."""
        if sector == NONE:
            return np.zeros(len(self.offers), dtype=np.int64)
        name = self.crowd.sectors[sector]
        served = np.array([item.references.get(name, 0) for item in self.offers], dtype=np.int64)
        return len(STEPS) - np.searchsorted(np.array(STEPS), served, side="right")


def _fits_all(offer: Offer, need: Need, market: Market) -> bool:
    """Whether an offer fulfils what all firms of a crowd demand; the same demands as in `rank`."""
    provider = market.providers[offer.provider]
    return (
        offer.valid_from <= need.on <= offer.valid_to
        and offer.capacity.places > 0
        and (need.start_by is None or offer.capacity.free_from <= need.start_by)
        and (not need.kinds or offer.kind in need.kinds)
        and (not need.languages or not need.languages.isdisjoint(offer.languages))
        and (need.accreditation is None or is_accredited(provider, need.accreditation, need.on))
        and provider.id not in need.parties
        and need.parties.isdisjoint(item.party for item in provider.conflicts)
    )


def best_offers(crowd: Crowd, market: Market, rates: Rates, *, count: int = BEST, workers: int = 1) -> Tops:
    """Return the best offers of every firm: the first ``count`` matches of `rank`, in the same order.

    Args:
        crowd: the firms.
        market: all offers.
        rates: of currencies.
        count: how many for each firm.
        workers: processes; threads would wait for one another, since each step is short.

    Raises:
        KeyError: an offer names a provider or a currency that is not known.
        OverflowError: prices of a firm are so large that they do not fit into 63 bits.
    """
    if workers == 1:
        return _best(crowd, market, rates, count)
    ends = [crowd.size * part // workers for part in range(workers + 1)]
    parts = [crowd.part(first, last) for first, last in pairwise(ends)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        packed = msgspec.msgpack.encode((list(market.offers.values()), list(market.providers.values())))
        found = list(pool.map(partial(_best_packed, packed, rates=rates, count=count), parts))
    return Tops(found[0].offers, np.concatenate([item.best for item in found]))


def _best_packed(packed: bytes, crowd: Crowd, rates: Rates, count: int) -> Tops:
    """Return the best offers of a part of the firms; a market crosses to another process far sooner as MessagePack."""
    offers, providers = msgspec.msgpack.decode(packed, type=tuple[list[Offer], list[Provider]])
    return _best(crowd, market_of(offers, providers), rates, count)


def _best(crowd: Crowd, market: Market, rates: Rates, count: int) -> Tops:
    arrays = _Market.of(crowd, market, rates)
    best = np.full((crowd.size, count), NONE, dtype=np.int32)
    sizes = _sizes(crowd.employees)
    signature = ((crowd.region.astype(np.int64) + 1) * (len(crowd.sectors) + 1) + crowd.sector + 1) * (
        len(SIZE_CLASSES) + 1
    ) + (sizes + 1)
    order = np.argsort(signature, kind="stable")
    ends = np.flatnonzero(np.diff(signature[order])) + 1
    steps = {sector: arrays.steps(sector) for sector in np.unique(crowd.sector).tolist()}
    for firms in np.split(order, ends) if crowd.size else []:
        first = int(firms[0])
        sector = int(crowd.sector[first])
        passing = arrays.passing(int(crowd.region[first]), sector, int(sizes[first]))
        _Group(arrays, passing, steps[sector], best).fill(firms)
    return Tops(tuple(item.id for item in arrays.offers), best)


def _sizes(employees: Small) -> Small:
    """Return the number of each firm's size class."""
    known = np.unique(employees)
    number = {
        int(count): NONE if count == NONE else SIZE_CLASSES.index(size_class(int(count))) for count in known
    }
    return np.array([number[int(count)] for count in known], dtype=np.int32)[
        np.searchsorted(known, employees)
    ]


@dataclass
class _Group:
    """Firms that see the same offers.

    Attributes:
        passing: the offers that they see.
        steps: by offer, the step of firms served.
        best: the result of all firms, of which this group fills its rows.
    """

    arrays: _Market
    passing: Flags
    steps: Ints
    best: Small

    def fill(self, firms: Ints) -> None:
        """Work out the rows of some firms, all of this group."""
        crowd, arrays = self.arrays.crowd, self.arrays
        keep = self.passing[arrays.offer]
        offer = arrays.offer[keep]
        before = np.concatenate([[0], np.cumsum(keep)])
        start = before[arrays.start]
        length = np.diff(start)
        entries = (crowd.starts[firms + 1] - crowd.starts[firms]).astype(np.int64)
        wishing, idle = firms[entries > 0], firms[entries == 0]
        for block, entry, owner in self._blocks(wishing, length):
            measure = crowd.wanted[entry]
            lengths = length[measure]
            hits = np.repeat(np.arange(len(entry)), lengths)
            within = np.arange(len(hits)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            found = offer[np.repeat(start[measure], lengths) + within]
            in_time = arrays.free[found] <= crowd.last_day[entry][hits]
            self._rank(block, *self._counted(owner[hits], found, in_time))
        everything = np.flatnonzero(self.passing)
        step = max(1, MOST_PAIRS // max(1, len(everything)))
        for first in range(0, len(idle), step):
            block = idle[first : first + step]
            owner = np.repeat(np.arange(len(block)), len(everything))
            nothing = np.zeros(len(owner), dtype=np.int64)
            self._rank(block, owner, np.tile(everything, len(block)), nothing, nothing)

    def _blocks(self, firms: Ints, length: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield blocks of firms with few enough pairs: the firms, their entries of ``wanted``, and whose each entry is."""
        crowd = self.arrays.crowd
        count = crowd.starts[firms + 1] - crowd.starts[firms]
        owner = np.repeat(np.arange(len(firms)), count)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        entry = np.repeat(crowd.starts[firms], count) + within
        pairs = np.cumsum(np.bincount(owner, weights=length[crowd.wanted[entry]], minlength=len(firms)))
        first = done = 0
        while first < len(firms):
            reached = (pairs[first - 1] if first else 0) + MOST_PAIRS
            last = max(first + 1, int(np.searchsorted(pairs, reached, side="right")))
            size = int(count[first:last].sum())
            yield firms[first:last], entry[done : done + size], owner[done : done + size] - first
            first, done = last, done + size

    def _counted(self, owner: Ints, offer: Ints, in_time: Flags) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the pairs of firm and offer, each once, with the measures in time and all of them."""
        bits = max(1, len(self.arrays.offers).bit_length())
        keys = np.sort(((owner << bits | offer) << 1) | in_time)
        pair = keys >> 1
        first = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])) if len(keys) else keys
        count = np.diff(np.concatenate([first, [len(keys)]]))
        timely = np.add.reduceat(keys & 1, first) if len(keys) else keys
        found = pair[first]
        return found >> bits, found & ((1 << bits) - 1), timely, count

    def _rank(self, firms: Ints, owner: Ints, offer: Ints, timely: Ints, count: Ints) -> None:
        """Put the pairs of some firms in order and write down the best."""
        crowd, arrays = self.arrays.crowd, self.arrays
        users, machines = crowd.users[firms][owner], crowd.machines[firms][owner]
        fixed, by_user, by_machine, yearly, yearly_user, yearly_machine = (
            part[offer] for part in arrays.charge
        )
        one_off = fixed + by_user * users + by_machine * machines
        share, cap = crowd.share[firms][owner], crowd.cap[firms][owner]
        aid = one_off * share // WHOLE_SHARE
        aid = np.where(cap == NONE, aid, np.minimum(aid, cap))
        net = one_off - aid + yearly + yearly_user * users + yearly_machine * machines
        if len(net) and (net.min() < 0 or one_off.max() > np.iinfo(np.int64).max // (2 * WHOLE_SHARE)):
            raise OverflowError("prices of a firm do not fit into 63 bits")
        asked = arrays.asked[offer]
        budget = crowd.budget[firms][owner]
        kept = np.flatnonzero((budget == NONE) | (~asked & (net <= budget)))
        owner, offer = owner[kept], offer[kept]
        if not len(kept):
            return
        parts = (
            timely.max(initial=0) - timely[kept],
            count.max(initial=0) - count[kept],
            self.steps[offer],
            asked[kept].astype(np.int64),
            net[kept],
            offer,
        )
        self._write(firms, owner, _fitting(owner, parts))

    def _write(self, firms: Ints, owner: Ints, parts: Sequence[Ints]) -> None:
        packed, bits = owner, 0
        for part in parts:
            width = int(part.max()).bit_length()
            packed, bits = packed << width | part, bits + width
        packed = np.sort(packed)
        offers = (1 << int(parts[-1].max()).bit_length()) - 1
        row = packed >> bits
        place = np.arange(len(row)) - _first(row)
        top = place < self.best.shape[1]
        self.best[firms[row[top]], place[top]] = packed[top] & offers


def _first(row: Ints) -> Ints:
    """Return for every entry of a sorted array where its run begins."""
    starts = np.concatenate([[True], row[1:] != row[:-1]])
    found: Ints = np.maximum.accumulate(np.where(starts, np.arange(len(row)), 0))
    return found


def _fitting(owner: Ints, parts: tuple[Ints, ...]) -> tuple[Ints, ...]:
    """Return the parts of a rank so that firm and rank fit into 63 bits: as they are, or with costs by their place in order."""
    bits = sum(int(part.max()).bit_length() for part in (owner, *parts))
    if bits <= _BITS:
        return parts
    ranked = np.unique(parts[4], return_inverse=True)[1].astype(np.int64)
    return (*parts[:4], ranked, parts[5])
