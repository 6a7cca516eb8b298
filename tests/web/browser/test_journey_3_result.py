"""Journey 3: the result page, its account, charts, history, files and share links."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_complete, grades_change
from capillary.web.enterprises.models import Consent, Enterprise
from capillary.web.results.models import ShareLink
from capillary.web.results.peers import LEAST_PEERS
from capillary.web.results.services import peers_refresh

from ..kit import World, answer, some_answers


@pytest.fixture
def told(world: World) -> World:
    """The world with an answer better than before, and evidence behind some answers."""
    question = "Q08"
    world.assessment = answer(world.assessment, {**some_answers("miit-2024", 18), question: "B"})
    grades_change(assessment=world.assessment, grades={"Q01": "documented", "Q02": "measured"})
    return world


def address(world: World, page: str = "") -> str:
    return f"/assessments/{world.assessment.pk}/{page}"


def test_the_result_opens_down_to_the_source(told: World, visit: Callable[..., Any]) -> None:
    browser = visit(told.client("owner"))
    page = browser.go(address(told))
    expect(page.locator("figure.chart svg")).to_be_visible()
    expect(page.locator("#dimensions-title ~ .beside tbody tr")).to_have_count(4)
    browser.check("journey-3-result")

    leaf = page.locator(".node.leaf").first
    page.locator(".account .node .node > summary").first.click()
    leaf.locator("> summary").click()
    expect(leaf.locator(".origin")).to_be_visible()
    source = leaf.locator(".origin a.ref")
    number = source.inner_text().strip("[]")
    source.click()
    expect(page.locator(f"#source-{number}")).to_be_in_viewport()
    shortcomings = page.locator("#shortcomings")
    shortcomings.locator("summary").click()
    expect(shortcomings.locator("li").first).to_be_visible()
    browser.check("journey-3-result-open")


def test_the_rest_is_there_on_demand_and_another_standard_starts(
    told: World, visit: Callable[..., Any]
) -> None:
    browser = visit(told.client("owner"))
    page = browser.go(address(told))
    folds = page.locator("#steps-title ~ details.fold")
    for number in range(folds.count()):
        folds.nth(number).locator("summary").click()
        expect(folds.nth(number).locator("li").first).to_be_visible()
    page.locator(".across form button").first.click()
    page.wait_for_url("**/questions/**")
    assert told.enterprise.assessments.count() == 3


def test_the_history_shows_what_changed(told: World, visit: Callable[..., Any]) -> None:
    browser = visit(told.client("owner"))
    page = browser.go(address(told, "history/"))
    expect(page.locator("figure.chart svg")).to_be_visible()
    expect(page.locator(".result-parts > section").first.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".changes > li").first).to_be_visible()
    browser.check("journey-3-history")


def test_a_share_link_shows_the_result_until_it_is_withdrawn(told: World, visit: Callable[..., Any]) -> None:
    browser = visit(told.client("owner"))
    page = browser.go(address(told, "share/"))
    browser.check("journey-3-share")
    page.locator(".share-form button").click()
    link = page.locator("#new-link").input_value()
    browser.check("journey-3-share-made")

    guest = visit()
    shown = guest.page
    answer = shown.goto(link)
    assert answer.status == 200
    assert answer.headers["referrer-policy"] == "no-referrer"
    expect(shown.locator("#result-title")).to_have_text("Example Metal Parts")
    expect(shown.locator("figure.chart svg")).to_be_visible()
    expect(shown.locator(".account")).to_have_count(0)
    guest.check("journey-3-shared")
    other = "zh-hans" if browser.screen.language == "en" else "en"
    shown.locator(f"a[hreflang={other}]").click()
    shown.wait_for_url(f"**/{other}/shared/**")

    page.get_by_role("link").first.focus()
    browser.go(address(told, "share/"))
    page.locator(".links form button").click()
    expect(page.locator(".links form")).to_have_count(0)
    assert shown.goto(link).status == 404
    assert ShareLink.objects.get().uses == 2


def test_the_result_comes_as_pdf_and_as_workbook(told: World, visit: Callable[..., Any]) -> None:
    assessment_complete(assessment=told.assessment, by=told.users["owner"])
    browser = visit(told.client("owner"))
    page = browser.go(address(told))
    kept = {}
    for suffix in ("pdf", "xlsx"):
        with page.expect_download() as waiting:
            page.locator(f".files a[href$='.{suffix}']").click()
        download = waiting.value
        assert download.suggested_filename.startswith("Example-Metal-Parts-miit-2024-T1-")
        kept[suffix] = Path(download.path()).read_bytes()
    text = PdfReader(io.BytesIO(kept["pdf"])).pages[0].extract_text()
    assert "Example Metal Parts" in text
    assert ("江苏" if browser.screen.language == "zh-hans" else "Jiangsu") in text
    book = load_workbook(io.BytesIO(kept["xlsx"]))
    assert len(book.sheetnames) == 4
    assert book.worksheets[0]["B2"].value == "Example Metal Parts"


def test_a_check_is_compared_with_peers_and_can_be_kept(world: World, visit: Callable[..., Any]) -> None:
    for number in range(LEAST_PEERS + 2):
        peer = Enterprise.objects.create(sector="machinery", employees=30)
        Consent.objects.create(enterprise=peer, purpose="benchmark")
        Assessment.objects.create(
            enterprise=peer,
            standard="miit-2024",
            status="completed",
            completed_at=timezone.now(),
            score_low=5 * number,
            score_high=5 * number,
            level_low=number // 4,
            level_high=number // 4,
        )
    peers_refresh()
    browser = visit(world.client("holder"))
    page = browser.go(f"/assessments/{world.check.pk}/")
    expect(page.locator(".keep a")).to_be_visible()
    expect(page.locator(".quartiles > div")).to_have_count(4)
    browser.check("journey-3-check")
