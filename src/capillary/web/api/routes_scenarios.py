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
from capillary.web.outcomes.selectors import told_of, with_results
from capillary.web.scenarios.figures import as_json, figures_of
from capillary.web.scenarios.selectors import found_by, sized

if TYPE_CHECKING:
    from collections.abc import Container

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
    told = with_results()
    wish = Wish(
        wanted.q,
        wanted.business,
        wanted.sector,
        wanted.size,
        wanted.capability,
        only=told if wanted.results else None,
    )
    return [_row(item, told) for item in found_by(wish)]


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
    shown, told = sized(found, size.people, size.users, size.machines), told_of(scenario)
    return {
        **_row(found, with_results()),
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
        "reported": told.reported,
        "figures": [as_json(item) for item in figures_of(found, shown)],
        "told": [{"text": item.text, "language": item.language} for item in told.words],
    }


def _row(item: Scenario, told: Container[str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": text(item.title),
        "problem": text(item.problem),
        "serves": list(item.serves),
        "supports": list(item.supports),
        "sectors": list(item.sectors),
        "sizes": list(item.sizes),
        "measures": list(item.measures),
        "has_results": item.id in told,
    }
