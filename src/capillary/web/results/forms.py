"""The forms of share links."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")))


class LinkForm(forms.Form):
    """How long a link works.

    The hidden id makes sure that one form makes one link, however often it is sent.
    """

    link = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    days = forms.TypedChoiceField(label=_("The link works for"), choices=DAYS, coerce=int, initial=30)


class ShareForm(LinkForm):
    """How long a link works, and what it shows of a result."""

    show_answers = forms.BooleanField(
        label=_("Show the answers too"),
        required=False,
        help_text=_(
            "Without them the link shows level, score, dimensions and obstacles, but no single answer."
        ),
    )
