"""A real browser against the product served in process: pages at two widths and in two languages."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

ROOT = Path(__file__).parents[3]
SCREENS = ROOT / "build" / "screens"
PICTURES = bool(os.environ.get("PICTURES"))  # a picture of a whole page takes longer than all checks of it
PATIENCE = 60_000  # milliseconds for one step: a machine may stand still for a while
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HEIGHTS = {375: 812, 1280: 800}
expect.set_options(timeout=PATIENCE)
# What axe may not find on any page of a journey (WCAG 2.2 AA rules among its own).
SERIOUS = {"serious", "critical"}
# no preloading: axe would fetch style sheets once more, with inline styles that the policy forbids
AXE_RUN = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    preload: false,
})).violations"""
# What a browser says of a page that it leaves, and of one that has no content yet.
MAKING_WAY = ("Execution context was destroyed", "documentElement", "axe is not defined")
# A step that the browser itself broke off: such a journey is walked once more, and the report says so. What a page shows
# wrongly and what a journey waits for in vain are not among them.
BROKEN_OFF = (
    r"^(Error|TargetClosedError): .*(Execution context was destroyed|interrupted by another navigation"
    r"|net::ERR_|closed|crashed|detached)"
)


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


# both widths and both languages each
PAIRS = (
    (Screen(375, "zh-hans"), Screen(1280, "en")),
    (Screen(375, "en"), Screen(1280, "zh-hans")),
)


@pytest.fixture
def screen(request: pytest.FixtureRequest) -> Screen:
    return request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk every journey on two screens, half of the journeys on either pair; on all four where pictures are wanted."""
    chosen = {mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")}
    if "screen" in metafunc.fixturenames and "screen" not in chosen:
        pair = PAIRS[crc32(metafunc.function.__name__.encode()) % 2]
        screens = [*PAIRS[0], *PAIRS[1]] if PICTURES else pair
        metafunc.parametrize("screen", screens, indirect=True, ids=lambda item: item.name)


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
        """Check the page as it stands: axe, sideways scrolling, console; and take its picture where pictures are wanted."""
        page = self.page
        page.wait_for_load_state("load")
        if picture and PICTURES:
            SCREENS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENS / f"{name}-{self.screen.name}.png", full_page=True)
        found = self._found_by_axe()
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

    def _found_by_axe(self) -> list[dict[str, Any]]:
        """Return what axe finds; where the page makes way for the next one meanwhile, what it finds there."""
        try:
            return self._axe()
        except Error as error:
            if not any(words in error.message for words in MAKING_WAY):
                raise
            self.page.wait_for_load_state("load")
            return self._axe()

    def _axe(self) -> list[dict[str, Any]]:
        # without the policy axe could not be put into the page; the page itself has been loaded under it
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return self.page.evaluate(AXE_RUN)


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
            context.set_default_timeout(PATIENCE)
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
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[BROKEN_OFF]))


@pytest.fixture
def world(transactional_db: None) -> Any:
    """Return the world of the tests, where the server's threads see it too."""
    from ..kit import make_world

    return make_world()
