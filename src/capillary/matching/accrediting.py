"""The life of an application for accreditation: what may be done with it when, and by whom.

    draft ──submit──► submitted ──propose──► proposed ──confirm──► granted | refused
                         ▲                      │
                         └───────return─────────┘

    granted ──propose to take back──► proposed ──confirm──► taken back
    refused | taken back ──appeal──► appealed ──propose──► proposed ──confirm──► granted | refused

Two pairs of eyes decide: whoever proposes does not confirm. Whoever took part in a decision has no say in the appeal
against it. Nobody decides about a provider that he is bound to: works for, or works for an organisation that is bound to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.text import Message

# facts that the office finds out itself; a provider is not asked for them
OFFICE_FACTS = frozenset({"provider_identity_checked"})


class Status(StrEnum):
    """How far an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken-back"


class Side(StrEnum):
    """What somebody is to an application: works for the provider, or for the office that decides."""

    PROVIDER = "provider"
    OFFICE = "office"


class Outcome(StrEnum):
    """What a proposal wants."""

    GRANT = "grant"
    REFUSE = "refuse"
    TAKE_BACK = "take-back"


class Act(StrEnum):
    """What can be done with an application."""

    EDIT = "edit"
    ADD_PAPER = "add-paper"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPEAL = "appeal"
    CHECK = "check"  # state what the office found out, or correct a fact
    PROPOSE = "propose"
    CONFIRM = "confirm"
    RETURN = "return"


STATUS_WORDS: Mapping[Status, Message] = {
    Status.DRAFT: msg("Draft"),
    Status.SUBMITTED: msg("Submitted"),
    Status.PROPOSED: msg("Waits for the second officer"),
    Status.GRANTED: msg("Accredited"),
    Status.REFUSED: msg("Refused"),
    Status.APPEALED: msg("Appealed"),
    Status.WITHDRAWN: msg("Withdrawn"),
    Status.TAKEN_BACK: msg("Accreditation taken back"),
}
OUTCOME_WORDS: Mapping[Outcome, Message] = {
    Outcome.GRANT: msg("accredit"),
    Outcome.REFUSE: msg("refuse"),
    Outcome.TAKE_BACK: msg("take the accreditation back"),
}
# an application in one of these is in somebody's hands
WAITING = frozenset({Status.SUBMITTED, Status.PROPOSED, Status.APPEALED})
_WHEN: Mapping[Side, Mapping[Act, frozenset[Status]]] = {
    Side.PROVIDER: {
        Act.EDIT: frozenset({Status.DRAFT}),
        Act.ADD_PAPER: frozenset({Status.DRAFT, Status.SUBMITTED, Status.APPEALED}),
        Act.SUBMIT: frozenset({Status.DRAFT}),
        Act.WITHDRAW: WAITING | {Status.DRAFT, Status.GRANTED},
        Act.APPEAL: frozenset({Status.REFUSED, Status.TAKEN_BACK}),
    },
    Side.OFFICE: {
        Act.CHECK: frozenset({Status.SUBMITTED, Status.APPEALED, Status.GRANTED}),
        Act.PROPOSE: frozenset({Status.SUBMITTED, Status.APPEALED, Status.GRANTED}),
        Act.CONFIRM: frozenset({Status.PROPOSED}),
        Act.RETURN: frozenset({Status.PROPOSED}),
    },
}


