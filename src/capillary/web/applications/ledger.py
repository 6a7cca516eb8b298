"""The money of calls: what is set aside, given back and paid. Each movement is a line of the ledger.

The call's sums and its ledger change in one transaction, under the lock of the call's row; constraints of the database refuse
a sum beyond the budget even if a caller forgot the lock.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from capillary.incentives.applying import WAITING, Act, Status
from capillary.incentives.budget import room_for, split
from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.applications import selectors
from capillary.web.applications.locks import locked_for
from capillary.web.applications.models import (
    INSIDE,
    Application,
    Booking,
    Call,
    Event,
    Invoice,
    Payment,
)
from capillary.web.applications.tasks import letter_send
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from capillary.incentives.evaluate import Entitlement
    from capillary.web.accounts.models import User
    from capillary.web.applications.models import Decision
    from capillary.web.applications.selectors import Visit

AFTER_APPEAL = ("申诉后补发", "paid in addition, after the appeal")
AT_ONCE = ("批准后一次支付", "paid at once, after the decision")


def budget_note(call: Call, by: User) -> None:
    """Note in the ledger what the budget is from now on."""
    _book(call, None, Booking.Kind.BUDGET, call.budget, by)


def must_have_room(row: Application, more: Decimal) -> None:
    """Check that the budget holds an amount without what those in front in line may get.

    Args:
        row: the application; its call is locked by the caller.
        more: what would be granted beyond what it has.

    Raises:
        RefusedError: it does not.
    """
    call = Call.objects.get(pk=row.call_id)
    room = room_for(row.pk, selectors.waiting_in(call), call.left)
    if room is None or more <= room:
        return
    if call.left is not None and more > call.left:
        raise RefusedError(
            msg(
                "Only {currency} {left} of the budget is left.", currency=call.currency, left=f"{call.left:,}"
            ),
            "amount",
        )
    raise RefusedError(
        msg(
            "Earlier applications may need the money; {currency} {room} is free for this one. Decide about them first.",
            currency=call.currency,
            room=f"{room:,}",
        ),
        "amount",
    )


def set_aside(row: Application, decision: Decision, entitlement: Entitlement, by: User) -> None:
    """Set aside what a decision grants: in the budget, of each invoice, and as payments to come.

    Args:
        row: the application; it and its call are locked by the caller.
        decision: the one that grants.
        entitlement: what the rules say, whose phases say how it is paid.
        by: who confirms.

    Raises:
        RefusedError: more of an invoice would be granted than it amounts to.
    """
    is_first = row.granted is None
    if is_first:
        _claim_invoices(row)
    if decision.amount is None:
        return
    more = decision.amount - (row.granted or Decimal(0))
    if more > 0:
        row.call.granted += more
        row.call.save(update_fields=["granted"])
        _book(row.call, row, Booking.Kind.GRANT, more, by)
        _plan_payments(row, more, entitlement, is_first=is_first)
    row.granted = decision.amount


def _plan_payments(row: Application, amount: Decimal, entitlement: Entitlement, *, is_first: bool) -> None:
    phases = entitlement.phases if is_first else ()
    number = row.payments.count()
    if not any(item.money.low for item in phases):
        zh, en = AT_ONCE if is_first else AFTER_APPEAL
        Payment.objects.create(application=row, number=number + 1, amount=amount, when_zh=zh, when_en=en)
        return
    parts = split(amount, [item.money.low for item in phases])
    Payment.objects.bulk_create(
        Payment(
            application=row,
            number=number + place,
            phase=item.phase.id,
            when_zh=item.phase.when.zh,
            when_en=item.phase.when.en,
            amount=part,
        )
        for place, (item, part) in enumerate(zip(phases, parts, strict=True), 1)
        if part > 0
    )


def invoice_hash(key: str) -> str:
    """Return what an invoice is kept by: no name can be read from it."""
    return hashlib.sha256(key.encode()).hexdigest()


def _claims(row: Application) -> list[tuple[str, Decimal, Decimal, str]]:
    """Return key, total, claim and currency by invoice, in one order for all: no two transactions wait for each other."""
    found: dict[str, tuple[Decimal, Decimal, str]] = {}
    for line in row.spends.all():
        _total, claimed, _currency = found.get(line.key, (line.total, Decimal(0), line.currency))
        found[line.key] = (line.total, claimed + line.claimed, line.currency)
    return [(key, *found[key]) for key in sorted(found)]


def are_invoices_free(row: Application) -> bool:
    """Whether nothing that was granted stands against an application's invoices; one that is granted holds them itself."""
    if row.granted is not None:
        return True
    kept = {invoice.key: invoice for invoice in Invoice.objects.filter(key__in=row.spends.values("key"))}
    return all(
        key not in kept or _has_room(kept[key], total, claimed, currency)
        for key, total, claimed, currency in _claims(row)
    )


def _has_room(invoice: Invoice, total: Decimal, claimed: Decimal, currency: str) -> bool:
    """Whether a claim fits; an invoice of which nothing is claimed any more may be stated anew."""
    if not invoice.claims:
        return claimed <= total
    return (invoice.total, invoice.currency) == (total, currency) and invoice.claims + claimed <= total


