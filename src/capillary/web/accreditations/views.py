"""Pages of accreditations: what a provider can apply for, an application for either side, and the office's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.matching.accrediting import Act, Outcome, Side
from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.accreditations import judging, selectors, services
from capillary.web.accreditations.forms import CheckForm, DeskForm, ProposeForm, TellForm
from capillary.web.accreditations.models import Desk
from capillary.web.accreditations.pages import request_page
from capillary.web.accreditations.selectors import visit
from capillary.web.applications.forms import PaperForm, TextForm
from capillary.web.core.acting import pressed
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import file_problem
from capillary.web.evidence.uploads import files_too_large
from capillary.web.evidence.views import FILE_HEADERS, UTF_8

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from capillary.web.accreditations.selectors import Visit
    from capillary.web.core.forms import RefusableForm
    from capillary.web.market.models import MarketProvider

PER_PAGE, LONGEST = 25, 100
GROUP_WORDS = {
    "waiting": gettext_lazy("To decide"),
    "accredited": gettext_lazy("Accredited"),
    "over": gettext_lazy("Refused, withdrawn, taken back"),
}


# --- a provider ------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def accreditations(request: HttpRequest) -> HttpResponse:
    """Show a provider every set of criteria: what is met, what is not, what cannot be told yet."""
    provider = selectors.provider_for(request)
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    try:
        found = selectors.criteria_for(provider)
    except judging.UnreadableError as error:
        messages.error(request, error.reason.in_(language()))
        return redirect("accreditation-facts")
    return render(request, "accreditations/mine.html", {"provider": provider, "criteria": found})


def _hints(provider: MarketProvider) -> dict[str, str]:
    known = judging.known_of(provider)
    return {
        "provider_reference_cases": _(
            "Your public offers name {count} firms served, over all sectors."
        ).format(count=known["provider_reference_cases"]),
        "provider_products": _("{count} of your public offers are products.").format(
            count=known["provider_products"]
        ),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("accreditations", "120/h")
def facts(request: HttpRequest) -> HttpResponse:
    """Ask a provider for the facts that the criteria ask for, each once."""
    provider = selectors.provider_for(request)
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    form = TellForm(
        request.POST if request.method == "POST" else None,
        names=judging.to_tell(timezone.localdate().isoformat()),
        told=judging.told_by(provider),
        hints=_hints(provider),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.facts_tell(provider=provider, facts=form.facts(), by=request.user)
        except InputError as error:
            form.add_problems(error.problems)
        else:
            messages.success(request, _("Kept."))
            return redirect("accreditations")
    context = {"form": form, "provider": provider}
    return render(request, "accreditations/facts.html", context, status=422 if form.errors else 200)


@require_POST
@limited("accreditations", "120/h")
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin an application to an office."""
    provider = selectors.provider_for(request)
    desk = get_object_or_404(Desk, pk=pk)
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    try:
        made = services.request_start(desk=desk, provider=provider, by=request.user)
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        return redirect("accreditations")
    return redirect("accreditation", pk=made.pk)


# --- an application --------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def accreditation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an application, to the provider or to the office."""
    return request_page(request, visit(request, pk))


def _acted(  # noqa: PLR0917 - as it is read
    request: HttpRequest,
    found: Visit,
    name: str,
    form: RefusableForm,
    act: Callable[[], object],
    done: str = "",
) -> HttpResponse:
    """Do something with an application, and go back to its page; the page with the form where it cannot be done."""
    if form.is_valid():
        try:
            act()
        except RefusedError as error:
            if error.field not in form.fields:
                messages.error(request, error.reason.in_(language()))
                return redirect(found.address)
            form.refuse(error)
        else:
            if done:
                messages.success(request, done)
            return redirect(found.address)
    return request_page(request, found, forms={name: form}, status=422)


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")


@require_POST
@limited("upload", "120/h")
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand in a paper."""
    found = visit(request, pk, Side.PROVIDER)
    form = PaperForm(
        request.POST,
        request.FILES,
        items=judging.judge(found.row).version.papers,
        dropped=files_too_large(request),
    )
    try:
        return _acted(
            request, found, "paper", form, lambda: services.paper_add(visit=found, values=form.values())
        )
    except BadFileError as bad:
        form.add_error("file", file_problem(form.cleaned_data["file"].name, bad))
        return request_page(request, found, forms={"paper": form}, status=422)


@require_safe
@never_cache
def paper_file(request: HttpRequest, pk: UUID, paper: UUID) -> HttpResponseBase:
    """Serve a paper, as a download that no browser opens as a page of ours."""
    found = visit(request, pk)
    row = get_object_or_404(found.row.papers.exclude(file=""), pk=paper)
    try:
        stored = row.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = f"{row.file_type}; charset=utf-8" if row.file_type in UTF_8 else row.file_type
    return FileResponse(
        stored, as_attachment=True, filename=row.file_name, content_type=kind, headers=FILE_HEADERS
    )


@require_POST
def paper_remove(request: HttpRequest, pk: UUID, paper: UUID) -> HttpResponse:
    """Take a paper out of a draft."""
    found = visit(request, pk, Side.PROVIDER)
    pressed(request, lambda: services.paper_remove(visit=found, paper=paper))
    return redirect(f"{found.address}#papers")


@require_POST
@limited("accreditations", "120/h")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Submit an application."""
    found = visit(request, pk, Side.PROVIDER)
    form = TextForm(request.POST, label=_("Remark (optional)"), required=False)
    return _acted(
        request,
        found,
        "submit",
        form,
        lambda: services.request_submit(visit=found, remark=form.cleaned_data["text"], site=_site(request)),
        _("Submitted. You see here what happens to it, and get a letter when it is decided."),
    )


