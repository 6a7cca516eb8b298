"""Reads of exchange rates: what each currency is worth on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.model.rates import NoRateError, shown_rate
from capillary.web import engine
from capillary.web.rates.models import Certainty

if TYPE_CHECKING:
    from capillary.model.rates import Exchange, RateTable
    from capillary.model.text import Text


@dataclass(frozen=True)
class RateRow:
    """What one unit of a currency is worth; without an exchange where there is no rate."""

    code: str
    title: Text
    exchange: Exchange | None

    @property
    def shown(self) -> str:
        """The rate, in so many digits as matter."""
        return "" if self.exchange is None else shown_rate(self.exchange.units)

    @property
    def certainty(self) -> str:
        """How sure it is, in words."""
        return "" if self.exchange is None else str(Certainty(self.exchange.certainty).label)


def rows_in(table: RateTable, home: str) -> list[RateRow]:
    """Return what each currency is worth in another one."""
    return [
        RateRow(rate.currency, rate.title, exchange_of(table, rate.currency, home))
        for rate in engine.library().currencies().rates
        if rate.currency != home
    ]


def exchange_of(table: RateTable, one: str, other: str) -> Exchange | None:
    """Return the rate between two currencies; None where there is none."""
    try:
        return table.exchange(one, other)
    except NoRateError:
        return None
