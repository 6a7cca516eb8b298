"""The forms of needs and matches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.core.forms import MOST_MONEY, RefusableForm, day_field, money_field, words_field
from capillary.web.evidence.files.check import check_file, too_large
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import ACCEPT, FILE_HELP, file_problem
from capillary.web.market.forms import TONGUES
from capillary.web.rates.current import currency_choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from django.forms.boundfield import BoundWidget

    from capillary.web.evidence.files.check import FileFacts

MOST_PEOPLE = 1_000_000
MOST_MEASURES = 12
MOST_WEEKS = 520
QUOTE_DAYS = 30
YES_NO = (("yes", _("Yes")), ("no", _("No")))
_FILE_FIELDS = ("file_name", "file_type", "file_size", "sha256")


class NeedForm(RefusableForm):
    """What a firm needs."""

    measures = forms.MultipleChoiceField(
        label=_("Measures"),
        help_text=_("What a provider is to deliver. Leave only those that you want an offer for."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one measure.")},
    )
    budget = forms.IntegerField(
        label=_("Budget for the first year (optional)"),
        required=False,
        min_value=0,
        max_value=int(MOST_MONEY),
        help_text=_("Providers see a range, not the figure."),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    start_by = day_field(_("Can begin by (optional)"), required=False)
    language = forms.ChoiceField(label=_("Language (optional)"), required=False)
    words = words_field(
        _("In your own words (optional)"),
        required=False,
        most=2000,
        help_text=_("A provider reads this once both of you have agreed. Name no firm here."),
    )

    def __init__(self, data: Any = None, *, choices: Sequence[tuple[str, str]], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["measures"].choices = choices
        self.fields["currency"].choices = currency_choices()
        self.fields["language"].choices = [("", _("Any")), *TONGUES]

    @property
    def first(self) -> list[BoundWidget]:
        """The measures that are ticked, which stand in front."""
        ticked = {str(name) for name in self["measures"].value() or ()}
        return [box for box in self["measures"] if box.data["value"] in ticked]

    @property
    def rest(self) -> list[BoundWidget]:
        """The other measures."""
        ticked = {str(name) for name in self["measures"].value() or ()}
        return [box for box in self["measures"] if box.data["value"] not in ticked]

    def clean_measures(self) -> list[str]:
        """Refuse more than a provider could make sense of."""
        found: list[str] = self.cleaned_data["measures"]
        if len(found) > MOST_MEASURES:
            raise forms.ValidationError(_("Choose %(most)s measures at most.") % {"most": MOST_MEASURES})
        return found

    def clean_start_by(self) -> dt.date | None:
        """Refuse a day that is over."""
        day: dt.date | None = self.cleaned_data["start_by"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day

    def values(self) -> dict[str, Any]:
        """Return the fields of the need, once the form is valid."""
        found = dict(self.cleaned_data)
        tongue = found.pop("language")
        return found | {"languages": [tongue] if tongue else []}


class TextForm(RefusableForm):
    """A text that has to be there."""

    text = words_field(_("Text"), error_messages={"required": _("Write something.")})

    def __init__(
        self, data: Any = None, *, label: Any = None, help_text: Any = "", required: bool = True
    ) -> None:
        super().__init__(data)
        if label is not None:
            self.fields["text"].label = label
        self.fields["text"].help_text = help_text
        self.fields["text"].required = required


class _FileForm(RefusableForm):
    """A form with a file that may be left out; it is checked by its content."""

    file = forms.FileField(
        label=_("File (optional)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        dropped: Mapping[str, str] | None = None,
        initial: Any = None,
    ) -> None:
        super().__init__(data, files, initial=initial, use_required_attribute=False)
        self.fields["file"].help_text = FILE_HELP % {"limit": filesizeformat(settings.EVIDENCE_FILE_LIMIT)}
        self.dropped = dropped or {}
        self.facts: FileFacts | None = None

    def clean_file(self) -> Any:
        """Check the file by its content."""
        name = self.dropped.get("file")
        if name is not None:
            raise forms.ValidationError(file_problem(name, too_large(settings.EVIDENCE_FILE_LIMIT)))
        upload = self.cleaned_data["file"]
        if upload is not None:
            try:
                self.facts = check_file(upload)
            except BadFileError as bad:
                raise forms.ValidationError(file_problem(upload.name or "", bad), "file") from None
        return upload

    def values(self) -> dict[str, Any]:
        """Return the fields of what is sent, once the form is valid."""
        found = {name: value for name, value in self.cleaned_data.items() if value is not None}
        if self.facts is not None:
            facts = (self.facts.name, self.facts.type, self.facts.size, self.facts.sha256)
            found |= dict(zip(_FILE_FIELDS, facts, strict=True))
        return found


class MessageForm(_FileForm):
    """A message to the other side."""

    text = words_field(_("Message"), error_messages={"required": _("Write something.")})
    field_order = ("text", "file")


class QuoteForm(_FileForm):
    """A price with dates."""

    one_off = money_field(_("Paid once, without tax"))
    yearly = money_field(_("Paid each year, without tax"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    weeks = forms.IntegerField(
        label=_("Weeks from the contract to the delivery"), min_value=0, max_value=MOST_WEEKS
    )
    valid_until = day_field(_("The quote stands until"))
    note = words_field(_("What it includes (optional)"), rows=3, required=False)
    field_order = ("one_off", "yearly", "currency", "weeks", "valid_until", "note", "file")

    def __init__(self, *args: Any, currency: str = "CNY", **kwargs: Any) -> None:
        day = timezone.localdate() + dt.timedelta(days=QUOTE_DAYS)
        super().__init__(*args, initial={"valid_until": day, "currency": currency}, **kwargs)
        self.fields["currency"].choices = currency_choices()

    def clean_valid_until(self) -> dt.date:
        """Refuse a day that is over."""
        day: dt.date = self.cleaned_data["valid_until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day


class ContractForm(RefusableForm):
    """The day of a contract, and which quote it rests on."""

    quote = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    day = day_field(_("Day of the contract"))

    def __init__(self, data: Any = None, *, quote: int = 0) -> None:
        super().__init__(data, initial={"day": timezone.localdate(), "quote": quote})


class DeliverForm(RefusableForm):
    """That everything is delivered."""

    day = day_field(_("Delivered on"))
    text = words_field(_("What was delivered (optional)"), rows=3, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"day": timezone.localdate()})


class ConfirmForm(RefusableForm):
    """That a delivery is confirmed, and whether the answers that it makes better are changed."""

    raises = forms.BooleanField(label=_("Make these answers of my assessment better"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"raises": True})


class MeasureForm(RefusableForm):
    """What a project has cost, and how many use it."""

    cost = money_field(_("What the first year costs in fact, without tax"))
    used_by = forms.IntegerField(
        label=_("People who use it (optional)"), min_value=0, max_value=MOST_PEOPLE, required=False
    )

    def __init__(self, data: Any = None, *, currency: str = "", amount: Decimal | None = None) -> None:
        super().__init__(data)
        self.fields["cost"].help_text = _("By the contract: %(currency)s %(amount)s") % {
            "currency": currency,
            "amount": f"{amount or 0:,}",
        }


class RateForm(RefusableForm):
    """Questions about a delivery, to be answered with yes or no."""

    satisfied = forms.ChoiceField(
        label=_("Would you order from this provider again?"), choices=YES_NO, widget=forms.RadioSelect
    )
    in_use = forms.ChoiceField(
        label=_("Is what was delivered in daily use?"), choices=YES_NO, widget=forms.RadioSelect
    )
    trained = forms.ChoiceField(
        label=_("Were your people trained in it?"), choices=YES_NO, widget=forms.RadioSelect
    )

    def values(self) -> dict[str, bool]:
        """Return the answers, once the form is valid."""
        return {name: value == "yes" for name, value in self.cleaned_data.items()}


class SettleForm(RefusableForm):
    """How a complaint is settled."""

    text = words_field(
        _("How it is settled; both sides read this"), error_messages={"required": _("Write something.")}
    )
    ends = forms.BooleanField(label=_("The match ends with this"), required=False)
