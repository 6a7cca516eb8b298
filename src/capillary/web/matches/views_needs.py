"""Pages of a firm's needs, a provider's leads, an officer's complaints, letters, and the public figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.matching.life import MOST_SENT
from capillary.web.access import Action, SignInNeeded, assessment_for, enterprise_for, reviewer
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError
from capillary.web.core.tables import csv_table
from capillary.web.matches import figures, letters, selectors, services
from capillary.web.matches.drafting import draft_of
from capillary.web.matches.forms import NeedForm
from capillary.web.matches.models import Need
from capillary.web.results.readable import needs_standard

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.web.access import Access

PER_PAGE = 20


# --- a firm's needs --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("matches", "120/h")
@needs_standard
def need_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish a need, filled in from an assessment's plan or shortcomings."""
    access = assessment_for(request, pk, Action.MANAGE)
    draft = draft_of(access.assessment, request.GET.getlist("measure"))
    given = request.POST if request.method == "POST" else None
    form = NeedForm(given, choices=draft.choices, initial=draft.initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.need_publish(
                enterprise=access.enterprise,
                assessment=access.assessment,
                values={**form.values(), **draft.sizes},
                by=access.user,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Published, without your name. Now send it to offers that fit."))
            return redirect("need", pk=row.pk)
    context = {"access": access, "assessment": access.assessment, "form": form, "draft": draft}
    return render(request, "matches/need_new.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def needs(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the needs and matches of an enterprise."""
    access = enterprise_for(request, pk, Action.MATCH)
    page = Paginator(selectors.needs_of(access.enterprise), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(selectors.of_enterprises([access.enterprise])[:PER_PAGE])
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "page": page,
        "matches": _listed(rows),
        "may_publish": access.may(Action.MANAGE),
        "latest": access.enterprise.assessments.order_by("-started_at").only("pk").first(),
    }
    return render(request, "matches/needs.html", context)


def _listed(rows: list[Any]) -> list[tuple[Any, str, Any, Any]]:
    titles = selectors.titles_of(rows)
    return [(row, titles[row.pk], selectors.due_on(row), selectors.waits_for_firm(row)) for row in rows]


def _need(request: HttpRequest, pk: UUID, action: Action) -> tuple[Access, Need]:
    row = Need.objects.filter(pk=pk).first()
    if row is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    access = enterprise_for(request, row.enterprise_id, action)
    row.enterprise = access.enterprise
    return access, row


def _need_page(
    request: HttpRequest,
    access: Access,
    row: Need,
    *,
    problem: str = "",
    chosen: frozenset[str] = frozenset(),
) -> HttpResponse:
    found = selectors.offers_for(row) if row.state == Need.State.OPEN else []
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    matches = list(row.matches.select_related("need", "provider"))
    context = {
        "access": access,
        "need": row,
        "lead": selectors.lead_of(selectors.wanted_of(row)),
        "page": page,
        "matches": _listed(matches),
        "sent": selectors.sent_of(row),
        "most": MOST_SENT,
        "may_manage": access.may(Action.MANAGE),
        "can_send": access.may(Action.MANAGE)
        and any(item.can_answer and item.match is None and item.full is None for item in page.object_list),
        "problem": problem,
        "chosen": chosen,
    }
    return render(request, "matches/need.html", context, status=422 if problem else 200)


@require_safe
@never_cache
def need(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a need with the offers that fit it, to the firm."""
    access, row = _need(request, pk, Action.MATCH)
    return _need_page(request, access, row)


@require_POST
@limited("matches", "120/h")
def need_send(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a need to the offers that were ticked."""
    access, row = _need(request, pk, Action.MANAGE)
    codes = request.POST.getlist("offer")
    try:
        made = services.need_send(need=row, codes=codes, by=access.user)
    except RefusedError as error:
        return _need_page(request, access, row, problem=error.reason.in_(language()), chosen=frozenset(codes))
    messages.success(
        request, _("Sent to {count}. Each provider has three working days to answer.").format(count=len(made))
    )
    return redirect("need", pk=row.pk)


@require_POST
def need_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a need from the market."""
    access, row = _need(request, pk, Action.MANAGE)
    services.need_close(need=row, by=access.user)
    messages.success(request, _("Closed. Providers do not find it any more."))
    return redirect("need", pk=row.pk)


# --- a provider's leads ----------------------------------------------------------------------------------------------


@require_safe
@never_cache
def leads(request: HttpRequest) -> HttpResponse:
    """Show a provider the needs that fit its offers, and its matches."""
    return _leads_page(request)


def _leads_page(request: HttpRequest, problem: str = "") -> HttpResponse:
    provider = selectors.provider_for(request)
    found = [] if provider is None else selectors.leads_of(provider)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [] if provider is None else list(selectors.of_provider(provider)[:PER_PAGE])
    context = {
        "provider": provider,
        "page": page,
        "matches": [(row, selectors.due_on(row), selectors.waits_for_firm(row)) for row in rows],
        "problem": problem,
    }
    return render(request, "matches/leads.html", context, status=422 if problem else 200)


@require_POST
@limited("matches", "120/h")
def express(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Express an interest in a need."""
    provider = selectors.provider_for(request)
    if provider is None:
        raise Http404
    row = get_object_or_404(Need, pk=pk, enterprise__erased_at=None)
    try:
        made = services.interest_express(
            provider=provider, need=row, code=request.POST.get("offer", ""), by=request.user
        )
    except RefusedError as error:
        return _leads_page(request, error.reason.in_(language()))
    messages.success(request, _("The firm sees your offer now, without your name, and accepts or refuses."))
    return redirect("match", pk=made.pk)


# --- an officer's complaints -----------------------------------------------------------------------------------------


@require_safe
@never_cache
def complaints(request: HttpRequest) -> HttpResponse:
    """List the matches in which an officer may mediate."""
    rows = selectors.complaints_for(reviewer(request))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "matches/complaints.html", {"page": page})


# --- letters ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choices(request: HttpRequest) -> HttpResponse:
    """Let a person choose whether letters about needs and matches come."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    row = letters.choice_of(request.user)
    if request.method == "POST":
        letters.letters_choose(user=request.user, wanted=request.POST.get("letters") == "yes")
        messages.success(request, _("Kept."))
        return redirect("match-letters")
    return render(request, "matches/letters.html", {"choice": row})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the letters to whoever has the link of one; only a button does it, since programs follow links by themselves."""
    try:
        user = letters.user_of(token)
    except signing.BadSignature:
        raise Http404 from None
    if request.method == "POST":
        letters.letters_choose(user=user, wanted=False)
    return render(request, "matches/unsubscribe.html", {"done": request.method == "POST"})


# --- public figures --------------------------------------------------------------------------------------------------


@require_safe
def market_figures(request: HttpRequest) -> HttpResponse:
    """Show how many needs there are, and what became of them, by region and by sector."""
    return render(request, "matches/figures.html", {"found": figures.figures()})


@require_safe
def figures_csv(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Give out the same figures as a table."""
    return csv_table("needs.csv", figures.CSV_HEADS, figures.csv_rows(figures.figures()))
