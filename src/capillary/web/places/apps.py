"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.places"
    label = "places"
    verbose_name = _("Places")

    def ready(self) -> None:
        """Connect what has to happen when an enterprise is erased; let offerings be found among everything."""
        from capillary.web.places import signals  # noqa: F401 - connects itself
        from capillary.web.places.found import register_catalogue

        register_catalogue()
