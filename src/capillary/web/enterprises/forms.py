"""Forms of an enterprise's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from capillary.web import engine
from capillary.web.assessments.facts import (
    MOST_EMPLOYEES,
    region_choices,
    sector_choices,
    standard_choices,
)
from capillary.web.core.language import language
from capillary.web.enterprises.models import Consent, Enterprise, Member
from capillary.web.enterprises.selectors import dimensions_open_to, programme_open_under
from capillary.web.enterprises.services import EnterpriseFacts
from capillary.web.industries.selectors import scheme_choices, scheme_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.industry import Scheme
    from capillary.web.programmes.models import Programme

BETWEEN = "/"  # between a standard and its dimension or variant in one choice


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name of the enterprise"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class EnterpriseForm(forms.Form):
    """What an enterprise says of itself."""

    name = _name_field()
    industry_scheme = forms.ChoiceField(label=_("Classification of the code"), required=False)
    industry_code = forms.CharField(
        label=_("Code of the industry (optional)"),
        max_length=8,
        required=False,
        help_text=_(
            "As on the licence or in the register, such as C33 or 25.62. The sector follows from it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sector = forms.ChoiceField(label=_("What does it do?"), required=False)
    region = forms.ChoiceField(label=_("Where is it?"), required=False)
    employees = forms.IntegerField(
        label=_("How many people work there?"), min_value=1, max_value=MOST_EMPLOYEES, required=False
    )

    def __init__(self, data: Any = None, *, enterprise: Enterprise) -> None:
        names = ("name", "industry_scheme", "industry_code", "sector", "region", "employees")
        super().__init__(data, initial={name: getattr(enterprise, name) for name in names})
        self.initial["industry_scheme"] = enterprise.industry_scheme or _usual_scheme(enterprise.region)
        self.fields["industry_scheme"].choices = [
            (scheme, title.in_(language())) for scheme, title in scheme_choices()
        ]
        self.fields["sector"].choices = [("", _("Not said")), *sector_choices()]
        self.fields["region"].choices = [("", _("Not said")), *region_choices()]

    def clean(self) -> dict[str, Any]:
        """Read the code, and take the sector from it where none was chosen and it lies in one only."""
        data = super().clean() or {}
        text, scheme = data.get("industry_code", ""), scheme_named(data.get("industry_scheme", ""))
        if not text:
            return data | {"industry_scheme": "", "industry_code": ""}
        found = scheme and engine.library().industries().find(scheme, text)
        if not found:
            self.add_error(
                "industry_code",
                _(
                    "This classification has no such code. Check the letter and the first two digits, or look it up."
                ),
            )
            return data
        data["industry_code"] = found.code
        sectors = engine.library().industries().sectors_of(found.scheme, found.code)
        if not data.get("sector") and "sector" not in self.errors:
            self._take_sector(data, found.code, sectors)
        return data

    def _take_sector(self, data: dict[str, Any], code: str, sectors: Sequence[str]) -> None:
        if len(sectors) == 1:
            data["sector"] = sectors[0]
        elif sectors:
            known = engine.library().sectors()
            names = _("; ").join(known[name].title.in_(language()) for name in sectors)
            said = _("{code} spans several: {names}. Choose one, or write a longer code.")
            self.add_error("sector", said.format(code=code, names=names))

    def mismatch(self) -> str:
        """Return the sectors that the code lies in where the chosen one is none of them; empty where all fits."""
        data = self.cleaned_data
        scheme = scheme_named(data["industry_scheme"])
        if scheme is None or not data["sector"]:
            return ""
        known = engine.library().sectors()
        sectors = engine.library().industries().sectors_of(scheme, data["industry_code"])
        fits = not sectors or data["sector"] in sectors
        return "" if fits else _("; ").join(known[name].title.in_(language()) for name in sectors)

    def facts(self) -> EnterpriseFacts:
        """Return what was said."""
        return EnterpriseFacts(**self.cleaned_data)


def _usual_scheme(region: str) -> Scheme:
    """Return the classification that a firm of a region knows; where that is not said, that of the page's language."""
    in_china = region.partition("-")[0] == "CN" if region else language() == "zh"
    return "gbt-4754" if in_china else "nace-2"


