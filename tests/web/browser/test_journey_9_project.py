"""Journey 9: a project is carried out, and what is done raises the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.assessments.models import Assessment
from capillary.web.projects.models import Milestone, Project

from ..kit import World, answer, some_answers


@pytest.fixture
def project(world: World) -> Project:
    """Return a project of two milestones."""
    world.assessment = answer(world.assessment, {**some_answers("miit-2024", 28), "S05": 0})
    made = Project.objects.create(
        enterprise=world.enterprise,
        standard="miit-2024",
        name="Level 2",
        currency="CNY",
        budget=50_000,
        level=2,
    )
    for number, measure in enumerate(("crm-cloud", "data-rules"), 1):
        Milestone.objects.create(
            project=made,
            number=number,
            measure=measure,
            begins=dt.date(2026, 1, 1),
            due=dt.date(2026, 3 * number, 28),
            planned=9000,
        )
    return made


def test_a_milestone_is_given_to_somebody_done_and_raises_answers(
    world: World, project: Project, visit: Callable[..., Any]
) -> None:
    browser = visit(world.client("owner"))
    page = browser.go(f"/enterprises/{world.enterprise.pk}/projects/")
    browser.check("journey-9-projects")
    page.locator(f'a[href$="/projects/{project.pk}/"]').click()
    expect(page.locator(".state-tag.late")).to_have_count(2)
    browser.check("journey-9-project")
    first = project.milestones.first()
    assert first is not None
    page.locator(f'a[href$="/milestones/{first.pk}/"]').click()
    page.locator("#id_owner").fill("IT")
    browser.check("journey-9-milestone")
    page.locator("main form button.btn-primary").click()
    page.locator(f'a[href$="/milestones/{first.pk}/complete/"]').click()
    browser.check("journey-9-complete")
    page.locator("details[open] textarea").fill("Seen at work.")
    page.locator("details[open] button.btn-primary").click()
    expect(page.locator(".state-tag.up")).to_have_count(1)
    browser.check("journey-9-done")
    first.refresh_from_db()
    assert first.raised
    answers = Assessment.objects.get(pk=world.assessment.pk).answers
    assert set(first.raised) <= set(answers)
