"""Errors of the API as problem details (RFC 9457), in the language that the request asks for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _

from capillary.web.core.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.model.problems import Problem

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Error:
    """One thing wrong with a request: where, what, and what mends it."""

    path: str
    code: str
    cause: str
    remedy: str


@dataclass
class ApiProblem(Exception):  # noqa: N818 - a problem in the sense of RFC 9457
    """A request that cannot be answered as it was meant.

    Attributes:
        status: the HTTP status.
        code: a stable name of the kind of problem.
        detail: what is wrong, in the language of the request.
    """

    status: int
    code: str
    detail: str
    errors: tuple[Error, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        """Return the answer to the request."""
        body = {
            "type": f"urn:capillary:problem:{self.code}",
            "title": title_of(self.status),
            "status": self.status,
            "detail": self.detail,
            "errors": [asdict(error) for error in self.errors],
        }
        return HttpResponse(
            json.dumps(body), status=self.status, content_type=MEDIA_TYPE, headers=dict(self.headers)
        )


def title_of(status: int) -> str:
    """Return the short name of a status, in the language of the request."""
    names = {
        400: _("The request cannot be read"),
        401: _("Sign-in needed"),
        403: _("Not allowed"),
        404: _("Nothing here"),
        405: _("Method not allowed"),
        409: _("Not in the present state"),
        413: _("The request is too large"),
        415: _("Wrong media type"),
        422: _("The request cannot be used"),
        429: _("Too many requests"),
        500: _("Error in the server"),
    }
    return names.get(status, str(status))


def not_found() -> ApiProblem:
    """Return the problem of something that is not there, or not for this user."""
    return ApiProblem(404, "not-found", _("There is nothing here, or nothing that you may see."))


def sign_in_needed() -> ApiProblem:
    """Return the problem of a request without a valid token or session."""
    return ApiProblem(
        401,
        "sign-in-needed",
        _("Send a valid token: “Authorization: Bearer …”. You make tokens on the page “API tokens”."),
        headers={"WWW-Authenticate": 'Bearer realm="capillary"'},
    )


def unusable(problems: Iterable[Problem], before: str = "") -> ApiProblem:
    """Return the problem of input that the engines refuse, with everything that they name.

    Args:
        problems: what the engines say.
        before: the path in the request under which the input stands.
    """
    lang = language()
    errors = tuple(
        Error(
            path=f"{before}{problem.place.path or ''}".strip("."),
            code=problem.code,
            cause=problem.cause.in_(lang),
            remedy=problem.remedy.in_(lang),
        )
        for problem in problems
    )
    return ApiProblem(422, "unusable", _("What was sent cannot be used; nothing was changed."), errors)


def wrong_value(path: str, code: str, cause: str, remedy: str) -> ApiProblem:
    """Return the problem of one value that cannot be used."""
    detail = _("What was sent cannot be used; nothing was changed.")
    return ApiProblem(422, "unusable", detail, (Error(path, code, cause, remedy),))
