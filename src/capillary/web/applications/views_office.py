"""Pages of the office: its calls, the queue of applications, questions, decisions and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.incentives.applying import Act
from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import SignInNeeded
from capillary.web.applications import judging, ledger, selectors, services
from capillary.web.applications.forms import AskForm, CallForm, PaidForm, ProposeForm, TextForm
from capillary.web.applications.models import Payment
from capillary.web.applications.pages import application_page
from capillary.web.applications.selectors import office_call, visit
from capillary.web.applications.views import acted, readable
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError
from capillary.web.core.tables import csv_table
from capillary.web.funding.forms import FactsForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.incentives.budget import Place
    from capillary.web.accounts.models import Organisation
    from capillary.web.applications.models import Application
    from capillary.web.applications.selectors import Visit

PER_PAGE = 25
LONGEST = 100
GROUP_WORDS = {
    "todo": gettext_lazy("To decide"),
    "second": gettext_lazy("For the second officer"),
    "with-firm": gettext_lazy("With the enterprise"),
    "decided": gettext_lazy("Decided or withdrawn"),
    "all": gettext_lazy("All"),
}


def _offices(request: HttpRequest) -> list[Organisation]:
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = list(selectors.offices_of(request.user))
    if not found:
        raise Http404
    return found


@require_safe
@never_cache
def calls(request: HttpRequest) -> HttpResponse:
    """List the calls of the visitor's organisations."""
    _offices(request)
    rows = selectors.calls_of(request.user).select_related("organisation")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    counts, budgets = selectors.counts_by_call(shown), selectors.budgets_of(shown)
    context = {
        "page": page,
        "rows": [
            (row, engine.rules().programmes.get(row.programme), counts[row.pk], budgets[row.pk])
            for row in shown
        ],
    }
    return render(request, "applications/office_calls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def call_new(request: HttpRequest) -> HttpResponse:
    """Open a call."""
    offices = _offices(request)
    form = CallForm(request.POST if request.method == "POST" else None, offices=offices)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        chosen = values.pop("organisation")
        office = next(item for item in offices if str(item.pk) == chosen)
        try:
            made = services.call_save(call=None, organisation=office, values=values, by=request.user)
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("The call is there. Enterprises find it in the list of calls while it is open.")
            )
            return redirect("office-call", pk=made.pk)
    return render(request, "applications/call_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@transaction.atomic
def call_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a call: days, budget, words."""
    row = office_call(request, pk, lock=request.method == "POST")
    form = CallForm(request.POST if request.method == "POST" else None, call=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.call_save(
                call=row, organisation=row.organisation, values=form.cleaned_data, by=request.user
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office-call", pk=pk)
    context = {"form": form, "call": row}
    return render(request, "applications/call_form.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def queue(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the applications of a call in the order of the line, with the budget above them."""
    row = office_call(request, pk)
    counts = selectors.counts_of(row)
    group = request.GET.get("show", "")
    if group not in selectors.GROUPS:
        group = "todo" if counts["todo"] else "all"
    words = request.GET.get("q", "")[:LONGEST]
    page = Paginator(selectors.queue(row, group, words), PER_PAGE).get_page(request.GET.get("page"))
    places = selectors.line_in(row)
    context = {
        "call": row,
        "programme": engine.rules().programmes.get(row.programme),
        "budget": selectors.budget_of(row),
        "groups": [(name, label, counts[name]) for name, label in GROUP_WORDS.items()],
        "group": group,
        "q": words,
        "page": page,
        "rows": [(item, places.get(item.pk)) for item in page],
    }
    return render(request, "applications/queue.html", context)


@require_safe
@never_cache
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send all applications of a call as a CSV table."""
    row = office_call(request, pk)
    places = selectors.line_in(row)
    heads = (
        "reference", "enterprise", "status", "submitted_at", "in_line_at", "place", "verdict",
        "asked", "granted", "paid", "currency", "decided_at",
    )  # fmt: skip
    found = selectors.queue(row, "all", "").prefetch_related("payments")
    return csv_table(f"{row.code}.csv", heads, (_cells(item, places.get(item.pk)) for item in found))


def _cells(item: Application, place: Place | None) -> tuple[object, ...]:
    paid = sum(part.amount for part in item.payments.all() if part.state == Payment.State.PAID)
    number = None if place is None else place.number
    days = (item.submitted_at, item.in_line_at, number, item.verdict)
    amounts = (item.asked, item.granted, paid, item.call.currency, item.decided_at)
    return (item.reference, item.name, item.status, *days, *amounts)


@require_safe
@never_cache
def ledger_table(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the ledger of a call, or send it as a CSV table."""
    row = office_call(request, pk)
    rows = ledger.ledger_of(row)
    if request.GET.get("format") == "csv":
        heads = ("at", "reference", "kind", "amount", "currency", "by")
        cells = ((item.at, item.reference, item.kind, item.amount, row.currency, item.by) for item in rows)
        return csv_table(f"{row.code}-ledger.csv", heads, cells)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"call": row, "page": page, "budget": selectors.budget_of(row)}
    return render(request, "applications/ledger.html", context)


# --- an application --------------------------------------------------------------------------------------------------


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")


