"""Locks an offering for a write, and writes the list of what happened in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.places.models import Event, Offering

if TYPE_CHECKING:
    from uuid import UUID

    from capillary.web.accounts.models import User


def noted(offering: Offering, act: str, by: User | None, reference: str = "", text: str = "") -> None:
    """Write a line into the list of what happened."""
    Event.objects.create(offering=offering, reference=reference, act=act, text=text[:300], by=by)


def locked(pk: UUID) -> Offering:
    """Return an offering, locked until the transaction ends."""
    return Offering.objects.select_for_update().get(pk=pk)
