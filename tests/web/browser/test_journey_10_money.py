"""Journey 10: what a firm may claim: telling what is missing, why, another day, and the programme behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.funding.models import FirmFacts

from ..kit import World, answer, some_answers


@pytest.fixture
def firm(world: World) -> World:
    """The world with an enterprise that has answered everything."""
    world.assessment = answer(world.assessment, some_answers("miit-2024", 31))
    return world


def test_facts_are_told_and_an_entitlement_explains_itself(firm: World, visit: Callable[..., Any]) -> None:
    browser = visit(firm.client("owner"))
    page = browser.go(f"/assessments/{firm.assessment.pk}/")
    page.locator(f'nav a[href$="/assessments/{firm.assessment.pk}/money/"]').click()
    expect(page.locator("#tell-title")).to_be_visible()
    browser.check("journey-10-money")

    page.locator(f'a[href$="/assessments/{firm.assessment.pk}/money/facts/"]').click()
    page.select_option("#id_city", "hangzhou")
    page.select_option("#id_is_pilot_industry", "yes")
    page.select_option("#id_has_central_funding", "no")
    page.select_option("#id_is_accepted", "yes")
    page.select_option("#id_size_cn", "small")
    page.fill("#id_spend_software", "-1")
    browser.check("journey-10-facts")
    page.locator(".facts-form button.btn-primary").click()
    expect(page.locator("#id_spend_software_error")).to_be_visible()
    page.fill("#id_spend_software", "500000")
    page.fill("#id_spend_cloud", "50000")
    page.fill("#id_spend_gateways", "0")
    page.locator(".facts-form button.btn-primary").click()
    expect(page.locator("#entitled-title")).to_be_visible()
    row = FirmFacts.objects.get()
    FirmFacts.objects.filter(pk=row.pk).update(facts={**row.facts, "level_after": 2})

    browser.go(f"/assessments/{firm.assessment.pk}/money/?on=2026-05-01")
    granted = page.locator(".entitlement", has=page.locator('a[href$="/incentives/cn-hangzhou/"]'))
    expect(granted.locator(".sum")).to_contain_text("220,000")
    granted.locator("details > summary").last.click()
    expect(granted.locator(".trace").last).to_contain_text("550,000")
    browser.check("journey-10-why")
    granted.locator("h3 a").click()
    expect(page.locator(".cases li")).to_have_count(2)
    browser.check("journey-10-programme")
    browser.go("/incentives/?country=ES")
    expect(page.locator(".catalogue > li")).to_have_count(2)
    browser.check("journey-10-programmes")
