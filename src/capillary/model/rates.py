"""Exchange rates as dated series: what an amount is worth in another currency on a day, at which rate, and how sure that is.

A quote says what one unit of a base is worth in a currency on a day. Everything is worked out through one currency, the home:
a currency's worth in it is quoted straight, or through one other currency, as the euro in the files of the European Central
Bank. Of several ways the one with the later day counts; of the same day the surer one, then the straight one. A day takes the
latest quote on or before it. All arithmetic is exact; amounts are rounded when they are shown (see `rounded`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from capillary.model.days import days_between
from capillary.model.standard import Certainty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.money import CurrencyFile
    from capillary.model.text import Text

MOST_DAYS = (
    7  # that a rate may be old before it is said: banks publish on working days, and holidays are shorter
)
WHOLE_FROM = 100  # amounts from here on are shown in whole units
DIGITS = 6  # significant digits of a rate as it is shown
WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND"})
SUREST_FIRST: tuple[Certainty, ...] = ("official", "secondary", "unverified")


@dataclass(frozen=True)
class Quote:
    """What one unit of ``base`` is worth in ``currency`` on a day, as somebody published it.

    Attributes:
        units: more than 0.
        day: ISO date.
        source: who published it.
    """

    base: str
    currency: str
    units: Fraction
    day: str
    source: Text | str
    certainty: Certainty

    def __post_init__(self) -> None:
        if self.units <= 0 or self.base == self.currency:
            raise ValueError("a quote is more than 0 and between two currencies")

    def worth_of(self, currency: str) -> Fraction:
        """Return what one unit of one of the two currencies is worth in the other."""
        return self.units if currency == self.base else 1 / self.units


@dataclass(frozen=True)
class Exchange:
    """A rate between two currencies.

    Attributes:
        units: what one unit of the first is worth in the second.
        day: the oldest day of the quotes that it rests on; None between a currency and itself.
        certainty: of the least sure of them.
        sources: where they come from, each once.
        age: days between that day and the one that was asked for; negative where the quote is younger.
    """

    units: Fraction
    day: str | None
    certainty: Certainty
    sources: tuple[Text | str, ...]
    age: int

    @property
    def is_old(self) -> bool:
        """Whether the quote is further from the day than is usual, so that it has to be said."""
        return abs(self.age) > MOST_DAYS

    def of(self, amount: Fraction | Decimal | int) -> Fraction:
        """Return an amount of the first currency in the second, exactly."""
        return Fraction(amount) * self.units


class NoRateError(KeyError):
    """There is no rate for a currency on a day."""


def rounded(amount: Fraction, currency: str) -> Decimal:
    """Return an amount as it is shown: whole units from 100 on and where a currency has no cents, else hundredths.

    Halves are rounded away from 0, as in the shop. A larger amount is never shown as the smaller one.

    >>> rounded(Fraction(1234567, 1000), "EUR"), rounded(Fraction(5, 2), "JPY"), rounded(Fraction(1, 3), "EUR")
    (Decimal('1235'), Decimal('3'), Decimal('0.33'))
    """
    places = 0 if abs(amount) >= WHOLE_FROM or currency in WITHOUT_CENTS else 2
    scaled = abs(amount) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if amount >= 0 else -whole).scaleb(-places)


def shown_rate(units: Fraction) -> str:
    """Return a rate in so many digits as matter.

    >>> shown_rate(Fraction(7, 200000)), shown_rate(Fraction("7.09532451")), shown_rate(Fraction(130))
    ('0.000035', '7.09532', '130')
    """
    return f"{Decimal(f'{float(units):.{DIGITS}g}'):f}"


@dataclass(frozen=True)
class RateTable:
    """The rates of one day.

    Attributes:
        home: the currency through which everything is worked out.
        day: the day that is asked about.
        quotes: the latest quote of every pair on or before the day.
        fallback: quotes that count where the others say nothing, whatever their day; between the home and other currencies.
    """

    home: str
    day: str
    quotes: tuple[Quote, ...] = ()
    fallback: tuple[Quote, ...] = ()

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that have a worth, the home first, then by code."""
        return (self.home, *sorted(set(self._ways) - {self.home}))

    @cached_property
    def _ways(self) -> Mapping[str, tuple[Quote, ...]]:
        """The quotes through which each currency's worth in the home is found; none for the home itself."""
        straight: dict[str, list[Quote]] = {}
        for quote in self.quotes:
            if other := _other(quote, self.home):
                straight.setdefault(other, []).append(quote)
        ways: dict[str, list[tuple[Quote, ...]]] = {}
        for currency, quotes in straight.items():
            ways.setdefault(currency, []).extend((quote,) for quote in quotes)
        for quote in self.quotes:
            for middle, far in ((quote.base, quote.currency), (quote.currency, quote.base)):
                if far != self.home:
                    ways.setdefault(far, []).extend((quote, last) for last in straight.get(middle, ()))
        found = {currency: max(each, key=_rank) for currency, each in ways.items() if each}
        spare = {other: (quote,) for quote in self.fallback if (other := _other(quote, self.home))}
        return {**spare, **found, self.home: ()}

    def worth(self, currency: str) -> Fraction:
        """Return what one unit of a currency is worth in the home.

        Raises:
            NoRateError: there is no rate for it.
        """
        worth, left = Fraction(1), currency
        for quote in self._way(currency):
            worth *= quote.worth_of(left)
            left = quote.currency if left == quote.base else quote.base
        return worth

    def _way(self, currency: str) -> tuple[Quote, ...]:
        try:
            return self._ways[currency]
        except KeyError:
            raise NoRateError(currency) from None

    def exchange(self, one: str, other: str) -> Exchange:
        """Return the rate from one currency to another.

        Raises:
            NoRateError: there is no rate for one of them.
        """
        used: Sequence[Quote] = () if one == other else (*self._way(one), *self._way(other))
        day = min((quote.day for quote in used), default=None)
        return Exchange(
            self.worth(one) / self.worth(other),
            day,
            max((quote.certainty for quote in used), key=SUREST_FIRST.index, default="official"),
            tuple(dict.fromkeys(quote.source for quote in used)),
            0 if day is None else days_between(day, self.day),
        )