class ClaimForm(forms.Form):
    """Under which name a check is kept, and what its result may be used for; nothing is ticked beforehand."""

    NEW = "new"

    into = forms.ChoiceField(label=_("Where does this check belong?"), required=False)
    name = _name_field()
    benchmark = forms.BooleanField(label=Consent.Purpose.BENCHMARK.label, required=False)
    contact = forms.BooleanField(label=Consent.Purpose.CONTACT.label, required=False)

    def __init__(self, data: Any = None, *, enterprise: Enterprise, owned: Sequence[Enterprise]) -> None:
        super().__init__(data, initial={"name": enterprise.name, "into": self.NEW})
        self.owned = {str(item.pk): item for item in owned}
        self.fields["into"].choices = [
            (self.NEW, _("It is a new enterprise")),
            *((pk, _("Next assessment of %(name)s") % {"name": item}) for pk, item in self.owned.items()),
        ]
        self.fields["name"].required = not self.target()

    def target(self) -> Enterprise | None:
        """Return the enterprise that takes the check; None where it becomes one of its own."""
        return self.owned.get(self.data.get("into", "")) if self.is_bound else None

    def purposes(self) -> list[Consent.Purpose]:
        """Return what was agreed to."""
        return [
            purpose
            for purpose in (Consent.Purpose.BENCHMARK, Consent.Purpose.CONTACT)
            if self.cleaned_data[purpose.value]
        ]


class InvitationForm(forms.Form):
    """Whom to invite, as what, and for which parts."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=_("As"),
        choices=[
            (Member.Role.COLLEAGUE, _("Colleague: answers questions and adds evidence")),
            (Member.Role.ADVISER, _("Adviser: fills in assessments with you or for you")),
            (Member.Role.ASSESSOR, _("Assessor: verifies on site and signs off")),
        ],
        help_text=_(
            "Only an assessor whom an organisation appointed, such as a programme's office, can accept as assessor."
        ),
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)
    parts = forms.MultipleChoiceField(label=_("Parts to answer"), required=False)

    def __init__(self, data: Any = None, *, enterprise: Enterprise) -> None:
        super().__init__(data, initial={"language": get_language(), "role": Member.Role.COLLEAGUE})
        self.offered = dimensions_open_to(enterprise)
        self.fields["parts"].choices = [
            (f"{standard}{BETWEEN}{dimension.id}", dimension.title.in_(language()))
            for standard, dimension in self.offered
        ]

    def clean_email(self) -> str:
        """Return the address as it is stored."""
        return str(self.cleaned_data["email"]).lower()

    def parts_chosen(self) -> dict[str, list[str]]:
        """Return the dimensions that were chosen, by standard; an assessor answers none."""
        found: dict[str, list[str]] = {}
        if self.cleaned_data["role"] == Member.Role.ASSESSOR:
            return found
        for value in self.cleaned_data["parts"]:
            standard, _between, dimension = value.partition(BETWEEN)
            found.setdefault(standard, []).append(dimension)
        return found


class StartForm(forms.Form):
    """Under which standard, and which variant of it, a new assessment is made."""

    standard = forms.ChoiceField(label=_("Standard"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["standard"].choices = [
            choice for name, title in standard_choices() for choice in self._choices(name, title)
        ]

    def _choices(self, name: str, title: str) -> list[tuple[str, object]]:
        variants = engine.standards()[name].file.variants
        if not variants:
            return [(name, title)]
        return [
            (title, [(f"{name}{BETWEEN}{item.id}", item.title.in_(language())) for item in variants]),
        ]

    def chosen(self) -> tuple[str, str]:
        """Return standard and variant."""
        standard, _between, variant = self.cleaned_data["standard"].partition(BETWEEN)
        return standard, variant


class JoinForm(forms.Form):
    """Which enterprise joins which programme."""

    code = forms.CharField(
        label=_("Code of the programme"),
        max_length=40,
        help_text=_("The office that runs the programme gave it to you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    enterprise = forms.ChoiceField(label=_("Enterprise"))

    def __init__(self, data: Any = None, *, owned: Sequence[Enterprise], **initial: str) -> None:
        super().__init__(data, initial=initial)
        self.owned = {str(item.pk): item for item in owned}
        self.fields["enterprise"].choices = [(pk, str(item)) for pk, item in self.owned.items()]

    def clean_code(self) -> Programme:
        """Return the programme that is open under the code."""
        programme = programme_open_under(self.cleaned_data["code"])
        if programme is None:
            raise forms.ValidationError(_("No open programme has this code. Check it, or ask the office."))
        return programme


class EraseForm(forms.Form):
    """The last question before everything is erased."""

    name = forms.CharField(
        label=_("Type the name of the enterprise"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, data: Any = None, *, enterprise: Enterprise) -> None:
        super().__init__(data)
        self.wanted = str(enterprise)

    def clean_name(self) -> str:
        """Check that it is the right enterprise."""
        given = str(self.cleaned_data["name"])
        if " ".join(given.split()) != " ".join(self.wanted.split()):
            raise forms.ValidationError(_("This is not the name. Nothing was erased."))
        return given
