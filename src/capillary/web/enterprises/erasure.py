"""Erasure: what an enterprise leaves behind are counts without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import router, transaction
from django.db.models import F, FileField, ForeignObjectRel, QuerySet, Sum
from django.db.models.deletion import Collector
from django.utils import timezone

from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Enterprise, ErasedCount
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from django.db.models import Model
    from django.db.models.fields.files import FieldFile

    from capillary.web.accounts.models import User

FEWEST_SHOWN = 10
AT_ONCE = 200


@transaction.atomic
def enterprise_erase(*, enterprise: Enterprise, by: User) -> None:
    """Erase an enterprise: all that belongs to it and what it says of itself. The bare id and counts stay."""
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    for assessment in _last_results(locked):
        _counted(locked, assessment)
    for rows in _belongings(locked):
        _deleted(rows)
    locked.name, locked.sector, locked.region, locked.employees = "", "", "", None
    locked.erased_at = timezone.now()
    locked.save()
    audit_write(by, "enterprise-erase", locked.id)


def _last_results(enterprise: Enterprise) -> Iterable[Assessment]:
    """Return the last completed assessment under each standard, so that an enterprise counts once."""
    completed = Assessment.objects.filter(enterprise=enterprise).exclude(status=Assessment.Status.OPEN)
    return {item.standard: item for item in completed.order_by("number")}.values()


def _counted(enterprise: Enterprise, assessment: Assessment) -> None:
    when = timezone.localdate(assessment.completed_at or assessment.changed_at)
    size = size_of(enterprise.employees)
    count, _made = ErasedCount.objects.get_or_create(
        standard=assessment.standard,
        level=ErasedCount.UNCERTAIN if not assessment.certain else assessment.level_low,
        sector=enterprise.sector,
        region=enterprise.region,
        size_class="" if size is None else size.id,
        month=when.replace(day=1),
    )
    ErasedCount.objects.filter(pk=count.pk).update(count=F("count") + 1)


def erased_counts(*by: str) -> list[dict[str, Any]]:
    """Return counts of erased results by the named columns; cells under ten are left out."""
    rows = ErasedCount.objects.values(*by).annotate(total=Sum("count"))
    return list(rows.filter(total__gte=FEWEST_SHOWN).order_by(*by))


def _belongings(enterprise: Enterprise) -> Iterator[QuerySet[Model]]:
    """Yield the rows of every model that points at an enterprise, whatever part of the product it is of."""
    for relation in Enterprise._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django's way to relations
        if isinstance(relation, ForeignObjectRel):
            rows = relation.related_model._default_manager  # noqa: SLF001
            yield rows.filter(**{relation.field.name: enterprise})


def _deleted(rows: QuerySet[Model]) -> None:
    """Delete rows with everything that hangs on them, and their files once the rows are really gone."""
    files = list(_files_of(rows))
    rows.delete()
    transaction.on_commit(lambda: _files_deleted(files))


def _files_deleted(files: Iterable[FieldFile]) -> None:
    for file in files:
        if file.name:
            file.storage.delete(file.name)


def _files_of(rows: QuerySet[Model]) -> Iterator[FieldFile]:
    """Yield the stored files of rows and of all rows that a deletion takes with them."""
    collector = Collector(using=router.db_for_write(rows.model))
    collector.collect(rows)
    for found in (*collector.data.values(), *collector.fast_deletes):
        yield from _files_in(found)


def _files_in(found: Iterable[Model]) -> Iterator[FieldFile]:
    for row in found:
        fields = [field for field in row._meta.fields if isinstance(field, FileField)]  # noqa: SLF001
        if not fields:
            return
        for field in fields:
            if file := getattr(row, field.name):
                yield file


def unclaimed_purge() -> int:
    """Delete the checks that nobody claimed or changed for `settings.UNCLAIMED_DAYS` days; return how many."""
    before = timezone.now() - timedelta(days=settings.UNCLAIMED_DAYS)
    recent = Assessment.objects.filter(changed_at__gte=before, enterprise__claimed_at=None)
    old = Enterprise.objects.filter(claimed_at=None, erased_at=None, created_at__lt=before).exclude(
        pk__in=recent.values("enterprise")
    )
    gone = 0
    while batch := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            _deleted(Enterprise.objects.filter(pk__in=batch, claimed_at=None))
        gone += len(batch)
    return gone
