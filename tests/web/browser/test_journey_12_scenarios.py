"""Journey 12: from a weakness on the result page to a scenario, its figures for another size, and into the firm's plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.planning.models import Roadmap

from ..kit import World, answer, some_answers
from .conftest import Screen


@pytest.fixture
def firm(world: World) -> World:
    """The world with an enterprise that has answered most questions."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    return world


def test_a_weakness_leads_to_a_scenario_and_into_the_plan(firm: World, visit: Callable[..., Any]) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/assessments/{firm.assessment.pk}/")
    expect(page.locator('.next-steps a[href*="/scenarios/?question="]').first).to_be_visible()
    browser.check("journey-12-result")
    page.locator('.next-steps a[href*="/scenarios/?question="]').first.click()
    expect(page.locator(".catalogue li").first).to_be_visible()
    browser.check("journey-12-helping")

    count = page.locator(".catalogue li").count()
    page.select_option("#size", "medium")
    page.locator(".filters button").click()
    expect(page.locator('.filters a[href*="/scenarios/"]')).to_be_visible()
    assert 1 <= page.locator(".catalogue li").count() <= count
    page.locator(".catalogue h2 a").first.click()
    expect(page.locator("#start-title")).to_be_visible()
    browser.check("journey-12-scenario")

    page.fill("#id_people", "0")
    page.locator(".size-form button").click()
    expect(page.locator("#id_people_error")).to_be_visible()
    browser.check("journey-12-wrong-size")
    page.fill("#id_people", "240")
    page.fill("#id_machines", "90")
    page.locator(".size-form button").click()
    expect(page.locator("#id_people")).to_have_value("240")
    expect(page.locator("#figures")).to_contain_text("90")

    page.locator(".firms button").first.click()
    expect(page.locator(".measure").first).to_be_visible()
    browser.check("journey-12-plan")
    made = Roadmap.objects.get()
    assert made.wishes["pinned"]
    expect(page.locator(".fixed li")).to_have_count(len(made.wishes["pinned"]))
    page.locator('.files a[href*="/scenarios/?assessment="]').click()
    expect(page.locator(".catalogue li").first).to_be_visible()


def test_anybody_searches_reads_and_prints_a_scenario(visit: Callable[..., Any], screen: Screen) -> None:
    browser = visit()
    page = browser.go("/")
    page.locator('.hub a[href$="/scenarios/"]').click()
    browser.check("journey-12-list")
    page.fill("#q", "看板 ERP" if screen.language == "zh-hans" else "order board")
    page.locator(".filters button").click()
    page.locator('.catalogue a[href*="order-board-and-erp-disagree"]').click()
    expect(page.locator(".checklist tbody tr")).to_have_count(5)
    browser.check("journey-12-read")
    page.emulate_media(media="print")
    expect(page.locator(".checklist thead")).to_be_visible()
    expect(page.locator("#start-title")).to_be_hidden()
    browser.check("journey-12-print")
    page.emulate_media(media="screen")
    page.locator(".measure-steps a").first.click()
    browser.check("journey-12-measure")
    page.locator('a[href$="/scenarios/order-board-and-erp-disagree/"]').click()
    expect(page.locator(".checklist tbody tr")).to_have_count(5)
    browser.go("/scenarios/?q=zzzz")
    expect(page.locator(".empty-state")).to_be_visible()
    browser.check("journey-12-empty")