@require_POST
@limited("accreditations", "120/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an application, or give an accreditation back."""
    found = visit(request, pk, Side.PROVIDER)
    form = TextForm(request.POST, label=_("Reason (optional)"), required=False)
    if not form.is_valid():
        return request_page(request, found, forms={"withdraw": form}, status=422)
    try:
        services.request_withdraw(visit=found, why=form.cleaned_data["text"])
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        return redirect(found.address)
    messages.success(request, _("Withdrawn."))
    return redirect("accreditations")


@require_POST
@limited("accreditations", "120/h")
def appeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Appeal against a decision."""
    found = visit(request, pk, Side.PROVIDER)
    form = TextForm(request.POST, label=_("What is wrong with the decision"))
    return _acted(
        request,
        found,
        "appeal",
        form,
        lambda: services.request_appeal(visit=found, text=form.cleaned_data["text"], site=_site(request)),
        _("Sent. Officers who had no part in the decision look at it anew."),
    )


# --- the office ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("decisions", "600/h")
def check(request: HttpRequest, pk: UUID, fact: str) -> HttpResponse:
    """State what the office found out about a fact, or correct it."""
    found = visit(request, pk, Side.OFFICE)
    row = found.row
    if fact not in engine.accreditations().facts:
        raise Http404
    value = judging.facts_of(row).get(fact)
    form = CheckForm(request.POST if request.method == "POST" else None, fact=fact, value=value)
    against = found.hindrance(Act.CHECK)
    if against is not None:
        messages.error(request, against.in_(language()))
        return redirect(found.address)
    if request.method == "POST" and form.is_valid():
        try:
            services.fact_check(visit=found, fact=fact, value=form.value(), why=form.cleaned_data["why"])
        except InputError as error:
            form.add_problems(error.problems)
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Kept. The provider sees it with the reason."))
            return redirect(f"{found.address}#facts")
    context = {"form": form, "row": row, "fact": fact}
    return render(request, "accreditations/check.html", context, status=422 if form.errors else 200)


@require_POST
@limited("decisions", "600/h")
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose a decision."""
    found = visit(request, pk, Side.OFFICE)
    form = ProposeForm(request.POST, outcomes=selectors.outcomes_of(found))
    return _acted(
        request,
        found,
        "propose",
        form,
        lambda: services.decision_propose(
            visit=found,
            outcome=Outcome(form.cleaned_data["outcome"]),
            reasons=form.cleaned_data["reasons"],
        ),
        _("Proposed. Another officer of your office has to confirm it."),
    )


@require_POST
@limited("decisions", "600/h")
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm another officer's proposal."""
    found = visit(request, pk, Side.OFFICE)
    form = TextForm(request.POST, label=_("Remark (optional)"), required=False)
    return _acted(
        request,
        found,
        "confirm",
        form,
        lambda: services.decision_confirm(visit=found, remark=form.cleaned_data["text"], site=_site(request)),
        _("Decided. The provider gets a letter."),
    )


@require_POST
@limited("decisions", "600/h")
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a proposal back."""
    found = visit(request, pk, Side.OFFICE)
    form = TextForm(request.POST, label=_("What has to change"))
    return _acted(
        request,
        found,
        "return",
        form,
        lambda: services.decision_return(visit=found, remark=form.cleaned_data["text"]),
        _("Sent back."),
    )


@require_safe
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """List the applications to the visitor's offices, and what these offices decide about."""
    offices = selectors.offices_for(request)
    counts = selectors.counts_for(offices)
    group = request.GET.get("show", "")
    group = group if group in counts else "waiting"
    words = request.GET.get("q", "")[:LONGEST]
    page = Paginator(selectors.requests_of(offices, group, words), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "desks": Desk.objects.filter(organisation__in=offices).select_related("organisation"),
        "groups": [(name, GROUP_WORDS[name], count) for name, count in counts.items()],
        "group": group,
        "q": words,
        "page": page,
    }
    return render(request, "accreditations/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("decisions", "600/h")
def desk_new(request: HttpRequest) -> HttpResponse:
    """Open a desk of an office."""
    offices = selectors.offices_for(request)
    form = DeskForm(request.POST if request.method == "POST" else None, offices=offices)
    if request.method == "POST" and form.is_valid():
        office = next(item for item in offices if str(item.pk) == form.cleaned_data["organisation"])
        try:
            services.desk_save(desk=None, organisation=office, values=form.values(), by=request.user)
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Providers can apply to your office now."))
            return redirect("office-accreditations")
    return render(request, "accreditations/desk.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("decisions", "600/h")
def desk_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a desk of an office."""
    offices = selectors.offices_for(request)
    row = get_object_or_404(Desk.objects.select_related("organisation"), pk=pk, organisation__in=offices)
    form = DeskForm(request.POST if request.method == "POST" else None, desk=row)
    if request.method == "POST" and form.is_valid():
        services.desk_save(desk=row, organisation=row.organisation, values=form.values(), by=request.user)
        messages.success(request, _("Saved."))
        return redirect("office-accreditations")
    context = {"form": form, "desk": row}
    return render(request, "accreditations/desk.html", context, status=422 if form.errors else 200)
