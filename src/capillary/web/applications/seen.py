"""What either side sees of an application: the enterprise sees the office as one body, and nothing of what it weighs inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.web.applications.models import INSIDE, Decision, Payment
from capillary.web.applications.selectors import doubts_of
from capillary.web.core.language import language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.web.applications.models import Event
    from capillary.web.applications.selectors import Doubt, Visit


def decisions_seen(visit: Visit) -> list[Decision]:
    """Return the decisions; the office sees proposals that wait or were returned as well."""
    rows = visit.application.decisions.select_related("proposed_by", "judged_by")
    return [row for row in rows if visit.is_office or row.state == Decision.State.CONFIRMED]


def payment_state_seen(visit: Visit, payment: Payment) -> Payment.State:
    """Return how far a payment is; until it is paid it is planned, as far as the enterprise is concerned."""
    state = Payment.State(payment.state)
    return state if visit.is_office or state != Payment.State.RELEASED else Payment.State.PLANNED


def doubts_seen(visit: Visit) -> list[Doubt]:
    """Return the doubts about invoices; the enterprise sees those among its own applications, and nobody else's claims."""
    own = visit.application.enterprise_id
    return [
        item
        for item in doubts_of(visit.application)
        if visit.is_office or all(other.application.enterprise_id == own for other in item.others)
    ]


def steps_seen(visit: Visit, events: Iterable[Event]) -> list[Event]:
    """Return the steps, for the enterprise without those inside of the office."""
    return [item for item in events if visit.is_office or item.act not in INSIDE]


def actor_seen(visit: Visit, event: Event) -> str:
    """Return who made a step, in the reader's language; the enterprise sees the office, and no officer's name."""
    if event.office and not visit.is_office:
        return visit.application.call.organisation.in_(language())
    return "" if event.by is None else str(event.by)
