"""Does what a page asks for, and says where it cannot be done and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages

from capillary.web.core.language import language
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from capillary.web.core.forms import RefusableForm


def pressed(request: HttpRequest, act: Callable[[], object], done: str = "") -> bool:
    """Do something that needs no form; the next page says that it is done, or why not. Return whether it was done."""
    try:
        act()
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        return False
    if done:
        messages.success(request, done)
    return True


def attempted(form: RefusableForm, act: Callable[[], object]) -> bool:
    """Do something with what a form says; where it cannot be done the form says why. Return whether it was done."""
    if not form.is_valid():
        return False
    try:
        act()
    except RefusedError as error:
        form.refuse(error)
        return False
    return True
