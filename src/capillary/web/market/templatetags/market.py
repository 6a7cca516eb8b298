"""Template tags of the market: what kinds, regions and sectors are called, and what an offer costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from capillary.model.market_words import (
    OFFER_KIND_WORDS,
    PARTNERSHIP_WORDS,
    PRICE_WORDS,
    PROFILE_WORDS,
    PROVIDER_KIND_WORDS,
    SIZE_WORDS,
)
from capillary.sheets.market import cells_of
from capillary.sheets.market_columns import OFFER_COLUMNS
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.rates.shown import mine, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from capillary.model.market import Offer, Price, PricePart
    from capillary.model.text import Text

register = template.Library()
_WORDS: Mapping[str, Mapping[Any, Text]] = {
    "kind": OFFER_KIND_WORDS,
    "provider-kind": PROVIDER_KIND_WORDS,
    "profile": PROFILE_WORDS,
    "partnership": PARTNERSHIP_WORDS,
    "size": SIZE_WORDS,
    "price": PRICE_WORDS,
}
_TONGUES = {"zh": "中文", "en": "English"}


@register.filter
def called(value: str, what: str) -> str:
    """Return what a value of a facet is called, such as of a kind, a region, a language or an accreditation."""
    library = engine.library()
    if what == "measure":
        return measure(value)
    if what == "language":
        return _TONGUES.get(value, value)
    if what == "what":
        return _("Offers") if value == "offer" else _("Providers")
    if what == "accreditation":
        held = library.accreditations().programmes.get(value)
        return value if held is None else held.title.in_(language())
    found = {"region": library.regions, "sector": library.sectors}.get(what)
    if found is not None:
        item = found().get(value)
        return value if item is None else item.title.in_(language())
    text = _WORDS[what].get(value)
    return value if text is None else text.in_(language())


@register.filter
def all_called(values: Iterable[str], what: str) -> str:
    """Return values in a row; all, where there are none."""
    comma = "、" if language() == "zh" else ", "
    return comma.join(called(value, what) for value in values) or _("all")


@register.filter
def measure(name: str) -> str:
    """Return the title of a measure."""
    item = engine.library().measures().measures.get(name)
    return name if item is None else item.title.in_(language())


_LISTS = {
    "kind": "kind",
    "measures": "measure",
    "sectors": "sector",
    "sizes": "size",
    "regions": "region",
    "languages": "language",
    "price": "price",
    "profile": "profile",
    "partnerships": "partnership",
    "partner_regions": "region",
}


@register.filter
def rows(offer: Offer) -> list[tuple[str, str]]:
    """Return what an offer says as headings and words, without what is empty or 0."""
    cells = cells_of(offer)
    found = []
    for column in OFFER_COLUMNS:
        value = cells[column.key]
        if value in ("", 0) or column.key in {"id", "provider"}:
            continue
        what = _LISTS.get(column.key)
        shown = str(value) if what is None else all_called(str(value).split("; "), what)
        found.append((column.title.in_(language()), shown))
    return found


@register.filter
def entry(name: str) -> str:
    """Return what an entry of an offer is called, by the heading of its column."""
    column = next((item for item in OFFER_COLUMNS if item.entry == name), None)
    return name if column is None else column.title.in_(language())


@register.filter
def value_of(value: object, name: str) -> str:
    """Return a value of an entry of an offer in words; a dash where there is none."""
    column = next((item for item in OFFER_COLUMNS if item.entry == name), None)
    what = None if column is None else _LISTS.get(column.key)
    if value in (None, "", [], (), {}):
        return "–"
    if what is not None and isinstance(value, str | list | tuple):
        return all_called([value] if isinstance(value, str) else value, what)
    return str(value)


@register.filter
def raised(name: str, levels: tuple[int, int]) -> str:
    """Return a capability's title and the level that it is raised to."""
    item = engine.library().capabilities().get(name)
    title = name if item is None else item.title.in_(language())
    return _("{title}: level {level}").format(title=title, level=levels[1])


@register.filter
def amount(value: int, currency: str) -> str:
    """Return an amount with its currency."""
    return f"{currency} {value:,}"


@register.simple_tag(takes_context=True)
def priced(context: Mapping[str, Any], price: Price) -> str:
    """Return what an offer costs, in words, and about what that is in the reader's currency."""
    if price.model != "listed":
        return PRICE_WORDS[price.model].in_(language())
    own = f"{price.currency} {_said(price, plain)}"
    found = mine(context.get("request"), price.currency)
    return own if found is None else format_html("{} {}", own, found.marked(_said(price, found.amount)))


def _said(price: Price, shown: Callable[[int], str]) -> str:
    comma = "；" if language() == "zh" else "; "
    parts = []
    if one_off := _part(price.one_off, shown):
        parts.append(_("once {amount}").format(amount=one_off))
    if yearly := _part(price.yearly, shown):
        parts.append(_("each year {amount}").format(amount=yearly))
    return comma.join(parts)


def _part(part: PricePart, shown: Callable[[int], str]) -> str:
    found = [shown(part.fixed)] if part.fixed else []
    if part.per_user:
        found.append(_("{amount} a user").format(amount=shown(part.per_user)))
    if part.per_machine:
        found.append(_("{amount} a machine").format(amount=shown(part.per_machine)))
    return " + ".join(found)


@register.filter
def looked_up(key: str, names: Mapping[str, str]) -> str:
    """Return what something is called by a table of names; its id where the table does not have it."""
    return names.get(key, key)
