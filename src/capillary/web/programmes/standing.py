"""Copies where an enterprise stands into its enrolments, so that lists and dashboards read one table."""

from __future__ import annotations

from typing import Any

from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.programmes.models import CONSENTING, Enrolment

CLOSED = (Assessment.Status.COMPLETED, Assessment.Status.SIGNED)


def standing_of(assessment: Assessment) -> dict[str, Any]:
    """Return the columns of an enrolment that an assessment decides."""
    enterprise = assessment.enterprise
    return {
        "assessment": assessment,
        "name": enterprise.name,
        "sector": enterprise.sector,
        "region": enterprise.region,
        "employees": enterprise.employees,
        "level_low": assessment.level_low,
        "level_high": assessment.level_high,
        "score_low": assessment.score_low,
        "score_high": assessment.score_high,
        "supported_level": assessment.supported_level,
        "weakest": weakest_dimension(assessment),
        "assessed_at": assessment.completed_at,
        "assessments": assessment.number + 1,
    }


def standing_refresh(assessment: Assessment) -> None:
    """Bring the enrolments of an assessment's enterprise up to date, in programmes under its standard that it is still in.

    The last closed assessment counts, also where the figures of an older one changed.
    """
    later = {"assessment__number__gt": assessment.number, "assessment__status__in": CLOSED}
    mine = Enrolment.objects.filter(
        CONSENTING, enterprise=assessment.enterprise_id, programme__standard=assessment.standard
    )
    mine.exclude(**later).update(**standing_of(assessment))


def weakest_dimension(assessment: Assessment) -> str:
    """Return the dimension in which the enterprise certainly reaches the smallest share; empty where none counts."""
    standard = engine.standard_of(assessment)
    tops = engine.dimension_tops(standard.id)
    shares = {
        name: span[0] / tops[name] for name, span in assessment.dimensions.items() if tops.get(name, 0) > 0
    }
    return min(shares, key=lambda name: shares[name], default="")
