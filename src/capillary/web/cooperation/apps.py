"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CooperationConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.cooperation"
    label = "cooperation"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Let the search find what stands here."""
        from capillary.web.cooperation.found import register_catalogue

        register_catalogue()
