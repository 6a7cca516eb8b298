"""Admin classes whose writes stand in the audit log, and classes that only show."""

# ruff: noqa: ARG002, SLF001 - signatures and `_meta` are Django's

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from capillary.web.access import audit_write

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest


class AuditedAdmin(admin.ModelAdmin):
    """Notes every write in the audit log, beside Django's own log of the admin."""

    show_full_result_count = False

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note that something was made."""
        self._note(request, "add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note that something was changed."""
        self._note(request, "change", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Note that things were deleted."""
        for obj in queryset:
            self._note(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def _note(self, request: HttpRequest, verb: str, obj: Model) -> None:
        enterprise = obj.pk if obj._meta.label == "enterprises.Enterprise" else None
        audit_write(request.user, f"admin-{verb}", enterprise, f"{obj._meta.label} {obj.pk}")


class ShownAdmin(admin.ModelAdmin):
    """Shows rows and changes none."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows here."""
        return False
