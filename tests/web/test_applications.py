"""Applications from the first draft to the last payment: who may do what, what rules and budget hold, and what is kept."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from capillary.web.applications.models import (
    Application,
    Booking,
    Call,
    Decision,
    Event,
    Invoice,
    Paper,
    Payment,
    Question,
    Spend,
)
from capillary.web.applications.services import MOST_INVOICES
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.rules import cases

from .application_kit import (
    HANGZHOU,
    PDF,
    act,
    another_firm,
    begun,
    filled,
    granted,
    invoice,
    office_world,
    proposed,
    submitted,
)

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
MOST = Decimal(500_000)


@pytest.fixture
def world() -> World:
    return office_world()


def page(world: World, row: Application, person: str = "owner") -> Any:
    return world.client(person).get(reverse("application", args=[row.pk]))


def words(response: Any) -> str:
    return response.content.decode()


# --- the whole life ---------------------------------------------------------------------------------------------------


def test_from_the_call_to_the_payment(world: World) -> None:
    call = world.extra["call"]
    owner = world.client("owner")
    assert "Hangzhou" in words(owner.get("/en/calls/"))
    shown = owner.get(f"/en/calls/{call.pk}/")
    assert world.enterprise.name in words(shown)
    started = owner.post(reverse("application-start", args=[call.pk, world.enterprise.pk]), follow=True)
    row = Application.objects.get()
    assert started.redirect_chain[-1][0].endswith(f"/applications/{row.pk}/")
    assert started.context["lacks"], "an invoice and papers are missing"
    filled(world, row)
    assert page(world, row).context["lacks"] == []
    act(owner, row, "application-submit", name="Example Owner", is_true="on", remark="")
    row.refresh_from_db()
    assert (row.status, row.verdict, row.facts["city"]) == ("submitted", "entitled", "hangzhou")
    assert row.facts["spend_software"] == "600000.00"
    most = row.asked
    assert most is not None
    assert most > 0
    queue = world.client("officer").get(reverse("office-call", args=[call.pk]))
    assert [(item.pk, place.number) for item, place in queue.context["rows"]] == [(row.pk, 1)]
    assert proposed(world, row, most).status_code == 200
    row.refresh_from_db()
    assert row.status == "proposed"
    assert act(world.client("second"), row, "application-confirm", text="").status_code == 200
    row.refresh_from_db()
    call.refresh_from_db()
    assert (row.status, row.granted, call.granted, call.paid) == ("granted", most, most, 0)
    assert [letter.subject for letter in mail.outbox] == [f"您的申请 {row.reference} 已有决定"]
    for payment in row.payments.all():
        act(world.client("officer"), row, "payment-release", payment.number)
        act(
            world.client("second"),
            row,
            "payment-confirm",
            payment.number,
            paid_on="2026-11-01",
            reference="T1",
        )
    call.refresh_from_db()
    assert call.paid == most
    kinds = list(Booking.objects.filter(call=call).values_list("kind", flat=True))
    assert kinds[0] == "grant"
    assert set(kinds[1:]) == {"payment"}
    text = words(page(world, row))
    assert "T1" in text
    assert "Officer" not in text, "the enterprise sees the office, not its people"
    assert "Second" in words(page(world, row, "officer"))


def test_everything_is_kept_in_the_trail(world: World) -> None:
    row = granted(world, submitted(world), 100)
    acts = list(Event.objects.filter(application=row).values_list("act", flat=True))
    assert acts[0] == "start"
    assert acts[-3:] == ["submit", "propose", "grant"]
    assert AuditEntry.objects.filter(action="application-grant", enterprise=world.enterprise.pk).exists()
    assert AuditEntry.objects.filter(kind="read", role="officer", enterprise=world.enterprise.pk).exists()


def test_a_decision_shows_what_the_rules_said_then_whatever_they_say_later(world: World) -> None:
    row = granted(world, submitted(world), 100)
    decision = Decision.objects.get(application=row)
    assert decision.entitlement["verdict"] == "entitled"
    assert decision.entitlement["trace"]["of"], "the trace goes down to the figures"
    FirmFacts.objects.update(facts={**HANGZHOU, "city": "nanjing"})
    text = words(page(world, row))
    assert "The papers show it." in text
    assert row.facts["city"] == "hangzhou"
    assert decision.facts["city"] == "hangzhou"


# --- drafts and submission --------------------------------------------------------------------------------------------


def test_a_draft_says_what_is_missing_and_cannot_be_submitted(world: World) -> None:
    row = begun(world)
    response = act(world.client("owner"), row, "application-submit", name="Owner", is_true="on", remark="")
    assert response.status_code == 422
    assert (
        "invoice" in str(response.context["forms"]["submit"].non_field_errors()).lower()
        or response.context["lacks"]
    )
    row.refresh_from_db()
    assert row.status == "draft"


def test_without_the_statement_of_truth_nothing_is_submitted(world: World) -> None:
    row = filled(world, begun(world))
    response = act(world.client("owner"), row, "application-submit", name="Owner", remark="kept")
    assert response.status_code == 422
    assert "kept" in words(response), "what was typed is still there"
    row.refresh_from_db()
    assert row.status == "draft"


def test_facts_are_filled_in_from_what_was_told_and_go_back_there(world: World) -> None:
    row = begun(world)
    address = reverse("application-facts", args=[row.pk])
    form = world.client("owner").get(address).context["form"]
    assert form.initial["city"] == "hangzhou"
    assert "spend_software" not in form.fields, "invoices say that"
    assert "size_cn" not in form.fields, "the size standard decides that"
    data = {"currency": "CNY", "city": "wuhan", "is_accepted": "no"}
    assert world.client("owner").post(address, data).status_code == 302
    assert FirmFacts.objects.get(enterprise=world.enterprise).facts["city"] == "wuhan"


def test_who_is_not_entitled_has_to_say_why_he_applies(world: World) -> None:
    FirmFacts.objects.update(facts={**HANGZHOU, "city": "nanjing"})
    row = filled(world, begun(world))
    owner = world.client("owner")
    data = {"name": "Owner", "is_true": "on"}
    assert act(owner, row, "application-submit", remark="", **data).status_code == 422
    assert act(owner, row, "application-submit", remark="We moved.", **data).status_code == 200
    row.refresh_from_db()
    assert (row.status, row.verdict, row.asked) == ("submitted", "not-entitled", 0)
    refused = proposed(world, row, 100)
    assert refused.status_code == 422
    assert refused.context["forms"]["propose"].non_field_errors()


@pytest.mark.parametrize(("opens", "closes", "says"), [(-9, -1, "closed"), (1, 9, "opens")])
def test_outside_of_its_days_a_call_takes_nothing(opens: int, closes: int, says: str) -> None:
    today = timezone.localdate()
    world = office_world(
        opens_on=today + dt.timedelta(days=opens), closes_on=today + dt.timedelta(days=closes)
    )
    call = world.extra["call"]
    response = world.client("owner").post(
        reverse("application-start", args=[call.pk, world.enterprise.pk]), follow=True
    )
    assert Application.objects.count() == 0
    assert any(
        says in str(item) or "截止" in str(item) or "开始" in str(item)
        for item in response.context["messages"]
    )


def test_the_last_day_counts_and_the_day_after_does_not(world: World) -> None:
    row = filled(world, begun(world))
    owner = world.client("owner")
    data = {"name": "Owner", "is_true": "on", "remark": ""}
    Call.objects.update(closes_on=timezone.localdate() - dt.timedelta(days=1))
    late = act(owner, row, "application-submit", **data)
    assert late.status_code == 422
    row.refresh_from_db()
    assert row.status == "draft", "nothing is half-decided, and the draft stays"
    Call.objects.update(closes_on=timezone.localdate())
    assert act(owner, row, "application-submit", **data).status_code == 200


def test_one_application_at_a_time(world: World) -> None:
    first = begun(world)
    assert begun(world).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(call=first.call, number=99, enterprise=world.enterprise)


def test_a_colleague_prepares_and_the_owner_signs(world: World) -> None:
    row = filled(world, begun(world))
    colleague = world.client("colleague")
    assert act(colleague, row, "application-spend", **invoice("B-2", 5)).status_code == 200
    response = act(colleague, row, "application-submit", name="X", is_true="on", remark="")
    assert response.status_code == 404
    row.refresh_from_db()
    assert row.status == "draft"
    assert row.spends.count() == 2


def test_a_deleted_draft_takes_its_files_along(world: World, django_capture_on_commit_callbacks: Any) -> None:
    row = filled(world, begun(world))
    paper = Paper.objects.filter(application=row).first()
    assert paper is not None
    stored = paper.file
    assert stored.storage.exists(stored.name)
    with django_capture_on_commit_callbacks(execute=True):
        act(world.client("owner"), row, "application-withdraw", text="")
    assert not Application.objects.exists()
    assert not stored.storage.exists(stored.name)


# --- invoices ---------------------------------------------------------------------------------------------------------


def test_the_same_invoice_is_refused_within_an_enterprise_however_it_is_written(world: World) -> None:
    row = begun(world)
    owner = world.client("owner")
    assert act(owner, row, "application-spend", **invoice("A-001", 100)).status_code == 200
    again = act(owner, row, "application-spend", **invoice("a 001", 100, supplier="EXAMPLE SOFTWARE"))
    assert again.status_code == 422
    assert row.spends.count() == 1
    rest = invoice("A-002", 100, claimed="60")
    assert act(owner, row, "application-spend", **rest).status_code == 200
    assert act(owner, row, "application-spend", **(rest | {"claimed": "41"})).status_code == 422
    assert act(owner, row, "application-spend", **(rest | {"claimed": "40"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "0"},
        {"claimed": "101"},
        {"day": "2099-01-01"},
        {"number": "--"},
        {"category": "spend_yacht"},
        {"total": "x"},
    ],
    ids=["nothing", "more than all", "future", "no number", "no category", "no number at all"],
)
def test_a_bad_invoice_is_refused_and_stays_in_the_form(world: World, wrong: dict[str, str]) -> None:
    row = begun(world)
    response = act(world.client("owner"), row, "application-spend", **(invoice("A-1", 100) | wrong))
    assert response.status_code == 422
    assert "Example Software Ltd" in words(response)
    assert row.spends.count() == 0


def test_an_invoice_of_two_enterprises_or_programmes_cannot_be_granted_twice(world: World) -> None:
    granted(world, submitted(world, number="X-77"), 100)
    other_call = Call.objects.create(
        organisation=world.organisation,
        programme="cn-hangzhou",
        code="other",
        budget=MOST,
        currency="CNY",
        opens_on=timezone.localdate(),
        closes_on=timezone.localdate(),
    )
    firm = another_firm(world, "Second Firm")
    world.extra["call"] = other_call
    row = submitted(world, firm, number="x77")
    response = proposed(world, row, 100)
    assert response.status_code == 422
    doubts = page(world, row, "officer").context["doubts"]
    assert {doubt.clash.kind for doubt in doubts} == {"over", "other-firm"}
    other_call.refresh_from_db()
    assert other_call.granted == 0
    assert Invoice.objects.get().claims == Decimal(600_000)


def test_a_doubt_is_cleared_with_a_reason_before_anything_is_granted(world: World) -> None:
    firm = another_firm(world, "Second Firm")
    submitted(world, firm, number="INV-5")
    row = begun(world)
    filled(world, row, number="INV-5")  # the same number under the same name
    row.spends.all().delete()
    owner = world.client("owner")
    act(owner, row, "application-spend", **invoice("INV-5", 600_000, supplier="Another Maker"))
    act(owner, row, "application-submit", name="Owner", is_true="on", remark="")
    row.refresh_from_db()
    assert row.status == "submitted"
    (doubt,) = page(world, row, "officer").context["doubts"]
    assert doubt.clash.kind == "number"
    # the first one in line is the other enterprise's, with enough money for both
    Call.objects.update(budget=Decimal(5_000_000))
    assert proposed(world, row, 100).status_code == 422
    act(world.client("officer"), row, "application-clear", clash=doubt.clash.name, why="")
    assert proposed(world, row, 100).status_code == 422
    act(
        world.client("officer"),
        row,
        "application-clear",
        clash=doubt.clash.name,
        why="Two makers, both seen.",
    )
    assert proposed(world, row, 100).status_code == 200


# --- four eyes --------------------------------------------------------------------------------------------------------


def test_whoever_proposes_does_not_confirm(world: World) -> None:
    row = submitted(world)
    proposed(world, row, 100)
    response = act(world.client("officer"), row, "application-confirm", text="")
    assert len(response.context["messages"]) == 1
    row.refresh_from_db()
    assert row.status == "proposed"
    decision = row.decisions.get()
    decision.state, decision.judged_by = "confirmed", decision.proposed_by
    with pytest.raises(IntegrityError), transaction.atomic():
        decision.save()


def test_nobody_decides_about_an_enterprise_that_he_acts_for(world: World) -> None:
    row = submitted(world)
    from capillary.web.enterprises.models import Member

    Member.objects.create(
        enterprise=world.enterprise, user=world.users["officer"], role="assessor", until=timezone.now()
    )
    response = proposed(world, row, 100)
    assert len(response.context["messages"]) == 1
    assert row.decisions.count() == 0


def test_a_returned_proposal_can_be_made_anew(world: World) -> None:
    row = submitted(world)
    proposed(world, row, 100)
    assert act(world.client("second"), row, "application-return", text="").status_code == 422
    assert act(world.client("second"), row, "application-return", text="Too little.").status_code == 200
    assert proposed(world, row, 200, "second").status_code == 200
    assert act(world.client("officer"), row, "application-confirm", text="").status_code == 200
    row.refresh_from_db()
    assert row.granted == 200
    assert "Too little." not in words(page(world, row)), "what the office weighs stays inside"


def test_a_payment_needs_two_officers_as_well(world: World) -> None:
    row = granted(world, submitted(world), 100)
    number = row.payments.get().number if row.payments.count() == 1 else row.payments.first().number
    officer = world.client("officer")
    act(officer, row, "payment-release", number)
    act(officer, row, "payment-confirm", number, paid_on="2026-11-01", reference="")
    assert row.payments.get(number=number).state == Payment.State.RELEASED
    act(officer, row, "payment-release", number, hold="1")
    assert row.payments.get(number=number).state == Payment.State.PLANNED
    act(world.client("second"), row, "payment-confirm", number, paid_on="2026-11-01", reference="")
    assert row.payments.get(number=number).state == Payment.State.PLANNED, "it was not released"


# --- questions, facts, appeal -----------------------------------------------------------------------------------------


def test_a_question_goes_to_the_enterprise_and_back_and_costs_no_place(world: World) -> None:
    row = submitted(world)
    later = submitted(world, another_firm(world, "Second Firm"), number="B-1")
    officer = world.client("officer")
    day = (timezone.localdate() + dt.timedelta(days=5)).isoformat()
    assert (
        act(officer, row, "application-ask", text="Which plant?", answer_by="2020-01-01").status_code == 422
    )
    assert act(officer, row, "application-ask", text="Which plant?", answer_by=day).status_code == 200
    assert "Which plant?" in mail.outbox[0].body
    owner = world.client("owner")
    assert "Which plant?" in words(page(world, row))
    paper = SimpleUploadedFile("plan.pdf", PDF)
    assert act(owner, row, "application-papers", item="", file=paper).status_code == 200
    assert act(owner, row, "application-answer", text="The one by the river.").status_code == 200
    row.refresh_from_db()
    assert row.status == "submitted"
    places = world.client("officer").get(reverse("office-call", args=[row.call_id])).context["rows"]
    assert [(item.pk, place.number) for item, place in places] == [(row.pk, 1), (later.pk, 2)]


def test_a_corrected_fact_is_read_at_once_and_shown_to_both(world: World) -> None:
    row = submitted(world)
    address = reverse("application-check", args=[row.pk, "is_accepted"])
    officer = world.client("officer")
    assert officer.post(address, {"is_accepted": "no", "text": ""}).status_code == 422
    assert officer.post(address, {"is_accepted": "no", "text": "No report of acceptance."}).status_code == 302
    row.refresh_from_db()
    assert (row.verdict, row.asked) == ("not-entitled", 0)
    assert "No report of acceptance." in words(page(world, row))
    assert officer.post(address, {"undo": "1", "text": "It came by post."}).status_code == 302
    row.refresh_from_db()
    assert row.verdict == "entitled"
    assert FirmFacts.objects.get(enterprise=world.enterprise).facts["is_accepted"] is True


def test_an_appeal_is_decided_by_others_and_cannot_make_it_worse(world: World) -> None:
    row = granted(world, submitted(world), 100)
    owner = world.client("owner")
    assert act(owner, row, "application-appeal", text="").status_code == 422
    assert act(owner, row, "application-appeal", text="All was spent.").status_code == 200
    for judge in ("officer", "second"):
        assert len(proposed(world, row, 200, judge).context["messages"]) == 1
    assert not row.decisions.filter(state="proposed").exists()
    assert proposed(world, row, 50, "third").status_code == 422
    assert proposed(world, row, 300, "third").status_code == 200
    assert act(world.client("fourth"), row, "application-confirm", text="").status_code == 200
    row.refresh_from_db()
    call = Call.objects.get()
    assert (row.status, row.granted, call.granted) == ("granted", 300, 300)
    assert sum(item.amount for item in row.payments.all()) == 300
    act(owner, row, "application-appeal", text="More.")
    row.refresh_from_db()
    assert row.status == "granted", "there is one appeal"


def test_a_refused_appeal_leaves_what_was_granted(world: World) -> None:
    row = granted(world, submitted(world), 100)
    act(world.client("owner"), row, "application-appeal", text="All was spent.")
    proposed(world, row, None, "third")
    act(world.client("fourth"), row, "application-confirm", text="")
    row.refresh_from_db()
    assert (row.status, row.granted, Call.objects.get().granted) == ("granted", 100, 100)


def test_a_withdrawn_appeal_leaves_the_decision(world: World) -> None:
    row = submitted(world)
    proposed(world, row, None)
    act(world.client("second"), row, "application-confirm", text="")
    row.refresh_from_db()
    assert row.status == "refused"
    owner = world.client("owner")
    act(owner, row, "application-appeal", text="Look again.")
    act(owner, row, "application-withdraw", text="")
    row.refresh_from_db()
    assert row.status == "refused"


def test_after_its_days_there_is_no_appeal(world: World) -> None:
    row = granted(world, submitted(world), 100)
    Application.objects.update(appeal_by=timezone.localdate() - dt.timedelta(days=1))
    act(world.client("owner"), row, "application-appeal", text="Late.")
    row.refresh_from_db()
    assert row.status == "granted"


# --- phases and ceilings ----------------------------------------------------------------------------------------------

SPAIN = {
    "country": "es",
    "self_employed": False,
    "active_months": 24,
    "has_diagnosis": True,
    "is_approved_vendor": True,
    "solution": "processes",
}


def spanish(world: World, used: int = 0) -> None:
    """Move the world to Spain, where the firm has used up some of its de minimis aid."""
    world.enterprise.employees = 20
    world.enterprise.region = "ES"
    world.enterprise.save()
    aid = {
        "date": timezone.localdate().isoformat(),
        "amount": used,
        "currency": "EUR",
        "scheme": "de-minimis",
    }
    FirmFacts.objects.update(facts=SPAIN, aids=[aid] if used else [], currency="EUR")


def spanish_application(world: World, code: str, number: str, total: int = 7_200) -> Application:
    today = timezone.localdate()
    world.extra["call"] = Call.objects.create(
        organisation=world.organisation,
        programme="es-kit-digital",
        code=code,
        budget=Decimal(50_000),
        currency="EUR",
        opens_on=today,
        closes_on=today,
    )
    row = begun(world)
    filled(world, row, total, number, category="spend_other")
    act(world.client("owner"), row, "application-submit", name="Owner", is_true="on", remark="")
    row.refresh_from_db()
    assert row.status == "submitted"
    return row


def cleared(world: World, row: Application) -> None:
    """Let an officer say why an enterprise may be granted aid of a programme once more."""
    for earlier in page(world, row, "officer").context["earlier"]:
        act(world.client("officer"), row, "application-clear", clash=earlier.name, why="Another project.")


def test_money_is_paid_in_the_phases_of_the_programme_in_their_shares() -> None:
    world = office_world()
    spanish(world)
    row = spanish_application(world, "kit-1", "F-1")
    assert row.asked == 6_000
    granted(world, row, "5000")
    assert [item.amount for item in row.payments.all()] == [Decimal(3500), Decimal(1500)]
    texts = [item.when_en for item in row.payments.all()]
    assert texts[0].startswith("After the first phase")


def test_what_was_granted_here_counts_against_the_ceiling_of_another_programme() -> None:
    world = office_world()
    spanish(world, used=293_000)
    first = spanish_application(world, "kit-1", "F-1")
    second = spanish_application(world, "kit-2", "F-2", 8_100)
    assert (first.asked, second.asked) == (6_000, 6_000)
    # both are proposed before either is decided; together they would be above the ceiling of 300,000
    assert proposed(world, first, 6_000).status_code == 200
    assert proposed(world, second, 6_000).status_code == 200
    assert act(world.client("second"), first, "application-confirm", text="").status_code == 200
    late = act(world.client("second"), second, "application-confirm", text="")
    assert late.status_code == 422
    assert "1,000" in words(late)
    act(world.client("second"), second, "application-return", text="Only 1,000 is left.")
    cleared(world, second)
    granted(world, second, 1_000)
    assert Call.objects.get(code="kit-2").granted == 1_000


# --- the budget -------------------------------------------------------------------------------------------------------


def test_first_come_first_served(world: World) -> None:
    first = submitted(world)
    second = submitted(world, another_firm(world, "Second Firm"), number="B-1")
    assert first.asked is not None
    Call.objects.update(budget=first.asked + 100)
    assert proposed(world, second, 101).status_code == 422, "the first one may need it"
    assert proposed(world, second, 100).status_code == 200
    granted(world, first, first.asked)
    assert act(world.client("second"), second, "application-confirm", text="").status_code == 200
    call = Call.objects.get()
    assert call.left == 0


def test_what_the_rules_do_not_give_is_not_granted(world: World) -> None:
    row = submitted(world)
    assert row.asked is not None
    for amount in (row.asked + 1, 0, "x", ""):
        assert proposed(world, row, amount).status_code == 422
    assert row.decisions.count() == 0


def test_a_budget_that_shrank_before_the_second_officer_came(world: World) -> None:
    row = submitted(world)
    proposed(world, row, 1000)
    Call.objects.update(budget=Decimal(999))
    response = act(world.client("second"), row, "application-confirm", text="")
    assert response.status_code == 422
    row.refresh_from_db()
    assert (row.status, row.granted) == ("proposed", None)
    assert not row.payments.exists()
    assert not Invoice.objects.exists(), "nothing is half-decided"


def test_a_withdrawal_gives_the_money_back_but_not_what_was_paid(world: World) -> None:
    row = granted(world, submitted(world), 1000)
    act(world.client("owner"), row, "application-withdraw", text="We closed.")
    row.refresh_from_db()
    call = Call.objects.get()
    assert (row.status, row.granted, call.granted) == ("withdrawn", 0, 0)
    assert Invoice.objects.get().claims == 0
    assert list(Booking.objects.values_list("kind", "amount")) == [("grant", 1000), ("release", 1000)]


def test_a_budget_cannot_fall_below_what_is_granted(world: World) -> None:
    granted(world, submitted(world), 1000)
    call = Call.objects.get()
    address = reverse("office-call-edit", args=[call.pk])
    data = {
        "budget": "999",
        "opens_on": call.opens_on.isoformat(),
        "closes_on": call.closes_on.isoformat(),
        "appeal_days": "60",
    }
    assert world.client("officer").post(address, data).status_code == 422
    assert world.client("officer").post(address, data | {"budget": "1000"}).status_code == 302
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.update(budget=Decimal(999))


def test_the_archive_of_an_enterprise_holds_its_applications_and_no_thoughts_of_the_office(
    world: World,
) -> None:
    row = submitted(world)
    proposed(world, row, 1000)
    act(world.client("second"), row, "application-return", text="Inside the office.")
    granted(world, row, 900)
    with enterprise_archive(world.enterprise) as archive, zipfile.ZipFile(archive) as packed:
        records, log = (json.loads(packed.read(name)) for name in ("records.json", "log.json"))
        files = [name for name in packed.namelist() if name.startswith("files/")]
        assert all(packed.read(name) == PDF for name in files)
    assert len(files) == Paper.objects.filter(application=row).count() > 0
    assert [item["amount"] for item in records["applications.Decision"]] == ["900.00"]
    assert "Inside the office." not in json.dumps(records)
    names = {"remark", "proposed_by_id", "judged_by_id"}
    assert not names & set(records["applications.Decision"][0])
    assert not {"released_by_id", "paid_by_id"} & set(records["applications.Payment"][0])
    assert {item["by_id"] for item in records["applications.Event"] if item["office"]} == {None}
    assert not {item["action"] for item in log} & {"application-propose", "application-return"}
    assert {item["act"] for item in records["applications.Event"]} >= {"submit", "grant"}


def test_an_erased_enterprise_frees_the_money_and_leaves_the_ledger(world: World) -> None:
    row = granted(world, submitted(world), 1000)
    reference = row.reference
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    call = Call.objects.get()
    assert (call.granted, Application.objects.count()) == (0, 0)
    assert list(Booking.objects.values_list("kind", "reference", "application")) == [
        ("grant", reference, None),
        ("release", reference, None),
    ]


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_an_administrator_sees_no_draft_and_reads_on_record(world: World) -> None:
    row = begun(world)
    administrator = world.client("administrator")
    address = reverse("admin:applications_application_change", args=[row.pk])
    assert administrator.get(address).status_code == 302, "as if there were none"
    assert row.reference not in words(administrator.get(reverse("admin:applications_application_changelist")))
    Application.objects.update(status="submitted")
    AuditEntry.objects.all().delete()
    assert administrator.get(address).status_code == 200
    entry = AuditEntry.objects.get(kind="read")
    assert (entry.role, entry.enterprise) == ("administrator", world.enterprise.pk)


def test_what_outsiders_open_stands_in_the_log(world: World) -> None:
    row = submitted(world)
    one, queue = reverse("application", args=[row.pk]), reverse("office-call", args=[row.call_id])
    table = reverse("office-call-csv", args=[row.call_id])
    AuditEntry.objects.all().delete()
    for person, address in (
        ("owner", one),
        ("colleague", one),
        ("adviser", one),
        ("officer", one),
        ("officer", queue),
        ("officer", table),
    ):
        assert world.client(person).get(address).status_code == 200
    read = AuditEntry.objects.filter(kind="read").order_by("pk").values_list("role", "subject", "enterprise")
    assert list(read) == [
        ("adviser", f"GET {one}", world.enterprise.pk),
        ("officer", f"GET {one}", world.enterprise.pk),
        ("officer", f"GET {queue}", None),
        ("officer", f"GET {table}", None),
    ]


def test_an_office_sees_no_draft_and_another_office_sees_nothing(world: World) -> None:
    row = filled(world, begun(world))
    assert page(world, row, "officer").status_code == 404
    act(world.client("owner"), row, "application-submit", name="Owner", is_true="on", remark="")
    assert page(world, row, "officer").status_code == 200
    assert page(world, row, "provider").status_code == 404
    paper = Paper.objects.filter(application=row).first()
    assert paper is not None
    address = reverse("application-paper", args=[row.pk, paper.pk])
    for person, status in (("officer", 200), ("owner", 200), ("provider", 404), ("assessor", 404)):
        response = world.client(person).get(address)
        assert response.status_code == status
        if status == 200:
            assert b"".join(response.streaming_content) == PDF


def test_the_queue_is_searched_and_sent_as_a_table(world: World) -> None:
    row = submitted(world)
    submitted(world, another_firm(world, "=Second Firm"), number="B-1")
    officer = world.client("officer")
    address = reverse("office-call", args=[row.call_id])
    assert [item.pk for item, _ in officer.get(address, {"q": row.name, "show": "all"}).context["rows"]] == [
        row.pk
    ]
    assert [item.pk for item, _ in officer.get(address, {"q": row.reference}).context["rows"]] == [row.pk]
    assert officer.get(address, {"q": "nobody"}).context["rows"] == []
    table = officer.get(reverse("office-call-csv", args=[row.call_id])).content.decode("utf-8-sig")
    assert "'=Second Firm" in table
    assert table.count("\n") == 3


def test_an_officer_opens_a_call(world: World) -> None:
    today = timezone.localdate()
    data = {
        "organisation": str(world.organisation.pk),
        "programme": "cn-wuhan",
        "code": "wuhan-1",
        "budget": "1000000",
        "opens_on": today.isoformat(),
        "closes_on": today.isoformat(),
        "appeal_days": "60",
    }
    officer = world.client("officer")
    wrong = officer.post(reverse("office-call-new"), data | {"closes_on": "2020-01-01", "code": "no good"})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"closes_on", "code"}
    assert officer.post(reverse("office-call-new"), data).status_code == 302
    assert Call.objects.get(code="wuhan-1").currency == "CNY"
    taken = officer.post(reverse("office-call-new"), data)
    assert "code" in taken.context["form"].errors


# --- what must not come back -----------------------------------------------------------------------------------------


def test_a_grant_under_appeal_or_partly_paid_still_counts_against_the_ceiling() -> None:
    world = office_world()
    spanish(world, used=293_000)
    first = granted(world, spanish_application(world, "kit-1", "F-1"), 5_000)
    second = spanish_application(world, "kit-2", "F-2", 8_100)
    cleared(world, second)
    act(world.client("owner"), first, "application-appeal", text="All of it.")
    assert proposed(world, second, 2_001).status_code == 422
    act(world.client("owner"), first, "application-withdraw", text="")
    payment = first.payments.first()
    act(world.client("officer"), first, "payment-release", payment.number)
    stopped = act(world.client("owner"), first, "application-withdraw", text="")
    first.refresh_from_db()
    assert first.status == "granted", "a payment that is on its way stops the withdrawal"
    assert "on its way" in words(stopped) or "正在拨付" in words(stopped)
    act(world.client("second"), first, "payment-confirm", payment.number, paid_on="2026-11-01", reference="")
    act(world.client("owner"), first, "application-withdraw", text="")
    first.refresh_from_db()
    assert (first.status, first.granted) == ("withdrawn", 3_500)
    assert proposed(world, second, 3_501).status_code == 422
    assert proposed(world, second, 3_500).status_code == 200


def test_what_was_partly_paid_is_not_paid_again_under_another_name(world: World) -> None:
    row = submitted(world)
    granted(world, row, 1000)
    row.payments.update(state="paid")
    act(world.client("owner"), row, "application-withdraw", text="")
    row.refresh_from_db()
    assert row.status == "withdrawn"
    again = begun(world)
    fields = invoice("A-1", 600_000, supplier="Example Software of Hangzhou")
    act(world.client("owner"), again, "application-spend", **fields)
    filled(world, again, 5, "Z-9")
    act(world.client("owner"), again, "application-submit", name="Owner", is_true="on", remark="")
    again.refresh_from_db()
    assert again.status == "submitted"
    kinds = {doubt.clash.kind for doubt in page(world, again, "officer").context["doubts"]}
    assert "number" in kinds


def test_an_erasure_frees_no_invoice_that_another_grant_holds(world: World) -> None:
    first = granted(world, submitted(world), 1000)
    act(world.client("owner"), first, "application-withdraw", text="")
    second = granted(world, submitted(world), 1000)
    assert first.pk != second.pk
    second.payments.update(state="paid")
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert Invoice.objects.get().claims == Decimal(600_000)


def test_an_invoice_whose_grant_was_given_back_may_be_stated_anew(world: World) -> None:
    first = granted(world, submitted(world), 1000)
    act(world.client("owner"), first, "application-withdraw", text="")
    again = granted(world, submitted(world, total=500_000), 1000)
    assert again.status == "granted"
    assert (Invoice.objects.get().total, Invoice.objects.get().claims) == (500_000, 500_000)


def test_who_does_not_answer_in_time_does_not_block_the_line(world: World) -> None:
    row = submitted(world)
    day = timezone.localdate() + dt.timedelta(days=1)
    act(world.client("officer"), row, "application-ask", text="Which?", answer_by=day.isoformat())
    proposed(world, row, 100)
    assert row.decisions.count() == 0
    Question.objects.update(answer_by=timezone.localdate())
    proposed(world, row, 100)
    assert row.decisions.count() == 0, "the last day counts"
    Question.objects.update(answer_by=timezone.localdate() - dt.timedelta(days=1))
    granted(world, row, 100)


def test_a_correction_by_the_office_can_be_appealed_against(world: World) -> None:
    row = submitted(world)
    address = reverse("application-check", args=[row.pk, "spend_software"])
    world.client("officer").post(address, {"spend_software": "100000", "text": "Half is hardware."})
    row.refresh_from_db()
    assert row.asked is not None
    granted(world, row, row.asked)
    assert page(world, row).context["may"]["appeal"]
    assert act(world.client("owner"), row, "application-appeal", text="It is software.").status_code == 200
    row.refresh_from_db()
    assert row.status == "appealed"


def test_a_title_is_called_for_applied_for_and_granted_without_money(world: World) -> None:
    today = timezone.localdate()
    data = {
        "organisation": str(world.organisation.pk),
        "programme": "cn-specialised",
        "code": "titles-1",
        "opens_on": today.isoformat(),
        "closes_on": today.isoformat(),
        "appeal_days": "60",
    }
    officer = world.client("officer")
    refused = officer.post(reverse("office-call-new"), data | {"budget": "5"})
    assert "budget" in refused.context["form"].errors
    assert officer.post(reverse("office-call-new"), data | {"budget": ""}).status_code == 302
    call = Call.objects.get(code="titles-1")
    assert (call.currency, call.budget) == ("", None)
    case = next(case for case in cases()["cn-specialised"] if case.verdict == "entitled")
    facts = {name: value for name, value in case.facts.items() if name not in {"level_after", "size_cn"}}
    FirmFacts.objects.update(facts=facts)
    row = begun(world, call=call)
    Application.objects.filter(pk=row.pk).update(
        status="submitted", facts=case.facts, aids=[], currency="CNY", on=case.on, in_line_at=timezone.now()
    )
    row.refresh_from_db()
    assert proposed(world, row, 1).status_code == 200
    assert act(world.client("second"), row, "application-confirm", text="").status_code == 200
    row.refresh_from_db()
    assert (row.status, row.granted) == ("granted", None)


def test_judges_have_no_say_in_the_appeal(world: World) -> None:
    row = granted(world, submitted(world), 100)
    act(world.client("owner"), row, "application-appeal", text="Look again.")
    before = row.events.count()
    for judge in ("officer", "second"):
        client = world.client(judge)
        address = reverse("application-check", args=[row.pk, "is_accepted"])
        client.post(address, {"is_accepted": "no", "text": "No."})
        act(client, row, "application-ask", text="?", answer_by="2099-01-01")
    proposed(world, row, 200, "third")
    act(world.client("officer"), row, "application-return", text="No.")
    row.refresh_from_db()
    assert (row.checked, row.status) == ({}, "proposed")
    assert row.events.count() == before + 1


def test_days_for_an_appeal_stay_what_they_were_at_the_decision(world: World) -> None:
    row = granted(world, submitted(world), 100)
    Call.objects.update(appeal_days=0)
    assert page(world, row).context["days_to_appeal"] == 60
    Application.objects.update(appeal_by=timezone.localdate())
    assert page(world, row).context["may"]["appeal"]


def test_a_second_grant_in_a_programme_needs_a_reason(world: World) -> None:
    granted(world, submitted(world), 1000)
    first = world.extra["call"]
    world.extra["call"] = Call.objects.create(
        organisation=world.organisation,
        programme=first.programme,
        code="city-2",
        budget=MOST,
        currency="CNY",
        opens_on=first.opens_on,
        closes_on=first.closes_on,
    )
    row = submitted(world, number="B-1", total=500_000)
    assert proposed(world, row, 100).status_code == 422
    cleared(world, row)
    assert proposed(world, row, 100).status_code == 200


def test_a_draft_does_not_tell_what_others_claim(world: World) -> None:
    submitted(world, another_firm(world, "Second Firm"), number="X-77")
    row = begun(world)
    act(world.client("owner"), row, "application-spend", **invoice("X-77", 600_000))
    assert page(world, row).context["doubts"] == []
    assert len(page(world, row).context["lacks"]) > 0


def test_changed_content_leaves_what_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = submitted(world)
    Application.objects.update(facts={**row.facts, "city": "atlantis"})
    for person in ("owner", "officer"):
        response = page(world, row, person)
        assert response.status_code == 200
        assert "atlantis" in words(response)
    assert proposed(world, row, 100).status_code == 200
    assert row.decisions.count() == 0
    Call.objects.update(programme="gone")
    assert "gone" in words(page(world, row))
    act(world.client("owner"), row, "application-withdraw", text="")
    row.refresh_from_db()
    assert row.status == "withdrawn"


def test_what_comes_too_late_says_so_on_the_page(world: World) -> None:
    row = submitted(world)
    proposed(world, row, 100)
    again = proposed(world, row, 100)
    assert again.redirect_chain
    assert len(again.context["messages"]) == 1


def test_many_invoices_are_looked_at_quickly_and_there_is_an_end(world: World) -> None:
    row = begun(world)
    made = [
        Spend(
            application=row,
            category="spend_software",
            supplier="Example",
            number=f"N-{number}",
            key=f"{number:064d}",
            plain_number=f"n{number}",
            day=dt.date(2026, 5, 5),
            total=Decimal(100),
            claimed=Decimal(100),
            currency="CNY",
        )
        for number in range(MOST_INVOICES)
    ]
    Spend.objects.bulk_create(made)
    response = act(world.client("owner"), row, "application-spend", **invoice("X-1", 5))
    assert response.status_code == 422
    assert row.spends.count() == MOST_INVOICES


def test_a_long_number_stays_within_its_column(world: World) -> None:
    row = begun(world)
    fields = invoice("㍿" * 59 + "1", 5, supplier="㍿" * 200)
    assert act(world.client("owner"), row, "application-spend", **fields).status_code == 200
    assert len(row.spends.get().key) == 64
