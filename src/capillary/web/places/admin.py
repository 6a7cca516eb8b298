"""Offerings, requests and draws in the admin: to be seen. They change in the office's own pages, with four eyes."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.places.models import Offering, PlaceRequest


@admin.register(Offering)
class OfferingAdmin(ShownAdmin):
    """Offerings of all organisations; without seed and key, which nobody sees before the draw is published."""

    exclude = ("seed", "key")
    list_display = ("code", "organisation", "kind", "state", "opens_on", "closes_on")
    list_filter = ("kind", "state", "opens_on")
    search_fields = ("code", "title_zh", "title_en")
    list_select_related = ("organisation",)


@admin.register(PlaceRequest)
class PlaceRequestAdmin(ShownAdmin):
    """Requests of all enterprises."""

    list_display = ("reference", "state", "provider", "place", "asked_on", "answer_by")
    list_filter = ("state", "offering__kind")
    search_fields = ("offering__code",)
    list_select_related = ("offering", "provider")
