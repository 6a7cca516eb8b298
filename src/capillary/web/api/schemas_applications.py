"""What the API takes and gives of calls and applications, as types."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - pydantic reads the annotations when the program runs
from typing import Annotated, Any, Literal
from uuid import UUID  # noqa: TC003 - pydantic reads the annotations when the program runs

from ninja import Schema
from pydantic import ConfigDict, Field

from capillary.incentives.applying import Status  # noqa: TC001 - pydantic reads it, too
from capillary.web.api.schemas import LINE, NAME, PageIn, Strict, TextOut

Amount = Annotated[str, Field(description="An amount of money with two decimals.", examples=["300000.00"])]
AmountIn = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$",
        description="An amount of money, as text.",
        examples=["600000.50"],
    ),
]
Verdict = Literal["entitled", "not-entitled", "unclear"]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-05-05"])]


class CallsQuery(PageIn):
    """Which of the open calls are wanted."""

    q: Annotated[str, Field(max_length=100, pattern=LINE)] = Field(
        "", description="Words in the code, the title, the programme or the organisation."
    )


class CallOut(Schema):
    """A call for applications to an incentive programme."""

    id: UUID
    code: str = Field(description="What references of applications begin with.")
    programme: str = Field(description="Id of the incentive programme whose rules decide.")
    programme_title: TextOut
    title: str
    organisation: TextOut
    opens_on: date
    closes_on: date = Field(description="Applications are taken through the end of this day.")
    appeal_days: int
    contact: str
    note: str
    currency: str | None = Field(description="Null where the programme gives no money.")
    budget: Amount | None = Field(description="Null where there is no limit.")
    granted: Amount
    paid: Amount
    left: Amount | None = Field(description="What may still be granted; null where there is no limit.")


class CallConditionOut(Schema):
    """A condition of the programme."""

    id: str
    text: TextOut


class CallPaperOut(Schema):
    """A paper that has to be handed in, or why it does not apply."""

    id: str
    title: TextOut


class CallFullOut(CallOut):
    """A call with the conditions and papers of its programme, and how much is asked for."""

    is_open: bool = Field(description="Whether applications are taken today.")
    waiting: Amount = Field(description="The most that the applications in line can get together.")
    short: Amount = Field(description="By how much that is more than what is left.")
    version: str = Field(description="Version of the rules in force; `/incentives` lists them.")
    conditions: list[CallConditionOut]
    papers: list[CallPaperOut]


class ApplicationStartIn(Strict):
    """Which call to apply for."""

    call: Annotated[
        UUID, Field(description="Id of the call.", examples=["6d2f7c1e-3b7d-4c8e-9a51-0f3d1c2b4a59"])
    ]


class ApplicationRowOut(Schema):
    """An application in a list."""

    id: UUID
    reference: str = Field(description="What people call it by.")
    call: UUID
    programme: str
    enterprise: UUID
    name: str = Field(description="The enterprise's name on the day of the submission.")
    status: Status
    round: int = Field(description="1 for the first decision, 2 for the one about an appeal.")
    verdict: Verdict | None = Field(description="What the rules say; null in a draft.")
    currency: str | None
    asked: Amount | None = Field(
        description="The most that it can get by the rules; null in a draft and without money."
    )
    granted: Amount | None
    submitted_at: datetime | None
    in_line_at: datetime | None = Field(description="Since when it stands in line.")
    decided_at: datetime | None


class PlaceOut(Schema):
    """A place in the line for the money."""

    number: int = Field(description="1 for the first one.")
    room: Amount | None = Field(
        description="What is left of the budget for it if all in front get theirs; null where there is no limit."
    )
    fits: bool = Field(description="Whether that is enough for what the rules allow.")


class QueueRowOut(ApplicationRowOut):
    """An application in the queue of its office."""

    place: PlaceOut | None = Field(description="Null once it is decided or withdrawn.")


class QueueQuery(PageIn):
    """Which applications of a call are wanted."""

    group: Literal["todo", "second", "with-firm", "decided", "all"] = Field(
        "all",
        description="To decide, for the second officer, with the enterprise, decided or withdrawn, or all.",
    )
    q: Annotated[str, Field(max_length=100, pattern=LINE)] = Field(
        "", description="Words in the enterprise's name, or the number."
    )


class FactOut(Schema):
    """A fact that the programme asks for."""

    fact: str
    title: TextOut
    told: Any = Field(description="What was told; null where nothing was.")
    counts: Any = Field(description="The value that counts: what was told, or what the office made of it.")
    corrected_because: str | None = Field(description="Why the office corrected it; null where it did not.")


class SpendOut(Schema):
    """What an application claims of one invoice."""

    id: int
    category: str
    supplier: str
    number: str
    day: date
    total: Amount
    claimed: Amount
    currency: str


class SpendIn(Strict):
    """An invoice, or a part of one; amounts without tax, in the currency of the enterprise's figures."""

    category: Annotated[str, Field(max_length=60, pattern=LINE)] = Field(
        description="One of the application's `categories`."
    )
    supplier: Annotated[str, Field(min_length=1, max_length=200, pattern=NAME)] = Field(
        description="As the invoice names it."
    )
    number: Annotated[str, Field(min_length=1, max_length=60, pattern=NAME)] = Field(
        description="As it stands on the invoice."
    )
    day: Day
    total: AmountIn
    claimed: AmountIn | None = Field(
        None, description="How much of it this application claims; all of it where it is left out."
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "category": "spend_software",
                    "supplier": "Example Software Ltd",
                    "number": "A-001",
                    "day": "2026-05-05",
                    "total": "600000.00",
                }
            ]
        },
    )


