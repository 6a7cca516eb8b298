"""Public pages of exchange rates, and the choice of the reader's currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from capillary.model.rates import rounded
from capillary.web import engine
from capillary.web.core.limits import limited
from capillary.web.rates.current import COOKIE, known_currencies, reader_currency, table_on
from capillary.web.rates.forms import ConvertForm
from capillary.web.rates.selectors import exchange_of, rows_in
from capillary.web.rates.services import currency_choose

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest, HttpResponse

    from capillary.model.rates import Exchange, RateTable

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Worked:
    """An amount that was worked out."""

    one: str
    other: str
    amount: Decimal
    result: Decimal
    exchange: Exchange


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Show the rates of a day with day, source and certainty, and work out an amount."""
    home = reader_currency(request) or engine.library().currencies().base
    initial = {"one": next(code for code in known_currencies() if code != home), "other": home}
    form = ConvertForm(
        request.GET if set(ConvertForm.base_fields) & set(request.GET) else None, initial=initial
    )
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    table = table_on(given["on"].isoformat() if given.get("on") else None)
    context = {
        "form": form,
        "table": table,
        "home": home,
        "rows": rows_in(table, home),
        "worked": _worked(table, given),
    }
    return render(request, "rates/rates.html", context, status=422 if form.errors else 200)


def _worked(table: RateTable, given: dict[str, object]) -> Worked | None:
    amount, one, other = given.get("amount"), str(given.get("one", "")), str(given.get("other", ""))
    exchange = exchange_of(table, one, other) if amount is not None and one and other else None
    if exchange is None:
        return None
    return Worked(one, other, amount, rounded(exchange.of(amount), other), exchange)


@require_POST
@limited("currency", "120/h")
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the currency that a reader chose: in the account, or in this browser where nobody is signed in."""
    currency = request.POST.get("currency", "")
    currency = currency if currency in known_currencies() else ""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(target if is_ours else "rates")
    if request.user.is_authenticated:
        currency_choose(user=request.user, currency=currency)
    else:
        response.set_cookie(
            COOKIE,
            currency,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
