"""Forms that show what a service refuses, and fields that several parts ask for in the same way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.web.core.refusals import RefusedError

MOST_MONEY = Decimal(10) ** 12


def day_field(label: Any, **options: Any) -> forms.DateField:
    """Return a field for a day."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)


def money_field(label: Any, *, min_value: Any = 0, **options: Any) -> forms.DecimalField:
    """Return a field for an amount of money with cents, from ``min_value`` to `MOST_MONEY`."""
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.DecimalField(
        label=label,
        max_digits=15,
        decimal_places=2,
        min_value=min_value,
        max_value=MOST_MONEY,
        widget=widget,
        **options,
    )


def words_field(label: Any, *, rows: int = 4, most: int = 4000, **options: Any) -> forms.CharField:
    """Return a field for a text of several lines."""
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options
    )


class RefusableForm(forms.Form):
    """A form that shows what a service refuses."""

    def refuse(self, error: RefusedError) -> None:
        """Show why, at the field that it is about."""
        field = error.field if error.field in self.fields else None
        self.add_error(field, error.reason.in_(language()))
