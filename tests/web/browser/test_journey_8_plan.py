"""Journey 8: from a goal to plans, a change that is planned again, the way back, files, and what clashes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from capillary.web.planning.models import Roadmap

from ..kit import World, answer, some_answers
from .conftest import Screen


@pytest.fixture
def firm(world: World) -> World:
    """The world with an enterprise that has answered most questions."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    return world


def test_a_goal_becomes_plans_that_can_be_changed_and_taken_along(
    firm: World, visit: Callable[..., Any]
) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/assessments/{firm.assessment.pk}/")
    page.locator(f'a[href$="/assessments/{firm.assessment.pk}/plan/"]').first.click()
    expect(page.locator("input[type=range]")).to_have_count(2)
    browser.check("journey-8-goal")

    page.locator("#id_budget").fill("-5")
    page.locator(".goal-form button.btn-primary").click()
    expect(page.locator("#id_budget_error")).to_be_visible()
    page.locator("#id_budget").fill("900000")
    page.locator(".goal-form button.btn-primary").click()
    expect(page.locator(".measure").first).to_be_visible()
    browser.check("journey-8-plans")
    first = Roadmap.objects.get()
    assert first.wishes["budget"] == 900_000
    count = page.locator("details.plan").first.locator(".measure").count()
    assert count == len(first.result["plans"][0]["measures"]) > 0

    measure = page.locator("details.plan").first.locator(".measure").first
    name = first.result["plans"][0]["measures"][0]["id"]
    measure.locator("details > summary").click()
    browser.check("journey-8-change")
    measure.locator("button[value=exclude]").click()
    expect(page.locator(".fixed")).to_be_visible()
    assert page.locator(f'.measure a[href$="/measures/{name}/"]').count() == 0
    page.locator(f'a[href$="/roadmaps/{first.pk}/"]').click()
    expect(page.locator(f'.measure a[href$="/measures/{name}/"]').first).to_be_visible()

    with page.expect_download() as download:
        page.locator('a[href$="roadmap.pdf"]').click()
    assert len(PdfReader(io.BytesIO(Path(download.value.path()).read_bytes())).pages) == 2
    with page.expect_download() as download:
        page.locator('a[href$="roadmap.xlsx"]').click()
    assert len(load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).sheetnames) >= 3

    page.locator(f'a[href$="/roadmaps/{first.pk}/share/"]').click()
    browser.check("journey-8-share")
    page.locator(".share-form button").click()
    guest = visit()
    guest.page.goto(page.locator("#new-link").input_value())
    expect(guest.page.locator("details.plan").first.locator(".measure")).to_have_count(count)
    expect(guest.page.locator("main form, main .files")).to_have_count(0)
    guest.check("journey-8-shared")
    page.go_back()
    page.go_back()

    page.locator(f'.measure a[href$="/measures/{name}/"]').first.click()
    browser.check("journey-8-measure")
    browser.go("/measures/?cost=free")
    browser.check("journey-8-measures")


@pytest.mark.parametrize("screen", [Screen(375, "en")], ids=lambda item: item.name)
def test_demands_that_clash_come_with_buttons_that_help(firm: World, visit: Callable[..., Any]) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/assessments/{firm.assessment.pk}/plan/")
    page.locator("#id_budget").fill("1000")
    page.locator(".goal-form button.btn-primary").click()
    expect(page.locator(".clash li").first).to_be_visible()
    browser.check("journey-8-clash")
    page.locator('.clash input[value="budget"] ~ button').click()
    expect(page.locator(".measure").first).to_be_visible()
