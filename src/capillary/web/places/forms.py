"""The forms of offerings and requests."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.matching.places import OFFERED_RULES
from capillary.web import engine
from capillary.web.accounts.models import Organisation
from capillary.web.core.forms import RefusableForm, day_field, words_field
from capillary.web.core.language import language
from capillary.web.places.facts import RULES
from capillary.web.places.models import ANSWER_DAYS, MOST_PLACES, Offering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.web.places.models import PlaceRequest, Provider

RULE_FIELDS = tuple(f"rule_{number}" for number in range(1, 6))
FIRST_RULES = ("served_before=no,yes", "size=micro,small,medium,large", "level=lowest", "", "")
MOST_CHOICES = 5
MOST_ANSWER_DAYS = 60
DAYS_OPEN = 21
LARGEST_FILE = 2 * 1024 * 1024
ENDINGS = (".csv", ".xlsx")


class OfferingForm(RefusableForm):
    """An offering: what, when, and who comes first."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    kind = forms.ChoiceField(label=_("What is given out"), choices=Offering.Kind.choices)
    code = forms.CharField(
        label=_("Code of the offering"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9\-]*$",
                _("Write small letters, digits and hyphens, such as security-2026-1."),
            )
        ],
        help_text=_("Numbers of requests begin with it, such as security-2026-1."),
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    words_zh = words_field(_("What it is, in Chinese (optional)"), required=False)
    words_en = words_field(_("What it is, in English (optional)"), required=False)
    contact = forms.CharField(label=_("Whom to ask (optional)"), max_length=200, required=False)
    opens_on = day_field(_("First day to ask"))
    closes_on = day_field(
        _("Last day to ask"), help_text=_("Enterprises can ask through the end of this day.")
    )
    answer_days = forms.IntegerField(
        label=_("Days to accept a place"), min_value=1, max_value=MOST_ANSWER_DAYS, initial=ANSWER_DAYS
    )
    rule_1 = forms.ChoiceField(
        label=_("Who comes first"),
        required=False,
        help_text=_(
            "Each rule decides only between enterprises that are equal under all before it; at the end a lottery does."
        ),
    )
    rule_2 = forms.ChoiceField(label=_("Then, between equals"), required=False)
    rule_3 = forms.ChoiceField(label=_("Then"), required=False)
    rule_4 = forms.ChoiceField(label=_("Then (fourth rule)"), required=False)
    rule_5 = forms.ChoiceField(label=_("Then (fifth rule)"), required=False)

    def __init__(
        self, data: Any = None, *, offices: Sequence[Organisation] = (), offering: Offering | None = None
    ) -> None:
        super().__init__(data, initial=_initial(offering))
        choices = [("", "–"), *((name, RULES[name]) for name in OFFERED_RULES)]
        for name in RULE_FIELDS:
            self.fields[name].choices = choices
        if offering is None:
            self.fields["organisation"].choices = [(str(item.pk), item.in_(language())) for item in offices]
            if len(offices) == 1:
                self.fields["organisation"].widget = forms.HiddenInput()
                self.initial["organisation"] = str(offices[0].pk)
            return
        del self.fields["organisation"]
        if offering.state != Offering.State.DRAFT:
            for name in ("kind", "code", "opens_on", "answer_days", *RULE_FIELDS):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Check days, and that no two rules look at the same fact."""
        found = super().clean() or {}
        opens, closes = found.get("opens_on"), found.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("This lies before the first day. Choose a later one."))
        seen: set[str] = set()
        for name in RULE_FIELDS:
            column = (found.get(name) or "").partition("=")[0]
            if column and column in seen:
                self.add_error(name, _("A rule above looks at the same. Choose another one, or none."))
            seen.add(column)
        return found

    def values(self) -> dict[str, Any]:
        """Return the fields of the offering, once the form is valid."""
        found = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {*RULE_FIELDS, "organisation"}
        }
        if RULE_FIELDS[0] in self.fields:
            found["rules"] = [self.cleaned_data[name] for name in RULE_FIELDS if self.cleaned_data[name]]
        return found


def _initial(offering: Offering | None) -> dict[str, Any]:
    if offering is None:
        today = timezone.localdate()
        return {
            "opens_on": today,
            "closes_on": today + dt.timedelta(days=DAYS_OPEN),
            "answer_days": ANSWER_DAYS,
            **dict(zip(RULE_FIELDS, FIRST_RULES, strict=True)),
        }
    names = (
        "kind", "code", "title_zh", "title_en", "words_zh", "words_en", "contact", "opens_on", "closes_on", "answer_days",
    )  # fmt: skip
    return {name: getattr(offering, name) for name in names} | dict(
        zip(RULE_FIELDS, offering.rules, strict=False)
    )


class ProviderForm(RefusableForm):
    """A provider with its places."""

    name = forms.CharField(label=_("Name of the provider"), max_length=200, required=False)
    organisation = forms.ModelChoiceField(
        label=_("Or an organisation of this installation"),
        queryset=Organisation.objects.filter(
            kind__in=[Organisation.Kind.PROVIDER, Organisation.Kind.SERVICE]
        ),
        required=False,
        empty_label="–",
    )
    capacity = forms.IntegerField(label=_("Number of places"), min_value=0, max_value=MOST_PLACES)
    region = forms.ChoiceField(label=_("Region (optional)"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        regions = engine.library().regions().values()
        self.fields["region"].choices = [
            ("", "–"),
            *((item.id, item.title.in_(language())) for item in regions),
        ]

    def clean(self) -> dict[str, Any]:
        """Take the organisation's name where no other is written."""
        found = super().clean() or {}
        found["name"] = " ".join((found.get("name") or "").split())
        if not found["name"] and found.get("organisation"):
            found["name"] = str(found["organisation"])[:200]
        if not found["name"] and not self.errors:
            self.add_error("name", _("Write a name, or choose an organisation."))
        return found


