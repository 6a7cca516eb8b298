"""``housekeeping``: what a running installation does once a day; ``capillary serve`` starts it."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, call_command

DAILY = (
    "purge_unclaimed",
    "clearsessions",
    "expire_places",
    "refresh_peers",
    "refresh_aggregates",
    "match_letters",
    "prune_db_task_results",
)


class Command(BaseCommand):
    """Deletes what has run out, and makes the stored figures anew."""

    help = "Delete unclaimed checks, sessions and old tasks that ran out; make stored figures anew; send the day's letters."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's own form
        """Run the daily commands one after the other."""
        for name in DAILY:
            call_command(name, verbosity=options["verbosity"], stdout=self.stdout)
