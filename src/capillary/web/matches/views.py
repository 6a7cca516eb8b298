"""Pages of a match: what either side does with it, and how an officer mediates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from capillary.matching.life import FIRM, Side
from capillary.sheets.answers import BadAnswerError
from capillary.web.access import GRANTS, Action, roles_on
from capillary.web.core.acting import attempted, pressed
from capillary.web.core.limits import limited
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import file_problem
from capillary.web.evidence.uploads import files_too_large
from capillary.web.evidence.views import FILE_HEADERS, UTF_8
from capillary.web.matches import raising, services
from capillary.web.matches.forms import (
    ConfirmForm,
    ContractForm,
    DeliverForm,
    MeasureForm,
    MessageForm,
    QuoteForm,
    RateForm,
    SettleForm,
    TextForm,
)
from capillary.web.matches.pages import match_page
from capillary.web.matches.selectors import visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from capillary.web.matches.forms import RefusableForm
    from capillary.web.matches.models import MatchMessage, Quote
    from capillary.web.matches.selectors import Visit

SIGNER = frozenset({Side.SIGNER})
OWN = frozenset({Side.PROVIDER})
BOTH = frozenset({Side.SIGNER, Side.PROVIDER})
OFFICER = frozenset({Side.OFFICER})


@require_safe
@never_cache
def match(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a match, to either side or to a mediator."""
    return match_page(request, visit(request, pk))


def acted(
    request: HttpRequest, found: Visit, name: str, form: RefusableForm, act: Callable[[], object]
) -> HttpResponse:
    """Do something with a match, and show it; where that is not possible, show the form and what is wrong."""
    if attempted(form, act):
        return redirect("match", pk=found.match.pk)
    return match_page(request, found, forms={name: form}, status=422)


def _pressed(request: HttpRequest, found: Visit, act: Callable[[], object], done: str) -> HttpResponse:
    """Do something that needs no form, and say that it is done or why not."""
    pressed(request, act, done)
    return redirect("match", pk=found.match.pk)


@require_POST
@limited("matches", "120/h")
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a provider's interest."""
    found = visit(request, pk, SIGNER)
    done = _("Accepted. Both of you see each other's name now.")
    return _pressed(request, found, lambda: services.interest_accept(visit=found), done)


@require_POST
@limited("matches", "120/h")
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take care of a need."""
    found = visit(request, pk, OWN)
    done = _("You take care of this need. Both of you see each other's name now.")
    return _pressed(request, found, lambda: services.match_take(visit=found), done)


@require_POST
@limited("matches", "120/h")
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse what the other side asked."""
    found = visit(request, pk, BOTH)
    form = TextForm(request.POST, label=_("Reason, for the other side to read"))
    return acted(
        request,
        found,
        "refuse",
        form,
        lambda: services.match_refuse(visit=found, why=form.cleaned_data["text"]),
    )


