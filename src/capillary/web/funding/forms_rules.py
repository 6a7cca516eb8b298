"""The forms of officers: figures and text of a programme changed together, and what to simulate it over."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capillary.incentives.drafts import LONGEST, read_draft, slots_of, with_figures
from capillary.model.days import is_day
from capillary.model.exact import to_fraction
from capillary.model.problems import InputError
from capillary.web.access import programmes_of
from capillary.web.core.language import language
from capillary.web.funding.models import LONGEST_NAME, LONGEST_NOTE
from capillary.web.funding.rules import rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.forms import BoundField

    from capillary.incentives.drafts import Slot
    from capillary.model.problems import Problem
    from capillary.model.programme import Programme
    from capillary.web.accounts.models import User
    from capillary.web.programmes.models import Programme as Run

PREFIX = "figure-"
MOST_NAMED = 50  # mistakes at a time


class RuleForm(forms.Form):
    """One form of a programme to be changed: each figure in a field of its own, and the whole text.

    Both may be changed. ``base`` is the text as the page showed it: what differs from it was changed by hand, in the
    fields or in the text. Where both changed the same figure, each to something else, nothing is chosen for the visitor.

    Attributes:
        shown: the programme whose figures have fields: that of ``base``.
        changed: what was typed, read and checked; None until `is_valid`, and where something is wrong.
        problems: what is wrong with the rules that were typed, with lines.
    """

    base = forms.CharField(widget=forms.HiddenInput, strip=False, max_length=LONGEST, required=False)
    text = forms.CharField(
        label=_("The whole programme as text (YAML)"),
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "wrap": "off", "class": "form-control yaml"}
        ),
    )

    def __init__(self, data: Any, *, name: str, text: str) -> None:
        super().__init__(data)
        self.name = name
        self.base_text = text
        if data is not None:
            self.base_text = _lines(data.get("base", "")) or text
        try:
            self.shown = read_draft(rules(), self.base_text, name)
        except InputError:  # somebody changed what the page keeps for itself
            self.base_text, self.shown = text, read_draft(rules(), text, name)
        self.slots = {f"{PREFIX}{slot.id}": slot for slot in slots_of(self.shown) if _can_be_typed(slot)}
        for field, slot in self.slots.items():
            self.fields[field] = _field(slot)
            self.initial[field] = _shown(slot)
        self.initial.update({"base": self.base_text, "text": self.base_text})
        self.changed: Programme | None = None
        self.changed_text = ""
        self.problems: Sequence[Problem] = ()

    def groups(self) -> Iterator[tuple[str, list[tuple[str, list[tuple[Slot, BoundField]]]]]]:
        """Yield the fields by version and parameter."""
        for version in self.shown.versions:
            found: dict[str, list[tuple[Slot, BoundField]]] = {}
            for field, slot in self.slots.items():
                if slot.version is version:
                    found.setdefault(slot.name, []).append((slot, self[field]))
            if found:
                yield version.id, list(found.items())

    def clean(self) -> dict[str, Any]:
        """Join the fields and the text, and check what they make."""
        found = super().clean() or {}
        if self.errors:
            return found
        text = _lines(found["text"])
        try:
            typed = read_draft(rules(), text, self.name)
        except InputError as error:
            return self._refused(found, error)
        there = {slot.path: slot for slot in slots_of(typed)}
        wanted: dict[tuple[str | int, ...], str] = {}
        for field, slot in self.slots.items():
            value = _taken(slot, found[field])
            if _same(slot, value, slot.value):
                continue
            now = there.get(slot.path)
            if now is None:
                self.add_error(
                    field,
                    _("The text below has no such figure any more. Change it in one of the two places only."),
                )
            elif _same(slot, now.value, slot.value):
                wanted[slot.path] = value
            elif not _same(slot, now.value, value):
                message = gettext("The text below says {value} here. Make both the same.")
                self.add_error(field, message.format(value=_shown(now)))
        if self.errors:
            return found
        self.changed_text = with_figures(text, wanted) if wanted else text
        try:
            self.changed = read_draft(rules(), self.changed_text, self.name)
        except InputError as error:
            return self._refused(found, error)
        return found

    def _refused(self, found: dict[str, Any], error: InputError) -> dict[str, Any]:
        self.problems = error.problems
        self.add_error(None, _("The rules are not right yet. Nothing that you typed is lost."))
        return found

    def lines(self) -> list[tuple[Problem, int | None, str]]:
        """Return what is wrong, each with its line and what stands there."""
        typed = _lines(self.data.get("text", "")).splitlines() if self.data else []
        return [
            (problem, problem.place.row, _line(typed, problem.place.row))
            for problem in self.problems[:MOST_NAMED]
        ]


class KeepForm(forms.Form):
    """Under which name a form of a programme is kept."""

    name = forms.CharField(label=_("Name of the draft"), max_length=LONGEST_NAME)
    note = forms.CharField(
        label=_("Note (optional)"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OverForm(forms.Form):
    """Over which enterprises, and by the rules of which day, two forms are compared."""

    over: Any = forms.ModelChoiceField(queryset=None, label=_("Enterprises of"), empty_label=None)
    on = forms.DateField(
        label=_("Judged by the rules of"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, data: Any, user: User, on: str) -> None:
        super().__init__(data, initial={"on": on})
        self.fields["over"].queryset = programmes_of(user)
        self.fields["over"].label_from_instance = _titled

    @property
    def has_programmes(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.fields["over"].queryset)


def _titled(programme: Run) -> str:
    return programme.in_(language())


def _lines(text: str) -> str:
    """Return a text with the line ends that it had before a browser sent it."""
    return text.replace("\r\n", "\n")


def _line(lines: Sequence[str], row: int | None) -> str:
    """Return a line by its number; nothing where there is none."""
    return lines[row - 1].strip() if row is not None and 0 < row <= len(lines) else ""


def _can_be_typed(slot: Slot) -> bool:
    """Whether a figure can be written with a point: a third cannot, it stays in the text."""
    if slot.parameter.unit == "date":
        return is_day(slot.value)
    denominator = to_fraction(slot.value).denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _field(slot: Slot) -> forms.Field:
    if slot.parameter.unit == "date":
        return forms.DateField(
            input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
        )
    if slot.parameter.unit in {"count", "level"}:
        return forms.IntegerField(
            max_value=10**12, min_value=-(10**12), widget=forms.NumberInput(attrs={"inputmode": "numeric"})
        )
    return forms.DecimalField(
        max_digits=20,
        decimal_places=6,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


def _shown(slot: Slot) -> str:
    """Return a figure as its field shows it: shares in percent."""
    if slot.parameter.unit == "date":
        return slot.value
    number = to_fraction(slot.value) * (100 if slot.parameter.unit == "ratio" else 1)
    return plain(Decimal(number.numerator) / Decimal(number.denominator))


def _taken(slot: Slot, given: Any) -> str:
    """Return what a field says as a file writes it."""
    if slot.parameter.unit == "date":
        return str(given.isoformat())
    return plain(Decimal(given) / (100 if slot.parameter.unit == "ratio" else 1))


def plain(number: Decimal) -> str:
    """Return a number without an exponent and without noughts at its end.

    >>> plain(Decimal("0.4500")), plain(Decimal(500000)), plain(Decimal("-0"))
    ('0.45', '500000', '0')
    """
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _same(slot: Slot, one: str, other: str) -> bool:
    if slot.parameter.unit == "date":
        return one == other
    try:
        return Fraction(one) == Fraction(other)
    except (ValueError, ZeroDivisionError):
        return one == other


def given(data: Mapping[str, Any], name: str) -> str:
    """Return a short word of an address or a form."""
    return str(data.get(name, ""))[:80]
