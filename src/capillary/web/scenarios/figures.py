"""The figures of scenarios: those of finished projects where they may be told, those of the measures elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.content.scenarios import usual_heads
from capillary.outcomes.shown import figures_shown
from capillary.web import engine
from capillary.web.outcomes.selectors import cells_by_scenario, cells_of
from capillary.web.scenarios.selectors import size_class_of, sized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.model.scenario import Scenario
    from capillary.outcomes.figures import Cell
    from capillary.outcomes.shown import Shown
    from capillary.web.scenarios.selectors import Sized

COSTS = ("one_off", "yearly")
UNITS = {"weeks": "weeks", "hours": "hours", "levels": "levels", "effect": "percent-less"}
HEADS = (
    "scenario",
    "title_zh",
    "title_en",
    "size",
    "figure",
    "on",
    "of",
    "unit",
    "source",
    "low",
    "typical",
    "high",
    "projects",
    "from_year",
    "to_year",
    "reported",
    "certainty",
)


def figures_of(
    scenario: Scenario, shown: Sized, cells: Mapping[str, Cell] | None = None
) -> tuple[Shown, ...]:
    """Return the figures of a scenario for a size, in order."""
    found = cells_of(scenario.id) if cells is None else cells
    return figures_shown(shown.estimate, size_class_of(shown.size.employees), found)


def number(value: Any) -> float | int:
    """Return a figure as a plain number: whole where it is whole, else with one decimal."""
    rounded = round(float(value), 1)
    return int(rounded) if rounded.is_integer() else rounded


def as_json(item: Shown) -> dict[str, Any]:
    """Return a figure as JSON builtins."""
    low, typical, high = map(number, item.told)
    return {
        "figure": item.name,
        "on": item.on,
        "of": item.of,
        "source": "results" if item.from_results else "measures",
        "low": low,
        "typical": typical,
        "high": high,
        "projects": item.projects,
        "from_year": item.years[0] if item.years else None,
        "to_year": item.years[1] if item.years else None,
        "reported": item.reported,
        "certainty": None if item.from_results else item.certainty,
    }


def table() -> Iterator[tuple[object, ...]]:
    """Yield the figures of all scenarios, costs for each of their sizes, the rest once."""
    library = engine.library()
    measures = library.measures().measures
    every = cells_by_scenario()
    for scenario in library.scenarios().scenarios.values():
        cells = every.get(scenario.id, {})
        for place, size in enumerate(scenario.sizes):
            shown = sized(scenario, usual_heads(scenario, measures, size))
            for item in figures_of(scenario, shown, cells):
                if item.name in COSTS or place == 0:
                    yield _row(scenario, size if item.name in COSTS else "", item, shown.estimate.currency)


def _row(scenario: Scenario, size: str, item: Shown, currency: str) -> tuple[object, ...]:
    found = as_json(item)
    unit = UNITS.get(item.name, currency)
    head = (scenario.id, scenario.title.zh, scenario.title.en, size, item.name, item.on, item.of, unit)
    return (*head, *(found[name] for name in HEADS[len(head) :]))
