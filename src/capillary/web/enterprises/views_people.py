"""The people of an enterprise: inviting, accepting, ending, handing over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.core.limits import limited
from capillary.web.enterprises import invitations, selectors, services
from capillary.web.enterprises.forms import InvitationForm
from capillary.web.enterprises.models import Invitation, Member

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import Access


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("invite", "60/h")
def enterprise_people(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show who takes part, and invite somebody."""
    access = enterprise_for(request, pk, Action.MANAGE)
    form = InvitationForm(request.POST or None, enterprise=access.enterprise)
    if request.method == "POST" and form.is_valid() and _invited(request, access, form):
        return redirect("enterprise-people", pk=pk)
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "form": form,
        "members": selectors.members_of(access.enterprise),
        "former": selectors.former_members_of(access.enterprise),
        "invitations": selectors.invitations_of(access.enterprise),
    }
    return render(request, "enterprises/people.html", context, status=422 if form.errors else 200)


def _invited(request: HttpRequest, access: Access, form: InvitationForm) -> bool:
    """Send the invitation; whether that could be done."""
    assert access.user is not None  # noqa: S101 - an owner is signed in
    data = form.cleaned_data
    try:
        invitations.invitation_send(
            enterprise=access.enterprise,
            email=data["email"],
            role=Member.Role(data["role"]),
            language=data["language"],
            by=access.user,
            base=_base(request),
            parts=form.parts_chosen(),
        )
    except invitations.AlreadyMemberError:
        form.add_error("email", _("This person takes part in this role already."))
        return False
    messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": data["email"]})
    return True


@require_http_methods(["POST"])
@limited("invite", "60/h")
def invitation_change(request: HttpRequest, pk: UUID, invitation: UUID) -> HttpResponse:
    """Send an invitation's letter again, or withdraw it."""
    access = enterprise_for(request, pk, Action.MANAGE)
    assert access.user is not None  # noqa: S101 - an owner is signed in
    found = Invitation.objects.filter(
        pk=invitation, enterprise=access.enterprise, accepted_at=None, ended_at=None
    ).first()
    if found is None:
        raise Http404
    if request.POST.get("do") == "resend":
        invitations.invitation_resend(invitation=found, by=access.user, base=_base(request))
        messages.success(
            request, _("The invitation was sent again. Its earlier link does not work any more.")
        )
    else:
        invitations.invitation_end(invitation=found, by=access.user)
        messages.success(request, _("The invitation is withdrawn."))
    return redirect("enterprise-people", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("invitation", "60/h")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show an invitation to whoever has its link, and let them accept or decline it."""
    rows = Invitation.objects.waiting().select_related("enterprise", "invited_by")
    found = rows.filter(secret=invitations.secret_hash(secret)).first()
    if found is None:
        return render(request, "enterprises/invitation_gone.html", status=404)
    if request.method == "POST":
        return _answered(request, found)
    return _shown(request, found)


def _shown(request: HttpRequest, found: Invitation, problem: str = "") -> HttpResponse:
    context = {
        "invitation": found,
        "mine": _is_mine(request, found),
        "problem": problem,
        "dimensions": _titles(found),
        "address": request.get_full_path(),
    }
    return render(request, "enterprises/invitation.html", context, status=422 if problem else 200)


def _is_mine(request: HttpRequest, found: Invitation) -> bool:
    user = request.user
    return user.is_authenticated and user.email.lower() == found.email and selectors.address_proven(user)


def _titles(found: Invitation) -> list[object]:
    offered = selectors.dimensions_open_to(found.enterprise)
    return [dimension.title for name, dimension in offered if dimension.id in found.parts.get(name, ())]


@require_http_methods(["POST"])
def invitation_mine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or decline an invitation that waits for the visitor's own address."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    rows = Invitation.objects.waiting().select_related("enterprise", "invited_by")
    found = rows.filter(pk=pk).first()
    if found is None or not _is_mine(request, found):
        raise Http404
    return _answered(request, found)


def _answered(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Do what the pressed button says. Another address than the invited one must be confirmed."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    if request.POST.get("do") == "decline":
        invitations.invitation_end(invitation=found, by=request.user)
        messages.success(request, _("The invitation is declined."))
        return redirect("home")
    if not _is_mine(request, found) and not request.POST.get("confirm"):
        return _shown(request, found, _("Confirm that the invitation is meant for you."))
    try:
        member = invitations.invitation_accept(invitation=found, by=request.user)
    except invitations.NotIndependentError:
        return _shown(request, found, _("An assessor may neither belong to the enterprise nor advise it."))
    except invitations.NotAppointedError:
        return _shown(
            request,
            found,
            _("Only an assessor whom an organisation appointed can verify answers. Ask yours."),
        )
    except invitations.NotWaitingError as error:
        raise Http404 from error
    page = "enterprise-parts" if member.parts else "enterprise"
    return redirect(page, pk=member.enterprise_id)


@require_http_methods(["POST"])
def member_end(request: HttpRequest, pk: UUID, member: int) -> HttpResponse:
    """End a membership: an owner anybody's, everybody else their own."""
    access = enterprise_for(request, pk, Action.VIEW)
    rows = Member.objects.filter(pk=member, enterprise=access.enterprise, until=None)
    if not access.may(Action.MANAGE):
        rows = rows.filter(user=access.user)
    found = rows.first() if access.user else None
    if found is None or access.user is None:
        raise Http404
    try:
        services.member_end(member=found, by=access.user)
    except services.LastOwnerError:
        messages.error(
            request, _("You are the last owner. Make a colleague an owner first, or erase the enterprise.")
        )
        return redirect("enterprise-people", pk=pk)
    messages.success(request, _("The membership has ended."))
    still_in = found.user_id != access.user.pk
    return redirect("enterprise-people", pk=pk) if still_in else redirect("home")


@require_http_methods(["POST"])
def member_promote(request: HttpRequest, pk: UUID, member: int) -> HttpResponse:
    """Make a colleague an owner."""
    access = enterprise_for(request, pk, Action.MANAGE)
    assert access.user is not None  # noqa: S101 - an owner is signed in
    found = Member.objects.filter(
        pk=member, enterprise=access.enterprise, until=None, role=Member.Role.COLLEAGUE
    ).first()
    if found is None:
        raise Http404
    services.member_promote(member=found, by=access.user)
    messages.success(request, _("%(name)s is an owner now.") % {"name": found.user})
    return redirect("enterprise-people", pk=pk)
