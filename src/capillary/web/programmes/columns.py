"""The columns of an exported list: names for programs, titles for people, and the value of each for an enrolment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from capillary.web.programmes.models import Enrolment, Programme

Kind = Literal["text", "whole", "number", "time"]


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: for programs, the same in every language.
        title: for people, in the page's language.
        code: the value as programs read it: codes, no words.
        shown: the value as people read it; the same as ``code`` where it is left out.
    """

    name: str
    title: str
    kind: Kind
    code: Callable[[Enrolment], Any]
    shown: Callable[[Enrolment], Any] | None = None

    def value(self, row: Enrolment, *, for_people: bool) -> Any:
        """Return the value of a row; None where there is none."""
        read = self.shown if for_people and self.shown is not None else self.code
        found = read(row)
        return None if found == "" else found


def columns_of(programme: Programme) -> list[Column]:
    """Return the columns of a programme's list."""
    standard = engine.standards().get(programme.standard)
    dimensions = () if standard is None else standard.file.dimensions
    titles = {item.id: item.title.in_(language()) for item in dimensions}
    return [
        *_of_enterprise(),
        *_of_standing(titles),
        *(
            column
            for name, title in titles.items()
            for column in (
                Column(
                    f"{name}_low",
                    _("{dimension}, at least").format(dimension=title),
                    "number",
                    _dimension(name, 0),
                ),
                Column(
                    f"{name}_high",
                    _("{dimension}, at most").format(dimension=title),
                    "number",
                    _dimension(name, 1),
                ),
            )
        ),
    ]


def _of_enterprise() -> Iterator[Column]:
    regions = _titles(engine.library().regions())
    sectors = _titles(engine.library().sectors())
    sizes: dict[str, str] = {}

    def size(row: Enrolment) -> str | None:
        found = size_of(row.employees)
        return None if found is None else sizes.setdefault(found.id, str(found.title))

    yield Column("enterprise", _("Number of the enterprise"), "text", lambda row: str(row.enterprise_id))
    yield Column("name", _("Name"), "text", lambda row: row.name)
    yield Column(
        "region",
        _("Region"),
        "text",
        lambda row: row.region,
        lambda row: regions.get(row.region, row.region),
    )
    yield Column(
        "sector",
        _("Sector"),
        "text",
        lambda row: row.sector,
        lambda row: sectors.get(row.sector, row.sector),
    )
    yield Column("employees", _("Employees"), "whole", lambda row: row.employees)
    yield Column("size", _("Size"), "text", lambda row: (found := size_of(row.employees)) and found.id, size)
    yield Column("cohort", _("Cohort"), "text", lambda row: row.cohort)
    yield Column("joined_at", _("Joined"), "time", lambda row: row.joined_at)


def _of_standing(titles: Mapping[str, str]) -> Iterator[Column]:
    yield Column("assessments", _("Assessments"), "whole", lambda row: row.assessments)
    yield Column("assessed_at", _("Assessed"), "time", lambda row: row.assessed_at)
    yield Column("level_low", _("Level, at least"), "whole", lambda row: row.level_low)
    yield Column("level_high", _("Level, at most"), "whole", lambda row: row.level_high)
    yield Column("supported_level", _("Supported level"), "whole", lambda row: row.supported_level)
    yield Column("score_low", _("Score, at least"), "number", lambda row: row.score_low)
    yield Column("score_high", _("Score, at most"), "number", lambda row: row.score_high)
    yield Column(
        "supported_score",
        _("Supported score"),
        "number",
        lambda row: row.assessment and row.assessment.supported_score,
    )
    yield Column(
        "weakest",
        _("Weakest dimension"),
        "text",
        lambda row: row.weakest,
        lambda row: titles.get(row.weakest, row.weakest),
    )


def _titles(items: Mapping[str, Any]) -> dict[str, str]:
    return {name: item.title.in_(language()) for name, item in items.items()}


def _dimension(name: str, end: int) -> Callable[[Enrolment], float | None]:
    def read(row: Enrolment) -> float | None:
        span = row.assessment.dimensions.get(name) if row.assessment else None
        return None if span is None else span[end]

    return read


def local_time(value: Any) -> Any:
    """Return a time as people here read it, without a zone, which spreadsheets do not know."""
    return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
