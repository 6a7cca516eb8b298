"""The Django app of this part, and Django's admin with our site in it."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.utils.translation import gettext_lazy as _


class AdministrationConfig(AppConfig):
    """The app and its name in the admin."""

    name = "capillary.web.administration"
    label = "administration"
    verbose_name = _("Administration")
    default = True


class AdminConfig(django_admin.AdminConfig):
    """Django's admin, with our site instead of its own."""

    default = False
    default_site = "capillary.web.administration.site.AdministrationSite"