def _refused(request: HttpRequest, found: Visit, act: Callable[[], object], done: str = "") -> HttpResponse:
    """Do something that has no form of its own."""
    try:
        act()
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
    else:
        if done:
            messages.success(request, done)
    return redirect(found.address)


@require_POST
@limited("decisions", "600/h")
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the enterprise something."""
    found = visit(request, pk, office=True)
    form = AskForm(request.POST)
    wrong = acted(
        request,
        found,
        "ask",
        form,
        lambda: services.question_ask(
            visit=found,
            text=form.cleaned_data["text"],
            answer_by=form.cleaned_data["answer_by"],
            site=_site(request),
        ),
    )
    if wrong is None:
        messages.success(request, _("Asked. The enterprise gets a letter."))
    return wrong or redirect("application", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("decisions", "600/h")
@readable
def check(request: HttpRequest, pk: UUID, fact: str) -> HttpResponse:
    """Correct a fact after the papers, with a reason."""
    found = visit(request, pk, office=True)
    row = found.application
    rules = engine.rules()
    if fact not in rules.facts or fact not in judging.asked_of(row):
        raise Http404
    against = found.hindrance(Act.CHECK)
    if against is not None:
        messages.error(request, against.in_(language()))
        return redirect(found.address)
    data = request.POST if request.method == "POST" else None
    form = FactsForm(
        {**data.dict(), "currency": row.currency} if data is not None else None,
        names=[fact],
        told=judging.told(row).facts,
        aids=None,
        currency=row.currency,
    )
    why = TextForm(data, label=_("Reason, with the paper that shows it"))
    # a correction can be taken back with nothing but its reason
    undo = data is not None and "undo" in data
    if data is not None and why.is_valid() and (undo or form.is_valid()):
        value = None if undo else form.facts()[fact]
        if value is None and not undo:
            form.add_error(fact, _("Enter the value that the papers show."))
        else:
            try:
                services.fact_check(visit=found, fact=fact, value=value, why=why.cleaned_data["text"])
            except RefusedError as error:
                why.refuse(error)
            except InputError as error:
                form.add_problems(error.problems)
            else:
                messages.success(request, _("Kept. The rules were read again."))
                return redirect("application", pk=pk)
    context = {
        "visit": found,
        "application": row,
        "fact": rules.facts[fact],
        "form": form,
        "why": why,
        "checked": row.checked.get(fact),
    }
    wrong = bool(data is not None)
    return render(request, "applications/check.html", context, status=422 if wrong else 200)


@require_POST
@limited("decisions", "600/h")
def clear(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say why two invoices are not the same spend."""
    found = visit(request, pk, office=True)
    why = request.POST.get("why", "").strip()[:500]
    if not why:
        messages.error(request, _("Say why it is not the same spend."))
        return redirect(f"{found.address}#spend")
    return _refused(
        request,
        found,
        lambda: services.doubt_clear(visit=found, clash=request.POST.get("clash", "")[:400], why=why),
        _("Noted."),
    )


@require_POST
@limited("decisions", "600/h")
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose to grant or to refuse."""
    found = visit(request, pk, office=True)
    form = ProposeForm(request.POST, most=None, currency=found.application.call.currency)
    wrong = acted(
        request,
        found,
        "propose",
        form,
        lambda: services.decision_propose(
            visit=found,
            grants=form.cleaned_data["grants"] == "yes",
            amount=form.cleaned_data.get("amount"),
            reasons=form.cleaned_data["reasons"],
        ),
    )
    if wrong is None:
        messages.success(request, _("Proposed. Another officer has to decide."))
    return wrong or redirect("application", pk=pk)


@require_POST
@limited("decisions", "600/h")
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm another officer's proposal."""
    found = visit(request, pk, office=True)
    form = TextForm(request.POST, label=_("Remark (optional)"), required=False)
    wrong = acted(
        request,
        found,
        "confirm",
        form,
        lambda: services.decision_confirm(visit=found, remark=form.cleaned_data["text"], site=_site(request)),
    )
    if wrong is None:
        messages.success(request, _("Decided. The enterprise gets a letter."))
    return wrong or redirect("application", pk=pk)


@require_POST
@limited("decisions", "600/h")
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a proposal back."""
    found = visit(request, pk, office=True)
    form = TextForm(request.POST, label=_("What has to change"))
    wrong = acted(
        request,
        found,
        "return",
        form,
        lambda: services.decision_return(visit=found, remark=form.cleaned_data["text"]),
    )
    return wrong or redirect("application", pk=pk)


@require_POST
@limited("decisions", "600/h")
def payment_release(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Release a payment, or take the release back."""
    found = visit(request, pk, office=True)
    act = ledger.payment_hold if "hold" in request.POST else ledger.payment_release
    return _refused(request, found, lambda: act(visit=found, number=number, by=found.user), _("Noted."))


@require_POST
@limited("decisions", "600/h")
def payment_confirm(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Confirm that a payment was made."""
    found = visit(request, pk, office=True)
    form = PaidForm(request.POST)
    if not form.is_valid():
        return application_page(request, found, forms={f"paid-{number}": form}, status=422)
    return _refused(
        request,
        found,
        lambda: ledger.payment_confirm(
            visit=found,
            number=number,
            by=found.user,
            paid_on=form.cleaned_data["paid_on"],
            reference=form.cleaned_data["reference"],
            site=_site(request),
        ),
        _("Noted as paid."),
    )
