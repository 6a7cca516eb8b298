"""Certificates in the admin: to be seen, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.administration.audited import ShownAdmin
from capillary.web.certificates.models import IssuedCertificate
from capillary.web.certificates.services import certificate_revoke

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(IssuedCertificate)
class IssuedCertificateAdmin(ShownAdmin):
    """Certificates of all assessments."""

    list_display = ("assessment", "made_by", "issued_at", "valid_until", "revoked")
    list_filter = ("issued_at", "valid_until", ("entry__revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("assessment__enterprise__name", "id")
    list_select_related = ("assessment__enterprise", "made_by", "entry")
    exclude = ("document", "token")
    actions = ("take_back",)

    @admin.display(description=_("taken back"))
    def revoked(self, row: IssuedCertificate) -> object:
        """Return when it was taken back."""
        return row.entry.revoked_at

    @admin.action(description=_("Take back the chosen certificates"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[IssuedCertificate]) -> None:
        """Take certificates back."""
        for row in queryset.select_related("assessment"):
            certificate_revoke(certificate=row, by=request.user)
        messages.success(request, _t("The certificates are taken back."))
