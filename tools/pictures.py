"""Makes the pictures of the documentation from the running product, with a headless browser."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Write ``docs/images/report.png`` and its Chinese twin from the example workbook."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
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


if __name__ == "__main__":
    main()
