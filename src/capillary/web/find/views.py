"""The page on which everything is found, open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from capillary.web.find.selectors import FACETS, FindAsked, cards, find_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find entries of all catalogues by words and filters; without any, lead to the catalogues."""
    asked = FindAsked.of(request.GET, FACETS)
    if asked.is_empty:
        return render(request, "find/find.html", {"asked": asked, "cards": cards()})
    return render(request, "find/find.html", {"asked": asked, "page": find_page(asked)})
