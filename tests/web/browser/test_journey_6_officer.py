"""Journey 6: the programme officer's list, views, exports and dashboard."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pyarrow import parquet

from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise
from capillary.web.programmes.models import Enrolment

from ..kit import World

WORDS = {"en": {"search": "Search", "view": "High levels"}, "zh-hans": {"search": "搜索", "view": "水平较高"}}
SECTORS = ("machinery", "textiles-clothing", "food-drink")
REGIONS = ("CN-JS", "CN-JS", "CN-ZJ", "CN-GD")
KINDS = ("机械厂", "纺织有限公司", "Precision Tools")


@pytest.fixture
def busy(world: World) -> World:
    """The world with 64 enterprises besides, one of which has withdrawn its consent."""
    firms = join(world, 64)
    Enrolment.objects.filter(enterprise=firms[5]).update(withdrawn_at=timezone.now(), name="Withdrawn Tools")
    # two that have joined, but not begun
    Enrolment.objects.filter(enterprise__in=firms[62:]).update(
        assessment=None, level_low=None, level_high=None, score_low=None, score_high=None, assessed_at=None
    )
    return world


@pytest.fixture
def crowded(world: World) -> World:
    """The world with so many enterprises that most figures may be shown."""
    join(world, 400)
    return world


def join(world: World, count: int) -> list[Enterprise]:
    """Let so many enterprises take part: every other one is assessed twice."""
    now = timezone.now()
    firms, done = [], []
    for number in range(count):
        place = {
            "region": "DE" if number % 37 == 36 else REGIONS[number % 4],
            "sector": SECTORS[number % 3],
            "employees": 6 + number % 64 * 5,
        }
        name = f"{KINDS[number % 3]} {number:02}" if number % 3 else f"江河{KINDS[0]} {number:02}"
        firms.append(Enterprise(name=name, claimed_at=now, **place))
    Enterprise.objects.bulk_create(firms)
    for number, firm in enumerate(firms):
        for turn in range(1 + number % 2):
            done.append(  # noqa: PERF401 - two loops read better than one comprehension
                Assessment(
                    enterprise=firm,
                    standard="miit-2024",
                    number=turn,
                    status="completed",
                    completed_at=now - dt.timedelta(days=200 - 100 * turn + number % 90),
                    score_low=20.0 + number % 64 / 2 + 10 * turn,
                    score_high=20.0 + number % 64 / 2 + 10 * turn,
                    level_low=min(4, number // 2 % 4 + turn),
                    level_high=min(4, number // 2 % 4 + turn),
                    supported_level=number // 2 % 3 if number % 3 == 0 else None,
                    dimensions={"foundation": [5, 5], "operation": [9, 9]},
                )
            )
    Assessment.objects.bulk_create(done)
    last = {assessment.enterprise_id: assessment for assessment in done}
    Enrolment.objects.bulk_create(_enrolment(world, firm, last[firm.pk], now) for firm in firms)
    return firms


def _enrolment(world: World, firm: Enterprise, last: Assessment, now: dt.datetime) -> Enrolment:
    copied = ("level_low", "level_high", "score_low", "score_high", "supported_level")
    return Enrolment(
        programme=world.programme,
        enterprise=firm,
        consented_at=now,
        **{name: getattr(firm, name) for name in ("name", "region", "sector", "employees")},
        **{name: getattr(last, name) for name in copied},
        assessment=last,
        assessed_at=last.completed_at,
        assessments=last.number + 1,
        weakest="foundation" if last.level_low and last.level_low > 1 else "operation",
    )


def downloaded(page: Page, form: str) -> bytes:
    page.locator(".list-tools .drop").first.locator("summary").click()
    with page.expect_download() as found:
        page.locator(f'.list-tools a[href*="format={form}"]').click()
    data = Path(found.value.path()).read_bytes()
    page.keyboard.press("Escape")
    return data


def rows(page: Page) -> Any:
    return page.locator(".list-table tbody tr")


def test_the_officer_finds_keeps_and_takes_away(  # noqa: PLR0915 - one journey
    busy: World, visit: Callable[..., Any]
) -> None:
    browser = visit(busy.client("officer"))
    words = WORDS[browser.screen.language]
    page = browser.go("/programmes/")
    browser.check("journey-6-programmes")
    page.locator(".programmes h2 a").click()
    expect(rows(page)).to_have_count(50)
    expect(page.get_by_text("Withdrawn Tools")).to_have_count(0)
    browser.check("journey-6-list")
    page.locator('.pages a[rel="next"]').click()
    expect(rows(page)).to_have_count(14)
    page.locator('.pages a[rel="prev"]').click()

    # search by two characters; the table follows without a button
    page.locator("#id_q").fill("江河")
    expect(rows(page)).to_have_count(22)
    expect(page).to_have_url(re.compile(r"\?q=%E6%B1%9F%E6%B2%B3$"))
    details = page.locator(".officer-filters details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    page.locator("#id_region").select_option("CN-JS")
    page.locator("#id_from").select_option("2")
    expect(page.locator(".active-filters li")).to_have_count(4)
    found = rows(page).count()
    assert 0 < found < 22
    browser.check("journey-6-filtered")

    # what exclude one another says so
    page.locator("#id_to").select_option("0")
    expect(page.locator("#list .alert-danger")).to_be_visible()
    browser.check("journey-6-contradiction")
    page.locator("#id_to").select_option("")
    expect(rows(page)).to_have_count(found)

    page.locator(".list-tools .drop").nth(1).locator("summary").click()
    page.locator("#view-name").fill(words["view"])
    browser.check("journey-6-save-view")
    page.locator(".list-tools form button").click()
    expect(page.locator(".views a[aria-current]")).to_have_text(words["view"])
    browser.go(f"/programmes/{busy.programme.pk}/")
    page.locator(".views > ul a", has_text=words["view"]).click()
    expect(rows(page)).to_have_count(found)

    names = [name.split("\n")[0] for name in page.locator(".list-table tbody th").all_inner_texts()]
    text = downloaded(page, "csv").decode("utf-8-sig")
    assert [line[1] for line in csv.reader(io.StringIO(text))][1:] == names
    book = load_workbook(io.BytesIO(downloaded(page, "xlsx")))
    assert [cell.value for cell in book.active["B"]][1:] == names
    table = parquet.read_table(io.BytesIO(downloaded(page, "parquet")))
    assert table["name"].to_pylist() == names

    # a cohort, and the view deleted at last
    page.locator("[data-all]").check()
    page.locator("#cohort-name").fill("2026")
    page.locator(".cohort-form button").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert Enrolment.objects.filter(cohort="2026").count() == found
    page.locator(".views details.more > summary").click()
    page.locator(".manage details summary").click()
    browser.check("journey-6-views", picture=True)
    page.locator('.manage button[value="delete"]').click()
    expect(page.locator(".views li")).to_have_count(0)


def test_the_dashboard_and_a_result(crowded: World, visit: Callable[..., Any]) -> None:
    browser = visit(crowded.client("officer"))
    page = browser.go(f"/programmes/{crowded.programme.pk}/dashboard/")
    expect(page.locator(".chart svg").first).to_be_visible()
    assert page.locator(".chart svg").count() >= 5
    expect(page.locator("td.held")).to_have_count(0)
    with page.expect_download() as found:
        page.locator('.dashboard a[href$="region.csv"]').click()
    assert len(Path(found.value.path()).read_text("utf-8-sig").splitlines()) == 6
    browser.check("journey-6-dashboard")
    page.locator('a[href="?publication=1"]').click()
    expect(page.locator("#table-region td.held").first).to_be_visible()
    browser.check("journey-6-publication")
    browser.go(f"/programmes/{crowded.programme.pk}/?q=Example")
    page.get_by_role("link", name="Example Metal Parts").click()
    expect(page).to_have_url(re.compile(f"/assessments/{crowded.earlier.pk}/$"))
    expect(page.locator("h1")).to_be_visible()


def test_invite_and_settings(busy: World, visit: Callable[..., Any]) -> None:
    browser = visit(busy.client("officer"))
    page = browser.go(f"/programmes/{busy.programme.pk}/invite/")
    expect(page.locator("#join-code")).to_have_text("example")
    browser.check("journey-6-invite")
    browser.go(f"/programmes/{busy.programme.pk}/edit/")
    browser.check("journey-6-settings")
    browser.go("/programmes/new/")
    browser.check("journey-6-new")


def test_nobody_else_learns_of_it(busy: World, visit: Callable[..., Any]) -> None:
    browser = visit(busy.client("stranger"))
    for path in ("", "dashboard/", "export/", "invite/"):
        answer = browser.page.request.get(
            f"{browser.base}{browser.screen.prefix}/programmes/{busy.programme.pk}/{path}"
        )
        assert answer.status == 404
