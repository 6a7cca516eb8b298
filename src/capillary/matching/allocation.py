"""Fair allocation where more is wanted than there is: many-to-one stable matching in which the firms propose.

Source: Gale and Shapley, College Admissions and the Stability of Marriage, 1962. A provider may have several offers that share
its capacity: Abraham, Irving and Manlove, Two Algorithms for the Student-Project Allocation Problem, 2007.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from capillary.matching.allocation_rules import Priorities, Rule, lottery_number, priorities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

NOWHERE = -1
_OPEN = 1 << 62
# Orders of offers are kept as long as they hold fewer numbers than this together.
_MOST_KEPT = 16_000_000
# nine digits at a time, for a number of thousands of them takes long to read
_DIGITS = re.compile(r"([0-9]{1,9})")


@dataclass(frozen=True)
class Firm:
    """One that wants a place.

    Attributes:
        id: its id, unique.
        choices: the offers it wants, the dearest first.
        takes_any: whether it takes any other offer too, all alike, if it gets none of its choices.
        facts: what rules of priority look at.
    """

    id: str
    choices: tuple[str, ...] = ()
    takes_any: bool = False
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Provider:
    """One that has places.

    Attributes:
        id: its id, unique.
        capacity: how many firms it takes, over all of its offers.
        offers: its offers with their places, where it has more than one kind; else firms choose the provider itself.
        order: the only firms that it takes, the first before the second, in place of the rules.
        facts: what rules of the kind ``same`` look at.
    """

    id: str
    capacity: int
    offers: tuple[tuple[str, int], ...] = ()
    order: tuple[str, ...] | None = None
    facts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Market:
    """Firms, providers and rules as numbers; everything is in the order of the ids, so that the order of rows does not matter.

    Attributes:
        firms: all firms.
        providers: all providers.
        offers: the ids of all offers.
        priorities: who is before whom.
        seed: of the lottery.
        provider_of: the provider of each offer.
        places: the places of each offer, at most its provider's capacity.
        shared: for each provider, whether its capacity is less than the places of its offers together.
        starts: where in ``chosen`` and ``keys`` each firm's choices begin, and after the last one where they end.
        chosen: the offers that firms choose, firm by firm.
        keys: for each of these the firm's key at the provider, the lower before the higher; −1 where the provider's own
            order does not name the firm. The remainder of a key by the number of firms is the firm.
        tail: all offers by their own lottery; `tail_for` says in which order a firm that takes any is tried at them.
        listed: for each provider with an order of its own, the keys of its firms.
    """

    firms: tuple[Firm, ...]
    providers: tuple[Provider, ...]
    offers: tuple[str, ...]
    priorities: Priorities
    seed: int
    provider_of: list[int]
    places: list[int]
    shared: list[bool]
    starts: list[int]
    chosen: NDArray[np.int64]
    keys: NDArray[np.int64]
    tail: NDArray[np.int64]
    listed: Mapping[int, Mapping[int, int]]

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """The number of each firm."""
        return {firm.id: number for number, firm in enumerate(self.firms)}

    @cached_property
    def offer_number(self) -> Mapping[str, int]:
        """The number of each offer."""
        return {offer: number for number, offer in enumerate(self.offers)}

    @cached_property
    def offers_of(self) -> Sequence[Sequence[int]]:
        """The offers of each provider."""
        found: list[list[int]] = [[] for _ in self.providers]
        for offer, provider in enumerate(self.provider_of):
            found[provider].append(offer)
        return found

    @cached_property
    def any_takers(self) -> NDArray[np.int64]:
        """The firms that take any offer."""
        return np.array([number for number, firm in enumerate(self.firms) if firm.takes_any], dtype=np.int64)

    @cached_property
    def named_by(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places in ``chosen`` sorted by offer, and where each offer's begin."""
        order = np.argsort(self.chosen, kind="stable")
        return order, np.searchsorted(self.chosen[order], np.arange(len(self.offers) + 1))

    @cached_property
    def firm_of_choice(self) -> NDArray[np.int64]:
        """The firm of each place in ``chosen``."""
        return np.repeat(np.arange(len(self.firms)), np.diff(self.starts))

    def tail_for(self, firm: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the offers in the order in which a firm that takes any is tried at them, and its ways.

        Where rules of the kind ``same`` put it further to the front it is tried first, so that it hardly ever loses a place
        again; else the offers' lottery decides, as the offers are alike to it. A way is a row of `Priorities.ranks`.
        """
        alike = self.priorities.codes_of(firm)
        known = self._tails.get(alike)
        if known is None:
            providers = np.array(self.provider_of, dtype=np.int64)[self.tail]
            ways = self.priorities.ways(np.array(firm), providers)
            order = np.lexsort(
                (np.arange(len(ways)), *(ways >> bit & 1 for bit in reversed(range(len(alike)))))
            )
            known = (self.tail[order], ways[order])
            if 2 * len(ways) * len(self._tails) < _MOST_KEPT:
                self._tails[alike] = known
        return known

    @cached_property
    def _tails(self) -> dict[tuple[int, ...], tuple[NDArray[np.int64], NDArray[np.int64]]]:
        return {}

    def key(self, firm: int, provider: int) -> int:
        """Return the key of a firm at a provider; −1 where the provider does not take it."""
        if provider in self.listed:
            return self.listed[provider].get(firm, -1)
        rank = self.priorities.rank(np.array([firm]), np.array([provider]))
        return int(rank[0]) * len(self.firms) + firm


def market(
    firms: Iterable[Firm], providers: Iterable[Provider], rules: Sequence[Rule] = (), seed: int = 0
) -> Market:
    """Return what is to be allocated.

    Args:
        firms: the firms, in any order.
        providers: the providers, in any order.
        rules: who comes first, the weightiest first; between equals the lottery decides.
        seed: of the lottery.

    Raises:
        ValueError: an id stands twice, a choice or an order names something unknown, or the same twice, a capacity is
            negative, or a rule cannot read a fact. (`allocation_files` says all of it with row and remedy.)
    """
    firms = tuple(sorted(firms, key=lambda firm: natural(firm.id)))
    providers = tuple(sorted(providers, key=lambda provider: natural(provider.id)))
    pairs = sorted(
        (
            (offer, number, places)
            for number, provider in enumerate(providers)
            for offer, places in provider.offers or ((provider.id, provider.capacity),)
        ),
        key=lambda pair: natural(pair[0]),
    )
    offers = tuple(offer for offer, _, _ in pairs)
    for ids in ([firm.id for firm in firms], [provider.id for provider in providers], offers):
        _refuse_twice(ids)
    if any(min(places, providers[number].capacity) < 0 for _, number, places in pairs):
        raise ValueError("a capacity is negative")
    who = priorities(
        rules,
        [(firm.id, firm.facts) for firm in firms],
        [provider.facts for provider in providers],
        lambda name: lottery_number(seed, name),
    )
    number_of = {firm.id: number for number, firm in enumerate(firms)}
    listed = {
        number: _order(provider, number_of)
        for number, provider in enumerate(providers)
        if provider.order is not None
    }
    provider_of = [number for _, number, _ in pairs]
    places = [min(places, providers[number].capacity) for _, number, places in pairs]
    together = [0] * len(providers)
    for provider, count in zip(provider_of, places, strict=True):
        together[provider] += count
    starts, chosen = _chosen(firms, offers)
    return Market(
        firms=firms,
        providers=providers,
        offers=offers,
        priorities=who,
        seed=seed,
        provider_of=provider_of,
        places=places,
        shared=[provider.capacity < count for provider, count in zip(providers, together, strict=True)],
        starts=starts,
        chosen=chosen,
        keys=_keys(who, starts, chosen, np.array(provider_of, dtype=np.int64), listed),
        tail=np.array(
            sorted(
                range(len(offers)), key=lambda offer: (lottery_number(seed, offers[offer]), offers[offer])
            ),
            dtype=np.int64,
        ),
        listed=listed,
    )


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return what sorts ids as people count: numbers in them by their value.

    >>> sorted(["Enterprise 10", "Enterprise 2"], key=natural)
    ['Enterprise 2', 'Enterprise 10']
    """
    parts = _DIGITS.split(name)
    return [(int(part), "") if number % 2 else (0, part) for number, part in enumerate(parts)], name


def _refuse_twice(ids: Sequence[str]) -> None:
    for one, other in pairwise(sorted(ids)):
        if one == other:
            raise ValueError(f"{one} stands twice")


def _order(provider: Provider, number_of: Mapping[str, int]) -> dict[int, int]:
    order = provider.order or ()
    _refuse_twice(order)
    unknown = [name for name in order if name not in number_of]
    if unknown:
        raise ValueError(f"{provider.id} orders the unknown {unknown[0]}")
    return {number_of[name]: place * len(number_of) + number_of[name] for place, name in enumerate(order)}


def _chosen(firms: Sequence[Firm], offers: Sequence[str]) -> tuple[list[int], NDArray[np.int64]]:
    number_of = {offer: number for number, offer in enumerate(offers)}
    starts = [0]
    chosen: list[int] = []
    for firm in firms:
        for name in firm.choices:
            if name not in number_of:
                raise ValueError(f"{firm.id} chooses the unknown {name}")
            chosen.append(number_of[name])
        if len(set(firm.choices)) < len(firm.choices):
            raise ValueError(f"{firm.id} chooses something twice")
        starts.append(len(chosen))
    return starts, np.array(chosen, dtype=np.int64)


def _keys(
    who: Priorities,
    starts: Sequence[int],
    chosen: NDArray[np.int64],
    provider_of: NDArray[np.int64],
    listed: Mapping[int, Mapping[int, int]],
) -> NDArray[np.int64]:
    count = len(starts) - 1
    firms = np.repeat(np.arange(count), np.diff(starts))
    providers = provider_of[chosen]
    keys = who.rank(firms, providers) * count + firms
    for place in np.flatnonzero(np.isin(providers, list(listed))):
        keys[place] = listed[int(providers[place])].get(int(firms[place]), -1)
    return keys


@dataclass(frozen=True)
class Allocation:
    """Who got what.

    Attributes:
        market: what was allocated.
        got: for each firm the number of its offer, or `NOWHERE`.
        at: for each firm, which of its choices that is, from 0; the number of its choices for one of the rest that it takes
            alike; one more where it got nothing.
        gone: the firms that declined.
    """

    market: Market
    got: tuple[int, ...]
    at: tuple[int, ...]
    gone: frozenset[int] = frozenset()

    def offer_of(self, firm: str) -> str | None:
        """Return the offer that a firm got, or None.

        Raises:
            KeyError: there is no such firm.
        """
        offer = self.got[self.market.number_of[firm]]
        return None if offer == NOWHERE else self.market.offers[offer]

    @cached_property
    def held(self) -> Sequence[Sequence[int]]:
        """The keys of the firms at each offer, the first in line first."""
        found: list[list[int]] = [[] for _ in self.market.offers]
        for firm, (offer, at) in enumerate(zip(self.got, self.at, strict=True)):
            if offer != NOWHERE:
                place = self.market.starts[firm] + at
                named = place < self.market.starts[firm + 1]
                key = (
                    int(self.market.keys[place])
                    if named
                    else self.market.key(firm, self.market.provider_of[offer])
                )
                found[offer].append(key)
        return [sorted(keys) for keys in found]

    def firms_at(self, offer: str) -> list[str]:
        """Return the firms at an offer, the first in line first.

        Raises:
            KeyError: there is no such offer.
        """
        firms = self.market.firms
        return [firms[key % len(firms)].id for key in self.held[self.market.offer_number[offer]]]

    def missed(self, firm: int) -> Iterator[int]:
        """Yield the places in the market's ``chosen`` of what a firm would rather have than what it got, the dearest first."""
        begin, end = self.market.starts[firm : firm + 2]
        yield from range(begin, min(begin + self.at[firm], end))


def allocate(given: Market) -> Allocation:
    """Return the stable allocation that is best for every firm at once.

    No firm gets anything dearer by telling other choices than its own. Stable: no firm and offer would both rather have one
    another than what they have, so nobody is passed over for somebody behind them in line. Where a firm takes any offer, all of
    the rest are alike to it; `Market.tail_for` orders them.
    """
    return _Proposals(given).run()


class _Proposals:
    """Firms propose in the order of the rules, so that hardly any place that was given is taken back.

    The order does not change the result (McVitie and Wilson, 1970), only the time.
    """

    def __init__(self, given: Market) -> None:
        self.given = given
        self.held: list[list[int]] = [[] for _ in given.offers]
        self.team: list[list[int]] = [[] for _ in given.providers]
        # a firm gets in whose key is below; it only falls
        self.limit = [_OPEN if places else 0 for places in given.places]
        self.limits = np.array(self.limit, dtype=np.int64)
        self.got = [NOWHERE] * len(given.firms)
        self.next = [0] * len(given.firms)
        self.tail_from = [0] * len(given.firms)

    def run(self) -> Allocation:
        """Return the allocation."""
        given = self.given
        count = len(given.firms)
        chosen, keys, starts = given.chosen.tolist(), given.keys.tolist(), given.starts
        limit, upcoming, got = self.limit, self.next, self.got
        order: list[int] = np.argsort(given.priorities.ranks[0]).tolist()
        for first in order:
            firm = first
            while firm != NOWHERE:
                begin, end = starts[firm], starts[firm + 1]
                place = begin + upcoming[firm]
                while place < end and not -1 < keys[place] < limit[chosen[place]]:
                    place += 1
                upcoming[firm] = place - begin
                if place < end:
                    offer, key = chosen[place], keys[place]
                elif given.firms[firm].takes_any:
                    offer, key = self.from_tail(firm)
                else:
                    offer, key = NOWHERE, -1
                if offer == NOWHERE:
                    upcoming[firm] = end - begin + 1
                    break
                got[firm] = offer
                out = self.seat(offer, key)
                firm = NOWHERE if out == NOWHERE else out % count
                if firm != NOWHERE:
                    got[firm] = NOWHERE
        return Allocation(given, tuple(got), tuple(upcoming))

    def from_tail(self, firm: int) -> tuple[int, int]:
        """Return the first offer of the rest that takes a firm, and its key there."""
        given = self.given
        offers, ways = given.tail_for(firm)
        begin = self.tail_from[firm]
        offers = offers[begin:]
        keys = given.priorities.ranks[:, firm][ways[begin:]] * len(given.firms) + firm
        limits = self.limits[offers]
        takes = (keys < limits) & self.by_rules[offers]
        if firm in self.by_order:
            own = self.by_order[firm]
            for index in np.flatnonzero(np.isin(offers, list(own))).tolist():
                keys[index] = own[int(offers[index])]
                takes[index] = keys[index] < limits[index]
        place = int(takes.argmax()) if len(takes) else 0
        if not len(takes) or not takes[place]:
            self.tail_from[firm] = len(given.tail)
            return NOWHERE, -1
        self.tail_from[firm] += place
        return int(offers[place]), int(keys[place])

    @cached_property
    def by_rules(self) -> NDArray[np.bool_]:
        """For each offer, whether its provider goes by the rules."""
        return np.array(
            [provider not in self.given.listed for provider in self.given.provider_of], dtype=np.bool_
        )

    @cached_property
    def by_order(self) -> Mapping[int, Mapping[int, int]]:
        """For each firm that an order of a provider's own names, its keys at the offers of such providers."""
        found: dict[int, dict[int, int]] = {}
        for provider, order in self.given.listed.items():
            for firm, key in order.items():
                found.setdefault(firm, {}).update(dict.fromkeys(self.given.offers_of[provider], key))
        return found

    def seat(self, offer: int, key: int) -> int:
        """Give a firm a place at an offer; return the key of the firm that loses its own for it, or `NOWHERE`."""
        given = self.given
        provider = given.provider_of[offer]
        row = self.held[offer]
        insort(row, key)
        if not given.shared[provider]:
            out = row.pop() if len(row) > given.places[offer] else NOWHERE
            if len(row) == given.places[offer]:
                self.limit[offer] = row[-1]
                self.limits[offer] = row[-1]
            return out
        team = self.team[provider]
        insort(team, key)
        out = NOWHERE
        if len(row) > given.places[offer]:
            out = row.pop()
            del team[bisect_left(team, out)]
        elif len(team) > given.providers[provider].capacity:
            out = team.pop()
            self.held[self.got[out % len(given.firms)]].pop()
        for each in given.offers_of[provider]:
            self.limit[each] = self.limit_of(each)
            self.limits[each] = self.limit[each]
        return out

    def limit_of(self, offer: int) -> int:
        """Return the key below which a firm gets into an offer whose provider's capacity is shared."""
        provider = self.given.provider_of[offer]
        row, team = self.held[offer], self.team[provider]
        if not self.given.places[offer]:
            return 0
        if len(row) == self.given.places[offer]:
            return row[-1]
        return team[-1] if len(team) == self.given.providers[provider].capacity else _OPEN


def decline(allocation: Allocation, firms: Iterable[str]) -> Allocation:
    """Return the allocation after firms have declined: the next in line move up, and nobody else is disturbed.

    A place that becomes free goes to the first in line who would rather have it than what they have; theirs becomes free in
    turn (Blum, Roth and Rothblum, 1997). A firm that declines is out, at every offer.

    The result is a stable allocation of the firms that are left; everybody has what they had or something dearer; it is, of
    all stable ones of which that is true, the one with the fewest moves. It is the same as allocating anew without the firms
    that declined wherever that is the only stable one, as it is when all providers go by the same rules. Where providers have
    lists of their own, or a rule of the kind ``same``, allocating anew may let several firms swap places that they hold: that
    would be dearer to them, but nobody's place became free for it, and here nobody is asked to move for a swap.

    Args:
        allocation: what was allocated.
        firms: ids of the firms that decline; their order does not matter.

    Raises:
        KeyError: there is no such firm.
    """
    return _Vacancies(allocation, [allocation.market.number_of[name] for name in firms]).run()


class _Vacancies:
    def __init__(self, before: Allocation, leaving: Iterable[int]) -> None:
        self.given = given = before.market
        self.got, self.at = list(before.got), list(before.at)
        self.gone = set(before.gone)
        self.taken = [len(row) for row in before.held]
        self.team = [0] * len(given.providers)
        for offer, count in enumerate(self.taken):
            self.team[given.provider_of[offer]] += count
        self.free: deque[int] = deque()
        self.lines: dict[int, list[int]] = {}
        for firm in sorted(set(leaving)):
            self.gone.add(firm)
            self.leave(firm)
            self.at[firm] = given.starts[firm + 1] - given.starts[firm] + 1

    def leave(self, firm: int) -> None:
        """Make a firm's place free."""
        offer = self.got[firm]
        self.got[firm] = NOWHERE
        if offer != NOWHERE:
            provider = self.given.provider_of[offer]
            self.taken[offer] -= 1
            self.team[provider] -= 1
            self.free.append(provider)

    def run(self) -> Allocation:
        """Fill what became free until nobody moves any more."""
        while self.free:
            provider = self.free.popleft()
            while (move := self.next_in_line(provider)) is not None:
                firm, offer, at = move
                self.leave(firm)
                self.got[firm], self.at[firm] = offer, at
                self.taken[offer] += 1
                self.team[provider] += 1
        return Allocation(self.given, tuple(self.got), tuple(self.at), frozenset(self.gone))

    def next_in_line(self, provider: int) -> tuple[int, int, int] | None:
        """Return the first in line at a provider who gets a place there, with the offer and which choice it is."""
        given = self.given
        full = self.team[provider] >= given.providers[provider].capacity
        open_ = {offer for offer in given.offers_of[provider] if self.taken[offer] < given.places[offer]}
        if not open_:
            return None
        for firm in self.line(provider):
            if firm in self.gone:
                continue
            # one that is there already may change to another offer, even where the provider is full
            if full and (self.got[firm] == NOWHERE or given.provider_of[self.got[firm]] != provider):
                continue
            begin, end = given.starts[firm : firm + 2]
            for place in range(begin, min(begin + self.at[firm], end)):
                if int(given.chosen[place]) in open_ and given.keys[place] >= 0:
                    return firm, int(given.chosen[place]), place - begin
            if given.firms[firm].takes_any and self.at[firm] == end - begin + 1:
                for offer in given.tail_for(firm)[0].tolist():
                    if offer in open_:
                        return firm, offer, end - begin
        return None

    def line(self, provider: int) -> list[int]:
        """Return all firms that had or would have a place at a provider when its first place became free, in their order."""
        if provider not in self.lines:
            given = self.given
            order, begins = given.named_by
            keys = [
                given.keys[order[begins[offer] : begins[offer + 1]]] for offer in given.offers_of[provider]
            ]
            found = np.concatenate(keys)
            if provider in given.listed:
                everybody = set(given.listed[provider].values())
                takers = {int(firm) for firm in given.any_takers}
                count = len(given.firms)
                named = set(found.tolist())
                line = sorted(key for key in everybody if key in named or key % count in takers)
                self.lines[provider] = [key % count for key in line]
                return self.lines[provider]
            takers_ = given.any_takers
            ranks = given.priorities.rank(takers_, np.array(provider))
            found = np.unique(np.concatenate([found, ranks * len(given.firms) + takers_]))
            self.lines[provider] = (found % max(len(given.firms), 1)).tolist()
        return self.lines[provider]
