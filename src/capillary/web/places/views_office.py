"""Pages of the office: its offerings, preview, draw, publication, answers and attendance."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.model.problems import InputError
from capillary.web.access import SignInNeeded
from capillary.web.applications.forms import TextForm
from capillary.web.applications.refusals import RefusedError
from capillary.web.core.acting import pressed
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.tables import csv_table
from capillary.web.places import draws, exclusions, selectors, services
from capillary.web.places.forms import OfferingForm, ProviderForm, ProvidersFileForm
from capillary.web.places.models import Draw, Offering
from capillary.web.places.selectors import office_offering
from capillary.web.programmes.xlsx import xlsx_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.http import HttpRequest

    from capillary.model.problems import Problem
    from capillary.web.accounts.models import Organisation
    from capillary.web.places.models import PlaceRequest

PER_PAGE = 25
LONGEST = 100
MOST_SHOWN = 50
AT_ONCE = 500
GROUP_WORDS = {
    "all": gettext_lazy("All"),
    "asked": gettext_lazy("Asked"),
    "unanswered": gettext_lazy("Not answered yet"),
    "accepted": gettext_lazy("Accepted"),
    "waiting": gettext_lazy("Waiting list"),
    "over": gettext_lazy("Declined or withdrawn"),
    "came": gettext_lazy("Served, or did not come"),
    "excluded": gettext_lazy("Excluded"),
}
BEFORE = ("all", "excluded", "over")
AFTER = ("all", "unanswered", "accepted", "waiting", "over", "came", "excluded")
COLUMNS = (
    "reference", "enterprise", "status", "asked_on", "size", "region", "sector", "level", "served_before",
    "choices", "provider", "choice", "place_in_line", "answer_by",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _offices(request: HttpRequest) -> list[Organisation]:
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = selectors.offices_of(request.user)
    if not found:
        raise Http404
    return found


@require_safe
@never_cache
def offerings(request: HttpRequest) -> HttpResponse:
    """List the offerings of the visitor's organisations."""
    _offices(request)
    page = Paginator(selectors.offerings_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(row, selectors.places_in(row), selectors.counts_of(row)) for row in page]
    return render(request, "places/office_offerings.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offering_new(request: HttpRequest) -> HttpResponse:
    """Prepare an offering."""
    offices = _offices(request)
    form = OfferingForm(request.POST if request.method == "POST" else None, offices=offices)
    if request.method == "POST" and form.is_valid():
        office = next(item for item in offices if str(item.pk) == form.cleaned_data["organisation"])
        try:
            made = services.offering_save(
                offering=None, organisation=office, values=form.values(), by=request.user
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Prepared. Now say who gives the places, and announce the offering."))
            return redirect("office-offering", pk=made.pk)
    status = 422 if form.errors else 200
    return render(request, "places/offering_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def offering_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an offering: everything while it is prepared, words and a later last day afterwards."""
    row = office_offering(request, pk)
    form = OfferingForm(request.POST if request.method == "POST" else None, offering=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.offering_save(
                offering=row, organisation=row.organisation, values=form.values(), by=request.user
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office-offering", pk=pk)
    context = {"form": form, "offering": row}
    return render(request, "places/offering_form.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def offering(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an offering: what comes next, its providers, the preview, and who asked."""
    return _page(request, office_offering(request, pk))


def _page(
    request: HttpRequest,
    row: Offering,
    *,
    form: ProviderForm | None = None,
    upload: ProvidersFileForm | None = None,
    problems: Sequence[Problem] = (),
    reason: TextForm | None = None,
) -> HttpResponse:
    counts = selectors.counts_of(row)
    groups = AFTER if row.is_published() else BEFORE
    group = request.GET.get("show", "")
    if group not in groups:
        group = "all"
    words = request.GET.get("q", "")[:LONGEST]
    page = Paginator(selectors.requests_in(row, group, words), PER_PAGE).get_page(request.GET.get("page"))
    drawn = Draw.objects.filter(offering=row).select_related("drawn_by", "confirmed_by").first()
    got = {} if drawn is None else drawn.held.got
    if row.numbers:
        selectors.read_by_office(request)
    context = {
        "offering": row,
        "providers": selectors.by_provider(row),
        "places": selectors.places_in(row),
        "counts": counts,
        "tables": selectors.tables_of(row, publication=False),
        "groups": [(name, GROUP_WORDS[name], counts[name]) for name in groups],
        "group": group,
        "q": words,
        "page": page,
        "rows": [(item, got.get(item.reference, "")) for item in page],
        "draw": drawn,
        "late": selectors.late_in(row),
        "form": form or ProviderForm(),
        "upload": upload or ProvidersFileForm(),
        "problems": problems[:MOST_SHOWN],
        "more_problems": max(len(problems) - MOST_SHOWN, 0),
        "is_own_draw": drawn is not None and drawn.drawn_by_id == request.user.pk,
        "refused": list(row.refused_draws.select_related("drawn_by", "refused_by", "repeated_by")),
        "reason": reason or TextForm(label=_("Reason, for everybody to read; name no enterprise")),
        "may_exclude": row.state in exclusions.BEFORE_THE_DRAW,
    }
    wrong = bool(problems) or any(item is not None and item.errors for item in (form, upload, reason))
    return render(request, "places/office_offering.html", context, status=422 if wrong else 200)


@require_POST
@limited("decisions", "600/h")
def provider_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a provider."""
    row = office_offering(request, pk)
    form = ProviderForm(request.POST)
    if form.is_valid():
        try:
            services.provider_add(offering=row, values=form.cleaned_data, by=request.user)
        except RefusedError as error:
            form.refuse(error)
        else:
            return redirect("office-offering", pk=pk)
    return _page(request, row, form=form)


@require_POST
@limited("decisions", "600/h")
def provider_remove(request: HttpRequest, pk: UUID, provider: int) -> HttpResponse:
    """Take a provider out."""
    row = office_offering(request, pk)
    return _acted(
        request, row, lambda: services.provider_remove(offering=row, provider=provider, by=request.user)
    )


@require_POST
@limited("decisions", "600/h")
def providers_load(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the providers of a file."""
    row = office_offering(request, pk)
    form = ProvidersFileForm(request.POST, request.FILES)
    problems: Sequence[Problem] = ()
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            count = services.providers_load(
                offering=row, name=upload.name, data=upload.read(), by=request.user
            )
        except RefusedError as error:
            form.refuse(error)
        except InputError as error:
            problems = error.problems
        else:
            messages.success(request, _("Providers taken: %(count)s.") % {"count": count})
            return redirect("office-offering", pk=pk)
    return _page(request, row, upload=form, problems=problems)


def _acted(request: HttpRequest, row: Offering, act: Callable[[], object], done: str = "") -> HttpResponse:
    pressed(request, act, done)
    return redirect("office-offering", pk=row.pk)


@require_POST
@limited("decisions", "600/h")
def offering_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Announce an offering."""
    row = office_offering(request, pk)
    done = _("Announced. The seed of the lottery is drawn and hidden; the promise about it is public.")
    return _acted(request, row, lambda: services.offering_open(offering=row, by=request.user), done)


@require_POST
@limited("decisions", "600/h")
def offering_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the asking."""
    row = office_offering(request, pk)
    done = _("Closed. Look at the preview, then draw.")
    return _acted(request, row, lambda: draws.offering_close(offering=row, by=request.user), done)


@require_POST
@limited("decisions", "600/h")
def offering_draw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Draw."""
    row = office_offering(request, pk)
    done = _("The draw is made. Another officer has to confirm it before anybody sees it.")
    return _acted(request, row, lambda: draws.offering_draw(offering=row, by=request.user), done)


@require_POST
@limited("decisions", "600/h")
def draw_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish another officer's draw."""
    row = office_offering(request, pk)
    site = request.build_absolute_uri("/")
    done = _("Published. Every enterprise that asked gets a letter.")
    return _acted(request, row, lambda: draws.draw_confirm(offering=row, by=request.user, site=site), done)


def _reasoned(request: HttpRequest, row: Offering, act: Callable[[str], object], done: str) -> HttpResponse:
    """Do something with a reason that everybody reads."""
    form = TextForm(request.POST, label=_("Reason, for everybody to read; name no enterprise"))
    if form.is_valid():
        try:
            act(form.cleaned_data["text"])
        except RefusedError as error:
            if not error.field:
                messages.error(request, error.reason.in_(language()))
                return redirect("office-offering", pk=row.pk)
            form.refuse(error)
        else:
            messages.success(request, done)
            return redirect("office-offering", pk=row.pk)
    return _page(request, row, reason=form)


@require_POST
@limited("decisions", "600/h")
def draw_refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse to confirm another officer's draw, with a reason."""
    row = office_offering(request, pk)
    return _reasoned(
        request,
        row,
        lambda why: draws.draw_refuse(offering=row, by=request.user, why=why),
        _("Refused. The draw does not count; its seed and your reason are public."),
    )


@require_POST
@limited("decisions", "600/h")
def draw_repeat(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a refused draw be made once more, with a reason and a new seed."""
    row = office_offering(request, pk)
    return _reasoned(
        request,
        row,
        lambda why: draws.draw_repeat(offering=row, by=request.user, why=why),
        _("A new seed is drawn and hidden; the promise about it is public. Now the draw can be made."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("decisions", "600/h")
def exclusion(request: HttpRequest, pk: UUID, request_id: UUID) -> HttpResponse:
    """Exclude a request before the draw, answer an objection, or take the exclusion back; each with a reason."""
    row = office_offering(request, pk)
    asked = selectors.request_in(row, request_id)
    selectors.read_by_office(request)
    form = TextForm(
        request.POST if request.method == "POST" else None, label=_("Reason, for the enterprise to read")
    )
    if request.method == "POST" and form.is_valid():
        try:
            _decide_exclusion(request, asked, form.cleaned_data["text"])
        except RefusedError as error:
            if not error.field:
                messages.error(request, error.reason.in_(language()))
                return redirect("office-exclusion", pk=pk, request_id=request_id)
            form.refuse(error)
        else:
            messages.success(request, _("Noted. The enterprise gets a letter."))
            return redirect(f"{reverse('office-offering', args=[pk])}#requests")
    held = exclusions.standing_of(asked)
    context = {
        "offering": row,
        "row": asked,
        "held": held,
        "earlier": asked.exclusions.exclude(lifted_at=None).select_related("by", "answered_by"),
        "form": form,
        "may": row.state in exclusions.BEFORE_THE_DRAW,
        "is_own": held is not None and held.by_id == request.user.pk,
    }
    return render(request, "places/exclusion.html", context, status=422 if form.errors else 200)


def _decide_exclusion(request: HttpRequest, asked: PlaceRequest, text: str) -> None:
    site = request.build_absolute_uri("/")
    if "lift" in request.POST or "uphold" in request.POST:
        lifts = "lift" in request.POST
        held = exclusions.standing_of(asked)
        if held is not None and held.waits:
            exclusions.objection_answer(request=asked, by=request.user, text=text, lifts=lifts, site=site)
            return
        if lifts:
            exclusions.exclusion_lift(request=asked, by=request.user, why=text, site=site)
            return
    exclusions.request_exclude(request=asked, by=request.user, why=text, site=site)


@require_POST
@limited("decisions", "600/h")
def places_expire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what was not accepted in time."""
    row = office_offering(request, pk)
    site = request.build_absolute_uri("/")
    done = _("Taken back; the next in line moved up and get a letter.")
    return _acted(request, row, lambda: draws.places_expire(offering=row, by=request.user, site=site), done)


@require_POST
@limited("decisions", "600/h")
def attendance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record who was served and who did not come."""
    row = office_offering(request, pk)
    chosen = [found for text in request.POST.getlist("request") if (found := _uuid(text)) is not None]
    if not chosen:
        messages.error(request, _("Tick the enterprises first."))
        return redirect("office-offering", pk=pk)
    came = "served" in request.POST
    _acted(
        request,
        row,
        lambda: draws.attendance_record(offering=row, requests=chosen, came=came, by=request.user),
        _("Recorded."),
    )
    # back to those who are still to come
    return redirect(f"{reverse('office-offering', args=[pk])}?show=accepted#requests")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_safe
@never_cache
def events(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what happened in an offering, the newest first."""
    row = office_offering(request, pk)
    found = row.events.select_related("by").order_by("-at", "-id")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "places/events.html", {"offering": row, "page": page})


# --- files -----------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def export(request: HttpRequest, pk: UUID, ending: str) -> HttpResponse | StreamingHttpResponse:
    """Send who asked and what became of it, as a CSV table or a workbook."""
    row = office_offering(request, pk)
    if ending not in {"csv", "xlsx"}:
        raise Http404
    selectors.read_by_office(request)
    names = {item.pk: item.name for item in row.providers.all()}
    rows = (_cells(item, names) for item in selectors.requests_in(row, "all", ""))
    if ending == "xlsx":
        response = StreamingHttpResponse(xlsx_chunks(COLUMNS, _in_parts(rows)), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{row.code}.xlsx"'
        return response
    return csv_table(f"{row.code}.csv", COLUMNS, rows)


def _cells(item: PlaceRequest, names: dict[int, str]) -> list[str | int | None]:
    served = None if item.served_before is None else "yes" if item.served_before else "no"
    choices = [names[pk] for pk in item.choices if pk in names] + (["*"] if item.takes_any else [])
    return [
        item.reference, item.enterprise.name, item.state, item.asked_on.isoformat(), item.size, item.region, item.sector,
        item.level, served, "; ".join(choices), item.provider.name if item.provider else None, item.choice, item.place,
        item.answer_by.isoformat() if item.answer_by else None,
    ]  # fmt: skip


def _in_parts(rows: Iterator[list[str | int | None]]) -> Iterator[list[list[str | int | None]]]:
    part: list[list[str | int | None]] = []
    for cells in rows:
        part.append(cells)
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part


def _csv(name: str) -> HttpResponse:
    return HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@never_cache
def draw_file(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Send one of the two files that the draw was made from, byte for byte as they were read."""
    row = office_offering(request, pk)
    if name not in {"firms", "providers"} or not row.is_published():
        raise Http404
    drawn = get_object_or_404(Draw, offering=row)
    response = _csv(f"{row.code}-{name}.csv")
    response.write(drawn.firms if name == "firms" else drawn.providers)
    return response
