"""Officers who decide at the same moment, in real transactions of their own: neither budget nor invoice is overdrawn."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.db.models import Sum
from django.utils import timezone

from capillary.incentives.applying import Side
from capillary.web.applications import services
from capillary.web.applications.ledger import payment_confirm, payment_release
from capillary.web.applications.models import Application, Booking, Call, Decision, Invoice
from capillary.web.applications.selectors import Visit
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.erasure import enterprise_erase

from .application_kit import another_firm, begun, invoice, office_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capillary.web.accounts.models import User

    from .kit import World

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "http://testserver/"
FIRMS = 6
EACH = Decimal(100_000)


def at_once(acts: Sequence[Callable[[], object]]) -> list[str]:
    """Do all of it at the same moment, each in a thread and a connection of its own; return what was refused."""
    gate = threading.Barrier(len(acts))
    refused: list[str] = []
    broken: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(30)
            act()
        except RefusedError as error:
            refused.append(str(error))
        except BaseException as error:  # noqa: BLE001 - shown to the test
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []
    return refused


def in_office(row: Application, user: User) -> Visit:
    return Visit(user, Application.objects.get(pk=row.pk), Side.OFFICE, frozenset())


def in_line(world: World, number: int, code: str) -> Application:
    """Return an application that stands in line; papers do not matter here, so it is put there by hand."""
    firm = another_firm(world, f"Firm {number}")
    row = begun(world, firm)
    owner = Visit(world.users["owner"], row, Side.SIGNER, frozenset())
    fields = invoice(code, 400_000) | {"day": timezone.localdate(), "total": Decimal(400_000)}
    services.spend_add(visit=owner, values=fields | {"claimed": Decimal(400_000)})
    from capillary.web.applications import judging

    said = judging.told_now(row)
    Application.objects.filter(pk=row.pk).update(
        status="submitted",
        facts=dict(said.facts),
        aids=[],
        currency="CNY",
        on=timezone.localdate(),
        in_line_at=timezone.now(),
        asked=EACH,
    )
    return Application.objects.get(pk=row.pk)


def waiting(world: World, codes: Sequence[str]) -> list[Application]:
    rows = [in_line(world, number, code) for number, code in enumerate(codes)]
    for row in rows:
        services.decision_propose(
            visit=in_office(row, world.users["officer"]), grants=True, amount=EACH, reasons="Seen."
        )
    return rows


def test_one_budget_is_never_overspent() -> None:
    world = office_world(budget=int(EACH) * FIRMS)
    rows = waiting(world, [f"N-{number}" for number in range(FIRMS)])
    # between proposal and decision the budget shrinks to that of two and a half
    budget = EACH * 5 / 2
    Call.objects.update(budget=budget)
    refused = at_once(
        [
            lambda row=row: services.decision_confirm(
                visit=in_office(row, world.users["second"]), remark="", site=SITE
            )
            for row in rows
        ]
    )
    call = Call.objects.get()
    granted = Application.objects.filter(status="granted")
    assert call.granted == granted.aggregate(sum=Sum("granted"))["sum"]
    assert call.granted <= budget
    assert call.granted == Booking.objects.aggregate(sum=Sum("amount"))["sum"]
    # who was refused may have come before somebody in front of him was decided; once all are tried again, the money is gone
    assert len(refused) == FIRMS - len(granted)
    for row in rows:
        if Decision.objects.get(application=row).state == Decision.State.PROPOSED:
            at_once(
                [
                    lambda row=row: services.decision_confirm(
                        visit=in_office(row, world.users["second"]), remark="", site=SITE
                    )
                ]
            )
    assert Application.objects.filter(status="granted").count() == 2
    first = [row.pk for row in rows[:2]]
    assert set(Application.objects.filter(status="granted").values_list("pk", flat=True)) == set(first)


def test_decisions_and_erasures_at_once_wait_for_each_other_and_leave_a_whole_ledger() -> None:
    world = office_world(budget=int(EACH) * FIRMS)
    rows = waiting(world, [f"N-{number}" for number in range(FIRMS)])
    visits = [in_office(row, world.users["second"]) for row in rows]
    confirm = [
        lambda found=found: services.decision_confirm(visit=found, remark="", site=SITE) for found in visits
    ]
    erase = [
        lambda row=row: enterprise_erase(enterprise=row.enterprise, by=world.users["owner"]) for row in rows
    ]
    at_once([*confirm, *erase])
    assert not Application.objects.exists()
    call = Call.objects.get()
    sums = dict(Booking.objects.values_list("kind").annotate(sum=Sum("amount")))
    assert (call.granted, sums.get("grant")) == (0, sums.get("release"))


def test_one_proposal_is_decided_once() -> None:
    world = office_world(budget=int(EACH) * 5)
    (row,) = waiting(world, ["N-1"])
    judges = [world.users[name] for name in ("second", "third", "fourth")]
    refused = at_once(
        [
            lambda judge=judge: services.decision_confirm(visit=in_office(row, judge), remark="", site=SITE)
            for judge in judges
        ]
    )
    assert len(refused) == 2
    assert Call.objects.get().granted == EACH
    assert Decision.objects.get().judged_by in judges


def test_one_invoice_is_never_granted_twice_across_calls() -> None:
    world = office_world(budget=int(EACH) * 9)
    rows = [in_line(world, 0, "SAME-1")]
    first = world.extra["call"]
    for number in (1, 2):
        world.extra["call"] = Call.objects.create(
            organisation=world.organisation,
            programme="cn-hangzhou",
            code=f"city-{number + 1}",
            budget=EACH * 9,
            currency="CNY",
            opens_on=first.opens_on,
            closes_on=first.closes_on,
        )
        rows.append(in_line(world, number, "SAME-1"))
    # the rules' own check is passed by, so that the claim on the invoice alone has to hold
    for row in rows:
        Decision.objects.create(
            application=row,
            round=1,
            grants=True,
            amount=EACH,
            reasons="-",
            entitlement={},
            proposed_by=world.users["officer"],
        )
    from capillary.web.applications import judging, ledger

    def claim(row: Application) -> None:
        from django.db import transaction

        with transaction.atomic():
            locked = Application.objects.select_for_update(of=("self",)).select_related("call").get(pk=row.pk)
            locked.call = Call.objects.select_for_update().get(pk=locked.call_id)
            decision = Decision.objects.get(application=locked)
            ledger.set_aside(locked, decision, judging.judge(locked), world.users["second"])

    refused = at_once([lambda row=row: claim(row) for row in rows])
    assert len(refused) == 2
    invoice_row = Invoice.objects.get()
    assert invoice_row.claims == invoice_row.total
    assert sum(call.granted for call in Call.objects.all()) == EACH


def test_one_payment_is_made_once() -> None:
    world = office_world(budget=int(EACH) * 5)
    (row,) = waiting(world, ["N-1"])
    services.decision_confirm(visit=in_office(row, world.users["second"]), remark="", site=SITE)
    number = row.payments.first().number
    payment_release(visit=in_office(row, world.users["officer"]), number=number, by=world.users["officer"])
    refused = at_once(
        [
            lambda judge=world.users[name]: payment_confirm(
                visit=in_office(row, judge),
                number=number,
                by=judge,
                paid_on=timezone.localdate(),
                reference="",
                site=SITE,
            )
            for name in ("second", "third", "fourth")
        ]
    )
    assert len(refused) == 2
    call = Call.objects.get()
    assert call.paid == row.payments.get(number=number).amount


def test_applications_get_numbers_of_their_own() -> None:
    world = office_world()
    firms = [another_firm(world, f"Firm {number}") for number in range(FIRMS)]
    assert at_once([lambda firm=firm: begun(world, firm) for firm in firms]) == []
    assert sorted(Application.objects.values_list("number", flat=True)) == list(range(1, FIRMS + 1))
