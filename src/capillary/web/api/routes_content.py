"""What everybody with a token may read: the standards with their questions, sectors, regions; and scoring without storing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.diagnosis.diagnose import supported_sheet
from capillary.model.exact import tidy
from capillary.model.industry import SCHEMES
from capillary.model.problems import InputError
from capillary.scoring.evaluate import score_sheet
from capillary.sheets.answers import read_sheet
from capillary.web import engine
from capillary.web.api import shown
from capillary.web.api.problems import not_found, unusable
from capillary.web.api.schemas import (
    IndustriesIn,
    IndustryOut,
    MeOut,
    NamedOut,
    RateOut,
    RatesIn,
    RegionOut,
    ScoreResultOut,
    SheetIn,
    StandardFullOut,
    StandardOut,
)
from capillary.web.industries.selectors import found_by
from capillary.web.rates.current import table_on
from capillary.web.rates.selectors import rows_in

router = Router(tags=["content"])


@router.get("/me", response=MeOut, operation_id="me", url_name="me", summary="Who am I")
def me(request: HttpRequest) -> Any:
    """Return whose token this is and what it may do. Use it to try out a token."""
    token = getattr(request, "api_token", None)
    return {
        "email": request.user.email,
        "name": request.user.name,
        "token": token and token.name,
        "scope": token.scope if token else "write",
    }


@router.get(
    "/standards",
    response=list[StandardOut],
    operation_id="standards",
    url_name="standards",
    summary="List the standards",
)
def standards(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return every standard of this installation, without questions."""
    return [shown.standard_row(item) for item in engine.standards().values()]


@router.get(
    "/standards/{str:standard}",
    response=StandardFullOut,
    operation_id="standard",
    url_name="standard",
    summary="Read a standard",
)
def standard(request: HttpRequest, standard: str) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return a standard with its questions and their options, all texts in both languages."""
    found = engine.standards().get(standard)
    if found is None:
        raise not_found()
    return {**shown.standard_row(found), "items": [shown.question(item) for item in found.questions]}


@router.get(
    "/sectors",
    response=list[NamedOut],
    operation_id="sectors",
    url_name="sectors",
    summary="List the sectors",
)
def sectors(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the sectors that an enterprise can belong to."""
    found = engine.library().sectors().values()
    return [{"id": item.id, "title": shown.text(item.title)} for item in found]


@router.get(
    "/regions",
    response=list[RegionOut],
    operation_id="regions",
    url_name="regions",
    summary="List the regions",
)
def regions(request: HttpRequest) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the countries and their parts that an enterprise can be in."""
    found = engine.library().regions().values()
    return [{"id": item.id, "title": shown.text(item.title), "parent": item.parent} for item in found]


@router.get(
    "/industries",
    response=list[IndustryOut],
    operation_id="industries",
    url_name="industries",
    summary="Look up codes of industries",
)
def industries(request: HttpRequest, wanted: Query[IndustriesIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return sections and divisions of GB/T 4754, NACE and ISIC by code or name, and what they are in the others."""
    crosswalk = engine.library().industries()
    targets = (wanted.to,) if wanted.to else SCHEMES
    return [crosswalk.as_json(item, targets) for item in found_by(wanted.q, wanted.scheme)]


@router.get(
    "/rates",
    response=list[RateOut],
    operation_id="rates",
    url_name="rates",
    summary="List the exchange rates of a day",
)
def rates(request: HttpRequest, wanted: Query[RatesIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return what one unit of each currency is worth in another on a day, with day, source and certainty."""
    home = wanted.to or engine.library().currencies().base
    table = table_on(wanted.on.isoformat() if wanted.on else None)
    return [
        {
            "currency": row.code,
            "to": home,
            "rate": str(row.exchange.units),
            "about": tidy(row.exchange.units),
            "day": row.exchange.day,
            "certainty": row.exchange.certainty,
            "sources": [shown.words(source) for source in row.exchange.sources],
            "age_days": row.exchange.age,
        }
        for row in rows_in(table, home)
        if row.exchange is not None
    ]


@router.post(
    "/score",
    response=ScoreResultOut,
    operation_id="score",
    url_name="score",
    tags=["scoring"],
    summary="Score an answer sheet",
)
def score(request: HttpRequest, sheet: SheetIn) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Check an answer sheet and score it. Nothing of it is kept."""
    try:
        found = read_sheet(sheet.dict(exclude_none=True), engine.library().find)
    except InputError as error:
        raise unusable(error.problems, "body.") from error
    standard = engine.library().find(found.standard)
    supported = score_sheet(standard, supported_sheet(standard, found)) if found.evidence else None
    return {
        **score_sheet(standard, found).as_json(),
        "supported": None if supported is None else supported.as_json(),
    }
