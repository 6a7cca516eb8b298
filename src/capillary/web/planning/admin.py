"""Roadmaps in the admin: to be seen."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.planning.models import Roadmap


@admin.register(Roadmap)
class RoadmapAdmin(ShownAdmin):
    """Roadmaps of all assessments."""

    list_display = ("assessment", "status", "made_by", "made_at", "ready_at")
    list_filter = ("status", "made_at")
    search_fields = ("assessment__enterprise__name",)
    list_select_related = ("assessment__enterprise", "made_by")
    exclude = ("page", "result")
