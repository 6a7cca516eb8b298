"""Bundles: the cheapest offers that together deliver a plan's measures, with as few providers as wanted.

Which offers to take is a weighted set cover, joined by "no more than so many providers". It is given to an exact solver, so a
bundle is either proven the cheapest or says that it is not. Low cost and few providers pull against each other: the answer is
the frontier: for every number of providers that brings something, the cheapest bundle with no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.matching.need import WHOLE_SHARE, Aid
from capillary.matching.rank import rank
from capillary.scoring.linear import LinearModel, Quantity, Row, known, summed
from capillary.scoring.solver import Limits, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.matching.need import Need, Rates
    from capillary.matching.rank import Cost, Match
    from capillary.model.market import Market


@dataclass(frozen=True)
class Bundle:
    """Offers that together deliver every measure that can be delivered.

    Attributes:
        matches: the offers, by id.
        one_off, yearly, aid: of all of them, in the currency of the need; aid is paid of the sum.
        proven: whether no cheaper bundle has as few providers.
    """

    matches: tuple[Match, ...]
    one_off: int
    yearly: int
    aid: int
    proven: bool

    @property
    def net(self) -> int:
        """What the firm pays in the first year."""
        return self.one_off + self.yearly - self.aid

    @property
    def providers(self) -> tuple[str, ...]:
        """Ids of the providers."""
        return tuple(sorted({match.provider.id for match in self.matches}))


@dataclass(frozen=True)
class Bundles:
    """The bundles for a need.

    Attributes:
        frontier: fewest providers first; each costs less than the one before it.
        covered: the measures that every bundle delivers.
        late: measures that are delivered, but by no offer that can begin in time.
        unpriced: measures that are delivered in time, but only at a price on request.
        undelivered: measures that no offer that passes the demands delivers.
        least_providers: the fewest providers that can deliver what is covered; None where that was not found in time.
    """

    need: Need
    frontier: tuple[Bundle, ...]
    covered: tuple[str, ...]
    late: tuple[str, ...]
    unpriced: tuple[str, ...]
    undelivered: tuple[str, ...]
    least_providers: int | None

    @property
    def cheapest(self) -> Bundle | None:
        """The cheapest bundle of all; None where nothing can be delivered."""
        return self.frontier[-1] if self.frontier else None


@dataclass(frozen=True)
class _Item:
    """An offer as the model sees it: what it covers of the open measures, and what it costs."""

    match: Match
    cost: Cost
    covers: frozenset[str]


def bundles(
    need: Need,
    market: Market,
    rates: Rates,
    *,
    most_providers: int | None = None,
    limits: Limits | None = None,
) -> Bundles:
    """Return the cheapest bundles for a need, for every number of providers that brings something.

    The budget of the need is one for the whole bundle, so it rules out no single offer; whoever asks compares it with ``net``.

    Args:
        need: its ``wanted`` are the measures; its other demands hold for every offer.
        market: all offers.
        rates: of currencies.
        most_providers: no bundle may have more; None for no limit.
        limits: of the solver, for each of its runs.

    Raises:
        ValueError: the need wants no measure.
        KeyError: an offer names a provider or a currency that is not known.
    """
    if not need.wanted:
        raise ValueError("a bundle needs measures to deliver")
    limits = limits or Limits()
    passing = rank(replace(need, budget=None), market, rates).matches
    in_time = [match for match in passing if match.in_time]
    priced = [
        _Item(match, match.cost, frozenset(match.in_time)) for match in in_time if match.cost is not None
    ]
    at_all = {name for match in passing for name in (*match.in_time, *match.late)}
    by_then = {name for match in in_time for name in match.in_time}
    open_ = {name for item in priced for name in item.covers}
    items = _undominated(priced)
    least, frontier = _frontier(items, sorted(open_), need.aid, limits, most_providers)
    return Bundles(
        need,
        tuple(frontier),
        covered=_in_order(need, open_),
        late=_in_order(need, at_all - by_then),
        unpriced=_in_order(need, by_then - open_),
        undelivered=_in_order(need, set(need.wanted) - at_all),
        least_providers=least,
    )


def _in_order(need: Need, names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in need.wanted if name in names)


def _undominated(items: Sequence[_Item]) -> list[_Item]:
    """Return the offers without those that another of the same provider can stand for: it covers as much and costs no more.

    Aid is at most the whole one-off price, so a bundle with the other one never costs more.
    """
    kept: list[_Item] = []
    by_provider: dict[str, list[_Item]] = {}
    for item in sorted(
        items, key=lambda item: (-len(item.covers), item.cost.one_off, item.cost.yearly, item.match.offer.id)
    ):
        rivals = by_provider.setdefault(item.match.provider.id, [])
        if not any(
            item.covers <= rival.covers
            and rival.cost.one_off <= item.cost.one_off
            and rival.cost.yearly <= item.cost.yearly
            for rival in rivals
        ):
            rivals.append(item)
            kept.append(item)
    return sorted(kept, key=lambda item: item.match.offer.id)


def _frontier(
    items: Sequence[_Item], open_: Sequence[str], aid: Aid | None, limits: Limits, most: int | None
) -> tuple[int | None, list[Bundle]]:
    if not open_:
        return 0, []
    cover = _Cover(items, open_, aid, limits)
    least = cover.least_providers()
    if least is None:
        return None, []
    floor = cover.cheapest(None)
    found: list[Bundle] = []
    last = len(cover.providers) if most is None else min(most, len(cover.providers))
    for count in range(least, last + 1):
        bundle = cover.cheapest(count)
        if bundle is not None and (not found or bundle.net < found[-1].net):
            found.append(bundle)
        if found and floor is not None and floor.proven and found[-1].net == floor.net:
            break
    return least, found


class _Cover:
    """The model: which offers are taken, which providers are worked with, and what aid pays."""

    def __init__(self, items: Sequence[_Item], open_: Sequence[str], aid: Aid | None, limits: Limits) -> None:
        self.items, self.aid, self.limits = items, aid, limits
        self.model = LinearModel()
        self.taken = [self.model.flag(item.match.offer.id) for item in items]
        self.providers: dict[str, Quantity] = {}
        for item, taken in zip(items, self.taken, strict=True):
            name = item.match.provider.id
            if name not in self.providers:
                self.providers[name] = self.model.flag(name)
            self.model.at_most(taken, self.providers[name])
        for name in open_:
            able = [taken for item, taken in zip(items, self.taken, strict=True) if name in item.covers]
            self.model.at_most(known(1), summed(able))
        self.heads = summed(list(self.providers.values()))
        self.cost = self._cost()

    def _cost(self) -> Quantity:
        one_off = _weighted(self.taken, [item.cost.one_off for item in self.items])
        whole = _weighted(self.taken, [item.cost.one_off + item.cost.yearly for item in self.items])
        if self.aid is None:
            return whole
        paid = self.model.quantity(0, self.aid.of(one_off.high), "aid")
        self.model.at_most(paid.scaled(WHOLE_SHARE), one_off.scaled(self.aid.share))
        terms = {**whole.terms, next(iter(paid.terms)): -1}
        return Quantity(0, terms, whole.low - paid.high, whole.high)

    def least_providers(self) -> int | None:
        """Return the fewest providers that can deliver everything; None where the time did not do."""
        answer = solve(self.model, self.heads, limits=self.limits, backend="cp-sat")
        return answer.objective if answer.status == "optimal" else None

    def cheapest(self, most: int | None) -> Bundle | None:
        """Return the cheapest bundle with so many providers at most; of equal ones the one of fewest offers."""
        answer = self._solve(self.cost, most, None)
        if answer is None:
            return None
        cost, proven = answer[0], answer[2]
        count = len(self.items)
        fewest = _weighted(self.taken, [count * count + index for index in range(count)])
        second = self._solve(fewest, most, cost)
        values = (second or answer)[1]
        matches = [
            item for item, taken in zip(self.items, self.taken, strict=True) if taken.value(values) > 0
        ]
        one_off = sum(item.cost.one_off for item in matches)
        yearly = sum(item.cost.yearly for item in matches)
        paid = 0 if self.aid is None else self.aid.of(one_off)
        return Bundle(tuple(item.match for item in matches), one_off, yearly, paid, proven)

    def _solve(
        self, objective: Quantity, most: int | None, cost: int | None
    ) -> tuple[int, tuple[int, ...], bool] | None:
        """Return the worth, the values and whether it is proven, under the limits that are not None."""
        rows = list(self.model.rows)
        if most is not None:
            rows.append(Row(tuple(self.heads.terms.items()), None, most))
        if cost is not None:
            rows.append(Row(tuple(self.cost.terms.items()), None, cost))
        answer = solve(replace(self.model, rows=rows), objective, limits=self.limits, backend="cp-sat")
        if answer.values is None or answer.objective is None:
            return None
        return answer.objective, answer.values, answer.status == "optimal"


def _weighted(flags: Sequence[Quantity], weights: Sequence[int]) -> Quantity:
    return summed([flag.scaled(weight) for flag, weight in zip(flags, weights, strict=True)])


def delivered_by(bundle: Bundle, covered: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for every covered measure the offers of a bundle that deliver it in time."""
    return {
        name: tuple(match.offer.id for match in bundle.matches if name in match.in_time) for name in covered
    }
