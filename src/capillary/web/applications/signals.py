"""What happens to the money of an application that is deleted with its enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from capillary.web.applications.ledger import give_back
from capillary.web.applications.models import Application

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(pre_delete, sender=Application)
def money_is_free_again(sender: type[Model], instance: Application, **kwargs: object) -> None:  # noqa: ARG001 - Django's call
    """Give back what was granted and not paid, so that an erasure does not bind a budget for ever."""
    give_back(instance, None, is_erased=True)
