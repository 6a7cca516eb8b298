"""Journey 17: a firm in Spain finds a Chinese firm without a name, is interested, both agree, and they write to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.cooperation.models import CooperationProfile, Interest

from ..kit import World
from ..partner_kit import BUYER, SHAFTS, partner_world, public, request_of_buyer


@pytest.fixture
def world(transactional_db: None) -> World:
    return partner_world()


def _found(abroad: Any, row: CooperationProfile) -> None:
    """Find the profile in the catalogue, with its level read across."""
    page = abroad.go("/partners/")
    abroad.check("journey-17-catalogue")
    page.locator("#f-country").select_option("CN")
    page.locator("form.filters button.btn-primary").click()
    expect(page.locator(".catalogue li")).to_have_count(1)
    page.locator(f'a[href$="/partners/{row.reference}/"]').click()
    expect(page.locator("#level .level-seen")).to_be_visible()
    page.locator("#mine-currency").select_option("EUR")
    page.locator("form.choose-currency button").click()
    expect(page.locator(".in-mine")).to_contain_text("EUR 100,000")
    expect(page.locator("main")).not_to_contain_text(SHAFTS)
    expect(page.locator("main")).not_to_contain_text("li@metal.example")
    abroad.check("journey-17-profile")
    page.locator("#standard").select_option("miit-2024")
    page.locator(".standard-form button").click()
    expect(page.locator("#level .level-seen strong")).to_be_visible()


def _interested(abroad: Any) -> Interest:
    page = abroad.page
    page.locator("#id_sought").fill(f"{BUYER} seeks two hundred shafts each month.")
    page.locator("#id_who").fill(f"{BUYER}, Ana, ana@ejemplo.example")
    page.locator("#interest form button.btn-primary").click()
    expect(page.locator("#id_sought_error")).to_be_visible()
    expect(page.locator("#id_who")).to_have_value(f"{BUYER}, Ana, ana@ejemplo.example")
    abroad.check("journey-17-refused")
    page.locator("#id_sought").fill("Two hundred shafts each month.")
    page.locator("#interest form button.btn-primary").click()
    expect(page.locator("h1#interest-title")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(SHAFTS)
    abroad.check("journey-17-expressed")
    return Interest.objects.get()


def _answered(home: Any, abroad: Any, world: World, interest: Interest) -> None:
    page, desk = home.go(f"/enterprises/{world.enterprise.pk}/partners/"), abroad.page
    home.check("journey-17-received")
    page.locator(f'#received a[href$="/interests/{interest.pk}/"]').click()
    expect(page.locator("main")).not_to_contain_text(BUYER)
    expect(page.locator("main")).not_to_contain_text("ana@ejemplo.example")
    home.check("journey-17-anonymous")
    page.locator("#id_message_text").fill("Which steel?")
    page.locator("#thread form button").click()
    expect(page.locator("#thread li")).to_have_count(1)
    desk.reload()
    expect(desk.locator("#thread")).to_contain_text("Which steel?")
    page.locator('form[action$="/agree/"] button').click()
    expect(page.locator("#names")).to_contain_text(BUYER)
    expect(page.locator("#names")).to_contain_text("ana@ejemplo.example")
    home.check("journey-17-named")
    desk.reload()
    expect(desk.locator("#names")).to_contain_text(SHAFTS)
    desk.locator("#id_message_text").fill("Hello, this is Ana. 42CrMo4, please.")
    desk.locator("#thread form button").click()
    expect(desk.locator("#thread li")).to_have_count(2)
    abroad.check("journey-17-messages")
    page.reload()
    expect(page.locator("#thread")).to_contain_text("this is Ana")


def test_a_firm_abroad_finds_a_partner(world: World, visit: Callable[..., Any]) -> None:
    row = public(world)
    request_of_buyer(world)
    abroad, home = visit(world.client("buyer")), visit(world.client("owner"))
    _found(abroad, row)
    interest = _interested(abroad)
    _answered(home, abroad, world, interest)
    interest.refresh_from_db()
    assert interest.named


def test_a_profile_is_written_reviewed_and_fits(world: World, visit: Callable[..., Any]) -> None:
    request_of_buyer(world)
    firm, officer = visit(world.client("owner")), visit(world.client("officer"))
    page = firm.go(f"/enterprises/{world.enterprise.pk}/")
    page.locator(f'main a[href$="/enterprises/{world.enterprise.pk}/partners/"]').click()
    firm.check("journey-17-empty")
    page.locator('a[href$="/partners/new/"]').click()
    firm.check("journey-17-form")
    page.locator("#id_title_zh").fill("小批量精密轴")
    page.locator("#id_title_en").fill("Precise shafts in small lots")
    page.locator("#id_summary_zh").fill("车削、磨削小批量轴类零件")
    page.locator("#id_summary_en").fill(f"{SHAFTS} turns and grinds shafts")
    page.locator("#id_description_zh").fill("公差可达 0.005 毫米。")
    page.locator('input[name="industries"][value="gbt-4754:C33"]').check()
    page.locator('input[name="partnerships"][value="supply"]').check()
    page.locator("#id_contact").fill("Li, li@metal.example")
    page.locator('button[name="submit"]').click()
    expect(page.locator("#id_summary_en_error")).to_be_visible()
    firm.check("journey-17-form-refused")
    page.locator("#id_summary_en").fill("Turned and ground shafts in small lots")
    page.locator('button[name="submit"]').click()
    expect(page.locator("#profiles .state-tag")).to_be_visible()
    firm.check("journey-17-mine")
    desk = officer.go("/office/partners/")
    officer.check("journey-17-queue")
    desk.locator(".catalogue a").click()
    expect(desk.locator("main")).not_to_contain_text(SHAFTS)
    officer.check("journey-17-review")
    desk.locator('button[name="publish"]').click()
    expect(desk.locator(".empty-state")).to_be_visible()
    page.reload()
    page.locator('#profiles a[href$="/fits/"]').click()
    expect(page.locator("#fitting .catalogue > li")).to_have_count(1)
    firm.check("journey-17-fits")
