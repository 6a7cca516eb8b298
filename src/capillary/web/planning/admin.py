"""Roadmaps in the admin, and links that show them: to be seen; a link can be withdrawn, and nobody can read its secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.administration.audited import ShownAdmin
from capillary.web.planning.models import Roadmap, RoadmapLink
from capillary.web.planning.services import HEAVY, roadmap_link_withdraw
from capillary.web.results.admin import LINK_COLUMNS, LINK_FILTERS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Roadmap)
class RoadmapAdmin(ShownAdmin):
    """Roadmaps of all assessments."""

    list_display = ("assessment", "status", "made_by", "made_at", "ready_at")
    list_filter = ("status", "made_at")
    search_fields = ("assessment__enterprise__name",)
    list_select_related = ("assessment__enterprise", "made_by")
    exclude = ("page", "result")


@admin.register(RoadmapLink)
class RoadmapLinkAdmin(ShownAdmin):
    """Links of all roadmaps."""

    list_display = ("roadmap", *LINK_COLUMNS)
    list_filter = LINK_FILTERS
    search_fields = ("roadmap__assessment__enterprise__name", "made_by__email")
    list_select_related = ("roadmap__assessment__enterprise", "made_by")
    exclude = ("token_hash",)
    actions = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoadmapLink]:
        """Return the links without what their roadmaps hold."""
        return super().get_queryset(request).defer(*(f"roadmap__{name}" for name in HEAVY))

    @admin.action(description=_("Withdraw the chosen links"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[RoadmapLink]) -> None:
        """Make links show nothing any more."""
        for link in queryset.select_related("roadmap__assessment"):
            roadmap_link_withdraw(link=link, by=request.user)
        messages.success(request, _t("The links are withdrawn."))
