"""Calls for applications, an enterprise's applications and their spend, and what an office has to decide.

Submission, decisions and payments have no operation: a signature and two pairs of eyes need a person at a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.db import transaction
from django.http import HttpRequest, HttpResponse  # noqa: TC002 - ninja reads the annotations when the program runs
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from capillary.web import engine
from capillary.web.access import Action, enterprise_for
from capillary.web.api import selectors
from capillary.web.api import shown_applications as shown
from capillary.web.api.problems import ApiProblem, Error, not_found, wrong_value
from capillary.web.api.schemas import PageIn, PageOut
from capillary.web.api.schemas_applications import (
    ApplicationOut,
    ApplicationRowOut,
    ApplicationStartIn,
    BookingOut,
    CallFullOut,
    CallOut,
    CallsQuery,
    QueueQuery,
    QueueRowOut,
    SpendIn,
    SpendOut,
)
from capillary.web.applications import judging, services
from capillary.web.applications.forms import SpendForm
from capillary.web.applications.ledger import ledger_of
from capillary.web.applications.models import Application, Call
from capillary.web.applications.refusals import UnreadableError
from capillary.web.applications.selectors import line_in, live_of, office_call, open_calls, queue, visit
from capillary.web.core.language import language
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    from capillary.web.applications.selectors import Visit

router = Router(tags=["applications"])


@router.get(
    "/calls",
    response=PageOut[CallOut],
    operation_id="calls",
    url_name="calls",
    summary="List the open calls",
)
def calls(request: HttpRequest, query: Query[CallsQuery]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the calls that take applications today, those that close first at the top."""
    found = open_calls(timezone.localdate(), query.q)
    return {
        "items": [shown.call(row) for row in found[query.offset : query.offset + query.limit]],
        "total": len(found),
        "limit": query.limit,
        "offset": query.offset,
    }


@router.get(
    "/calls/{uuid:call_id}",
    response=CallFullOut,
    operation_id="call",
    url_name="call",
    summary="Read a call",
)
def call(request: HttpRequest, call_id: UUID) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return a call, open or not: days, budget, conditions, papers, and how much is asked for."""
    row = Call.objects.select_related("organisation").filter(pk=call_id).first()
    if row is None or row.programme not in engine.rules().programmes:
        raise not_found()
    return shown.call_full(row, is_open=row.opens_on <= timezone.localdate() <= row.closes_on)


@router.get(
    "/enterprises/{uuid:enterprise_id}/applications",
    response=PageOut[ApplicationRowOut],
    operation_id="applications",
    url_name="applications",
    summary="List an enterprise's applications",
)
def applications(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the applications of an enterprise for which you may apply, the latest first."""
    access = enterprise_for(request, enterprise_id, Action.APPLY)
    rows = Application.objects.filter(enterprise=access.enterprise).select_related("call")
    return selectors.page(rows.order_by("-made_at", "pk"), page, shown.application_row)


@router.post(
    "/enterprises/{uuid:enterprise_id}/applications",
    response={200: ApplicationOut, 201: ApplicationOut},
    operation_id="application_start",
    url_name="applications",
    summary="Begin an application",
)
def start(
    request: HttpRequest, enterprise_id: UUID, start: ApplicationStartIn, response: HttpResponse
) -> Any:
    """Begin a draft for a call (201), filled in with what the firm told before, or return the one that is live (200).

    A person submits it on its page, under the statement of truth.
    """
    with transaction.atomic():
        access = enterprise_for(request, enterprise_id, Action.APPLY)
        row = Call.objects.filter(pk=start.call).first()
        if row is None or row.programme not in engine.rules().programmes:
            raise wrong_value(
                "body.call",
                "unknown-call",
                _("There is no such call."),
                _("Take one of those that /api/v1/calls lists."),
            )
        before = live_of(row, access.enterprise)
        try:
            made = services.application_start(call=row, enterprise=access.enterprise, by=request.user)
        except RefusedError as error:
            raise _refused(error) from error
    response["Location"] = reverse("api:application", args=[made.pk])
    return Status(200 if before is not None else 201, _shown(visit(request, made.pk)))


