"""Turns a refusal for want of a sign-in into the way to the sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import resolve_url

from capillary.web.access import SignInNeeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


class SignInMiddleware:
    """Sends visitors who must sign in to the sign-in page, and back afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the way to the sign-in page where that is what is missing."""
        if not isinstance(exception, SignInNeeded):
            return None
        htmx = getattr(request, "htmx", None)
        if htmx:
            # a part of a page: the whole browser goes to the sign-in page, and then back to where it was
            way = redirect_to_login(
                htmx.current_url_abs_path or resolve_url("home"), resolve_url("account_login")
            )
            return HttpResponse(status=401, headers={"HX-Redirect": way.url})
        return redirect_to_login(
            request.get_full_path() if request.method == "GET" else resolve_url("home"),
            resolve_url("account_login"),
        )
