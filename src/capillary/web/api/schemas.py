"""What the API takes and gives, as types; the OpenAPI document is made from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID  # noqa: TC003 - pydantic reads the annotations when the program runs

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field

from capillary.model.days import is_day
from capillary.model.industry import Scheme  # noqa: TC001 - pydantic reads the annotations when the program runs
from capillary.model.market import OfferKind, PriceModel, SizeClass  # noqa: TC001 - pydantic reads the annotations when the program runs
from capillary.web.programmes.paging import SORTS
from capillary.web.programmes.sizes import SIZES

Item = TypeVar("Item")
MOST_EMPLOYEES = 10_000_000
LARGEST = 2_147_483_647
# A line of text without control signs, which a database may refuse.
LINE = r"^[^\x00-\x1f\x7f]*$"
PROSE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Span = Annotated[
    list[float],
    Field(min_length=2, max_length=2, description="Lowest and highest possible value."),
]
LevelSpan = Annotated[
    list[int],
    Field(
        min_length=2,
        max_length=2,
        description="Lowest and highest possible level; equal where it is certain.",
    ),
]


class Strict(Schema):
    """A request body: entries that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class TextOut(Schema):
    """A text in Chinese and English."""

    zh: str
    en: str


class ErrorOut(Schema):
    """One thing wrong with a request."""

    path: str = Field(description="Where in the request, such as `body.answers.Q01`; empty for the whole.")
    code: str = Field(description="A stable name of the kind of problem.")
    cause: str = Field(description="What is wrong, in the language of the request.")
    remedy: str = Field(description="What mends it.")


class ProblemOut(Schema):
    """Problem details as in RFC 9457."""

    type: str = Field(description="A stable name of the kind of problem.")
    title: str
    status: int
    detail: str
    errors: list[ErrorOut]


