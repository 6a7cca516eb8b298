"""Pages: offerings of places for everybody, and what an enterprise asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.matching.allocation_rules import lottery_number
from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.applications.forms import TextForm
from capillary.web.applications.refusals import RefusedError
from capillary.web.core.acting import pressed
from capillary.web.core.limits import limited
from capillary.web.places import draws, exclusions, selectors, services
from capillary.web.places.facts import facts_of
from capillary.web.places.forms import AskForm
from capillary.web.places.models import Draw, Offering, PlaceRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE = 20
LONGEST = 100


@require_safe
def offerings(request: HttpRequest) -> HttpResponse:
    """List the offerings, those that take requests on top."""
    words = request.GET.get("q", "")[:LONGEST]
    page = Paginator(selectors.announced_by_words(words), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": words,
        "page": page,
        "is_officer": request.user.is_authenticated and bool(selectors.offices_of(request.user)),
    }
    return render(request, "places/offerings.html", context)


@require_safe
def offering(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an offering: rules, the promise about the seed, counts, and after the draw how to make it again. It names nobody."""
    row = get_object_or_404(
        Offering.objects.exclude(state=Offering.State.DRAFT).select_related("organisation"), pk=pk
    )
    mine = list(selectors.askers_of(request))
    rows = {
        item.enterprise_id: item for item in PlaceRequest.objects.filter(offering=row, enterprise__in=mine)
    }
    drawn = Draw.objects.filter(offering=row).first() if row.is_published() else None
    counts = selectors.counts_of(row)
    context = {
        "offering": row,
        "providers": selectors.by_provider(row) if drawn else list(row.providers.order_by("name")),
        "places": selectors.places_in(row),
        "asked": selectors.public_count(counts["all"]),
        "fewest": selectors.FEWEST,
        "tables": selectors.tables_of(row, publication=True) if drawn else (),
        "draw": drawn,
        "refused": list(row.refused_draws.all()),
        "redrawn": row.refused_draws.filter(repeated_at__isnull=False).exists()
        and row.state != Offering.State.REFUSED,
        "is_early": timezone.localdate() < row.opens_on,
        "mine": [(enterprise, rows.get(enterprise.pk)) for enterprise in mine],
    }
    return render(request, "places/offering.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("places", "60/h")
def ask(request: HttpRequest, pk: UUID, enterprise: UUID) -> HttpResponse:
    """Ask for a place, or change what was asked for."""
    access = enterprise_for(request, enterprise, Action.PLACE)
    if access.user is None:
        raise SignInNeeded
    row = get_object_or_404(
        Offering.objects.exclude(state=Offering.State.DRAFT).select_related("organisation"), pk=pk
    )
    providers = list(row.providers.order_by("name"))
    found = PlaceRequest.objects.filter(offering=row, enterprise=access.enterprise).first()
    form = AskForm(request.POST if request.method == "POST" else None, providers=providers, row=found)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.request_save(
                offering=row,
                enterprise=access.enterprise,
                choices=form.choices(),
                takes_any=form.cleaned_data["takes_any"],
                by=access.user,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Noted. You can change it through the last day."))
            return redirect("place", pk=made.pk)
    context = {
        "offering": row,
        "enterprise": access.enterprise,
        "form": form,
        "facts": facts_of(access.enterprise),
        "row": found,
    }
    return render(request, "places/ask.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def places(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List what an enterprise asked for."""
    access = enterprise_for(request, pk, Action.PLACE)
    if access.user is None:
        raise SignInNeeded
    rows = selectors.requests_of(access.enterprise)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "places/places.html", {"enterprise": access.enterprise, "page": page})


@require_safe
@never_cache
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an enterprise its request: the facts that count, and after the draw the result and why."""
    return _place_page(request, selectors.own_request(request, pk))


def _place_page(request: HttpRequest, row: PlaceRequest, form: TextForm | None = None) -> HttpResponse:
    offering_ = row.offering
    published = offering_.is_published()
    context = {
        "row": row,
        "offering": offering_,
        "enterprise": row.enterprise,
        "choices": selectors.chosen_names(row, offering_.providers.all()),
        "may_change": offering_.takes_requests(),
        "published": published,
        "exclusion": row.exclusions.first(),
        "objects": form or TextForm(label=_("What is wrong with the reason")),
        "lottery": lottery_number(offering_.seed or 0, row.reference) if published else "",
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "places/place.html", context, status=status)


def _acted(request: HttpRequest, row: PlaceRequest, act: Callable[[], object], done: str) -> HttpResponse:
    pressed(request, act, done)
    return redirect("place", pk=row.pk)


@require_POST
@limited("places", "60/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a request back."""
    row = selectors.own_request(request, pk)
    return _acted(
        request, row, lambda: services.request_withdraw(request=row, by=request.user), _("Withdrawn.")
    )


@require_POST
@limited("places", "60/h")
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a place."""
    row = selectors.own_request(request, pk)
    return _acted(
        request,
        row,
        lambda: draws.request_accept(request=row, by=request.user),
        _("Accepted. The office or the provider tells you the day."),
    )


@require_POST
@limited("places", "60/h")
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decline a place, give it back, or leave the waiting list."""
    row = selectors.own_request(request, pk)
    return _acted(
        request,
        row,
        lambda: draws.request_decline(request=row, by=request.user, site=request.build_absolute_uri("/")),
        _("Declined. The next in line moves up."),
    )


@require_POST
@limited("places", "60/h")
def object_(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Object to an exclusion."""
    row = selectors.own_request(request, pk)
    form = TextForm(request.POST, label=_("What is wrong with the reason"))
    if not form.is_valid():
        return _place_page(request, row, form)
    return _acted(
        request,
        row,
        lambda: exclusions.exclusion_object(request=row, by=request.user, text=form.cleaned_data["text"]),
        _("Sent. Another officer answers, and nothing is drawn before."),
    )
