"""What an officer reads: the programmes, a page of the list, the cohorts, the views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Q

from capillary.web.access import programmes_of, visible_enrolments
from capillary.web.programmes.models import CONSENTING, Enrolment, Programme, SavedView
from capillary.web.programmes.paging import PAGE, Pager

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.web.accounts.models import User
    from capillary.web.programmes.filters import Filters
    from capillary.web.programmes.paging import Page

# Up to so many rows are found before they are sorted.
FEW = 2_000
COHORTS = """
WITH RECURSIVE found(name) AS (
    SELECT MIN(cohort) FROM {table} WHERE programme_id = %s AND cohort > '' AND {consenting}
    UNION ALL
    SELECT (SELECT MIN(cohort) FROM {table} WHERE programme_id = %s AND cohort > found.name AND {consenting})
    FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name IS NOT NULL
"""


def programmes_shown(user: User) -> Iterable[Programme]:
    """Return the programmes whose officer a user is, with how many enterprises take part and are assessed."""
    seen = Q(enrolments__consented_at__isnull=False, enrolments__withdrawn_at__isnull=True)
    return (
        Programme.objects.filter(pk__in=programmes_of(user).values("pk"))
        .select_related("organisation")
        .annotate(
            taking_part=Count("enrolments", filter=seen),
            assessed=Count("enrolments", filter=seen & Q(enrolments__assessed_at__isnull=False)),
        )
        .order_by("-opens_on", "name_en")
    )


def enrolments_of(programme: Programme, filters: Filters) -> Pager:
    """Return the reader of a programme's list, for counting and for finding a page's rows.

    It looks at one table only. What is shown in the end passes `visible_enrolments` besides, see `rows_shown`.
    """
    rows = Enrolment.objects.filter(CONSENTING, filters.condition(), programme=programme)
    return Pager(rows, filters.sort)


def rows_shown(rows: list[Enrolment]) -> list[Enrolment]:
    """Return those of the rows that officers may see, in the same order."""
    seen = set(
        Enrolment.objects.filter(visible_enrolments(), pk__in=[row.pk for row in rows]).values_list(
            "pk", flat=True
        )
    )
    return [row for row in rows if row.pk in seen]


def page_of(programme: Programme, filters: Filters, mark: str = "") -> tuple[Page, int]:
    """Return a page of the list and how many rows the whole list has.

    Where many rows fit, the first ones in the order of the sorted column soon fill the page. Where few fit, going through
    that order would pass nearly all rows; so those few are found first, in the index of the filters, and then sorted.
    """
    pager = enrolments_of(programme, filters)
    found = list(pager.rows.order_by().values_list("pk", flat=True)[: FEW + 1]) if filters.given else None
    if found is not None and len(found) <= FEW:
        pager, total = Pager(Enrolment.objects.filter(pk__in=found), filters.sort), len(found)
    else:
        total = pager.rows.count()
    page = pager.last(PAGE, total) if mark == "last" else pager.page(mark)
    if mark and not page.rows:
        # it led beyond the end: rows have left the list since
        page = pager.page()
    page.rows = rows_shown(page.rows)
    return page, total


def cohorts_of(programme: Programme) -> list[str]:
    """Return the names of a programme's cohorts.

    It steps from name to name through the index: their number counts, not that of the enterprises.
    """
    table = connection.ops.quote_name(Enrolment._meta.db_table)  # noqa: SLF001 - Django's own name
    consenting = "consented_at IS NOT NULL AND withdrawn_at IS NULL"
    # SQLite keeps the id as 32 hexadecimal digits
    key = programme.pk if connection.features.has_native_uuid_field else programme.pk.hex
    with connection.cursor() as cursor:
        cursor.execute(COHORTS.format(table=table, consenting=consenting), [key, key])
        return [name for (name,) in cursor.fetchall()]


def views_of(programme: Programme, user: User) -> list[SavedView]:
    """Return a user's views of a programme, and those that colleagues share."""
    return list(
        SavedView.objects.filter(Q(user=user) | Q(shared=True), programme=programme)
        .select_related("user")
        .order_by("name", "pk")
    )
