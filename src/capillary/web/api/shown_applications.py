"""From what is stored of calls and applications to what the API gives; who sees what follows `applications.seen`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.incentives.applying import WAITING, Act, Status
from capillary.web import engine
from capillary.web.api.shown import text
from capillary.web.applications import judging, seen, selectors
from capillary.web.applications.pages import facts_shown
from capillary.web.applications.services import lacks_of

if TYPE_CHECKING:
    from decimal import Decimal

    from capillary.incentives.budget import Place
    from capillary.incentives.evaluate import Entitlement
    from capillary.model.text import Message
    from capillary.web.applications.models import (
        Application,
        Booking,
        Call,
        Decision,
        Event,
        Paper,
        Payment,
        Question,
        Spend,
    )
    from capillary.web.applications.pages import FactShown
    from capillary.web.applications.selectors import Doubt, Visit

Json = dict[str, Any]


def amount(value: Decimal | None) -> str | None:
    """Return an amount with two decimals; None where there is none."""
    return None if value is None else f"{value:.2f}"


def said(message: Message) -> Json:
    """Return a message in both languages."""
    return {"zh": message.in_("zh"), "en": message.in_("en")}


# --- calls -----------------------------------------------------------------------------------------------------------


def call(row: Call) -> Json:
    """Return a call; its programme is one of the content."""
    return {
        "id": row.pk,
        "code": row.code,
        "programme": row.programme,
        "programme_title": text(engine.rules().programmes[row.programme].title),
        "title": row.title,
        "organisation": {"zh": row.organisation.name_zh, "en": row.organisation.name_en},
        "opens_on": row.opens_on,
        "closes_on": row.closes_on,
        "appeal_days": row.appeal_days,
        "contact": row.contact,
        "note": row.note,
        "currency": row.currency or None,
        "budget": amount(row.budget),
        "granted": amount(row.granted),
        "paid": amount(row.paid),
        "left": amount(row.left),
    }


def call_full(row: Call, *, is_open: bool) -> Json:
    """Return a call with what its programme asks for, and how much is asked for."""
    version = selectors.version_of(engine.rules().programmes[row.programme], row)
    budget = selectors.budget_of(row)
    return {
        **call(row),
        "is_open": is_open,
        "waiting": amount(budget.waiting),
        "short": amount(budget.short),
        "version": version.id,
        "conditions": [{"id": item.id, "text": text(item.text)} for item in version.conditions],
        "papers": [{"id": item.id, "title": text(item.title)} for item in version.papers],
    }


def booking(row: Booking) -> Json:
    """Return a line of a call's ledger."""
    return {
        "at": row.at,
        "reference": row.reference or None,
        "application": row.application_id,
        "kind": row.kind,
        "amount": amount(row.amount),
        "by": None if row.by is None else str(row.by),
    }


# --- applications ----------------------------------------------------------------------------------------------------


def application_row(row: Application) -> Json:
    """Return an application in a list."""
    return {
        "id": row.pk,
        "reference": row.reference,
        "call": row.call_id,
        "programme": row.call.programme,
        "enterprise": row.enterprise_id,
        "name": row.name,
        "status": row.status,
        "round": row.round,
        "verdict": row.verdict or None,
        "currency": row.call.currency or None,
        "asked": amount(row.asked),
        "granted": amount(row.granted),
        "submitted_at": row.submitted_at,
        "in_line_at": row.in_line_at,
        "decided_at": row.decided_at,
    }


def place(found: Place | None, call: Call) -> Json | None:
    """Return a place in line; None where it stands in none."""
    if found is None:
        return None
    room = None if call.budget is None else amount(found.room)
    return {"number": found.number, "room": room, "fits": found.fits}


