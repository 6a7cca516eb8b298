"""``match_letters``: lets the clocks of matches strike, and sends the letters of the day; run it once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from capillary.web.matches.letters import readers
from capillary.web.matches.services import clocks_check
from capillary.web.matches.tasks import digest_letter

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Notes reminders and what is overdue, and has the letters sent in the background."""

    help = (
        "Note what is late, and send one letter a day at most to everybody who has news of needs and matches."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the site."""
        parser.add_argument("--site", default=settings.ADDRESS, help="address of the site, for the links")

    def handle(self, *_args: Any, site: str, **_options: Any) -> None:
        """Check the clocks, then ask for the letters."""
        marks = clocks_check()
        people = readers()
        for reader in people:
            digest_letter.enqueue(reader, site)
        self.stdout.write(f"{marks} marks, {len(people)} readers")