class PageOut(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    total: int = Field(description="How many there are on all pages.")
    limit: int
    offset: int


class PageIn(Schema):
    """Which page of a list is wanted."""

    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    offset: int = Field(0, ge=0, le=10_000_000, description="How many to leave out before them.")


class MeOut(Schema):
    """Who sends the request, and with what."""

    email: str
    name: str
    token: str | None = Field(description="Name of the token; null for a browser's session.")
    scope: Literal["read", "write"]


class LevelOut(Schema):
    """One level of a standard."""

    level: int
    title: TextOut
    meaning: TextOut


class NamedOut(Schema):
    """Something with an id and a title."""

    id: str
    title: TextOut


class RegionOut(NamedOut):
    """A country or a part of one, by its code of ISO 3166."""

    parent: str | None


CurrencyCode = Annotated[
    str, Field(max_length=3, json_schema_extra={"x-content": "currency"}, examples=["EUR"])
]


class RelatedOut(Schema):
    """A code that has something in common with another."""

    scheme: str
    code: str
    whole: bool = Field(description="Whether all of the code asked for lies in it.")


class IndustryOut(Schema):
    """A section or division of a classification, what it is in others, and the sectors that it lies in."""

    scheme: str
    code: str
    section: str
    title: TextOut
    certainty: str
    related: list[RelatedOut]
    sectors: list[str]


class IndustriesIn(Schema):
    """Which codes are wanted."""

    q: str = Field("", max_length=100, pattern=LINE, description="A code, or words of a name.")
    scheme: Scheme | None = Field(None, description="The classification; left out for all.")
    to: Scheme | None = Field(None, description="Only what they are in this classification.")


def _day_text(value: object) -> object:
    """Return an ISO day; numbers, which would be read as moments, are none."""
    if not is_day(value):
        raise ValueError("no day")
    return value


Day = Annotated[date, BeforeValidator(_day_text)]


class RatesIn(Schema):
    """Which rates are wanted."""

    on: Day | None = Field(None, description="The day; left out for today.")
    to: CurrencyCode | None = Field(None, description="The currency in which they are told.")


class RateOut(Schema):
    """What one unit of a currency is worth in another on a day."""

    currency: str
    to: str
    rate: str = Field(description="The exact rate, as a fraction.")
    about: float
    day: date = Field(description="The oldest day of the quotes that it rests on.")
    certainty: str
    sources: list[TextOut]
    age_days: int = Field(description="Days between that day and the one asked for.")


class StandardOut(Schema):
    """A standard without its questions."""

    id: str
    edition: str
    title: TextOut
    short_title: TextOut
    publisher: TextOut
    summary: TextOut
    certainty: Literal["official", "secondary", "unverified"]
    effective_from: date
    effective_to: date | None
    questions: int = Field(description="How many questions it has.")
    max_score: float
    levels: list[LevelOut]
    dimensions: list[NamedOut]
    variants: list[NamedOut]


class ChoiceOut(Schema):
    """One thing that can be chosen; `points` is null where the score does not take it from here."""

    key: str
    text: TextOut
    points: float | None = None


class QuestionOut(Schema):
    """A question and the answers that it takes.

    `single` and `rate` take one key of `options` (`rate` also a percentage), `multiple` a list of keys, `level` a number of
    `levels` or 0, `boolean` true or false, `grid` an object from row to a key of `columns`, `ticks` an object from column to
    the list of rows ticked. Every question that is not `refused` also takes the text `na` (does not apply).
    """

    id: str
    kind: Literal["single", "multiple", "rate", "level", "boolean", "grid", "ticks"]
    dimension: str
    title: TextOut
    text: TextOut
    why: TextOut
    example: TextOut
    points: float
    not_applicable: Literal["zero", "drop", "refused"]
    options: list[ChoiceOut]
    levels: list[ChoiceOut]
    rows: list[ChoiceOut]
    columns: list[ChoiceOut]


class StandardFullOut(StandardOut):
    """A standard with its questions."""

    items: list[QuestionOut]


def _whole(value: Any) -> Any:
    """Return 80 for 80.0, which JSON does not tell apart; the rest is checked strictly."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


NAME = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NAME, examples=["Example Metal Parts"])]
SectorCode = Annotated[
    str, Field(max_length=40, json_schema_extra={"x-content": "sector"}, examples=["machinery"])
]
RegionCode = Annotated[
    str, Field(max_length=12, json_schema_extra={"x-content": "region"}, examples=["CN-JS"])
]
# a section or division with its classification in front
Industry = Annotated[
    str, Field(max_length=14, json_schema_extra={"x-content": "industry"}, examples=["gbt-4754:C33"])
]
# the limits stand before the reading of 80.0, or the document would not name them as JSON Schema does
Employees = Annotated[
    int, Field(ge=1, le=MOST_EMPLOYEES, strict=True, examples=[80]), BeforeValidator(_whole)
]
StandardId = Annotated[
    str, Field(max_length=40, json_schema_extra={"x-content": "standard"}, examples=["miit-2024"])
]
Revision = Annotated[
    int,
    Field(
        ge=0,
        le=LARGEST,
        strict=True,
        description="The revision that you saw last; if there has been another since, nothing is changed (409).",
    ),
    BeforeValidator(_whole),
]


class EnterpriseIn(Strict):
    """Facts of a new enterprise; you become its owner."""

    name: Name
    sector: SectorCode | None = None
    region: RegionCode | None = None
    employees: Employees | None = None
    industry: Industry | None = None


class EnterprisePatch(Strict):
    """Facts to change; what is left out stays; null takes a fact back, but for the name."""

    name: Name = ""
    sector: SectorCode | None = None
    region: RegionCode | None = None
    employees: Employees | None = None
    industry: Industry | None = None


class EnterpriseOut(Schema):
    """An enterprise and what you are to it."""

    id: UUID
    name: str
    sector: str | None
    region: str | None
    employees: int | None
    industry: Industry | None
    roles: list[str]
    created_at: datetime


class AssessmentRowOut(Schema):
    """An assessment in a list; intervals are `[lowest, highest]`."""

    id: UUID
    enterprise: UUID
    standard: str
    variant: str | None
    number: int = Field(description="0 for the first assessment under the standard (T0), then 1, 2 …")
    status: Literal["open", "completed", "signed"]
    started_at: datetime
    changed_at: datetime
    completed_at: datetime | None
    revision: int = Field(description="Number of the last change of an answer.")
    answered: int
    score: Span | None
    level: LevelSpan | None = Field(description="Null where the standard has no levels.")
    supported_score: float | None = Field(description="What the evidence supports; null without evidence.")
    supported_level: int | None


class AnswerOut(Schema):
    """A present answer."""

    value: Any = Field(description="The raw answer.")
    at: datetime
    revision: int
    evidence: Literal["declared", "documented", "measured", "verified"]


class AssessmentOut(AssessmentRowOut):
    """An assessment with its answers."""

    dimensions: dict[str, Span]
    answers: dict[str, AnswerOut]


class AssessmentStartIn(Strict):
    """Which standard to assess the enterprise under."""

    standard: StandardId
    variant: Annotated[str, Field(max_length=40, pattern=LINE)] | None = None


Reason = Annotated[
    str, Field(max_length=1000, pattern=PROSE, description="Why it changes; kept with the revision.")
]


class AnswerIn(Strict):
    """A new answer to one question."""

    value: Any = Field(
        description="The raw answer, in the form that the question takes; null for “don't know”."
    )
    reason: Reason = ""
    revision: Revision | None = None

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"value": "B"}]})


class AnswersIn(Strict):
    """New answers to several questions; all are taken or none."""

    answers: dict[str, Any] = Field(
        description="Raw answers by question; null for “don't know”.", min_length=1, max_length=500
    )
    reason: Reason = ""
    revision: Revision | None = None

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answers": {"Q01": "B"}}]})


class TakeBackQuery(Schema):
    """Which revision was seen last."""

    revision: Annotated[int, Field(ge=0, le=LARGEST)] | None = Field(
        None,
        description="The revision that you saw last; if there has been another since, nothing is changed (409).",
    )


class RevisionOut(Schema):
    """One change of one answer."""

    number: int
    question: str
    value: Any = Field(
        description="The raw answer from then on; null for “don't know” and for one taken back."
    )
    origin: str
    by: str | None = Field(
        description="Who changed it; null for a check without an account, and for officers, who see no people."
    )
    at: datetime
    reason: str


class NextOut(Schema):
    """What the interview would ask next."""

    question: QuestionOut | None = Field(description="Null when nothing is left to ask.")
    certain: bool = Field(description="Whether the level is certain already.")
    level: LevelSpan | None
    left: int = Field(description="How many questions are still open.")


class ScoreOut(Schema):
    """What answers are worth."""

    standard: str
    score: Span
    level: LevelSpan | None
    dimensions: dict[str, Span]
    answered: int
    questions: int
    views: dict[str, dict[str, Span]] | None = None


class ScoreResultOut(ScoreOut):
    """What an answer sheet is worth, as declared and as its evidence supports it."""

    supported: ScoreOut | None


class SheetIn(Strict):
    """An answer sheet, as the page “Answer sheet” describes it."""

    standard: StandardId
    answers: dict[str, Any] = Field({}, description="Raw answers by question.", max_length=500)
    enterprise: dict[str, Any] = Field({}, description="What is known of the enterprise.", max_length=50)
    variant: Annotated[str, Field(max_length=40)] | None = None
    evidence: dict[str, Literal["declared", "documented", "measured", "verified"]] = Field(
        {}, description="Grade of the evidence by question.", max_length=500
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"standard": "eu-dii-v3", "answers": {"C10": True}}]},
    )


class ResultOut(ScoreOut):
    """The whole diagnosis; the pages on the engines describe its parts."""

    enterprise: dict[str, Any]
    supported: ScoreOut | None
    account: dict[str, Any] = Field(description="The score as an account, node by node.")
    next_level: dict[str, Any] | None
    findings: list[dict[str, Any]]
    nearest: dict[str, Any] | None
    obstacles: list[dict[str, Any]]
    profile: dict[str, Any]
    benchmark: dict[str, Any] | None
    read_across: list[dict[str, Any]]


class ProgrammeOut(Schema):
    """A programme whose officer you are."""

    id: UUID
    name: TextOut
    organisation: TextOut
    standard: str
    code: str
    opens_on: date
    closes_on: date | None
    enrolments: int = Field(description="How many enterprises take part and agreed that you see them.")


SIZE = f"^({'|'.join(size.id for size in SIZES)})$"
SORT = f"^-?({'|'.join(SORTS)})$"


class EnrolmentQuery(Schema):
    """Which enrolments are wanted; the filters are those of the officer's list."""

    q: Annotated[str, Field(max_length=100, pattern=LINE)] = Field(
        "", description="Part of the enterprise's name."
    )
    region: RegionCode | None = Field(None, description="A region's code; parts of the region count too.")
    sector: SectorCode | None = Field(None, description="A sector's id.")
    size: Annotated[str, Field(pattern=SIZE)] | None = Field(None, description="A class of size.")
    level_from: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, alias="from", description="Lowest level that is reached with certainty."
    )
    level_to: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, alias="to", description="Highest level that is reached with certainty."
    )
    since: date | None = Field(None, description="Assessed on this day or later.")
    cohort: Annotated[str, Field(max_length=60, pattern=LINE)] = Field("", description="A cohort.")
    unassessed: Literal["on"] | None = Field(None, description="Only enterprises that are not assessed yet.")
    sort: Annotated[str, Field(pattern=SORT)] = Field(
        "name", description="The column to sort by; with a minus sign in front the other way round."
    )
    cursor: Annotated[str, Field(max_length=600, pattern=r"^[A-Za-z0-9_-]*$")] = Field(
        "", description="The `next` of the page before; empty for the first page."
    )
    limit: int = Field(50, ge=1, le=200, description="How many at most.")


