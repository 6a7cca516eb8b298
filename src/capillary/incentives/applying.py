"""The life of an application: what may be done with it when, and by whom.

    draft ──submit──► submitted ──propose──► proposed ──confirm──► granted | refused ──appeal──► appealed ──propose──► …
                       │    ▲                  │
                      ask  answer            return
                       ▼    │                  ▼
                      question             submitted

Two pairs of eyes decide: whoever proposes does not confirm (four-eyes principle, as in the European Union's Financial
Regulation, article 74). Whoever took part in a decision has no say in the appeal against it, and nobody decides about an
enterprise that he acts for. Who does not answer a question in time keeps his place, but the office may go on without him.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Message


class Status(StrEnum):
    """How far an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUESTION = "question"
    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """What somebody is to an application: helps the enterprise, may sign for it, or works for the office."""

    HELPER = "helper"
    SIGNER = "signer"
    OFFICE = "office"


class Act(StrEnum):
    """What can be done with an application."""

    EDIT = "edit"  # facts, spend, papers
    ADD_PAPER = "add-paper"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    APPEAL = "appeal"
    ASK = "ask"
    CHECK = "check"  # correct a fact, clear a doubt about spend
    PROPOSE = "propose"
    CONFIRM = "confirm"
    RETURN = "return"
    PAY = "pay"


STATUS_WORDS: Mapping[Status, Message] = {
    Status.DRAFT: msg("Draft"),
    Status.SUBMITTED: msg("Submitted"),
    Status.QUESTION: msg("Question to the enterprise"),
    Status.PROPOSED: msg("Waits for the second officer"),
    Status.GRANTED: msg("Granted"),
    Status.REFUSED: msg("Refused"),
    Status.APPEALED: msg("Appealed"),
    Status.WITHDRAWN: msg("Withdrawn"),
}
# in line for the money, or decided in the office's favour of it
WAITING = frozenset({Status.SUBMITTED, Status.QUESTION, Status.PROPOSED, Status.APPEALED})
LIVE = WAITING | {Status.GRANTED}
# in a question only once the time for the answer is over
_IN_HAND = frozenset({Status.SUBMITTED, Status.APPEALED, Status.QUESTION})
_JUDGING = frozenset({Act.ASK, Act.CHECK, Act.PROPOSE, Act.CONFIRM, Act.RETURN})
_WHEN: Mapping[Act, frozenset[Status]] = {
    Act.EDIT: frozenset({Status.DRAFT}),
    Act.ADD_PAPER: frozenset({Status.DRAFT, Status.QUESTION, Status.APPEALED, Status.GRANTED}),
    Act.SUBMIT: frozenset({Status.DRAFT}),
    Act.WITHDRAW: LIVE | {Status.DRAFT},
    Act.ANSWER: frozenset({Status.QUESTION}),
    Act.APPEAL: frozenset({Status.GRANTED, Status.REFUSED}),
    Act.ASK: _IN_HAND,
    Act.CHECK: _IN_HAND,
    Act.PROPOSE: _IN_HAND,
    Act.CONFIRM: frozenset({Status.PROPOSED}),
    Act.RETURN: frozenset({Status.PROPOSED}),
    Act.PAY: LIVE,
}
_BY: Mapping[Side, frozenset[Act]] = {
    Side.HELPER: frozenset({Act.EDIT, Act.ADD_PAPER, Act.ANSWER}),
    Side.SIGNER: frozenset(
        {Act.EDIT, Act.ADD_PAPER, Act.ANSWER, Act.SUBMIT, Act.WITHDRAW, Act.APPEAL},
    ),
    Side.OFFICE: frozenset({Act.ASK, Act.CHECK, Act.PROPOSE, Act.CONFIRM, Act.RETURN, Act.PAY}),
}


