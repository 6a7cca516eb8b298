"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.funding"
    label = "funding"
    verbose_name = _("Incentives")

    def ready(self) -> None:
        """Let the incentive programmes be found among everything."""
        from capillary.web.funding.found import register_catalogue

        register_catalogue()
