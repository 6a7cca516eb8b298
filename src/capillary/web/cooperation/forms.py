"""The forms of profiles and interests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from capillary.model.market import COOPERATION_PROFILES, MOST_PRICE, PARTNERSHIPS, SIZE_CLASSES
from capillary.model.market_words import PARTNERSHIP_WORDS, PROFILE_WORDS, SIZE_WORDS
from capillary.model.partner import MOST_INDUSTRIES, PROTECTIONS, STAGES, PartnerProfile, last_day
from capillary.model.partner_words import PROTECTION_WORDS, STAGE_WORDS
from capillary.web import engine
from capillary.web.cooperation.levels import levelled, levels_of
from capillary.web.cooperation.services import last_day_problem
from capillary.web.cooperation.templatetags.cooperation import profile_called
from capillary.web.cooperation.words import TONGUES
from capillary.web.core.forms import RefusableForm
from capillary.web.core.language import language
from capillary.web.rates.current import currency_choices

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from capillary.model.industry import Scheme
    from capillary.model.problems import InputError
    from capillary.model.text import Text
    from capillary.web.enterprises.models import Enterprise

Choices = list[tuple[str, str]]
EUROPE = frozenset(
    {
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT",
        "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO", "CH", "GB", "AL", "BA", "ME", "MK", "RS",
    }
)  # fmt: skip


def scheme_of(country: str) -> Scheme:
    """Return the classification of industries that firms of a country know.

    >>> scheme_of("CN"), scheme_of("ES"), scheme_of("KR")
    ('gbt-4754', 'nace-2', 'isic-4')
    """
    if country == "CN":
        return "gbt-4754"
    return "nace-2" if country in EUROPE else "isic-4"


class PartnerForm(RefusableForm):
    """A form that shows what a service refuses, field by field."""

    def refuse_input(self, error: InputError) -> None:
        """Show every problem at its field."""
        for problem in error.problems:
            name = problem.place.column
            field = name if name in self.fields else None
            self.add_error(field, f"{problem.cause.in_(language())} {problem.remedy.in_(language())}")


def _line(label: Any, most: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, **options)


def _prose(label: Any, *, rows: int = 3, most: int = 2000, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options
    )


def _ticks(label: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, widget=forms.CheckboxSelectMultiple, **options)


def _worded(names: Iterable[str], words: Mapping[Any, Text]) -> Choices:
    return [(name, words[name].in_(language())) for name in names]


class ProfileForm(PartnerForm):
    """A cooperation profile."""

    kind = forms.ChoiceField(
        label=_("Kind of cooperation"),
        help_text=_(
            "Who pays makes a request, who is paid makes an offer. For research there are requests only."
        ),
    )
    title_zh = _line(_("Title in Chinese"), 120)
    title_en = _line(_("Title in English"), 160)
    summary_zh = _prose(_("Summary in Chinese"), most=600)
    summary_en = _prose(_("Summary in English"), most=800)
    description_zh = _prose(
        _("Description in Chinese (one language is enough)"), rows=5, most=4000, required=False
    )
    description_en = _prose(
        _("Description in English (one language is enough)"), rows=5, most=4000, required=False
    )
    strengths_zh = _prose(
        _("Advantages of what you offer, or expertise that you seek, in Chinese"), required=False
    )
    strengths_en = _prose(
        _("Advantages of what you offer, or expertise that you seek, in English"), required=False
    )
    industries = _ticks(
        _("Industries of what is offered or sought"),
        error_messages={"required": _("Choose at least one industry.")},
    )
    partnerships = _ticks(
        _("Forms of partnership"), error_messages={"required": _("Choose at least one form.")}
    )
    partner_regions = _ticks(_("Countries of the partner (none for any)"), required=False)
    partner_sizes = _ticks(_("Size of the partner (none for any)"), required=False)
    languages = _ticks(
        _("Languages in which you can talk"), error_messages={"required": _("Choose at least one language.")}
    )
    stage = forms.ChoiceField(label=_("Stage of development (optional)"), required=False)
    readiness = forms.ChoiceField(
        label=_("Technology readiness level (optional)"),
        required=False,
        help_text=_(
            "1: basic principles observed; 6: demonstrated in its environment; 9: proven in operation."
        ),
    )
    protection = forms.ChoiceField(label=_("Intellectual property (optional)"), required=False)
    amount = forms.IntegerField(
        label=_("Amount of money that it is about (optional)"),
        required=False,
        min_value=0,
        max_value=MOST_PRICE,
    )
    currency = forms.ChoiceField(label=_("Currency"))
    least = forms.ChoiceField(
        label=_("Level that the partner should have reached (optional)"),
        required=False,
        help_text=_("Who has certainly not reached it does not find this profile among those that fit."),
    )
    valid_to = forms.DateField(
        label=_("Stands until"),
        help_text=_("Twelve months at most; then it can be renewed."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    contact = _prose(
        _("Contact: who, e-mail, telephone"),
        most=500,
        required=False,
        help_text=_("Nobody sees this before both sides have agreed."),
    )
    shows_level = forms.BooleanField(
        label=_("Show our level, without our name, as each reader's own standard reads it"),
        required=False,
        help_text=_("You can take this back at any time."),
    )

    PUBLIC = (
        "kind", "title_zh", "title_en", "summary_zh", "summary_en", "description_zh", "description_en", "strengths_zh",
        "strengths_en",
    )  # fmt: skip
    ABOUT = ("industries", "stage", "readiness", "protection", "amount", "currency")
    PARTNER = ("partnerships", "partner_regions", "partner_sizes", "languages", "least")
    KEPT = ("valid_to", "contact")

    def __init__(
        self,
        data: Any = None,
        *,
        enterprise: Enterprise,
        known: PartnerProfile | None = None,
        contact: str = "",
        shows_level: bool = False,
    ) -> None:
        super().__init__(data)
        self.enterprise = enterprise
        self.item: PartnerProfile | None = None
        country = enterprise.region.partition("-")[0]
        scheme = scheme_of(country)
        self._fill_choices(scheme, known)
        if known is not None:
            self.initial = _cells(known) | {"contact": contact, "shows_level": shows_level}
        else:
            own = _own_industries(enterprise, scheme)
            self.initial = {
                # a sector spans several codes, of which the firm knows which are meant
                "industries": own if len(own) == 1 else [],
                "languages": ["zh", "en"] if country == "CN" else ["en"],
                "currency": "CNY" if country == "CN" else "EUR" if country in EUROPE else "USD",
                "valid_to": last_day(timezone.localdate().isoformat()),
            }

    def _fill_choices(self, scheme: Scheme, known: PartnerProfile | None) -> None:
        tongue = language()
        library = engine.library()
        codes = [f"{scheme}:{code}" for code in library.industries().industries[scheme]]
        # the own ones stand in front, where they are seen without scrolling
        near = [] if known is None else [item.word for item in known.industries]
        codes = list(dict.fromkeys([*near, *_own_industries(self.enterprise, scheme), *codes]))
        countries = [item for item in library.regions().values() if item.parent is None]
        none = ("", "–")
        choices: dict[str, Choices] = {
            "kind": _worded(COOPERATION_PROFILES, PROFILE_WORDS),
            "industries": [(word, profile_called(word, "industry")) for word in codes],
            "partnerships": _worded(PARTNERSHIPS, PARTNERSHIP_WORDS),
            "partner_regions": [(item.id, item.title.in_(tongue)) for item in countries],
            "partner_sizes": _worded(SIZE_CLASSES, SIZE_WORDS),
            "languages": list(TONGUES),
            "stage": [none, *_worded(STAGES, STAGE_WORDS)],
            "readiness": [none, *((str(number), str(number)) for number in range(1, 10))],
            "protection": [none, *_worded(PROTECTIONS, PROTECTION_WORDS)],
            "currency": currency_choices(),
            "least": [
                none,
                *(
                    (f"{name}:{level}", profile_called(f"{name}:{level}", "level"))
                    for name in levelled()
                    for level in levels_of(name)[1:]
                ),
            ],
        }
        for name, values in choices.items():
            self.fields[name].choices = values

    def fields_in(self, names: Iterable[str]) -> list[forms.BoundField]:
        """Return the named fields."""
        return [self[name] for name in names]

    @property
    def public(self) -> list[forms.BoundField]:
        """What it says in words."""
        return self.fields_in(self.PUBLIC)

    @property
    def about(self) -> list[forms.BoundField]:
        """What it is about."""
        return self.fields_in(self.ABOUT)

    @property
    def partner(self) -> list[forms.BoundField]:
        """Which partner is sought."""
        return self.fields_in(self.PARTNER)

    @property
    def kept(self) -> list[forms.BoundField]:
        """How long it stands, and what is kept back."""
        return self.fields_in(self.KEPT)

    def clean_industries(self) -> list[str]:
        """Refuse more than tell something."""
        found: list[str] = self.cleaned_data["industries"]
        if len(found) > MOST_INDUSTRIES:
            raise forms.ValidationError(_("Choose %(most)s industries at most.") % {"most": MOST_INDUSTRIES})
        return found

    def clean_valid_to(self) -> dt.date:
        """Refuse a last day that is over or more than twelve months away."""
        day: dt.date = self.cleaned_data["valid_to"]
        against = last_day_problem(day.isoformat(), timezone.localdate())
        if against is not None:
            raise forms.ValidationError(against.in_(language()))
        return day

    def clean(self) -> dict[str, Any]:
        """Demand a description in one language, and read the fields as a profile."""
        found = super().clean() or {}
        if not self.errors and not (found.get("description_zh") or found.get("description_en")):
            self.add_error("description_zh", _("Write the description in Chinese or in English."))
        if not self.errors:
            self.item = _profile(found, self.enterprise)
        return found


def _own_industries(enterprise: Enterprise, scheme: Scheme) -> list[str]:
    if enterprise.industry_code:
        return [f"{enterprise.industry_scheme}:{enterprise.industry_code}"]
    book = engine.library().industries()
    if enterprise.sector not in book.sectors:
        return []
    codes = book.codes_of(enterprise.sector, scheme)
    return [f"{scheme}:{code}" for code in codes]


def _cells(item: PartnerProfile) -> dict[str, Any]:
    """Return a profile as the fields of its form."""
    texts = {
        f"{name}_{tongue}": getattr(getattr(item, name), tongue)
        for name in ("title", "summary", "description", "strengths")
        for tongue in ("zh", "en")
    }
    return texts | {
        "kind": item.kind,
        "industries": [code.word for code in item.industries],
        "partnerships": list(item.partnerships),
        "partner_regions": list(item.partner_regions),
        "partner_sizes": list(item.partner_sizes),
        "languages": list(item.languages),
        "stage": item.stage or "",
        "readiness": "" if item.readiness is None else str(item.readiness),
        "protection": item.protection or "",
        "amount": item.amount,
        "currency": item.currency,
        "least": "" if item.least is None else f"{item.least.standard}:{item.least.level}",
        "valid_to": item.valid_to,
    }


def _profile(cells: Mapping[str, Any], enterprise: Enterprise) -> PartnerProfile:
    """Return the profile of a form that is valid; region and size are put in by the service."""
    standard, _colon, level = cells["least"].partition(":")
    data = {
        **{
            name: {tongue: _plain(cells[f"{name}_{tongue}"]) for tongue in ("zh", "en")}
            for name in ("title", "summary", "description", "strengths")
        },
        "kind": cells["kind"],
        "region": enterprise.region,
        "size": "micro",
        "industries": [
            dict(zip(("scheme", "code"), word.split(":"), strict=True)) for word in cells["industries"]
        ],
        **{name: cells[name] for name in ("partnerships", "partner_regions", "partner_sizes", "languages")},
        "stage": cells["stage"] or None,
        "readiness": int(cells["readiness"]) if cells["readiness"] else None,
        "protection": cells["protection"] or None,
        "amount": cells["amount"],
        "currency": cells["currency"],
        "least": {"standard": standard, "level": int(level)} if standard else None,
        "valid_from": timezone.localdate().isoformat(),
        "valid_to": cells["valid_to"].isoformat(),
    }
    return msgspec.convert(data, PartnerProfile)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


class ReasonForm(PartnerForm):
    """Why a profile is sent back."""

    reason = _prose(
        _("Reason, for the firm to read"),
        most=1000,
        error_messages={"required": _("Write why it is sent back.")},
    )


class InterestForm(PartnerForm):
    """An interest in a profile."""

    enterprise = forms.ChoiceField(label=_("For which enterprise"))
    sought = _prose(
        _("What cooperation do you seek?"),
        error_messages={"required": _("Say what you seek, so that the other side can decide.")},
        help_text=_("Read at once. Name nobody here."),
    )
    missing = _prose(
        _("What is missing in the profile? (optional)"),
        most=1000,
        required=False,
        help_text=_("Read at once. Name nobody here."),
    )
    who = _prose(
        _("Who are you, and whom can be reached how?"),
        most=500,
        error_messages={"required": _("The other side needs this once both have agreed.")},
        help_text=_("Kept back until the other side has agreed."),
    )
    shows_level = forms.BooleanField(
        label=_("Show our level, without our name, as the reader's own standard reads it"), required=False
    )

    def __init__(self, data: Any = None, *, enterprises: Iterable[Enterprise]) -> None:
        super().__init__(data)
        self.by_id = {str(item.pk): item for item in enterprises}
        self.fields["enterprise"].choices = [(name, str(item)) for name, item in self.by_id.items()]
        if len(self.by_id) == 1:
            self.fields["enterprise"].widget = forms.HiddenInput()
            self.initial["enterprise"] = next(iter(self.by_id))

    @property
    def chosen(self) -> Enterprise:
        """The enterprise, once the form is valid."""
        return self.by_id[self.cleaned_data["enterprise"]]

    def values(self) -> dict[str, Any]:
        """Return the fields of the interest, once the form is valid."""
        found = {name: _plain(self.cleaned_data[name]) for name in ("sought", "missing", "who")}
        return {**found, "shows_level": self.cleaned_data["shows_level"]}


class WhyForm(PartnerForm):
    """A reason for the other side to read."""

    text = _prose(
        _("Reason, for the other side to read"), most=1000, error_messages={"required": _("Write a reason.")}
    )


class MessageForm(PartnerForm):
    """A question, an answer or a message."""

    text = _prose(_("Your message"), error_messages={"required": _("Write something.")})
