"""Calls, applications and the ledger in the admin: to be seen. They change in the office's own pages, with four eyes."""

from __future__ import annotations

from django.contrib import admin

from capillary.web.administration.audited import ShownAdmin
from capillary.web.applications.models import Application, Booking, Call


@admin.register(Call)
class CallAdmin(ShownAdmin):
    """Calls of all organisations."""

    list_display = ("code", "organisation", "programme", "budget", "granted", "paid", "opens_on", "closes_on")
    list_filter = ("programme", "opens_on")
    search_fields = ("code", "title")
    list_select_related = ("organisation",)


@admin.register(Application)
class ApplicationAdmin(ShownAdmin):
    """Applications of all enterprises."""

    list_display = ("reference", "name", "status", "asked", "granted", "submitted_at", "decided_at")
    list_filter = ("status", "call__programme", "submitted_at")
    search_fields = ("name", "call__code")
    list_select_related = ("call",)


@admin.register(Booking)
class BookingAdmin(ShownAdmin):
    """The ledgers of all calls."""

    list_display = ("at", "call", "reference", "kind", "amount", "by")
    list_filter = ("kind", "at")
    search_fields = ("reference", "call__code")
    list_select_related = ("call", "by")
