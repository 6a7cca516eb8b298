"""The places of advisers and assessors: their firms, and the assessments to verify."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import Role, audit_read, organisations_of, working_as, works_with
from capillary.web.advising.forms import FirmForm, OwnerForm
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_firms import (
    PER_PAGE,
    STATES,
    advised_firms,
    assessments_to_verify,
    firm_rows,
    firms_to_withdraw,
)
from capillary.web.advising.services_firms import firm_add, firm_withdraw, owner_invite
from capillary.web.core.limits import limited
from capillary.web.enterprises.forms import EraseForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

LONGEST_SEARCH = 100


def _search(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def _query(**conditions: str) -> str:
    """Return the rest of the address of a list's page."""
    return "".join(f"&{urlencode({name: value})}" for name, value in conditions.items() if value)


@require_safe
def adviser_home(request: HttpRequest) -> HttpResponse:
    """Show the firms that the visitor advises."""
    user = working_as(request, Role.ADVISER)
    audit_read(request, request.path, None, Role.ADVISER)
    search = _search(request)
    page = Paginator(advised_firms(user, search), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": firm_rows(page.object_list, user),
        "search": search,
        "query": _query(q=search),
        "may_add": organisations_of(user, Role.ADVISER).exists(),
    }
    return render(request, "advising/adviser_home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("firm", "60/h")
def adviser_firm_add(request: HttpRequest) -> HttpResponse:
    """Add a firm and invite its owner."""
    user = working_as(request, Role.ADVISER)
    if not organisations_of(user, Role.ADVISER).exists():
        raise Http404
    form = FirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            firm = firm_add(
                facts=form.facts(),
                owner_email=form.cleaned_data["owner_email"],
                by=user,
                language=get_language() or "",
                base=request.build_absolute_uri("/"),
            )
        except NotNowError as error:
            form.add_error("owner_email", str(error.reason))
        else:
            messages.success(
                request, gettext("%(firm)s was added; the owner gets a letter.") % {"firm": firm}
            )
            return redirect("adviser-home")
    return render(request, "advising/firm_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("firm", "60/h")
def adviser_owner_invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invite the owner of a firm that has none yet."""
    user = working_as(request, Role.ADVISER)
    firm = get_object_or_404(works_with(user, Role.ADVISER), pk=pk)
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                owner_invite(
                    firm=firm,
                    email=form.cleaned_data["owner_email"],
                    by=user,
                    language=get_language() or "",
                    base=request.build_absolute_uri("/"),
                )
        except NotNowError as error:
            form.add_error("owner_email", str(error.reason))
        else:
            messages.success(request, gettext("The invitation was sent."))
            return redirect("adviser-home")
    context = {"form": form, "firm": firm}
    return render(request, "advising/owner_invite.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("erase", "30/h")
def adviser_firm_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then erase a firm that the visitor added and that never had an owner."""
    user = working_as(request, Role.ADVISER)
    firm = get_object_or_404(firms_to_withdraw(user), pk=pk)
    form = EraseForm(request.POST or None, enterprise=firm)
    if request.method == "POST" and form.is_valid():
        name = str(firm)
        try:
            firm_withdraw(firm=firm, by=user)
        except NotNowError as error:
            messages.error(request, error.reason)
        else:
            messages.success(request, gettext("%(firm)s is erased.") % {"firm": name})
        return redirect("adviser-home")
    context = {"form": form, "firm": firm}
    return render(request, "advising/firm_withdraw.html", context, status=422 if form.errors else 200)


@require_safe
def assessor_home(request: HttpRequest) -> HttpResponse:
    """Show the assessments that the visitor may verify."""
    user = working_as(request, Role.ASSESSOR)
    audit_read(request, request.path, None, Role.ASSESSOR)
    search = _search(request)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    page = Paginator(assessments_to_verify(user, search, state), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "state": state, "query": _query(q=search, state=state)}
    return render(request, "advising/assessor_home.html", context)
