"""Accreditations in the admin: to be seen. They change in the office's own pages, with four eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from capillary.matching.accrediting import Status
from capillary.web.accreditations.models import AccreditationRequest, Desk
from capillary.web.administration.audited import ShownAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Desk)
class DeskAdmin(ShownAdmin):
    """What offices decide about."""

    list_display = ("programme", "organisation", "months", "is_open")
    list_filter = ("programme", "is_open")
    list_select_related = ("organisation",)


@admin.register(AccreditationRequest)
class AccreditationRequestAdmin(ShownAdmin):
    """Applications of all providers, once they are submitted."""

    list_display = ("reference", "provider", "status", "submitted_at", "granted_on", "valid_to")
    list_filter = ("status", "desk__programme")
    search_fields = ("provider__name_zh", "provider__name_en", "desk__programme")
    list_select_related = ("desk", "provider")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccreditationRequest]:
        """Leave drafts to their providers."""
        return super().get_queryset(request).exclude(status=Status.DRAFT)
