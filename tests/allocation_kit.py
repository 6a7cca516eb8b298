"""Small markets, and what is true of their allocations, written out once more from the definitions.

Nothing here uses the product's numbers: who is before whom is decided by tuples, stability by looking at every pair, and
what is best by trying every way to give the places.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from capillary.matching.allocation import Firm, Provider, market
from capillary.matching.allocation_rules import read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.matching.allocation import Allocation, Market

SIZES = ("micro", "small", "medium")
REGIONS = ("north", "south")
RULES = (
    "size=micro,small,medium",
    "level=lowest",
    "applied=earliest",
    "region=same",
    "served=no,*",
    "score=highest",
)
NOTHING = None
Got = dict[str, str | None]


@dataclass(frozen=True)
class World:
    """What is to be allocated, as it was told."""

    firms: tuple[Firm, ...]
    providers: tuple[Provider, ...]
    rules: tuple[str, ...]
    seed: int

    def market(self) -> Market:
        return market(self.firms, self.providers, read_rules(self.rules), self.seed)

    def without(self, gone: Sequence[str]) -> World:
        providers = tuple(
            provider
            if provider.order is None
            else replace(provider, order=tuple(name for name in provider.order if name not in gone))
            for provider in self.providers
        )
        return replace(
            self, firms=tuple(firm for firm in self.firms if firm.id not in gone), providers=providers
        )

    def telling(self, told: Firm) -> World:
        return replace(self, firms=tuple(told if firm.id == told.id else firm for firm in self.firms))

    @cached_property
    def places(self) -> Mapping[str, int]:
        return {
            offer: places
            for provider in self.providers
            for offer, places in provider.offers or [(provider.id, provider.capacity)]
        }

    @cached_property
    def provider_of(self) -> Mapping[str, Provider]:
        return {
            offer: provider
            for provider in self.providers
            for offer, _ in provider.offers or [(provider.id, provider.capacity)]
        }

    def takes(self, offer: str, firm: Firm) -> bool:
        order = self.provider_of[offer].order
        return order is None or firm.id in order

    def liking(self, firm: Firm, offer: str | None) -> int:
        """Return how dear an offer is to a firm, 0 the dearest; what it would not have at all is behind nothing."""
        if offer in firm.choices:
            return firm.choices.index(offer)
        if offer is NOTHING:
            return len(firm.choices) + 1
        return len(firm.choices) + (0 if firm.takes_any else 2)

    def rank(self, firm: Firm, provider: Provider) -> tuple[object, ...]:
        """Return what a firm is sorted by at a provider, written out from what the rules mean."""
        if provider.order is not None:
            return (provider.order.index(firm.id),)
        parts: list[object] = []
        for rule in self.rules:
            column = rule.split("=")[0]
            fact = firm.facts.get(column)
            match column:
                case "size":
                    parts.append(9 if fact is None else SIZES.index(fact))
                case "served":
                    parts.append(9 if fact is None else int(fact != "no"))
                case "level":
                    parts.append(99 if fact is None else int(fact))
                case "score":
                    parts.append(99 if fact is None else -int(fact))
                case "applied":
                    parts.append("9999" if fact is None else fact)
                case "region":
                    parts.append(int(fact is None or fact != provider.facts.get("region")))
        parts.append(hashlib.sha256(f"{self.seed}:{firm.id}".encode()).hexdigest())
        return tuple(parts)

    def before(self, one: Firm, other: Firm, provider: Provider) -> bool:
        return self.rank(one, provider) < self.rank(other, provider)  # type: ignore[operator]

    def held(self, got: Got, offer: str) -> list[Firm]:
        return [firm for firm in self.firms if got[firm.id] == offer]

    def held_by(self, got: Got, provider: Provider) -> list[Firm]:
        return [firm for firm in self.firms if _of(self, got[firm.id]) is provider]

    def keeps_capacity(self, got: Got) -> bool:
        return all(len(self.held(got, offer)) <= places for offer, places in self.places.items()) and all(
            len(self.held_by(got, provider)) <= provider.capacity for provider in self.providers
        )

    def blocking(self, got: Got) -> Iterator[tuple[str, str]]:
        """Yield every firm and offer that would both rather have one another (Abraham, Irving, Manlove, 2007)."""
        for firm in self.firms:
            for offer, places in self.places.items():
                if self.liking(firm, offer) >= self.liking(firm, got[firm.id]) or not self.takes(offer, firm):
                    continue
                provider = self.provider_of[offer]
                here, there = self.held(got, offer), self.held_by(got, provider)
                if min(places, provider.capacity) == 0:
                    continue
                if len(here) < places:
                    if (
                        firm in there
                        or len(there) < provider.capacity
                        or any(self.before(firm, other, provider) for other in there)
                    ):
                        yield firm.id, offer
                elif any(self.before(firm, other, provider) for other in here):
                    yield firm.id, offer

    def is_fit(self, got: Got) -> bool:
        """Say whether everybody has a place that both sides take, and no provider has too many."""
        return self.keeps_capacity(got) and all(
            offer is NOTHING
            or (self.takes(offer, firm) and self.liking(firm, offer) < self.liking(firm, NOTHING))
            for firm in self.firms
            for offer in [got[firm.id]]
        )

    def is_stable(self, got: Got) -> bool:
        return self.is_fit(got) and next(self.blocking(got), None) is None

    def every_stable(self) -> list[Got]:
        """Return all stable allocations there are."""
        names = [firm.id for firm in self.firms]
        ways = product(*([*firm.choices, NOTHING] for firm in self.firms))
        return [got for way in ways if self.is_stable(got := dict(zip(names, way, strict=True)))]


def _of(world: World, offer: str | None) -> Provider | None:
    return None if offer is None else world.provider_of[offer]


def got_of(allocation: Allocation) -> Got:
    return {firm.id: allocation.offer_of(firm.id) for firm in allocation.market.firms}


@st.composite
def worlds(
    draw: st.DrawFn,
    most_firms: int = 6,
    *,
    takes_any: bool = True,
    offers: bool = True,
    orders: bool = True,
    same: bool = True,
) -> World:
    """Draw a small market with any of its features."""
    names = [f"Enterprise {number}" for number in range(1, draw(st.integers(1, most_firms)) + 1)]
    rules = [rule for rule in draw(st.permutations(RULES)) if same or not rule.endswith("=same")]
    providers = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        name = f"Provider {number}"
        kinds = draw(st.integers(1, 2)) if offers else 1
        order = draw(st.permutations(names)) if orders and draw(st.booleans()) else None
        if order is not None:
            order = order[: draw(st.integers(0, len(names)))]
        providers.append(
            Provider(
                name,
                draw(st.integers(0, 3)),
                tuple((f"{name}/{kind}", draw(st.integers(0, 2))) for kind in range(kinds))
                if kinds > 1
                else (),
                None if order is None else tuple(order),
                {"region": draw(st.sampled_from([*REGIONS, None]))},
            )
        )
    every = [
        offer for provider in providers for offer, _ in provider.offers or [(provider.id, provider.capacity)]
    ]
    firms = []
    for name in names:
        choices = draw(st.permutations(every))[: draw(st.integers(0, min(len(every), 4)))]
        facts = {
            "size": draw(st.sampled_from([*SIZES, None])),
            "level": draw(st.sampled_from(["0", "1", "10", None])),
            "applied": draw(st.sampled_from(["2026-03-01", "2026-03-01 09:30", "2026-11-30", None])),
            "region": draw(st.sampled_from([*REGIONS, "west", None])),
            "served": draw(st.sampled_from(["no", "yes", None])),
            "score": draw(st.sampled_from(["5", "50", None])),
        }
        firms.append(Firm(name, tuple(choices), takes_any and draw(st.booleans()), facts))
    return World(
        tuple(firms),
        tuple(providers),
        tuple(rules[: draw(st.integers(0, 3))]),
        draw(st.integers(0, 1000)),
    )
