"""``load_demo``: load the demonstration into an empty installation."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.utils import timezone

from capillary.web.demo.load import demo_is_loaded, demo_load
from capillary.web.enterprises.models import Enterprise

# Figures that lists and pages read from tables of their own.
REFRESHED = ("refresh_peers", "refresh_aggregates")


class Command(BaseCommand):
    """Loads the demonstration once; an installation with data of its own is left alone."""

    help = "Load 300 made-up enterprises, three programmes and accounts to look around with."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's own form
        """Load it, unless it is there.

        Raises:
            CommandError: the installation has data of its own.
        """
        if demo_is_loaded():
            self.stdout.write("The demonstration is loaded already.")
            return
        if Enterprise.objects.exclude(claimed_at=None).exists():
            raise CommandError(
                "This installation holds enterprises of its own. Choose another data folder for the demonstration: "
                "capillary serve --demo --data FOLDER"
            )
        self.stdout.write("Loading the demonstration …")
        demo_load(now=timezone.now(), tell=self.stdout.write)
        for name in REFRESHED:
            if name in get_commands():
                call_command(name)
