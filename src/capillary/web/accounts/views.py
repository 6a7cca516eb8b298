"""A person's own account: name, language, ways to sign in, own data, deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import SignInNeeded, audit_write
from capillary.web.accounts import services
from capillary.web.accounts.forms import AccountForm, DeleteForm
from capillary.web.accounts.selectors import data_of, methods_of
from capillary.web.core.language import in_language, remember_language
from capillary.web.core.limits import limited

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from capillary.web.accounts.models import User


def _signed_in(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise SignInNeeded
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def account_settings(request: HttpRequest) -> HttpResponse:
    """Show the account, or change name, language and currency."""
    user = _signed_in(request)
    language = user.language or translation.get_language() or settings.LANGUAGE_CODE
    form = AccountForm(
        request.POST or None, initial={"name": user.name, "language": language, "currency": user.currency}
    )
    if request.method == "POST" and form.is_valid():
        services.account_change(user=user, **form.cleaned_data)
        chosen = form.cleaned_data["language"]
        with translation.override(chosen):
            messages.success(request, _("Saved."))
        response = redirect(in_language(reverse("account-settings"), chosen))
        remember_language(response, chosen)
        return response
    context = {"form": form, "methods": methods_of(user), "oidc": _has_provider()}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


def _has_provider() -> bool:
    return bool(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"])


@require_safe
@never_cache
def account_export(request: HttpRequest) -> HttpResponse:
    """Give a person all data about them as a file."""
    user = _signed_in(request)
    audit_write(user, "account-export", None, f"user {user.pk}")
    response = JsonResponse(data_of(user), json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"capillary-account-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("account-delete", "10/h")
def account_delete(request: HttpRequest) -> HttpResponse:
    """Ask once more, then delete the account."""
    user = _signed_in(request)
    alone = services.owned_alone(user)
    form = DeleteForm(request.POST or None, user=user)
    if request.method == "POST" and not alone and form.is_valid():
        services.account_delete(user=user)
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("start")
    context = {"form": form, "alone": alone}
    return render(request, "accounts/delete.html", context, status=422 if form.errors else 200)
