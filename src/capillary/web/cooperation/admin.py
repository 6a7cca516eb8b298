"""Profiles and interests in the admin: to be seen, without what names anybody. They change in their pages, with their rules."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.cooperation.models import CooperationProfile, Interest


@admin.register(CooperationProfile)
class CooperationProfileAdmin(ShownAdmin):
    """Profiles of all enterprises."""

    list_display = ("reference", "title_zh", "title_en", "state", "version", "valid_to")
    list_filter = ("state", "kind")
    fields = ("reference", "title_zh", "title_en", "state", "version", "valid_from", "valid_to", "reason")


@admin.register(Interest)
class InterestAdmin(ShownAdmin):
    """Interests in all profiles."""

    list_display = ("code", "profile", "status", "made_at", "changed_at")
    list_filter = ("status",)
    list_select_related = ("profile",)
    fields = ("profile", "status", "made_at", "changed_at")
