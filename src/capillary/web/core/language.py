"""The language of a request as the engines name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

if TYPE_CHECKING:
    from capillary.model.text import Language

TAGS = {"zh": "zh-hans", "en": "en"}


def language() -> Language:
    """Return the active language: ``zh`` or ``en``."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"