@dataclass(frozen=True)
class Standing:
    """Where an application stands.

    Attributes:
        round: 1 for the first decision, 2 for the one about an appeal.
        holds: whether the accreditation holds today, for one that was granted.
        before: where a proposal goes back to; None where none waits.
        proposer: who made the proposal that waits; None where there is none.
        judges: who took part in the last decision.
        bound: who is bound to the provider.
        days_to_appeal: days that are left for an appeal; None where nothing was decided.
    """

    status: Status
    round: int = 1
    holds: bool = False
    before: Status | None = None
    proposer: object = None
    judges: frozenset[object] = frozenset()
    bound: frozenset[object] = frozenset()
    days_to_appeal: int | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who wants to do something: who it is, and what to the application."""

    id: object
    side: Side


def outcomes(standing: Standing) -> tuple[Outcome, ...]:
    """Return what can be proposed: what was granted can be taken back, what waits granted or refused.

    >>> [item.value for item in outcomes(Standing(Status.SUBMITTED))]
    ['grant', 'refuse']
    """
    if standing.status == Status.GRANTED:
        return (Outcome.TAKE_BACK,) if standing.holds else ()
    return (Outcome.GRANT, Outcome.REFUSE) if standing.status in WAITING - {Status.PROPOSED} else ()


def hindrance(act: Act, standing: Standing, person: Person) -> Message | None:
    """Return why somebody may not do something with an application now; None where he may.

    >>> hindrance(Act.CONFIRM, Standing(Status.PROPOSED, proposer=1), Person(1, Side.OFFICE)).in_("en")
    'You made this proposal. Another officer has to decide about it.'
    """
    when = _WHEN[person.side]
    if act not in when:
        return msg("Your role does not do this.")
    if standing.status not in when[act]:
        return msg(
            "This cannot be done now; the application is here: {status}.",
            status=STATUS_WORDS[standing.status],
        )
    return (
        _of_the_office(act, standing, person)
        if person.side == Side.OFFICE
        else _of_the_provider(act, standing)
    )


def _of_the_office(act: Act, standing: Standing, person: Person) -> Message | None:
    if person.id in standing.bound:
        return msg("You are bound to this provider. Somebody else has to decide about it.")
    if act == Act.CONFIRM and person.id == standing.proposer:
        return msg("You made this proposal. Another officer has to decide about it.")
    if act == Act.CONFIRM and standing.proposer in standing.bound:
        return msg("Whoever proposed this is bound to the provider by now. Send the proposal back.")
    if standing.round > 1 and person.id in standing.judges:
        return msg("You took part in the decision that is appealed. Others have to decide about the appeal.")
    if act in {Act.PROPOSE, Act.CHECK} and standing.status == Status.GRANTED and not standing.holds:
        return msg("The accreditation has expired; there is nothing left to decide.")
    return None


def _of_the_provider(act: Act, standing: Standing) -> Message | None:
    if act != Act.APPEAL:
        return None
    if standing.round > 1:
        return msg("The appeal has been decided. A court may still be asked.")
    if standing.days_to_appeal is None or standing.days_to_appeal < 0:
        return msg("The time for an appeal is over.")
    return None


def status_after(act: Act, standing: Standing, outcome: Outcome | None = None) -> Status:
    """Return where an application stands after an act.

    Args:
        act: what is done; `hindrance` has nothing against it.
        standing: where it stands before.
        outcome: for `Act.CONFIRM`: what the proposal wants.
    """
    if act == Act.CONFIRM:
        return {
            Outcome.GRANT: Status.GRANTED,
            Outcome.REFUSE: Status.REFUSED,
            Outcome.TAKE_BACK: Status.TAKEN_BACK,
        }[outcome or Outcome.REFUSE]
    if act == Act.RETURN:
        return standing.before or standing.status
    leads: Mapping[Act, Status] = {
        Act.SUBMIT: Status.SUBMITTED,
        Act.WITHDRAW: Status.WITHDRAWN,
        Act.APPEAL: Status.APPEALED,
        Act.PROPOSE: Status.PROPOSED,
    }
    return leads.get(act, standing.status)


def round_after(act: Act, standing: Standing, outcome: Outcome | None = None) -> int:
    """Return which round it is after an act: an appeal is the second, and taking back what was granted begins a first one."""
    if act == Act.APPEAL:
        return 2
    return 1 if act == Act.CONFIRM and outcome == Outcome.TAKE_BACK else standing.round


def verdict_hindrance(outcome: Outcome, verdict: str, reason: str) -> Message | None:
    """Return why a proposal cannot be made as it is; None where it can.

    An accreditation says that the rules are fulfilled, so nobody is accredited against them. To refuse or to take back is
    a judgement of its own, and needs words.

    Args:
        outcome: what is proposed.
        verdict: what the rules say: ``entitled``, ``unclear`` or ``not-entitled``.
        reason: the words.
    """
    if outcome == Outcome.GRANT and verdict != "entitled":
        return msg(
            "By the rules not every condition is met. Check the facts first; what is not met cannot be accredited."
        )
    if outcome != Outcome.GRANT and not reason.strip():
        return msg("Give a reason that the provider can answer to.")
    return None
