"""``refresh_aggregates``: works the figures of all dashboards out anew, for instance every night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from capillary.web.programmes.aggregates import aggregates_refresh
from capillary.web.programmes.models import Programme

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Works the figures of dashboards out anew."""

    help = "Work the figures of the programmes' dashboards out anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the codes of programmes; none means all."""
        parser.add_argument("codes", nargs="*", help="codes of programmes; all of them if none is given")

    def handle(self, *_args: Any, codes: list[str], **_options: Any) -> None:
        """Refresh one programme after another."""
        programmes = Programme.objects.filter(code__in=codes) if codes else Programme.objects.all()
        for programme in programmes:
            figures = aggregates_refresh(programme=programme)
            self.stdout.write(f"{programme.code}: {figures}")
