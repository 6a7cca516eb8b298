"""What the tests of outcomes share: finished projects of many firms that solve one scenario, and what they tell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from capillary.web import engine
from capillary.web.enterprises.models import Enterprise
from capillary.web.outcomes import services
from capillary.web.outcomes.models import Outcome
from capillary.web.projects.models import Milestone, Project
from capillary.web.projects.selectors import source_of

if TYPE_CHECKING:
    from capillary.web.accounts.models import User

    from .kit import World

SCENARIO = "salesman-leaves-with-customers"
MEASURES = ("sales-records-spreadsheet", "crm-cloud", "data-access-rights")
NOTHING: dict[str, Any] = {"cost": None, "weeks": None, "hours": None, "improved": [], "wrong": ""}


def finished(enterprise: Enterprise, *, spent: int = 3000, done: int = len(MEASURES)) -> Project:
    """Return a project of a firm whose measures are those of the scenario, the first ones of them done."""
    project = Project.objects.create(
        enterprise=enterprise, standard="miit-2024", name="Customers stay", currency="CNY"
    )
    for number, measure in enumerate(MEASURES):
        is_done = number < done
        Milestone.objects.create(
            project=project,
            number=number + 1,
            measure=measure,
            begins=dt.date(2026, 1, 5 + number),
            due=dt.date(2026, 6, 30),
            status=Milestone.Status.DONE if is_done else Milestone.Status.OPEN,
            spent=spent,
            done_on=dt.date(2026, 2, 20 + number) if is_done else None,
        )
    return project


def told(enterprise: Enterprise, by: User, *, agrees: bool = True, **values: Any) -> Outcome:
    """Return what a firm tells of a finished project."""
    return services.outcome_tell(
        source=source_of(finished(enterprise)),
        scenario=engine.library().scenarios().scenarios[SCENARIO],
        values={**NOTHING, "weeks": 8, **values},
        language="en",
        agrees=agrees,
        by=by,
    )


def another_firm(number: int, employees: int = 80) -> Enterprise:
    """Return one more firm."""
    return Enterprise.objects.create(
        name=f"Firm {number}", sector="machinery", employees=employees, claimed_at=timezone.now()
    )


def counted(world: World, number: int, employees: int = 80, **values: Any) -> Outcome:
    """Return what one more firm tells, as accepted by the officer."""
    row = told(another_firm(number, employees), world.users["owner"], **values)
    services.outcome_accept(outcome=row, by=world.users["officer"], with_words=True)
    row.refresh_from_db()
    return row


def spread(number: int) -> dict[str, Any]:
    """Return what the n-th of several firms tells; no two are alike."""
    improved = {"on": "cost", "of": "office-labour", "before": "40", "after": str(38 - 4 * number)}
    return {
        "cost": Decimal(10_000 * (number + 1)),
        "weeks": 4 + 3 * number,
        "hours": 20 * (number + 1),
        "improved": [{**improved, "how": "counted"}],
        "wrong": f"Lesson {number}",
    }
