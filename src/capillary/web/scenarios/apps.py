"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.scenarios"
    label = "scenarios"
    verbose_name = _("Scenarios")

    def ready(self) -> None:
        """Let the scenarios be found among everything."""
        from capillary.web.scenarios.found import register_catalogue

        register_catalogue()