class EnrolmentOut(Schema):
    """An enterprise in a programme and where it stands."""

    enterprise: UUID
    assessment: UUID | None
    name: str
    sector: str | None
    region: str | None
    employees: int | None
    cohort: str
    joined_at: datetime
    assessed_at: datetime | None
    assessments: int
    score: Span | None
    level: LevelSpan | None
    supported_level: int | None
    weakest: str | None


class EnrolmentPageOut(Schema):
    """One page of a programme's enrolments."""

    items: list[EnrolmentOut]
    total: int = Field(description="How many fit the filters.")
    next: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


Money = Annotated[int, Field(ge=0, le=10**12, description="Whole units of the goal's currency.")]
QuarterText = Annotated[
    str, Field(pattern=r"^\d{4}-Q[1-4]$", description="A quarter, such as 2027-Q4.", examples=["2027-Q4"])
]
MeasureId = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9-]+$")]


class OwnFiguresIn(Strict):
    """An offer that the firm holds."""

    model_config = ConfigDict(extra="forbid", strict=True)

    one_off: Money | None = None
    yearly: Money | None = None
    weeks: Annotated[int, Field(ge=1, le=260)] | None = None


class GoalIn(Strict):
    """What to reach, by when and within what."""

    by: QuarterText
    level: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None, description="The level to reach; without it, the highest that the limits allow."
    )
    budget: Money | None = None
    cash: Money | None = Field(None, description="The most that may be paid in any one quarter.")
    running: Money | None = Field(None, description="The most that running costs may come to in a year.")
    hours: dict[Literal["owner", "shop-floor", "office", "it"], Annotated[int, Field(ge=0, le=10**6)]] = (
        Field(
            default_factory=dict, description="Hours of own staff in a quarter; what is not named is assumed."
        )
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    programme: Annotated[str, Field(max_length=60)] | None = None
    subsidy_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    subsidy_cap: Money | None = None
    subsidy_level: Annotated[int, Field(ge=0, le=10)] | None = None
    users: Annotated[int, Field(ge=0, le=MOST_EMPLOYEES)] | None = None
    machines: Annotated[int, Field(ge=0, le=MOST_EMPLOYEES)] | None = None
    revenue: Money | None = None
    steady: bool = Field(
        False, description="Whether the plan with the most points over all quarters is wanted too."
    )
    pinned: Annotated[list[MeasureId], Field(max_length=200)] = Field(default_factory=list)
    excluded: Annotated[list[MeasureId], Field(max_length=200)] = Field(default_factory=list)
    have: Annotated[list[MeasureId], Field(max_length=200)] = Field(default_factory=list)
    contracted: dict[MeasureId, QuarterText] = Field(
        default_factory=dict, description="Measures on order, by the quarter at whose end they are complete."
    )
    offers: dict[MeasureId, OwnFiguresIn] = Field(default_factory=dict)

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"by": "2027-Q4", "level": 2, "budget": 300000}]},
    )


