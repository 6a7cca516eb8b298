"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TalentConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.talent"
    label = "talent"
    verbose_name = _("Courses and talent")

    def ready(self) -> None:
        """Let the courses be found among everything."""
        from capillary.web.talent.found import register_catalogue

        register_catalogue()
