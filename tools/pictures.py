"""Makes the pictures of the documentation from the running product, with a headless browser.

The report's pictures are taken here. Those of the web product are taken by its browser tests: every page that they check leaves
one in ``build/screens/``, and the ones that a page of the documentation shows (``images/web/NAME.png``) are copied from there
with fewer colours, so that the repository stays small.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
SCREENS = ROOT / "build" / "screens"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOWN = re.compile(r"images/web/([\w-]+\.png)")
COLOURS = 64
TALLEST = 1600  # a long page is cut here: the picture shows what to look for, the product shows the rest


def main() -> int:
    """Take the report's pictures, run the journeys, and copy what the documentation shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    report_pictures()
    journeys = [sys.executable, "-m", "pytest", "-q", "tests/web/browser"]
    done = subprocess.run(journeys, cwd=ROOT, env={**os.environ, "PICTURES": "1"}, check=False)
    return web_pictures() or done.returncode


def report_pictures() -> None:
    """Write ``docs/images/report.png`` and its Chinese twin from the example workbook."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language, name in (("en", "report.png"), ("zh", "report.zh.png")):
            report = Path(folder, f"{language}.html")
            example = str(ROOT / "examples" / "metal-parts.xlsx")
            command = [sys.executable, "-m", "capillary.cli", "diagnose", example, "--lang", language]
            subprocess.run([*command, "--html", str(report)], check=True, stdout=subprocess.DEVNULL)
            page = browser.new_page(viewport={"width": 1080, "height": 1180})
            page.goto(report.as_uri())
            page.screenshot(path=IMAGES / name)
            page.close()
        browser.close()


def web_pictures() -> int:
    """Copy the pictures that the documentation names; return 1 where the journeys took no such picture."""
    (IMAGES / "web").mkdir(exist_ok=True)
    pages = [ROOT / "README.md", ROOT / "README.zh.md", *DOCS.rglob("*.md")]
    names = {name for page in pages for name in SHOWN.findall(page.read_text(encoding="utf-8"))}
    missing = sorted(name for name in names if not (SCREENS / name).exists())
    for name in sorted(names - set(missing)):
        with Image.open(SCREENS / name) as picture:
            cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, TALLEST)))
            cut.quantize(COLOURS).save(IMAGES / "web" / name, optimize=True)
    for old in (IMAGES / "web").glob("*.png"):
        if old.name not in names:
            old.unlink()
    for name in missing:
        print(f"no journey takes the picture {name}", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