class RoadmapOut(Schema):
    """A roadmap without its plans."""

    id: UUID
    assessment: UUID
    status: Literal["waiting", "working", "ready", "failed"]
    made_at: datetime
    ready_at: datetime | None
    first_quarter: str = Field(description="The first quarter of its plans; they count quarters from 1.")
    goal: dict[str, Any] = Field(description="What was asked for.")
    progress: dict[str, Any] | None = Field(description="How far the work is, with the best so far.")
    problems: list[dict[str, str]] = Field(description="Why it could not be made.")


class RoadmapFullOut(RoadmapOut):
    """A roadmap with what was found."""

    result: dict[str, Any] | None = Field(
        description="Plans, clash and trade-offs, as the command line prints them; null until it is ready."
    )


class MeasureOut(Schema):
    """Something that a firm can do."""

    id: str
    title: TextOut
    summary: TextOut
    first_step: TextOut
    raises: list[dict[str, Any]] = Field(
        description="Capabilities that it raises, from one level to another."
    )
    needs: dict[str, Any]
    excludes: list[str]
    cost: dict[str, Any] = Field(description="Low, typical and high figures, with source and certainty.")
    weeks: list[int]
    staff: dict[str, int] = Field(description="Hours of own staff, by role.")
    risk: Literal["low", "medium", "high"]