def _other(quote: Quote, home: str) -> str | None:
    if home not in {quote.base, quote.currency}:
        return None
    return quote.currency if quote.base == home else quote.base


def _rank(way: tuple[Quote, ...]) -> tuple[object, ...]:
    """Return what ways are compared by: later, surer, shorter; the names make the choice one and the same everywhere."""
    return (
        min(quote.day for quote in way),
        -max(SUREST_FIRST.index(quote.certainty) for quote in way),
        -len(way),
        tuple((quote.base, quote.currency) for quote in way),
    )


@dataclass(frozen=True)
class RateSeries:
    """Quotes of many days.

    Attributes:
        home: see `RateTable`.
        quotes: at most one of a pair and day.
        fallback: see `RateTable`.
    """

    home: str
    quotes: tuple[Quote, ...] = ()
    fallback: tuple[Quote, ...] = ()

    @cached_property
    def _pairs(self) -> Mapping[tuple[str, str], tuple[list[str], list[Quote]]]:
        pairs: dict[tuple[str, str], list[Quote]] = {}
        for quote in self.quotes:
            pairs.setdefault((quote.base, quote.currency), []).append(quote)
        for found in pairs.values():
            found.sort(key=lambda quote: quote.day)
        return {pair: ([quote.day for quote in found], found) for pair, found in pairs.items()}

    def on(self, day: str) -> RateTable:
        """Return the rates of a day: of every pair the latest quote on or before it."""
        latest = (
            found[place - 1] for days, found in self._pairs.values() if (place := bisect_right(days, day))
        )
        return RateTable(self.home, day, tuple(latest), self.fallback)


def quotes_of(file: CurrencyFile) -> tuple[Quote, ...]:
    """Return the rates of the content as quotes in its base."""
    named = {source.id: source.title for source in file.sources}
    return tuple(
        Quote(
            rate.currency,
            file.base,
            rate.per_unit,
            rate.date,
            named[rate.source or file.source],
            rate.certainty or file.certainty,
        )
        for rate in file.rates
        if rate.currency != file.base
    )


def series_of(file: CurrencyFile, quotes: Iterable[Quote] = ()) -> RateSeries:
    """Return loaded quotes with the rates of the content to fall back on."""
    return RateSeries(file.base, tuple(quotes), quotes_of(file))
