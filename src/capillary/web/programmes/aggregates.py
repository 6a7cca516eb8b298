"""Works out the figures of a programme's dashboard and stores them, so that a page reads a few hundred rows at most."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Avg, Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from capillary.web.access import visible_enrolments
from capillary.web.assessments.models import Assessment
from capillary.web.programmes.models import Aggregate, Enrolment, Programme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

REFRESH_MINUTES = 10
NONE = "-"  # no level, no evidence
G = Aggregate.Grouping


@transaction.atomic
def aggregates_refresh(*, programme: Programme, at: datetime | None = None) -> int:
    """Work all figures of a programme out anew and put them in the place of the old ones; return how many there are."""
    at = at or timezone.now()
    figures = [
        Aggregate(programme=programme, grouping=grouping, key=key, part=part, count=count, total=total or 0)
        for grouping, key, part, count, total in _figures(programme)
    ]
    Aggregate.objects.filter(programme=programme).delete()
    Aggregate.objects.bulk_create(figures, batch_size=500)
    Programme.objects.filter(pk=programme.pk).update(figures_at=at, figures_asked_at=at)
    return len(figures)


def refresh_wanted(*, programme: Programme, at: datetime | None = None) -> bool:
    """Note that new figures are wanted; False where the present ones are fresh or somebody has asked already."""
    at = at or timezone.now()
    before = at - timedelta(minutes=REFRESH_MINUTES)
    due = Q(figures_asked_at=None) | Q(figures_asked_at__lt=before)
    return bool(Programme.objects.filter(due, pk=programme.pk).update(figures_asked_at=at))


def _figures(programme: Programme) -> Iterator[tuple[str, str, str, int, float | None]]:
    seen = Enrolment.objects.filter(visible_enrolments(), programme=programme)
    assessed = seen.filter(assessed_at__isnull=False)
    yield G.ENTERPRISES, "", "", seen.count(), None
    for grouping, column in ((G.REGION, "region"), (G.SECTOR, "sector")):
        for key, level, count, total in _counted(assessed, column, "level_low", Sum("score_low")):
            yield grouping, key, _level(level), count, total
    for key, count in assessed.values_list("weakest").annotate(Count("pk")).order_by():
        yield G.WEAKEST, key, "", count, None
    for level, supported, count, _ in _counted(assessed, "level_low", "supported_level", Avg("score_low")):
        yield G.SUPPORTED, _level(level), _level(supported), count, None
    yield from _months(programme, seen)
    yield from _changes(programme, assessed)


def _counted(
    rows: QuerySet[Enrolment], key: str, part: str, figure: Sum | Avg
) -> QuerySet[Enrolment, tuple[str, int | None, int, float | None]]:
    return rows.values_list(key, part).annotate(Count("pk"), figure).order_by()


def _level(level: int | None) -> str:
    return NONE if level is None else str(level)


def _done(programme: Programme) -> QuerySet[Assessment]:
    return Assessment.objects.filter(standard=programme.standard, completed_at__isnull=False)


def _months(
    programme: Programme, seen: QuerySet[Enrolment]
) -> Iterator[tuple[str, str, str, int, float | None]]:
    found = (
        _done(programme)
        .filter(enterprise__in=seen.values("enterprise"))
        .annotate(month=TruncMonth("completed_at"))
        .values_list("month")
        .annotate(Count("pk"), Sum("score_low"))
        .order_by()
    )
    for month, count, total in found:
        yield G.MONTH, f"{month:%Y-%m}", "", count, total


def _changes(
    programme: Programme, assessed: QuerySet[Enrolment]
) -> Iterator[tuple[str, str, str, int, float | None]]:
    """Yield levels at the first and at the last assessment of enterprises with two or more, and how the score changed."""
    first = _done(programme).filter(enterprise=OuterRef("enterprise")).order_by("number")
    found = (
        assessed.filter(assessments__gte=2)
        .annotate(
            first_level=Subquery(first.values("level_low")[:1]),
            first_score=Subquery(first.values("score_low")[:1]),
        )
        .values_list("first_level", "level_low")
        .annotate(count=Count("pk"), gain=Sum(F("score_low") - F("first_score")))
        .order_by()
    )
    for before, now, count, total in found:
        yield G.CHANGE, _level(before), _level(now), count, total
