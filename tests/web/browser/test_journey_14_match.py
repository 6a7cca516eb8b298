"""Journey 14: a weakness becomes a need, an offer, a contract, a delivery, and a better profile; a lead; a complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.matches.models import Match

from ..kit import World
from ..match_kit import PDF, match_world, need


@pytest.fixture
def world(transactional_db: None) -> World:
    return match_world()


def _published(firm: Any, world: World) -> None:
    """Publish a need in two clicks from the result page."""
    page = firm.go(f"/assessments/{world.assessment.pk}/")
    page.locator('a[href$="/need/"]').first.click()
    firm.check("journey-14-need-new")
    for box in page.locator('input[name="measures"]').all():
        if box.is_checked():
            box.uncheck()
    page.locator(".need-measures details > summary").click()
    page.locator('input[name="measures"][value="data-rules"]').check()
    page.locator("#id_words").fill("Example Metal Parts needs help")
    page.locator("main button.btn-primary").click()
    expect(page.locator("#id_words_error")).to_be_visible()
    expect(page.locator("#id_words")).to_have_value("Example Metal Parts needs help")
    page.locator("#id_words").fill("We keep data in many places.")
    page.locator("main button.btn-primary").click()
    expect(page.locator("#offers")).to_be_visible()
    firm.check("journey-14-need")


def _sent(firm: Any) -> Match:
    page = firm.page
    page.locator('form[action*="/send/"] button.btn-primary').click()
    expect(page.locator("#offers .alert")).to_be_visible()
    page.locator('input[name="offer"]').check()
    page.locator('form[action*="/send/"] button.btn-primary').click()
    expect(page.locator(".catalogue .state-tag").first).to_be_visible()
    firm.check("journey-14-sent")
    return Match.objects.get()


def _quoted(shop: Any, row: Match) -> None:
    page = shop.go("/leads/")
    shop.check("journey-14-leads")
    page.locator(f'a[href$="/matches/{row.pk}/"]').click()
    expect(page.locator("main")).not_to_contain_text("Example Metal Parts")
    shop.check("journey-14-anonymous")
    page.locator('form[action*="/take/"] button').click()
    expect(page.locator(".who")).to_contain_text("Example Metal Parts")
    form = page.locator('form[action*="/quotes/"]')
    form.locator("#id_quote_one_off").fill("6000")
    form.locator("#id_quote_yearly").fill("4800")
    form.locator("button").click()
    expect(page.locator("#id_quote_weeks_error")).to_be_visible()
    expect(page.locator("#id_quote_one_off")).to_have_value("6000")
    form.locator("#id_quote_weeks").fill("6")
    form.locator("#id_quote_file").set_input_files(
        {"name": "quote.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    form.locator("button").click()
    expect(page.locator("#quotes")).to_be_visible()
    shop.check("journey-14-quoted")


def _delivered(firm: Any, shop: Any, row: Match) -> None:
    page, desk = firm.page, shop.page
    firm.go(f"/matches/{row.pk}/")
    firm.check("journey-14-quote")
    page.locator('form[action*="/contract/"] button').click()
    expect(page.locator("#contract")).to_be_visible()
    page.locator("#id_message_text").fill("When do you begin?")
    page.locator('form[action*="/messages/"] button').click()
    desk.reload()
    expect(desk.locator("#thread")).to_contain_text("When do you begin?")
    shop.check("journey-14-contracted")
    desk.locator('form[action*="/deliver/"] button').click()
    page.reload()
    expect(page.locator('input[name="raises"]')).to_be_checked()
    firm.check("journey-14-delivered")
    page.locator('form[action*="/confirm/"] button').click()
    expect(page.locator('form[action*="/measure/"]')).to_be_visible()
    page.locator("#id_measure_cost").fill("10000")
    page.locator('form[action*="/measure/"] button').click()
    for name in ("satisfied", "in_use", "trained"):
        page.locator(f'input[name="{name}"][value="yes"]').check()
    firm.check("journey-14-rate")
    page.locator('form[action*="/rate/"] button').click()
    expect(page.locator('form[action*="/rate/"]')).to_have_count(0)
    firm.check("journey-14-rated")


def test_a_weakness_is_delivered_and_raises_the_profile(world: World, visit: Callable[..., Any]) -> None:
    before = world.assessment.score_low
    firm, shop = visit(world.client("owner")), visit(world.client("provider"))
    _published(firm, world)
    row = _sent(firm)
    _quoted(shop, row)
    _delivered(firm, shop, row)
    latest = world.enterprise.assessments.order_by("-number").first()
    assert latest is not None
    assert latest.score_low > before
    firm.go(f"/assessments/{latest.pk}/")
    firm.check("journey-14-raised")
    stranger = visit()
    page = stranger.go("/market/providers/shop/")
    expect(page.locator("main")).to_contain_text("1")
    stranger.check("journey-14-record")
    stranger.go("/market/figures/")
    stranger.check("journey-14-figures")


def test_a_provider_is_interested_and_an_officer_mediates(world: World, visit: Callable[..., Any]) -> None:
    row = need(world)
    shop, firm = visit(world.client("provider")), visit(world.client("owner"))
    page = shop.go("/leads/")
    expect(page.locator("main")).not_to_contain_text("Example Metal Parts")
    shop.check("journey-14-lead")
    page.locator('form[action*="/interest/"] button').click()
    match = Match.objects.get(need=row)
    desk = firm.go(f"/enterprises/{world.enterprise.pk}/needs/")
    firm.check("journey-14-needs")
    desk.locator(f'a[href$="/matches/{match.pk}/"]').click()
    expect(desk.locator("h1")).to_be_visible()
    firm.check("journey-14-interest")
    desk.locator('form[action*="/accept/"] button').click()
    expect(desk.locator('form[action*="/messages/"]')).to_be_visible()
    desk.locator(".foot details > summary").last.click()
    desk.locator("#id_complain_text").fill("Nobody answers.")
    desk.locator('form[action*="/complain/"] button').click()
    officer = visit(world.client("officer"))
    office = officer.go("/office/complaints/")
    officer.check("journey-14-complaints")
    office.locator(".catalogue a").click()
    office.locator("#id_settle_text").fill("Both go on; the provider answers today.")
    officer.check("journey-14-mediation")
    office.locator('form[action*="/settle/"] button').click()
    expect(office.locator('form[action*="/settle/"]')).to_have_count(0)
    desk.reload()
    expect(desk.locator(".steps-done")).to_contain_text("Both go on; the provider answers today.")
    firm.go("/letters/")
    firm.check("journey-14-letters")
    match.refresh_from_db()
    assert match.settled_at is not None
