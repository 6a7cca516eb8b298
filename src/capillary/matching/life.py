"""The life of a match: what may be done with it when, and by whom; who sees whose name; and when somebody is late.

    interest ──accept──┐
                       ▼
         (send) ──►  sent ──take──► taken ──quote──► quoted ──contract──► contracted ──deliver──► delivered
                                     ▲                 │                      ▲                      │
                                     └─────return──────┘                      └────────reject────────┤
                                                                                                  confirm
                                                                                                     ▼
                                                                      rated ◄──rate── measured ◄── confirmed

Whoever is asked may refuse, and whoever asked may withdraw, until there is a contract. After that only a complaint ends a
match: an officer of a programme in which the firm takes part mediates, and settles it.

Names are shown, both ways, once both have agreed (double opt-in): the firm by sending its need or by accepting an interest, the
provider by expressing an interest or by taking care. Days are counted as `datetime.date.toordinal` counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from capillary.model.market import Record, Tally
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Message

MOST_SENT = 5
MOST_INTERESTS = 10
GRACE_DAYS = 2
WEEK = 7
WORKING = 5
# what a record has room for
MOST_LEVELS = 9


class Status(StrEnum):
    """How far a match is."""

    INTEREST = "interest"
    SENT = "sent"
    TAKEN = "taken"
    QUOTED = "quoted"
    CONTRACTED = "contracted"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    MEASURED = "measured"
    RATED = "rated"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Side(StrEnum):
    """What somebody is to a match: helps the firm, may sign for it, works for the provider, or mediates."""

    HELPER = "helper"
    SIGNER = "signer"
    PROVIDER = "provider"
    OFFICER = "officer"


FIRM = frozenset({Side.HELPER, Side.SIGNER})


class Act(StrEnum):
    """What can be done with a match."""

    ACCEPT = "accept"  # an interest
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    TAKE = "take"  # care of a need
    WRITE = "write"
    QUOTE = "quote"
    RETURN = "return"  # a quote, to ask for another one
    CONTRACT = "contract"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    REJECT = "reject"  # what is said to be delivered
    MEASURE = "measure"
    RATE = "rate"
    COMPLAIN = "complain"
    DROP = "drop"  # one's own complaint
    SETTLE = "settle"


STATUS_WORDS: Mapping[Status, Message] = {
    Status.INTEREST: msg("A provider is interested"),
    Status.SENT: msg("Sent to the provider"),
    Status.TAKEN: msg("Taken care of"),
    Status.QUOTED: msg("Price and dates are offered"),
    Status.CONTRACTED: msg("Contract noted"),
    Status.DELIVERED: msg("Delivered, says the provider"),
    Status.CONFIRMED: msg("Delivered, confirmed by both"),
    Status.MEASURED: msg("Measured"),
    Status.RATED: msg("Rated"),
    Status.REFUSED: msg("Refused"),
    Status.WITHDRAWN: msg("Withdrawn"),
    Status.ENDED: msg("Ended after mediation"),
}
OVER = frozenset({Status.RATED, Status.REFUSED, Status.WITHDRAWN, Status.ENDED})
LIVE = frozenset(Status) - OVER
BOUND = frozenset({Status.CONTRACTED, Status.DELIVERED, Status.CONFIRMED, Status.MEASURED, Status.RATED})
CONFIRMED = frozenset({Status.CONFIRMED, Status.MEASURED, Status.RATED})

_OF_THE_FIRM: Mapping[Act, frozenset[Status]] = {
    Act.ACCEPT: frozenset({Status.INTEREST}),
    Act.REFUSE: frozenset({Status.INTEREST, Status.QUOTED}),
    Act.WITHDRAW: frozenset({Status.SENT, Status.TAKEN}),
    Act.WRITE: LIVE | {Status.RATED},
    Act.RETURN: frozenset({Status.QUOTED}),
    Act.CONTRACT: frozenset({Status.QUOTED}),
    Act.CONFIRM: frozenset({Status.DELIVERED}),
    Act.REJECT: frozenset({Status.DELIVERED}),
    Act.MEASURE: frozenset({Status.CONFIRMED}),
    Act.RATE: frozenset({Status.MEASURED}),
    Act.COMPLAIN: frozenset(Status) - {Status.ENDED},
    Act.DROP: frozenset(Status) - {Status.ENDED},
}
_OF_THE_PROVIDER: Mapping[Act, frozenset[Status]] = {
    Act.WITHDRAW: frozenset({Status.INTEREST, Status.QUOTED}),
    Act.REFUSE: frozenset({Status.SENT, Status.TAKEN}),
    Act.TAKE: frozenset({Status.SENT}),
    Act.WRITE: LIVE | {Status.RATED},
    Act.QUOTE: frozenset({Status.TAKEN, Status.QUOTED}),
    Act.DELIVER: frozenset({Status.CONTRACTED}),
    Act.COMPLAIN: frozenset(Status) - {Status.ENDED},
    Act.DROP: frozenset(Status) - {Status.ENDED},
}
_OF_THE_OFFICER: Mapping[Act, frozenset[Status]] = {
    Act.WRITE: frozenset(Status),
    Act.SETTLE: frozenset(Status),
}
_WHEN: Mapping[Side, Mapping[Act, frozenset[Status]]] = {
    Side.HELPER: {act: _OF_THE_FIRM[act] for act in (Act.WRITE, Act.MEASURE)},
    Side.SIGNER: _OF_THE_FIRM,
    Side.PROVIDER: _OF_THE_PROVIDER,
    Side.OFFICER: _OF_THE_OFFICER,
}


@dataclass(frozen=True)
class Standing:
    """Where a match stands.

    Attributes:
        firm_agreed: whether the firm agreed to be named to the provider.
        provider_agreed: whether the provider agreed to be named to the firm.
        complaint: whether a complaint waits to be settled.
        complaint_firm: whether the last complaint was the firm's.
        quote_days: days through which the last quote still stands, today counting as 0; None where there is none.
        kin: who acts for the firm.
        staff: who works for the provider.
        bound: who works for an organisation that is bound to the provider.
    """

    status: Status
    firm_agreed: bool = False
    provider_agreed: bool = False
    complaint: bool = False
    complaint_firm: bool = True
    quote_days: int | None = None
    kin: frozenset[object] = frozenset()
    staff: frozenset[object] = frozenset()
    bound: frozenset[object] = frozenset()

    @property
    def named(self) -> bool:
        """Whether both agreed, so that each sees the other's name."""
        return self.firm_agreed and self.provider_agreed


