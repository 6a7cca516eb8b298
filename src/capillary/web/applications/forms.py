"""The forms of calls and applications."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.applications.judging import OTHER
from capillary.web.applications.models import APPEAL_DAYS, Call
from capillary.web.core.forms import RefusableForm, day_field, money_field, words_field
from capillary.web.core.language import language
from capillary.web.evidence.files.check import check_file, too_large
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import ACCEPT, FILE_HELP, file_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.programme import Paper as PaperItem
    from capillary.web.accounts.models import Organisation
    from capillary.web.evidence.files.check import FileFacts

EARLIEST_YEAR = 2000
MOST_APPEAL_DAYS = 365
ANSWER_DAYS = 10
CALLED = ("subsidy", "advice", "loan", "recognition")


class CallForm(RefusableForm):
    """A call: programme, budget, days."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    programme = forms.ChoiceField(
        label=_("Incentive programme"), help_text=_("Its rules say who is entitled, and to how much.")
    )
    code = forms.CharField(
        label=_("Code of the call"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9\-]*$",
                _("Write small letters, digits and hyphens, such as hangzhou-2026-1."),
            )
        ],
        help_text=_("References of applications begin with it, such as hangzhou-2026-1."),
    )
    title = forms.CharField(
        label=_("Title (optional)"),
        max_length=120,
        required=False,
        help_text=_("Such as: second batch of 2026."),
    )
    budget = money_field(
        _("Budget"),
        required=False,
        min_value=0,
        help_text=_("In the programme's currency. Leave it empty where there is no limit, or no money."),
    )
    opens_on = day_field(_("Opens on"))
    closes_on = day_field(_("Closes on"), help_text=_("Applications are taken through the end of this day."))
    appeal_days = forms.IntegerField(
        label=_("Days for an appeal"), min_value=0, max_value=MOST_APPEAL_DAYS, initial=APPEAL_DAYS
    )
    contact = forms.CharField(label=_("Whom to ask (optional)"), max_length=200, required=False)
    note = words_field(_("What applicants should know (optional)"), required=False)

    def __init__(
        self, data: Any = None, *, offices: Sequence[Organisation] = (), call: Call | None = None
    ) -> None:
        names = (
            "programme",
            "code",
            "title",
            "budget",
            "opens_on",
            "closes_on",
            "appeal_days",
            "contact",
            "note",
        )
        initial = (
            {name: getattr(call, name) for name in names} if call else {"opens_on": timezone.localdate()}
        )
        super().__init__(data, initial=initial)
        self.fields["programme"].choices = [
            (item.id, f"{item.title.in_(language())} ({item.currency or '–'})")
            for _name, item in sorted(engine.rules().programmes.items())
            if item.kind in CALLED
        ]
        if call is not None:
            # applications were made under it, so it stays what it is
            for name in ("organisation", "programme", "code"):
                del self.fields[name]
            return
        choices = [(str(item.pk), item.in_(language())) for item in offices]
        self.fields["organisation"].choices = [("", _("Choose")), *choices] if len(offices) > 1 else choices
        if len(offices) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.initial["organisation"] = str(offices[0].pk)

    def clean(self) -> dict[str, Any]:
        """Check that the days are in order."""
        found = super().clean() or {}
        opens, closes = found.get("opens_on"), found.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("This lies before its opening. Choose a later day."))
        return found


