"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.outcomes"
    label = "outcomes"
    verbose_name = _("Outcomes of projects")

    def ready(self) -> None:
        """Connect what has to happen when an outcome is deleted with its enterprise."""
        from capillary.web.outcomes import signals  # noqa: F401 - connects itself
