"""The forms of milestones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.roadmap.goal import MOST_MONEY
from capillary.web.projects.models import Milestone

EARLIEST = 2000


def _date(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


class MilestoneForm(forms.Form):
    """Who sees to a milestone, when, and what it has cost so far."""

    owner = forms.CharField(
        label=_("Who sees to it"), max_length=100, required=False, help_text=_("A person or a provider.")
    )
    begins = _date(_("Begins"))
    due = _date(_("Due"))
    status = forms.ChoiceField(label=_("Status"))
    spent = forms.IntegerField(label=_("Cost so far"), min_value=0, max_value=MOST_MONEY)
    note = forms.CharField(
        label=_("Remarks"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, milestone: Milestone) -> None:
        names = ("owner", "begins", "due", "status", "spent", "note")
        super().__init__(data, initial={name: getattr(milestone, name) for name in names})
        kinds = Milestone.Status
        self.fields["status"].choices = [
            (kind.value, kind.label) for kind in (kinds.OPEN, kinds.UNDERWAY, kinds.DROPPED)
        ]

    def clean(self) -> dict[str, Any]:
        """Check that the milestone does not end before it begins."""
        found = super().clean() or {}
        begins, due = found.get("begins"), found.get("due")
        if begins and due and due < begins:
            self.add_error("due", _("This lies before its beginning. Choose a later day."))
        return found


class CompleteForm(forms.Form):
    """When a milestone was done, and what it has cost."""

    done_on = _date(_("Done on"))
    spent = forms.IntegerField(label=_("What it has cost"), min_value=0, max_value=MOST_MONEY)

    def __init__(self, data: Any = None, *, milestone: Milestone) -> None:
        spent = milestone.spent or milestone.planned
        super().__init__(data, initial={"done_on": timezone.localdate(), "spent": spent})

    def clean_done_on(self) -> Any:
        """Refuse days that cannot be."""
        day = self.cleaned_data["done_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        if day.year < EARLIEST:
            raise forms.ValidationError(_("This day lies too far back."))
        return day
