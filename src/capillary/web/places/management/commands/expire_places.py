"""``expire_places``: takes back the places that were not accepted in time, and lets the next in line move up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from capillary.web.places.draws import places_expire
from capillary.web.places.models import Offering


class Command(BaseCommand):
    """Takes back what was not accepted in time."""

    help = "Take back the places that were not accepted in time; the next in line move up."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Go through all published offerings."""
        count = sum(
            places_expire(offering=row, by=None, site="")
            for row in Offering.objects.filter(state=Offering.State.PUBLISHED)
        )
        self.stdout.write(f"places taken back: {count}")
