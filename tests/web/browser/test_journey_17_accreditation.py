"""Journey 17: a provider applies for accreditation, two officers decide, and everybody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from capillary.web.accreditations.models import AccreditationRequest

from ..accreditation_kit import HANGZHOU, accreditation_world, desk_of
from ..application_kit import PDF

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..kit import World


@pytest.fixture
def world(transactional_db: None) -> World:
    found = accreditation_world()
    desk_of(found, HANGZHOU)
    return found


def _applied(shop: Any) -> AccreditationRequest:
    """Look at the criteria, tell one more fact, hand in a paper, and submit."""
    page = shop.go("/market/mine/accreditations/")
    expect(page.locator("section.part")).to_have_count(2)
    shop.check("journey-17-criteria")
    page.locator('a[href$="/facts/"]').click()
    page.locator("#id_provider_reference_cases").fill("4")
    shop.check("journey-17-facts")
    page.locator("main form button").click()
    page.locator("#platform-admission form button").click()
    expect(page.locator("#submit button")).to_be_visible()
    page.locator("#papers summary").click()
    page.locator("#id_paper_file").set_input_files(
        {"name": "register.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.locator('form[action*="/papers/"] button.btn-primary').click()
    expect(page.locator("#papers a[download]")).to_have_text("register.pdf")
    shop.check("journey-17-draft")
    page.locator("#submit button").click()
    expect(page.locator(".alert-success")).to_be_visible()
    shop.check("journey-17-submitted")
    return AccreditationRequest.objects.get()


def _proposed(office: Any, row: AccreditationRequest) -> None:
    """Find it in the queue, state what was looked up, and propose."""
    page = office.go("/office/accreditations/")
    office.check("journey-17-queue")
    page.locator("table a").click()
    page.locator('#decide input[value="grant"]').check()
    page.locator('form[action*="/propose/"] button').click()
    expect(page.locator(".invalid-feedback")).to_be_visible()
    office.check("journey-17-not-met")
    page.locator(f'a[href*="{row.pk}/check/provider_identity_checked"]').click()
    page.locator("#id_provider_identity_checked").select_option("yes")
    page.locator("#id_why").fill("The public register of firms")
    office.check("journey-17-check")
    page.locator("main form button").click()
    page.locator('#decide input[value="grant"]').check()
    page.locator('form[action*="/propose/"] button').click()
    expect(page.locator('form[action*="/confirm/"]')).to_have_count(0)
    office.check("journey-17-proposed")


def test_a_provider_is_accredited_by_two_officers(world: World, visit: Callable[..., Any]) -> None:
    row = _applied(visit(world.client("provider")))
    _proposed(visit(world.client("officer")), row)
    second = visit(world.client("second"))
    page = second.go(f"/accreditations/{row.pk}/")
    second.check("journey-17-second")
    page.locator('form[action*="/confirm/"] button').click()
    expect(page.locator(".state-tag.up").first).to_be_visible()
    second.check("journey-17-decided")
    everybody = visit()
    page = everybody.go("/market/providers/shop/")
    expect(page.locator("#accreditations li")).to_have_count(1)
    everybody.check("journey-17-public")
    page = everybody.go("/market/?accreditation=platform-admission")
    expect(page.locator("main")).to_contain_text("CRM" if everybody.screen.language == "en" else "云端")
    everybody.check("journey-17-market")
    shop = visit(world.client("provider"))
    page = shop.go("/market/mine/bonds/")
    page.locator("#id_party").fill("Example City")
    page.locator("#id_reason_zh").fill("市里持股")
    page.locator("#id_reason_en").fill("The city holds shares")
    page.locator("#declare button").click()
    expect(page.locator("#declared li")).to_have_count(1)
    shop.check("journey-17-bonds")
