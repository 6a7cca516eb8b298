"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndustriesConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.industries"
    label = "industries"
    verbose_name = _("Industries")
