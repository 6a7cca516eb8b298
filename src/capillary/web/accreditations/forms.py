"""The forms of accreditations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.matching.accrediting import OUTCOME_WORDS, Outcome
from capillary.web import engine
from capillary.web.accreditations.models import APPEAL_DAYS, LONGEST, MONTHS, MOST_MONTHS
from capillary.web.core.forms import RefusableForm, words_field
from capillary.web.core.language import language
from capillary.web.funding.fact_fields import fact_field, fact_shown, fact_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.problems import Problem
    from capillary.web.accounts.models import Organisation
    from capillary.web.accreditations.models import Desk

MOST_DAYS = 365


class _FactForm(RefusableForm):
    """Fields for facts that rules of accreditations ask for."""

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Show what the engine refuses, each at its field."""
        for problem in problems:
            text = f"{problem.cause.in_(language())} {problem.remedy.in_(language())}"
            name = problem.place.path or ""
            self.add_error(name if name in self.fields else None, text)


class TellForm(_FactForm):
    """Some facts about a provider; what is left empty is not known.

    Args:
        names: the facts to ask for.
        told: what was told before.
        hints: what the market knows, shown at its field.
    """

    def __init__(
        self, data: Any = None, *, names: Sequence[str], told: Mapping[str, object], hints: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        self.names = [name for name in names if name in engine.accreditations().facts]
        for name in self.names:
            fact = engine.accreditations().facts[name]
            self.fields[name] = fact_field(fact)
            self.initial[name] = fact_shown(fact, told.get(name))
            if name in hints:
                self.fields[name].help_text = hints[name]

    def facts(self) -> dict[str, object]:
        """Return the facts as rules read them; None for one that is not known."""
        facts = engine.accreditations().facts
        return {name: fact_taken(facts[name], self.cleaned_data.get(name)) for name in self.names}


class CheckForm(_FactForm):
    """What the office found out about one fact, and from where."""

    why = words_field(_("Where you looked it up, or why it is corrected"), rows=3, most=500)

    def __init__(self, data: Any = None, *, fact: str, value: object = None) -> None:
        super().__init__(data)
        item = engine.accreditations().facts[fact]
        self.name = fact
        self.fields = {fact: fact_field(item), **self.fields}
        self.fields[fact].required = True
        self.initial[fact] = fact_shown(item, value)

    def value(self) -> object:
        """Return the value as rules read it."""
        return fact_taken(engine.accreditations().facts[self.name], self.cleaned_data[self.name])


class DeskForm(RefusableForm):
    """What an office decides about, and for how long it accredits."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    programme = forms.ChoiceField(
        label=_("Accreditation"), help_text=_("Its rules say what a provider has to meet.")
    )
    months = forms.IntegerField(
        label=_("Months of validity"), min_value=1, max_value=MOST_MONTHS, initial=MONTHS
    )
    appeal_days = forms.IntegerField(
        label=_("Days for an appeal"), min_value=1, max_value=MOST_DAYS, initial=APPEAL_DAYS
    )
    contact = forms.CharField(label=_("Whom to ask (optional)"), max_length=200, required=False)
    note = words_field(_("What applicants should know (optional)"), rows=3, most=LONGEST, required=False)
    is_open = forms.TypedChoiceField(
        label=_("Applications"),
        choices=[("yes", _("are taken")), ("no", _("are not taken now"))],
        coerce=lambda value: value == "yes",
        initial="yes",
    )

    def __init__(
        self, data: Any = None, *, offices: Sequence[Organisation] = (), desk: Desk | None = None
    ) -> None:
        super().__init__(data)
        if desk is None:
            self.fields["organisation"].choices = [(str(item.pk), item.in_(language())) for item in offices]
            self.fields["programme"].choices = [
                (name, item.title.in_(language()))
                for name, item in sorted(engine.accreditations().programmes.items())
            ]
            return
        del self.fields["organisation"], self.fields["programme"]
        names = ("months", "appeal_days", "contact", "note")
        self.initial.update({name: getattr(desk, name) for name in names})
        self.initial["is_open"] = "yes" if desk.is_open else "no"

    def values(self) -> dict[str, Any]:
        """Return the fields of the desk, once the form is valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "organisation"}


class ProposeForm(RefusableForm):
    """What an officer proposes, with reasons."""

    outcome = forms.ChoiceField(label=_("Proposal"), widget=forms.RadioSelect)
    reasons = words_field(_("Reasons, for the provider to read"), most=LONGEST, required=False)

    def __init__(self, data: Any = None, *, outcomes: Sequence[Outcome] = tuple(Outcome)) -> None:
        super().__init__(data)
        self.fields["outcome"].choices = [
            (item.value, OUTCOME_WORDS[item].in_(language())) for item in outcomes
        ]
