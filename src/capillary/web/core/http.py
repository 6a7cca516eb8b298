"""Answers that work with and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect

if TYPE_CHECKING:
    from django.http import HttpRequest


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to another page of ours, also where HTMX asked and would only swap a part of the page."""
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
