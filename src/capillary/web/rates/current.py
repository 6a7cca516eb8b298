"""The rates of a day, in the memory of this process, and the currency in which a reader wants to see amounts.

Each process keeps the rates of the days that it was asked for and asks with every use for the token of the last change, one
row, as the market asks for its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from capillary.matching.need import Rates
from capillary.model.rates import Quote, RateTable, quotes_of
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.rates.models import ExchangeRate, RateRevision

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.model.money import CurrencyFile
    from capillary.model.standard import Certainty

COOKIE = "currency"
MOST_TABLES = 16
HOME_OF = {
    "zh": "CNY"
}  # the currency of readers who chose none, by language; others see each amount as it is


@dataclass(frozen=True)
class _Held:
    token: UUID | None = None
    file: CurrencyFile | None = None
    tables: dict[str, RateTable] = field(default_factory=dict)


class _Holder:
    state = _Held()


def table_on(day: str | None = None) -> RateTable:
    """Return the rates of a day, of today where none is given; one query where nothing changed."""
    day = day or timezone.localdate().isoformat()
    token = RateRevision.objects.filter(pk=1).values_list("token", flat=True).first()
    file, state = engine.library().currencies(), _Holder.state
    if state.token != token or state.file is not file:
        state = _Held(token, file)
    found = state.tables.get(day)
    if found is None:
        found = _read(day, file)
        kept = dict(list(state.tables.items())[-MOST_TABLES + 1 :])
        state = _Held(token, file, {**kept, day: found})
    _Holder.state = state
    return found


def _read(day: str, file: CurrencyFile) -> RateTable:
    same = ExchangeRate.objects.filter(base=OuterRef("base"), currency=OuterRef("currency"), day__lte=day)
    pairs = ExchangeRate.objects.filter(day__lte=day).order_by().values("base", "currency").distinct()
    latest = pairs.annotate(latest=Subquery(same.order_by("-day").values("pk")[:1])).values("latest")
    rows = ExchangeRate.objects.filter(pk__in=latest).order_by(F("base"), F("currency"))
    return RateTable(file.base, day, tuple(quote_of(row) for row in rows), quotes_of(file))


def quote_of(row: ExchangeRate) -> Quote:
    """Return a stored rate as the engines take it."""
    certainty: Certainty = next(
        word for word in ("official", "secondary", "unverified") if word == row.certainty
    )
    source = Text(zh=row.source_zh, en=row.source_en)
    return Quote(row.base, row.currency, Fraction(row.units), row.day.isoformat(), source, certainty)


def table_for(request: HttpRequest | None) -> RateTable:
    """Return the rates of today, read once for all amounts of a page."""
    found: RateTable | None = getattr(request, "rates_of_today", None)
    if found is None:
        found = table_on()
        if request is not None:
            request.rates_of_today = found
    return found


def rates_today() -> Rates:
    """Return the rates by which offers are compared with budgets in other currencies: those of today."""
    return Rates.at(table_on())


def known_currencies() -> list[str]:
    """Return the codes of the currencies that this installation knows."""
    return [rate.currency for rate in engine.library().currencies().rates]


def currency_choices() -> list[tuple[str, str]]:
    """Return the currencies by name in the page's language."""
    return [
        (rate.currency, f"{rate.currency} · {rate.title.in_(language())}")
        for rate in engine.library().currencies().rates
    ]


def reader_currency(request: HttpRequest | None) -> str | None:
    """Return the currency in which a reader wants to see amounts; None to see each as it is.

    What an account says counts, then what this browser chose; else the yuan on Chinese pages.
    """
    chosen = ""
    if request is not None:
        user = getattr(request, "user", None)
        is_known = user is not None and user.is_authenticated
        chosen = user.currency if is_known else request.COOKIES.get(COOKIE, "")
    return chosen if chosen in known_currencies() else HOME_OF.get(language())
