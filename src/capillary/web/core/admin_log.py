"""What the admin's own list of actions keeps of things that are erased: who did something and when, but no names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

BLANK = {"object_repr": "–", "change_message": ""}
AT_ONCE = 500


def log_models() -> frozenset[type[Model]]:
    """Return the models of which the admin's list of actions names things; few, whatever is erased."""
    known = LogEntry.objects.exclude(content_type=None).order_by().values_list("content_type", flat=True)
    found = (kind.model_class() for kind in ContentType.objects.filter(pk__in=known.distinct()))
    return frozenset(model for model in found if model is not None)


def log_forget(model: type[Model], keys: Iterable[object]) -> None:
    """Take the names of things out of the admin's list of actions."""
    wanted = [str(key) for key in keys]
    kind = ContentType.objects.get_for_model(model)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        LogEntry.objects.filter(content_type=kind, object_id__in=part).update(**BLANK)


def log_forget_person(*names: str) -> None:
    """Take a person out of the admin's list of actions, where a membership or a position stands under their name."""
    stands = Q()
    for name in filter(None, names):
        # as Django writes it into the message of a change, up to where the role begins
        inside = f'"object": {json.dumps(name)[:-1]}'
        stands |= Q(object_repr=name) | Q(object_repr__startswith=f"{name} · ")
        stands |= Q(change_message__contains=f'{inside}"') | Q(change_message__contains=f"{inside} ")
    if stands:
        LogEntry.objects.filter(stands).update(**BLANK)
