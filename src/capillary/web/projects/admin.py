"""Projects in the admin: to be seen."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.projects.models import Milestone, Project


@admin.register(Project)
class ProjectAdmin(ShownAdmin):
    """Projects of all enterprises."""

    list_display = ("name", "enterprise", "standard", "status", "made_at", "ended_at")
    list_filter = ("status", "standard", "made_at")
    search_fields = ("name", "enterprise__name")
    list_select_related = ("enterprise",)


@admin.register(Milestone)
class MilestoneAdmin(ShownAdmin):
    """Milestones of all projects."""

    list_display = ("measure", "project", "status", "due", "planned", "spent", "done_on")
    list_filter = ("status", "due")
    search_fields = ("measure", "project__name", "project__enterprise__name")
    list_select_related = ("project__enterprise",)
