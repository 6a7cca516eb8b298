"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.planning"
    label = "planning"
    verbose_name = _("Roadmaps")

    def ready(self) -> None:
        """Let the measures be found among everything."""
        from capillary.web.planning.found import register_catalogue

        register_catalogue()
