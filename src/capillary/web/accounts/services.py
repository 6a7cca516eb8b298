"""Writes to accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel
from django.utils import timezone

from capillary.web.access import audit_write
from capillary.web.accounts.models import User
from capillary.web.core.admin_log import log_forget, log_forget_person
from capillary.web.enterprises.models import Enterprise, Invitation, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model, QuerySet

# What stays with the bare id: who acted for whom and when, and what was done in the administration.
KEPT = {Member, LogEntry}


class LastOwnerError(Exception):
    """Enterprises would be left without an owner."""

    def __init__(self, enterprises: Iterable[Enterprise]) -> None:
        super().__init__("enterprises would be left without an owner")
        self.enterprises = list(enterprises)


@transaction.atomic
def account_change(*, user: User, name: str, language: str, currency: str = "") -> User:
    """Change a person's name, language, and the currency in which amounts are shown."""
    user.name, user.language, user.currency = name, language, currency
    user.save(update_fields=["name", "language", "currency"])
    audit_write(user, "account-change", None, f"user {user.pk}")
    return user


def owned_alone(user: User) -> list[Enterprise]:
    """Return the enterprises whose only owner a person is."""
    owned = Enterprise.objects.filter(
        erased_at=None, members__user=user, members__role=Member.Role.OWNER, members__until=None
    )
    others = Member.objects.filter(role=Member.Role.OWNER, until=None).exclude(user=user)
    return list(owned.exclude(pk__in=others.values("enterprise")).distinct())


def _belongings(user: User) -> Iterator[QuerySet[Model]]:
    """Yield the rows that are a person's own: those that would go with the person's row."""
    for relation in User._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django's way to a model's relations
        if not isinstance(relation, ForeignObjectRel) or relation.on_delete is not CASCADE:
            continue
        model = relation.related_model
        if model not in KEPT:
            yield model._default_manager.filter(**{relation.field.name: user})  # noqa: SLF001


@transaction.atomic
def account_delete(*, user: User) -> None:
    """Delete a person's account: everything that says who it was goes, the row with its bare id stays.

    Raises:
        LastOwnerError: enterprises would be left without an owner; they must be handed over or erased first.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    alone = owned_alone(user)
    if alone:
        raise LastOwnerError(alone)
    Member.objects.filter(user=user, until=None).update(until=timezone.now())
    Invitation.objects.filter(email__iexact=user.email).delete()
    log_forget(User, [user.pk])
    log_forget_person(user.name, user.email)
    for rows in _belongings(user):
        rows.delete()
    User.objects.filter(pk=user.pk).update(
        email=f"{user.pk}@deleted.invalid",
        name="",
        language="",
        currency="",
        password=make_password(None),
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        is_demo=False,
        erased_at=timezone.now(),
    )
    audit_write(user, "account-delete", None, f"user {user.pk}")
