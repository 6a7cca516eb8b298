"""The visitor's own place, and the page of one enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import (
    Action,
    Role,
    SignInNeeded,
    enterprise_for,
    held_enterprises,
    programmes_of,
)
from capillary.web.assessments.services import assessment_start
from capillary.web.enterprises import selectors, services
from capillary.web.enterprises.forms import EnterpriseForm, StartForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

INSIDE = frozenset({Role.OWNER, Role.COLLEAGUE})


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show what the visitor works with, and what comes next."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    user, search = request.user, request.GET.get("q", "").strip()
    places = selectors.places_of(user, search, request.GET.get("page", 1))
    positions, guests = selectors.positions_of(user), selectors.guests_of(user)
    checks = selectors.checks_held(held_enterprises(request))
    context = {
        "places": places,
        "search": search,
        "start_form": StartForm(),
        "invitations": selectors.invitations_for(user),
        "guests": guests,
        "programmes": list(programmes_of(user)) if Role.OFFICER in positions else [],
        "positions": positions,
        "checks": checks,
        "nothing": not (
            places.paginator.count or search or guests["first"] or positions or checks or user.is_staff
        ),
    }
    return render(request, "enterprises/home.html", context)


@require_safe
@never_cache
def enterprise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an enterprise: facts, assessments, and for its own people who takes part in what."""
    access = enterprise_for(request, pk, Action.VIEW)
    mine = selectors.memberships_of(access.enterprise, access.user)
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "assessments": selectors.assessments_of(access.enterprise, request.GET.get("page", 1)),
        "may_start": access.may(Action.ANSWER),
        "may_place": access.may(Action.PLACE),
        "may_manage": access.may(Action.MANAGE),
        "inside": bool(access.roles & INSIDE),
        "start_form": StartForm(),
        "asked": selectors.asked_of(mine),
        # an owner leaves on the page of people, where somebody else can be made an owner
        "leaves": [item for item in mine if item.role != Role.OWNER],
    }
    if context["inside"]:
        context |= {
            "members": selectors.members_of(access.enterprise),
            "enrolments": selectors.enrolments_of(access.enterprise),
            "consents": selectors.consents_of(access.enterprise),
        }
    return render(request, "enterprises/enterprise.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enterprise_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an enterprise's facts."""
    access = enterprise_for(request, pk, Action.MANAGE)
    form = EnterpriseForm(request.POST or None, enterprise=access.enterprise)
    if request.method == "POST" and form.is_valid():
        services.enterprise_change(enterprise=access.enterprise, facts=form.facts(), by=access.user)
        messages.success(request, _("Saved."))
        if usual := form.mismatch():
            said = _("The code usually means: {names}. Your choice of the sector was kept.")
            messages.info(request, said.format(names=usual))
        return redirect("enterprise", pk=pk)
    context = {"form": form, "enterprise": access.enterprise}
    return render(request, "enterprises/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
def enterprise_start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start the next assessment under a standard, or go on with the open one."""
    access = enterprise_for(request, pk, Action.ANSWER)
    form = StartForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a standard."))
        return redirect("enterprise", pk=pk)
    standard, variant = form.chosen()
    with transaction.atomic():
        assessment = assessment_start(
            enterprise=access.enterprise, standard=standard, variant=variant, by=access.user
        )
    return redirect("interview", pk=assessment.pk)


@require_safe
@never_cache
def enterprise_parts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a colleague the parts that they were asked to answer."""
    access = enterprise_for(request, pk, Action.ANSWER)
    member = selectors.asked_of(selectors.memberships_of(access.enterprise, access.user))
    parts = selectors.parts_of(access.enterprise, member.parts) if member else []
    context = {"access": access, "enterprise": access.enterprise, "parts": parts, "member": member}
    return render(request, "enterprises/parts.html", context)
