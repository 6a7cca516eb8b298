"""The page on which a code of an industry is looked up; open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from capillary.web.industries import selectors

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PER_PAGE = 20
LONGEST = 100


@require_safe
def industries(request: HttpRequest) -> HttpResponse:
    """Find sections and divisions by code or by words of their name, with what they are elsewhere."""
    words = request.GET.get("q", "")[:LONGEST]
    scheme = selectors.scheme_named(request.GET.get("scheme", ""))
    page = Paginator(selectors.found_by(words, scheme), PER_PAGE).get_page(request.GET.get("page"))
    given = {"q": words, "scheme": scheme or ""}
    context = {
        "words": words,
        "scheme": scheme,
        "schemes": selectors.scheme_choices(),
        "page": page,
        "rows": selectors.rows(page),
        "sources": selectors.sources(),
        "query": urlencode({name: value for name, value in given.items() if value}),
    }
    return render(request, "industries/industries.html", context)
