"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.find"
    label = "find"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Let the vocabulary itself be found."""
        from capillary.web.find.vocabulary import register_catalogues

        register_catalogues()
