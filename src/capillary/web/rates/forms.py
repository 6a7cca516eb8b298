"""Forms of exchange rates: the reader's currency, a day, a file, and one rate by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.rates.current import currency_choices
from capillary.web.rates.models import Certainty, ExchangeRate

MOST_BYTES = 5_000_000
LARGEST = Decimal(10**9)


class CurrencyForm(forms.Form):
    """In which currency amounts are shown beside their own."""

    currency = forms.ChoiceField(label=_("Show amounts in"), required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["currency"].choices = [("", _("as they are")), *currency_choices()]


class ConvertForm(forms.Form):
    """A day, and an amount to work out."""

    on = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_value=10**12, decimal_places=2
    )
    one = forms.ChoiceField(label=_("From"), required=False)
    other = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["one"].choices = self.fields["other"].choices = currency_choices()


class UploadForm(forms.Form):
    """A file of rates."""

    file = forms.FileField(
        label=_("File of rates"),
        help_text=_(
            "eurofxref-hist.csv, eurofxref-daily.xml or eurofxref.csv of the European Central Bank, or a table of your own."
        ),
    )
    certainty = forms.ChoiceField(
        label=_("Certainty of the bank’s figures"),
        choices=Certainty.choices,
        initial=Certainty.OFFICIAL,
        help_text=_(
            "Official only where you loaded the file from the bank yourself. A table of your own says it in each row."
        ),
    )
    replaces = forms.BooleanField(
        label=_("Where a day has another figure already, the new one replaces it"), required=False
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any such file."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        return file


class RateForm(forms.Form):
    """One rate by hand."""

    base = forms.ChoiceField(label=_("One unit of"))
    units = forms.DecimalField(
        label=_("is worth"),
        max_digits=15,
        decimal_places=10,
        max_value=LARGEST,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(label=_("in"))
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Who published it, and where."))
    certainty = forms.ChoiceField(
        label=_("Certainty"), choices=Certainty.choices, initial=Certainty.UNVERIFIED
    )
    replaces = forms.BooleanField(
        label=_("Where the day has another figure already, this one replaces it"), required=False
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["base"].choices = self.fields["currency"].choices = currency_choices()

    def clean_units(self) -> Decimal:
        """Refuse what is no price."""
        units: Decimal = self.cleaned_data["units"]
        if units <= 0:
            raise forms.ValidationError(_("A rate is more than 0."))
        return units

    def clean_day(self) -> Any:
        """Refuse days to come."""
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        """Refuse a rate between a currency and itself, and another figure of a day that has one."""
        data = super().clean() or {}
        if data.get("base") and data.get("base") == data.get("currency"):
            self.add_error("currency", _("Choose another currency than the first."))
        if {"base", "currency", "day", "units"} <= data.keys() and not data.get("replaces"):
            self._check_day(data)
        return data

    def _check_day(self, data: dict[str, Any]) -> None:
        pair = {name: data[name] for name in ("base", "currency", "day")}
        before = ExchangeRate.objects.filter(**pair).values_list("units", flat=True).first()
        if before is not None and Decimal(before) != data["units"]:
            said = _("This day has the rate {before} already. Tick the box below if yours replaces it.")
            self.add_error("units", said.format(before=before))

    def given(self) -> dict[str, object]:
        """Return what was entered, the rate as it is kept."""
        data = dict(self.cleaned_data)
        data["units"] = f"{data['units']:f}"
        return data