def application(visit: Visit) -> Json:
    """Return an application as its page shows it to the visitor's side.

    Raises:
        UnreadableError: the rules cannot be read, because the content changed.
    """
    row = visit.application
    entitlement = judging.judge(row)
    in_line = selectors.line_in(row.call).get(row.pk) if row.state in WAITING else None
    titles = {item.id: text(item.title) for item in entitlement.version.papers}
    return {
        **application_row(row),
        "side": "office" if visit.is_office else "enterprise",
        "on": row.on,
        "place": place(in_line, row.call),
        "entitlement": entitlement.as_json(),
        "facts": [_fact(item) for item in facts_shown(row)],
        "categories": list(judging.categories_of(row)),
        "spend": [spend(item) for item in row.spends.all()],
        "doubts": _doubts(visit),
        "papers": [_paper(item, titles) for item in row.papers.all()],
        "lacks": _lacks(row, entitlement),
        "signed_as": row.signed_as or None,
        "remark": row.remark or None,
        "questions": [_question(item) for item in row.questions.all()],
        "decisions": [_decision(item, visit) for item in seen.decisions_seen(visit)],
        "payments": [_payment(item, visit) for item in row.payments.all()],
        "steps": [_step(item, visit) for item in seen.steps_seen(visit, row.events.select_related("by"))],
    }


def spend(row: Spend) -> Json:
    """Return what is claimed of an invoice."""
    return {"id": row.pk, "category": row.category, **_invoice(row)}


def _invoice(row: Spend) -> Json:
    return {
        "supplier": row.supplier,
        "number": row.number,
        "day": row.day,
        "total": amount(row.total),
        "claimed": amount(row.claimed),
        "currency": row.currency,
    }


def _fact(item: FactShown) -> Json:
    return {
        "fact": item.name,
        "title": text(engine.rules().facts[item.name].title),
        "told": item.value,
        "counts": item.counts,
        "corrected_because": None if item.checked is None else item.checked["why"],
    }


def _doubts(visit: Visit) -> list[Json]:
    if not visit.is_office and not visit.may(Act.EDIT):
        return []
    return [_doubt(item, visit) for item in seen.doubts_seen(visit)]


def _doubt(item: Doubt, visit: Visit) -> Json:
    others = item.others if visit.is_office else ()
    return {
        "line": item.row.pk,
        "kind": item.clash.kind,
        "text": said(item.words),
        "is_certain": item.clash.is_certain,
        "cleared_because": item.why,
        "others": [{"application": other.application.reference, **_invoice(other)} for other in others],
    }


def _paper(row: Paper, titles: dict[str, Json]) -> Json:
    return {
        "item": row.item or None,
        "title": titles.get(row.item),
        "file_name": row.file_name or None,
        "file_size": row.file_size,
        "waived": row.waived or None,
        "added_at": row.added_at,
    }


def _lacks(row: Application, entitlement: Entitlement) -> list[Json]:
    return [said(item) for item in lacks_of(row, entitlement)] if row.state == Status.DRAFT else []


def _question(row: Question) -> Json:
    return {
        "text": row.text,
        "asked_at": row.asked_at,
        "answer_by": row.answer_by,
        "answer": row.answer or None,
        "answered_at": row.answered_at,
    }


def _decision(row: Decision, visit: Visit) -> Json:
    inside = {
        "proposed_at": row.proposed_at,
        "proposed_by": None if row.proposed_by is None else str(row.proposed_by),
        "judged_by": None if row.judged_by is None else str(row.judged_by),
        "remark": row.remark or None,
    }
    return {
        "round": row.round,
        "state": row.state,
        "grants": row.grants,
        "amount": amount(row.amount),
        "reasons": row.reasons,
        "judged_at": row.judged_at,
        "entitlement": row.entitlement,
        **(inside if visit.is_office else dict.fromkeys(inside)),
    }


def _payment(row: Payment, visit: Visit) -> Json:
    return {
        "number": row.number,
        "amount": amount(row.amount),
        "when": {"zh": row.when_zh, "en": row.when_en},
        "state": seen.payment_state_seen(visit, row).value,
        "paid_on": row.paid_on,
        "reference": row.reference or None,
    }


def _step(row: Event, visit: Visit) -> Json:
    return {"at": row.at, "act": row.act, "text": row.text, "by": seen.actor_seen(visit, row) or None}
