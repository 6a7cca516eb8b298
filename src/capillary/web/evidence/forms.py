"""The forms that add evidence: a file, a link, a note, a measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web.evidence.files.check import TYPES, check_file, safe_name, too_large
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.models import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile
    from django.utils.functional import _StrPromise

    from capillary.web.evidence.files.check import FileFacts

ACCEPT = ",".join(["image/*", *(ending for endings in TYPES.values() for ending in endings)])
FILE_HELP = _(
    "PDF, photo, Word, Excel, PowerPoint, text or CSV, up to %(limit)s. On a phone you can take a photo."
)
Kind = Evidence.Kind


class _EvidenceForm(forms.Form):
    """What all four share; the field names carry the kind, so that the forms can stand on one page."""

    kind: Kind

    def __init__(self, *args: Any, dropped: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """Make the form.

        Args:
            args: passed on to Django.
            dropped: names of files that were too large to be kept, by field.
            kwargs: passed on to Django.
        """
        super().__init__(*args, prefix=str(self.kind), use_required_attribute=False, **kwargs)
        if "file" in self.fields:
            # here and not in the class, for the language of the page
            self.fields["file"].help_text = FILE_HELP % {
                "limit": filesizeformat(settings.EVIDENCE_FILE_LIMIT)
            }
        self.dropped = dropped or {}
        self.facts: FileFacts | None = None

    def clean_file(self) -> UploadedFile | None:
        """Check the file by its content."""
        upload: UploadedFile | None = self.cleaned_data["file"]
        if upload is not None:
            try:
                self.facts = check_file(upload)
            except BadFileError as bad:
                raise forms.ValidationError(file_problem(upload.name or "", bad), "file") from None
        return upload

    def _clean_fields(self) -> None:
        super()._clean_fields()
        name = self.dropped.get(self.add_prefix("file"))
        if name is not None:
            self._errors.pop("file", None)
            self.add_error("file", file_problem(name, too_large(settings.EVIDENCE_FILE_LIMIT)))

    def values(self) -> dict[str, Any]:
        """Return the fields of the evidence, once the form is valid."""
        found = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if self.facts is not None:
            found |= {
                "file_name": self.facts.name,
                "file_type": self.facts.type,
                "file_size": self.facts.size,
                "sha256": self.facts.sha256,
            }
        return {"kind": self.kind, **found}


def file_problem(name: str, bad: BadFileError) -> str:
    """Return what is wrong with a file: its name, the cause, the remedy."""
    return f"{safe_name(name)}: {bad.cause} {bad.remedy}"


def _file_field(label: str | _StrPromise, *, required: bool) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=required,
        max_length=None,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": _("Choose a file.")},
    )


def _title(help_text: str | _StrPromise) -> forms.CharField:
    return forms.CharField(label=_("Title (optional)"), max_length=200, required=False, help_text=help_text)


class FileForm(_EvidenceForm):
    """A document, a table or a photo."""

    kind = Kind.FILE
    file = _file_field(_("File or photo"), required=True)
    title = _title(_("What it shows, in a few words. Without one, the file's name stands here."))


class LinkForm(_EvidenceForm):
    """A page somewhere else; the server never opens it."""

    kind = Kind.LINK
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("Beginning with https:// or http://. Whoever checks must be able to open it."),
        validators=[
            URLValidator(
                schemes=["http", "https"], message=_("Enter a whole address that begins with https://.")
            )
        ],
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": _("Enter an address.")},
    )
    title = _title(_("What is to be seen there."))

    def clean_url(self) -> str:
        """Refuse an address that shows one name and leads to another.

        Raises:
            ValidationError: it carries a user's name.
        """
        url: str = self.cleaned_data["url"]
        if "@" in urlsplit(url).netloc:
            raise forms.ValidationError(_("Leave the part before the @ out of the address."), "address")
        return url


class NoteForm(_EvidenceForm):
    """An explanation in one's own words."""

    kind = Kind.NOTE
    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        help_text=_("Where something stands, whom to ask. A note explains; it does not raise the grade."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write something.")},
    )


class MeasurementForm(_EvidenceForm):
    """A figure with its unit, its date and how it was measured; a file may show it."""

    kind = Kind.MEASUREMENT
    title = forms.CharField(
        label=_("What was measured"),
        max_length=200,
        error_messages={"required": _("Say what was measured.")},
    )
    figure = forms.DecimalField(
        label=_("Figure"),
        max_digits=20,
        decimal_places=6,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"required": _("Enter the figure.")},
    )
    unit = forms.CharField(
        label=_("Unit"),
        max_length=40,
        help_text=_("For example %, machines, minutes."),
        error_messages={"required": _("Enter the unit.")},
    )
    measured_on = forms.DateField(
        label=_("Measured on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Enter the date.")},
    )
    text = forms.CharField(
        label=_("How it was measured"),
        max_length=2000,
        help_text=_("For example: counted on the shop floor, or read from the machine's log of one week."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say how it was measured.")},
    )
    file = _file_field(_("File that shows it (optional)"), required=False)

    def clean_measured_on(self) -> object:
        """Refuse a date that is still to come.

        Raises:
            ValidationError: it is.
        """
        day = self.cleaned_data["measured_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."), "future")
        return day


FORMS: dict[str, type[_EvidenceForm]] = {
    form.kind: form for form in (FileForm, LinkForm, NoteForm, MeasurementForm)
}


class WithdrawForm(forms.Form):
    """Why a piece of evidence no longer counts."""

    reason = forms.CharField(max_length=300)


class FilterForm(forms.Form):
    """Which answers the overview shows."""

    grade = forms.ChoiceField(label=_("Grade"), required=False)
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)

    def __init__(
        self, *args: Any, grades: list[tuple[str, Any]], dimensions: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [("", _("All grades")), *grades]
        self.fields["dimension"].choices = [("", _("All dimensions")), *dimensions]

    def chosen(self) -> dict[str, str]:
        """Return the filters that are set; what is no choice filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
