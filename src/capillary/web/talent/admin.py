"""Courses of organisations and training plans in the admin: to be seen. What people keep of themselves is not shown here."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.talent.models import OfferedCourse, TrainingPlan


@admin.register(OfferedCourse)
class OfferedCourseAdmin(ShownAdmin):
    """Courses of organisations."""

    list_display = ("number", "title_zh", "title_en", "organisation", "link_kind", "hours", "imported_at")
    list_filter = ("link_kind", "form")
    search_fields = ("title_zh", "title_en", "number")
    list_select_related = ("organisation",)


@admin.register(TrainingPlan)
class TrainingPlanAdmin(ShownAdmin):
    """Training plans of all enterprises."""

    list_display = ("enterprise", "origin", "begins_on", "made_at")
    list_filter = ("origin",)
    search_fields = ("enterprise__name",)
    list_select_related = ("enterprise",)
