"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.market"
    label = "market"
    verbose_name = _("Market")