@router.get(
    "/applications/{uuid:application_id}",
    response=ApplicationOut,
    operation_id="application",
    url_name="application",
    summary="Read an application",
)
def application(request: HttpRequest, application_id: UUID) -> Any:
    """Return an application as its page shows it to your side.

    The enterprise sees no proposals and no officers' names; the office sees no drafts.
    """
    return _shown(visit(request, application_id))


@router.post(
    "/applications/{uuid:application_id}/spend",
    response={201: SpendOut},
    operation_id="spend_add",
    url_name="spend",
    summary="Enter an invoice",
)
def spend_add(request: HttpRequest, application_id: UUID, body: SpendIn) -> Any:
    """Enter an invoice, or a part of one, in a draft; one that the enterprise claims already is refused."""
    found = visit(request, application_id, office=False)
    _must_be_installed(found.application)
    form = SpendForm(body.dict(exclude_none=True), categories=judging.categories_of(found.application))
    if not form.is_valid():
        raise _unusable(form)
    try:
        made = services.spend_add(visit=found, values=form.cleaned_data)
    except RefusedError as error:
        raise _refused(error) from error
    return Status(201, shown.spend(made))


@router.delete(
    "/applications/{uuid:application_id}/spend/{int:line}",
    response=SpendOut,
    operation_id="spend_remove",
    url_name="spend-line",
    summary="Take an invoice out",
)
def spend_remove(request: HttpRequest, application_id: UUID, line: int) -> Any:
    """Take an invoice out of a draft and return it as it was."""
    found = visit(request, application_id, office=False)
    row = found.application.spends.filter(pk=line).first()
    if row is None:
        raise not_found()
    try:
        services.spend_remove(visit=found, line=line)
    except RefusedError as error:
        raise _refused(error) from error
    return shown.spend(row)


@router.get(
    "/calls/{uuid:call_id}/applications",
    response=PageOut[QueueRowOut],
    operation_id="queue",
    url_name="queue",
    summary="List a call's applications",
)
def call_applications(request: HttpRequest, call_id: UUID, query: Query[QueueQuery]) -> Any:
    """Return the applications of a call of your office in the order of the line; drafts are not among them."""
    row = office_call(request, call_id)
    places = line_in(row)
    return selectors.page(
        queue(row, query.group, query.q),
        query,
        lambda item: {**shown.application_row(item), "place": shown.place(places.get(item.pk), row)},
    )


@router.get(
    "/calls/{uuid:call_id}/ledger",
    response=PageOut[BookingOut],
    operation_id="ledger",
    url_name="ledger",
    summary="List a call's movements of money",
)
def call_ledger(request: HttpRequest, call_id: UUID, page: Query[PageIn]) -> Any:
    """Return every movement of a call's money, the newest first; the call itself holds the sums."""
    return selectors.page(ledger_of(office_call(request, call_id)), page, shown.booking)


def _shown(found: Visit) -> dict[str, Any]:
    _must_be_installed(found.application)
    try:
        return shown.application(found)
    except UnreadableError as error:
        raise _not_installed() from error


def _must_be_installed(row: Application) -> None:
    if row.call.programme not in engine.rules().programmes:
        raise _not_installed()


def _not_installed() -> ApiProblem:
    detail = _(
        "The programme of this application is not installed any more, or has changed under the same id."
    )
    return ApiProblem(409, "programme-not-installed", detail)


def _refused(error: RefusedError) -> ApiProblem:
    """Return what a service refuses: a value that cannot be used, or something that cannot be done now."""
    reason = error.reason.in_(language())
    if error.field:
        return wrong_value(
            f"body.{error.field}", "refused", reason, _("Change this value; nothing was kept.")
        )
    return ApiProblem(409, "refused", reason)


def _unusable(form: SpendForm) -> ApiProblem:
    errors = tuple(
        Error(
            f"body.{name}",
            str(found.code or "unusable").replace("_", "-"),
            " ".join(found.messages),
            _remedy(name, form),
        )
        for name, several in form.errors.as_data().items()
        for found in several
    )
    return ApiProblem(422, "unusable", _("What was sent cannot be used; nothing was changed."), errors)


def _remedy(name: str, form: SpendForm) -> str:
    if name != "category":
        return _("Write it as it stands on the invoice.")
    names = ", ".join(key for key, _title in form.fields["category"].choices)
    return (
        _("Take one of: %(names)s.") % {"names": names} if names else _("This programme looks at no spend.")
    )
