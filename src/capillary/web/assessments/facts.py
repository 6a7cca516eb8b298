"""The form before a check: what does the enterprise do, how many people work there."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.assessments.services import Facts
from capillary.web.core.language import language

if TYPE_CHECKING:
    from django.forms import BoundField

    from capillary.model.standard import Standard

MOST_EMPLOYEES = 10_000_000
VARIANT = "variant-"


def sector_choices() -> list[tuple[str, str]]:
    """Return the sectors by name in the page's language."""
    return [(item.id, item.title.in_(language())) for item in engine.library().sectors().values()]


def region_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the regions by name in the page's language, the parts of a country below its name."""
    known = engine.library().regions()
    found: list[tuple[str, str | list[tuple[str, str]]]] = []
    for country, members in groupby(known.values(), key=lambda item: item.country):
        items = [(item.id, item.title.in_(language())) for item in members]
        if len(items) == 1:
            found.extend(items)
        else:
            found.append((known[country].title.in_(language()), items))
    return found


def standards_in_order() -> list[Standard]:
    """Return the standards, the installation's own first."""
    return sorted(engine.standards().values(), key=lambda item: item.id != settings.PRIMARY_STANDARD)


def standard_choices() -> list[tuple[str, str]]:
    """Return the standards by name, the installation's own first."""
    return [(item.id, item.file.title.in_(language())) for item in standards_in_order()]


class FactsForm(forms.Form):
    """What does your firm do, how many people? The rest is optional."""

    sector = forms.ChoiceField(
        label=_("What does your firm do?"),
        error_messages={
            "required": _("Choose what comes nearest."),
            "invalid_choice": _("Choose from the list."),
        },
    )
    employees = forms.IntegerField(
        label=_("How many people work there?"),
        help_text=_("You included. About is good enough."),
        min_value=1,
        max_value=MOST_EMPLOYEES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 12}),
        error_messages={
            "required": _("Write a number, such as 40."),
            "invalid": _("Write a whole number in digits, such as 40."),
            "min_value": _("At least one person works there: you."),
        },
    )
    region = forms.ChoiceField(label=_("Where is it? (optional)"), required=False)
    standard = forms.ChoiceField(label=_("Which standard?"))

    def __init__(self, data: Any = None, *, standard: str | None = None) -> None:
        super().__init__(data)
        self.fields["sector"].choices = [("", _("Please choose")), *sector_choices()]
        self.fields["region"].choices = [("", _("Prefer not to say")), *region_choices()]
        self.fields["standard"].choices = standard_choices()
        self.fields["standard"].initial = (
            standard if standard in engine.standards() else settings.PRIMARY_STANDARD
        )
        for each in standards_in_order():
            if each.file.variants:
                self.fields[f"{VARIANT}{each.id}"] = _variant_field(each)

    @property
    def variant_fields(self) -> list[tuple[str, BoundField]]:
        """The choice of a variant, for each standard that has some."""
        return [(name.removeprefix(VARIANT), self[name]) for name in self.fields if name.startswith(VARIANT)]

    @property
    def standard_matters(self) -> bool:
        """Whether the choice of the standard has to be seen: another one is chosen, or something is wrong with it."""
        wrong = any(name == "standard" or name.startswith(VARIANT) for name in self.errors)
        return wrong or self["standard"].value() != settings.PRIMARY_STANDARD

    @property
    def variant(self) -> str:
        """The variant chosen for the standard chosen; empty where it has none or the person is not sure."""
        return str(self.cleaned_data.get(f"{VARIANT}{self.cleaned_data['standard']}", ""))

    def facts(self) -> Facts:
        """Return what was said."""
        return Facts(
            sector=self.cleaned_data["sector"],
            employees=self.cleaned_data["employees"],
            region=self.cleaned_data["region"],
        )


def _variant_field(standard: Standard) -> forms.ChoiceField:
    known = [(item.id, item.title.in_(language())) for item in standard.file.variants]
    return forms.ChoiceField(
        label=_("What kind of production?"),
        choices=[("", _("Not sure: count both")), *known],
        required=False,
        widget=forms.RadioSelect,
    )
