"""How a fact that rules ask for is asked, shown and taken, by its unit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.model.programme import Fact

MOST_MONEY = 10**13
MOST_COUNT = 10**7
UNKNOWN = ("", _("I don't know"))
NO_KEYS = "no-key"  # what is ticked where a firm holds none of them


def day_widget() -> forms.DateInput:
    """Return how a day is entered."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def amount_field(label: Any) -> forms.DecimalField:
    """Return a field for an amount of money, which may be left empty."""
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_MONEY,
        decimal_places=2,
        max_digits=15,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


def fact_field(fact: Fact) -> forms.Field:  # noqa: PLR0911 - one for each unit
    """Return the field that asks for a fact by its own question."""
    label = fact.question.in_(language())
    choices = [(item.key, item.title.in_(language())) for item in fact.choices]
    match fact.unit:
        case "flag":
            return forms.ChoiceField(
                label=label, required=False, choices=[UNKNOWN, ("yes", _("Yes")), ("no", _("No"))]
            )
        case "choice":
            return forms.ChoiceField(label=label, required=False, choices=[UNKNOWN, *choices])
        case "choices":
            return forms.MultipleChoiceField(
                label=label,
                required=False,
                choices=[*choices, (NO_KEYS, _("None of these"))],
                widget=forms.CheckboxSelectMultiple,
            )
        case "date":
            return forms.DateField(label=label, required=False, widget=day_widget())
        case "money":
            return amount_field(label)
        case "ratio":
            return forms.DecimalField(
                label=label,
                help_text=_("In percent."),
                required=False,
                min_value=None if fact.negative else 0,
                decimal_places=4,
                max_digits=12,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )
        case "number":
            return forms.DecimalField(
                label=label, required=False, min_value=0, decimal_places=3, max_digits=12,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )  # fmt: skip
        case _:
            return forms.IntegerField(
                label=label,
                required=False,
                min_value=0,
                max_value=MOST_COUNT,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )


def fact_shown(fact: Fact, value: object) -> object:
    """Return a kept value as its field shows it."""
    if value is None:
        return None
    match fact.unit:
        case "flag":
            return "yes" if value else "no"
        case "choices":
            return value or [NO_KEYS]
        case "ratio":
            return (Decimal(str(value)) * 100).normalize()
        case _:
            return value


def fact_taken(fact: Fact, value: Any) -> object:  # noqa: PLR0911 - one for each unit
    """Return what a field says as it is kept."""
    if value is None or value in ("", []):
        return None
    match fact.unit:
        case "flag":
            return value == "yes"
        case "choices":
            return [key for key in value if key != NO_KEYS]
        case "date":
            return value.isoformat()
        case "ratio":
            return str((value / 100).normalize())
        case "money" | "number":
            return str(value)
        case _:
            return value
