"""Renders a roadmap as HTML, and as a PDF of two pages from the same template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from capillary.model.text import LANGUAGES, msg
from capillary.report.pdf import laid_out
from capillary.report.render import Kind, render_page
from capillary.report.roadmap.build import build_roadmap
from capillary.report.roadmap.words import grouped

if TYPE_CHECKING:
    from capillary.content.library import Library
    from capillary.model.text import Language
    from capillary.report.roadmap.page import Detail, RoadmapPage
    from capillary.roadmap.roadmap import Roadmap

_KIND = Kind("roadmap.html", ("report.css", "roadmap.css"))
PLAN_ANCHOR = "plan-"


@dataclass(frozen=True)
class _Fit:
    """One way to get a plan onto two pages.

    Attributes:
        points: size of the font.
        early: what the return rests on stands on the first page.
        brief: how much is said of each measure, see `RoadmapPage`.
        rows: how many measures are listed at most.
    """

    points: float
    early: bool
    brief: int = 0
    rows: int = 999

    def front_too_long(self, other: _Fit, pages: int) -> bool:
        """Whether the first page surely does not do, where in another way it took so many."""
        return self.early >= other.early and self._beyond(other, pages)

    def back_too_long(self, other: _Fit, pages: int) -> bool:
        """Whether the second page surely does not do, where in another way it took so many."""
        return (
            self.early <= other.early
            and self.brief <= other.brief
            and self.rows >= other.rows
            and self._beyond(other, pages)
        )

    def _beyond(self, other: _Fit, pages: int) -> bool:
        """Whether what filled more than ``pages - 1`` pages fills more than one: type takes room by its size squared."""
        return (pages - 1) * (self.points / other.points) ** 2 >= 1


# From the most readable on; a plan of any length fits the last.
_FITS = tuple(
    _Fit(points, early, brief, rows)
    for points, brief, rows in (
        (9, 0, 999),
        (8, 0, 999),
        (8, 1, 999),
        (8, 2, 999),
        (7.5, 2, 999),
        (7.5, 2, 35),
        (7, 2, 20),
    )
    for early in (False, True)
)


def roadmap_html(
    roadmap: Roadmap,
    library: Library,
    language: Language,
    first: tuple[int, int],
    *,
    written_on: str | None = None,
) -> str:
    """Return a roadmap as one HTML file that holds both languages and every plan in detail.

    Args:
        roadmap: the roadmap.
        library: the content that it was made with.
        language: the language that is shown first.
        first: year and quarter of the plan's first quarter.
        written_on: the date of the paper, as an ISO date.
    """
    page = build_roadmap(roadmap, library, first, written_on)
    return render_page(page, [language, *(other for other in LANGUAGES if other != language)], _KIND)


def roadmap_pdf(
    roadmap: Roadmap,
    library: Library,
    language: Language,
    first: tuple[int, int],
    *,
    written_on: str | None = None,
) -> bytes:
    """Return a roadmap as an A4 PDF of two pages: the plans side by side, and the first one in detail.

    Args:
        roadmap: the roadmap.
        library: the content that it was made with.
        language: the language of the paper.
        first: year and quarter of the plan's first quarter.
        written_on: the date of the paper, as an ISO date.

    Raises:
        InputError: WeasyPrint, its system libraries or a font with the characters needed is missing.
    """
    return page_pdf(build_roadmap(roadmap, library, first, written_on), language)


def page_pdf(page: RoadmapPage, language: Language) -> bytes:
    """Return the page of a roadmap as an A4 PDF of two pages.

    Raises:
        InputError: WeasyPrint, its system libraries or a font with the characters needed is missing.
    """
    *others, last = _FITS
    tried: list[tuple[_Fit, int, int]] = []
    for fit in others:
        if any(fit.front_too_long(other, n) or fit.back_too_long(other, m) for other, n, m in tried):
            continue
        document = laid_out(_fitted(page, language, fit))
        front, back = _pages(document)
        if max(front, back) <= 1:
            return bytes(document.write_pdf())
        tried.append((fit, front, back))
    return bytes(laid_out(_fitted(page, language, last)).write_pdf())


def _pages(document: Any) -> tuple[int, int]:
    """Return how many pages lie before the first plan in detail, and how many from it on."""
    front = next(
        (
            number
            for number, page in enumerate(document.pages)
            if any(anchor.startswith(PLAN_ANCHOR) for anchor in page.anchors)
        ),
        len(document.pages),
    )
    return front, len(document.pages) - front


def _fitted(page: RoadmapPage, language: Language, fit: _Fit) -> str:
    details = tuple(_cut(detail, fit.rows) for detail in page.details[:1])
    more = f"@media print {{ html {{ font-size: {fit.points}pt; }} }}"
    return render_page(
        replace(page, details=details, paper=True, early=fit.early, brief=fit.brief),
        [language],
        replace(_KIND, more=more),
    )


def _cut(detail: Detail, rows: int) -> Detail:
    """Return a plan with the first measures only, and how many are not listed."""
    if len(detail.rows) <= rows:
        return detail
    left = msg(
        "{count} more measures begin later; the web page and the workbook list all of them. The sums count all.",
        count=grouped(len(detail.rows) - rows),
    )
    return replace(detail, rows=detail.rows[:rows], left_out=left)
