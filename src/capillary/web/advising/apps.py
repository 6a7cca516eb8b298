"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdvisingConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.advising"
    label = "advising"
    verbose_name = _("Advising")
