"""Keeping a check that was made without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises import services
from capillary.web.enterprises.forms import ClaimForm
from capillary.web.enterprises.selectors import owned_by
from capillary.web.enterprises.views_privacy import JOINING

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enterprise_claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask under which name the check is kept and what its result may be used for, and make the visitor its owner."""
    access = enterprise_for(request, pk, Action.CLAIM)
    assessment = Assessment.objects.filter(enterprise=access.enterprise).order_by("-changed_at").first()
    context = {"enterprise": access.enterprise, "assessment": assessment}
    if access.user is None:
        if request.method == "POST":
            raise SignInNeeded
        return render(request, "enterprises/claim_first.html", context)
    form = ClaimForm(request.POST or None, enterprise=access.enterprise, owned=owned_by(access.user))
    if request.method == "POST" and form.is_valid():
        kept = _kept(access.enterprise, access.user, form)
        messages.success(request, _("The check is kept. You find it here from any device."))
        if code := request.session.get(JOINING):  # the check began with a programme's link
            return redirect(f"{reverse('programme-join-code', args=[code])}?enterprise={kept.pk}")
        return redirect("enterprise", pk=kept.pk)
    context["form"] = form
    return render(request, "enterprises/claim.html", context, status=422 if form.errors else 200)


def _kept(check: Enterprise, by: User, form: ClaimForm) -> Enterprise:
    """Keep the check as an enterprise of its own or as the next assessment of another one."""
    target = form.target()
    try:
        if target is not None:
            return services.check_merge(check=check.pk, into=target, by=by)
        return services.enterprise_claim(
            enterprise=check.pk, by=by, name=form.cleaned_data["name"], purposes=form.purposes()
        )
    except services.AlreadyClaimedError as error:
        raise Http404 from error
