"""The page on which a user makes and withdraws tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from capillary.web.access import SignInNeeded
from capillary.web.api import services
from capillary.web.api.forms import TokenForm
from capillary.web.api.models import ApiToken
from capillary.web.core.limits import limited

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MOST_TOKENS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("token", "20/h")
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the user's tokens, or make a new one and show it this once."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    form = TokenForm(request.POST or None)
    made = secret = None
    if request.method == "POST" and form.is_valid():
        if sum(token.is_valid for token in request.user.api_tokens.all()) >= MOST_TOKENS:
            form.add_error(None, _("You have as many tokens as one person may have. Withdraw one first."))
        else:
            made, secret = services.token_create(
                user=request.user,
                name=form.cleaned_data["name"],
                scope=form.cleaned_data["scope"],
                expires_at=form.expires_at(),
            )
            form = TokenForm()
    context = {"form": form, "tokens": request.user.api_tokens.all(), "made": made, "secret": secret}
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one of the user's tokens."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    token = ApiToken.objects.filter(pk=pk, user=request.user).first()
    if token is None:
        raise Http404
    services.token_withdraw(token=token, by=request.user)
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("api-tokens")
