"""Journey 12: an enterprise applies, an office asks, two officers decide and pay, and an invoice is not paid twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from capillary.web.applications.models import Application, Call

from ..application_kit import PDF, another_firm, begun, office_world, submitted
from ..kit import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return office_world()


def _file(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF}


def _invoice(page: Any, number: str, total: str) -> None:
    form = page.locator('form[action*="/spend/#spend"]')
    if not form.is_visible():
        page.locator("#spend details > summary").click()
    form.locator("#id_spend_supplier").fill("Example Software Ltd")
    form.locator("#id_spend_number").fill(number)
    form.locator("#id_spend_day").fill("2026-05-05")
    form.locator("#id_spend_total").fill(total)
    form.locator("button").click()


def _drafted(firm: Any) -> None:
    """Begin an application and fill in all that it needs."""
    page = firm.go("/calls/")
    firm.check("journey-12-calls")
    page.locator(".calls h2 a").click()
    firm.check("journey-12-call")
    page.locator('form[action*="/apply/"] button').first.click()
    expect(page.locator(".lacks li").first).to_be_visible()
    _invoice(page, "A-1", "-5")
    expect(page.locator("#id_spend_total_error")).to_be_visible()
    expect(page.locator("#id_spend_supplier")).to_have_value("Example Software Ltd")
    _invoice(page, "A-1", "600000")
    expect(page.locator(".spend tbody tr")).to_have_count(1)
    for number in range(page.locator(".checklist > li").count()):
        page.locator("#papers details > summary").click()
        page.locator("#id_paper_item").select_option(index=number)
        page.locator("#id_paper_file").set_input_files(_file(f"paper-{number}.pdf"))
        page.locator('form[action*="/papers/#papers"] button').click()
        expect(page.locator(".checklist > li.there")).to_have_count(number + 1)
    expect(page.locator(".notice.good")).to_be_visible()
    firm.check("journey-12-draft")


def _signed(page: Any) -> Application:
    page.locator("#id_submit_name").fill("Example Owner")
    page.locator("#sign button").click()
    expect(page.locator("#sign .invalid-feedback")).to_be_visible()
    page.locator("#id_submit_is_true").check()
    page.locator("#sign button").click()
    expect(page.locator("#signed-title")).to_be_visible()
    return Application.objects.get()


def _asked(office: Any, firm: Any) -> None:
    """Let the office ask and the enterprise answer."""
    desk, page = office.go("/office/calls/"), firm.page
    office.check("journey-12-office-calls")
    desk.locator(".calls h2 a").click()
    office.check("journey-12-queue")
    desk.locator(".queue tbody a").click()
    office.check("journey-12-office")
    desk.locator("#decide details > summary").last.click()
    desk.locator("#id_ask_text").fill("Which plant?")
    desk.locator('form[action*="/ask/"] button').click()
    page.reload()
    page.locator("#id_answer_text").fill("The one by the river.")
    firm.check("journey-12-question")
    page.locator('form[action*="/answer/"] button').click()
    expect(page.locator("#asked-title")).to_be_visible()


def _proposed(office: Any) -> None:
    desk = office.page
    desk.reload()
    desk.locator("#decide details > summary").first.click()
    desk.locator('input[name="grants"][value="yes"]').check()
    desk.locator("#id_propose_amount").fill("999999999")
    desk.locator("#id_propose_reasons").fill("Papers and figures agree.")
    desk.locator('form[action*="/propose/"] button').click()
    expect(desk.locator("#id_propose_amount_error")).to_be_visible()
    expect(desk.locator("#id_propose_reasons")).to_have_value("Papers and figures agree.")
    desk.locator("#id_propose_amount").fill("120000")
    desk.locator('form[action*="/propose/"] button').click()
    expect(desk.locator('form[action*="/confirm/"]')).to_have_count(0)
    office.check("journey-12-proposed")


def _paid(office: Any, second: Any, row: Application) -> None:
    """Let the second officer decide and release the payment, and the first one confirm it."""
    desk, other = office.page, second.go(f"/applications/{row.pk}/")
    other.locator('form[action*="/confirm/"] button').click()
    expect(other.locator("#payments-title")).to_be_visible()
    second.check("journey-12-granted")
    other.locator('#payments form[action*="/release/"] button').first.click()
    desk.reload()
    desk.locator("#payments details > summary").first.click()
    desk.locator('form[action*="/payments/"] [id$="_reference"]').fill("T-1")
    desk.locator('#payments form[action*="/confirm/"] button').click()
    expect(desk.locator("#payments .state-tag.up")).to_have_count(1)
    office.go(f"/office/calls/{row.call_id}/ledger/")
    expect(desk.locator("tbody tr")).to_have_count(2)
    office.check("journey-12-ledger")


def test_a_firm_applies_and_two_officers_decide(world: World, visit: Callable[..., Any]) -> None:
    firm = visit(world.client("owner"))
    _drafted(firm)
    row = _signed(firm.page)
    office = visit(world.client("officer"))
    _asked(office, firm)
    _proposed(office)
    _paid(office, visit(world.client("second")), row)
    page = firm.page
    page.reload()
    expect(page.locator(".decision blockquote")).to_have_text("Papers and figures agree.")
    page.locator(".decision details > summary").click()
    expect(page.locator(".decision .trace").last).to_contain_text("600000")
    firm.check("journey-12-decided")
    call = Call.objects.get()
    assert (call.granted, call.paid) == (120_000, 120_000)


def test_an_invoice_that_comes_twice_is_stopped_before_anything_is_granted(
    world: World, visit: Callable[..., Any]
) -> None:
    submitted(world, another_firm(world, "Second Firm"), number="X-77")
    row = begun(world)
    firm = visit(world.client("owner"))
    page = firm.go(f"/applications/{row.pk}/")
    _invoice(page, "x77", "600000")
    expect(page.locator(".spend tbody tr")).to_have_count(1)
    expect(page.locator(".doubt")).to_have_count(0)  # what others claim is nobody's business
    mine = submitted(world, another_firm(world, "Third Firm"), number="x 77")
    office = visit(world.client("officer"))
    desk = office.go(f"/applications/{mine.pk}/")
    expect(desk.locator(".doubt.stands")).to_have_count(2)
    desk.locator("#decide details > summary").first.click()
    desk.locator('input[name="grants"][value="yes"]').check()
    desk.locator("#id_propose_reasons").fill("Seen.")
    desk.locator('form[action*="/propose/"] button').click()
    expect(
        desk.locator("#decide .invalid-feedback, #decide .errorlist, #decide .alert").first
    ).to_be_visible()
    office.check("journey-12-stopped")
    assert mine.decisions.count() == 0
