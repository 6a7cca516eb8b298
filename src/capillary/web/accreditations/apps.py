"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccreditationsConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.accreditations"
    label = "accreditations"
    verbose_name = _("Accreditations")
