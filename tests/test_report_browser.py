"""The report as its reader meets it: in a real browser, on a phone and on a desk, in both languages, without a network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    example = ROOT / "examples" / "metal-parts.xlsx"
    command = [
        sys.executable,
        "-m",
        "capillary.cli",
        "diagnose",
        str(example),
        "--lang",
        "zh",
        "--html",
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, java_script_enabled=False)
    found = context.new_page()
    found.asked = []  # type: ignore[attr-defined]
    found.on("request", lambda asked: found.asked.append(asked.url))  # type: ignore[attr-defined]
    found.goto(report.as_uri())
    yield found
    context.close()


def test_it_asks_nothing_of_the_network(page: Page) -> None:
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []  # type: ignore[attr-defined]


def test_it_opens_in_the_language_chosen_and_switches_without_scripts(page: Page) -> None:
    zh, en = page.locator("article[lang=zh-Hans]"), page.locator("article[lang=en]")
    assert zh.is_visible()
    assert not en.is_visible()
    page.locator("label", has_text="English").first.click()
    assert en.is_visible()
    assert not zh.is_visible()
    assert "Level 1" in en.inner_text()


def test_nothing_sticks_out_sideways(page: Page) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    for label in ("English", "中文"):
        page.locator("label", has_text=label).first.click()
        article = page.locator("article:visible")
        box = article.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 1
        for table in article.locator("table").all():
            inner = table.bounding_box()
            assert inner is None or inner["x"] + inner["width"] <= width + 1


def test_an_account_line_opens_down_to_the_options(page: Page) -> None:
    line = page.locator("article:visible details").first
    assert not line.evaluate("node => node.open")
    line.locator("summary").click()
    assert line.evaluate("node => node.open")
