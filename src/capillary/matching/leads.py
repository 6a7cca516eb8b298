"""Leads: what a provider may know of a firm's need before both have agreed, and which needs fit its offers.

A lead says sector, size class, region at the level of a subdivision, measures, and a class of budget. It names nobody, and
holds nothing that the firm wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.matching.rank import rank
from capillary.model.market import Market
from capillary.model.text import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.matching.need import Need, Rates
    from capillary.matching.rank import Match
    from capillary.model.market import Offer, Provider, SizeClass

# the ends of classes of budget, in the currency of the need
BUDGET_ENDS = (10_000, 50_000, 200_000, 1_000_000)


@dataclass(frozen=True)
class Lead:
    """What a provider sees of a need.

    Attributes:
        region: of ISO 3166: a country or a subdivision.
        size: class of the head count; None where it is not known.
        budget: the class of the budget, an index into `BUDGET_ENDS` or its length; None where none was told.
    """

    sector: str
    size: SizeClass | None
    region: str
    measures: tuple[str, ...]
    budget: int | None
    currency: str
    start_by: str | None
    languages: tuple[str, ...]


def lead_of(need: Need) -> Lead:
    """Return what a provider may know of a need."""
    return Lead(
        sector=need.sector or "",
        size=need.size,
        region=subdivision(need.places[0]) if need.places else "",
        measures=tuple(need.wanted),
        budget=budget_class(need.budget),
        currency=need.currency,
        start_by=need.start_by,
        languages=tuple(sorted(need.languages)),
    )


def subdivision(region: str) -> str:
    """Return a region with nothing below a subdivision.

    >>> subdivision("CN-JS-SZ"), subdivision("DE")
    ('CN-JS', 'DE')
    """
    return "-".join(region.split("-")[:2])


def budget_class(budget: int | None) -> int | None:
    """Return the class of a budget, 0 for the smallest; None for none.

    >>> [budget_class(budget) for budget in (None, 0, 10_000, 10_001, 5_000_000)]
    [None, 0, 0, 1, 4]
    """
    return None if budget is None else sum(budget > end for end in BUDGET_ENDS)


def budget_ends(budget: int | None) -> tuple[int, ...]:
    """Return the ends of a class of budget that there are, the lower first; none where none was told.

    >>> budget_ends(None), budget_ends(0), budget_ends(1), budget_ends(4)
    ((), (10000,), (10000, 50000), (1000000,))
    """
    if budget is None:
        return ()
    return BUDGET_ENDS[max(0, budget - 1) : budget + 1]


def budget_words(budget: int | None, currency: str) -> Message:
    """Return a class of budget in words."""
    if budget is None:
        return msg("not told")
    if budget == len(BUDGET_ENDS):
        return msg("more than {currency} {low}", currency=currency, low=f"{BUDGET_ENDS[-1]:,}")
    if budget == 0:
        return msg("up to {currency} {high}", currency=currency, high=f"{BUDGET_ENDS[0]:,}")
    low, high = BUDGET_ENDS[budget - 1 : budget + 1]
    return msg("{currency} {low} to {high}", currency=currency, low=f"{low:,}", high=f"{high:,}")


def fitting(
    need: Need, offers: Iterable[Offer], provider: Provider, busy: Mapping[str, int], rates: Rates
) -> tuple[Match, ...]:
    """Return the offers of one provider that fit a need and have places left, best first.

    Args:
        need: what a firm needs.
        offers: the provider's own, those that stand.
        provider: whose they are.
        busy: by offer, how many firms were taken on in this quarter.
        rates: what currencies are worth.
    """
    free = {item.id: item for item in offers if full(item, provider, busy) is None}
    return rank(need, Market(free, {provider.id: provider}), rates).matches


def full(offer: Offer, provider: Provider, busy: Mapping[str, int]) -> Message | None:
    """Return why an offer takes no more firms in this quarter; None where it does.

    Args:
        offer: one of the provider's own.
        provider: whose it is; its places hold for all of its offers together.
        busy: by offer, how many firms were taken on in this quarter.
    """
    if provider.places is not None and sum(busy.values()) >= provider.places:
        return msg(
            "The provider takes on {places} firms a quarter over all its offers, and has {taken} already.",
            places=provider.places,
            taken=sum(busy.values()),
        )
    if busy.get(offer.id, 0) >= offer.capacity.places:
        return msg(
            "This offer has {places} places a quarter, and {taken} are taken.",
            places=offer.capacity.places,
            taken=busy.get(offer.id, 0),
        )
    return None
