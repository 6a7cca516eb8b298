"""Pages: calls for applications for everybody, and an enterprise's applications."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.incentives.applying import Act, Status
from capillary.web import engine
from capillary.web.access import Action, SignInNeeded, enterprise_for
from capillary.web.applications import judging, selectors, services
from capillary.web.applications.forms import PaperForm, SpendForm, SubmitForm, TextForm
from capillary.web.applications.models import Application, Call
from capillary.web.applications.pages import application_page
from capillary.web.applications.refusals import NotNowError, UnreadableError
from capillary.web.applications.selectors import visit
from capillary.web.core.acting import pressed
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import file_problem
from capillary.web.evidence.uploads import files_too_large
from capillary.web.evidence.views import FILE_HEADERS, UTF_8
from capillary.web.funding.forms import FactsForm
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.telling import facts_told

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from capillary.web.applications.forms import RefusableForm
    from capillary.web.applications.selectors import Visit

PER_PAGE = 20
LONGEST = 100


# --- calls -----------------------------------------------------------------------------------------------------------


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """List the calls that take applications now."""
    words = request.GET.get("q", "")[:LONGEST]
    found = selectors.open_calls(timezone.localdate(), words)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": words,
        "page": page,
        "rows": [(row, engine.rules().programmes[row.programme]) for row in page],
        "is_officer": request.user.is_authenticated and bool(selectors.offices_of(request.user)),
    }
    return render(request, "applications/calls.html", context)


@require_safe
def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a call: programme, days, budget, papers, and who of the visitor's enterprises can apply."""
    row = get_object_or_404(Call.objects.select_related("organisation"), pk=pk)
    programme = engine.rules().programmes.get(row.programme)
    if programme is None:
        raise Http404
    today = timezone.localdate()
    mine = selectors.appliers_of(request)
    rows = {item.enterprise_id: item for item in Application.objects.filter(call=row, enterprise__in=mine)}
    context = {
        "call": row,
        "programme": programme,
        "rules": selectors.version_of(programme, row),
        "is_open": row.opens_on <= today <= row.closes_on,
        "is_early": today < row.opens_on,
        "mine": [(enterprise, rows.get(enterprise.pk)) for enterprise in mine],
        "budget": selectors.budget_of(row),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "applications/call.html", context)


@require_POST
@limited("applications", "60/h")
def start(request: HttpRequest, pk: UUID, enterprise: UUID) -> HttpResponse:
    """Begin an application of an enterprise."""
    access = enterprise_for(request, enterprise, Action.APPLY)
    if access.user is None:
        raise SignInNeeded
    row = get_object_or_404(Call, pk=pk)
    try:
        made = services.application_start(call=row, enterprise=access.enterprise, by=access.user)
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
        return redirect("call", pk=pk)
    return redirect("application", pk=made.pk)


