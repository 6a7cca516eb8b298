"""Who sends a request to the API: the bearer of a token, or somebody who is signed in with a browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf

from capillary.web.api.models import ApiToken
from capillary.web.api.problems import ApiProblem, sign_in_needed
from capillary.web.api.services import digest_of, token_used

if TYPE_CHECKING:
    from django.http import HttpRequest

    from capillary.web.accounts.models import User

RATE = "600/m"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenAuth(HttpBearer):
    """A token of the page "API tokens" in the header ``Authorization``."""

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the token's user; None where there is no such header.

        Raises:
            ApiProblem: there is one, but it holds no valid token.
        """
        if "Authorization" not in request.headers:
            return None
        user: User | None = super().__call__(request)
        if user is None:
            raise sign_in_needed()
        return user

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Let the token's user in, if the token may do this and has not been used too often."""
        found = ApiToken.objects.select_related("user").filter(digest=digest_of(token)).first()
        if found is None or not found.is_valid or not found.user.is_active:
            return None
        _limit(f"token-{found.pk}")
        if not _only_reads(request) and found.scope != ApiToken.Scope.WRITE:
            raise ApiProblem(403, "read-only-token", _("This token may only read."))
        token_used(token=found)
        request.user, request.api_token = found.user, found
        return found.user


class SessionAuth(APIKeyCookie):
    """The session of a browser; writes need the CSRF token as every form does."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the user who is signed in; None where nobody is.

        Raises:
            ApiProblem: the CSRF token is missing or wrong.
        """
        if not request.user.is_authenticated:
            return None
        _limit(f"user-{request.user.pk}")
        if request.method not in SAFE and check_csrf(request):
            raise ApiProblem(
                403,
                "csrf",
                _("The CSRF token is missing or wrong. Programs should send an API token instead."),
            )
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Not used: the whole decision stands in `__call__`."""
        raise NotImplementedError


def _only_reads(request: HttpRequest) -> bool:
    """Whether a request keeps nothing; scoring takes a body, but stores none of it."""
    match = request.resolver_match
    return request.method in SAFE or (match is not None and match.url_name == "score")


def _limit(who: str) -> None:
    """Count a request of a token or a user in the present stretch of time.

    Each server process counts on its own: a count in the database would cost more than most requests do.

    Raises:
        ApiProblem: there were too many.
    """
    count, _slash, unit = settings.LIMITS.get("api", RATE).partition("/")
    period = SECONDS[unit]
    now = time.time()
    key = f"api-{who}-{int(now // period)}"
    cache = caches["process"]
    cache.add(key, 0, timeout=period)
    if cache.incr(key) > int(count):
        wait = max(1, int(period - now % period) + 1)
        raise ApiProblem(
            429,
            "too-many-requests",
            _("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": wait},
            headers={"Retry-After": str(wait)},
        )