@dataclass(frozen=True)
class Person:
    """Somebody who wants to do something: who it is, and what to the match."""

    id: object
    side: Side


def hindrance(act: Act, standing: Standing, person: Person) -> Message | None:
    """Return why somebody may not do something with a match now; None where he may.

    >>> hindrance(Act.RATE, Standing(Status.DELIVERED, True, True), Person(1, Side.SIGNER)).in_("en")
    'This cannot be done now; the match is here: Delivered, says the provider.'
    """
    when = _WHEN[person.side]
    if act not in when:
        return msg("Your role does not do this.")
    if standing.status not in when[act]:
        return msg(
            "This cannot be done now; the match is here: {status}.",
            status=STATUS_WORDS[standing.status],
        )
    if act == Act.DROP and not (standing.complaint and standing.complaint_firm == (person.side in FIRM)):
        return msg("There is no complaint of yours that waits.")
    return _of_both_sides(person, standing) or _of_the_act(act, standing)


def _of_both_sides(person: Person, standing: Standing) -> Message | None:
    if person.side == Side.PROVIDER and person.id in standing.kin:
        return msg("You act for the firm that has this need. Somebody else of the provider has to do this.")
    if person.side == Side.OFFICER and person.id in standing.kin | standing.staff:
        return msg("You act for one of the two sides. Another officer has to mediate.")
    if person.side == Side.OFFICER and person.id in standing.bound:
        return msg(
            "You work for an organisation that is bound to the provider. Another officer has to mediate."
        )
    if person.side == Side.OFFICER and not standing.complaint:
        return msg("There is no complaint to mediate in.")
    return None


