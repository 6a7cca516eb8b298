"""Forms of advisers, assessors and of firms that object."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capillary.web.advising.services_firms import FirmFacts
from capillary.web.assessments.facts import MOST_EMPLOYEES, region_choices, sector_choices

LONGEST_TEXT = 4000


def _area(label: Any, *, required: bool = True, rows: int = 3, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class FirmForm(forms.Form):
    """A firm that an adviser adds, and where its owner is reached."""

    name = forms.CharField(label=_("Name of the firm"), max_length=200)
    sector = forms.ChoiceField(label=_("What does the firm do?"))
    employees = forms.IntegerField(
        label=_("How many people work there?"), min_value=1, max_value=MOST_EMPLOYEES, required=False
    )
    region = forms.ChoiceField(label=_("Where is it? (optional)"), required=False)
    owner_email = forms.EmailField(
        label=_("E-mail address of the owner"),
        help_text=_("The owner gets an invitation, sees everything, and can end your access at any time."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["sector"].choices = [("", _("Please choose")), *sector_choices()]
        self.fields["region"].choices = [("", _("Not known")), *region_choices()]

    def facts(self) -> FirmFacts:
        """Return what was said about the firm."""
        said = self.cleaned_data
        return FirmFacts(said["name"].strip(), said["sector"], said["region"], said["employees"])


class OwnerForm(forms.Form):
    """Where the owner of a firm is reached."""

    owner_email = forms.EmailField(label=_("E-mail address of the owner"))


class WorkbookForm(forms.Form):
    """A filled workbook."""

    workbook = forms.FileField(
        label=_("Filled workbook (.xlsx)"),
        max_length=200,
        allow_empty_file=True,  # the reader says what is wrong with an empty file
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
    )


class ApplyForm(forms.Form):
    """The confirmation of a preview."""

    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    remove = forms.BooleanField(required=False)
    right_firm = forms.BooleanField(required=False)


class ReasonForm(forms.Form):
    """Why an answer is corrected."""

    reason = _area(_("Why? The firm reads this."), help_text=_("For example: what you saw, and where."))


class SignForm(forms.Form):
    """The sign-off."""

    note = _area(_("Summary for the firm (optional)"), required=False, rows=4)


class ObjectionForm(forms.Form):
    """An objection to a correction."""

    text = _area(_("Why do you object?"), rows=4)
    proposal = _area(_("What would be the right answer? (optional)"), required=False)


class ObjectionAnswerForm(forms.Form):
    """What the assessor says to an objection."""

    answer = _area(_("Your answer to the firm"), required=False, rows=4)
