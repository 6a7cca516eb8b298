"""The audit log in the admin: to be read, never to be changed."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from capillary.web.access import Role
from capillary.web.administration.audited import ShownAdmin
from capillary.web.core.models import AuditEntry

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


ROLES = {
    Role.HOLDER: _("Check without an account"),
    Role.OWNER: _("Owner"),
    Role.COLLEAGUE: _("Colleague"),
    Role.ADVISER: _("Adviser"),
    Role.ASSESSOR: _("Assessor"),
    Role.OFFICER: _("Programme officer"),
    Role.PROVIDER: _("Provider"),
    Role.ADMINISTRATOR: _("Administrator"),
}


class RoleFilter(admin.SimpleListFilter):
    """By the role in which somebody read."""

    title = _("in the role of")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the roles."""
        return [(role.value, str(name)) for role, name in ROLES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return the entries of the chosen role."""
        return queryset.filter(role=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ShownAdmin):
    """Who read or changed whose data, and when."""

    list_display = ("at", "user", "kind", "action", "role", "enterprise", "subject")
    list_filter = ("kind", RoleFilter, "at")
    search_fields = ("user__email", "action", "subject", "=enterprise")
    list_select_related = ("user",)
    list_per_page = 50
    ordering = ("-at", "-id")
