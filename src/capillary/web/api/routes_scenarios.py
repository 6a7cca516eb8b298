"""Scenarios: searching them, and reading one with its figures for a size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.content.scenarios import Wish
from capillary.web import engine
from capillary.web.api.problems import not_found
from capillary.web.api.schemas import FirmSizeIn, ScenarioFullOut, ScenarioIn, ScenarioOut
from capillary.web.api.shown import text
from capillary.web.scenarios.selectors import found_by, sized

if TYPE_CHECKING:
    from capillary.model.scenario import Scenario

router = Router(tags=["scenarios"])


@router.get(
    "/scenarios",
    response=list[ScenarioOut],
    operation_id="scenarios",
    url_name="scenarios",
    summary="Search the scenarios",
)
def scenarios(request: HttpRequest, wanted: Query[ScenarioIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the scenarios that fit all filters, in the order of the catalogue."""
    wish = Wish(wanted.q, wanted.business, wanted.sector, wanted.size, wanted.capability)
    return [_row(item) for item in found_by(wish)]


@router.get(
    "/scenarios/{str:scenario}",
    response=ScenarioFullOut,
    operation_id="scenario",
    url_name="scenario",
    summary="Read a scenario",
)
def scenario(request: HttpRequest, scenario: str, size: Query[FirmSizeIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return one scenario, with what it costs, takes and brings a firm of a size."""
    book = engine.library().scenarios()
    found = book.scenarios.get(scenario)
    if found is None:
        raise not_found()
    file = book.files[scenario]
    shown = sized(found, size.people, size.users, size.machines)
    return {
        **_row(found),
        "before": text(found.before),
        "after": text(found.after),
        "starts": dict(found.starts),
        "pitfalls": [{"wrong": text(item.wrong), "remedy": text(item.remedy)} for item in found.pitfalls],
        "conditions": [text(item) for item in found.conditions],
        "checklist": [text(item) for item in found.checklist],
        "who": text(found.who),
        "facts": [
            {
                "text": text(item.text),
                "certainty": item.certainty,
                "source": text(file.source_of(item.source).title),
                "url": file.source_of(item.source).url,
            }
            for item in found.facts
        ],
        "certainty": file.certainty,
        "estimate": {
            "people": shown.size.employees,
            "assumed": sorted(shown.size.assumed - {"employees"}),
            **shown.estimate.as_json(),
        },
    }


def _row(item: Scenario) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": text(item.title),
        "problem": text(item.problem),
        "serves": list(item.serves),
        "supports": list(item.supports),
        "sectors": list(item.sectors),
        "sizes": list(item.sizes),
        "measures": list(item.measures),
    }
