"""Journey 12: an officer tries out another cap of an incentive programme, and sees who gains and loses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.enterprises.models import Consent
from capillary.web.funding.models import FirmFacts, RuleDraft, Simulation

from ..kit import World
from ..officer_kit import enrol

DAY = "2026-02-01"
SPENT = ("2000000", "400000", "900000", "1200000")


@pytest.fixture
def crowd(world: World) -> World:
    """The world with 64 enterprises, most of which told what incentives ask for and let officers count with it."""
    for number in range(64):
        row = enrol(world, number)
        if number % 5 == 4:
            continue
        facts = {
            "city": "nanjing",
            "size_cn": "small",
            "is_pilot_industry": True,
            "has_central_funding": False,
            "completed_on": "2026-01-15",
            "level_after": 2 + number % 3,
            "spend_software": SPENT[number % 4],
            "spend_cloud": "0",
            "spend_gateways": "0",
        }
        FirmFacts.objects.create(enterprise=row.enterprise, facts=facts, aids=None)
        Consent.objects.create(enterprise=row.enterprise, purpose=Consent.Purpose.INCENTIVES)
    return world


def test_another_cap_is_tried_out_kept_and_compared(  # noqa: PLR0915 - one journey
    crowd: World, visit: Callable[..., Any]
) -> None:
    browser = visit(crowd.client("officer"))
    page = browser.go("/incentives/cn-nanjing/")
    page.locator('a[href$="/incentives/cn-nanjing/rules/"]').click()
    expect(page.locator(".cases li .state-tag.up").first).to_be_visible()
    browser.check("journey-12-rules")

    page.locator('a[href*="/rules/edit/"]').click()
    cap = page.locator("#id_figure-0-cap-bands-0")
    expect(cap).to_have_value("500000")
    browser.check("journey-12-edit")
    # a mistake in the text is named with its line, and what was typed stays
    page.locator("details > summary").click()
    text = page.locator("#id_text")
    whole = text.input_value()
    text.fill(whole.replace("cap) + bonus", "capp) + bonus"))
    cap.fill("300000")
    page.locator('button[value="check"]').click()
    expect(page.locator(".alert-danger code").first).to_contain_text("capp")
    expect(page.locator("#id_figure-0-cap-bands-0")).to_have_value("300000")
    browser.check("journey-12-mistake")
    page.locator("#id_text").fill(whole)
    page.locator('button[value="check"]').click()
    expect(page.locator("#checked-title")).to_be_visible()
    browser.check("journey-12-checked")

    page.locator("#id_on").fill(DAY)
    page.locator('button[value="simulate"]').click()
    expect(page).to_have_url(re.compile("/simulations/"))
    row = Simulation.objects.get()
    assert row.on.isoformat() == DAY
    expect(page.locator("#table-size tr.sum")).to_be_visible()
    browser.check("journey-12-simulation")
    page.locator("#which").select_option("lose")
    page.locator("#firms form button").click()
    expect(page.locator(".firms-table tbody tr").first).to_contain_text("300,000")
    with page.expect_download() as found:
        page.locator('#firms a[href*="format=xlsx"]').click()
    assert found.value.suggested_filename.endswith(".xlsx")
    page.locator('a[href="?publication=1"]').click()
    expect(page.locator("td.held").first).to_be_visible()
    expect(page.locator(".firms-table")).to_have_count(0)
    browser.check("journey-12-publication")

    page.goto(page.url.split("/simulations/")[0] + "/edit/")
    page.locator("#id_figure-0-cap-bands-0").fill("700000")
    page.locator("#id_name").fill("700,000")
    page.locator('button[value="keep"]').click()
    expect(page.locator(".alert-success")).to_be_visible()
    draft = RuleDraft.objects.get()
    browser.check("journey-12-draft")
    page.locator(f'a[href$="other={draft.pk}"]').click()
    expect(page.locator(".plain-table tbody tr")).to_have_count(1)
    browser.check("journey-12-compare")
    page.locator("#id_on").fill(DAY)
    page.locator('form[action$="/simulate/"] button').click()
    expect(page.locator("#table-spread")).to_be_visible()
    browser.go(f"/incentives/cn-nanjing/rules/drafts/{draft.pk}/delete/")
    browser.check("journey-12-delete", picture=False)
    page.locator("main form button.btn-outline-danger").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert not RuleDraft.objects.exists()
