"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.market"
    label = "market"
    verbose_name = _("Market")

    def ready(self) -> None:
        """Let offers and providers be found among everything."""
        from capillary.web.market.found import register_catalogues

        register_catalogues()
