"""Accreditation of providers: what is told, applied for, decided by two, shown to everybody, taken back, appealed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from capillary.matching.accrediting import Outcome
from capillary.model.market import Conflict
from capillary.model.text import Text
from capillary.web.accounts.models import Organisation, Position
from capillary.web.accreditations import services
from capillary.web.accreditations.models import AccreditationDecision, AccreditationRequest
from capillary.web.core.models import AuditEntry
from capillary.web.core.refusals import RefusedError
from capillary.web.market.bonds import party_of
from capillary.web.market.live import live
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import bond_declare, bond_end, provider_of

from ..market_kit import offer
from .accreditation_kit import (
    HANGZHOU,
    PLATFORM,
    SITE,
    accreditation_world,
    act,
    application,
    as_,
    decided,
    desk_of,
    granted,
    identity_checked,
    submitted,
)
from .application_kit import PDF
from .market_kit import publish

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return accreditation_world()


def page(world: World, person: str, address: str) -> str:
    return world.client(person).get(f"/en/{address}").content.decode()


def public() -> str:
    return Client().get("/en/market/providers/shop/").content.decode()


def test_a_provider_sees_what_is_met_what_is_not_and_what_cannot_be_told(world: World) -> None:
    found = page(world, "provider", "market/mine/accreditations/")
    assert "every condition is met" in found  # of Hangzhou's: all of it was told
    assert "cannot be told yet" in found  # the platform has not checked the identity
    assert "Identity checked" in found
    assert "No office takes applications for this now." in found
    services.facts_tell(
        provider=MarketProvider.objects.get(), facts={"provider_products": 9}, by=world.users["provider"]
    )
    found = page(world, "provider", "market/mine/accreditations/")
    assert "not every condition is met" in found
    assert "not met" in found


def test_facts_are_asked_once_and_the_market_helps(world: World) -> None:
    client = world.client("provider")
    shown = client.get("/en/market/mine/accreditations/facts/").content.decode()
    assert "1 of your public offers are products." in shown
    assert "provider_identity_checked" not in shown, "the office finds that out"
    data = {"provider_is_cn_legal_person": "no", "provider_products": "2", "provider_stages": ["decisions"]}
    assert client.post("/en/market/mine/accreditations/facts/", data).status_code == 302
    kept = MarketProvider.objects.get().accreditation_facts.facts
    assert (kept["provider_is_cn_legal_person"], kept["provider_products"]) == (False, 2)
    assert kept["provider_violation_free"] is None, "what is left empty is not known"
    assert (
        client.post("/en/market/mine/accreditations/facts/", {"provider_products": "many"}).status_code == 422
    )


def test_from_application_to_public_page_with_two_officers(world: World) -> None:
    desk = desk_of(world)
    client = world.client("provider")
    begun = client.post(f"/en/accreditation-desks/{desk.pk}/apply/", follow=True)
    row = AccreditationRequest.objects.get()
    assert "Everything is there." in begun.content.decode()
    assert world.client("officer").get(f"/en/accreditations/{row.pk}/").status_code == 404, (
        "a draft is the provider's"
    )
    handed = act(world, "provider", row, "papers", file=SimpleUploadedFile("register.pdf", PDF))
    assert "register.pdf" in handed.content.decode()
    assert "Submitted." in act(world, "provider", row, "submit", text="Please look").content.decode()
    assert sorted({message.to[0] for message in mail.outbox}) == [
        "officer@example.com",
        "second@example.com",
        "third@example.com",
    ]
    queue = page(world, "officer", "office/accreditations/")
    assert "Example Provider" in queue
    seen = page(world, "officer", f"accreditations/{row.pk}/")
    assert "Please look" in seen
    paper = row.papers.get()
    served = world.client("officer").get(f"/en/accreditations/{row.pk}/papers/{paper.pk}/")
    assert b"".join(served.streaming_content) == PDF
    # against the rules nobody is accredited
    wrong = act(world, "officer", row, "propose", outcome="grant", reasons="")
    assert wrong.status_code == 422
    assert "not every condition is met" in wrong.content.decode()
    checked = world.client("officer").post(
        f"/en/accreditations/{row.pk}/check/provider_identity_checked/",
        {"provider_identity_checked": "yes", "why": "Looked up in the register"},
        follow=True,
    )
    assert "every condition is met" in checked.content.decode()
    assert "not every condition is met" not in checked.content.decode()
    assert "Proposed." in act(world, "officer", row, "propose", outcome="grant", reasons="").content.decode()
    again = act(world, "officer", row, "confirm", text="").content.decode()
    assert "You made this proposal. Another officer has to decide about it." in again
    assert "Waits for the second officer" in page(world, "provider", f"accreditations/{row.pk}/")
    assert not live().market.providers["shop"].accreditations
    assert "Decided." in act(world, "second", row, "confirm", text="").content.decode()
    row.refresh_from_db()
    today = timezone.localdate()
    assert (row.status, row.granted_on) == ("granted", today)
    assert row.valid_to == services.months_later(today, 24)
    assert f"/accreditations/{row.pk}/" in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["provider@example.com"]
    shown = public()
    for words in (
        "Admission to the platform",
        today.isoformat(),
        "decided by Example City",
        row.valid_to.isoformat(),
    ):
        assert words in shown
    own = page(world, "provider", f"accreditations/{row.pk}/")
    assert "Officer" not in own.split("What happened")[1], "the office is one body to the provider"
    assert "decided by two officers" in own
    acts = set(
        AuditEntry.objects.filter(action__startswith="accreditation-").values_list("action", flat=True)
    )
    assert acts >= {
        "accreditation-submit",
        "accreditation-check",
        "accreditation-propose",
        "accreditation-grant",
    }
    assert AuditEntry.objects.filter(kind="read", subject__contains=str(row.pk), role="officer").exists()


def test_the_market_is_filtered_by_accreditation_and_by_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> int:
        response = Client().get(f"/en/market/?accreditation={PLATFORM}")
        return int(response.context["page"].hits.total)

    publish(offer("another"))
    assert found() == 0
    row = granted(world)
    assert found() == 2  # the provider and its offer
    assert "Accredited by" in Client().get("/en/market/").content.decode()
    assert row.valid_to is not None
    later = row.valid_to + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_: later)
    assert found() == 0
    assert "Accredited on" not in public()
    assert "Expired" in page(world, "provider", "market/mine/accreditations/")


def test_a_refusal_needs_words_and_is_appealed_before_others(world: World) -> None:
    row = submitted(world)
    with pytest.raises(RefusedError, match="Give a reason"):
        services.decision_propose(visit=as_(world, "officer", row), outcome=Outcome.REFUSE, reasons=" ")
    decided(world, row, Outcome.REFUSE, "The register does not know you.")
    own = page(world, "provider", f"accreditations/{row.pk}/")
    assert "The register does not know you." in own
    assert (
        "Sent." in act(world, "provider", row, "appeal", text="It does, under the new name").content.decode()
    )
    row.refresh_from_db()
    assert (row.status, row.round) == ("appealed", 2)
    for person in ("officer", "second"):
        refused = act(world, person, row, "propose", outcome="refuse", reasons="No")
        assert "You took part in the decision that is appealed." in refused.content.decode()
    shown = page(world, "third", f"accreditations/{row.pk}/")
    assert "your office has 1" in shown
    services.decision_propose(visit=as_(world, "third", row), outcome=Outcome.REFUSE, reasons="Still not")
    with pytest.raises(RefusedError, match="You took part"):
        services.decision_confirm(visit=as_(world, "officer", row), remark="", site=SITE)


def test_an_accreditation_is_taken_back_by_two_with_a_reason(world: World) -> None:
    row = granted(world)
    assert "Accredited on" in public()
    visit = as_(world, "officer", row)
    services.decision_propose(visit=visit, outcome=Outcome.TAKE_BACK, reasons="A serious accident in May.")
    row.refresh_from_db()
    assert row.holds, "until the second officer confirms"
    assert "Accredited on" in public()
    services.decision_return(visit=as_(world, "second", row), remark="Show the report")
    row.refresh_from_db()
    assert (row.status, row.holds) == ("granted", True)
    decided(world, row, Outcome.TAKE_BACK, "A serious accident in May.", by=("second", "third"))
    assert "Accredited on" not in public()
    own = page(world, "provider", f"accreditations/{row.pk}/")
    assert "A serious accident in May." in own
    assert "Appeal against the decision" in own
    assert "Show the report" not in own, "what the office weighs inside stays there"
    services.request_appeal(visit=as_(world, "provider", row), text="It was not ours", site=SITE)
    row.refresh_from_db()
    # the officer who had no part in it, and one who gets the position for it
    newcomer = world.users["stranger"]
    Position.objects.create(user=newcomer, organisation=world.organisation, role="officer")
    decided(world, row, Outcome.GRANT, by=("officer", "stranger"))
    assert "Accredited on" in public()


def test_a_bound_officer_neither_proposes_nor_confirms(world: World) -> None:
    row = submitted(world)
    identity_checked(world, row)
    bank = Organisation.objects.create(name_zh="示例银行", name_en="Example Bank", kind="bank")
    Position.objects.create(user=world.users["second"], organisation=bank, role="adviser")
    reason = Text(zh="银行持股", en="The bank holds shares")
    bond_declare(provider=row.provider, bond=Conflict(party=party_of(bank), reason=reason), by=None)
    services.decision_propose(visit=as_(world, "officer", row), outcome=Outcome.GRANT, reasons="")
    refused = act(world, "second", row, "confirm", text="").content.decode()
    assert "You are bound to this provider." in refused
    assert "your office has" not in refused
    # taking the bond out frees nobody before it is reviewed
    bond_end(provider=row.provider, party=party_of(bank), by=world.users["provider"])
    refused = act(world, "second", row, "confirm", text="").content.decode()
    assert "You are bound to this provider." in refused
    services.decision_confirm(visit=as_(world, "third", row), remark="", site=SITE)
    assert provider_of(MarketProvider.objects.get()).accreditations


def test_an_office_does_not_decide_about_itself_or_whom_it_is_bound_to(world: World) -> None:
    provider = MarketProvider.objects.get()
    reason = Text(zh="市属企业", en="Belongs to the city")
    bond_declare(provider=provider, bond=Conflict(party=party_of(world.organisation), reason=reason), by=None)
    with pytest.raises(RefusedError, match="This office is bound to you"):
        application(world)
    own = services.desk_save(
        desk=None,
        organisation=provider.organisation,  # type: ignore[arg-type]
        values={"programme": PLATFORM},
        by=None,
    )
    with pytest.raises(RefusedError, match="This office is bound to you"):
        services.request_start(desk=own, provider=provider, by=world.users["provider"])


def test_one_application_at_a_time_and_a_renewal_close_to_the_end(world: World) -> None:
    row = submitted(world)
    assert application(world).pk == row.pk, "the one that waits"
    other = Organisation.objects.create(name_zh="省", name_en="Province", kind="authority")
    desk = services.desk_save(desk=None, organisation=other, values={"programme": PLATFORM}, by=None)
    with pytest.raises(RefusedError, match="to another office"):
        services.request_start(desk=desk, provider=row.provider, by=None)
    identity_checked(world, row)
    decided(world, row, Outcome.GRANT)
    with pytest.raises(RefusedError, match="You can apply for the renewal from"):
        application(world)
    soon = timezone.localdate() + dt.timedelta(days=30)
    AccreditationRequest.objects.filter(pk=row.pk).update(
        valid_to=soon, granted_on=timezone.localdate() - dt.timedelta(days=700)
    )
    fresh = submitted(world)
    assert fresh.pk != row.pk
    identity_checked(world, fresh)
    decided(world, fresh, Outcome.GRANT)
    row.refresh_from_db()
    assert not row.holds, "the renewal takes its place"
    held = provider_of(MarketProvider.objects.get()).accreditations
    assert [item.granted_on for item in held] == [timezone.localdate().isoformat()]
    services.request_withdraw(visit=as_(world, "provider", fresh), why="We stop")
    assert provider_of(MarketProvider.objects.get()).accreditations == ()


def test_a_draft_says_what_is_missing_and_is_deleted_when_withdrawn(world: World) -> None:
    services.facts_tell(provider=MarketProvider.objects.get(), facts={"provider_owns_ip": None}, by=None)
    row = application(world, HANGZHOU)
    shown = page(world, "provider", f"accreditations/{row.pk}/")
    assert "Not told yet: Own or licensed rights." in shown
    with pytest.raises(RefusedError, match="Not told yet"):
        services.request_submit(visit=as_(world, "provider", row), remark="", site=SITE)
    assert "Withdrawn." in act(world, "provider", row, "withdraw", text="").content.decode()
    assert not AccreditationRequest.objects.exists()


def test_what_was_handed_in_stays_and_the_office_corrects_it_in_the_open(world: World) -> None:
    row = submitted(world, HANGZHOU)
    services.facts_tell(provider=row.provider, facts={"provider_products": 99}, by=None)
    assert "not every condition is met" not in page(world, "officer", f"accreditations/{row.pk}/")
    with pytest.raises(RefusedError, match="do not ask for this"):
        services.fact_check(
            visit=as_(world, "officer", row), fact="provider_identity_checked", value=True, why="x"
        )
    services.fact_check(visit=as_(world, "officer", row), fact="provider_products", value=7, why="Counted")
    own = page(world, "provider", f"accreditations/{row.pk}/")
    assert "by the office:" in own
    assert "Counted" in own
    assert "not every condition is met" in own


def test_the_database_holds_two_pairs_of_eyes(world: World) -> None:
    row = granted(world)
    found = AccreditationDecision.objects.get(request=row)
    found.judged_by = found.proposed_by
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()


def test_an_office_says_what_it_accredits(world: World) -> None:
    officer = world.client("officer")
    fields = {
        "organisation": str(world.organisation.pk),
        "programme": HANGZHOU,
        "months": "12",
        "appeal_days": "10",
        "is_open": "yes",
    }
    assert officer.post("/en/office/accreditations/new/", {**fields, "months": "0"}).status_code == 422
    assert officer.post("/en/office/accreditations/new/", fields).status_code == 302
    twice = officer.post("/en/office/accreditations/new/", fields)
    assert twice.status_code == 422
    assert "already" in twice.content.decode()
    desk = desk_of(world, HANGZHOU)
    edit = {"months": "6", "appeal_days": "10", "is_open": "no", "note": "", "contact": "Room 5"}
    assert officer.post(f"/en/office/accreditations/desks/{desk.pk}/", edit).status_code == 302
    with pytest.raises(RefusedError, match="takes no applications now"):
        application(world, HANGZHOU)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [("2026-01-31", 1, "2026-02-27"), ("2024-02-29", 12, "2025-02-27"), ("2026-12-01", 24, "2028-11-30")],
)
def test_validity_is_counted_in_months(day: str, months: int, last: str) -> None:
    assert services.months_later(dt.date.fromisoformat(day), months).isoformat() == last


def test_programs_read_what_each_side_may_see(world: World) -> None:
    row = granted(world)
    shop, office = world.client("provider"), world.client("officer")
    criteria = {item["accreditation"]: item for item in shop.get("/api/v1/accreditations").json()}
    assert criteria[PLATFORM]["verdict"] == "entitled"
    assert [item["holds"] for item in criteria[PLATFORM]["applications"]] == [True]
    assert criteria[HANGZHOU]["applications"] == []
    assert world.client("owner").get("/api/v1/accreditations").json() == []
    for client in (shop, office):
        read = client.get(f"/api/v1/accreditations/{row.pk}").json()
        assert (read["status"], read["provider"]) == ("granted", "shop")
        assert all(item["met"] for item in read["conditions"])
    assert world.client("owner").get(f"/api/v1/accreditations/{row.pk}").status_code == 404
    assert office.get("/api/v1/office/accreditations").json()["total"] == 0
    assert office.get("/api/v1/office/accreditations?show=accredited").json()["total"] == 1
    assert shop.get("/api/v1/office/accreditations?show=accredited").json()["total"] == 0
