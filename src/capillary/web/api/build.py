"""The API put together: routes, how errors are answered, and the OpenAPI document."""

from __future__ import annotations

import json
import logging
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.http.request import RawPostDataException
from django.urls import path, re_path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from capillary import __version__
from capillary.model.problems import InputError
from capillary.sheets.answers import BadAnswerError
from capillary.web.access import Action, SignInNeeded, assessment_for, enterprise_for
from capillary.web.api.auth import SessionAuth, TokenAuth
from capillary.web.api.document import documented
from capillary.web.api.problems import ApiProblem, Error, not_found, sign_in_needed
from capillary.web.api.routes_accreditations import router as accreditations
from capillary.web.api.routes_applications import router as applications
from capillary.web.api.routes_assessments import router as assessments
from capillary.web.api.routes_content import router as content
from capillary.web.api.routes_courses import router as courses
from capillary.web.api.routes_enterprises import router as enterprises
from capillary.web.api.routes_find import router as find
from capillary.web.api.routes_incentives import router as incentives
from capillary.web.api.routes_market import router as market
from capillary.web.api.routes_matches import router as matches
from capillary.web.api.routes_partners import router as partners
from capillary.web.api.routes_places import router as places
from capillary.web.api.routes_programmes import router as programmes
from capillary.web.api.routes_roadmaps import router as roadmaps
from capillary.web.api.routes_scenarios import router as scenarios
from capillary.web.applications.selectors import visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest
    from django.urls import URLPattern

logger = logging.getLogger("django.request")
# Which action a request with a body is for: whoever may not do it gets 404 even where the body is wrong.
NEEDS = {
    ("roadmaps", "POST"): Action.PLAN,
    ("facts", "PATCH"): Action.PLAN,
    ("enterprise", "PATCH"): Action.MANAGE,
    ("assessments", "POST"): Action.ANSWER,
    ("answers", "PUT"): Action.ANSWER,
    ("answer", "PUT"): Action.ANSWER,
    ("answer", "DELETE"): Action.ANSWER,
    ("applications", "POST"): Action.APPLY,
    ("spend", "POST"): Action.APPLY,
}
DESCRIPTION = """\
What the pages can do with enterprises, assessments and applications, for programs.

Sign in with a token of the page “API tokens”: `Authorization: Bearer cap_…`. A token may do what its user may do; what its
user may not see does not exist (404). Errors are problem details (RFC 9457) in Chinese or English by `Accept-Language`.
"""


class JsonParser(Parser):
    """Reads JSON bodies, and only JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body.

        Raises:
            ApiProblem: it is something else than JSON.
            ValueError: it is no JSON, or holds numbers that JSON does not have.
        """
        kind = request.content_type or ""
        if kind != "application/json" and not kind.endswith("+json"):
            raise wrong_media_type()
        return json.loads(request.body, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def wrong_media_type() -> ApiProblem:
    """Return the problem of a body that is not JSON."""
    return ApiProblem(415, "wrong-media-type", _("Send JSON, with “Content-Type: application/json”."))


class Api(NinjaAPI):
    """The API with its own OpenAPI document."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the document with everything that can come back."""
        return documented(super().get_openapi_schema(**options))


api = Api(
    title="Capillary",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth()],
    parser=JsonParser(),
)
routers = (
    content, enterprises, assessments, roadmaps, scenarios, incentives, applications, market, programmes,
    places, matches, partners, courses, accreditations, find,
)  # fmt: skip
for router in routers:
    api.add_router("", router)


def _answers(kind: type[Exception]) -> Callable[[Callable[..., ApiProblem]], Callable[..., ApiProblem]]:
    """Say which problem an exception is."""

    def register(find: Callable[..., ApiProblem]) -> Callable[..., ApiProblem]:
        api.add_exception_handler(kind, lambda request, exc: find(request, exc).response())
        return find

    return register


@_answers(ApiProblem)
def _itself(_request: HttpRequest, exc: ApiProblem) -> ApiProblem:
    return exc


@_answers(SignInNeeded)
@_answers(AuthenticationError)
def _nobody(_request: HttpRequest, _exc: Exception) -> ApiProblem:
    return sign_in_needed()


@_answers(Http404)
def _nothing(_request: HttpRequest, _exc: Exception) -> ApiProblem:
    return not_found()


@_answers(InputError)
@_answers(BadAnswerError)
def _content_gone(_request: HttpRequest, _exc: Exception) -> ApiProblem:
    detail = _("The standard of this assessment is not installed any more, or has changed under the same id.")
    return ApiProblem(409, "standard-not-installed", detail)


