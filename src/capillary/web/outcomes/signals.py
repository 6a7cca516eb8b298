"""What happens to the figures of a scenario when an outcome is deleted, with its enterprise or alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from capillary.web.outcomes.models import Outcome

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(post_delete, sender=Outcome)
def figures_without_it(sender: type[Model], instance: Outcome, **kwargs: object) -> None:  # noqa: ARG001 - Django's call
    """Look anew at the figures that it stood behind, once it is really gone."""
    from capillary.web.outcomes.services import figures_refresh

    transaction.on_commit(lambda: figures_refresh(instance.scenario))
