"""Currencies at dated rates, and the assumptions that stand in for figures a firm does not state."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec import Meta

from capillary.model.measure import Amount, Currency, EffectBase, PercentRange, Range, StaffRole
from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Figure, Identifier, Source
from capillary.model.text import Text


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Rate(Figure, frozen=True, kw_only=True):
    """What one unit of a currency is worth in the base currency, on a day."""

    currency: Currency
    title: Text
    per_unit: Fraction
    date: Date


class CurrencyFile(_Item, frozen=True, kw_only=True):
    """``currencies.yaml`` as it is written."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    base: Currency
    rates: Annotated[tuple[Rate, ...], AT_LEAST_ONE]

    def rate(self, currency: str) -> Rate:
        """Return the rate of a currency.

        Raises:
            KeyError: it is not listed.
        """
        for item in self.rates:
            if item.currency == currency:
                return item
        raise KeyError(currency)


class Share(Figure, frozen=True, kw_only=True):
    """What a base of effects is worth, in percent of the yearly turnover, as (low, typical, high)."""

    of: EffectBase
    title: Text
    percent: PercentRange


class PerHead(Figure, frozen=True, kw_only=True):
    """Yearly turnover per head, as (low, typical, high)."""

    range: Range
    currency: Currency
    year: Annotated[int, Meta(ge=2000)]


class StaffHours(_Item, frozen=True, kw_only=True):
    """Hours in a quarter: a fixed part, and one for each head of staff."""

    fixed: Amount
    per_head: Amount


class AssumptionFile(_Item, frozen=True, kw_only=True):
    """``plan-assumptions.yaml`` as it is written.

    Attributes:
        users_share: users of office software in percent of the head count.
        machines_per_head: machines for every 100 heads, in manufacturing.
        staff_hours: what own staff can give to projects in a quarter, by role.
    """

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    shares: Annotated[tuple[Share, ...], AT_LEAST_ONE]
    turnover_per_head: PerHead
    users_share: Annotated[tuple[Amount, Amount, Amount], Meta()]
    machines_per_head: Annotated[tuple[Amount, Amount, Amount], Meta()]
    staff_hours: dict[StaffRole, StaffHours]
