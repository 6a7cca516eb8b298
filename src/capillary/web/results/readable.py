"""Pages of results whose standard this installation can not read any more."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.shortcuts import render

from capillary.model.problems import InputError
from capillary.sheets.answers import BadAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    View = Callable[..., HttpResponse]


def needs_standard(view: View) -> View:
    """Say so, where the standard of an assessment is not installed any more or no longer fits the answers."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (InputError, BadAnswerError):
            return render(request, "results/unreadable.html", status=503)

    return guarded
