"""The life of an expression of interest: what may be done with it when, by whom, and who sees whose name.

    (express) ──► waiting ──agree──► agreed ──end──► ended
                    │  ▲
                    │  └── ask (either side, without names)
                    ├──decline──► declined
                    └──withdraw─► withdrawn

Whoever expresses an interest agrees by that to be named; the side that published the profile agrees or declines. Names and
contacts are shown, both ways, from the moment on which both have agreed, and never before (double opt-in).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Message

MOST_INTERESTS = 5  # an enterprise expresses on one day
MOST_WAITING = 20  # of an enterprise at a time
MOST_QUESTIONS = 10  # from one side before both have agreed
MOST_PROFILES = 10  # of an enterprise at a time


class InterestStatus(StrEnum):
    """How far an interest is."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class InterestSide(StrEnum):
    """What an enterprise is to an interest."""

    PUBLISHER = "publisher"  # whose profile it is
    SEEKER = "seeker"  # who is interested in it


class InterestAct(StrEnum):
    """What can be done with an interest."""

    AGREE = "agree"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    ASK = "ask"
    WRITE = "write"
    END = "end"


STATUS_WORDS: Mapping[InterestStatus, Message] = {
    InterestStatus.WAITING: msg("Waits for an answer"),
    InterestStatus.AGREED: msg("Both have agreed"),
    InterestStatus.DECLINED: msg("Declined"),
    InterestStatus.WITHDRAWN: msg("Withdrawn"),
    InterestStatus.ENDED: msg("Ended"),
}
LIVE = frozenset({InterestStatus.WAITING, InterestStatus.AGREED})
BINDING = frozenset({InterestAct.AGREE, InterestAct.DECLINE, InterestAct.WITHDRAW, InterestAct.END})
_WHEN: Mapping[InterestAct, InterestStatus] = {
    InterestAct.AGREE: InterestStatus.WAITING,
    InterestAct.DECLINE: InterestStatus.WAITING,
    InterestAct.WITHDRAW: InterestStatus.WAITING,
    InterestAct.ASK: InterestStatus.WAITING,
    InterestAct.WRITE: InterestStatus.AGREED,
    InterestAct.END: InterestStatus.AGREED,
}
_AFTER: Mapping[InterestAct, InterestStatus] = {
    InterestAct.AGREE: InterestStatus.AGREED,
    InterestAct.DECLINE: InterestStatus.DECLINED,
    InterestAct.WITHDRAW: InterestStatus.WITHDRAWN,
    InterestAct.END: InterestStatus.ENDED,
}
_WHO: Mapping[InterestAct, frozenset[InterestSide]] = {
    InterestAct.AGREE: frozenset({InterestSide.PUBLISHER}),
    InterestAct.DECLINE: frozenset({InterestSide.PUBLISHER}),
    InterestAct.WITHDRAW: frozenset({InterestSide.SEEKER}),
    InterestAct.ASK: frozenset(InterestSide),
    InterestAct.WRITE: frozenset(InterestSide),
    InterestAct.END: frozenset(InterestSide),
}


@dataclass(frozen=True)
class InterestStanding:
    """Where an interest stands for one visitor.

    Attributes:
        side: the visitor's.
        signs: whether the visitor may bind that side.
        both: whether the visitor acts for the other side as well.
        asked: questions of that side so far.
    """

    status: InterestStatus
    side: InterestSide
    signs: bool
    both: bool = False
    asked: int = 0


def interest_hindrance(act: InterestAct, standing: InterestStanding) -> Message | None:
    """Return why a visitor may not do something now; None where nothing is against it."""
    if standing.side not in _WHO[act]:
        return msg("This is for the other side to do.")
    if standing.status != _WHEN[act]:
        return msg("It is not the time for this any more, or not yet. Read the page again.")
    if act in BINDING and not standing.signs:
        return msg("An owner of the enterprise has to do this.")
    if act in BINDING and standing.both:
        return msg("You act for both enterprises. Somebody else has to do this.")
    if act == InterestAct.ASK and standing.asked >= MOST_QUESTIONS:
        return msg("{most} questions were asked. Agree, decline or withdraw.", most=MOST_QUESTIONS)
    return None


def interest_after(act: InterestAct, status: InterestStatus) -> InterestStatus:
    """Return the status after an act that nothing is against."""
    return _AFTER.get(act, status)


def express_hindrance(today: int, waiting: int) -> Message | None:
    """Return why an enterprise may not express one more interest; None where it may.

    Args:
        today: interests that it expressed on this day.
        waiting: its interests that wait for an answer.
    """
    if today >= MOST_INTERESTS:
        return msg("You expressed {most} interests today. Go on tomorrow.", most=MOST_INTERESTS)
    if waiting >= MOST_WAITING:
        return msg("{most} of your interests wait for an answer. Withdraw one first.", most=MOST_WAITING)
    return None
