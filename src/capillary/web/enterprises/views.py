"""The visitor's own place: their enterprises, and the ways to their work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from capillary.web.access import SignInNeeded
from capillary.web.enterprises.models import Enterprise

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the visitor works with."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    enterprises = Enterprise.objects.filter(
        members__user=request.user, members__until=None, erased_at=None
    ).distinct()
    return render(request, "enterprises/home.html", {"enterprises": enterprises})
