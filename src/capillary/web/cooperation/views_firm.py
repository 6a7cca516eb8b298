"""An enterprise's own pages: its profiles, who fits them, interests received and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.model.problems import InputError
from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.cooperation import levels, selectors, services
from capillary.web.cooperation.forms import ProfileForm
from capillary.web.cooperation.models import CooperationProfile
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import Access

PER_PAGE = 20


def profile_for(request: HttpRequest, pk: UUID, action: Action) -> tuple[Access, CooperationProfile]:
    """Return a profile and the visitor's roles on its enterprise.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor may not do this, or there is no such profile.
    """
    row = CooperationProfile.objects.filter(pk=pk).first()
    if row is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    access = enterprise_for(request, row.enterprise_id, action)
    row.enterprise = access.enterprise
    return access, row


@require_safe
@never_cache
def mine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List an enterprise's profiles and the interests that it received and expressed."""
    access = enterprise_for(request, pk, Action.MATCH)
    page = Paginator(selectors.profiles_of(access.enterprise), PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "page": page,
        "ending": [row.pk for row in page if row.ends_soon(today)],
        "standing": [row.pk for row in page if row.stands(today)],
        "received": selectors.received_by(access.enterprise)[:PER_PAGE],
        "sent": selectors.sent_by(access.enterprise)[:PER_PAGE],
        "may_manage": access.may(Action.MANAGE),
        "complete": bool(access.enterprise.region and access.enterprise.employees),
    }
    return render(request, "cooperation/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("partners", "120/h")
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a new profile."""
    return _edit(request, enterprise_for(request, pk, Action.MATCH), None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("partners", "120/h")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a profile."""
    access, row = profile_for(request, pk, Action.MATCH)
    return _edit(request, access, row)


def _edit(request: HttpRequest, access: Access, row: CooperationProfile | None) -> HttpResponse:
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        enterprise=access.enterprise,
        known=None if row is None else row.written,
        contact="" if row is None else row.contact,
        shows_level=row is not None and row.shows_level,
    )
    may_submit = access.may(Action.MANAGE)
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.profile_save(
                enterprise=access.enterprise,
                row=row,
                profile=form.item,
                contact=form.cleaned_data["contact"],
                # showing the level binds the enterprise; who may not sign leaves it as it is
                shows_level=form.cleaned_data["shows_level"]
                if may_submit
                else row is not None and row.shows_level,
                by=access.user,
            )
        except InputError as error:
            form.refuse_input(error)
        except RefusedError as error:
            form.refuse(error)
        else:
            return _kept(request, access, kept, submit=may_submit and "submit" in request.POST)
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "form": form,
        "row": row,
        "may_submit": may_submit,
        "region": services.public_region(access.enterprise),
    }
    return render(request, "cooperation/edit.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, access: Access, row: CooperationProfile, *, submit: bool) -> HttpResponse:
    if not submit:
        messages.success(request, _("Kept as a draft."))
        return redirect("enterprise-partners", pk=access.enterprise.pk)
    try:
        services.profile_submit(profile=row, by=access.user)
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        return redirect("partner-edit", pk=row.pk)
    messages.success(
        request, _("Submitted. It becomes public, without your name, once it has been reviewed.")
    )
    return redirect("enterprise-partners", pk=access.enterprise.pk)


@require_safe
@never_cache
def fits(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show who fits a profile, with reasons, and why others do not."""
    access, row = profile_for(request, pk, Action.MATCH)
    standard = levels.reader_standard(request)
    fit = selectors.fit_for(row, standard)
    page = Paginator(fit.fitting, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "row": row,
        "fit": fit,
        "page": page,
        "standard": standard,
    }
    return render(request, "cooperation/fits.html", context)


def _done(
    request: HttpRequest, pk: UUID, act: Callable[..., None], said: str, **parts: object
) -> HttpResponse:
    access, row = profile_for(request, pk, Action.MANAGE)
    try:
        act(profile=row, by=access.user, **parts)
        messages.success(request, said)
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        if error.field:
            return redirect("partner-edit", pk=row.pk)
    return redirect("enterprise-partners", pk=access.enterprise.pk)


@require_POST
@limited("partners", "120/h")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the review of a profile."""
    said = _("Submitted. It becomes public, without your name, once it has been reviewed.")
    return _done(request, pk, services.profile_submit, said)


@require_POST
@limited("partners", "120/h")
def renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask that a profile stands for twelve more months."""
    said = _("Submitted for twelve more months. What is public stays until it has been reviewed.")
    return _done(request, pk, services.profile_renew, said)


@require_POST
@limited("partners", "120/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a profile from the public."""
    return _done(request, pk, services.profile_withdraw, _("Withdrawn. Nobody finds it any more."))


@require_POST
@limited("partners", "120/h")
def level(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree that the level is shown, or take that back."""
    shows = request.POST.get("shows") == "yes"
    said = _("Your level is shown, without your name.") if shows else _("Your level is not shown any more.")
    return _done(request, pk, services.level_consent, said, shows=shows)