class SpendForm(RefusableForm):
    """One invoice, or a part of one."""

    category = forms.ChoiceField(label=_("What for"))
    supplier = forms.CharField(label=_("Supplier, as the invoice names it"), max_length=200)
    number = forms.CharField(label=_("Invoice number"), max_length=60)
    day = day_field(_("Date of the invoice"))
    total = money_field(_("Amount of the invoice, without tax"), min_value=Decimal("0.01"))
    claimed = money_field(
        _("Of which for this application"),
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("Leave it empty for the whole amount."),
    )

    def __init__(self, data: Any = None, *, categories: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["category"].choices = [(name, category_title(name)) for name in categories]

    def clean_day(self) -> dt.date:
        """Refuse days that cannot be."""
        day: dt.date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        if day.year < EARLIEST_YEAR:
            raise forms.ValidationError(_("This day lies too far back."))
        return day

    def clean_number(self) -> str:
        """Refuse a number in which there is nothing to be told apart by."""
        number: str = self.cleaned_data["number"]
        if not any(sign.isalnum() for sign in number):
            raise forms.ValidationError(_("Write the number as it stands on the invoice."))
        return number

    def clean(self) -> dict[str, Any]:
        """Take the whole amount where no part is named."""
        found = super().clean() or {}
        total = found.get("total")
        if "claimed" not in self.errors and total is not None:
            found["claimed"] = found.get("claimed") or total
            if found["claimed"] > total:
                self.add_error("claimed", _("This is more than the invoice amounts to."))
        return found


def category_title(name: str) -> str:
    """Return what a category of spend is called."""
    if name == OTHER:
        return str(_("Other costs of the project"))
    fact = engine.rules().facts.get(name)
    return name if fact is None else fact.title.in_(language())


class PaperForm(RefusableForm):
    """A paper of the checklist or another one: a file, or why it does not apply."""

    item = forms.ChoiceField(label=_("What it is"), required=False)
    file = forms.FileField(
        label=_("File or photo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    waived = forms.CharField(label=_("Or: why it does not apply"), max_length=300, required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        items: Sequence[PaperItem],
        dropped: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, files, use_required_attribute=False)
        self.fields["item"].choices = [
            *((item.id, item.title.in_(language())) for item in items),
            ("", _("Something else")),
        ]
        self.fields["file"].help_text = FILE_HELP % {"limit": filesizeformat(settings.EVIDENCE_FILE_LIMIT)}
        self.dropped = dropped or {}
        self.facts: FileFacts | None = None

    def clean_file(self) -> Any:
        """Check the file by its content."""
        name = self.dropped.get("file")
        if name is not None:
            raise forms.ValidationError(file_problem(name, too_large(settings.EVIDENCE_FILE_LIMIT)))
        upload = self.cleaned_data["file"]
        if upload is not None:
            try:
                self.facts = check_file(upload)
            except BadFileError as bad:
                raise forms.ValidationError(file_problem(upload.name or "", bad), "file") from None
        return upload

    def clean(self) -> dict[str, Any]:
        """Ask for one of both."""
        found = super().clean() or {}
        if "file" in self.errors:
            return found
        if not found.get("file") and not found.get("waived"):
            self.add_error("file", _("Choose a file, or say why it does not apply."))
        if found.get("waived") and not found.get("item"):
            self.add_error("item", _("Say which paper does not apply."))
        return found

    def values(self) -> dict[str, Any]:
        """Return the fields of the paper, once the form is valid."""
        found = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if self.facts is not None:
            found.pop("waived", None)
            found |= {
                "file_name": self.facts.name,
                "file_type": self.facts.type,
                "file_size": self.facts.size,
                "sha256": self.facts.sha256,
            }
        return found


class SubmitForm(RefusableForm):
    """The statement of truth."""

    remark = words_field(
        _("Remark (optional)"),
        rows=3,
        required=False,
        help_text=_(
            "What the office should know; where the rules refuse the application, why you apply all the same."
        ),
    )
    name = forms.CharField(label=_("Your full name, as a signature"), max_length=120)
    is_true = forms.BooleanField(
        label=_(
            "I state that all of this is true and complete, that I may sign for the enterprise, and that none of this spend "
            "has been or will be funded elsewhere. I know that false statements have to be paid back and may be punished."
        ),
        error_messages={"required": _("Without this statement the application cannot be taken.")},
    )


class TextForm(RefusableForm):
    """A text that has to be there."""

    text = words_field(_("Text"), error_messages={"required": _("Write something.")})

    def __init__(
        self, data: Any = None, *, label: Any = None, help_text: Any = "", required: bool = True
    ) -> None:
        super().__init__(data)
        if label is not None:
            self.fields["text"].label = label
        self.fields["text"].help_text = help_text
        self.fields["text"].required = required


class AskForm(RefusableForm):
    """A question to the enterprise."""

    text = words_field(_("Your question"), error_messages={"required": _("Write something.")})
    answer_by = day_field(_("Answer by"))

    def __init__(self, data: Any = None) -> None:
        day = timezone.localdate() + dt.timedelta(days=ANSWER_DAYS)
        super().__init__(data, initial={"answer_by": day})

    def clean_answer_by(self) -> dt.date:
        """Refuse a day that is over."""
        day: dt.date = self.cleaned_data["answer_by"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day


class ProposeForm(RefusableForm):
    """A proposal to grant or to refuse."""

    grants = forms.ChoiceField(
        label=_("Proposal"),
        choices=[("yes", _("Grant")), ("no", _("Do not grant"))],
        widget=forms.RadioSelect,
    )
    amount = money_field(_("Amount"), required=False, min_value=0)
    reasons = words_field(
        _("Reasons"),
        help_text=_(
            "The enterprise reads them. The rules' answer with every figure stands below them by itself."
        ),
        error_messages={"required": _("Say why.")},
    )

    def __init__(self, data: Any = None, *, most: Decimal | None, currency: str) -> None:
        super().__init__(data, initial={"amount": most})
        if not currency:
            del self.fields["amount"]
        else:
            self.fields["amount"].label = _("Amount to grant, in %(currency)s") % {"currency": currency}
            if most is not None:
                self.fields["amount"].help_text = _("By the rules at most %(most)s.") % {"most": f"{most:,}"}


class PaidForm(RefusableForm):
    """That a payment was made."""

    paid_on = day_field(_("Paid on"))
    reference = forms.CharField(label=_("Reference of the transfer"), max_length=100, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"paid_on": timezone.localdate()})

    def clean_paid_on(self) -> dt.date:
        """Refuse a day that has not come."""
        day: dt.date = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day
