"""Facts of firms in the admin: to be seen."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.funding.models import FirmFacts, RuleDraft, Simulation


@admin.register(FirmFacts)
class FirmFactsAdmin(ShownAdmin):
    """Facts of all enterprises."""

    list_display = ("enterprise", "currency", "changed_at", "changed_by")
    list_filter = ("changed_at",)
    search_fields = ("enterprise__name",)
    list_select_related = ("enterprise", "changed_by")


@admin.register(RuleDraft)
class RuleDraftAdmin(ShownAdmin):
    """Drafts of rules."""

    list_display = ("name", "incentive", "made_by", "made_at")
    list_filter = ("made_at",)
    search_fields = ("name", "incentive")
    list_select_related = ("made_by",)


@admin.register(Simulation)
class SimulationAdmin(ShownAdmin):
    """Simulations; what they say of enterprises is for the officers of their programme."""

    list_display = ("incentive", "programme", "status", "made_by", "made_at")
    list_filter = ("status", "made_at")
    list_select_related = ("programme", "made_by")
    exclude = ("result",)
