"""Renders the report as PDF, from the same template, with WeasyPrint."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.report.build import build_page
from capillary.report.render import render_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Capability
    from capillary.model.standard import Standard
    from capillary.model.text import Language, Message

_CHINESE = re.compile("[\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PATIENCE = 120  # seconds; the first call on a machine may build the font cache


def render_pdf(  # noqa: PLR0913 - all by name
    diagnosis: Diagnosis,
    path: Path,
    *,
    capabilities: Mapping[str, Capability],
    standards: Mapping[str, Standard],
    benchmark: Benchmark | None,
    language: Language,
    written_on: str | None,
) -> None:
    """Write the report in one language as an A4 PDF.

    Args:
        diagnosis: the diagnosis.
        path: where to write.
        capabilities: the hub vocabulary.
        standards: every standard that the diagnosis names, by id.
        benchmark: the figures of peers that the diagnosis was made with, if there were some.
        language: the language of the report.
        written_on: the date of the report, as an ISO date.

    Raises:
        InputError: WeasyPrint, its system libraries or a font with the characters needed is missing.
    """
    page = build_page(diagnosis, capabilities, standards, benchmark, written_on)
    laid_out(render_page(page, [language])).write_pdf(path)


def laid_out(html: str) -> Any:
    """Return WeasyPrint's document of a page: its ``pages``, and ``write_pdf``.

    Raises:
        InputError: WeasyPrint, its system libraries or a font with the characters needed is missing.
    """
    weasyprint = _weasyprint()
    if _CHINESE.search(html):
        _require_chinese_font()
    return weasyprint.HTML(string=html).render()


def _weasyprint() -> ModuleType:
    try:
        import weasyprint
    except ImportError as error:
        raise _unavailable(
            msg("WeasyPrint, which makes PDF files, is not installed ({cause}).", cause=str(error)),
            msg('Install it with: pip install "capillary[pdf]". Or print the HTML report from a browser.'),
        ) from error
    except OSError as error:
        raise _unavailable(
            msg("A system library that WeasyPrint needs is missing ({cause}).", cause=_first_line(error)),
            msg(
                "Install Pango, on Debian or Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0. Or print the HTML"
                " report from a browser."
            ),
        ) from error
    module: ModuleType = weasyprint
    return module


def _require_chinese_font() -> None:
    """Check that a font with simplified Chinese is installed: without one the PDF would show empty boxes."""
    remedy = msg(
        "Install one, on Debian or Ubuntu: apt install fontconfig fonts-noto-cjk. Or print the HTML report from a"
        " browser."
    )
    lister = shutil.which("fc-list")
    if lister is None:
        raise _unavailable(
            msg(
                "Whether a font with Chinese characters is installed cannot be found out: fc-list is missing."
            ),
            remedy,
        )
    found = subprocess.run(  # noqa: S603 - a fixed command
        [lister, ":lang=zh-cn", "family"], capture_output=True, check=False, timeout=_PATIENCE
    )
    if not found.stdout.strip():
        raise _unavailable(msg("No font with Chinese characters is installed."), remedy)


def _unavailable(cause: Message, remedy: Message) -> InputError:
    return InputError([Problem("pdf-unavailable", Place(), cause, remedy)])


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