@require_POST
@limited("matches", "120/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw what the own side asked."""
    found = visit(request, pk, BOTH)
    form = TextForm(request.POST, label=_("Reason, for the other side to read"))
    return acted(
        request,
        found,
        "withdraw",
        form,
        lambda: services.match_withdraw(visit=found, why=form.cleaned_data["text"]),
    )


def _with_file(
    request: HttpRequest, found: Visit, name: str, form: MessageForm | QuoteForm, act: Callable[[], object]
) -> HttpResponse:
    def acting() -> None:
        try:
            act()
        except BadFileError as bad:
            form.add_error("file", file_problem(form.cleaned_data["file"].name, bad))
            raise

    try:
        return acted(request, found, name, form, acting)
    except BadFileError:
        return match_page(request, found, forms={name: form}, status=422)


@require_POST
@limited("upload", "120/h")
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write to the other side."""
    found = visit(request, pk)
    form = MessageForm(request.POST, request.FILES, dropped=files_too_large(request))
    return _with_file(
        request,
        found,
        "message",
        form,
        lambda: services.message_write(visit=found, values=form.values()),
    )


@require_POST
@limited("upload", "120/h")
def quote(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a price with dates."""
    found = visit(request, pk, OWN)
    form = QuoteForm(request.POST, request.FILES, dropped=files_too_large(request))
    return _with_file(
        request, found, "quote", form, lambda: services.quote_make(visit=found, values=form.values())
    )


def _file(row: MatchMessage | Quote) -> FileResponse:
    """Return a file as a download that no browser opens as a page of ours."""
    try:
        stored = row.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = f"{row.file_type}; charset=utf-8" if row.file_type in UTF_8 else row.file_type
    return FileResponse(
        stored, as_attachment=True, filename=row.file_name, content_type=kind, headers=FILE_HEADERS
    )


@require_safe
@never_cache
def message_file(request: HttpRequest, pk: UUID, message: UUID) -> HttpResponseBase:
    """Serve the file of a message."""
    found = visit(request, pk)
    return _file(get_object_or_404(found.match.thread.exclude(file=""), pk=message))


@require_safe
@never_cache
def quote_file(request: HttpRequest, pk: UUID, quote: UUID) -> HttpResponseBase:
    """Serve the file of a quote."""
    found = visit(request, pk)
    return _file(get_object_or_404(found.match.quotes.exclude(file=""), pk=quote))


@require_POST
@limited("matches", "120/h")
def quote_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for another quote."""
    found = visit(request, pk, SIGNER)
    form = TextForm(request.POST, label=_("What has to change"))
    return acted(
        request,
        found,
        "return",
        form,
        lambda: services.quote_return(visit=found, why=form.cleaned_data["text"]),
    )


@require_POST
@limited("matches", "120/h")
def contract(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note the contract."""
    found = visit(request, pk, SIGNER)
    form = ContractForm(request.POST)
    return acted(
        request,
        found,
        "contract",
        form,
        lambda: services.contract_note(
            visit=found, quote=form.cleaned_data["quote"], day=form.cleaned_data["day"]
        ),
    )


@require_POST
@limited("matches", "120/h")
def deliver(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that everything is delivered."""
    found = visit(request, pk, OWN)
    form = DeliverForm(request.POST)
    return acted(
        request,
        found,
        "deliver",
        form,
        lambda: services.delivery_report(
            visit=found, day=form.cleaned_data["day"], text=form.cleaned_data["text"]
        ),
    )


@require_POST
@limited("matches", "120/h")
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm a delivery, and make the answers better that it makes better, where the firm wants that."""
    found = visit(request, pk, SIGNER)
    form = ConfirmForm(request.POST)

    def act() -> None:
        with transaction.atomic():
            services.delivery_confirm(visit=found)
            if form.cleaned_data["raises"]:
                _raise(request, found)

    try:
        return acted(request, found, "confirm", form, act)
    except BadAnswerError:
        form.add_error(
            "raises",
            _("An answer of the assessment does not fit its standard any more. Answer it again first."),
        )
    return match_page(request, found, forms={"confirm": form}, status=422)


def _raise(request: HttpRequest, found: Visit) -> None:
    roles = roles_on(request, found.match.need.enterprise) & GRANTS[Action.MANAGE]
    assessment, raised = raising.profile_raise(match=found.match, by=found.user, role=next(iter(roles)).value)
    better = [item.question.id for item in raised if item.value is not None]
    left = [item.question.id for item in raised if item.value is None]
    if assessment is not None and better:
        text = _("These answers are better now: {questions}.")
        messages.success(request, text.format(questions=", ".join(better)))
    if left:
        text = _("Please answer these questions, of which only a part is known: {questions}.")
        messages.info(request, text.format(questions=", ".join(left)))


@require_POST
@limited("matches", "120/h")
def reject(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what is missing of a delivery."""
    found = visit(request, pk, SIGNER)
    form = TextForm(request.POST, label=_("What is missing"))
    return acted(
        request,
        found,
        "reject",
        form,
        lambda: services.delivery_reject(visit=found, why=form.cleaned_data["text"]),
    )


@require_POST
@limited("matches", "120/h")
def measure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what a project has cost."""
    found = visit(request, pk, FIRM)
    row = found.match
    form = MeasureForm(request.POST, currency=row.contract_currency, amount=row.contract_amount)
    return acted(
        request,
        found,
        "measure",
        form,
        lambda: services.outcome_measure(
            visit=found, cost=form.cleaned_data["cost"], used_by=form.cleaned_data["used_by"]
        ),
    )


@require_POST
@limited("matches", "120/h")
def rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rate a delivery."""
    found = visit(request, pk, SIGNER)
    form = RateForm(request.POST)
    return acted(request, found, "rate", form, lambda: services.match_rate(visit=found, **form.values()))


@require_POST
@limited("matches", "120/h")
def complain(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Complain."""
    found = visit(request, pk, BOTH)
    form = TextForm(request.POST, label=_("What went wrong"))
    return acted(
        request,
        found,
        "complain",
        form,
        lambda: services.complaint_make(visit=found, text=form.cleaned_data["text"]),
    )


@require_POST
@limited("matches", "120/h")
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one's own complaint back."""
    found = visit(request, pk, BOTH)
    form = TextForm(request.POST, label=_("Reason (optional)"), required=False)
    return acted(
        request,
        found,
        "drop",
        form,
        lambda: services.complaint_drop(visit=found, text=form.cleaned_data["text"]),
    )


@require_POST
@limited("matches", "120/h")
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Settle a complaint."""
    found = visit(request, pk, OFFICER)
    form = SettleForm(request.POST)
    return acted(
        request,
        found,
        "settle",
        form,
        lambda: services.complaint_settle(
            visit=found, text=form.cleaned_data["text"], ends=form.cleaned_data["ends"]
        ),
    )