def _of_the_act(act: Act, standing: Standing) -> Message | None:
    if act in {Act.WRITE, Act.COMPLAIN, Act.QUOTE} and not standing.named:
        return msg("This can be done once both sides have agreed.")
    if act == Act.COMPLAIN and standing.complaint:
        return msg("A complaint waits to be settled already. Write what is new as a message.")
    if act == Act.RATE and standing.complaint:
        return msg("A complaint waits to be settled. Rate once it is.")
    if act == Act.CONTRACT and (standing.quote_days is None or standing.quote_days < 0):
        return msg("The quote does not stand any more. Ask for a new one.")
    return None


def status_after(act: Act, standing: Standing, *, ends: bool = False) -> Status:
    """Return where a match stands after an act.

    Args:
        act: what is done; `hindrance` has nothing against it.
        standing: where it stands before.
        ends: for `Act.SETTLE`: whether the match ends with it.
    """
    leads: Mapping[Act, Status] = {
        Act.ACCEPT: Status.SENT,
        Act.REFUSE: Status.REFUSED,
        Act.WITHDRAW: Status.WITHDRAWN,
        Act.TAKE: Status.TAKEN,
        Act.QUOTE: Status.QUOTED,
        Act.RETURN: Status.TAKEN,
        Act.CONTRACT: Status.CONTRACTED,
        Act.DELIVER: Status.DELIVERED,
        Act.CONFIRM: Status.CONFIRMED,
        Act.REJECT: Status.CONTRACTED,
        Act.MEASURE: Status.MEASURED,
        Act.RATE: Status.RATED,
    }
    if act == Act.SETTLE and ends and standing.status in LIVE:
        return Status.ENDED
    return leads.get(act, standing.status)


def begun(*, by_firm: bool) -> Standing:
    """Return where a match begins: sent by the firm, or with the interest of a provider.

    >>> begun(by_firm=True).named, begun(by_firm=False).named
    (False, False)
    """
    status = Status.SENT if by_firm else Status.INTEREST
    return Standing(status, firm_agreed=by_firm, provider_agreed=not by_firm)


def agreed_after(act: Act, standing: Standing) -> tuple[bool, bool]:
    """Return whether firm and provider have agreed to be named after an act; nobody takes that back."""
    return standing.firm_agreed or act == Act.ACCEPT, standing.provider_agreed or act == Act.TAKE


# --- clocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wait:
    """Who is waited for, and for how many working days."""

    firm: bool
    days: int


WAITS: Mapping[Status, Wait] = {
    Status.INTEREST: Wait(firm=True, days=10),
    Status.SENT: Wait(firm=False, days=3),
    Status.TAKEN: Wait(firm=False, days=10),
    Status.QUOTED: Wait(firm=True, days=10),
    Status.CONTRACTED: Wait(firm=False, days=0),  # until the day of delivery
    Status.DELIVERED: Wait(firm=True, days=10),
    Status.CONFIRMED: Wait(firm=True, days=20),
    Status.MEASURED: Wait(firm=True, days=20),
}
MarkKind = Literal["remind", "overdue"]


@dataclass(frozen=True)
class Mark:
    """Something that a clock strikes: a reminder, or that a match is overdue; and on which day, whenever it is noticed."""

    kind: MarkKind
    day: int


def working_days_after(day: int, count: int) -> int:
    """Return the day that lies a number of working days after another one, Monday to Friday; public holidays are not known.

    Args:
        day: as `datetime.date.toordinal` counts.
        count: 0 or more.

    >>> friday = 739_996  # 2027-01-15
    >>> [working_days_after(friday, count) - friday for count in (0, 1, 3, 5, 6)]
    [0, 3, 5, 7, 10]
    """
    found = day
    while count:
        found += 1
        if (found - 1) % WEEK < WORKING:  # day 1 was a Monday
            count -= 1
    return found