@dataclass(frozen=True)
class Standing:
    """Where an application stands.

    Attributes:
        round: 1 for the first decision, 2 for the one about an appeal.
        proposer: who made the proposal that waits; None where there is none.
        judges: who took part in the decisions that were made.
        kin: who acts or acted for the enterprise.
        days_to_appeal: days that are left for an appeal; None where it was never decided.
        may_gain: whether an appeal could win anything: it was refused, less was granted than asked for, or the
            office corrected facts.
        is_overdue: whether the time for the answer to a question is over.
        is_paying: whether a payment is released, so that it may be on its way already.
        has_grant: whether something was granted before.
    """

    status: Status
    round: int = 1
    proposer: object = None
    judges: frozenset[object] = frozenset()
    kin: frozenset[object] = frozenset()
    days_to_appeal: int | None = None
    may_gain: bool = True
    is_overdue: bool = False
    is_paying: bool = False
    has_grant: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody who wants to do something: who it is, and what to the application."""

    id: object
    side: Side


def hindrance(act: Act, standing: Standing, person: Person) -> Message | None:
    """Return why somebody may not do something with an application now; None where he may.

    >>> hindrance(Act.CONFIRM, Standing(Status.PROPOSED, proposer=1), Person(1, Side.OFFICE)).in_("en")
    'You made this proposal. Another officer has to decide about it.'
    """
    if act not in _BY[person.side]:
        return msg("Your role does not do this.")
    if not _fits(act, standing):
        return msg(
            "This cannot be done now; the application is here: {status}.",
            status=STATUS_WORDS[standing.status],
        )
    if person.side == Side.OFFICE:
        return _of_the_office(act, standing, person)
    if act == Act.APPEAL:
        return _of_an_appeal(standing)
    if act == Act.WITHDRAW and standing.is_paying and standing.status == Status.GRANTED:
        return msg(
            "A payment is on its way. Ask the office to take its release back, or wait until it is paid."
        )
    return None


def _fits(act: Act, standing: Standing) -> bool:
    """Whether an act belongs to the status: the office waits for an answer, and pays what an appeal leaves untouched."""
    if standing.status not in _WHEN[act]:
        return False
    if standing.status == Status.QUESTION and act in _JUDGING:
        return standing.is_overdue
    return act != Act.PAY or standing.status == Status.GRANTED or standing.has_grant


def _of_the_office(act: Act, standing: Standing, person: Person) -> Message | None:
    if person.id in standing.kin:
        return msg("You act or acted for this enterprise. Somebody else has to decide about it.")
    if act == Act.CONFIRM and person.id == standing.proposer:
        return msg("You made this proposal. Another officer has to decide about it.")
    if act == Act.CONFIRM and standing.proposer in standing.kin:
        return msg("Whoever proposed this acts for the enterprise by now. Send the proposal back.")
    if act in _JUDGING and standing.round > 1 and person.id in standing.judges:
        return msg("You took part in the decision that is appealed. Others have to decide about the appeal.")
    return None


def _of_an_appeal(standing: Standing) -> Message | None:
    if standing.round > 1:
        return msg("The appeal has been decided. A court may still be asked.")
    if not standing.may_gain:
        return msg("Everything that you asked for was granted.")
    if standing.days_to_appeal is None or standing.days_to_appeal < 0:
        return msg("The time for an appeal is over.")
    return None


def status_after(act: Act, standing: Standing, *, grants: bool = False) -> Status:
    """Return where an application stands after an act.

    Args:
        act: what is done; `hindrance` has nothing against it.
        standing: where it stands before.
        grants: for `Act.CONFIRM`: whether the proposal is to grant.
    """
    in_hand = Status.SUBMITTED if standing.round == 1 else Status.APPEALED
    leads: Mapping[Act, Status] = {
        Act.SUBMIT: in_hand,
        Act.ANSWER: in_hand,
        Act.RETURN: in_hand,
        Act.WITHDRAW: Status.WITHDRAWN,
        Act.APPEAL: Status.APPEALED,
        Act.ASK: Status.QUESTION,
        Act.PROPOSE: Status.PROPOSED,
        Act.CONFIRM: Status.GRANTED if grants else Status.REFUSED,
    }
    return leads.get(act, standing.status)
