"""Amounts in the reader's currency, in words: about how much, at the rate of which day, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from capillary.model.rates import NoRateError, rounded
from capillary.web.rates.current import reader_currency, table_for
from capillary.web.rates.models import Certainty

if TYPE_CHECKING:
    from django.http import HttpRequest

    from capillary.model.rates import Exchange

Amount = Decimal | int


def plain(value: Amount | None) -> str:
    """Return an amount, with cents only where there are any; a dash for none."""
    if value is None:
        return "–"
    found = Decimal(value)
    return f"{found:,.0f}" if found == found.to_integral_value() else f"{found:,.2f}"


def rate_words(exchange: Exchange) -> str:
    """Return of which day a rate is, how sure it is, and how old where it is older than usual."""
    certainty = Certainty(exchange.certainty).label
    words = _("rate of {day}, {certainty}").format(day=exchange.day, certainty=certainty)
    if not exchange.is_old:
        return words
    return _("{words}, {age}").format(words=words, age=age_words(exchange))


def age_words(exchange: Exchange) -> str:
    """Return how far a rate is from the day that was asked for."""
    days = abs(exchange.age)
    if exchange.age < 0:
        said = ngettext("{days} day younger than asked for", "{days} days younger than asked for", days)
    else:
        said = ngettext("{days} day old", "{days} days old", days)
    return said.format(days=days)


@dataclass(frozen=True)
class Mine:
    """The way from an amount's currency to the reader's."""

    currency: str
    exchange: Exchange

    def amount(self, value: Amount) -> str:
        """Return an amount in the reader's currency, rounded as amounts are shown."""
        return plain(rounded(self.exchange.of(Fraction(value)), self.currency))

    def marked(self, said: str) -> str:
        """Return what was said in the reader's currency as a part of a page, with its rate."""
        words = rate_words(self.exchange)
        return format_html(
            '<span class="in-mine">≈ {} {} <small>({})</small></span>', self.currency, said, words
        )


def mine(request: HttpRequest | None, currency: str) -> Mine | None:
    """Return the way from a currency to the reader's; None where the reader sees amounts as they are, or there is no rate."""
    wanted = reader_currency(request)
    if wanted is None or wanted == currency or not currency:
        return None
    try:
        return Mine(wanted, table_for(request).exchange(currency, wanted))
    except NoRateError:
        return None
