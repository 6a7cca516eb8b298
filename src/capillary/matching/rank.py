"""Offers for a need, in an order that can be worked out again from the reasons shown, and what was ruled out and why.

Demands are joined by "and": an offer that fails one of them is ruled out, whatever else it has. The offers that are left are
ordered by these, one after the other; each is a whole number or a day that stands among the reasons:

1. wanted measures that it delivers and can begin in time, more first;
2. wanted measures that it delivers, more first;
3. how many firms of the sector it has served, in steps: none, 1, 3, 10 or more; more first;
4. what the first year costs after aid, less first, a price on request last;
5. the first day on which it is free, earlier first;
6. weeks to delivery, fewer first;
7. its id.

Steps, because twelve firms served instead of eleven must not outweigh half the price. A provider's record is shown and not
counted: with few projects it would say more about luck than about the provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from capillary.matching.accreditation import is_accredited
from capillary.matching.clash import smallest_clash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capillary.matching.need import Need, Rates
    from capillary.model.market import Market, Offer, Provider

Demand = Literal[
    "measures",
    "kind",
    "valid",
    "region",
    "sector",
    "size",
    "language",
    "budget",
    "start",
    "accreditation",
    "conflict",
]
DEMANDS: tuple[Demand, ...] = get_args(Demand)
STEPS = (1, 3, 10)
Score = tuple[int, int, int, int, int, str, int, str]


@dataclass(frozen=True)
class Cost:
    """What the first year costs in the currency of the need: once, for a year, and what aid pays of it."""

    one_off: int
    yearly: int
    aid: int

    @property
    def net(self) -> int:
        """What the firm itself pays in the first year."""
        return self.one_off + self.yearly - self.aid


@dataclass(frozen=True)
class Match:
    """An offer that passed every demand, with the facts that its rank follows from.

    Attributes:
        in_time: wanted measures that it delivers and can begin by the day that each is wanted.
        late: wanted measures that it delivers, and cannot begin by then.
        served: firms of the need's sector that it has served.
        cost: None where the price is on request.
    """

    offer: Offer
    provider: Provider
    in_time: tuple[str, ...]
    late: tuple[str, ...]
    served: int
    cost: Cost | None

    @cached_property
    def score(self) -> Score:
        """What offers are ordered by, the smallest first."""
        return (
            -len(self.in_time),
            -len(self.in_time) - len(self.late),
            -experience(self.served),
            int(self.cost is None),
            0 if self.cost is None else self.cost.net,
            self.offer.capacity.free_from,
            self.offer.weeks,
            self.offer.id,
        )


@dataclass(frozen=True)
class RuledOut:
    """An offer that failed demands, all of them named."""

    offer: Offer
    failed: tuple[Demand, ...]


@dataclass(frozen=True)
class Ranking:
    """What the market has for a need.

    Attributes:
        matches: the offers that pass, best first.
        ruled_out: the others, in the order of the market.
        clash: where none passes: the smallest set of demands that no offer passes together.
    """

    need: Need
    matches: tuple[Match, ...]
    ruled_out: tuple[RuledOut, ...]
    clash: tuple[Demand, ...] = ()

    def without(self, demand: Demand) -> int:
        """Return how many more offers would pass if one demand were dropped."""
        return sum(item.failed == (demand,) for item in self.ruled_out)

    @property
    def undelivered(self) -> tuple[str, ...]:
        """Wanted measures that no offer that passes delivers."""
        delivered = {name for match in self.matches for name in (*match.in_time, *match.late)}
        return tuple(name for name in self.need.wanted if name not in delivered)


def experience(served: int) -> int:
    """Return the step of a number of firms served.

    >>> [experience(served) for served in (0, 1, 2, 3, 9, 10)]
    [0, 1, 1, 2, 2, 3]
    """
    return sum(served >= step for step in STEPS)


def rank(need: Need, market: Market, rates: Rates) -> Ranking:
    """Return the offers that pass all demands of a need, best first, and why the others do not.

    Raises:
        KeyError: an offer names a provider that the market does not have, or a currency without a rate.
    """
    matches: list[Match] = []
    ruled_out: list[RuledOut] = []
    demands = {name: passes for name, passes in _DEMANDS.items() if _is_made(name, need)}
    for offer in market.offers.values():
        match = match_of(need, offer, market.providers[offer.provider], rates)
        failed = tuple(name for name, passes in demands.items() if not passes(need, match))
        if failed:
            ruled_out.append(RuledOut(offer, failed))
        else:
            matches.append(match)
    matches.sort(key=lambda match: match.score)
    clash = () if matches else smallest_clash([item.failed for item in ruled_out], tuple(demands))
    return Ranking(need, tuple(matches), tuple(ruled_out), clash)


def match_of(need: Need, offer: Offer, provider: Provider, rates: Rates) -> Match:
    """Return what an offer would mean for a need, whether or not it passes."""
    in_time: list[str] = []
    late: list[str] = []
    for name in offer.measures:
        if name in need.wanted:
            day = need.wanted[name]
            (in_time if day is None or offer.capacity.free_from <= day else late).append(name)
    charge = rates.charge(offer.price, need.currency)
    cost = None
    if charge is not None:
        one_off, yearly = charge.of(need.users, need.machines)
        cost = Cost(one_off, yearly, 0 if need.aid is None else need.aid.of(one_off))
    served = 0 if need.sector is None else offer.references.get(need.sector, 0)
    return Match(offer, provider, tuple(in_time), tuple(late), served, cost)


def _is_made(demand: Demand, need: Need) -> bool:
    """Whether a need makes a demand at all; every offer must be valid on the day and have places."""
    made: Mapping[Demand, object] = {
        "measures": need.wanted,
        "kind": need.kinds,
        "valid": True,
        "region": need.places,
        "sector": need.sector is not None,
        "size": need.employees is not None,
        "language": need.languages,
        "budget": need.budget is not None,
        "start": True,
        "accreditation": need.accreditation is not None,
        "conflict": need.parties,
    }
    return bool(made[demand])


def _in_budget(need: Need, match: Match) -> bool:
    return match.cost is not None and need.budget is not None and match.cost.net <= need.budget


def _can_begin(need: Need, match: Match) -> bool:
    capacity = match.offer.capacity
    return capacity.places > 0 and (need.start_by is None or capacity.free_from <= need.start_by)


_DEMANDS: Mapping[Demand, Callable[[Need, Match], bool]] = {
    "measures": lambda _, match: bool(match.in_time or match.late),
    "kind": lambda need, match: match.offer.kind in need.kinds,
    "valid": lambda need, match: match.offer.valid_from <= need.on <= match.offer.valid_to,
    "region": lambda need, match: (
        not match.offer.regions or not set(need.places).isdisjoint(match.offer.regions)
    ),
    "sector": lambda need, match: not match.offer.sectors or need.sector in match.offer.sectors,
    "size": lambda need, match: not match.offer.sizes or need.size in match.offer.sizes,
    "language": lambda need, match: not need.languages.isdisjoint(match.offer.languages),
    "budget": _in_budget,
    "start": _can_begin,
    "accreditation": lambda need, match: is_accredited(match.provider, need.accreditation or "", need.on),
    "conflict": lambda need, match: (
        need.parties.isdisjoint(item.party for item in match.provider.conflicts)
        and match.provider.id not in need.parties
    ),
}
