"""The language of a request as the engines name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from django.http import HttpResponse

    from capillary.model.text import Language

TAGS = {"zh": "zh-hans", "en": "en"}


def language() -> Language:
    """Return the active language: ``zh`` or ``en``."""
    return "en" if (translation.get_language() or "").startswith("en") else "zh"


def in_language(path: str, code: str) -> str:
    """Return the address of the same page in another language; one without a language prefix stays what it is.

    Addresses differ in their prefix alone, so none has to be resolved, as Django's `translate_url` would.

    >>> in_language("/en/check/?standard=eu-dma", "zh-hans"), in_language("/healthz", "en")
    ('/zh-hans/check/?standard=eu-dma', '/healthz')
    """
    prefix, slash, rest = path.removeprefix("/").partition("/")
    return f"/{code}/{rest}" if slash and prefix in TAGS.values() else path


def remember_language(response: HttpResponse, code: str) -> None:
    """Let this browser come back in a language, as Django's own switch does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
