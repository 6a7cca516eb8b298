"""Forms of a person's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from capillary.web.rates.current import currency_choices

if TYPE_CHECKING:
    from capillary.web.accounts.models import User


class AccountForm(forms.Form):
    """Name, language and the currency of amounts."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        help_text=_("Shown to the people of your enterprise beside what you answered."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of letters and pages"), choices=settings.LANGUAGES)
    currency = forms.ChoiceField(
        label=_("Show amounts also in"),
        required=False,
        help_text=_("Beside each amount in another currency stands about what it is in this one."),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["currency"].choices = [("", _("the usual one of the language")), *currency_choices()]


class DeleteForm(forms.Form):
    """The last question before an account is deleted: the password, or the address where there is none."""

    secret = forms.CharField(strip=False)

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        field = self.fields["secret"]
        if user.has_usable_password():
            field.label = _("Your password")
            field.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        else:
            field.label = _("Your e-mail address")
            field.widget = forms.EmailInput(attrs={"autocomplete": "off"})

    def clean_secret(self) -> str:
        """Check that the person knows it."""
        given: str = self.cleaned_data["secret"]
        if self.user.has_usable_password():
            right = self.user.check_password(given)
        else:
            right = given.strip().lower() == self.user.email.lower()
        if not right:
            raise forms.ValidationError(_("This is not right. Nothing was deleted."))
        return given
