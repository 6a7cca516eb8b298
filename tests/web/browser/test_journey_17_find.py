"""Journey 17: anybody finds what helps by everyday words and narrows it down; a firm starts a measure in its plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.planning.models import Roadmap

from ..access_tables.talent import offered_course
from ..kit import World, answer, some_answers
from ..market_kit import demonstrate
from .conftest import Screen


@pytest.fixture
def firm(world: World) -> World:
    """The world with an enterprise that has answered most questions, a market, and a course of an organisation."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 28))
    demonstrate()
    offered_course(world.organisation)
    return world


def menu_lines(page: Any) -> int:
    """Return on how many lines the main menu stands."""
    middles = page.evaluate(
        """() => [...document.querySelectorAll('.top-links a, .top-links button')]
            .map((item) => item.getBoundingClientRect())
            .filter((box) => box.width > 0)
            .map((box) => Math.round((box.top + box.height / 2) / 12))"""
    )
    return len(set(middles))


def test_anybody_finds_by_everyday_words(firm: World, visit: Callable[..., Any], screen: Screen) -> None:
    chinese = screen.language == "zh-hans"
    browser = visit()
    page = browser.go("/")
    browser.check("journey-17-start")
    page.locator('.top-links a[href$="/find/"]').click()
    expect(page.locator(".hub li")).to_have_count(10)
    browser.check("journey-17-hub")

    page.fill("#q", "库存不准" if chinese else "late deliveries")
    page.keyboard.press("Enter")
    expect(page.locator(".found li").first).to_be_visible()
    expect(page.locator(".found li").first.locator(".kind")).to_be_visible()
    browser.check("journey-17-found")

    page.fill("#q", "备份" if chinese else "bakcup")
    page.keyboard.press("Enter")
    page.locator('.kinds a[href*="what=measure"]').click()
    expect(page.locator('.kinds a[href*="what=measure"]')).to_have_attribute("aria-current", "true")
    assert page.locator(".found .kind").count() == page.locator(".found .kind-measure").count()
    page.locator(".narrow-down summary").click()
    page.select_option("#f-price", "free")
    page.locator(".narrow-down button").click()
    expect(page.locator(".narrow-down")).to_have_attribute("open", "")
    browser.check("journey-17-narrowed")

    browser.go("/find/?q=zzzz")
    expect(page.locator(".empty-state")).to_be_visible()
    browser.check("journey-17-empty")

    browser.go("/find/?what=measure&q=CRM")
    page.locator('.found a[href$="/measures/crm-cloud/"]').click()
    browser.check("journey-17-measure")
    page.locator('.result-parts a[href*="what=offer&measure=crm-cloud"]').click()
    expect(page.locator(".found .kind-offer").first).to_be_visible()
    browser.check("journey-17-offers")


def test_a_firm_starts_a_measure_in_its_plan(firm: World, visit: Callable[..., Any]) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go("/measures/?q=backups")
    browser.check("journey-17-measures")
    page.locator(".catalogue h2 a").first.click()
    page.locator('form[action*="/plan/measures/"] button').click()
    expect(page.locator(".measure").first).to_be_visible()
    browser.check("journey-17-plan")
    made = Roadmap.objects.get()
    assert len(made.wishes["pinned"]) == 1


@pytest.mark.parametrize("person", ["", "owner", "administrator"])
def test_the_header_is_tidy(firm: World, visit: Callable[..., Any], screen: Screen, person: str) -> None:
    browser = visit(firm.client(person)) if person else visit()
    page = browser.go("/find/")
    for width in (375, 360) if screen.width < 600 else (1280,):
        page.set_viewport_size({"width": width, "height": 800})
        assert menu_lines(page) == (2 if person == "administrator" and width < 600 else 1)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    browser.check(f"journey-17-header-{person or 'visitor'}")
