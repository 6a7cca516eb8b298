"""Links that show a result to others: making and withdrawing them, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import Action, assessment_for
from capillary.web.core.limits import limited
from capillary.web.results.charts import dimension_chart
from capillary.web.results.forms import ShareForm
from capillary.web.results.links import opened_too_often, unlisted
from capillary.web.results.models import ShareLink
from capillary.web.results.readable import needs_standard
from capillary.web.results.services import link_make, link_open, link_withdraw
from capillary.web.results.shown import result_of, without_answers

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import AssessmentAccess


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("share", "30/h")
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the links of a result, and make one; its address is shown this once."""
    if request.method != "POST":
        return _links(request, assessment_for(request, pk, Action.SHARE), ShareForm())
    with transaction.atomic():
        access = assessment_for(request, pk, Action.SHARE, lock=True)
        form = ShareForm(request.POST)
        if not form.is_valid():
            return _links(request, access, form)
        token = link_make(
            assessment=access.assessment,
            by=access.user,
            days=form.cleaned_data["days"],
            show_answers=form.cleaned_data["show_answers"],
            identifier=form.cleaned_data["link"],
        )
    if token is None:
        messages.info(request, _("This link had been made already. Its address cannot be shown again."))
        return redirect("assessment-share", pk=pk)
    return _links(request, access, ShareForm(), token)


def _links(
    request: HttpRequest, access: AssessmentAccess, form: ShareForm, token: str | None = None
) -> HttpResponse:
    now = timezone.now()
    links = access.assessment.share_links.select_related("made_by")
    context = {
        "access": access,
        "assessment": access.assessment,
        "form": form,
        "links": [
            (link, link.works(now), reverse("share-withdraw", args=[access.assessment.pk, link.pk]))
            for link in links
        ],
        "address": token and request.build_absolute_uri(reverse("shared-result", args=[token])),
    }
    status = 422 if form.errors else 200
    return render(request, "results/share.html", context, status=status)


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Withdraw a link."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.SHARE, lock=True)
        found = get_object_or_404(
            ShareLink.objects.select_related("assessment"), pk=link, assessment=access.assessment
        )
        link_withdraw(link=found, by=access.user)
    messages.success(request, _("The link is withdrawn. Whoever opens it now finds nothing."))
    return redirect("assessment-share", pk=pk)


@require_safe
@never_cache
@needs_standard
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a result to somebody who has a link to it. A link that does not work is a page that is not there."""
    if opened_too_often(request):
        return unlisted(render(request, "429.html", status=429))
    link = link_open(token=token, by=request.user if request.user.is_authenticated else None)
    if link is None:
        raise Http404
    found = result_of(link.assessment)
    shown = found if link.show_answers else without_answers(found)
    context = {
        "link": link,
        "assessment": link.assessment,
        "result": shown,
        "page": shown.page,
        "may": {},
        "latest": {},
        "chart": dimension_chart(shown.page),
    }
    return unlisted(render(request, "results/shared.html", context))