def due(status: Status, since: int, until: int | None = None) -> int | None:
    """Return the last day on which what is waited for is in time; None where nobody is waited for.

    Args:
        status: where the match stands.
        since: the day on which it came there.
        until: the day of delivery by the contract.
    """
    wait = WAITS.get(status)
    if wait is None:
        return None
    if status == Status.CONTRACTED:
        return until
    return working_days_after(since, wait.days)


def marks(status: Status, since: int, on: int, until: int | None = None) -> tuple[Mark, ...]:
    """Return what the clock of a match has struck through a day: it depends on days alone, and not on when anybody looked.

    A reminder goes out on the first working day after the last day; two working days after that day the match is overdue.
    """
    last = due(status, since, until)
    if last is None:
        return ()
    found = (
        Mark("remind", working_days_after(last, 1)),
        Mark("overdue", working_days_after(last, GRACE_DAYS)),
    )
    return tuple(mark for mark in found if mark.day <= on)


def in_time(status: Status, since: int, on: int) -> bool:
    """Whether what is waited for is done in time if it is done on a day."""
    last = due(status, since)
    return last is not None and on <= last


# --- what keeps everybody from being spammed --------------------------------------------------------------------------


def send_hindrance(sent: int, more: int) -> Message | None:
    """Return why a need cannot be sent to more offers; None where it can.

    Args:
        sent: to how many offers it is sent, without those that refused or were withdrawn.
        more: to how many more it is to be sent.
    """
    if not more:
        return msg("Choose at least one offer.")
    if sent + more > MOST_SENT:
        return msg(
            "A need goes to {most} offers at most; so far it has gone to {sent}. Choose fewer.",
            most=MOST_SENT,
            sent=sent,
        )
    return None


def interest_hindrance(today: int) -> Message | None:
    """Return why a provider cannot express one more interest on a day; None where it can.

    Args:
        today: how many it has expressed on that day.
    """
    if today >= MOST_INTERESTS:
        return msg(
            "You have expressed {most} interests today, which is the most for a day. Go on tomorrow.",
            most=MOST_INTERESTS,
        )
    return None


# --- what becomes part of a provider's record -------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """What was measured after a delivery.

    Attributes:
        in_time: whether it was delivered by the day of the contract.
        in_budget: whether it cost no more than the contract says.
        levels: how many levels the firm rose by; None where there are no two assessments to compare.
    """

    in_time: bool
    in_budget: bool
    levels: int | None = None


def record_delivered(record: Record, sector: str) -> Record:
    """Return a record with one more project that both sides confirmed as delivered."""
    by_sector = dict(record.by_sector)
    if sector:
        by_sector[sector] = by_sector.get(sector, 0) + 1
    return msgspec.structs.replace(record, delivered=record.delivered + 1, by_sector=by_sector)


def record_measured(record: Record, facts: Measured) -> Record:
    """Return a record with what was measured of one project; a firm that fell counts as one that did not rise."""
    gained = dict(record.levels_gained)
    if facts.levels is not None:
        key = str(min(MOST_LEVELS, max(0, facts.levels)))
        gained[key] = gained.get(key, 0) + 1
    return msgspec.structs.replace(
        record,
        levels_gained=gained,
        in_time=_counted(record.in_time, hit=facts.in_time),
        in_budget=_counted(record.in_budget, hit=facts.in_budget),
    )


def record_rated(record: Record, *, satisfied: bool) -> Record:
    """Return a record with the answer of one more firm that was asked whether it would order again.

    >>> record_rated(Record(), satisfied=True).satisfied
    Tally(hits=1, of=1)
    """
    return msgspec.structs.replace(record, satisfied=_counted(record.satisfied, hit=satisfied))


def _counted(tally: Tally, *, hit: bool) -> Tally:
    return Tally(hits=tally.hits + int(hit), of=tally.of + 1)
