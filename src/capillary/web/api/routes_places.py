"""Offerings of places: what is announced, how a draw is made again, and what an enterprise asked for. Only to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.web.access import Action, enterprise_for
from capillary.web.api import selectors
from capillary.web.api.problems import not_found
from capillary.web.api.schemas import OfferingFullOut, OfferingOut, PageIn, PageOut, PlaceRequestOut
from capillary.web.places.models import Draw, Offering, PlaceRequest
from capillary.web.places.selectors import (
    announced,
    by_provider,
    counts_of,
    places_in,
    public_count,
    requests_of,
)

if TYPE_CHECKING:
    from capillary.web.places.models import Provider

router = Router(tags=["places"])


@router.get(
    "/offerings",
    response=PageOut[OfferingOut],
    operation_id="offerings",
    url_name="offerings",
    summary="List the offerings of places",
)
def offerings(request: HttpRequest, page: Query[PageIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the announced offerings, those that take requests first."""
    return selectors.page(announced(), page, _row)


@router.get(
    "/offerings/{uuid:offering_id}",
    response=OfferingFullOut,
    operation_id="offering",
    url_name="offering",
    summary="Read an offering of places",
)
def offering(request: HttpRequest, offering_id: UUID) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return an offering with its rules, providers and counts, and after the publication what makes the draw again."""
    row = announced().filter(pk=offering_id).first()
    if row is None:
        raise not_found()
    drawn = Draw.objects.filter(offering=row).first() if row.is_published() else None
    providers = by_provider(row)
    return {
        **_row(row),
        "rules": row.rules,
        "places": places_in(row),
        "asked": public_count(counts_of(row)["all"]),
        "providers": [_provider(item, taken=drawn is not None) for item in providers],
        "commitment": row.commitment,
        "seed": None if drawn is None else str(drawn.seed),
        "key": None if drawn is None else row.key,
        "firms_sha256": None if drawn is None else drawn.tables.marks[0],
        "providers_sha256": None if drawn is None else drawn.tables.marks[1],
    }


@router.get(
    "/enterprises/{uuid:enterprise_id}/places",
    response=PageOut[PlaceRequestOut],
    operation_id="places",
    url_name="places",
    summary="List what an enterprise asked for",
)
def places(request: HttpRequest, enterprise_id: UUID, page: Query[PageIn]) -> Any:
    """Return an enterprise's requests for places, the last one that changed first."""
    access = enterprise_for(request, enterprise_id, Action.PLACE)
    return selectors.page(requests_of(access.enterprise), page, _request)


def _row(row: Offering) -> dict[str, Any]:
    office = row.organisation
    return {
        "id": row.pk,
        "code": row.code,
        "kind": row.kind,
        "state": row.state,
        "title": {"zh": row.title_zh, "en": row.title_en},
        "organisation": {"zh": office.name_zh, "en": office.name_en},
        "opens_on": row.opens_on,
        "closes_on": row.closes_on,
    }


def _provider(item: Provider, *, taken: bool) -> dict[str, Any]:
    return {
        "name": item.name,
        "capacity": item.capacity,
        "region": item.region,
        "taken": item.taken if taken else None,
    }


def _request(row: PlaceRequest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "offering": row.offering_id,
        "reference": row.reference,
        "state": row.state,
        "asked_on": row.asked_on,
        "provider": None if row.provider is None else row.provider.name,
        "choice": row.choice,
        "place": row.place,
        "answer_by": row.answer_by,
        "explanation": {"zh": row.words.get("zh", []), "en": row.words.get("en", [])},
    }