class ScenarioIn(Schema):
    """Which scenarios are wanted; what is left out holds for all."""

    q: str = Field(
        "", max_length=100, pattern=LINE, description="Words that all stand in it, in any language."
    )
    business: str = Field(
        "", max_length=20, pattern=LINE, description="A business scenario of `miit-2024`, such as `S06`."
    )
    sector: str = Field("", max_length=80, pattern=LINE, description="A sector by its id.")
    size: Literal["", "micro", "small", "medium", "large"] = ""
    capability: str = Field(
        "", max_length=80, pattern=LINE, description="A capability that one of its measures raises."
    )
    results: bool = Field(False, description="Only those with figures of finished projects.")


class FirmSizeIn(Schema):
    """The size that a scenario's figures are wanted for; what is left out is assumed."""

    people: int | None = Field(None, ge=1, le=100_000)
    users: int | None = Field(None, ge=0, le=100_000, description="People who use a computer at work.")
    machines: int | None = Field(None, ge=0, le=100_000)


class OfferingOut(Schema):
    """Places that an office gives out."""

    id: UUID
    code: str
    kind: Literal["diagnosis", "training", "security"]
    state: Literal["open", "closed", "drawing", "drawn", "refused", "publishing", "published"]
    title: TextOut
    organisation: TextOut
    opens_on: date
    closes_on: date = Field(description="The last day on which enterprises can ask.")


class PlaceProviderOut(Schema):
    """Who gives places, and how many."""

    name: str
    capacity: int
    region: str
    taken: int | None = Field(description="How many of them are taken; null before the draw is published.")


class OfferingFullOut(OfferingOut):
    """Places that an office gives out, and what makes their draw again."""

    rules: list[str] = Field(description="Who comes first, as `capillary allocate --priority` takes it.")
    places: int
    asked: int | None = Field(description="How many enterprises ask; null where they are 1 to 9.")
    providers: list[PlaceProviderOut]
    commitment: str = Field(description="SHA-256 of the seed, a colon and the key, published beforehand.")
    seed: str | None = Field(description="Of the lottery, in digits; null before the draw is published.")
    key: str | None
    firms_sha256: str | None = Field(description="SHA-256 of the draw's file of enterprises.")
    providers_sha256: str | None = Field(description="SHA-256 of the draw's file of providers.")


class SentencesOut(Schema):
    """Sentences in Chinese and English."""

    zh: list[str]
    en: list[str]


class PlaceRequestOut(Schema):
    """What an enterprise asked for, and what became of it."""

    id: UUID
    offering: UUID
    reference: str
    state: Literal[
        "asked",
        "withdrawn",
        "excluded",
        "offered",
        "accepted",
        "waiting",
        "declined",
        "expired",
        "served",
        "absent",
    ]
    asked_on: date
    provider: str | None = Field(description="Whose place it has.")
    choice: int | None = Field(description="Which of its choices that is, from 1; null for one of the rest.")
    place: int | None = Field(description="Its smallest number in line; null where it stands in none.")
    answer_by: date | None = Field(description="The last day on which it can accept.")
    explanation: SentencesOut


class AccreditationOut(Schema):
    """An application for accreditation."""

    id: UUID
    reference: str
    accreditation: str = Field(description="Id of the criteria.")
    provider: str
    office: TextOut = Field(description="Who decides.")
    status: Literal[
        "draft", "submitted", "proposed", "granted", "refused", "appealed", "withdrawn", "taken-back"
    ]
    round: int = Field(description="1 for the first decision, 2 for the one about an appeal.")
    holds: bool = Field(description="Whether the accreditation holds today.")
    submitted_at: datetime | None
    granted_on: date | None
    valid_to: date | None


class CriterionOut(Schema):
    """One condition, and how it came out."""

    id: str
    met: bool | None = Field(description="null where it cannot be told yet.")
    text: TextOut
    source: str
    certainty: Literal["official", "secondary", "unverified"]


class _JudgedOut(Schema):
    accreditation: str
    title: TextOut
    version: str
    verdict: Literal["entitled", "unclear", "not-entitled"]
    missing: list[str] = Field(description="Facts without which it cannot be told.")
    conditions: list[CriterionOut]


class CriteriaOut(_JudgedOut):
    """A set of criteria, what a provider meets of it today, and its applications."""

    applications: list[AccreditationOut]


class AccreditationFullOut(_JudgedOut, AccreditationOut):
    """An application for accreditation with what the rules say of it."""


