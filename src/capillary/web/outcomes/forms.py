"""The forms of outcomes: what came of a project, and what a reviewer says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from capillary.web.outcomes.models import LONGEST, How, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from django.forms import BoundField

    from capillary.model.measure import EffectBase, EffectOn

MOST_WEEKS, MOST_HOURS = 520, 100_000
DIGITS, PLACES = 12, 3
# an address, a number to call, an identity number: whoever writes one of them is easily found
_CONTACT = re.compile(r"@|https?://|www\.|\d[\d \-]{6,}\d", re.IGNORECASE)


def _figure(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=DIGITS,
        decimal_places=PLACES,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )


@dataclass(frozen=True)
class Asked:
    """The fields about one effect: before, after, how."""

    on: EffectOn
    of: EffectBase
    fields: tuple[BoundField, ...]


class OutcomeForm(forms.Form):
    """What came of a project. Everything is optional, but something must be told."""

    cost = forms.DecimalField(
        label=_("What it cost once"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=2,
        help_text=_("Without what it costs each year, and without your own people’s time."),
    )
    weeks = forms.IntegerField(
        label=_("How many weeks it took"), required=False, min_value=1, max_value=MOST_WEEKS
    )
    hours = forms.IntegerField(
        label=_("Hours of your own people"), required=False, min_value=0, max_value=MOST_HOURS
    )
    wrong = forms.CharField(
        label=_("What went wrong, and what would you do differently?"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Name no firm, no person and no product. A reviewer looks at it before anybody reads it."
        ),
    )
    agrees = forms.BooleanField(
        label=_(
            "We agree that this is published without our name: the figures together with those of at least four other firms, "
            "the words on the page of the scenario. We can take this back at any time."
        ),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        effects: Sequence[tuple[EffectOn, EffectBase]],
        may_agree: bool,
        known: Mapping[str, Any],
        row: Outcome | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(known, row))
        self.effects = tuple(effects)
        before = {} if row is None else {(item["on"], item["of"]): item for item in row.improved}
        for number, key in enumerate(self.effects):
            given = before.get(key, {})
            self.fields[f"before_{number}"] = _figure(_("Figure before"))
            self.fields[f"after_{number}"] = _figure(_("Figure after"))
            self.fields[f"how_{number}"] = forms.ChoiceField(
                label=_("How you know"), required=False, choices=[("", "—"), *How.choices]
            )
            for part in ("before", "after", "how"):
                self.initial[f"{part}_{number}"] = given.get(part)
        if not may_agree:
            del self.fields["agrees"]

    @property
    def asked(self) -> Iterator[Asked]:
        """The fields about effects, together."""
        for number, (on, of) in enumerate(self.effects):
            yield Asked(on, of, tuple(self[f"{part}_{number}"] for part in ("before", "after", "how")))

    def clean_wrong(self) -> str:
        """Refuse what names somebody for certain."""
        text: str = self.cleaned_data["wrong"].strip()
        if _CONTACT.search(text):
            raise forms.ValidationError(_("Leave addresses, links and telephone numbers out of the text."))
        return text

    def clean(self) -> dict[str, Any]:
        """Check that every effect is told in full, and that something is told at all."""
        found = super().clean() or {}
        for number in range(len(self.effects)):
            self._clean_effect(number, found)
        told = [value for name, value in found.items() if name != "agrees"]
        if not self.errors and not any(value not in (None, "") for value in told):
            raise forms.ValidationError(_("Tell at least one thing: a figure, or what went wrong."))
        return found

    def _clean_effect(self, number: int, found: Mapping[str, Any]) -> None:
        names = [f"{part}_{number}" for part in ("before", "after", "how")]
        if any(name in self.errors for name in names):
            return
        empty = [name for name in names if found.get(name) in (None, "")]
        if empty and len(empty) < len(names):
            self.add_error(
                empty[0], _("Tell the figure before, the figure after, and how you know; or none of them.")
            )
        elif not empty and not found[names[0]]:
            self.add_error(names[0], _("The figure before must be above zero."))

    def values(self) -> dict[str, Any]:
        """Return what was told."""
        given = self.cleaned_data
        improved = [
            {
                "on": on,
                "of": of,
                "before": _plain(given[f"before_{number}"]),
                "after": _plain(given[f"after_{number}"]),
                "how": given[f"how_{number}"],
            }
            for number, (on, of) in enumerate(self.effects)
            if given.get(f"how_{number}")
        ]
        return {**{name: given[name] for name in ("cost", "weeks", "hours", "wrong")}, "improved": improved}

    @property
    def agrees_now(self) -> bool:
        """Whether an owner agrees."""
        return bool(self.cleaned_data.get("agrees"))


def _initial(known: Mapping[str, Any], row: Outcome | None) -> dict[str, Any]:
    if row is None:
        return {name: known.get(name) for name in ("cost", "weeks")}
    told = {name: getattr(row, name) for name in ("cost", "weeks", "hours", "wrong")}
    return {**told, "agrees": row.is_agreed}


def _plain(value: Decimal) -> str:
    """Return a decimal as text, exactly and without an exponent."""
    return format(value.normalize(), "f")


class ReturnForm(forms.Form):
    """Why an outcome is sent back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The firm reads it: what should be changed?"),
    )


def currency_label(form: OutcomeForm, currency: str) -> OutcomeForm:
    """Return a form whose cost says in what currency it is."""
    form.fields["cost"].label = _t("What it cost once ({currency})").format(currency=currency)
    return form
