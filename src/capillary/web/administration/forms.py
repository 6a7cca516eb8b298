"""Forms of the administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.core.language import language


def standard_choices() -> list[tuple[str, str]]:
    """Return the installed standards by title, each with its id."""
    return [
        (name, f"{item.file.short_title.in_(language())} · {name}")
        for name, item in engine.standards().items()
    ]


class EditionsForm(forms.Form):
    """Which two editions are compared."""

    old = forms.ChoiceField(label=_("Present edition"))
    latest = forms.ChoiceField(label=_("Other edition"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        for name in ("old", "latest"):
            self.fields[name].choices = [("", _("Please choose")), *standard_choices()]

    def clean(self) -> dict[str, Any]:
        """Refuse to compare an edition with itself."""
        data = super().clean() or {}
        if data.get("old") and data.get("old") == data.get("latest"):
            self.add_error("latest", _("Choose another edition than the present one."))
        return data