class ProvidersFileForm(RefusableForm):
    """A file of providers."""

    file = forms.FileField(
        label=_("CSV file or workbook"),
        help_text=_(
            "Columns: provider, capacity; region as well, where a rule looks at it. It takes the place of the list above."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
    )

    def clean_file(self) -> Any:
        """Refuse what is no table, or too large."""
        upload = self.cleaned_data["file"]
        if not (upload.name or "").lower().endswith(ENDINGS):
            raise forms.ValidationError(_("Choose a file that ends in .csv or .xlsx."))
        if upload.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return upload


class AskForm(RefusableForm):
    """What an enterprise would rather have, and whether any other will do."""

    takes_any = forms.BooleanField(
        label=_("Any other provider will do, if I get none of my choices"), required=False, initial=True
    )

    def __init__(
        self, data: Any = None, *, providers: Sequence[Provider], row: PlaceRequest | None = None
    ) -> None:
        initial: dict[str, Any] = {"takes_any": True}
        if row is not None:
            initial = {"takes_any": row.takes_any} | {
                f"choice_{number}": str(pk) for number, pk in enumerate(row.choices, 1)
            }
        super().__init__(data, initial=initial)
        shown = [("", "–"), *((str(item.pk), item.name) for item in providers)]
        self.names = [f"choice_{number}" for number in range(1, min(MOST_CHOICES, len(providers)) + 1)]
        for number, name in enumerate(self.names, 1):
            self.fields[name] = forms.ChoiceField(
                label=_("Choice %(number)s") % {"number": number}, choices=shown, required=False
            )
        self.order_fields([*self.names, "takes_any"])

    def clean(self) -> dict[str, Any]:
        """Check that nothing is chosen twice, and something is."""
        found = super().clean() or {}
        seen: set[str] = set()
        for name in self.names:
            value = found.get(name)
            if value and value in seen:
                self.add_error(name, _("You chose this above already."))
            seen.add(value or "")
        if not seen - {""} and not found.get("takes_any") and not self.errors:
            self.add_error(
                next(iter(self.names), "takes_any"), _("Choose a provider, or say that any will do.")
            )
        return found

    def choices(self) -> list[int]:
        """Return the chosen providers, the dearest first, once the form is valid."""
        return [int(self.cleaned_data[name]) for name in self.names if self.cleaned_data.get(name)]
