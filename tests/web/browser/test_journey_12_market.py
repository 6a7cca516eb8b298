"""Journey 12: a provider publishes, an officer reviews, everybody finds it, and a firm sees why it fits its plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from capillary.web.market.models import MarketOffer

from ...market_kit import MEASURES
from ..kit import World
from ..test_market_plan import roadmap


def test_an_offer_is_written_reviewed_and_found(world: World, visit: Callable[..., Any]) -> None:
    write(visit(world.client("provider")))
    stranger = visit()
    page = stranger.go("/market/")
    expect(page.locator(".empty-state")).to_be_visible()
    publish(visit(world.client("officer")))
    find(stranger)
    roadmap(world)
    fit(visit(world.client("owner")), world)


def tick(page: Any, field: str, *values: str) -> None:
    for value in values:
        page.check(f'input[name="{field}"][value="{value}"]')


def write(provider: Any) -> None:
    page = provider.go("/home/")
    page.locator('a[href$="/market/mine/"]').click()
    provider.check("journey-12-empty")
    page.locator('.empty-state a[href$="/market/mine/profile/"]').click()
    page.select_option("#id_kind", "product-vendor")
    page.fill("#id_summary_zh", "做客户管理软件")
    page.fill("#id_summary_en", "Makes software for sales")
    page.select_option("#id_region", "CN-JS")
    tick(page, "languages", "zh", "en")
    provider.check("journey-12-profile")
    page.locator("main button.btn-primary").click()

    page.locator('a[href$="/market/mine/new/"]').click()
    page.fill("#id_title_zh", "云端客户管理")
    page.fill("#id_title_en", "Sales in the cloud")
    page.fill("#id_summary_zh", "两周上线")
    page.fill("#id_summary_en", "Running in two weeks")
    tick(page, "measures", *MEASURES[:2])
    tick(page, "regions", "CN-JS")
    page.fill("#id_one_off", "12k")
    page.fill("#id_yearly", "4800")
    page.fill("#id_weeks", "2")
    page.fill("#id_places", "10")
    page.fill("#id_valid_to", "2099-12-31")
    page.locator('button[name="submit"]').click()
    expect(page.locator("#id_one_off_error")).to_be_visible()
    provider.check("journey-12-mistake")
    page.fill("#id_one_off", "6000")
    page.locator('button[name="submit"]').click()
    expect(page.locator(".catalogue > li")).to_have_count(1)
    provider.check("journey-12-waits")


def publish(officer: Any) -> None:
    page = officer.go("/home/")
    page.locator('a[href$="/market/review/"]').click()
    officer.check("journey-12-queue")
    page.locator(".catalogue a").click()
    officer.check("journey-12-review")
    page.locator('button[name="publish"]').click()
    expect(page.locator(".empty-state")).to_be_visible()
    assert MarketOffer.objects.get().state == MarketOffer.State.PUBLISHED


def find(stranger: Any) -> None:
    page = stranger.go("/market/")
    page.fill("#q", "云端客户" if stranger.screen.language != "en" else "clouds")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".catalogue > li")).to_have_count(1)
    stranger.check("journey-12-market")
    page.locator(".catalogue a").click()
    expect(page.locator("h1")).to_contain_text(
        "云端客户管理" if stranger.screen.language != "en" else "Sales in the cloud"
    )
    stranger.check("journey-12-offer")
    page.locator('main a[href*="/market/providers/"]').click()
    stranger.check("journey-12-provider")


def fit(owner: Any, world: World) -> None:
    page = owner.go(f"/assessments/{world.assessment.pk}/")
    page.locator(f'nav a[href$="/assessments/{world.assessment.pk}/offers/"]').click()
    expect(page.locator("ol.catalogue > li")).to_have_count(1)
    owner.check("journey-12-plan")
    page.locator('button[name="bundle"]').click()
    expect(page.locator(".state-tag.up")).to_be_visible()
    owner.check("journey-12-bundle")
    owner.go(f"/assessments/{world.assessment.pk}/offers/?budget=100")
    expect(page.locator(".empty-state")).to_be_visible()
    owner.check("journey-12-clash")
