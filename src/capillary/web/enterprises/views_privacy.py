"""What an enterprise's data may be used for: consents, programmes, export, erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import Action, SignInNeeded, audit_write, enterprise_for, visible_enrolments
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.enterprises import consents, erasure, selectors
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.enterprises.forms import EraseForm, JoinForm
from capillary.web.enterprises.models import Consent
from capillary.web.programmes.models import Enrolment

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise

JOINING = "joining"  # where the session keeps the code of a programme's link
# Consents that are given for the enterprise as a whole; the one for programmes comes with joining one.
FREE = (Consent.Purpose.BENCHMARK, Consent.Purpose.CONTACT, Consent.Purpose.INCENTIVES)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enterprise_consents(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show every consent, when and by whom it was given; give or withdraw one."""
    access = enterprise_for(request, pk, Action.MANAGE)
    purpose = request.POST.get("purpose", "")
    if request.method == "POST" and purpose in Consent.Purpose.values:
        assert access.user is not None  # noqa: S101 - an owner is signed in
        _changed(access.enterprise, Consent.Purpose(purpose), access.user, request.POST.get("do", ""))
        messages.success(request, _("Saved."))
        return redirect("enterprise-consents", pk=pk)
    context = {
        "enterprise": access.enterprise,
        "consents": selectors.consents_of(access.enterprise),
        "enrolments": selectors.enrolments_of(access.enterprise),
        "free": FREE,
    }
    return render(request, "enterprises/consents.html", context)


def _changed(enterprise: Enterprise, purpose: Consent.Purpose, by: User, wish: str) -> None:
    if wish == "withdraw":
        consents.consent_withdraw(enterprise=enterprise, purpose=purpose, by=by)
    elif purpose in FREE:
        consents.consent_give(enterprise=enterprise, purpose=purpose, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("join", "30/h")
def programme_join(request: HttpRequest, code: str = "") -> HttpResponse:
    """Join a programme by its code: first the code, then what its officers will see, then the consent."""
    if code and request.method != "POST":
        request.session[JOINING] = code  # for after the check, where the visitor has no enterprise yet
    if not request.user.is_authenticated:
        return _join_first(request, code)
    owned = selectors.owned_by(request.user)
    given = {name: request.GET[name] for name in ("code", "enterprise") if name in request.GET}
    given |= {"code": code} if code else {}
    form = JoinForm(request.POST or None, owned=owned, **given)
    if request.method == "POST" and form.is_valid():
        return _joined(request, form)
    context = {"form": form, "owned": owned}
    return render(request, "enterprises/join.html", context, status=422 if form.errors else 200)


def _join_first(request: HttpRequest, code: str) -> HttpResponse:
    """Tell somebody who has just opened a programme's link how an enterprise takes part."""
    programme = selectors.programme_open_under(code) if code and request.method != "POST" else None
    if programme is None:
        raise SignInNeeded
    return render(request, "enterprises/join_first.html", {"programme": programme})


def _joined(request: HttpRequest, form: JoinForm) -> HttpResponse:
    """Join with consent; without it, show what it would mean."""
    programme = form.cleaned_data["code"]
    access = enterprise_for(request, form.owned[form.cleaned_data["enterprise"]].pk, Action.MANAGE)
    assert access.user is not None  # noqa: S101 - an owner is signed in
    if not request.POST.get("consent"):
        asked = "confirmed" in request.POST
        context: dict[str, Any] = {
            "programme": programme,
            "enterprise": access.enterprise,
            "problem": asked,
            "extra": [purpose for purpose in FREE if purpose not in _given(access.enterprise)],
        }
        return render(request, "enterprises/join_consent.html", context, status=422 if asked else 200)
    consents.programme_join(enterprise=access.enterprise, programme=programme, by=access.user)
    for purpose in FREE:
        if request.POST.get(purpose):
            consents.consent_give(enterprise=access.enterprise, purpose=purpose, by=access.user)
    request.session.pop(JOINING, None)
    messages.success(
        request,
        _("%(enterprise)s takes part in %(programme)s.")
        % {"enterprise": access.enterprise, "programme": programme.in_(language())},
    )
    return redirect("enterprise", pk=access.enterprise.pk)


def _given(enterprise: Enterprise) -> set[str]:
    return set(
        Consent.objects.filter(enterprise=enterprise, withdrawn_at=None).values_list("purpose", flat=True)
    )


@require_http_methods(["POST"])
def programme_leave(request: HttpRequest, pk: UUID, enrolment: int) -> HttpResponse:
    """Leave a programme."""
    access = enterprise_for(request, pk, Action.MANAGE)
    assert access.user is not None  # noqa: S101 - an owner is signed in
    rows = Enrolment.objects.filter(visible_enrolments(), pk=enrolment, enterprise=access.enterprise)
    found = rows.select_related("programme", "enterprise").first()
    if found is None:
        raise Http404
    consents.programme_leave(enrolment=found, by=access.user)
    messages.success(
        request,
        _("The officers of %(programme)s see nothing of this enterprise any more.")
        % {"programme": found.programme.in_(language())},
    )
    return redirect("enterprise-consents", pk=pk)


@require_safe
@never_cache
def enterprise_export(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Give the owner everything that is stored about the enterprise."""
    access = enterprise_for(request, pk, Action.ERASE)
    audit_write(access.user, "enterprise-export", access.enterprise.id)
    name = f"capillary-enterprise-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(
        enterprise_archive(access.enterprise),
        as_attachment=True,
        filename=name,
        content_type="application/zip",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("erase", "30/h")
def enterprise_erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what erasing means, ask for the name, and erase."""
    access = enterprise_for(request, pk, Action.ERASE)
    assert access.user is not None  # noqa: S101 - an owner is signed in
    form = EraseForm(request.POST or None, enterprise=access.enterprise)
    if request.method == "POST" and form.is_valid():
        name = str(access.enterprise)
        erasure.enterprise_erase(enterprise=access.enterprise, by=access.user)
        messages.success(request, _("%(name)s is erased.") % {"name": name})
        return redirect("home")
    context = {
        "enterprise": access.enterprise,
        "form": form,
        "assessments": access.enterprise.assessments.count(),
        "people": access.enterprise.members.filter(until=None).count(),
    }
    return render(request, "enterprises/erase.html", context, status=422 if form.errors else 200)
