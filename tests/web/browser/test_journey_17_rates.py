"""Journey 17: rates are loaded with a preview, a visitor reads prices in a currency of their own, an owner states a code."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from playwright.sync_api import expect

from capillary.web.enterprises.models import Enterprise
from capillary.web.rates.models import ExchangeRate

from ...market_kit import listed, offer
from ..market_kit import FAR, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kit import World


def _file(rate: str) -> dict[str, Any]:
    day = timezone.localdate() - dt.timedelta(days=1)
    text = f"Date,USD,CNY,\n{day},{rate},10,\n"
    return {"name": "eurofxref.csv", "mimeType": "text/csv", "buffer": text.encode()}


def _loaded(office: Any) -> None:
    page = office.go("/admin/rates/")
    page.locator("#id_file").set_input_files(_file("0"))
    page.locator(".admin-form input.default").click()
    expect(page.locator(".errornote li")).to_have_count(1)
    office.check("journey-17-wrong-file")
    page.locator("#id_file").set_input_files(_file("1.25"))
    page.locator(".admin-form input.default").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    office.check("journey-17-preview")
    page.locator("main input.default, #content-main input.default").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    office.check("journey-17-loaded")
    office.go("/admin/rates/enter/")
    office.check("journey-17-enter")


def test_prices_in_ones_own_currency(world: World, visit: Callable[..., Any]) -> None:
    publish(offer("euro", **FAR, price=listed(1000, 50, currency="EUR")))
    _loaded(visit(world.client("administrator")))
    assert ExchangeRate.objects.count() == 2
    reader = visit()
    page = reader.go("/market/")
    page.locator("#mine-currency").select_option("USD")
    page.locator(".choose-currency button").click()
    expect(page.locator(".in-mine")).to_contain_text("1,250")
    reader.check("journey-17-market")
    page.locator('.catalogue h2 a[href*="offers/euro"]').click()
    expect(page.locator(".in-mine")).to_contain_text("62.50")
    reader.check("journey-17-offer")
    reader.go("/rates/?amount=100&one=EUR&other=USD")
    expect(page.locator(".part h2")).to_contain_text("USD 125")
    reader.check("journey-17-rates")


def test_a_code_is_looked_up_and_stated(world: World, visit: Callable[..., Any]) -> None:
    owner = visit(world.client("owner"))
    page = owner.go("/industries/")
    owner.check("journey-17-sections")
    page.locator("#q").fill("C35")
    page.locator("main form button").click()
    expect(page.locator(".catalogue h2")).to_have_count(1)
    owner.check("journey-17-code")
    owner.go(f"/enterprises/{world.enterprise.pk}/edit/")
    page.locator("#id_industry_scheme").select_option("gbt-4754")
    page.locator("#id_industry_code").fill("3562")
    page.locator("#id_sector").select_option("")
    owner.check("journey-17-facts")
    page.locator("main form .btn-primary").click()
    expect(page.locator('dl.facts a[href*="q=C35"]')).to_be_visible()
    owner.check("journey-17-enterprise")
    found = Enterprise.objects.get(pk=world.enterprise.pk)
    assert (found.industry_code, found.sector) == ("C35", "machinery")
