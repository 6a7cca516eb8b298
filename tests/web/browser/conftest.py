"""A real browser against the product served in process: pages at two widths and in two languages."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[3]
SCREENS = ROOT / "build" / "screens"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HEIGHTS = {375: 812, 1280: 800}
# What axe may not find on any page of a journey (WCAG 2.2 AA rules among its own).
SERIOUS = {"serious", "critical"}
# no preloading: axe would fetch style sheets once more, with inline styles that the policy forbids
AXE_RUN = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    preload: false,
})).violations"""


@dataclass(frozen=True)
class Screen:
    """One width and one language."""

    width: int
    language: str

    @property
    def prefix(self) -> str:
        return f"/{self.language}"

    @property
    def name(self) -> str:
        return f"{self.language}-{self.width}"


@pytest.fixture(
    params=[Screen(width, language) for width in HEIGHTS for language in ("zh-hans", "en")],
    ids=lambda screen: screen.name,
)
def screen(request: pytest.FixtureRequest) -> Screen:
    return request.param


@dataclass
class Visit:
    """One person's browser, signed in or not.

    Attributes:
        base: the server's address.
        problems: what the pages complained about in the console, which `check` fails on.
    """

    context: BrowserContext
    page: Page
    screen: Screen
    base: str
    problems: list[str]

    def go(self, path: str) -> Page:
        """Open a page; ``path`` without the language prefix (``"/check/"``)."""
        self.page.goto(f"{self.base}{self.screen.prefix}{path}")
        return self.page

    def check(self, name: str, *, picture: bool = True) -> None:
        """Check the page as it stands: axe, sideways scrolling, console; and take its picture."""
        page = self.page
        if picture:
            SCREENS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENS / f"{name}-{self.screen.name}.png", full_page=True)
        # without the policy axe could not be put into the page; the page itself has been loaded under it
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(AXE_RUN)
        serious = [
            f"{item['id']}: {item['help']} {[node['html'][:160] for node in item['nodes'][:3]]}"
            for item in found
            if item["impact"] in SERIOUS
        ]
        assert serious == [], f"{name}: {serious}"
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} scrolls sideways by {overflow} px"
        assert self.problems == [], f"{name}: {self.problems}"


@pytest.fixture
def visit(browser: Browser, screen: Screen, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a browser of its own: ``visit()``, or ``visit(world.client("owner"))`` signed in."""
    with ExitStack() as stack:

        def opened(client: Any = None, *, host: str | None = None, **options: Any) -> Visit:
            base = live_server.url if host is None else live_server.url.replace("localhost", host)
            context = browser.new_context(
                viewport={"width": screen.width, "height": HEIGHTS[screen.width]},
                locale="en-GB" if screen.language == "en" else "zh-CN",
                timezone_id="Asia/Shanghai",
                has_touch=screen.width < 600,
                accept_downloads=True,
                **options,
            )
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            if client is not None:
                context.add_cookies(
                    [
                        {"name": name, "value": cookie.value, "url": base}
                        for name, cookie in client.cookies.items()
                    ]
                )
            page = context.new_page()
            problems: list[str] = []
            page.on("pageerror", lambda error: problems.append(f"script: {error}"))
            page.on("console", lambda line: _noted(problems, line))
            return Visit(context, page, screen, base, problems)

        yield opened


def _noted(problems: list[str], line: Any) -> None:
    """Note errors of the console, but for requests that a test made fail on purpose (status 4xx, no connection)."""
    if line.type == "error" and not line.text.startswith("Failed to load resource"):
        problems.append(line.text)


@pytest.fixture(autouse=True)
def _own_files(settings: Any) -> Iterator[None]:
    """Give every journey an empty folder for files."""
    folder = tempfile.mkdtemp(prefix="capillary-files-")
    settings.MEDIA_ROOT = folder
    yield
    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys: they need a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def world(transactional_db: None) -> Any:
    """Return the world of the tests, where the server's threads see it too."""
    from ..kit import make_world

    return make_world()