class ScenarioOut(Schema):
    """A problem that firms know, and the measures that solve it."""

    id: str
    title: TextOut
    problem: TextOut
    serves: list[str] = Field(description="Business scenarios of `miit-2024` that its measures raise.")
    supports: list[str] = Field(description="Business scenarios that rest on it.")
    sectors: list[str]
    sizes: list[Literal["micro", "small", "medium", "large"]]
    measures: list[str] = Field(description="In an order in which each can begin.")
    has_results: bool = Field(description="Whether a figure of it comes from finished projects.")


class ScenarioFigureOut(Schema):
    """One figure of a scenario: of finished projects where that gives no firm away, else of its measures."""

    figure: Literal["one_off", "yearly", "weeks", "hours", "levels", "effect"]
    on: str | None = Field(description="What an effect is on; null for other figures.")
    of: str | None = Field(description="Of what an effect is percent less.")
    source: Literal["results", "measures"]
    low: float = Field(description="Lower quartile of the firms; the low end of the measures' range.")
    typical: float = Field(description="Median of the firms; the measures' typical figure.")
    high: float = Field(description="Upper quartile of the firms; the high end of the measures' range.")
    projects: int = Field(description="On how many projects it rests; 0 for the measures' own.")
    from_year: int | None
    to_year: int | None
    reported: int = Field(description="How many projects report it; they are shown from 5 firms on.")
    certainty: Literal["official", "secondary", "unverified"] | None = Field(
        description="Of the measures' figures; null for those of projects."
    )


class ToldOut(Schema):
    """What went wrong, in the words of a firm that is not named."""

    text: str
    language: str


class PitfallOut(Schema):
    """What goes wrong, and what helps."""

    wrong: TextOut
    remedy: TextOut


class StatedOut(Schema):
    """What a source states."""

    text: TextOut
    certainty: Literal["official", "secondary", "unverified"]
    source: TextOut
    url: str | None


class ScenarioFullOut(ScenarioOut):
    """A scenario with everything that it says, and its figures for a size."""

    before: TextOut
    after: TextOut
    starts: dict[str, int] = Field(description="Levels of capabilities that the firm must have already.")
    pitfalls: list[PitfallOut]
    conditions: list[TextOut]
    checklist: list[TextOut]
    who: TextOut
    facts: list[StatedOut]
    certainty: Literal["official", "secondary", "unverified"] = Field(
        description="How sure the descriptions are."
    )
    estimate: dict[str, Any] = Field(
        description="What it costs, takes and brings a firm of the size, from the figures of its measures."
    )
    reported: int = Field(description="How many finished projects reported.")
    figures: list[ScenarioFigureOut] = Field(
        description="What is shown: figures of finished projects in place of the measures' where there are enough. "
        "Costs are in the currency of the estimate, for firms of the size class."
    )
    told: list[ToldOut] = Field(description="What went wrong elsewhere; a reviewer looked at it.")


class CourseIn(Schema):
    """Which courses are wanted; what is left out holds for all."""

    q: str = Field(
        "", max_length=100, pattern=LINE, description="Words that all stand in it, in any language."
    )
    role: Literal["", "owner", "shop-floor", "office", "it"] = ""
    form: Literal["", "self-study", "workshop", "on-the-job"] = ""
    capability: str = Field(
        "", max_length=80, pattern=LINE, description="A capability of the firm that it helps with."
    )
    competence: str = Field(
        "", max_length=8, pattern=LINE, description="A competence of DigComp 3.0, such as `4.1`."
    )


class CourseOut(Schema):
    """An outline of something to learn."""

    id: str
    title: TextOut
    outcome: TextOut
    roles: list[Literal["owner", "shop-floor", "office", "it"]]
    form: Literal["self-study", "workshop", "on-the-job"]
    hours: int = Field(description="Learning hours of one person: our own estimate.")
    after: list[str] = Field(description="Courses to do before.")
    capabilities: dict[str, list[int]] = Field(
        description="Capability of the firm to the levels from and to."
    )
    competences: dict[str, list[int]] = Field(
        description="Competence of the person to the levels from and to."
    )


class CourseCheckOut(Schema):
    """A question that shows whether a course was understood."""

    question: TextOut
    answer: TextOut


class CourseFullOut(CourseOut):
    """An outline with everything that it says."""

    audience: TextOut
    outline: list[TextOut]
    checks: list[CourseCheckOut]
    certainty: Literal["official", "secondary", "unverified"] = Field(
        description="How sure outline, hours and levels are."
    )


class MilestoneOut(Schema):
    """One measure of a project."""

    id: UUID
    measure: str
    owner: str
    begins: date
    due: date
    status: Literal["open", "underway", "done", "dropped"]
    planned: int
    spent: int
    done_on: date | None
    raised: list[str] = Field(description="Questions whose answers became better.")


