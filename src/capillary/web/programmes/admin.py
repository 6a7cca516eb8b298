"""Programmes in the admin."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from capillary.web.administration.audited import AuditedAdmin
from capillary.web.administration.forms import standard_choices
from capillary.web.programmes.models import Programme

if TYPE_CHECKING:
    from django.http import HttpRequest


class ProgrammeForm(forms.ModelForm):
    """A programme under one of the installed standards."""

    standard = forms.ChoiceField(label=_("standard"))

    class Meta:
        model = Programme
        fields = ("organisation", "name_zh", "name_en", "standard", "code", "opens_on", "closes_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = standard_choices()
        now = self.instance.standard
        self.fields["standard"].choices = [*known, *([(now, now)] if now and now not in dict(known) else [])]

    def clean(self) -> dict[str, Any]:
        """Refuse a programme that closes before it opens."""
        data = super().clean() or {}
        opens, closes = data.get("opens_on"), data.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("The programme would close before it opens."))
        return data


@admin.register(Programme)
class ProgrammeAdmin(AuditedAdmin):
    """Programmes, each of one organisation under one standard."""

    form = ProgrammeForm
    list_display = ("name_zh", "name_en", "organisation", "standard", "code", "opens_on", "closes_on")
    list_filter = ("standard", "organisation")
    search_fields = ("name_zh", "name_en", "code")
    list_select_related = ("organisation",)

    def has_delete_permission(self, request: HttpRequest, obj: Programme | None = None) -> bool:
        """A programme ends by its last day; what enterprises agreed to stays known."""
        return False
