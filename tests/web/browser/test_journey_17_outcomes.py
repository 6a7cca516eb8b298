"""Journey 17: a project is completed, what came of it is told and reviewed, and the scenario shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.outcomes.figures import LEAST
from capillary.web.outcomes.models import Outcome
from capillary.web.projects.models import Milestone, Project

from ..kit import World, answer, some_answers
from ..outcome_kit import MEASURES, SCENARIO, counted, finished, spread
from .conftest import Visit


@pytest.fixture
def project(world: World) -> Project:
    """Return a project of which one measure is still to be done, where four other firms have told their results."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    for number in range(LEAST - 1):
        counted(world, number, **spread(number))
    made = finished(world.enterprise, done=len(MEASURES) - 1)
    made.milestones.filter(status=Milestone.Status.OPEN).update(begins=dt.date(2026, 1, 12))
    return made


def test_a_project_is_completed_told_and_shown(
    world: World, project: Project, visit: Callable[..., Any]
) -> None:
    anybody = visit()
    page = anybody.go(f"/scenarios/{SCENARIO}/?people=100")
    expect(page.locator("#figures .hint")).to_contain_text(str(LEAST - 1))
    expect(page.locator(".from-results")).to_have_count(0)
    anybody.check("journey-17-too-few")

    owner = visit(world.client("owner"))
    _completed(owner, project)
    _told(owner)
    assert Outcome.objects.get(project=project).is_agreed
    _reviewed(visit(world.client("officer")))
    _shown(anybody)

    page = owner.go(f"/enterprises/{world.enterprise.pk}/outcomes/")
    page.locator("button[name=withdraw]").click()
    expect(page.locator(".alert-success")).to_be_visible()
    page = anybody.go(f"/scenarios/{SCENARIO}/?people=100")
    expect(page.locator(".from-results")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("newest customers")


def _completed(owner: Visit, project: Project) -> None:
    page = owner.go(f"/projects/{project.pk}/")
    last = project.milestones.get(status=Milestone.Status.OPEN)
    page.locator(f'a[href$="/milestones/{last.pk}/complete/"]').click()
    page.locator("details[open] textarea").fill("Seen at work.")
    page.locator("details[open] button.btn-primary").click()
    expect(page.locator('a[href$="/outcome/"]')).to_be_visible()
    owner.check("journey-17-project-done")
    page.locator('form[action$="/end/"] button').click()
    expect(page.locator("#id_cost")).to_be_visible()
    owner.check("journey-17-tell")


def _told(owner: Visit) -> None:
    page = owner.page
    page.fill("#id_before_0", "40")
    page.locator("button.btn-primary").click()
    expect(page.locator("#id_after_0_error")).to_be_visible()
    owner.check("journey-17-wrong")
    page.fill("#id_after_0", "22")
    page.select_option("#id_how_0", "counted")
    for name, value in (("cost", "50000"), ("weeks", "20"), ("hours", "100")):
        page.fill(f"#id_{name}", value)
    page.fill("#id_wrong", "We began with the newest customers only.")
    page.check("#id_agrees")
    page.locator("button.btn-primary").click()
    expect(page.locator(".alert-success")).to_be_visible()
    owner.check("journey-17-told")


def _reviewed(officer: Visit) -> None:
    page = officer.go("/home/")
    page.locator('a[href$="/outcomes/review/"]').click()
    officer.check("journey-17-queue")
    page.locator(".made a").click()
    expect(page.locator("blockquote")).to_contain_text("newest customers")
    officer.check("journey-17-review")
    page.locator("button[name=accept][value=words]").click()
    expect(page.locator(".empty-state")).to_be_visible()


def _shown(anybody: Visit) -> None:
    page = anybody.go("/scenarios/?results=1")
    expect(page.locator(".catalogue li")).to_have_count(1)
    anybody.check("journey-17-catalogue")
    page.locator(".catalogue h2 a").click()
    expect(page.locator(".told-words")).to_contain_text("newest customers")
    page.fill("#id_people", "100")
    page.locator(".size-form button").click()
    expect(page.locator(".from-results")).to_have_count(4)
    anybody.check("journey-17-shown")
    page.emulate_media(media="print")
    expect(page.locator(".from-results").first).to_be_visible()
    anybody.check("journey-17-print")
    page.emulate_media(media="screen")
