"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.applications"
    label = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        """Connect what has to happen when an enterprise is erased."""
        from capillary.web.applications import signals  # noqa: F401 - connects itself
