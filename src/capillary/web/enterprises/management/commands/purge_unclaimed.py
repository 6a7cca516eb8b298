"""Deletes the checks that nobody claimed in time; meant for a daily timer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from capillary.web.enterprises.erasure import unclaimed_purge
from capillary.web.enterprises.tasks import unclaimed_purge as task


class Command(BaseCommand):
    """Delete unclaimed checks older than ``settings.UNCLAIMED_DAYS``."""

    help = "Delete the checks without an account that nobody claimed or changed for settings.UNCLAIMED_DAYS days."

    def add_arguments(self, parser: Any) -> None:
        """Add the command's options."""
        parser.add_argument("--later", action="store_true", help="leave the work to the background worker")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        if options["later"]:
            task.enqueue()
            self.stdout.write("The worker will do it.")
            return
        self.stdout.write(f"Deleted {unclaimed_purge()} unclaimed checks.")