@require_safe
@never_cache
def applications(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the applications of an enterprise."""
    access = enterprise_for(request, pk, Action.APPLY)
    rows = Application.objects.filter(enterprise=access.enterprise).select_related("call__organisation")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "page": page,
        "rows": [(row, engine.rules().programmes.get(row.call.programme)) for row in page],
    }
    return render(request, "applications/applications.html", context)


# --- an application --------------------------------------------------------------------------------------------------


def readable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead to the application's page, which says why, where its rules cannot be read."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: UUID, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, pk, *args, **kwargs)
        except UnreadableError:
            return redirect("application", pk=pk)

    return guarded


@require_safe
@never_cache
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an application, to the enterprise or to the office."""
    return application_page(request, visit(request, pk))


def acted(
    request: HttpRequest, found: Visit, name: str, form: RefusableForm, act: Callable[[], object]
) -> HttpResponse | None:
    """Do something with an application.

    Returns:
        None once it is done; else the page with the form, which says what is wrong.
    """
    if form.is_valid():
        try:
            act()
        except (NotNowError, UnreadableError) as error:
            # nothing in the form would help, and its section may be gone by now
            messages.error(request, error.reason.in_(language()))
            return redirect(found.address)
        except RefusedError as error:
            form.refuse(error)
        else:
            return None
    return application_page(request, found, forms={name: form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("applications", "240/h")
@readable
def facts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a firm for the facts that the programme asks for, filled in with what it told before."""
    found = visit(request, pk, office=False)
    row = found.application
    if not found.may(Act.EDIT):
        return redirect("application", pk=pk)
    told = FirmFacts.objects.filter(enterprise=row.enterprise).first() or FirmFacts(
        enterprise=row.enterprise, currency=row.call.currency or "CNY"
    )
    known = judging.told_now(row).facts
    names = judging.to_tell(row)
    form = FactsForm(
        request.POST if request.method == "POST" else None,
        names=names,
        told=known,
        aids=told.aids,
        currency=told.currency,
    )
    if request.method == "POST" and facts_told(
        form, enterprise=row.enterprise, by=found.user, known=judging.known_of(row)
    ):
        messages.success(request, _("Kept."))
        return redirect("application", pk=pk)
    context = {"visit": found, "application": row, "form": form}
    return render(request, "applications/facts.html", context, status=422 if form.errors else 200)


@require_POST
@limited("applications", "240/h")
@readable
def spend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add an invoice."""
    found = visit(request, pk, office=False)
    form = SpendForm(request.POST, categories=judging.categories_of(found.application))
    wrong = acted(
        request, found, "spend", form, lambda: services.spend_add(visit=found, values=form.cleaned_data)
    )
    return wrong or redirect(f"{found.address}#spend")


@require_POST
def spend_remove(request: HttpRequest, pk: UUID, line: int) -> HttpResponse:
    """Take an invoice out of a draft."""
    found = visit(request, pk, office=False)
    pressed(request, lambda: services.spend_remove(visit=found, line=line))
    return redirect(f"{found.address}#spend")


@require_POST
@limited("upload", "120/h")
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand in a paper."""
    found = visit(request, pk, office=False)
    form = PaperForm(
        request.POST,
        request.FILES,
        items=selectors.papers_asked(found.application),
        dropped=files_too_large(request),
    )

    def add() -> None:
        try:
            services.paper_add(visit=found, values=form.values())
        except BadFileError as bad:
            form.add_error("file", file_problem(form.cleaned_data["file"].name, bad))
            raise

    try:
        wrong = acted(request, found, "paper", form, add)
    except BadFileError:
        return application_page(request, found, forms={"paper": form}, status=422)
    return wrong or redirect(f"{found.address}#papers")


@require_safe
@never_cache
def paper_file(request: HttpRequest, pk: UUID, paper: UUID) -> HttpResponseBase:
    """Serve a paper, as a download that no browser opens as a page of ours."""
    found = visit(request, pk)
    row = get_object_or_404(found.application.papers.exclude(file=""), pk=paper)
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
    found = visit(request, pk, office=False)
    pressed(request, lambda: services.paper_remove(visit=found, paper=paper))
    return redirect(f"{found.address}#papers")


@require_POST
@limited("applications", "60/h")
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Submit an application under the statement of truth."""
    found = visit(request, pk, office=False, signer=True)
    form = SubmitForm(request.POST)
    wrong = acted(
        request,
        found,
        "submit",
        form,
        lambda: services.application_submit(
            visit=found, name=form.cleaned_data["name"], remark=form.cleaned_data["remark"]
        ),
    )
    if wrong is None:
        messages.success(
            request, _("Submitted. You see here what happens to it, and get a letter when there is news.")
        )
    return wrong or redirect("application", pk=pk)


@require_POST
@limited("applications", "60/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an application."""
    found = visit(request, pk, office=False, signer=True)
    was_draft = found.application.state == Status.DRAFT
    form = TextForm(request.POST, required=False)
    wrong = acted(
        request,
        found,
        "withdraw",
        form,
        lambda: services.application_withdraw(visit=found, why=form.cleaned_data["text"]),
    )
    if wrong is not None:
        return wrong
    messages.success(request, _("The draft of the application is deleted.") if was_draft else _("Withdrawn."))
    if was_draft:
        return redirect("enterprise-applications", pk=found.application.enterprise_id)
    return redirect("application", pk=pk)


@require_POST
@limited("applications", "60/h")
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer a question of the office."""
    found = visit(request, pk, office=False)
    form = TextForm(request.POST)
    wrong = acted(
        request,
        found,
        "answer",
        form,
        lambda: services.question_answer(visit=found, text=form.cleaned_data["text"]),
    )
    return wrong or redirect("application", pk=pk)


@require_POST
@limited("applications", "60/h")
def appeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Appeal against a decision."""
    found = visit(request, pk, office=False, signer=True)
    form = TextForm(request.POST)
    wrong = acted(
        request,
        found,
        "appeal",
        form,
        lambda: services.application_appeal(visit=found, text=form.cleaned_data["text"]),
    )
    return wrong or redirect("application", pk=pk)
