"""Writes of the scenarios: one is started in the plan of a firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.planning.starting import measures_start

if TYPE_CHECKING:
    from capillary.content.estimates import Estimate
    from capillary.model.scenario import Scenario
    from capillary.web.accounts.models import User
    from capillary.web.assessments.models import Assessment
    from capillary.web.planning.starting import Started


def scenario_start(
    *, assessment: Assessment, scenario: Scenario, estimate: Estimate, by: User | None
) -> Started:
    """Put the measures of a scenario into the goal of a firm, in any case, and have a roadmap made.

    The goal is that of its latest roadmap; a firm that has none yet, or whose date has passed, gets the next level and time
    enough for the scenario. What the firm has already, and what does not suit it, is left out.

    Raises:
        InputError: the goal makes no sense for the enterprise, such as one that the answers have reached meanwhile.
    """
    return measures_start(assessment=assessment, measures=scenario.measures, weeks=estimate.weeks[1], by=by)
