"""Limits on how often one address or user may do what is costly or can be misused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from django_ratelimit.core import is_ratelimited

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    View = Callable[..., HttpResponse]


def limited(group: str, rate: str) -> Callable[[View], View]:
    """Refuse POST requests beyond ``rate`` (such as ``30/h``) from one user or address, with status 429.

    ``CAPILLARY_LIMITS`` in the settings may widen a group's rate; an office shares one address.
    """
    from functools import wraps

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            allowed = settings.LIMITS.get(group, rate)
            if is_ratelimited(
                request, group=group, key="user_or_ip", rate=allowed, method="POST", increment=True
            ):
                return render(request, "429.html", status=429)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def address_behind_proxy(request: HttpRequest) -> str:
    """Return the visitor's address as the proxy in front gives it: the last entry, which the visitor cannot write."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rsplit(",", 1)[-1].strip() or request.META["REMOTE_ADDR"]
