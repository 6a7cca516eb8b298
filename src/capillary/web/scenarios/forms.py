"""The form of a firm's size, by which a scenario's figures change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST = 100_000


def _count(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class SizeForm(forms.Form):
    """How large the firm is; what is left empty is assumed from the people."""

    people = _count(_("Number of people"), 1)
    users = _count(_("of them with a computer"), 0)
    machines = _count(_("Production machines"), 0)
