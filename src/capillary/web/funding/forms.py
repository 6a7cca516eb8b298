"""Asks a firm for facts, each by its own question, and takes the answers as rules read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.incentives.evaluate import AIDS
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.funding.fact_fields import amount_field, day_widget, fact_field, fact_shown, fact_taken
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.problems import Problem

GRANTS = 3  # rows of earlier aid


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
            self.fields[name] = fact_field(rules().facts[name])
            self.initial[name] = fact_shown(rules().facts[name], told.get(name))
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
                label=_("Granted on"), required=False, widget=day_widget()
            )
            self.fields[f"aid_amount_{row}"] = amount_field(_("Amount in euros"))
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
        return {name: fact_taken(rules().facts[name], self.cleaned_data.get(name)) for name in self.asked}

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
