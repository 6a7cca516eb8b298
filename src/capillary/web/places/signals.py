"""What happens to the place of an enterprise that is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.signals import post_delete
from django.dispatch import receiver

from capillary.web.places.draws import HOLDING, line_move
from capillary.web.places.locks import locked, noted
from capillary.web.places.models import PlaceRequest

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(post_delete, sender=PlaceRequest)
def place_is_free_again(sender: type[Model], instance: PlaceRequest, **kwargs: object) -> None:  # noqa: ARG001 - Django's call
    """Let the next in line move up, so that an erasure does not leave a place empty."""
    row = locked(instance.offering_id)
    noted(row, "erase", None, instance.reference)
    if row.is_published() and instance.state in {*HOLDING, PlaceRequest.State.WAITING}:
        line_move(row, [instance.reference], site="")
