"""Calls, applications and the ledger in the admin: to be seen. They change in the office's own pages, with four eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from capillary.incentives.applying import Status
from capillary.web.access import Role, audit_read
from capillary.web.administration.audited import ShownAdmin
from capillary.web.applications.models import Application, Booking, Call

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


@admin.register(Call)
class CallAdmin(ShownAdmin):
    """Calls of all organisations."""

    list_display = ("code", "organisation", "programme", "budget", "granted", "paid", "opens_on", "closes_on")
    list_filter = ("programme", "opens_on")
    search_fields = ("code", "title")
    list_select_related = ("organisation",)


@admin.register(Application)
class ApplicationAdmin(ShownAdmin):
    """Applications of all enterprises, once they are submitted."""

    list_display = ("reference", "name", "status", "asked", "granted", "submitted_at", "decided_at")
    list_filter = ("status", "call__programme", "submitted_at")
    search_fields = ("name", "call__code")
    list_select_related = ("call",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Leave drafts to their enterprises."""
        return super().get_queryset(request).exclude(status=Status.DRAFT)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an application, and note that it was opened."""
        found = self.get_object(request, object_id)
        if found is not None:
            subject = f"{request.method} {request.path}"[:200]
            audit_read(request, subject, found.enterprise_id, Role.ADMINISTRATOR)
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Booking)
class BookingAdmin(ShownAdmin):
    """The ledgers of all calls."""

    list_display = ("at", "call", "reference", "kind", "amount", "by")
    list_filter = ("kind", "at")
    search_fields = ("reference", "call__code")
    list_select_related = ("call", "by")
