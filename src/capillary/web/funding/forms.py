"""Asks a firm for facts, each by its own question, and takes the answers as rules read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.incentives.evaluate import AIDS
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.problems import Problem
    from capillary.model.programme import Fact

MOST_MONEY = 10**13
MOST_COUNT = 10**7
GRANTS = 3  # rows of earlier aid
UNKNOWN = ("", _("I don't know"))
NO_KEYS = "no-key"  # what is ticked where a firm holds none of them


class FactsForm(forms.Form):
    """Some facts; what is left empty is not known.

    Args:
        names: the facts to ask for; `AIDS` for earlier aid.
        told: what the firm told before.
        aids: earlier aid that it told.
        currency: of all amounts.
    """

    currency = forms.ChoiceField(label=_("Currency of all amounts"))

    def __init__(
        self,
        data: Any = None,
        *,
        names: Iterable[str],
        told: Mapping[str, object],
        aids: Sequence[Mapping[str, object]] | None,
        currency: str,
    ) -> None:
        super().__init__(data)
        rates = engine.library().currencies().rates
        self.fields["currency"].choices = [
            (rate.currency, f"{rate.currency} · {rate.title.in_(language())}") for rate in rates
        ]
        self.initial["currency"] = currency
        self.asked = [name for name in names if name in rules().facts]
        for name in self.asked:
            self.fields[name] = _field(rules().facts[name])
            self.initial[name] = _shown(rules().facts[name], told.get(name))
        self.asks_aid = AIDS in set(names)
        if self.asks_aid:
            self._add_aid(aids)
        self.order_fields([*self.fields][1:])

    def _add_aid(self, aids: Sequence[Mapping[str, object]] | None) -> None:
        self.fields["aid_known"] = forms.BooleanField(
            label=_("Below is all de minimis aid of the last three years; empty means that there was none"),
            required=False,
        )
        self.initial["aid_known"] = aids is not None
        for row in range(1, GRANTS + 1):
            one: Mapping[str, object] = aids[row - 1] if aids and len(aids) >= row else {}
            self.fields[f"aid_date_{row}"] = forms.DateField(
                label=_("Granted on"), required=False, widget=_day_widget()
            )
            self.fields[f"aid_amount_{row}"] = _amount(_("Amount in euros"))
            self.initial[f"aid_date_{row}"] = one.get("date")
            self.initial[f"aid_amount_{row}"] = one.get("amount")

    def clean(self) -> dict[str, Any]:
        """Refuse half a row of earlier aid."""
        found = super().clean() or {}
        for row in range(1, GRANTS + 1) if self.asks_aid else ():
            date, amount = found.get(f"aid_date_{row}"), found.get(f"aid_amount_{row}")
            if (date is None) != (amount is None):
                self.add_error(
                    f"aid_date_{row}" if date is None else f"aid_amount_{row}",
                    _("Fill in both the day and the amount, or neither."),
                )
        return found

    def facts(self) -> dict[str, object]:
        """Return the facts as rules read them; None for one that is not known."""
        return {name: _taken(rules().facts[name], self.cleaned_data.get(name)) for name in self.asked}

    def aids(self) -> list[dict[str, object]] | None:
        """Return all earlier aid; None where the firm did not say that this is all."""
        if not self.asks_aid or not self.cleaned_data["aid_known"]:
            return None
        rows = [
            (self.cleaned_data[f"aid_date_{row}"], self.cleaned_data[f"aid_amount_{row}"])
            for row in range(1, GRANTS + 1)
        ]
        return [
            {"date": date.isoformat(), "amount": str(amount), "currency": "EUR", "scheme": "de-minimis"}
            for date, amount in rows
            if date is not None
        ]

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Show what the engine refuses, each at its field."""
        for problem in problems:
            text = f"{problem.cause.in_(language())} {problem.remedy.in_(language())}"
            name = problem.place.path or ""
            self.add_error(name if name in self.fields else None, text)


def _day_widget() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_MONEY,
        decimal_places=2,
        max_digits=15,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


def _field(fact: Fact) -> forms.Field:  # noqa: PLR0911 - one for each unit
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
            return forms.DateField(label=label, required=False, widget=_day_widget())
        case "money":
            return _amount(label)
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


def _shown(fact: Fact, value: object) -> object:
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


def _taken(fact: Fact, value: Any) -> object:  # noqa: PLR0911 - one for each unit
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
