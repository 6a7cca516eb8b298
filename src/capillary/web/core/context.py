"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from capillary import __version__
from capillary.web.core.language import in_language, language

if TYPE_CHECKING:
    from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, Any]:
    """Return version, demo mode, the page's language and the addresses of the page in each language."""
    path = request.get_full_path()
    return {
        "version": __version__,
        "demo": settings.DEMO,
        "lang": language(),
        "same_page_in": [
            {"code": code, "name": name, "url": in_language(path, code)} for code, name in settings.LANGUAGES
        ],
        "local_mail": not settings.EMAIL_HOST and not settings.PRODUCTION,
    }
