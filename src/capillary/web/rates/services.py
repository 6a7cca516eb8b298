"""Writes of exchange rates."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.model.problems import InputError, Problem
from capillary.model.text import Text
from capillary.sheets.rates import other_figure, read_rates
from capillary.web.access import audit_write
from capillary.web.rates.current import known_currencies
from capillary.web.rates.models import ExchangeRate, RateRevision, RateUpload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from capillary.model.standard import Certainty
    from capillary.sheets.rates import RatesRead, ReadQuote
    from capillary.web.accounts.models import User

CHUNK = 500
MOST_PROBLEMS = 200
Key = tuple[str, str, str]


@dataclass(frozen=True)
class RatesPreview:
    """What taking over a file would do.

    Attributes:
        fresh: quotes of days that have none yet.
        changed: quotes that replace another figure, each with that figure.
        same: how many are there already, with the same figure.
    """

    read: RatesRead
    fresh: Sequence[ReadQuote]
    changed: Sequence[tuple[ReadQuote, str]]
    same: int

    @property
    def first(self) -> str:
        """The first day in the file."""
        return min((row.quote.day for row in self.read.rows), default="")

    @property
    def last(self) -> str:
        """The last day in the file."""
        return max((row.quote.day for row in self.read.rows), default="")


def rates_preview(
    data: bytes, name: str, *, certainty: Certainty = "official", replaces: bool = False, since: str = ""
) -> RatesPreview:
    """Return what taking over a file would do.

    Raises:
        InputError: the file cannot be used, or a day has another figure already and ``replaces`` is not set.
    """
    today = timezone.localdate().isoformat()
    read = read_rates(data, name, known_currencies(), today, certainty=certainty).since(since)
    stored = _stored(read.rows)
    fresh, changed, same = [], [], 0
    for row in read.rows:
        before = stored.get((row.quote.base, row.quote.currency, row.quote.day))
        if before is None:
            fresh.append(row)
        elif Fraction(before) != row.quote.units:
            changed.append((row, before))
        else:
            same += 1
    if changed and not replaces:
        raise InputError(
            [
                Problem("other-figure", row.place, *other_figure(row.quote, row.written, before))
                for row, before in changed[:MOST_PROBLEMS]
            ]
        )
    return RatesPreview(read, fresh, changed, same)


def _stored(rows: Iterable[ReadQuote]) -> dict[Key, str]:
    days: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        days[row.quote.base, row.quote.currency].append(row.quote.day)
    found: dict[Key, str] = {}
    for (base, currency), each in days.items():
        known = ExchangeRate.objects.filter(
            base=base, currency=currency, day__gte=min(each), day__lte=max(each)
        )
        found |= {
            (base, currency, day.isoformat()): units for day, units in known.values_list("day", "units")
        }
    return found


@transaction.atomic
def rates_take(*, preview: RatesPreview, file_name: str, by: User | None) -> int:
    """Take over what a preview showed; return how many rates were written."""
    _lock()
    written = [*preview.fresh, *(row for row, _before in preview.changed)]
    now = timezone.now()
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(
                base=row.quote.base,
                currency=row.quote.currency,
                day=row.quote.day,
                units=row.written,
                source_zh=_said(row.quote.source, "zh"),
                source_en=_said(row.quote.source, "en"),
                certainty=row.quote.certainty,
                file_name=file_name[:200],
                entered_by=by,
                entered_at=now,
            )
            for row in written
        ],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["base", "currency", "day"],
        update_fields=[
            "units",
            "source_zh",
            "source_en",
            "certainty",
            "file_name",
            "entered_by",
            "entered_at",
        ],
    )
    audit_write(
        by, "rates-take", None, f"{file_name[:100]}: {len(written)} rates, {len(preview.changed)} replaced"
    )
    return len(written)


def _said(source: Text | str, tongue: str) -> str:
    if isinstance(source, Text):
        return source.zh if tongue == "zh" else source.en
    return source


def _lock() -> None:
    """Make the token of the last change anew; writers wait for one another here."""
    RateRevision.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4()})


@transaction.atomic
def upload_prepare(*, data: bytes, name: str, certainty: str, replaces: bool, by: User) -> RateUpload:
    """Keep an uploaded file until its preview was seen; older ones that were never taken over go."""
    RateUpload.objects.filter(made_by=by, taken_at=None).delete()
    audit_write(by, "rates-upload", None, name[:200])
    return RateUpload.objects.create(
        file_name=name[:200], content=data, certainty=certainty, replaces=replaces, made_by=by
    )


def upload_preview(upload: RateUpload) -> RatesPreview:
    """Return what taking over an upload would do now.

    Raises:
        InputError: it cannot be used any more, for a figure of the same day was entered meanwhile.
    """
    certainty: Certainty = next(
        word for word in ("official", "secondary", "unverified") if word == upload.certainty
    )
    return rates_preview(
        bytes(upload.content), upload.file_name, certainty=certainty, replaces=upload.replaces
    )


@transaction.atomic
def upload_take(*, upload: RateUpload, by: User) -> int | None:
    """Take over an upload; None where it was taken over before.

    Raises:
        InputError: see `upload_preview`.
    """
    locked = RateUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.taken_at is not None:
        return None
    count = rates_take(preview=upload_preview(locked), file_name=locked.file_name, by=by)
    locked.taken_at, locked.content = timezone.now(), b""
    locked.save(update_fields=["taken_at", "content"])
    return count


@transaction.atomic
def rate_enter(*, given: dict[str, object], by: User) -> ExchangeRate:
    """Enter one rate by hand; `capillary.web.rates.forms.RateForm` has checked it."""
    _lock()
    source = given["source"]
    row, _made = ExchangeRate.objects.update_or_create(
        base=given["base"],
        currency=given["currency"],
        day=given["day"],
        defaults={
            "units": given["units"],
            "source_zh": source,
            "source_en": source,
            "certainty": given["certainty"],
            "file_name": "",
            "entered_by": by,
            "entered_at": timezone.now(),
        },
    )
    audit_write(by, "rate-enter", None, str(row))
    return row


@transaction.atomic
def rates_remove(*, rows: Iterable[ExchangeRate], by: User) -> None:
    """Take rates away; what was worked out with them falls back to the rates before them."""
    _lock()
    for row in rows:
        audit_write(by, "rate-remove", None, str(row))
        row.delete()


def currency_choose(*, user: User, currency: str) -> None:
    """Keep the currency in which a person wants to see amounts; empty for each as it is."""
    user.currency = currency
    user.save(update_fields=["currency"])
    audit_write(user, "currency-choose", None, f"user {user.pk}")
