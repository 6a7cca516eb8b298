"""Template tags of amounts: as they are, and about what they are in the reader's currency at which rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from capillary.web.core.templatetags.capillary import say
from capillary.web.rates import shown
from capillary.web.rates.current import reader_currency
from capillary.web.rates.forms import CurrencyForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.rates import Exchange

register = template.Library()
register.filter("plain_amount", shown.plain)
register.filter("rate_words", shown.rate_words)
register.filter("age_words", shown.age_words)


@register.simple_tag(takes_context=True)
def in_mine(
    context: Mapping[str, Any], value: shown.Amount | None, currency: str, high: shown.Amount | None = None
) -> str:
    """Return about what an amount, or a span of two, is in the reader's currency; nothing where it is in that one.

    Args:
        context: of the template; it holds the request.
        value: the amount, or the lower one.
        currency: its currency.
        high: the higher amount of a span.
    """
    found = shown.mine(context.get("request"), currency)
    if found is None or value is None:
        return ""
    amounts = [value] if high is None else [value, high]
    return found.marked("–".join(found.amount(amount) for amount in amounts))


@register.simple_tag(takes_context=True)
def money_of(context: Mapping[str, Any], value: shown.Amount | None, currency: str) -> str:
    """Return an amount with its currency, and about what it is in the reader's."""
    own = "–" if value is None else f"{currency} {shown.plain(value)}"
    about = in_mine(context, value, currency)
    return format_html("{} {}", own, about) if about else own


@register.simple_tag(takes_context=True)
def once_yearly_in_mine(
    context: Mapping[str, Any], once: shown.Amount, yearly: shown.Amount, currency: str
) -> str:
    """Return about what a price is in the reader's currency, once and each year."""
    found = shown.mine(context.get("request"), currency)
    if found is None:
        return ""
    said = _("once {once}, each year {yearly}")
    return found.marked(said.format(once=found.amount(once), yearly=found.amount(yearly)))


@register.filter
def sources_of(exchange: Exchange) -> str:
    """Return where a rate comes from."""
    return _("; ").join(say(source) for source in exchange.sources)


@register.inclusion_tag("rates/_choose.html", takes_context=True)
def choose_currency(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form by which a reader chooses a currency."""
    request = context["request"]
    return {
        "form": CurrencyForm(initial={"currency": reader_currency(request) or ""}, auto_id="mine-%s"),
        "next": request.get_full_path(),
        "path": request.path,
        "csrf_token": context.get("csrf_token"),
    }
