"""The market in the admin: to be seen."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.market.models import MarketOffer, MarketProvider


@admin.register(MarketProvider)
class MarketProviderAdmin(ShownAdmin):
    """All providers."""

    list_display = ("code", "name_zh", "name_en", "organisation", "changed_at")
    search_fields = ("code", "name_zh", "name_en")
    list_select_related = ("organisation",)


@admin.register(MarketOffer)
class MarketOfferAdmin(ShownAdmin):
    """All offers."""

    list_display = ("code", "title_zh", "title_en", "provider", "state", "version", "valid_to")
    list_filter = ("state",)
    search_fields = ("code", "title_zh", "title_en")
    list_select_related = ("provider",)
