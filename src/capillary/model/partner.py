"""Cooperation profiles of enterprises: what partner a firm seeks, told without saying who it is.

The fields follow the profiles of the Enterprise Europe Network, as far as they were read: five kinds, forms of partnership,
stage of development, intellectual property, the partner sought, validity. What a profile holds is public; who is behind it is
kept elsewhere and shown once both sides have agreed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from capillary.model.industry import IndustryCode, Scheme
from capillary.model.market import (
    CooperationProfile,
    LanguageCode,
    Money,
    Partnership,
    SizeClass,
)
from capillary.model.measure import Currency
from capillary.model.place import RegionCode
from capillary.model.standard import AT_LEAST_ONE, Date, Identifier
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Language

Stage = Literal["idea", "concept", "under-development", "demonstrated", "on-the-market"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Protection = Literal["none", "secret", "applied", "granted", "copyright", "trademark", "exclusive"]
PROTECTIONS: tuple[Protection, ...] = get_args(Protection)
MOST_INDUSTRIES = 5
# The longest time that a profile stands before somebody has to look at it again.
MOST_MONTHS = 12
MOST_NUMBER = 999
# Offers and requests that meet. A research request meets another one, since both seek somebody for a project that neither can
# do alone and no kind offers research; and it meets a technology offer, whose writer has what a project may need.
COMPLEMENTS: Mapping[CooperationProfile, frozenset[CooperationProfile]] = {
    "business-offer": frozenset({"business-request"}),
    "business-request": frozenset({"business-offer"}),
    "technology-offer": frozenset({"technology-request", "research-request"}),
    "technology-request": frozenset({"technology-offer"}),
    "research-request": frozenset({"research-request", "technology-offer"}),
}
_LETTERS: Mapping[CooperationProfile, str] = {
    "business-offer": "BO",
    "business-request": "BR",
    "technology-offer": "TO",
    "technology-request": "TR",
    "research-request": "RD",
}
_REFERENCE = re.compile(r"[A-Z]{2}-(?:BO|BR|TO|TR|RD)-\d{8}-\d{3}")


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Words(_Item, frozen=True, kw_only=True):
    """A longer text in Chinese, in English or in both; a language that was not written in is empty."""

    zh: Annotated[str, Meta(max_length=4000)] = ""
    en: Annotated[str, Meta(max_length=4000)] = ""

    def in_(self, language: Language) -> str:
        """Return the text in a language, or in the other one where it was not written in this.

        >>> Words(zh="轴承").in_("en")
        '轴承'
        """
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second

    def is_in(self, language: Language) -> bool:
        """Whether the text was written in a language."""
        return bool(self.zh if language == "zh" else self.en)


class ProfileIndustry(_Item, frozen=True, kw_only=True):
    """A section or a division of a classification of industries."""

    scheme: Scheme
    code: IndustryCode

    @property
    def word(self) -> str:
        """Both as one word.

        >>> ProfileIndustry(scheme="nace-2", code="C25").word
        'nace-2:C25'
        """
        return f"{self.scheme}:{self.code}"


class LeastLevel(_Item, frozen=True, kw_only=True):
    """A level under a standard that the partner should have reached."""

    standard: Identifier
    level: Annotated[int, Meta(ge=0, le=9)]


class PartnerProfile(_Item, frozen=True, kw_only=True):
    """What partner a firm seeks.

    Attributes:
        reference: what it is called by, see `reference_of`; empty before it is published first.
        strengths: the advantages of an offer, or the expertise that a request seeks.
        region: where the firm is: a country or a subdivision of one, nothing below.
        industries: of what is offered or sought.
        partnerships: forms that would do.
        partner_regions, partner_sizes: where and how large the partner may be; empty for any.
        readiness: technology readiness level, 1 to 9; None where it does not apply.
        languages: in which the firm can talk, by codes of ISO 639.
        amount: what it is about in money, in whole units of ``currency``; None where nothing is told.
        least: the level that the partner should have reached; None where none is demanded.
        valid_from, valid_to: days on which it stands, both included.
    """

    reference: str = ""
    kind: CooperationProfile
    title: Text
    summary: Text
    description: Words
    strengths: Words = Words()
    region: RegionCode
    size: SizeClass
    industries: Annotated[tuple[ProfileIndustry, ...], AT_LEAST_ONE]
    partnerships: Annotated[tuple[Partnership, ...], AT_LEAST_ONE]
    partner_regions: tuple[RegionCode, ...] = ()
    partner_sizes: tuple[SizeClass, ...] = ()
    stage: Stage | None = None
    readiness: Annotated[int, Meta(ge=1, le=9)] | None = None
    protection: Protection | None = None
    languages: Annotated[tuple[LanguageCode, ...], AT_LEAST_ONE]
    amount: Money | None = None
    currency: Currency = "CNY"
    least: LeastLevel | None = None
    valid_from: Date
    valid_to: Date

    @property
    def country(self) -> str:
        """The code of the country."""
        return self.region.partition("-")[0]


def reference_of(country: str, kind: CooperationProfile, day: str, number: int) -> str:
    """Return what a profile is called by: country, kind, day and number, as the Enterprise Europe Network once did.

    Args:
        country: two letters of ISO 3166.
        kind: of the profile.
        day: ISO date of the first publication.
        number: of that country, kind and day, from 1 to 999.

    Raises:
        ValueError: the number is out of range, or the parts make no reference.

    >>> reference_of("CN", "business-offer", "2026-11-28", 1)
    'CN-BO-20261128-001'
    """
    if not 1 <= number <= MOST_NUMBER:
        raise ValueError(f"a number of a reference is 1 to {MOST_NUMBER}")
    found = f"{country}-{_LETTERS[kind]}-{day.replace('-', '')}-{number:03}"
    if not is_reference(found):
        raise ValueError(f"{found} is no reference of a profile")
    return found


def is_reference(text: str) -> bool:
    """Whether a text is a reference of a profile.

    >>> is_reference("ES-TR-20261128-012"), is_reference("ES-XX-20261128-012")
    (True, False)
    """
    return _REFERENCE.fullmatch(text) is not None


def last_day(first: str) -> str:
    """Return the last day on which a profile may stand that begins on a day: twelve months of it.

    A 29 February ends on the 28th of the next year's, as any other day ends on the day before its anniversary.

    >>> last_day("2026-11-28"), last_day("2028-02-29"), last_day("2026-03-01"), last_day("2027-03-01")
    ('2027-11-27', '2029-02-28', '2027-02-28', '2028-02-29')
    """
    year, month, day = int(first[:4]) + 1, int(first[5:7]), int(first[8:])
    if day > 1:
        return f"{year:04}-{month:02}-{day - 1:02}"
    if month == 1:
        return f"{year - 1:04}-12-31"
    month -= 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 28 + leap if month == 2 else 30 if month in {4, 6, 9, 11} else 31
    return f"{year:04}-{month:02}-{last}"
