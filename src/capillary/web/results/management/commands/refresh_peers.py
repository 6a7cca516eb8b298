"""``capillary manage refresh_peers``: make the figures about peers anew."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from capillary.web.results.services import peers_refresh


class Command(BaseCommand):
    """Counts the enterprises that agreed; the result pages also have it done once a day."""

    help = "Make the figures about peers anew."

    def handle(self, *args: object, **options: object) -> None:  # noqa: ARG002 - Django's signature
        """Make them and say how many groups are large enough."""
        self.stdout.write(_("Groups that are large enough: %(count)s") % {"count": peers_refresh()})