@_answers(HttpError)
def _unreadable(request: HttpRequest, exc: HttpError) -> ApiProblem:
    cause = exc.__cause__
    found = (
        cause
        if isinstance(cause, ApiProblem)
        else ApiProblem(400, "not-json", _("The body is no JSON that can be read."))
    )
    return _hidden(request) or found


@_answers(RawPostDataException)
def _form(request: HttpRequest, _exc: Exception) -> ApiProblem:
    return _hidden(request) or wrong_media_type()


@_answers(RequestDataTooBig)
def _too_large(request: HttpRequest, _exc: Exception) -> ApiProblem:
    return _hidden(request) or ApiProblem(413, "too-large", _("The body is too large. Send it in parts."))


@_answers(ValidationError)
def _wrong(request: HttpRequest, exc: ValidationError) -> ApiProblem:
    errors = tuple(
        Error(
            path=".".join(str(part) for part in _place(error["loc"])),
            code=str(error["type"]).replace("_", "-"),
            cause=_cause(error),
            remedy=_("See this operation in the reference of the API."),
        )
        for error in exc.errors
    )
    detail = _("What was sent cannot be used; nothing was changed.")
    return _hidden(request) or ApiProblem(422, "unusable", detail, errors)


@_answers(Exception)
def _broken(request: HttpRequest, exc: Exception) -> ApiProblem:
    logger.error("%s %s", request.method, request.path, exc_info=exc)
    return ApiProblem(500, "server-error", _("Something went wrong here. It has been noted."))


def _place(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return where something is wrong, without the name that the program gives the whole body."""
    return (parts[0], *parts[2:]) if parts[0] in {"body", "query"} and len(parts) > 1 else parts


def _cause(error: dict[str, Any]) -> str:
    limit = {key: value for key, value in error.get("ctx", {}).items() if isinstance(value, int | float)}
    causes = {
        "missing": _("This is missing."),
        "extra_forbidden": _("This is not known here."),
        "greater_than_equal": _("The number is too small: at least %(ge)s."),
        "less_than_equal": _("The number is too large: at most %(le)s."),
        "string_too_long": _("The text is too long: at most %(max_length)s signs."),
        "string_too_short": _("The text is too short: at least %(min_length)s signs."),
        "string_pattern_mismatch": _("The text does not have the form that is needed."),
        "literal_error": _("This is none of the values that are possible."),
        "string_type": _("A text belongs here."),
        "int_type": _("A whole number belongs here."),
        "int_parsing": _("A whole number belongs here."),
        "dict_type": _("An object belongs here."),
        "too_long": _("There are too many entries: at most %(max_length)s."),
        "too_short": _("There are too few entries: at least %(min_length)s."),
    }
    found = causes.get(error["type"])
    if found is None:
        return _("This cannot be used: %(why)s.") % {"why": error["msg"]}
    return found % limit if "%(" in found else found


def _hidden(request: HttpRequest) -> ApiProblem | None:
    """Return the refusal where the user may not do this at all, whatever stands in the request."""
    match = request.resolver_match
    action = NEEDS.get((match.url_name, request.method)) if match else None
    if action is None:
        return None
    try:
        if "enterprise_id" in match.kwargs:
            enterprise_for(request, match.kwargs["enterprise_id"], action)
        elif "application_id" in match.kwargs:
            visit(request, match.kwargs["application_id"], office=False)
        else:
            assessment_for(request, match.kwargs["assessment_id"], action)
    except Http404:
        return not_found()
    return None


def _finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Turn what Django itself refuses into problem details, and keep answers out of shared caches."""

    @wraps(view)
    def finished(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = not_found().response()
        if isinstance(response, HttpResponseNotAllowed):
            allowed = {"Allow": response["Allow"]}
            detail = _("This address does not take %(method)s.") % {"method": request.method}
            response = ApiProblem(405, "method-not-allowed", detail, headers=allowed).response()
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return finished


def nothing_here(_request: HttpRequest, *_args: Any) -> HttpResponse:
    """Answer for every address under the API that there is not."""
    return not_found().response()


nothing_here.csrf_exempt = True


def urls() -> tuple[Iterable[URLPattern], str, str]:
    """Return the addresses of the API."""
    patterns, app, namespace = api.urls
    wrapped = [path(str(item.pattern), _finished(item.callback), name=item.name) for item in patterns]
    return [*wrapped, re_path(r"^[\s\S]*", nothing_here, name="nothing")], app, namespace