class ProjectOut(Schema):
    """A plan that is carried out."""

    id: UUID
    name: str
    standard: str
    status: Literal["active", "ended"]
    level: int | None
    currency: str
    budget: int | None
    made_at: datetime
    milestones: list[MilestoneOut]


class OnDayIn(Strict):
    """The day of an evaluation."""

    on: (
        Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Judged by the rules of this day.")]
        | None
    ) = None


class EntitlementsOut(Schema):
    """What a firm may claim on a day."""

    on: str
    currency: str = Field(description="Of all amounts that the firm told.")
    programmes: list[dict[str, Any]] = Field(description="As the command line prints them.")
    together: dict[str, Any] = Field(
        description="The set that is worth most, where some exclude others or share a ceiling."
    )
    missing: list[dict[str, Any]] = Field(description="Facts to tell next, those about the most money first.")


class AidIn(Strict):
    """Aid that the firm was granted before."""

    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    amount: Annotated[str, Field(pattern=r"^\d{1,13}(\.\d{1,2})?$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    scheme: Literal["de-minimis"] | None = None


class FactsIn(Strict):
    """Facts of a firm."""

    facts: Annotated[dict[Annotated[str, Field(max_length=60)], Any], Field(max_length=200)] = Field(
        default_factory=dict,
        description="By name: numbers or text, shares such as 0.5, days, keys, lists of keys, true or false; null forgets.",
        examples=[{"city": "wuhan", "spend_software": "1000000.50", "has_central_funding": False}],
    )
    aids: Annotated[list[AidIn], Field(max_length=50)] | None = Field(
        None, description="All earlier aid of three years."
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


class FactsOut(Schema):
    """What a firm told."""

    facts: dict[str, Any]
    aids: list[dict[str, Any]] | None
    currency: str


class IncentiveOut(Schema):
    """An incentive programme."""

    id: str
    title: TextOut
    summary: TextOut
    kind: str
    country: str
    currency: str | None
    versions: list[dict[str, Any]] = Field(
        description="Each with the days on which it is in force, and the spend that counts: its categories, null for all."
    )


class MarketIn(PageIn):
    """Words and filters; a filter that is left out allows everything."""

    q: str = Field("", max_length=100, pattern=LINE, description="Words in Chinese or English.")
    kind: OfferKind | None = None
    region: Annotated[str, Field(max_length=20, pattern=LINE)] | None = None
    sector: Annotated[str, Field(max_length=80, pattern=LINE)] | None = None
    size: SizeClass | None = None
    language: Annotated[str, Field(max_length=3, pattern=LINE)] | None = None
    price: PriceModel | None = None

    @staticmethod
    def facets() -> tuple[str, ...]:
        """Return the names of the filters."""
        return ("kind", "region", "sector", "size", "language", "price")


class OfferOut(Schema):
    """A public offer; amounts are whole units of its price's currency."""

    id: str
    kind: str
    provider: str
    title: TextOut
    summary: TextOut
    measures: list[str] = Field(description="Ids of the measures that it delivers whole.")
    sectors: list[str] = Field(description="Empty for all; so are sizes and regions.")
    sizes: list[str]
    regions: list[str]
    languages: list[str]
    price: dict[str, Any]
    weeks: int
    capacity: dict[str, Any]
    references: dict[str, int] = Field(description="Firms served by sector, as the provider states.")
    evidence: list[dict[str, Any]]
    cooperation: dict[str, Any] | None
    valid_from: str
    valid_to: str
    version: int


class MarketOut(PageOut[OfferOut]):
    """Offers that fit."""

    counts: dict[str, dict[str, int]] = Field(
        description="By filter and value, how many would be left with this value, the other filters kept."
    )
    relaxed: bool = Field(description="Whether nothing has all words; these have the most of them.")
    instead: dict[str, list[str]] = Field(
        description="Words that nothing has, and what was looked for instead."
    )


class FindIn(PageIn):
    """Words and filters; a filter that is left out allows everything."""

    q: str = Field("", max_length=100, pattern=LINE, description="Words in Chinese or English.")
    what: (
        Annotated[
            str,
            Field(max_length=40, pattern=LINE, description="The kind of entry, such as scenario or offer."),
        ]
        | None
    ) = None
    sector: Annotated[str, Field(max_length=80, pattern=LINE)] | None = None
    size: SizeClass | None = None
    region: Annotated[str, Field(max_length=20, pattern=LINE)] | None = None
    language: Annotated[str, Field(max_length=3, pattern=LINE)] | None = None
    price: PriceModel | None = None
    capability: Annotated[str, Field(max_length=80, pattern=LINE)] | None = None
    measure: Annotated[str, Field(max_length=80, pattern=LINE)] | None = None

    @staticmethod
    def facets() -> tuple[str, ...]:
        """Return the names of the filters."""
        return ("what", "sector", "size", "region", "language", "price", "capability", "measure")


class EntryOut(Schema):
    """An entry of a catalogue."""

    kind: str
    id: str
    title: TextOut
    summary: TextOut
    facts: list[str] = Field(description="What a list says under it, in the language of the answer.")
    url: str = Field(description="The address of its page.")


class FindOut(PageOut[EntryOut]):
    """Entries that fit."""

    counts: dict[str, dict[str, int]] = Field(
        description="By filter and value, how many would be left with this value, the other filters kept."
    )
    relaxed: bool = Field(description="Whether nothing has all words; these have the most of them.")
    instead: dict[str, list[str]] = Field(
        description="Words that nothing has, and what was looked for instead."
    )


class PlanOffersIn(Strict):
    """What offers for a plan must fulfil, besides the firm's region, sector and size."""

    plan: int = Field(0, ge=0, le=20, description="Which plan of the latest roadmap.")
    budget: Annotated[int, Field(ge=0, le=10**12)] | None = None
    kind: OfferKind | None = None
    language: Annotated[str, Field(max_length=3, pattern=LINE)] | None = None
    limit: int = Field(50, ge=1, le=200)


class PlanMatchOut(Schema):
    """An offer that fits, with what its rank follows from."""

    offer: str
    provider: str
    in_time: list[str]
    late: list[str]
    served: int
    first_year: int | None = Field(description="After aid; null where the price is on request.")
    free_from: str
    weeks: int
    reasons: list[str]


class PlanOffersOut(Schema):
    """The offers for a plan."""

    on: str
    currency: str
    wanted: dict[str, str | None] = Field(
        description="Measures, each with the last day on which it may begin."
    )
    matches: list[PlanMatchOut]
    total: int
    ruled_out: dict[str, int] = Field(description="By demand, how many offers fail it.")
    clash: list[str] = Field(
        description="Where nothing fits: the smallest set of demands that no offer passes."
    )
    undelivered: list[str]


class NeedOut(Schema):
    """What a firm needs, as it sees it itself."""

    id: UUID
    reference: str
    state: Literal["open", "closed"]
    published_at: datetime
    measures: list[str]
    budget: int | None = Field(
        description="The most that the first year may cost, in whole units of `currency`."
    )
    currency: str
    start_by: date | None
    languages: list[str]
    words: str


class LeadOut(Schema):
    """What a provider sees of a need before both sides have agreed."""

    need: UUID
    reference: str
    published_at: datetime
    measures: list[str]
    sector: str | None
    size: str | None
    region: str | None
    budget_class: int | None = Field(
        description="0: up to 10,000; 1: to 50,000; 2: to 200,000; 3: to 1,000,000; 4: more; null: not told."
    )
    currency: str
    start_by: date | None
    languages: list[str]
    offers: list[str] = Field(description="Ids of the provider's own offers that fit.")


class MatchOut(Schema):
    """A need and an offer, and how far they are."""

    id: UUID
    need: UUID
    offer: str | None = Field(description="Null for a firm that has not agreed to a provider's interest.")
    status: str
    since: date
    due: date | None = Field(description="The last day on which what is waited for is in time.")
    overdue_on: date | None
    named: bool = Field(description="Whether both agreed, so that each sees the other's name.")
    contract_on: date | None
    contract_amount: str | None
    contract_currency: str | None
    deliver_by: date | None
    delivered_on: date | None
    cost: str | None
    level_before: int | None
    level_after: int | None


class QuoteOut(Schema):
    """A price with dates; amounts as texts, so that nothing is rounded."""

    number: int
    one_off: str
    yearly: str
    currency: str
    weeks: int
    valid_until: date
    note: str
    at: datetime
    file: str | None


class MatchMessageOut(Schema):
    """A message of a match."""

    side: str
    text: str
    at: datetime
    file: str | None


class MatchStepOut(Schema):
    """A step in the life of a match; `side` is null where a clock struck."""

    act: str
    side: str | None
    at: datetime
    text: str


class MatchFullOut(MatchOut):
    """A match with everything in it."""

    firm: str | None = Field(description="Null until both sides have agreed.")
    provider: str | None = Field(description="The provider's id; null until it may be named.")
    quotes: list[QuoteOut]
    messages: list[MatchMessageOut]
    steps: list[MatchStepOut]
