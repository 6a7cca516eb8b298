"""Incentives: what a firm may claim, what it tells for that, and the programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.incentives.spend import counted_spend
from capillary.incentives.together import best_together
from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.api.problems import unusable
from capillary.web.api.schemas import EntitlementsOut, FactsIn, FactsOut, IncentiveOut, OnDayIn
from capillary.web.api.shown import text
from capillary.web.funding.selectors import money_page, told_by
from capillary.web.funding.services import facts_save

if TYPE_CHECKING:
    from capillary.model.programme import Programme, Version
    from capillary.web.funding.models import FirmFacts

router = Router(tags=["incentives"])


@router.get(
    "/assessments/{uuid:assessment_id}/entitlements",
    response=EntitlementsOut,
    operation_id="entitlements",
    url_name="entitlements",
    summary="What the firm may claim",
)
def entitlements(request: HttpRequest, assessment_id: UUID, wanted: Query[OnDayIn]) -> Any:
    """Return what every programme says of the firm on a day, with the trace of every figure, and what is missing to tell."""
    access = assessment_for(request, assessment_id, Action.PLAN)
    try:
        page = money_page(access.assessment, on=wanted.on)
    except InputError as error:
        raise unusable(error.problems, "query.") from error
    found = [*page.entitled, *page.unclear, *page.refused, *page.elsewhere, *page.classes]
    currency = page.situation.currency
    return {
        "on": page.situation.on,
        "currency": currency,
        "programmes": [item.as_json() for item in sorted(found, key=lambda item: item.programme.id)],
        "together": best_together(engine.rules(), found, currency).as_json(currency),
        "missing": [
            {
                "fact": item.fact,
                "programmes": item.programmes,
                "at_stake": None if item.at_stake is None else str(item.at_stake),
            }
            for item in page.missing
        ],
    }


@router.get(
    "/assessments/{uuid:assessment_id}/facts",
    response=FactsOut,
    operation_id="facts",
    url_name="facts",
    summary="What the firm told",
)
def facts(request: HttpRequest, assessment_id: UUID) -> Any:
    """Return what the firm told for the sake of incentives, beside what its assessment says."""
    access = assessment_for(request, assessment_id, Action.PLAN)
    return _told(told_by(access.assessment))


@router.patch(
    "/assessments/{uuid:assessment_id}/facts",
    response=FactsOut,
    operation_id="facts_tell",
    url_name="facts",
    summary="Tell facts",
)
def tell(request: HttpRequest, assessment_id: UUID, body: FactsIn) -> Any:
    """Keep facts of the firm; null forgets one, and what is not named stays. All or none are kept."""
    access = assessment_for(request, assessment_id, Action.PLAN)
    aids = None if body.aids is None else [item.dict(exclude_none=True) for item in body.aids]
    currency = body.currency or told_by(access.assessment).currency
    try:
        row = facts_save(
            enterprise=access.enterprise, by=access.user, facts=body.facts, aids=aids, currency=currency
        )
    except InputError as error:
        raise unusable(error.problems, "body.facts.") from error
    return _told(row)


@router.get(
    "/incentives",
    response=list[IncentiveOut],
    operation_id="incentives",
    url_name="incentives",
    summary="List the incentive programmes",
)
def incentives(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return every programme that this installation can judge by."""
    return [
        {
            "id": item.id,
            "title": text(item.title),
            "summary": text(item.summary),
            "kind": item.kind,
            "country": item.country,
            "currency": item.currency,
            "versions": [
                {
                    "id": version.id,
                    "effective_from": version.effective_from,
                    "effective_to": version.effective_to,
                    "certainty": version.certainty or item.certainty,
                    "spend": _spend(item, version),
                }
                for version in item.versions
            ],
        }
        for _, item in sorted(engine.rules().programmes.items())
    ]


def _spend(programme: Programme, version: Version) -> dict[str, Any] | None:
    counted = counted_spend(engine.rules(), programme, version)
    if counted is None:
        return None
    categories = None if counted.categories is None else sorted(counted.categories)
    return {"categories": categories, "certainty": counted.certainty}


def _told(row: FirmFacts) -> dict[str, Any]:
    return {"facts": row.facts, "aids": row.aids, "currency": row.currency}
