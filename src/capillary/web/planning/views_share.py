"""Links that show a roadmap to others: making and withdrawing them, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.web.access import Action
from capillary.web.core.limits import limited
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.pages import OutdatedPageError
from capillary.web.planning.selectors import roadmap_for
from capillary.web.planning.services import roadmap_link_make, roadmap_link_open, roadmap_link_withdraw
from capillary.web.planning.views import not_ready, plans_context
from capillary.web.results.forms import LinkForm
from capillary.web.results.link_pages import LinkPage, for_visitors

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.planning.selectors import RoadmapAccess


PAGE = LinkPage(
    template="planning/share.html",
    title=_("Share the roadmap"),
    tab="plan",
    page="roadmap-share",
    withdraw="roadmap-link-withdraw",
    opens="shared-roadmap",
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("share", "30/h")
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the links of a roadmap, and make one; its address is shown this once."""
    found = roadmap_for(request, pk, Action.SHARE, light=True)
    not_ready(found)
    if request.method != "POST":
        return _links(request, found, LinkForm())
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _links(request, found, form)
    token = roadmap_link_make(
        roadmap=found.roadmap,
        by=found.access.user,
        days=form.cleaned_data["days"],
        identifier=form.cleaned_data["link"],
    )
    if token is None:
        return PAGE.made_already(request, pk)
    return _links(request, found, LinkForm(), token)


def _links(
    request: HttpRequest, found: RoadmapAccess, form: LinkForm, token: str | None = None
) -> HttpResponse:
    return PAGE.shown(
        request,
        of=found.roadmap.pk,
        assessment=found.access.assessment,
        form=form,
        links=found.roadmap.links.all(),
        token=token,
        access=found.access,
        roadmap=found.roadmap,
    )


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Withdraw a link."""
    found = roadmap_for(request, pk, Action.SHARE, light=True)
    with transaction.atomic():
        rows = RoadmapLink.objects.select_for_update(of=("self",)).filter(roadmap=found.roadmap)
        one = get_object_or_404(rows, pk=link)
        one.roadmap = found.roadmap
        roadmap_link_withdraw(link=one, by=found.access.user)
    return PAGE.withdrawn(request, pk)


@for_visitors
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a roadmap to somebody who has a link to it. A link that does not work is a page that is not there."""
    link = roadmap_link_open(token=token, by=request.user if request.user.is_authenticated else None)
    if link is None or link.roadmap.status != Roadmap.Status.READY:
        raise Http404
    try:
        context = plans_context(link.roadmap)
    except OutdatedPageError:
        raise Http404 from None
    context |= {"link": link, "roadmap": link.roadmap, "assessment": link.roadmap.assessment, "may": {}}
    return render(request, "planning/shared.html", context)
