"""Accreditations, to be read: what a provider meets and has applied for, and what waits for an office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import Http404, HttpRequest
from ninja import Query, Router

from capillary.web.accreditations import selectors as accreditations
from capillary.web.accreditations.judging import UnreadableError, judge
from capillary.web.accreditations.selectors import visit
from capillary.web.api import selectors
from capillary.web.api.problems import ApiProblem
from capillary.web.api.schemas import (
    AccreditationFullOut,
    AccreditationOut,
    CriteriaOut,
    PageIn,
    PageOut,
)
from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.incentives.evaluate import Entitlement
    from capillary.web.accreditations.models import AccreditationRequest

router = Router(tags=["accreditations"])


@router.get(
    "/accreditations",
    response=list[CriteriaOut],
    operation_id="criteria",
    url_name="criteria",
    summary="List a provider's accreditations",
)
def criteria(request: HttpRequest) -> Any:
    """Return every set of criteria with what your organisation meets today, and its applications."""
    try:
        provider = accreditations.provider_for(request)
        found = [] if provider is None else accreditations.criteria_for(provider)
    except Http404:  # works for no provider
        found = []
    except UnreadableError as error:
        raise _unreadable(error) from error
    return [{**_judged(entry.item), "applications": [_row(row) for row in entry.requests]} for entry in found]


@router.get(
    "/accreditations/{uuid:accreditation_id}",
    response=AccreditationFullOut,
    operation_id="accreditation",
    url_name="accreditation",
    summary="Read an application for accreditation",
)
def accreditation(request: HttpRequest, accreditation_id: UUID) -> Any:
    """Return an application with what the rules say of it, to its provider or to the office that decides."""
    row = visit(request, accreditation_id).row
    try:
        return {**_row(row), **_judged(judge(row))}
    except UnreadableError as error:
        raise _unreadable(error) from error


@router.get(
    "/office/accreditations",
    response=PageOut[AccreditationOut],
    operation_id="accreditation_queue",
    url_name="accreditation-queue",
    summary="List applications for accreditation to your offices",
)
def accreditation_queue(
    request: HttpRequest, page: Query[PageIn], show: Literal["waiting", "accredited", "over"] = "waiting"
) -> Any:
    """Return the applications to the offices whose officer you are, the longest waiting first."""
    try:
        offices = accreditations.offices_for(request)
    except Http404:  # is an officer nowhere
        offices = []
    rows = accreditations.requests_of(offices, show, "")
    return selectors.page(rows, page, _row)


def _unreadable(error: UnreadableError) -> ApiProblem:
    return ApiProblem(409, "rules-unreadable", error.reason.in_(language()))


def _row(row: AccreditationRequest) -> dict[str, Any]:
    office = row.desk.organisation
    return {
        "id": row.pk,
        "reference": row.reference,
        "accreditation": row.desk.programme,
        "provider": row.provider.code,
        "office": {"zh": office.name_zh, "en": office.name_en},
        "status": row.status,
        "round": row.round,
        "holds": row.holds,
        "submitted_at": row.submitted_at,
        "granted_on": row.granted_on,
        "valid_to": row.valid_to,
    }


def _judged(item: Entitlement) -> dict[str, Any]:
    title = item.programme.title
    return {
        "accreditation": item.programme.id,
        "title": {"zh": title.zh, "en": title.en},
        "version": item.version.id,
        "verdict": item.verdict,
        "missing": list(item.missing),
        "conditions": [
            {
                "id": part.condition.id,
                "met": None if part.truth.is_open else part.truth.yes,
                "text": {"zh": part.condition.text.zh, "en": part.condition.text.en},
                "source": item.programme.source_of(item.version, part.condition).id,
                "certainty": item.programme.certainty_of(item.version, part.condition),
            }
            for part in item.conditions
        ],
    }
