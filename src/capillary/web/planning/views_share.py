"""Links that show a roadmap to others: making and withdrawing them, and what they show."""

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

from capillary.web.access import Action
from capillary.web.core.limits import limited
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.pages import OutdatedPageError
from capillary.web.planning.selectors import roadmap_for
from capillary.web.planning.services import roadmap_link_make, roadmap_link_open, roadmap_link_withdraw
from capillary.web.planning.views import not_ready, plans_context
from capillary.web.results.forms import LinkForm
from capillary.web.results.links import opened_too_often, unlisted

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.planning.selectors import RoadmapAccess


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
        messages.info(request, _("This link had been made already. Its address cannot be shown again."))
        return redirect("roadmap-share", pk=pk)
    return _links(request, found, LinkForm(), token)


def _links(
    request: HttpRequest, found: RoadmapAccess, form: LinkForm, token: str | None = None
) -> HttpResponse:
    now = timezone.now()
    context = {
        "access": found.access,
        "assessment": found.access.assessment,
        "roadmap": found.roadmap,
        "form": form,
        "links": [
            (link, link.works(now), reverse("roadmap-link-withdraw", args=[found.roadmap.pk, link.pk]))
            for link in found.roadmap.links.select_related("made_by")
        ],
        "address": token and request.build_absolute_uri(reverse("shared-roadmap", args=[token])),
    }
    return render(request, "planning/share.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Withdraw a link."""
    found = roadmap_for(request, pk, Action.SHARE, light=True)
    with transaction.atomic():
        rows = RoadmapLink.objects.select_for_update(of=("self",)).filter(roadmap=found.roadmap)
        one = get_object_or_404(rows, pk=link)
        one.roadmap = found.roadmap
        roadmap_link_withdraw(link=one, by=found.access.user)
    messages.success(request, _("The link is withdrawn. Whoever opens it now finds nothing."))
    return redirect("roadmap-share", pk=pk)


@require_safe
@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a roadmap to somebody who has a link to it. A link that does not work is a page that is not there."""
    if opened_too_often(request):
        return unlisted(render(request, "429.html", status=429))
    link = roadmap_link_open(token=token, by=request.user if request.user.is_authenticated else None)
    if link is None or link.roadmap.status != Roadmap.Status.READY:
        raise Http404
    try:
        context = plans_context(link.roadmap)
    except OutdatedPageError:
        raise Http404 from None
    context |= {"link": link, "roadmap": link.roadmap, "assessment": link.roadmap.assessment, "may": {}}
    return unlisted(render(request, "planning/shared.html", context))
