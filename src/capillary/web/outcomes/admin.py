"""Outcomes in the admin: to be seen. They change in the pages of firms and reviewers, with their rules."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.outcomes.models import Outcome, ScenarioFigure


@admin.register(Outcome)
class OutcomeAdmin(ShownAdmin):
    """Outcomes of all firms."""

    list_display = ("scenario", "enterprise", "done_on", "state", "consented_at", "withdrawn_at")
    list_filter = ("state", "told_at")
    search_fields = ("scenario", "enterprise__name")
    list_select_related = ("enterprise",)


@admin.register(ScenarioFigure)
class ScenarioFigureAdmin(ShownAdmin):
    """Figures of all scenarios."""

    list_display = ("scenario", "part", "low", "typical", "high", "projects", "reported", "made_at")
    list_filter = ("made_at",)
    search_fields = ("scenario", "part")
    fields = ("scenario", "part", "low", "typical", "high", "projects", "reported", "made_at")
