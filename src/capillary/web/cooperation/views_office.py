"""The officer's pages: profiles that wait for review, one of them with what it would change, and a table of all that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.matching.partner_life import InterestStatus
from capillary.web.access import audit_write, reviewer
from capillary.web.cooperation import selectors, services
from capillary.web.cooperation.forms import ReasonForm
from capillary.web.cooperation.models import CooperationProfile
from capillary.web.core.language import language
from capillary.web.core.refusals import RefusedError
from capillary.web.core.tables import csv_table

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE = 50
State = CooperationProfile.State


@require_safe
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """List the profiles that wait for review, the longest first."""
    user = reviewer(request)
    page = Paginator(selectors.waiting_for(user), PER_PAGE).get_page(request.GET.get("page"))
    standing = selectors.standing(timezone.localdate()).count()
    return render(request, "cooperation/queue.html", {"page": page, "standing": standing})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a profile as everybody would see it; publish it or send it back with a reason."""
    user = reviewer(request)
    row = get_object_or_404(CooperationProfile, pk=pk, enterprise__erased_at=None)
    if not selectors.may_review(user, row) or row.state in {State.DRAFT, State.WITHDRAWN}:
        raise Http404
    form = ReasonForm(request.POST if "return" in request.POST else None)
    if request.method == "POST":
        try:
            if "publish" in request.POST:
                services.profile_publish(profile=row, by=user)
                messages.success(request, _("Published."))
                return redirect("partner-queue")
            if form.is_valid():
                services.profile_return(profile=row, by=user, reason=form.cleaned_data["reason"])
                messages.success(request, _("Sent back."))
                return redirect("partner-queue")
        except RefusedError as error:
            messages.error(request, error.reason.in_(language()))
            return redirect("partner-queue")
    context = {
        "row": row,
        "profile": row.written,
        "changed": _changed(row),
        "form": form,
        "waits": row.state == State.SUBMITTED,
    }
    return render(request, "cooperation/review.html", context, status=422 if form.errors else 200)


# what the entries of a profile are called; those that follow from others or from the day are not shown
CHANGE_WORDS = {
    "kind": gettext_lazy("kind of cooperation"),
    "title": gettext_lazy("title"),
    "summary": gettext_lazy("summary"),
    "description": gettext_lazy("description"),
    "strengths": gettext_lazy("advantages or expertise sought"),
    "region": gettext_lazy("region"),
    "size": gettext_lazy("size"),
    "industries": gettext_lazy("industries"),
    "partnerships": gettext_lazy("forms of partnership"),
    "partner_regions": gettext_lazy("countries of the partner"),
    "partner_sizes": gettext_lazy("size of the partner"),
    "stage": gettext_lazy("stage of development"),
    "readiness": gettext_lazy("technology readiness level"),
    "protection": gettext_lazy("intellectual property"),
    "languages": gettext_lazy("languages"),
    "amount": gettext_lazy("amount"),
    "currency": gettext_lazy("currency"),
    "least": gettext_lazy("level that the partner should have reached"),
    "valid_to": gettext_lazy("last day"),
}


def _changed(row: CooperationProfile) -> list[str]:
    """Return what differs from what is public, in the reader's language."""
    if row.public is None:
        return []
    return [str(words) for name, words in CHANGE_WORDS.items() if row.data.get(name) != row.public.get(name)]


@require_safe
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    """Give out the profiles that stand, without names, with how many interests each met."""
    user = reviewer(request)
    counts = {
        "interests_all": Count("interests"),
        "interests_waiting": Count("interests", filter=Q(interests__status=InterestStatus.WAITING)),
        "interests_agreed": Count("interests", filter=Q(interests__publisher_agreed_at__isnull=False)),
    }
    rows = selectors.standing(timezone.localdate()).annotate(**counts).order_by("reference")
    heads = (
        "reference", "kind", "country", "region", "size", "industries", "title_zh", "title_en", "valid_from", "valid_to",
        "version", "interests", "interests_waiting", "interests_agreed",
    )  # fmt: skip
    audit_write(user, "partner-table", None, f"{len(rows)} profiles")
    return csv_table("partners.csv", heads, [_cells(row) for row in rows])


def _cells(row: CooperationProfile) -> list[object]:
    item = row.shown
    return [
        item.reference, item.kind, item.country, item.region, item.size,
        "; ".join(code.word for code in item.industries), item.title.zh, item.title.en, item.valid_from, item.valid_to,
        row.version, row.interests_all, row.interests_waiting, row.interests_agreed,
    ]  # fmt: skip
