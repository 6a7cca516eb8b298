"""The Django app of this part."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.accounts"
    label = "accounts"
    verbose_name = _("People and organisations")
