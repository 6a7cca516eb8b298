"""The list as its page shows it: names instead of codes, links to the pages around it, heads that sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from capillary.web.programmes.filters import Filters
    from capillary.web.programmes.models import Enrolment, Programme
    from capillary.web.programmes.paging import Page


@dataclass(frozen=True)
class Head:
    """A column's head; ``sorted`` is ``ascending``, ``descending`` or nothing."""

    title: str
    query: str
    sorted: str
    figure: bool


@dataclass(frozen=True)
class ShownRow:
    """One enterprise of the list."""

    pk: int
    assessment: UUID | None
    name: str
    region: str
    sector: str
    size: str
    employees: int | None
    level: str
    supported: str
    score_low: float | None
    score_high: float | None
    weakest: str
    assessed_at: datetime | None
    assessments: int
    cohort: str


@dataclass(frozen=True)
class ShownList:
    """A page of the list.

    Attributes:
        total: how many enterprises the filters let through.
        first, last: the numbers of the page's rows within them.
        before, after, start, end: queries of the other pages; empty where there are none.
    """

    rows: tuple[ShownRow, ...]
    heads: tuple[Head, ...]
    total: int
    first: int
    last: int
    start: str
    before: str
    after: str
    end: str


def shown_list(programme: Programme, filters: Filters, page: Page, total: int) -> ShownList:
    """Return a page of the list, ready to be shown."""
    names = _Names(programme)
    rows = tuple(names.row(row) for row in page.rows)
    return ShownList(
        rows=rows,
        heads=tuple(_heads(filters)),
        total=total,
        first=page.position + 1 if rows else 0,
        last=page.position + len(rows),
        start=filters.query() if page.before else "",
        before=filters.query(page=page.before.written()) if page.before else "",
        after=filters.query(page=page.after.written()) if page.after else "",
        end=filters.query(page="last") if page.after else "",
    )


def _heads(filters: Filters) -> list[Head]:
    titles = {
        "name": _("Name"),
        "region": _("Region"),
        "sector": _("Sector"),
        "size": _("Employees"),
        "level": _("Level"),
        "supported": _("Supported"),
        "score": _("Score"),
        "weakest": _("Weakest dimension"),
        "assessed": _("Assessed"),
        "count": _("Times"),
        "cohort": _("Cohort"),
    }
    return [_head(filters, name, title) for name, title in titles.items()]


def _head(filters: Filters, name: str, title: str) -> Head:
    now = {name: "ascending", f"-{name}": "descending"}.get(filters.sort, "")
    wish = f"-{name}" if now == "ascending" else name
    return Head(title, filters.query(sort=None if wish == "name" else wish), now, name in FIGURES)


FIGURES = {"size", "score", "count"}


class _Names:
    """Names of codes in the page's language, looked up once a page."""

    def __init__(self, programme: Programme) -> None:
        self.regions = engine.library().regions()
        self.sectors = engine.library().sectors()
        self.standard = engine.standards().get(programme.standard)
        known = () if self.standard is None else self.standard.file.dimensions
        self.dimensions = {item.id: item.title.in_(language()) for item in known}

    def level(self, level: int | None) -> str:
        if level is None:
            return ""
        return str(level) if self.standard is None else self.standard.level_title(level).in_(language())

    def row(self, row: Enrolment) -> ShownRow:
        region, sector, size = (
            self.regions.get(row.region),
            self.sectors.get(row.sector),
            size_of(row.employees),
        )
        return ShownRow(
            pk=row.pk,
            assessment=row.assessment_id,
            name=row.name or _("Enterprise without a name"),
            region=region.title.in_(language()) if region else row.region,
            sector=sector.title.in_(language()) if sector else row.sector,
            size=str(size.title) if size else "",
            employees=row.employees,
            level=self._levels(row),
            supported=self.level(row.supported_level),
            score_low=row.score_low,
            score_high=row.score_high,
            weakest=self.dimensions.get(row.weakest, row.weakest),
            assessed_at=row.assessed_at,
            assessments=row.assessments,
            cohort=row.cohort,
        )

    def _levels(self, row: Enrolment) -> str:
        low, high = self.level(row.level_low), self.level(row.level_high)
        return low if low == high or not high else f"{low} – {high}"
