"""Why an allocation is as it is: everybody's place in line, the last one admitted, and the rule that lies between them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from capillary.matching.allocation import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from capillary.matching.allocation import Allocation, Firm
    from capillary.matching.allocation_rules import Rule

# Lines of tens of thousands are kept for so many kinds of providers; for more they are drawn up again.
_MOST_KEPT = 128
Outcome = Literal["got", "in-line", "not-taken", "no-places", "not-needed"]


@dataclass(frozen=True)
class Between:
    """What puts one firm before another: the first rule in which they differ.

    Attributes:
        rule: the rule; None where the lottery decides between equals, or the provider's own order.
        own_order: whether it is the provider's own order.
        first: the fact of the firm that is before, or its lottery number; None where the fact is unknown, or for an order.
        second: the same of the other firm.
    """

    rule: Rule | None
    own_order: bool
    first: str | None
    second: str | None


@dataclass(frozen=True)
class Standing:
    """How a firm stands at one offer that it wants.

    Attributes:
        offer: the offer.
        choice: which of the firm's choices it is, from 1; None where it is one of the rest that the firm takes alike. Of
            these only one is told: where it got a place, or where the line is the shortest of all for it.
        outcome: ``got``; ``in-line``: others come before it; ``not-taken``: the provider's own order does not name it;
            ``no-places``: the offer has none; ``not-needed``: it got something dearer.
        place: its place in line for the offer, from 1: it moves in when as many of the firms before it give up; 0 where the
            offer itself has room and only its provider has not; None where it is not in line.
        ahead: how many firms hold or wait for a place of the offer, and come before it.
        provider_place: the same at the provider, where its offers share its capacity: so many of those before it there must
            give up too; None where they do not, 0 where the provider has room.
        provider_ahead: how many firms hold or wait for a place at the provider, and come before it.
        last: the last firm admitted, which it is behind: the cut-off.
        between: what puts that one before it.
    """

    offer: str
    choice: int | None
    outcome: Outcome
    place: int | None = None
    ahead: int = 0
    provider_place: int | None = None
    provider_ahead: int = 0
    last: str | None = None
    between: Between | None = None


@dataclass(frozen=True)
class Row:
    """One offer: what is taken, and who waits.

    Attributes:
        offer: the offer.
        provider: its provider.
        places: its places.
        admitted: the firms that have one, the first in line first.
        in_line: how many firms would rather have one than what they have.
        waiting: these, or the first of them, the next in line first.
    """

    offer: str
    provider: str
    places: int
    admitted: tuple[str, ...]
    in_line: int
    waiting: tuple[str, ...]


class Lines:
    """All lines of an allocation.

    A firm is in line at an offer that it would rather have than what it got. Firms that take any offer and got nothing are
    in line everywhere; those that got one of the rest are content, for the rest is alike to them.
    """

    def __init__(self, allocation: Allocation) -> None:
        self.allocation = allocation
        self.market = allocation.market
        self.count = len(self.market.firms)

    # --- who waits where -----------------------------------------------------------------------------------

    @cached_property
    def _wanted(self) -> NDArray[np.bool_]:
        """Whether each place in the market's ``chosen`` is one that its firm is in line for."""
        starts = np.array(self.market.starts, dtype=np.int64)
        choice = np.arange(len(self.market.chosen)) - np.repeat(starts[:-1], np.diff(starts))
        at = np.array(self.allocation.at, dtype=np.int64)
        firms = self.market.firm_of_choice
        stays = np.ones(self.count, dtype=np.bool_)
        stays[list(self.allocation.gone)] = False
        wanted: NDArray[np.bool_] = (choice < at[firms]) & (self.market.keys >= 0) & stays[firms]
        return wanted

    @cached_property
    def _everywhere(self) -> NDArray[np.int64]:
        """The firms that take any offer and got nothing."""
        return np.array(
            [
                firm
                for firm in self.market.any_takers.tolist()
                if self.allocation.got[firm] == NOWHERE and firm not in self.allocation.gone
            ],
            dtype=np.int64,
        )

    @cached_property
    def _index_everywhere(self) -> Mapping[int, int]:
        return {firm: index for index, firm in enumerate(self._everywhere.tolist())}

    @cached_property
    def _everywhere_keys(self) -> dict[tuple[int, ...], NDArray[np.int64]]:
        return {}

    def _general(self, provider: int) -> NDArray[np.int64]:
        """Return the sorted keys, at a provider that goes by the rules, of the firms that are in line everywhere."""
        alike = tuple(int(of_provider[provider]) for _, of_provider in self.market.priorities.codes.values())
        keys = self._everywhere_keys.get(alike)
        if keys is None:
            firms = self._everywhere
            keys = np.sort(self.market.priorities.rank(firms, np.array(provider)) * self.count + firms)
            if len(self._everywhere_keys) < _MOST_KEPT:
                self._everywhere_keys[alike] = keys
        return keys

    def _named(self, offer: int) -> NDArray[np.int64]:
        """Return the sorted keys of the firms in line at an offer, without those that `_general` has."""
        provider = self.market.provider_of[offer]
        order, begins = self.market.named_by
        places = order[begins[offer] : begins[offer + 1]]
        keys = self.market.keys[places[self._wanted[places]]]
        if provider not in self.market.listed:
            return np.sort(keys[~np.isin(keys % max(self.count, 1), self._everywhere)])
        orders = self.market.listed[provider]
        general = [key for firm, key in orders.items() if firm in self._index_everywhere]
        return np.unique(np.concatenate([keys, np.array(general, dtype=np.int64)]))

    @cached_property
    def _lines(self) -> list[NDArray[np.int64]]:
        return [self._named(offer) for offer in range(len(self.market.offers))]

    @cached_property
    def _teams(self) -> Mapping[int, tuple[list[int], list[int]]]:
        """For each provider whose offers share its capacity: the keys that it has, and those in line at any of its offers."""
        found = {}
        for provider, offers in enumerate(self.market.offers_of):
            if self.market.shared[provider]:
                has = sorted(key for offer in offers for key in self.allocation.held[offer])
                waits = {key for offer in offers for key in self._lines[offer].tolist()}
                found[provider] = (has, sorted(waits - set(has)))
        return found

    def _before(self, offer: int, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many firms hold or wait for a place of an offer before firms with certain keys."""
        before = np.searchsorted(np.array(self.allocation.held[offer], dtype=np.int64), keys)
        before = before + np.searchsorted(self._lines[offer], keys)
        provider = self.market.provider_of[offer]
        if provider not in self.market.listed and len(self._everywhere):
            before = before + np.searchsorted(self._general(provider), keys)
        return before

    def _before_at_provider(self, provider: int, key: int) -> int:
        has, waits = self._teams[provider]
        before = bisect_left(has, key) + bisect_left(waits, key)
        if provider not in self.market.listed:
            before += int(np.searchsorted(self._general(provider), key))
        return before

    @cached_property
    def _ahead(self) -> NDArray[np.int64]:
        """For each place in the market's ``chosen`` that its firm is in line for: how many are before it."""
        ahead = np.zeros(len(self.market.chosen), dtype=np.int64)
        order, begins = self.market.named_by
        for offer in range(len(self.market.offers)):
            places = order[begins[offer] : begins[offer + 1]]
            places = places[self._wanted[places]]
            if len(places):
                ahead[places] = self._before(offer, self.market.keys[places])
        return ahead

    # --- a firm --------------------------------------------------------------------------------------------

    def standings(self, firm: str) -> tuple[Standing, ...]:
        """Return how a firm stands at everything that it wants, the dearest first.

        Raises:
            KeyError: there is no such firm.
        """
        number = self.market.number_of[firm]
        if number in self.allocation.gone:
            return ()
        return tuple(self._standings(number))

    def _standings(self, firm: int) -> Iterator[Standing]:
        market = self.market
        begin, end = market.starts[firm : firm + 2]
        at, got = self.allocation.at[firm], self.allocation.got[firm]
        for place in range(begin, end):
            offer, choice = int(market.chosen[place]), place - begin
            if choice < at:
                key = int(market.keys[place])
                yield self._refused(firm, offer, choice + 1, key, int(self._ahead[place]))
            else:
                yield Standing(market.offers[offer], choice + 1, "got" if choice == at else "not-needed")
        if at == end - begin and got != NOWHERE:
            yield Standing(market.offers[got], None, "got")
        elif market.firms[firm].takes_any and at > end - begin:
            rest = self._shortest.get(firm)
            if rest is not None and rest[0] not in market.chosen[begin:end]:
                offer, key, ahead = rest
                yield self._refused(firm, offer, None, key, ahead)

    def _refused(self, firm: int, offer: int, choice: int | None, key: int, ahead: int) -> Standing:
        market, name = self.market, self.market.offers[offer]
        if key < 0:
            return Standing(name, choice, "not-taken")
        places = market.places[offer]
        if not places:
            return Standing(name, choice, "no-places")
        provider = market.provider_of[offer]
        row = self.allocation.held[offer]
        provider_place, provider_ahead = None, 0
        if market.shared[provider]:
            provider_ahead = self._before_at_provider(provider, key)
            provider_place = max(provider_ahead - market.providers[provider].capacity + 1, 0)
            if len(row) < places:
                row = self._teams[provider][0]
        last = row[-1] % self.count
        return Standing(
            name,
            choice,
            "in-line",
            place=max(ahead - places + 1, 0),
            ahead=ahead,
            provider_place=provider_place,
            provider_ahead=provider_ahead,
            last=market.firms[last].id,
            between=self.between(last, firm, provider),
        )

    def between(self, first: int, second: int, provider: int) -> Between:
        """Return what puts a firm before another at a provider."""
        market = self.market
        one, other = market.firms[first], market.firms[second]
        if provider in market.listed:
            return Between(None, own_order=True, first=None, second=None)
        for number, rule in enumerate(market.priorities.rules):
            if market.priorities.class_of(number, first, provider) != market.priorities.class_of(
                number, second, provider
            ):
                return Between(rule, own_order=False, first=_fact(one, rule), second=_fact(other, rule))
        numbers = market.priorities.numbers
        return Between(None, own_order=False, first=numbers[first], second=numbers[second])

    @cached_property
    def _shortest(self) -> Mapping[int, tuple[int, int, int]]:
        """For each firm in line everywhere: the offer with the shortest line for it, its key there, and how many are before it.

        Among lines of the same length it is the first of the market's ``tail``.
        """
        firms = self._everywhere
        best = np.full(len(firms), np.iinfo(np.int64).max)
        found: dict[int, tuple[int, int, int]] = {}
        for offer in self._candidates():
            provider = self.market.provider_of[offer]
            keys = self._keys_everywhere(provider)
            ahead = self._before(offer, keys)
            wait = np.maximum(ahead - self.market.places[offer] + 1, 0)
            if self.market.shared[provider]:
                room = self.market.providers[provider].capacity
                team = [self._before_at_provider(provider, int(key)) - room + 1 for key in keys]
                wait = np.maximum(wait, np.array(team, dtype=np.int64))
            for place in np.flatnonzero((keys >= 0) & (wait < best)).tolist():
                best[place] = wait[place]
                found[int(firms[place])] = (offer, int(keys[place]), int(ahead[place]))
        return found

    def _keys_everywhere(self, provider: int) -> NDArray[np.int64]:
        """Return the keys, at a provider, of the firms that are in line everywhere; −1 where it does not take one."""
        firms = self._everywhere
        if provider in self.market.listed:
            keys = np.full(len(firms), -1, dtype=np.int64)
            for firm, key in self.market.listed[provider].items():
                if firm in self._index_everywhere:
                    keys[self._index_everywhere[firm]] = key
            return keys
        return self.market.priorities.rank(firms, np.array(provider)) * self.count + firms

    def _candidates(self) -> Iterator[int]:
        """Yield the offers that may have the shortest line for a firm that takes any.

        Among providers that are alike to the rules of the kind ``same``, one where nobody else waits has the shortest line
        for all.
        """
        settled: set[tuple[int, ...]] = set()
        rest: list[tuple[tuple[int, ...] | None, int]] = []
        for offer in self.market.tail.tolist():
            provider = self.market.provider_of[offer]
            if not self.market.places[offer]:
                continue
            if provider in self.market.listed or self.market.shared[provider]:
                rest.append((None, offer))
                continue
            group = tuple(int(of[provider]) for _, of in self.market.priorities.codes.values())
            if group in settled:
                continue
            if not len(self._lines[offer]):
                settled.add(group)
            rest.append((group, offer))
        for alike, offer in rest:
            if alike is None or alike not in settled or not len(self._lines[offer]):
                yield offer

    # --- an offer ------------------------------------------------------------------------------------------

    def row(self, offer: str, most: int | None = None) -> Row:
        """Return what is taken of an offer, and who waits.

        Args:
            offer: its id.
            most: name at most so many that wait; None for all.

        Raises:
            KeyError: there is no such offer.
        """
        number = self.market.offer_number[offer]
        provider = self.market.provider_of[number]
        firms = self.market.firms
        waiting = self.waiting(number)
        return Row(
            offer,
            self.market.providers[provider].id,
            self.market.places[number],
            tuple(self.allocation.firms_at(offer)),
            len(waiting),
            tuple(firms[key % self.count].id for key in waiting[:most].tolist()),
        )

    def waiting(self, offer: int) -> NDArray[np.int64]:
        """Return the keys of the firms in line at an offer, the next one first; nobody waits where there is no place at all."""
        if not self.market.places[offer]:
            return np.array([], dtype=np.int64)
        provider = self.market.provider_of[offer]
        if provider in self.market.listed:
            return self._lines[offer]
        return np.sort(np.concatenate([self._lines[offer], self._general(provider)]))


def _fact(firm: Firm, rule: Rule) -> str | None:
    return firm.facts.get(rule.column)
