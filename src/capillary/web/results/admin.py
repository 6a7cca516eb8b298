"""Share links and figures about peers in the admin: to be seen; a link can be withdrawn, and nobody can read its secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.administration.audited import ShownAdmin
from capillary.web.results.models import PeerFigure, ShareLink
from capillary.web.results.services import link_withdraw

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


LINK_COLUMNS = ("made_by", "made_at", "expires_at", "withdrawn_at", "uses", "last_used")
LINK_FILTERS = ("made_at", "expires_at", ("withdrawn_at", admin.EmptyFieldListFilter))


@admin.register(ShareLink)
class ShareLinkAdmin(ShownAdmin):
    """Links of all results."""

    list_display = ("assessment", *LINK_COLUMNS, "show_answers")
    list_filter = LINK_FILTERS
    search_fields = ("assessment__enterprise__name", "made_by__email")
    list_select_related = ("assessment__enterprise", "made_by")
    exclude = ("token_hash",)
    actions = ("withdraw",)

    @admin.action(description=_("Withdraw the chosen links"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> None:
        """Make links show nothing any more."""
        for link in queryset.select_related("assessment"):
            link_withdraw(link=link, by=request.user)
        messages.success(request, _t("The links are withdrawn."))


@admin.register(PeerFigure)
class PeerFigureAdmin(ShownAdmin):
    """Figures about peers, as they were made last."""

    list_display = ("standard", "sector", "size", "region", "enterprises", "median", "made_at")
    list_filter = ("standard", "sector", "size")
    list_per_page = 50
