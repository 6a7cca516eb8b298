"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchesConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.matches"
    label = "matches"
    verbose_name = _("Needs and matches")

    def ready(self) -> None:
        """Tell those who assess a firm who sells to it."""
        from capillary.web.core.bonds import bonds_told_by
        from capillary.web.matches.ties import sells_to

        bonds_told_by("matches", sells_to)
