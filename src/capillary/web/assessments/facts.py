"""The form before a check: what does the enterprise do, how many people work there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.assessments.services import Facts
from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.model.standard import Standard

MOST_EMPLOYEES = 10_000_000


def sector_choices() -> list[tuple[str, str]]:
    """Return the sectors by name in the page's language."""
    return [(item.id, item.title.in_(language())) for item in engine.library().sectors().values()]


def region_choices() -> list[tuple[str, str]]:
    """Return the regions by name in the page's language; a part of a country is named after it."""
    known = engine.library().regions()
    return [(item.id, item.title.in_(language())) for item in known.values()]


def standard_choices() -> list[tuple[str, str]]:
    """Return the standards by name, the installation's own first."""
    found = sorted(engine.standards().values(), key=lambda item: item.id != settings.PRIMARY_STANDARD)
    return [(item.id, item.file.title.in_(language())) for item in found]


class FactsForm(forms.Form):
    """What does your firm do, how many people? The rest is optional."""

    sector = forms.ChoiceField(label=_("What does your firm do?"))
    employees = forms.IntegerField(
        label=_("How many people work there?"), min_value=1, max_value=MOST_EMPLOYEES
    )
    region = forms.ChoiceField(label=_("Where is it? (optional)"), required=False)
    standard = forms.ChoiceField(label=_("Which standard?"))
    variant = forms.CharField(required=False)

    def __init__(self, data: Any = None, *, standard: str | None = None) -> None:
        super().__init__(data)
        self.fields["sector"].choices = [("", _("Please choose")), *sector_choices()]
        self.fields["region"].choices = [("", _("Prefer not to say")), *region_choices()]
        self.fields["standard"].choices = standard_choices()
        known = dict(standard_choices())
        self.fields["standard"].initial = standard if standard in known else settings.PRIMARY_STANDARD

    def clean(self) -> dict[str, Any]:
        """Check that the variant belongs to the standard; the first one is taken where none was chosen."""
        data = super().clean() or {}
        found = engine.standards().get(data.get("standard", ""))
        if found is not None:
            data["variant"] = self._variant(found, data.get("variant", ""))
        return data

    def _variant(self, standard: Standard, given: str) -> str:
        known = [item.id for item in standard.file.variants]
        return given if given in known else ""

    def facts(self) -> Facts:
        """Return what was said."""
        return Facts(
            sector=self.cleaned_data["sector"],
            employees=self.cleaned_data["employees"],
            region=self.cleaned_data["region"],
        )
