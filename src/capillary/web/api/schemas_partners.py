"""What the API gives of cooperation profiles and interests, as types."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - pydantic reads the annotations when the program runs
from typing import Annotated, Literal
from uuid import UUID  # noqa: TC003 - pydantic reads the annotations when the program runs

from ninja import Schema
from pydantic import Field

from capillary.model.market import CooperationProfile, Partnership, SizeClass  # noqa: TC001 - pydantic reads the annotations when the program runs
from capillary.model.partner import Protection, Stage  # noqa: TC001 - pydantic reads the annotations when the program runs
from capillary.web.api.schemas import LINE, LevelSpan, PageIn, Span, TextOut

Word = Annotated[str, Field(max_length=40, pattern=LINE)]


class PartnersIn(PageIn):
    """Which profiles are wanted."""

    q: Annotated[str, Field(max_length=100, pattern=LINE)] = Field(
        "", description="Words, in either language."
    )
    kind: CooperationProfile | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    section: Annotated[str, Field(pattern=r"^[A-U]$")] | None = Field(
        None, description="A section of ISIC Rev. 4 in which an industry lies, wholly or in part."
    )
    partnership: Partnership | None = None
    size: SizeClass | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None


class StandardIn(Schema):
    """In which standard a level is read."""

    standard: Word = Field("", description="Its id; left out, that of the caller's own enterprise.")


class ProfileWordsOut(Schema):
    """A longer text; a language that it was not written in is empty."""

    zh: str
    en: str


class ProfileLevelOut(Schema):
    """The level of the firm behind a profile, as a standard reads it."""

    standard: str
    level: LevelSpan
    score: Span
    own: bool = Field(description="Whether the firm answered this very standard; else it is read across.")
    grade: str | None = Field(
        description="The grade of the evidence that carries the lower end; null for the lowest level."
    )
    rests_on: dict[str, date] = Field(description="By standard, the day on which it was completed.")


class DemandedLevelOut(Schema):
    """A level that the partner should have reached."""

    standard: str
    level: int


class PartnerOut(Schema):
    """A cooperation profile, without a name."""

    reference: str
    kind: CooperationProfile
    title: TextOut
    summary: TextOut
    region: str
    country: str
    size: SizeClass
    industries: list[str] = Field(description="Classification and code, such as `nace-2:C25`.")
    partnerships: list[Partnership]
    languages: list[str]
    amount: int | None
    currency: str
    valid_from: date
    valid_to: date


class PartnerFullOut(PartnerOut):
    """A cooperation profile with everything that is public."""

    description: ProfileWordsOut
    strengths: ProfileWordsOut
    partner_regions: list[str]
    partner_sizes: list[SizeClass]
    stage: Stage | None
    readiness: int | None
    protection: Protection | None
    least: DemandedLevelOut | None
    level: ProfileLevelOut | None = Field(description="Null where the firm does not show it.")


class OwnPartnerOut(Schema):
    """A firm's own profile, and how far it is."""

    id: UUID
    reference: str | None
    state: Literal["draft", "submitted", "returned", "published", "withdrawn"]
    version: int
    title: TextOut
    kind: CooperationProfile
    valid_to: date | None = Field(description="Of what is public; null where nothing is.")
    shows_level: bool
    waiting: int = Field(description="Interests that wait for an answer.")
    reason: str


class PartnerFitOut(Schema):
    """A profile that fits, with what its rank follows from."""

    reference: str
    kind: CooperationProfile
    overlap: Literal["whole", "partial"]
    partnerships: list[Partnership]
    languages: list[str]
    theirs: Literal["certain", "possible"] = Field(
        description="Whether the firm behind it reaches the level that is demanded."
    )
    ours: Literal["certain", "possible"]
    reasons: list[str]


class PartnerFitsOut(Schema):
    """Who fits a profile."""

    fits: list[PartnerFitOut]
    ruled_out: dict[str, list[str]] = Field(description="By reference, the demands that fail.")
    clash: list[str] = Field(
        description="Where nothing fits: the smallest set of demands that no profile passes."
    )


class InterestOut(Schema):
    """An interest in a profile."""

    id: UUID
    code: str
    reference: str
    side: Literal["publisher", "seeker"]
    status: Literal["waiting", "agreed", "declined", "withdrawn", "ended"]
    named: bool = Field(description="Whether both agreed, so that each sees the other's name.")
    other: str | None = Field(description="The other firm's name; null until both have agreed.")
    made_at: datetime
    changed_at: datetime


class InterestMessageOut(Schema):
    """A question, an answer or a message."""

    side: Literal["publisher", "seeker"]
    anonymous: bool
    text: str
    at: datetime


class InterestFullOut(InterestOut):
    """An interest with everything in it that the caller may read."""

    sought: str
    missing: str
    contact: str | None = Field(description="Of the other firm; null until both have agreed.")
    messages: list[InterestMessageOut]
