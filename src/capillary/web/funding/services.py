"""Writes: the facts of a firm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from capillary.incentives.situation import read_aids, read_situation
from capillary.web.access import audit_write
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise


@transaction.atomic
def facts_save(
    *,
    enterprise: Enterprise,
    by: User | None,
    facts: Mapping[str, object],
    aids: Sequence[Mapping[str, object]] | None,
    currency: str,
) -> FirmFacts:
    """Keep what a firm says; a fact with None is forgotten, facts that are not named stay as they are.

    Args:
        enterprise: the firm.
        by: who says it.
        facts: values by fact.
        aids: earlier aid, all of it; None leaves it as it is.
        currency: of all amounts.

    Raises:
        InputError: a value is not one of its fact, or there is no rate for a currency; nothing is kept then.
    """
    row, _ = FirmFacts.objects.select_for_update().get_or_create(enterprise=enterprise)
    merged: dict[str, Any] = {**row.facts, **facts}
    row.facts = {name: value for name, value in merged.items() if value is not None}
    if aids is not None:
        row.aids = list(aids)
    row.currency = currency
    today = timezone.localdate().isoformat()
    parsed = None if row.aids is None else read_aids(row.aids)
    read_situation(row.facts, rules(), on=today, aids=parsed, currency=currency)
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    names = ", ".join(sorted(facts))
    audit_write(by, "facts-save", enterprise.pk, f"facts {names}"[:200])
    return row
