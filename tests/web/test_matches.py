"""Matches from the need to the rating: who sees and does what, what is kept, and what is refused in words."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from capillary.matching.life import MOST_INTERESTS, MOST_SENT
from capillary.model.market import Accreditation, Capacity
from capillary.web.accounts.models import User
from capillary.web.core.models import AuditEntry
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.market.live import live
from capillary.web.market.models import MarketOffer
from capillary.web.market.services import offer_return, offer_submit, provider_accredit
from capillary.web.matches import letters, services
from capillary.web.matches.figures import figures, shown
from capillary.web.matches.models import LetterChoice, Match, MatchEvent, MatchMessage, Need, Quote
from capillary.web.matches.selectors import leads_of

from .market_kit import draft
from .match_kit import (
    PDF,
    QUOTE,
    act,
    advanced,
    another_provider,
    frozen,
    interested,
    match_world,
    need,
    published,
    seen,
    sent,
    shop_row,
)

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
FIRM, PROVIDER = "Example Metal Parts", "Example Provider"


@pytest.fixture
def world() -> World:
    return match_world()


def page(world: World, row: Match, person: str) -> str:
    response = world.client(person).get(f"/en/matches/{row.pk}/")
    assert response.status_code == 200
    return response.content.decode()


# --- the whole life --------------------------------------------------------------------------------------------------


def test_from_the_need_to_the_rating(world: World) -> None:
    owner, shop = world.client("owner"), world.client("provider")
    form = owner.get(f"/en/assessments/{world.assessment.pk}/need/")
    chosen = form.context["form"].initial["measures"]
    assert chosen
    done = owner.post(
        f"/en/assessments/{world.assessment.pk}/need/",
        {"measures": ["data-rules"], "currency": "CNY", "budget": "60000", "words": ""},
        follow=True,
    )
    row = Need.objects.get()
    assert done.redirect_chain[-1][0] == f"/en/needs/{row.pk}/"
    assert [item.fit.offer.id for item in done.context["page"]] == ["crm"]
    assert "CRM in the cloud" in done.content.decode()
    assert owner.post(reverse("need-send", args=[row.pk]), {"offer": ["crm"]}).status_code == 302
    match = Match.objects.get()
    assert FIRM not in page(world, match, "provider")
    assert act(shop, match, "match-take").status_code == 302
    assert FIRM in page(world, match, "provider")
    day = timezone.localdate()
    quote = {"one_off": "6000", "yearly": "4800", "currency": "CNY", "weeks": "6", "note": "With training"}
    assert (
        act(shop, match, "match-quote", **quote, valid_until=str(day + dt.timedelta(days=20))).status_code
        == 302
    )
    assert act(owner, match, "match-contract", quote="1", day=str(day)).status_code == 302
    match.refresh_from_db()
    assert (match.contract_amount, match.deliver_by) == (10_800, day + dt.timedelta(weeks=6))
    assert act(shop, match, "match-deliver", day=str(day), text="All in place").status_code == 302
    shown_raised = owner.get(f"/en/matches/{match.pk}/").context["raised"]
    assert shown_raised, "the measure makes answers better"
    assert act(owner, match, "match-confirm", raises="on").status_code == 302
    latest = world.enterprise.assessments.order_by("-number").first()
    assert latest is not None
    assert latest.number == world.assessment.number + 1, "what was once assessed stays as it was"
    assert latest.score_low > world.assessment.score_low
    assert latest.evidence.count() == len([item for item in shown_raised if item.value is not None])
    assert act(owner, match, "match-measure", cost="10000", used_by="9").status_code == 302
    assert act(owner, match, "match-rate", satisfied="yes", in_use="yes", trained="no").status_code == 302
    match.refresh_from_db()
    assert match.status == "rated"
    record = live().market.providers["shop"].record
    assert (record.delivered, record.by_sector) == (1, {"metal-products": 1})
    assert (record.in_time.hits, record.in_budget.of, record.satisfied.hits) == (1, 1, 1)
    assert "1 of 1 firms asked were satisfied" in owner.get("/en/market/providers/shop/").content.decode()


def test_an_interest_becomes_a_match_once_the_firm_accepts(world: World) -> None:
    row = need(world)
    leads = world.client("provider").get("/en/leads/")
    text = leads.content.decode()
    assert [item.need.pk for item in leads.context["page"]] == [row.pk]
    assert FIRM not in text
    assert "We sell by telephone" not in text
    assert "60,000" not in text, "a range and not the figure"
    world.client("provider").post(reverse("need-interest", args=[row.pk]), {"offer": "crm"})
    match = Match.objects.get()
    for person in ("owner", "colleague", "adviser"):
        assert PROVIDER not in page(world, match, person)
        assert "CRM in the cloud" not in page(world, match, person)
    assert FIRM not in page(world, match, "provider")
    act(world.client("owner"), match, "match-accept")
    assert PROVIDER in page(world, match, "owner")
    assert FIRM in page(world, match, "provider")
    assert "We sell by telephone" in page(world, match, "provider")
    noted = AuditEntry.objects.filter(action="match-named", enterprise=world.enterprise.pk)
    assert noted.count() == 1
    assert MatchEvent.objects.filter(match=match, act="named").count() == 1


def test_people_are_named_to_their_own_side_only(world: World) -> None:
    match = advanced(world, sent(world), "quoted")
    assert "(Owner)" not in page(world, match, "provider")
    assert "(Provider)" in page(world, match, "provider")
    assert "(Provider)" not in page(world, match, "owner")


def test_everything_stands_in_the_trail(world: World) -> None:
    match = advanced(world, sent(world), "rated")
    acts = list(MatchEvent.objects.filter(match=match).values_list("act", flat=True))
    assert acts == [
        "send", "take", "named", "quote", "contract", "deliver", "confirm", "measure", "rate",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action__startswith="match-", subject=f"match {match.pk}").count() == 9


# --- refusals in words -----------------------------------------------------------------------------------------------


def test_a_need_does_not_name_the_firm_and_keeps_what_was_typed(world: World) -> None:
    response = world.client("owner").post(
        f"/en/assessments/{world.assessment.pk}/need/",
        {"measures": ["data-rules"], "currency": "CNY", "words": "We, example metal parts, need help"},
    )
    assert response.status_code == 422
    text = response.content.decode()
    assert "Leave the name of the enterprise out of the text." in text
    assert "We, example metal parts, need help" in text
    assert not Need.objects.exists()


def test_a_reason_names_nobody_before_both_agreed(world: World) -> None:
    match = interested(world)
    named = act(world.client("owner"), match, "match-refuse", text=f"{FIRM} has bought one")
    assert named.status_code == 422
    assert "Leave names, numbers and addresses out of the text" in named.content.decode()
    reached = act(world.client("owner"), match, "match-refuse", text="Write to a@metal.example instead")
    assert reached.status_code == 422
    # who guesses the other side's name is not told that the guess is right
    guessed = act(world.client("provider"), match, "match-withdraw", text=f"Is it {FIRM}?")
    assert guessed.status_code == 302


def test_a_reason_is_read_by_the_other_side_without_a_name(world: World) -> None:
    match = interested(world)
    assert act(world.client("owner"), match, "match-refuse", text="We have bought one").status_code == 302
    assert "We have bought one" in page(world, match, "provider")
    assert FIRM not in page(world, match, "provider")


def test_a_need_goes_to_five_offers_at_most(world: World) -> None:
    for number in range(MOST_SENT):
        published(world, f"crm-{number}")
    row = need(world)
    codes = ["crm", *(f"crm-{number}" for number in range(MOST_SENT))]
    response = world.client("owner").post(reverse("need-send", args=[row.pk]), {"offer": codes})
    assert response.status_code == 422
    assert not row.matches.exists()
    made = services.need_send(need=row, codes=codes[:MOST_SENT], by=world.users["owner"])
    with pytest.raises(RefusedError, match="5 offers at most"):
        services.need_send(need=row, codes=codes[MOST_SENT:], by=world.users["owner"])
    services.match_refuse(visit=seen(world, made[0], "provider"), why="No room")
    assert len(services.need_send(need=row, codes=codes[MOST_SENT:], by=world.users["owner"])) == 1


def test_a_provider_expresses_ten_interests_a_day(world: World) -> None:
    published(world, "many", capacity=Capacity(places=100, free_from="2026-01-01"))
    rows = []
    for number in range(MOST_INTERESTS + 1):
        if number == MOST_INTERESTS // 2:
            for item in rows:
                services.need_close(need=item, by=world.users["owner"])
        rows.append(need(world))
        if number < MOST_INTERESTS:
            interested(world, rows[-1], "many")
    with pytest.raises(RefusedError, match="most for a day"):
        interested(world, rows[-1], "many")
    with frozen(timezone.now() + dt.timedelta(days=1)):
        assert interested(world, rows[-1], "many").status == "interest"


def test_leads_fit_offers_and_capacity(world: World) -> None:
    row = need(world)
    assert [item.need for item in leads_of(shop_row())] == [row]
    other = need(world, measures=["hr-system"])
    assert other not in [item.need for item in leads_of(shop_row())]
    published(world, "crm", capacity=Capacity(places=1, free_from="2026-01-01"))
    advanced(world, sent(world, row), "taken")
    third = need(world)
    assert third not in [item.need for item in leads_of(shop_row())], "the one place is taken"
    with pytest.raises(RefusedError, match="1 places a quarter, and 1 are taken"):
        interested(world, third)


def test_who_acts_for_the_firm_does_not_answer_for_the_provider(world: World) -> None:
    row = need(world)
    match = sent(world, row)
    world.enterprise.members.create(user=world.users["provider"], role="colleague")
    with pytest.raises(RefusedError, match="Somebody else of the provider"):
        services.match_take(visit=seen(world, match, "provider"))
    assert leads_of(shop_row()) == [], "nobody finds the needs of his own firm as leads"


def test_a_quote_that_ran_out_or_was_replaced_makes_no_contract(world: World) -> None:
    match = advanced(world, sent(world), "quoted")
    day = timezone.localdate()
    later = QUOTE | {"valid_until": day + dt.timedelta(days=3), "one_off": Decimal(9000)}
    services.quote_make(visit=seen(world, match, "provider"), values=later)
    stale = act(world.client("owner"), match, "match-contract", quote="1", day=str(day))
    assert stale.status_code == 422
    assert Match.objects.get().status == "quoted"
    with frozen(timezone.now() + dt.timedelta(days=4)):
        gone = act(world.client("owner"), match, "match-contract", quote="2", day=str(timezone.localdate()))
    assert gone.status_code == 422


def test_the_database_keeps_ratings_to_confirmed_deliveries(world: World) -> None:
    match = advanced(world, sent(world), "contracted")
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(satisfied=True)


def test_a_delivery_that_lacks_something_goes_back(world: World) -> None:
    match = advanced(world, sent(world), "delivered")
    assert act(world.client("owner"), match, "match-reject", text="").status_code == 422
    act(world.client("owner"), match, "match-reject", text="The training")
    match.refresh_from_db()
    assert (match.status, match.delivered_on) == ("contracted", None)
    assert "The training" in page(world, match, "provider")


def test_a_closed_need_withdraws_what_waits_and_keeps_what_is_agreed(world: World) -> None:
    published(world, "second")
    row = need(world)
    waiting, agreed = sent(world, row), sent(world, row, "second")
    advanced(world, agreed, "taken")
    services.need_close(need=row, by=world.users["owner"])
    waiting.refresh_from_db()
    agreed.refresh_from_db()
    assert (waiting.status, agreed.status) == ("withdrawn", "taken")
    with pytest.raises(RefusedError):
        services.match_take(visit=seen(world, waiting, "provider"))


# --- messages and files ----------------------------------------------------------------------------------------------


def test_messages_carry_files_and_strangers_get_none(world: World) -> None:
    match = advanced(world, sent(world), "taken")
    file = SimpleUploadedFile("plan.pdf", PDF, "application/pdf")
    assert act(world.client("owner"), match, "match-message", text="Our plan", file=file).status_code == 302
    item = MatchMessage.objects.get()
    address = reverse("match-message-file", args=[match.pk, item.pk])
    got = world.client("provider").get(address)
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"].startswith("attachment")
    another_provider(world)
    for person in ("stranger", "officer", "rival", "assessor"):
        assert world.client(person).get(address).status_code == 404, person
    bad = SimpleUploadedFile("plan.pdf", b"<script>alert(1)</script>", "application/pdf")
    wrong = act(world.client("owner"), match, "match-message", text="Kept text", file=bad)
    assert wrong.status_code == 422
    assert "Kept text" in wrong.content.decode()


def test_nobody_writes_before_both_agreed(world: World) -> None:
    match = sent(world)
    for person in ("owner", "provider"):
        assert act(world.client(person), match, "match-message", text="Call 123").status_code == 422
    assert not MatchMessage.objects.exists()


# --- complaints ------------------------------------------------------------------------------------------------------


def test_an_officer_sees_a_match_only_after_a_complaint_and_settles_it(world: World) -> None:
    match = advanced(world, sent(world), "contracted")
    officer = world.client("officer")
    assert officer.get(f"/en/matches/{match.pk}/").status_code == 404
    act(world.client("owner"), match, "match-complain", text="Nobody comes")
    assert "Nobody comes" in page(world, match, "officer")
    assert match.pk in [row.pk for row in officer.get("/en/office/complaints/").context["page"]]
    assert act(officer, match, "match-message", text="Please meet on Monday").status_code == 302
    assert "Please meet on Monday" in page(world, match, "provider")
    assert AuditEntry.objects.filter(kind="read", role="officer", subject__contains=str(match.pk)).exists()
    act(officer, match, "match-settle", text="Ended in agreement", ends="on")
    match.refresh_from_db()
    assert match.status == "ended"
    assert "Ended in agreement" in page(world, match, "owner")


def test_officers_of_other_programmes_and_firms_without_one_get_no_mediation(world: World) -> None:
    world.enrolment.withdrawn_at = timezone.now()
    world.enrolment.save()
    match = advanced(world, sent(world), "contracted")
    refused = act(world.client("owner"), match, "match-complain", text="Nobody comes")
    assert refused.status_code == 422
    assert "no programme" in refused.content.decode()


# --- clocks and letters ----------------------------------------------------------------------------------------------


def at(day: str) -> Any:
    return frozen(dt.datetime.fromisoformat(f"{day}T04:00:00+00:00"))


def test_a_provider_that_does_not_answer_is_reminded_and_then_overdue(world: World) -> None:
    with at("2026-12-04"):  # a Friday
        match = sent(world)
    with at("2026-12-09"):  # the third working day
        assert services.clocks_check() == 0
    with at("2026-12-10"):
        assert services.clocks_check() == 1
        assert services.clocks_check() == 0
    with at("2026-12-20"):
        assert services.clocks_check() == 1
    match.refresh_from_db()
    assert (str(match.reminded_on), str(match.overdue_on)) == ("2026-12-10", "2026-12-11")
    assert "overdue" in page(world, match, "owner")
    with at("2026-12-21"):
        services.match_take(visit=seen(world, match, "provider"))
    match.refresh_from_db()
    assert (match.in_time, match.overdue_on) == (False, None)


def test_one_letter_a_day_with_a_way_out(world: World) -> None:
    match = sent(world)
    need(world)
    user = world.users["provider"]
    assert letters.letter_send(user=user, site="https://example.org")
    assert not letters.letter_send(user=user, site="https://example.org")
    [letter] = mail.outbox
    assert FIRM not in letter.body
    assert match.need.reference in letter.body
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://example.org")
    client = world.client("anonymous")
    assert client.get(stop).status_code == 200
    assert not LetterChoice.objects.filter(stopped_at__isnull=False).exists(), (
        "a link that is followed stops nothing"
    )
    assert client.post(stop).status_code == 200
    with frozen(timezone.now() + dt.timedelta(days=2)):
        need(world)
        assert not letters.letter_send(user=user, site="https://example.org")
    assert world.users["provider"].pk not in letters.readers()
    world.client("provider").post("/en/letters/", {"letters": "yes"})
    assert world.users["provider"].pk in letters.readers()
    assert client.get("/en/letters/stop/made-up/").status_code == 404


def test_a_provider_hears_what_became_of_its_offers_and_what_ends(world: World) -> None:
    user, today = world.users["provider"], timezone.localdate()
    User.objects.filter(pk=user.pk).update(language="en")
    user.refresh_from_db()
    later = draft(world, "later")
    offer_submit(offer=later, by=user)
    offer_return(offer=later, by=world.users["officer"], reason="Which certificate?")
    assert letters.letter_send(user=user, site="https://example.org")
    body = mail.outbox[-1].body
    assert "- CRM in the cloud: published" in body
    assert "- CRM in the cloud: sent back: Which certificate?" in body
    assert "https://example.org/en/market/mine/" in body
    # 30 and 7 days ahead, once each, whenever the letters go out
    for days, told in ((35, 0), (31, 0), (30, 1), (29, 0), (8, 0), (5, 1), (4, 0)):
        end = today + dt.timedelta(days=35)
        MarketOffer.objects.filter(code="crm").update(valid_to=end)
        moment = timezone.now() + dt.timedelta(days=35 - days)
        before = len(mail.outbox)
        with frozen(moment):
            letters.letter_send(user=user, site="https://example.org", today=end - dt.timedelta(days=days))
        assert len(mail.outbox) - before == told, days
        if told:
            assert f"public through {end.isoformat()}" in mail.outbox[-1].body
    letters.letters_choose(user=user, wanted=False)
    with frozen(timezone.now() + dt.timedelta(days=40)):
        assert not letters.letter_send(user=user, site="https://example.org")


def test_a_provider_hears_that_an_accreditation_ends(world: World) -> None:
    user, today = world.users["provider"], timezone.localdate()
    end = today + dt.timedelta(days=7)
    held = Accreditation(
        programme="platform-admission", granted_on=today.isoformat(), valid_to=end.isoformat()
    )
    provider_accredit(provider=shop_row(), held=held, by=None)
    letters.letter_send(user=user, site="https://example.org")
    assert end.isoformat() in mail.outbox[-1].body
    assert "platform" in mail.outbox[-1].body.lower() or "平台准入" in mail.outbox[-1].body


def test_the_daily_command_checks_clocks_and_asks_for_letters(world: World) -> None:
    sent(world)
    out = io.StringIO()
    call_command("match_letters", site="https://example.org", stdout=out)
    assert out.getvalue() == "0 marks, 2 readers\n"


# --- what an enterprise takes away -----------------------------------------------------------------------------------


def test_the_archive_holds_the_firms_own_and_no_interest_that_it_did_not_accept(world: World) -> None:
    published(world, "second")
    row = need(world)
    match = advanced(world, sent(world, row, "second"), "quoted")
    other = interested(world, need(world))
    with enterprise_archive(world.enterprise) as archive, zipfile.ZipFile(archive) as packed:
        records = json.loads(packed.read("records.json"))
    assert [item["id"] for item in records["matches.Match"]] == [str(match.pk)]
    assert len(records["matches.Need"]) == 2
    assert len(records["matches.Quote"]) == 1
    assert str(other.pk) not in json.dumps(records)


def test_an_erased_enterprise_leaves_nothing_but_the_counts_in_the_record(world: World) -> None:
    match = advanced(world, sent(world), "rated")
    file = SimpleUploadedFile("plan.pdf", PDF, "application/pdf")
    act(world.client("owner"), match, "match-message", text="Our plan", file=file)
    stored = MatchMessage.objects.get().file
    with transaction.atomic():
        enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    for model in (Need, Match, Quote, MatchMessage, MatchEvent):
        assert not model.objects.exists(), model
    assert live().market.providers["shop"].record.delivered == 1
    assert stored.name


# --- public figures --------------------------------------------------------------------------------------------------


def test_figures_hold_small_numbers_back(world: World) -> None:
    advanced(world, sent(world), "rated")
    found = figures()
    assert (found.all.needs, found.all.taken) == (None, None)
    text = world.client("anonymous").get("/en/market/figures/").content.decode()
    assert "·" in text
    table = world.client("anonymous").get("/en/market/figures.csv").content.decode()
    assert "region,CN-JS,,," in table


def test_figures_show_what_is_large_and_give_nothing_small_away() -> None:
    cells = {"CN-JS": (100, 50, 30), "CN-ZJ": (60, 3, 20), "DE": (40, 20, 12)}
    found = shown({"region": cells, "sector": {"machinery": (200, 73, 62)}})
    by_name = {line.name: line for line in found.parts["region"]}
    assert by_name["CN-ZJ"].taken is None
    assert [line.taken for line in by_name.values()].count(None) >= 2, "one alone would follow from the total"
    assert by_name["CN-JS"].delivered == 30
    assert found.all.needs == 200
    assert by_name["CN-JS"].delivered_share == 30


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_pages_keep_to_their_queries(world: World, django_assert_max_num_queries: Any) -> None:
    match = advanced(world, sent(world), "rated")
    for _ in range(4):
        need(world)
    for person, address, most in (
        ("owner", f"/en/matches/{match.pk}/", 16),
        ("provider", f"/en/matches/{match.pk}/", 18),
        ("owner", f"/en/enterprises/{world.enterprise.pk}/needs/", 11),
        ("owner", f"/en/needs/{match.need_id}/", 15),
        ("provider", "/en/leads/", 13),
        ("anonymous", "/en/market/figures/", 2),
    ):
        client = world.client(person)
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


# --- for programs ----------------------------------------------------------------------------------------------------


def test_programs_read_what_each_side_may_see(world: World) -> None:
    row = need(world)
    owner, shop = world.client("owner"), world.client("provider")
    [lead] = shop.get("/api/v1/leads").json()["items"]
    assert (lead["need"], lead["offers"], lead["budget_class"]) == (str(row.pk), ["crm"], 2)
    assert FIRM not in json.dumps(lead)
    match = interested(world, row)
    hidden = owner.get(f"/api/v1/matches/{match.pk}").json()
    assert (hidden["provider"], hidden["offer"], hidden["named"]) == (None, None, False)
    assert shop.get(f"/api/v1/matches/{match.pk}").json()["firm"] is None
    act(owner, match, "match-accept")
    advanced(world, match, "contracted")
    shown_match = shop.get(f"/api/v1/matches/{match.pk}").json()
    assert (shown_match["firm"], shown_match["contract_amount"]) == (FIRM, "10800.00")
    assert [item["number"] for item in shown_match["quotes"]] == [1]
    assert owner.get(f"/api/v1/matches/{match.pk}").json()["provider"] == "shop"
    [mine] = owner.get(f"/api/v1/enterprises/{world.enterprise.pk}/matches").json()["items"]
    assert mine["status"] == "contracted"
    assert shop.get("/api/v1/provider/matches").json()["total"] == 1
    assert owner.get(f"/api/v1/enterprises/{world.enterprise.pk}/needs").json()["total"] == 1
