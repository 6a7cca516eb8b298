"""API tokens in the admin: to be seen and withdrawn; nobody can read one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.administration.audited import ShownAdmin
from capillary.web.api.models import ApiToken
from capillary.web.api.services import token_withdraw

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(ApiToken)
class ApiTokenAdmin(ShownAdmin):
    """Tokens of all users."""

    list_display = (
        "name",
        "start",
        "user",
        "scope",
        "created_at",
        "expires_at",
        "last_used_at",
        "withdrawn_at",
    )
    list_filter = ("scope", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "start", "user__email")
    list_select_related = ("user",)
    exclude = ("digest",)
    actions = ("withdraw",)

    @admin.action(description=_("Withdraw the chosen tokens"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Make tokens open nothing any more."""
        for token in queryset.select_related("user"):
            token_withdraw(token=token, by=request.user)
        messages.success(request, _t("Done."))
