"""Needs and matches in the admin: to be seen. They change in the pages of both sides, with their rules."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.matches.models import Match, Need


@admin.register(Need)
class NeedAdmin(ShownAdmin):
    """Needs of all firms, without what names them."""

    list_display = ("reference", "sector", "region", "state", "published_at")
    list_filter = ("state", "published_at")
    fields = ("measures", "sector", "region", "state", "published_at", "closed_at")


@admin.register(Match)
class MatchAdmin(ShownAdmin):
    """Matches of all needs."""

    list_display = ("need", "offer_code", "status", "since", "overdue_on", "complaint_at", "settled_at")
    list_filter = ("status", "complaint_at")
    list_select_related = ("need",)
    fields = ("need", "offer_code", "status", "since", "overdue_on", "complaint_at", "settled_at")
