"""Facts of firms in the admin: to be seen."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.funding.models import FirmFacts


@admin.register(FirmFacts)
class FirmFactsAdmin(ShownAdmin):
    """Facts of all enterprises."""

    list_display = ("enterprise", "currency", "changed_at", "changed_by")
    list_filter = ("changed_at",)
    search_fields = ("enterprise__name",)
    list_select_related = ("enterprise", "changed_by")
