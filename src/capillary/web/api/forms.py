"""The form of a new token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.api.models import ApiToken

if TYPE_CHECKING:
    from datetime import datetime

TERMS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Never")))


class TokenForm(forms.Form):
    """What a token is for, what it may do and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Which program will use it, for example “ERP export”.")
    )
    scope = forms.ChoiceField(label=_("It may"), choices=ApiToken.Scope.choices)
    days = forms.ChoiceField(label=_("It expires after"), choices=TERMS, required=False, initial="90")

    def expires_at(self) -> datetime | None:
        """Return when the token expires; None for never."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None
