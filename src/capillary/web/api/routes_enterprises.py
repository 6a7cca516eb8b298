"""Enterprises: those of which the user is a member, their facts, their assessments."""

from __future__ import annotations

from typing import Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.db import transaction
from django.http import HttpRequest, HttpResponse  # noqa: TC002 - ninja reads the annotations when the program runs
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from capillary.web import engine
from capillary.web.access import Action, enterprise_for, roles_on
from capillary.web.api import selectors, services, shown
from capillary.web.api.problems import wrong_value
from capillary.web.api.schemas import (
    AssessmentOut,
    AssessmentRowOut,
    AssessmentStartIn,
    EnterpriseIn,
    EnterpriseOut,
    EnterprisePatch,
    PageIn,
    PageOut,
)
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_start
from capillary.web.enterprises.services import EnterpriseFacts, enterprise_change
from capillary.web.industries.selectors import scheme_named

router = Router(tags=["enterprises"])


@router.get(
    "/enterprises",
    response=PageOut[EnterpriseOut],
    operation_id="enterprises",
    url_name="enterprises",
    summary="List my enterprises",
)
def enterprises(request: HttpRequest, page: Query[PageIn]) -> Any:
    """Return the enterprises of which you are a member, by name."""
    rows = selectors.enterprises_of(request.user)
    return selectors.page(rows, page, lambda row: shown.enterprise(row, [item.role for item in row.mine]))


@router.post(
    "/enterprises",
    response={201: EnterpriseOut},
    operation_id="enterprise_create",
    url_name="enterprises",
    summary="Register an enterprise",
)
def enterprise_create(request: HttpRequest, enterprise: EnterpriseIn, response: HttpResponse) -> Any:
    """Register an enterprise; you become its owner."""
    facts = enterprise.dict()
    _check_places(facts)
    _check_industry(facts)
    made = services.enterprise_create(facts=_facts(facts), by=request.user)
    response["Location"] = reverse("api:enterprise", args=[made.pk])
    return Status(201, shown.enterprise(made, ["owner"]))


@router.get(
    "/enterprises/{uuid:enterprise_id}",
    response=EnterpriseOut,
    operation_id="enterprise",
    url_name="enterprise",
    summary="Read an enterprise",
)
def enterprise(request: HttpRequest, enterprise_id: UUID) -> Any:
    """Return an enterprise's facts and what you are to it."""
    access = enterprise_for(request, enterprise_id, Action.VIEW)
    return shown.enterprise(access.enterprise, access.roles)


@router.patch(
    "/enterprises/{uuid:enterprise_id}",
    response=EnterpriseOut,
    operation_id="enterprise_change",
    url_name="enterprise",
    summary="Change an enterprise's facts",
)
def enterprise_patch(request: HttpRequest, enterprise_id: UUID, enterprise: EnterprisePatch) -> Any:
    """Change facts of an enterprise; only its owners may. What is left out stays as it is."""
    with transaction.atomic():
        access = enterprise_for(request, enterprise_id, Action.MANAGE)
        stored = access.enterprise
        now = {
            "name": stored.name,
            "sector": stored.sector,
            "region": stored.region,
            "employees": stored.employees,
            "industry": shown.industry_of(stored),
        }
        given = enterprise.dict(exclude_unset=True)
        _check_places(given)
        _check_industry(given)
        enterprise_change(enterprise=stored, facts=_facts(now | given), by=request.user)
    return shown.enterprise(stored, roles_on(request, stored))


@router.get(
    "/enterprises/{uuid:enterprise_id}/assessments",
    response=PageOut[AssessmentRowOut],
    operation_id="assessments",
    url_name="assessments",
    tags=["assessments"],
    summary="List an enterprise's assessments",
)
def assessments(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return the assessments of an enterprise, the latest first."""
    access = enterprise_for(request, enterprise_id, Action.VIEW)
    rows = Assessment.objects.filter(enterprise=access.enterprise).order_by("-started_at", "pk")
    return selectors.page(rows, page, shown.assessment_row)


@router.post(
    "/enterprises/{uuid:enterprise_id}/assessments",
    response={200: AssessmentOut, 201: AssessmentOut},
    operation_id="assessment_start",
    url_name="assessments",
    tags=["assessments"],
    summary="Start an assessment",
)
def start(request: HttpRequest, enterprise_id: UUID, start: AssessmentStartIn, response: HttpResponse) -> Any:
    """Start the next assessment under a standard (201), or return the one that is still open (200)."""
    with transaction.atomic():
        access = enterprise_for(request, enterprise_id, Action.ANSWER)
        variant = _variant(start)
        before = set(_open(access.enterprise.pk, start.standard))
        made = assessment_start(
            enterprise=access.enterprise, standard=start.standard, by=request.user, variant=variant
        )
    response["Location"] = reverse("api:assessment", args=[made.pk])
    return Status(200 if made.pk in before else 201, shown.assessment(made))


def _open(enterprise: UUID, standard: str) -> Any:
    return Assessment.objects.filter(
        enterprise=enterprise, standard=standard, status=Assessment.Status.OPEN
    ).values_list("pk", flat=True)


def _variant(start: AssessmentStartIn) -> str:
    """Return the variant to start with; empty where none was named.

    Raises:
        ApiProblem: there is no such standard, or it has no such variant.
    """
    found = engine.standards().get(start.standard)
    if found is None:
        raise wrong_value(
            "body.standard",
            "unknown-standard",
            _("There is no such standard."),
            _("Take one of: %(names)s.") % {"names": ", ".join(engine.standards())},
        )
    known = [item.id for item in found.file.variants]
    if start.variant and start.variant not in known:
        names = ", ".join(known)
        remedy = _("Take one of: %(names)s.") % {"names": names} if known else _("Take the entry out.")
        raise wrong_value("body.variant", "unknown-variant", _("The standard has no such variant."), remedy)
    return start.variant or ""


def _facts(given: dict[str, Any]) -> EnterpriseFacts:
    scheme, _colon, code = (given["industry"] or "").partition(":")
    return EnterpriseFacts(
        name=given["name"] or "",
        sector=given["sector"] or "",
        region=given["region"] or "",
        employees=given["employees"],
        industry_scheme=scheme,
        industry_code=code,
    )


def _check_industry(given: dict[str, Any]) -> None:
    """Refuse codes that the classifications do not have."""
    scheme, _colon, code = (given.get("industry") or "").partition(":")
    known = scheme_named(scheme)
    if given.get("industry") and (
        known is None or code not in engine.library().industries().industries[known]
    ):
        raise wrong_value(
            "body.industry",
            "unknown-industry",
            _("This code is not known."),
            _("Take one of those that /api/v1/%(list)s lists.") % {"list": "industries"},
        )


def _check_places(given: dict[str, Any]) -> None:
    """Refuse sectors and regions that the content does not know."""
    for name, known in (("sector", engine.library().sectors()), ("region", engine.library().regions())):
        if given.get(name) is not None and given[name] not in known:
            raise wrong_value(
                f"body.{name}",
                f"unknown-{name}",
                _("This code is not known."),
                _("Take one of those that /api/v1/%(list)s lists.") % {"list": f"{name}s"},
            )
