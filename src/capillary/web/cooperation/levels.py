"""The level of an enterprise that agreed to show it, in the reader's own standard, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from capillary.diagnosis.level_read import level_read
from capillary.matching.partners import LevelSpan
from capillary.scoring.evaluate import score_sheet
from capillary.sheets import read_sheet
from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Member

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.diagnosis.level_read import LevelRead


@dataclass(frozen=True)
class Basis:
    """What a level rests on: answers under a standard, when they were completed, and the level that they make there."""

    standard: str
    day: dt.date
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Seen:
    """A level as a reader sees it."""

    read: LevelRead
    bases: tuple[Basis, ...]

    @property
    def span(self) -> LevelSpan:
        """The level as matching takes it."""
        return LevelSpan(self.read.at_least, self.read.at_most)

    @property
    def most_points(self) -> float:
        """The most points of the standard."""
        return float(engine.standards()[self.read.standard].file.scoring.max)

    @property
    def says_nothing(self) -> bool:
        """Whether every level of the standard is possible."""
        levels = levels_of(self.read.standard)
        return self.read.at_least <= levels[0] and self.read.at_most >= levels[-1] and len(levels) > 1


@dataclass(frozen=True)
class _Answered:
    """The latest completed assessments of an enterprise, equal where nothing has changed."""

    key: tuple[tuple[UUID, int, Any], ...]
    rows: tuple[Assessment, ...] = field(compare=False)


@cache
def levelled() -> tuple[str, ...]:
    """Return the ids of the standards that have levels."""
    return tuple(name for name in engine.standards() if levels_of(name))


@cache
def levels_of(standard: str) -> tuple[int, ...]:
    """Return the lowest and the highest level of a standard and all in between; nothing where it has none."""
    found = engine.standards()[standard]
    blank = score_sheet(found, read_sheet({"standard": standard, "answers": {}}, engine.library().find)).level
    return () if blank is None else tuple(range(int(blank.low), int(blank.high) + 1))


def latest_of(enterprises: Iterable[UUID]) -> Mapping[UUID, tuple[Assessment, ...]]:
    """Return the last completed assessment under each standard, by enterprise; one query for all."""
    rows = (
        Assessment.objects.filter(enterprise__in=list(enterprises))
        .exclude(status=Assessment.Status.OPEN)
        .select_related("enterprise")
        .order_by("number")
    )
    found: dict[UUID, dict[str, Assessment]] = {}
    for row in rows:
        if row.standard in engine.standards():
            found.setdefault(row.enterprise_id, {})[row.standard] = row
    return {name: tuple(sorted(items.values(), key=_standard)) for name, items in found.items()}


def _standard(row: Assessment) -> str:
    return row.standard


def seen(rows: Sequence[Assessment], standard: str) -> Seen | None:
    """Return a level by an enterprise's last completed assessments; None where there is none to see.

    Args:
        rows: one for each standard, of one enterprise.
        standard: the reader's.
    """
    if not rows or standard not in levelled():
        return None
    key = tuple((row.pk, row.revision, row.changed_at) for row in rows)
    return _seen(_Answered(key, tuple(rows)), standard)


@lru_cache(maxsize=4096)
def _seen(answered: _Answered, standard: str) -> Seen | None:
    sheets = [(engine.standard_of(row), engine.sheet_of(row)) for row in answered.rows]
    read = level_read(engine.standards()[standard], sheets, engine.library().capabilities())
    if read is None:
        return None
    bases = tuple(
        Basis(
            row.standard,
            timezone.localdate(row.completed_at or row.changed_at),
            row.level_low,
            row.level_high,
        )
        for row in answered.rows
        if row.standard in read.sources
    )
    return Seen(read, bases)


def reader_standard(request: HttpRequest) -> str:
    """Return the standard in which a reader sees levels: what the address asks for, else that of their own enterprise."""
    asked = request.GET.get("standard", "")
    if asked in levelled():
        return asked
    if request.user.is_authenticated:
        own = Member.objects.filter(user=request.user, until=None).values("enterprise")
        rows = Assessment.objects.filter(enterprise__in=own, standard__in=levelled())
        found = rows.order_by("-started_at").values_list("standard", flat=True).first()
        if found is not None:
            return found
    return settings.PRIMARY_STANDARD if settings.PRIMARY_STANDARD in levelled() else levelled()[0]
