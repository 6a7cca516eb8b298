"""The forms of programme officers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.accounts.models import Organisation
from capillary.web.core.language import language
from capillary.web.programmes.models import LONGEST_COHORT, LONGEST_VIEW_NAME, Programme
from capillary.web.programmes.services import Terms

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Neither vowels nor signs that look alike: a code is read out and typed in.
SIGNS = "bcdfghjkmnpqrstvwxz23456789"
CODE_LENGTH = 8


def new_code() -> str:
    """Return a code for joining that nobody guesses."""
    return "".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH))


class _Day(forms.DateField):
    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **options)


class ProgrammeForm(forms.Form):
    """A programme: names in both languages, standard, code, days."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), empty_label=None
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    standard = forms.ChoiceField(label=_("Standard"))
    code = forms.SlugField(
        label=_("Code for joining"),
        max_length=40,
        help_text=_("Enterprises join with it. Letters, digits, - and _ only."),
    )
    opens_on = _Day(label=_("Opens on"))
    closes_on = _Day(label=_("Last day (optional)"), required=False)

    def __init__(
        self, data: Any, organisations: QuerySet[Organisation] | None, programme: Programme | None = None
    ) -> None:
        start: dict[str, Any] = {
            "code": new_code(),
            "opens_on": timezone.localdate(),
            "standard": settings.PRIMARY_STANDARD,
        }
        if programme is not None:
            start = {name: getattr(programme, name) for name in Terms.__dataclass_fields__}
        super().__init__(data, initial=start)
        self.programme = programme
        titles = [(item.id, item.file.title.in_(language())) for item in engine.standards().values()]
        self.fields["standard"].choices = titles
        if programme is None:
            self.fields["organisation"].queryset = organisations
            self.fields["organisation"].label_from_instance = lambda item: item.in_(language())
            return
        del self.fields["organisation"]
        if programme.enrolments.exists():
            self.fields["standard"].disabled = True
            self.fields["standard"].help_text = _(
                "It stays: enterprises take part, and their levels are of this standard."
            )

    def clean_code(self) -> str:
        """Refuse a code that another programme has; capital letters do not matter."""
        code: str = self.cleaned_data["code"].lower()
        others = Programme.objects.filter(code__iexact=code)
        if self.programme is not None:
            others = others.exclude(pk=self.programme.pk)
        if others.exists():
            raise forms.ValidationError(_("This code is taken. Choose another one."))
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first one."""
        data = super().clean() or {}
        first, last = data.get("opens_on"), data.get("closes_on")
        if first and last and last < first:
            self.add_error("closes_on", _("The last day lies before the first one."))
        return data

    def terms(self) -> Terms:
        """Return what was said."""
        return Terms(**{name: self.cleaned_data[name] for name in Terms.__dataclass_fields__})


class CohortForm(forms.Form):
    """Which enterprises go into which cohort."""

    cohort = forms.CharField(required=False, max_length=LONGEST_COHORT, strip=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.chosen = [int(item) for item in data.getlist("row") if item.isdecimal() and len(item) < 19]


class ViewForm(forms.Form):
    """The name of a saved view."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_VIEW_NAME)
    shared = forms.BooleanField(label=_("The other officers of the programme see it too"), required=False)
