"""Erasure: what an enterprise leaves behind are counts without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import router, transaction
from django.db.models import F, FileField, ForeignObjectRel, Q, QuerySet, Sum
from django.db.models.deletion import Collector
from django.utils import timezone

from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.core.admin_log import log_forget, log_models
from capillary.web.enterprises.models import Enterprise, ErasedCount, Invitation, Member
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
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
    log_forget(Enterprise, [locked.pk])
    locked.name, locked.sector, locked.region, locked.employees = "", "", "", None
    locked.industry_scheme, locked.industry_code = "", ""
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
    hanging = list(_with_what_hangs_on(rows))
    files = [file for found in hanging for file in _files_in(found)]
    named = log_models()
    for model in named & {_model_of(found) for found in hanging}:
        log_forget(model, [row.pk for found in hanging if _model_of(found) is model for row in found])
    rows.delete()
    transaction.on_commit(lambda: _files_deleted(files))


def _files_deleted(files: Iterable[FieldFile]) -> None:
    for file in files:
        if file.name:
            file.storage.delete(file.name)


def _with_what_hangs_on(rows: QuerySet[Model]) -> Iterator[Collection[Model]]:
    """Yield rows and all rows that a deletion takes with them, each time of one model."""
    collector = Collector(using=router.db_for_write(rows.model))
    collector.collect(rows)
    yield from (found for found in collector.data.values() if found)
    yield from collector.fast_deletes


def _model_of(found: Collection[Model]) -> type[Model]:
    return found.model if isinstance(found, QuerySet) else type(next(iter(found)))


def _files_in(found: Collection[Model]) -> Iterator[FieldFile]:
    fields = [field for field in _model_of(found)._meta.fields if isinstance(field, FileField)]  # noqa: SLF001
    for row in found if fields else ():
        for field in fields:
            if file := getattr(row, field.name):
                yield file


def unclaimed_purge() -> int:
    """Delete what nobody claimed or changed for `settings.UNCLAIMED_DAYS` days; return how many enterprises.

    These are checks without an account, and enterprises that an adviser added and left without an owner ever accepting.
    """
    before = timezone.now() - timedelta(days=settings.UNCLAIMED_DAYS)
    recent = Assessment.objects.filter(changed_at__gte=before)
    old = Enterprise.objects.filter(erased_at=None, created_at__lt=before)
    gone = 0
    for rows in (old.filter(claimed_at=None), _abandoned(old, before)):
        forgotten = rows.exclude(pk__in=recent.values("enterprise"))
        while batch := list(forgotten.values_list("pk", flat=True)[:AT_ONCE]):
            with transaction.atomic():
                _deleted(rows.filter(pk__in=batch))
            gone += len(batch)
    return gone


def _abandoned(rows: QuerySet[Enterprise], before: datetime) -> QuerySet[Enterprise]:
    """Return the enterprises that had an adviser until then, never an owner, and wait for nobody's answer."""
    members = Member.objects.all()
    return (
        rows.filter(pk__in=members.filter(role=Member.Role.ADVISER).values("enterprise"))
        .exclude(pk__in=members.filter(role=Member.Role.OWNER).values("enterprise"))
        .exclude(pk__in=members.filter(Q(until=None) | Q(until__gte=before)).values("enterprise"))
        .exclude(pk__in=Invitation.objects.waiting().values("enterprise"))
    )
