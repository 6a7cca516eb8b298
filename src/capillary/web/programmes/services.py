"""Writes of programme officers: programmes, cohorts, saved views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from capillary.web.access import audit_write, visible_enrolments
from capillary.web.programmes.models import Enrolment, Programme, SavedView

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from capillary.web.accounts.models import Organisation, User


@dataclass(frozen=True)
class Terms:
    """What an officer says of a programme."""

    name_zh: str
    name_en: str
    standard: str
    code: str
    opens_on: dt.date
    closes_on: dt.date | None = None


@transaction.atomic
def programme_create(*, organisation: Organisation, terms: Terms, by: User) -> Programme:
    """Create a programme of an organisation."""
    programme = Programme.objects.create(organisation=organisation, **vars(terms))
    audit_write(by, "programme-create", None, str(programme.pk))
    return programme


@transaction.atomic
def programme_change(*, programme: Programme, terms: Terms, by: User) -> Programme:
    """Change a programme. Its standard stays as soon as somebody takes part: the levels of the list are of that standard.

    Raises:
        ValueError: the standard would change although enterprises take part.
    """
    if terms.standard != programme.standard and programme.enrolments.exists():
        raise ValueError("the standard of a programme in which enterprises take part stays")
    for name, value in vars(terms).items():
        setattr(programme, name, value)
    programme.save(update_fields=list(vars(terms)))
    audit_write(by, "programme-change", None, str(programme.pk))
    return programme


@transaction.atomic
def cohort_assign(*, programme: Programme, enrolments: Sequence[int], cohort: str, by: User) -> int:
    """Put enterprises of a programme into a cohort, or out of any with an empty name; return how many it concerned."""
    rows = Enrolment.objects.filter(visible_enrolments(), programme=programme, pk__in=enrolments)
    concerned = list(rows.values_list("pk", flat=True))
    Enrolment.objects.filter(pk__in=concerned).update(cohort=cohort)
    if concerned:
        audit_write(by, "cohort-assign", None, f"{programme.pk} {cohort} ({len(concerned)})")
    return len(concerned)


@transaction.atomic
def view_save(*, programme: Programme, user: User, name: str, query: str, shared: bool) -> SavedView:
    """Keep filters and sorting under a name; an own view of the same name is replaced."""
    view, _new = SavedView.objects.update_or_create(
        programme=programme, user=user, name=name, defaults={"query": query, "shared": shared}
    )
    audit_write(user, "view-save", None, f"{programme.pk} {view.pk}")
    return view


@transaction.atomic
def view_rename(*, view: SavedView, name: str, shared: bool) -> SavedView:
    """Give a view another name.

    Raises:
        ValueError: the user has another view of that name here.
    """
    others = SavedView.objects.filter(programme=view.programme, user=view.user, name=name).exclude(pk=view.pk)
    if others.exists():
        raise ValueError("the name is taken")
    view.name, view.shared = name, shared
    view.save(update_fields=["name", "shared"])
    audit_write(view.user, "view-rename", None, f"{view.programme_id} {view.pk}")
    return view


@transaction.atomic
def view_delete(*, view: SavedView) -> None:
    """Delete a view; the enterprises in it are not touched."""
    audit_write(view.user, "view-delete", None, f"{view.programme_id} {view.pk}")
    view.delete()