class OtherClaimOut(Schema):
    """What a doubtful invoice meets; only the office sees it."""

    application: str = Field(description="Reference of the other application.")
    supplier: str
    number: str
    day: date
    total: Amount
    claimed: Amount
    currency: str


class DoubtOut(Schema):
    """An invoice that is claimed twice, or may be."""

    line: int = Field(description="Id of the application's own line of spend.")
    kind: Literal["over", "totals", "other-firm", "number", "amount"]
    text: TextOut
    is_certain: bool = Field(description="Whether no officer can clear it.")
    cleared_because: str | None = Field(description="Why an officer cleared it.")
    others: list[OtherClaimOut]


class PaperOut(Schema):
    """A paper that was handed in, or why one does not apply; the file is for the web page."""

    item: str | None = Field(description="Item of the checklist; null for something else.")
    title: TextOut | None
    file_name: str | None
    file_size: int
    waived: str | None = Field(description="Why it does not apply.")
    added_at: datetime


class QuestionOfOfficeOut(Schema):
    """A question of the office, and the answer."""

    text: str
    asked_at: datetime
    answer_by: date
    answer: str | None
    answered_at: datetime | None


class DecisionOut(Schema):
    """A decision; the office also sees proposals that wait or were returned."""

    round: int
    state: Literal["proposed", "confirmed", "returned"]
    grants: bool
    amount: Amount | None = Field(description="What is granted in all.")
    reasons: str
    proposed_at: datetime | None = Field(description="Null for the enterprise.")
    proposed_by: str | None = Field(description="Null for the enterprise, which sees no officer's name.")
    judged_at: datetime | None = Field(description="When it was confirmed or returned.")
    judged_by: str | None
    remark: str | None = Field(description="Of the second officer; null for the enterprise.")
    entitlement: dict[str, Any] = Field(
        description="What the rules said with the trace of every figure, as it was when it was proposed."
    )


class PaymentOut(Schema):
    """A part of the money."""

    number: int
    amount: Amount
    when: TextOut
    state: Literal["planned", "released", "paid", "cancelled"] = Field(
        description="The enterprise sees a released payment as planned."
    )
    paid_on: date | None
    reference: str | None = Field(description="Of the transfer.")


class StepOut(Schema):
    """One step in the life of an application."""

    at: datetime
    act: str
    text: str
    by: str | None = Field(description="The person; for the enterprise the office as a whole.")


class ApplicationOut(ApplicationRowOut):
    """An application with everything that its page shows to this side."""

    side: Literal["enterprise", "office"] = Field(description="From which side you see it.")
    on: date | None = Field(description="The day whose rules decide; null in a draft, which is judged today.")
    place: PlaceOut | None
    entitlement: dict[str, Any] = Field(
        description="What the rules say now, with the trace of every figure, as the command line prints it."
    )
    facts: list[FactOut]
    categories: list[str] = Field(
        description="What spend can be for; none where the rules do not look at it."
    )
    spend: list[SpendOut]
    doubts: list[DoubtOut] = Field(description="For the enterprise only while it is a draft.")
    papers: list[PaperOut]
    lacks: list[TextOut] = Field(description="What a draft lacks before it can be submitted.")
    signed_as: str | None = Field(description="The name under the statement of truth.")
    remark: str | None
    questions: list[QuestionOfOfficeOut]
    decisions: list[DecisionOut]
    payments: list[PaymentOut]
    steps: list[StepOut]


class BookingOut(Schema):
    """One line of a call's ledger."""

    at: datetime
    reference: str | None = Field(description="Of the application; null for a change of the budget.")
    application: UUID | None = Field(description="Null once the enterprise was erased.")
    kind: Literal["grant", "release", "payment", "budget"]
    amount: Amount
    by: str | None