def _claim_invoices(row: Application) -> None:
    for key, total, claimed, currency in _claims(row):
        Invoice.objects.get_or_create(key=key, defaults={"total": total, "currency": currency})
        invoice = Invoice.objects.select_for_update().get(pk=key)
        if not _has_room(invoice, total, claimed, currency):
            raise RefusedError(
                msg(
                    "An invoice of this application was funded before, here or in another programme. The enterprise has to "
                    "take it out."
                )
            )
        invoice.claims, invoice.total, invoice.currency = invoice.claims + claimed, total, currency
        invoice.save()


def _free_invoices(row: Application) -> None:
    for key, _total, claimed, _currency in _claims(row):
        for invoice in Invoice.objects.select_for_update().filter(pk=key):
            invoice.claims = max(invoice.claims - claimed, Decimal(0))
            invoice.save(update_fields=["claims"])


def give_back(row: Application, by: User | None, *, is_erased: bool = False) -> None:
    """Give back to the budget what was granted and not paid; invoices of which nothing was paid are free again.

    Args:
        row: the application, locked by the caller; its granted amount becomes what was paid.
        by: who withdraws it; None for an erasure.
        is_erased: whether the application is about to be deleted, so that the ledger keeps its reference alone.
    """
    holds = row.state == Status.GRANTED or (row.state in WAITING and row.granted is not None)
    if not holds:
        return
    # what is released may be on its way, and counts as spent
    open_ones = row.payments.filter(state=Payment.State.PLANNED)
    unpaid = sum((item.amount for item in open_ones), Decimal(0))
    paid = row.payments.filter(state__in=[Payment.State.RELEASED, Payment.State.PAID]).exists()
    if unpaid:
        call = Call.objects.select_for_update().get(pk=row.call_id)
        call.granted -= unpaid
        call.save(update_fields=["granted"])
        _book(call, row, Booking.Kind.RELEASE, unpaid, by, is_linked=not is_erased)
        row.granted = (row.granted or Decimal(0)) - unpaid
    open_ones.update(state=Payment.State.CANCELLED)
    if not paid:
        _free_invoices(row)


# --- payments --------------------------------------------------------------------------------------------------------


@transaction.atomic
def payment_release(*, visit: Visit, number: int, by: User) -> None:
    """Release a payment; another officer confirms it once it is paid.

    Raises:
        RefusedError: it is released or paid already, or the visitor may not.
    """
    row, payment = _payment(visit, number)
    if payment.state != Payment.State.PLANNED:
        raise RefusedError(msg("This payment has been released already."))
    payment.state, payment.released_by, payment.released_at = Payment.State.RELEASED, by, timezone.now()
    payment.save()
    _noted(row, payment, by, "released")


@transaction.atomic
def payment_hold(*, visit: Visit, number: int, by: User) -> None:
    """Take a release back.

    Raises:
        RefusedError: it is not released, or paid already.
    """
    row, payment = _payment(visit, number)
    if payment.state != Payment.State.RELEASED:
        raise RefusedError(msg("This payment is not released."))
    payment.state, payment.released_by, payment.released_at = Payment.State.PLANNED, None, None
    payment.save()
    _noted(row, payment, by, "held")


@transaction.atomic
def payment_confirm(
    *, visit: Visit, number: int, by: User, paid_on: dt.date, reference: str, site: str
) -> None:
    """Confirm that a payment was made.

    Raises:
        RefusedError: it is not released, or the visitor released it himself.
    """
    row, payment = _payment(visit, number)
    if payment.state != Payment.State.RELEASED:
        raise RefusedError(msg("This payment is not released."))
    if payment.released_by_id == by.pk:
        raise RefusedError(msg("You released this payment. Another officer has to confirm it."))
    call = Call.objects.select_for_update().get(pk=row.call_id)
    call.paid += payment.amount
    call.save(update_fields=["paid"])
    payment.state, payment.paid_by, payment.paid_on = Payment.State.PAID, by, paid_on
    payment.reference = reference
    payment.save()
    _book(call, row, Booking.Kind.PAYMENT, payment.amount, by)
    _noted(row, payment, by, "paid")
    letter_send.enqueue("payment", str(row.pk), site)


def _payment(visit: Visit, number: int) -> tuple[Application, Payment]:
    row = locked_for(visit, Act.PAY)
    found = row.payments.filter(number=number).first()
    if found is None:
        raise RefusedError(msg("There is no such payment."))
    return row, found


def _noted(row: Application, payment: Payment, by: User, act: str) -> None:
    text = f"{row.call.currency} {payment.amount:,}"
    Event.objects.create(application=row, by=by, office=True, act=act, text=text)
    firm = None if act in INSIDE else row.enterprise_id
    audit_write(by, f"payment-{act}", firm, f"application {row.reference} {payment.number}")


def _book(
    call: Call,
    row: Application | None,
    kind: Booking.Kind,
    amount: Decimal | None,
    by: User | None,
    *,
    is_linked: bool = True,
) -> None:
    Booking.objects.create(
        call=call,
        application=row if is_linked else None,
        reference="" if row is None else row.reference,
        kind=kind,
        amount=amount,
        by=by,
    )


def ledger_of(call: Call) -> QuerySet[Booking]:
    """Return the ledger of a call, the newest line first."""
    return call.bookings.select_related("by").order_by("-at", "-id")
