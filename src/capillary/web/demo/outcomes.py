"""Finished projects of the demonstration: one scenario with figures of them, one with too few, and one to be told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from capillary.web import engine
from capillary.web.enterprises.models import Enterprise
from capillary.web.outcomes.pages import effects_of
from capillary.web.outcomes.services import outcome_accept, outcome_tell
from capillary.web.projects.models import Milestone, Project
from capillary.web.projects.selectors import source_of
from capillary.web.scenarios.selectors import sized

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from capillary.model.scenario import Scenario
    from capillary.web.accounts.models import User

SHOWN, FEW, TO_TELL = (
    "order-board-and-erp-disagree",
    "drawing-wrong-version",
    "salesman-leaves-with-customers",
)
# what each firm paid and took, in percent of the measures' typical figures
SPREAD = (70, 85, 95, 110, 125, 150)
FEW_FIRMS = 3
SMALL = (10, 49)
WORDS = (
    ("（演示）头两周两套单子一起用，结果谁都没更新看板。", "zh-hans"),
    ("(Made up for demonstration) The old orders were typed in twice, and nobody noticed for a month.", "en"),
)
DAYS_A_WEEK = 7


def outcomes_load(users: Mapping[str, User], now: dt.datetime) -> None:
    """Let small firms have told what their projects came to, and the firm of the demonstration's owner have one to tell."""
    book = engine.library().scenarios().scenarios
    mine = Enterprise.objects.filter(members__user=users["owner"]).order_by("created_at").first()
    others = Enterprise.objects.filter(claimed_at__isnull=False, employees__range=SMALL).order_by(
        "created_at", "name"
    )
    firms = list(others.exclude(pk=None if mine is None else mine.pk)[: len(SPREAD)])
    for number, firm in enumerate(firms):
        _told(firm, book[SHOWN], number, users, now)
    for number, firm in enumerate(firms[:FEW_FIRMS]):
        _told(firm, book[FEW], number, users, now)
    if mine is not None:
        _finished(mine, book[TO_TELL], 100, now)


def _told(
    firm: Enterprise, scenario: Scenario, number: int, users: Mapping[str, User], now: dt.datetime
) -> None:
    share = SPREAD[number]
    project = _finished(firm, scenario, share, now)
    source = source_of(project)
    text, language = WORDS[number] if number < len(WORDS) and scenario.id == SHOWN else ("", "zh-hans")
    hours = sum(sized(scenario, firm.employees).estimate.hours.values())
    facts = source.facts(scenario)
    values: dict[str, Any] = {
        "cost": facts["cost"],
        "weeks": facts["weeks"],
        "hours": hours * share // 100,
        "improved": [
            {"on": on, "of": of, "before": "100", "after": str(60 + share // 5), "how": "counted"}
            for on, of in effects_of(scenario)
        ],
        "wrong": text,
    }
    told = outcome_tell(
        source=source, scenario=scenario, values=values, language=language, agrees=True, by=users["owner"]
    )
    if scenario.id == SHOWN or number < FEW_FIRMS - 1:  # the last one waits for the officer
        outcome_accept(outcome=told, by=users["officer"], with_words=bool(text))


def _finished(firm: Enterprise, scenario: Scenario, share: int, now: dt.datetime) -> Project:
    """Return a project of a firm that has done all measures of a scenario, at a share of their typical cost and time."""
    estimate = sized(scenario, firm.employees).estimate
    weeks = max(1, estimate.weeks[1] * share // 100)
    begun = now.date() - dt.timedelta(days=DAYS_A_WEEK * (weeks + 4))
    done = begun + dt.timedelta(days=DAYS_A_WEEK * weeks - 1)
    project = Project.objects.create(
        enterprise=firm,
        standard="miit-2024",
        name=scenario.title.zh,
        currency=estimate.currency,
        made_at=now - dt.timedelta(days=DAYS_A_WEEK * (weeks + 4)),
    )
    cost = Decimal(estimate.one_off[1] * share // 100) / len(scenario.measures)
    for number, measure in enumerate(scenario.measures, 1):
        Milestone.objects.create(
            project=project,
            number=number,
            measure=measure,
            begins=begun,
            due=done,
            status=Milestone.Status.DONE,
            planned=int(cost),
            spent=int(cost),
            done_on=done,
        )
    return project
