"""Forms of providers and officers; what a field means is decided where tables are read, so that both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.content.market import vocabulary_of
from capillary.model.market_words import (
    OFFER_KIND_WORDS,
    PARTNERSHIP_WORDS,
    PRICE_WORDS,
    PROFILE_WORDS,
    PROVIDER_KIND_WORDS,
    SIZE_WORDS,
)
from capillary.sheets.market import cells_of, read_row
from capillary.sheets.market_columns import SHEETS
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.rates.current import currency_choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.market import Offer, Provider
    from capillary.model.text import Text

NOT_ASKED = frozenset({"id", "provider", "accreditations", "conflicts", "demonstration"})
LONG = frozenset({"summary_zh", "summary_en", "references", "evidence"})
DAYS = frozenset({"free_from", "valid_from", "valid_to", "since"})
TONGUES = (
    ("zh", "中文"),
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("ja", "日本語"),
    ("ko", "한국어"),
)
SEPARATOR = "; "
LONGEST = 4000
FOR_COOPERATION = ("profile", "partnerships", "partner_regions", "readiness")
HINTS = {
    "references": _("A line each: sector, colon, number of firms."),
    "free_from": _("The first day on which a firm can be taken on."),
    "readiness": _("1 to 9"),
    "measures": _("What the offer delivers whole. This decides for whom it is found."),
    "valid_to": _("After this day nobody finds the offer."),
}


def _titled(items: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, item.title.in_(language())) for name, item in items.items()]


def _worded(words: Mapping[Any, Text]) -> list[tuple[str, str]]:
    return [(name, text.in_(language())) for name, text in words.items()]


def _one_of(key: str, listed: str) -> Sequence[tuple[str, str]] | None:
    """Return what can be chosen of, where it is one of some."""
    library = engine.library()
    if key == "kind":
        return _worded(OFFER_KIND_WORDS if listed == "offers" else PROVIDER_KIND_WORDS)
    if key == "price":
        return _worded(PRICE_WORDS)
    if key == "profile":
        return [("", "–"), *_worded(PROFILE_WORDS)]
    if key == "currency":
        return currency_choices()
    return _titled(library.regions()) if key == "region" else None


def _some_of(key: str) -> Sequence[tuple[str, str]] | None:
    """Return what can be chosen of, where it is any number of some."""
    library = engine.library()
    if key == "measures":
        return sorted(_titled(library.measures().measures), key=lambda item: item[1])
    if key == "sectors":
        return _titled(library.sectors())
    if key == "sizes":
        return _worded(SIZE_WORDS)
    if key in {"regions", "partner_regions"}:
        return _titled(library.regions())
    if key == "languages":
        return TONGUES
    return _worded(PARTNERSHIP_WORDS) if key == "partnerships" else None


def _field(key: str, title: Text, listed: str, *, needed: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": title.in_(language()),
        "required": False,
        "help_text": HINTS.get(key, ""),
    }
    one, some = _one_of(key, listed), _some_of(key)
    if one is not None:
        return forms.ChoiceField(choices=one, **common)
    if some is not None:
        return forms.MultipleChoiceField(choices=some, widget=forms.CheckboxSelectMultiple, **common)
    widget: forms.Widget = forms.TextInput()
    if key in LONG:
        widget = forms.Textarea(attrs={"rows": 3})
    elif key in DAYS:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if needed:
        widget.attrs["required"] = True
    return forms.CharField(max_length=LONGEST, widget=widget, **common)


class _RowForm(forms.Form):
    """A form with a field for each column of a table.

    Attributes:
        listed: which table.
        item: what was read, once the form is valid.
    """

    listed = "offers"

    def __init__(
        self, data: Any = None, *, known: Offer | Provider | None = None, fixed: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        self.fixed = fixed
        self.item: Any = None
        cells = {} if known is None else cells_of(known)
        for column in SHEETS[self.listed][2]:
            if column.key in NOT_ASKED:
                continue
            field = _field(column.key, column.title, self.listed, needed=column.needed)
            self.fields[column.key] = field
            given = cells.get(column.key)
            if given not in (None, ""):
                many = isinstance(field, forms.MultipleChoiceField)
                self.initial[column.key] = str(given).split(SEPARATOR) if many else given

    @property
    def main(self) -> list[forms.BoundField]:
        """The fields that every offer or provider has."""
        return [self[name] for name in self.fields if name not in FOR_COOPERATION]

    @property
    def for_cooperation(self) -> list[forms.BoundField]:
        """The fields of a cooperation alone."""
        return [self[name] for name in self.fields if name in FOR_COOPERATION]

    @property
    def has_cooperation(self) -> bool:
        """Whether one of these is filled in or wrong."""
        return any(field.errors or field.value() for field in self.for_cooperation)

    def clean(self) -> dict[str, Any]:
        """Read the fields as a row of a table is read, and show each problem at its field."""
        found = super().clean() or {}
        cells = {
            key: SEPARATOR.join(value) if isinstance(value, list) else str(value or "")
            for key, value in found.items()
        }
        cells["references"] = cells.get("references", "").replace("\r\n", "\n")
        item, problems = read_row(self.listed, {**cells, **self.fixed}, vocabulary_of(engine.library()))
        for problem in problems:
            name = problem.place.column
            text = f"{problem.cause.in_(language())} {problem.remedy.in_(language())}"
            self.add_error(name if name in self.fields else None, text)
        self.item = item
        return found


class OfferForm(_RowForm):
    """An offer."""


class ProviderForm(_RowForm):
    """What a provider says of itself."""

    listed = "providers"


class ReturnForm(forms.Form):
    """Why an offer is sent back."""

    reason = forms.CharField(
        label=_("Reason, for the provider to read"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BondForm(forms.Form):
    """To whom a provider is bound, and why."""

    party = forms.CharField(
        label=_("Organisation or provider"),
        max_length=200,
        help_text=_("Its name in either language, a part of it, or its id."),
    )
    reason_zh = forms.CharField(label=_("What binds you, in Chinese"), max_length=300)
    reason_en = forms.CharField(label=_("What binds you, in English"), max_length=300)


class UploadForm(forms.Form):
    """A table of offers."""

    file = forms.FileField(label=_("Workbook or CSV file"))


class DemandForm(forms.Form):
    """What offers for a plan must fulfil; the firm's region, sector and size are demanded anyway."""

    budget = forms.IntegerField(
        label=_("Budget for the first year, after aid"), required=False, min_value=0, max_value=10**12
    )
    aid_percent = forms.DecimalField(
        label=_("Aid, in percent of the one-off price"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
    )
    aid_cap = forms.IntegerField(label=_("Aid at most"), required=False, min_value=0, max_value=10**12)
    start_by = forms.DateField(
        label=_("Can begin by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    kind = forms.ChoiceField(label=_("Kind of offer"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    accreditation = forms.ChoiceField(label=_("Accreditation"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        every = ("", _("All"))
        self.fields["kind"].choices = [every, *_worded(OFFER_KIND_WORDS)]
        self.fields["language"].choices = [every, *TONGUES]
        rules = engine.library().accreditations().programmes
        self.fields["accreditation"].choices = [("", _("None needed")), *_titled(rules)]
