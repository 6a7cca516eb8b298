"""What facets and their values are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from capillary.model.market_words import PRICE_WORDS, SIZE_WORDS
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import region, sector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Text

FACET_WORDS: Mapping[str, Any] = {
    "sector": _("Sector"),
    "size": _("Size of the firm"),
    "region": _("Region"),
    "language": _("Language"),
    "price": _("Price"),
    "capability": _("Capability"),
    "measure": _("Measure"),
}
_TONGUES = {"zh": "中文", "en": "English"}
_TEXTS: Mapping[str, Mapping[Any, Text]] = {"size": SIZE_WORDS, "price": PRICE_WORDS}


def value_words(name: str, value: str) -> str:
    """Return what a value of a facet is called in the page's language; the value itself where that is not known."""
    match name:
        case "sector":
            return sector(value)
        case "region":
            return region(value)
        case "language":
            return _TONGUES.get(value, value)
        case "capability":
            item = engine.library().capabilities().get(value)
            return value if item is None else item.title.in_(language())
        case "measure":
            step = engine.library().measures().measures.get(value)
            return value if step is None else step.title.in_(language())
    text = _TEXTS.get(name, {}).get(value)
    return value if text is None else text.in_(language())
