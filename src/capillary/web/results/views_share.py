"""Links that show a result to others: making and withdrawing them, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.web.access import Action, assessment_for
from capillary.web.core.limits import limited
from capillary.web.results.charts import dimension_chart
from capillary.web.results.forms import ShareForm
from capillary.web.results.link_pages import LinkPage, for_visitors
from capillary.web.results.models import ShareLink
from capillary.web.results.readable import needs_standard
from capillary.web.results.services import link_make, link_open, link_withdraw
from capillary.web.results.shown import result_of, without_answers

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import AssessmentAccess


PAGE = LinkPage(
    template="results/share.html",
    title=_("Share the result"),
    tab="share",
    page="assessment-share",
    withdraw="share-withdraw",
    opens="shared-result",
)


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
        return PAGE.made_already(request, pk)
    return _links(request, access, ShareForm(), token)


def _links(
    request: HttpRequest, access: AssessmentAccess, form: ShareForm, token: str | None = None
) -> HttpResponse:
    assessment = access.assessment
    return PAGE.shown(
        request,
        of=assessment.pk,
        assessment=assessment,
        form=form,
        links=assessment.share_links.all(),
        token=token,
        access=access,
    )


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Withdraw a link."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.SHARE, lock=True)
        found = get_object_or_404(
            ShareLink.objects.select_related("assessment"), pk=link, assessment=access.assessment
        )
        link_withdraw(link=found, by=access.user)
    return PAGE.withdrawn(request, pk)


@for_visitors
@needs_standard
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a result to somebody who has a link to it. A link that does not work is a page that is not there."""
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
    return render(request, "results/shared.html", context)
