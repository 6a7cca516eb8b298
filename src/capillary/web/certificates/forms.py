"""The forms of certificates: issuing one, and verifying one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

VALID = ((90, _("90 days")), (180, _("180 days")), (365, _("one year")))
LARGEST = 1_000_000


class IssueForm(forms.Form):
    """How long a certificate is valid, and the enterprise's number."""

    registration = forms.CharField(
        label=_("Registration number"),
        help_text=_("Such as the unified social credit code; it ties the certificate to the enterprise."),
        max_length=64,
        required=False,
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=VALID, coerce=int, initial=365)


class VerifyForm(forms.Form):
    """A certificate as a file or as text."""

    file = forms.FileField(label=_("File of the certificate"), required=False)
    text = forms.CharField(
        label=_("Or its text"), required=False, max_length=LARGEST, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, object]:
        """Take the file's text where there is a file."""
        found = super().clean() or {}
        given = found.get("file")
        if given is not None and given.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than any certificate."))
        if given is not None:
            try:
                found["text"] = given.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(
                    _("The file is no text. Give the certificate itself, not its PDF.")
                ) from None
        if not str(found.get("text") or "").strip():
            raise forms.ValidationError(_("Choose the file of the certificate, or paste its text."))
        return found
