"""Cooperation profiles and interests: what is public and what is kept back, who answers, levels read across, and refusals."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from capillary.matching.partner_life import MOST_INTERESTS, MOST_PROFILES, MOST_QUESTIONS
from capillary.model.market import Partnership
from capillary.model.partner import last_day
from capillary.model.problems import InputError
from capillary.model.text import Text
from capillary.web import engine
from capillary.web.accounts.models import User
from capillary.web.assessments.services import assessment_complete, assessment_start
from capillary.web.cooperation import levels, services
from capillary.web.cooperation.catalogue import Asked, catalogue
from capillary.web.cooperation.models import CooperationProfile, Interest, InterestEvent, ProfileVersion
from capillary.web.cooperation.selectors import fit_for, interest_news, level_seen
from capillary.web.core.models import AuditEntry
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.erasure import enterprise_erase
from capillary.web.enterprises.export import enterprise_archive
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.matches import letters

from .kit import answer, some_answers
from .match_kit import frozen
from .partner_kit import (
    BUYER,
    SHAFTS,
    VALUES,
    act,
    agreed,
    demanding,
    drafted,
    interested,
    partner_world,
    public,
    request_of_buyer,
    seen,
    submitted,
    written,
)

if TYPE_CHECKING:
    from .kit import World

pytestmark = pytest.mark.django_db
SECRETS = (SHAFTS, "li@metal.example", "Li, ")
BUYER_SECRETS = (BUYER, "ana@ejemplo.example", "Ana")


@pytest.fixture
def world() -> World:
    return partner_world()


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# --- a profile's way to the public -----------------------------------------------------------------------------------

FORM: dict[str, Any] = {
    "kind": "business-offer",
    "title_zh": "小批量精密轴",
    "title_en": "Precise shafts",
    "summary_zh": "车削、磨削小批量轴类零件",
    "summary_en": "Turned and ground shafts",
    "description_en": "Tolerance 0.005 mm",
    "industries": ["gbt-4754:C33"],
    "partnerships": ["supply"],
    "languages": ["zh", "en"],
    "currency": "CNY",
    "amount": "800000",
    "contact": "Li, li@metal.example",
    "shows_level": "on",
}


def form(**changes: Any) -> dict[str, Any]:
    return FORM | {"valid_to": (timezone.localdate() + dt.timedelta(days=100)).isoformat()} | changes


def test_written_submitted_reviewed_and_public_without_a_name(world: World) -> None:
    owner, officer = world.client("owner"), world.client("officer")
    new = reverse("partner-new", args=[world.enterprise.pk])
    assert "Precise" not in page(Client(), "partners")
    assert owner.post(new, form(submit="1")).status_code == 302
    row = CooperationProfile.objects.get()
    assert (row.state, row.reference, row.shows_level) == ("submitted", None, True)
    assert row.written.size == "medium"
    assert row.written.region == "CN-JS"
    text = page(officer, "partner-review", row.pk)
    assert not any(secret in text for secret in SECRETS)
    officer.post(reverse("partner-review", args=[row.pk]), {"publish": "1"})
    row.refresh_from_db()
    today = timezone.localdate()
    assert row.reference == f"CN-BO-{today:%Y%m%d}-001"
    assert ProfileVersion.objects.get().number == 1
    for text in (page(Client(), "partners"), page(Client(), "partner", row.reference)):
        assert "Precise shafts" in text
        assert not any(secret in text for secret in SECRETS)
    assert AuditEntry.objects.filter(action="partner-publish", enterprise=world.enterprise.pk).exists()


def test_references_count_by_country_kind_and_day(world: World) -> None:
    today = f"{timezone.localdate():%Y%m%d}"
    found = [public(world).reference, public(world).reference, request_of_buyer(world).reference]
    assert found == [f"CN-BO-{today}-001", f"CN-BO-{today}-002", f"ES-BR-{today}-001"]


def test_identity_in_a_public_text_is_refused_at_its_field(world: World) -> None:
    owner = world.client("owner")
    new = reverse("partner-new", args=[world.enterprise.pk])
    response = owner.post(
        new, form(summary_en=f"{SHAFTS} turns shafts", description_en="See www.metal.example")
    )
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert set(errors) == {"summary_en", "description_en"}
    assert "say what the enterprise does instead" in errors["summary_en"][0]
    assert not CooperationProfile.objects.exists()
    # the contact is kept back and may say everything
    assert owner.post(new, form(contact=f"{SHAFTS} www.metal.example +86 25 1234 5678")).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("industries", []),
        ("industries", ["nace-2:C25"]),
        ("partnerships", []),
        ("languages", []),
        ("title_zh", ""),
        ("summary_en", ""),
        ("valid_to", "2020-01-01"),
        ("valid_to", "2090-01-01"),
        ("valid_to", "soon"),
        ("amount", "-1"),
        ("readiness", "10"),
        ("kind", "research-offer"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(world: World, field: str, value: object) -> None:
    response = world.client("owner").post(
        reverse("partner-new", args=[world.enterprise.pk]), form(**{field: value})
    )
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_a_description_is_needed_in_one_language(world: World) -> None:
    new = reverse("partner-new", args=[world.enterprise.pk])
    response = world.client("owner").post(new, form(description_en=""))
    assert "description_zh" in response.context["form"].errors
    assert world.client("owner").post(new, form(description_en="", description_zh="公差")).status_code == 302


def test_only_an_owner_submits_and_shows_the_level(world: World) -> None:
    client = world.client("colleague")
    client.post(reverse("partner-new", args=[world.enterprise.pk]), form(submit="1"))
    row = CooperationProfile.objects.get()
    assert (row.state, row.shows_level) == ("draft", False)
    assert act(client, row, "partner-submit").status_code == 404


def test_without_a_contact_region_or_head_count_nothing_is_submitted(world: World) -> None:
    owner = world.client("owner")
    owner.post(reverse("partner-new", args=[world.enterprise.pk]), form(contact="", submit="1"))
    row = CooperationProfile.objects.get()
    assert row.state == "draft"
    with pytest.raises(RefusedError, match="contact"):
        services.profile_submit(profile=row, by=world.users["owner"])
    Enterprise.objects.filter(pk=world.enterprise.pk).update(employees=None)
    response = owner.post(reverse("partner-new", args=[world.enterprise.pk]), form())
    assert response.status_code == 422
    assert "head count" in response.content.decode()


def test_sent_back_with_a_reason(world: World) -> None:
    row = submitted(world)
    officer = world.client("officer")
    address = reverse("partner-review", args=[row.pk])
    assert officer.post(address, {"return": "1", "reason": ""}).status_code == 422
    officer.post(address, {"return": "1", "reason": "Say which machines."})
    row.refresh_from_db()
    assert (row.state, row.public) == ("returned", None)
    assert "Say which machines." in page(world.client("owner"), "enterprise-partners", world.enterprise.pk)
    with pytest.raises(RefusedError):
        services.profile_publish(profile=row, by=world.users["officer"])


def test_an_officer_does_not_review_a_profile_of_an_enterprise_that_they_act_for(world: World) -> None:
    row = submitted(world)
    Member.objects.create(enterprise=world.enterprise, user=world.users["officer"], role="adviser")
    officer = world.client("officer")
    assert officer.get(reverse("partner-review", args=[row.pk])).status_code == 404
    assert "Precise shafts" not in page(officer, "partner-queue")


def test_a_change_is_public_once_it_was_reviewed(world: World) -> None:
    row = public(world)
    changed = msgspec.structs.replace(row.written, title=Text(zh="新标题", en="Longer shafts"))
    services.profile_save(
        enterprise=world.enterprise, row=row, profile=changed, contact="Li", shows_level=True, by=None
    )
    services.profile_submit(profile=row, by=None)
    assert "Longer shafts" not in page(Client(), "partner", row.reference)
    text = page(world.client("officer"), "partner-review", row.pk)
    assert "What changes" in text
    services.profile_publish(profile=row, by=world.users["officer"])
    assert "Longer shafts" in page(Client(), "partner", row.reference)
    assert list(row.versions.values_list("number", flat=True)) == [2, 1]
    assert row.versions.get(number=1).data["title"]["en"] == "Precise shafts in small lots"


def test_it_ends_on_its_last_day_and_can_be_renewed(world: World) -> None:
    row = public(world)
    assert row.valid_to is not None
    after = timezone.now() + (row.valid_to - timezone.localdate()) + dt.timedelta(days=1)
    with frozen(after):
        assert Client().get(reverse("partner", args=[row.reference])).status_code == 404
        assert catalogue(Asked("", {}, 1)).hits.total == 0
        with pytest.raises(RefusedError, match="does not stand"):
            interested(world, row)
        act(world.client("owner"), row, "partner-renew")
        row.refresh_from_db()
        assert row.state == "submitted"
        services.profile_publish(profile=row, by=world.users["officer"])
        row.refresh_from_db()
        today = timezone.localdate()
        assert (row.valid_from, row.valid_to) == (today, dt.date.fromisoformat(last_day(today.isoformat())))
        assert row.version == 2
        assert Client().get(reverse("partner", args=[row.reference])).status_code == 200


def test_too_many_profiles_are_refused(world: World) -> None:
    for _number in range(MOST_PROFILES):
        drafted(world)
    with pytest.raises(RefusedError, match="Withdraw one first"):
        drafted(world)


def test_a_waiting_profile_is_not_changed(world: World) -> None:
    row = submitted(world)
    with pytest.raises(RefusedError, match="waits for review"):
        services.profile_save(
            enterprise=world.enterprise, row=row, profile=written(), contact="Li", shows_level=True, by=None
        )
    # but the consent to show the level can be taken back at any time
    act(world.client("owner"), row, "partner-level", shows="no")
    row.refresh_from_db()
    assert (row.state, row.shows_level, row.level_agreed_at) == ("submitted", False, None)


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_words_and_filters_with_counts(world: World) -> None:
    public(world)
    request_of_buyer(world)
    found = catalogue(Asked("", {}, 1))
    counts = {name: {item.value: item.count for item in choices} for name, choices in found.facets}
    assert counts["kind"] == {"business-offer": 1, "business-request": 1}
    assert counts["country"] == {"CN": 1, "ES": 1}
    assert "section" not in counts  # both lie in manufacturing alone, whatever their classification
    assert [item.profile.country for item in catalogue(Asked("精密", {}, 1)).entries] == ["CN"]
    assert [item.profile.country for item in catalogue(Asked("wanted", {}, 1)).entries] == ["ES"]
    assert catalogue(Asked("", {"section": "isic-4:C"}, 1)).hits.total == 2
    assert catalogue(Asked("", {"language": "es"}, 1)).hits.total == 1
    assert catalogue(Asked("", {"country": "XX", "kind": "?"}, 1)).hits.total == 0
    assert "Nothing fits" in page(Client(), "partners", query="?country=XX&page=0")


def test_the_catalogue_has_pages_and_an_empty_state(world: World) -> None:
    assert "Write the first one" in page(Client(), "partners")
    for _number in range(3):
        for title in range(7):
            row = drafted(world, title=Text(zh=f"轴 {title}", en=f"Shaft {title}"))
            services.profile_submit(profile=row, by=None)
            services.profile_publish(profile=row, by=world.users["officer"])
            CooperationProfile.objects.filter(pk=row.pk).update(
                state="withdrawn"
            )  # the limit is another test's
    assert "Page 1 of 2" in page(Client(), "partners")
    assert "Page 2 of 2" in page(Client(), "partners", query="?page=2")


def test_pages_take_few_queries(world: World, django_assert_max_num_queries: Any) -> None:
    row = public(world)
    for _number in range(5):
        request_of_buyer(world)
    client = Client()
    client.get(reverse("partners"))
    with django_assert_max_num_queries(3):
        client.get(reverse("partners"))
    with django_assert_max_num_queries(4):
        client.get(reverse("partner", args=[row.reference]))
    owner = world.client("owner")
    with django_assert_max_num_queries(14):
        owner.get(reverse("partner-fits", args=[row.pk]))
    with django_assert_max_num_queries(14):
        owner.get(reverse("enterprise-partners", args=[world.enterprise.pk]))


# --- levels ----------------------------------------------------------------------------------------------------------


def test_a_foreign_level_is_an_interval_in_the_readers_own_standard(world: World) -> None:
    theirs, ours = request_of_buyer(world), public(world)
    across = level_seen(theirs, "miit-2024")
    assert across is not None
    assert not across.read.own
    assert [basis.standard for basis in across.bases] == ["eu-dii-v3"]
    own = level_seen(ours, "miit-2024")
    assert own is not None
    assert own.read.own
    assert (own.read.at_least, own.read.at_most) == (world.assessment.level_low, world.assessment.level_high)
    exact = level_seen(theirs, "eu-dii-v3")
    assert exact is not None
    assert exact.read.certain or exact.read.own


def test_each_reader_sees_it_in_their_own_standard(world: World) -> None:
    row = public(world)
    assert "Answered under" in page(world.client("owner"), "partner", row.reference)
    assert "Read across to EU DII v3" in page(world.client("buyer"), "partner", row.reference)
    assert "Answered under" in page(
        world.client("buyer"), "partner", row.reference, query="?standard=miit-2024"
    )
    page(world.client("buyer"), "partner", row.reference, query="?standard=nonsense")


def test_without_consent_no_level_is_shown_anywhere(world: World) -> None:
    row = request_of_buyer(world, shows_level=False)
    assert level_seen(row, "eu-dii-v3") is None
    assert "does not show its level" in page(Client(), "partner", row.reference)
    mine = public(world, least=demanding("eu-dii-v3", 4))
    fitting = fit_for(mine, "miit-2024").fitting
    assert [(item.partner.theirs, item.seen) for item in fitting] == [("possible", None)]


def test_an_open_assessment_is_no_basis(world: World) -> None:
    row = public(world)
    before = level_seen(row, "miit-2024")
    later = assessment_start(enterprise=world.enterprise, standard="miit-2024", by=world.users["owner"])
    answer(later, some_answers("miit-2024", 3), world.users["owner"])
    assert level_seen(row, "miit-2024") == before
    assessment_complete(assessment=later, by=world.users["owner"])
    assert level_seen(row, "miit-2024") != before


def test_who_fits_with_reasons_and_who_does_not(world: World) -> None:
    theirs, mine = request_of_buyer(world), public(world)
    research: tuple[Partnership, ...] = ("research",)
    request_of_buyer(world, kind="research-request", partnerships=research)
    text = page(world.client("owner"), "partner-fits", mine.pk)
    assert "Industries that overlap only in part" in text
    assert "Its kind does not complement yours." in text
    assert BUYER not in text
    fit = fit_for(mine, "miit-2024")
    assert [item.partner.profile.reference for item in fit.fitting] == [theirs.reference]
    back = fit_for(theirs, "eu-dii-v3")
    assert [item.partner.profile.reference for item in back.fitting] == [mine.reference]


def test_a_level_that_is_certainly_not_reached_rules_out(world: World) -> None:
    request_of_buyer(world)
    mine = public(world, least=demanding("eu-dii-v3", max(levels.levels_of("eu-dii-v3"))))
    fit = fit_for(mine, "miit-2024")
    shown = levels.seen(levels.latest_of([world.extra["buyer"].pk])[world.extra["buyer"].pk], "eu-dii-v3")
    assert shown is not None
    assert shown.read.at_most < max(levels.levels_of("eu-dii-v3"))
    assert fit.fitting == []
    assert [item.failed for item in fit.found.ruled_out] == [("their-level",)]
    assert "level that you demand" in page(world.client("owner"), "partner-fits", mine.pk)


def test_an_amount_is_shown_in_the_readers_currency_at_a_dated_rate(world: World) -> None:
    row = public(world)
    User.objects.filter(pk=world.users["buyer"].pk).update(currency="EUR")
    text = page(world.client("buyer"), "partner", row.reference)
    assert "CNY 800,000" in text
    assert "≈ EUR 100,000" in text
    rate = engine.library().currencies().rate("EUR")
    assert f"rate of {rate.date}, unverified" in text
    assert "≈" not in page(Client(), "partner", row.reference)


# --- an interest -----------------------------------------------------------------------------------------------------


def test_nobody_is_named_before_both_agreed_and_both_are_after(world: World) -> None:
    row = public(world)
    buyer, owner = world.client("buyer"), world.client("owner")
    buyer.post(
        reverse("partner-interest", args=[row.reference]),
        {"enterprise": world.extra["buyer"].pk, "sought": VALUES["sought"], "who": VALUES["who"]},
    )
    interest = Interest.objects.get()
    for client, hidden in ((buyer, SECRETS), (owner, BUYER_SECRETS)):
        text = page(client, "interest", interest.pk)
        assert VALUES["sought"] in text
        assert not any(secret in text for secret in hidden), hidden
    mine = page(owner, "enterprise-partners", world.enterprise.pk)
    assert VALUES["sought"] in mine
    assert not any(secret in mine for secret in BUYER_SECRETS)
    assert not any(
        secret in page(buyer, "enterprise-partners", world.extra["buyer"].pk) for secret in SECRETS
    )
    act(owner, interest, "interest-agree")
    text = page(owner, "interest", interest.pk)
    assert all(secret in text for secret in BUYER_SECRETS)
    text = page(buyer, "interest", interest.pk)
    assert SHAFTS in text
    assert "li@metal.example" in text


def test_questions_without_names_and_messages_with_them(world: World) -> None:
    interest = interested(world, public(world))
    owner, buyer = world.client("owner"), world.client("buyer")
    assert act(owner, interest, "interest-message", text=f"{SHAFTS} asks").status_code == 422
    assert act(owner, interest, "interest-message", text="Which steel?").status_code == 302
    assert act(buyer, interest, "interest-message", text="42CrMo4").status_code == 302
    assert "Which steel?" in page(buyer, "interest", interest.pk)
    agreed(world, interest)
    assert act(owner, interest, "interest-message", text=f"{SHAFTS}, +86 25 1234 5678").status_code == 302
    text = page(buyer, "interest", interest.pk)
    assert "+86 25 1234 5678" in text
    assert "before both had agreed" in text


def test_a_guess_at_the_other_sides_name_is_not_answered(world: World) -> None:
    """A refusal would tell that the guess was right."""
    interest = interested(world, public(world))
    guess = act(world.client("buyer"), interest, "interest-message", text=f"Are you {SHAFTS}?")
    miss = act(world.client("buyer"), interest, "interest-message", text="Are you Another Firm?")
    assert guess.status_code == miss.status_code == 302


def test_declined_with_a_reason_and_not_asked_again(world: World) -> None:
    row = public(world)
    interest = interested(world, row)
    owner = world.client("owner")
    assert act(owner, interest, "interest-decline", text="").status_code == 422
    assert act(owner, interest, "interest-decline", text=f"{SHAFTS} is busy").status_code == 422
    assert act(owner, interest, "interest-decline", text="No capacity this year").status_code == 302
    text = page(world.client("buyer"), "interest", interest.pk)
    assert "No capacity this year" in text
    assert not any(secret in text for secret in SECRETS)
    with pytest.raises(RefusedError, match="declined"):
        interested(world, row)
    assert act(owner, interest, "interest-agree").status_code == 302
    interest.refresh_from_db()
    assert interest.publisher_agreed_at is None


def test_withdrawn_and_expressed_again(world: World) -> None:
    row = public(world)
    interest = interested(world, row)
    with pytest.raises(RefusedError, match="before"):
        interested(world, row)
    act(world.client("buyer"), interest, "interest-withdraw", text="Changed plans")
    assert interested(world, row).pk != interest.pk


def test_what_each_side_may_do(world: World) -> None:
    interest = interested(world, public(world))
    assert act(world.client("buyer"), interest, "interest-agree").status_code == 302
    interest.refresh_from_db()
    assert interest.status == "waiting"
    assert act(world.client("colleague"), interest, "interest-agree").status_code == 404
    assert act(world.client("stranger"), interest, "interest-agree").status_code == 404
    assert act(world.client("owner"), interest, "interest-end", text="x").status_code == 422
    agreed(world, interest)
    assert act(world.client("buyer"), interest, "interest-end", text="Done").status_code == 302
    assert act(world.client("owner"), interest, "interest-message", text="Hello").status_code == 422


def test_who_acts_for_both_sides_binds_neither(world: World) -> None:
    row = public(world)
    Member.objects.create(enterprise=world.extra["buyer"], user=world.users["owner"], role="owner")
    with pytest.raises(RefusedError, match="act for"):
        services.interest_express(
            profile=row, enterprise=world.extra["buyer"], values=VALUES, by=world.users["owner"]
        )
    interest = interested(world, row)
    act(world.client("owner"), interest, "interest-agree")
    interest.refresh_from_db()
    assert interest.status == "waiting"


def test_limits_against_spam(world: World) -> None:
    rows = [public(world) for _number in range(MOST_INTERESTS + 1)]
    for row in rows[:-1]:
        interest = interested(world, row)
    with pytest.raises(RefusedError, match="tomorrow"):
        interested(world, rows[-1])
    for _number in range(MOST_QUESTIONS):
        services.message_write(visit=seen(world, interest, "buyer"), text="And now?")
    with pytest.raises(RefusedError, match="questions"):
        services.message_write(visit=seen(world, interest, "buyer"), text="And now?")
    services.message_write(visit=seen(world, interest, "owner"), text="Wait")


def test_identity_in_what_is_read_at_once_is_refused(world: World) -> None:
    row = public(world)
    response = world.client("buyer").post(
        reverse("partner-interest", args=[row.reference]),
        {"enterprise": world.extra["buyer"].pk, "sought": f"{BUYER} seeks shafts", "who": "Ana"},
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"sought"}
    with pytest.raises(InputError):
        interested(world, row, missing="Call +34 912 345 678")


def test_an_interest_is_for_an_own_enterprise_only(world: World) -> None:
    row = public(world)
    address = reverse("partner-interest", args=[row.reference])
    data = {"enterprise": world.enterprise.pk, "sought": "Shafts", "who": "Ana"}
    assert world.client("buyer").post(address, data).status_code == 422
    assert world.client("colleague").post(address, data).status_code == 404
    assert not Interest.objects.exists()


def test_withdrawing_a_profile_ends_what_waits_and_keeps_what_is_agreed(world: World) -> None:
    row = public(world)
    interest = interested(world, row)
    act(world.client("owner"), row, "partner-withdraw")
    interest.refresh_from_db()
    assert interest.status == "withdrawn"
    assert InterestEvent.objects.filter(act="close").count() == 1
    services.profile_submit(profile=row, by=None)
    services.profile_publish(profile=row, by=world.users["officer"])
    second = agreed(world, interested(world, row))
    act(world.client("owner"), row, "partner-withdraw")
    second.refresh_from_db()
    assert second.status == "agreed"
    assert SHAFTS in page(world.client("buyer"), "interest", second.pk)


def test_the_database_holds_one_live_interest_and_two_yeses(world: World) -> None:
    interest = interested(world, public(world))
    copy = {
        field.attname: getattr(interest, field.attname)
        for field in Interest._meta.concrete_fields
        if field.attname != "id"
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.create(**copy)
    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.filter(pk=interest.pk).update(status="agreed")


def test_audit_entries_stand_with_the_side_that_acted(world: World) -> None:
    """The log of an enterprise names people: those of the other side do not stand in it."""
    interest = interested(world, public(world))
    services.message_write(visit=seen(world, interest, "buyer"), text="Which steel?")
    agreed(world, interest)
    mine = AuditEntry.objects.filter(enterprise=world.enterprise.pk, action__startswith="interest-")
    theirs = AuditEntry.objects.filter(enterprise=world.extra["buyer"].pk, action__startswith="interest-")
    assert {entry.user_id for entry in mine} == {world.users["owner"].pk}
    assert {entry.user_id for entry in theirs} == {world.users["buyer"].pk}


# --- letters, archive, erasure, table --------------------------------------------------------------------------------


def test_the_letter_of_the_day_tells_of_the_other_side_without_a_name(world: World) -> None:
    interest = interested(world, public(world))
    assert set(letters.readers()) == {world.users["owner"].pk, world.users["buyer"].pk}
    since = timezone.now() - dt.timedelta(days=1)
    assert interest_news([world.enterprise.pk], since) == [interest]
    assert interest_news([world.extra["buyer"].pk], since) == []
    assert letters.letter_send(user=world.users["owner"], site="https://site.example")
    text = str(mail.outbox[-1].body)
    assert interest.code in text
    assert f"/interests/{interest.pk}/" in text
    assert not any(secret in text for secret in BUYER_SECRETS)
    assert not letters.letter_send(user=world.users["buyer"], site="https://site.example")


def records(enterprise: Enterprise) -> dict[str, Any]:
    with enterprise_archive(enterprise) as file, zipfile.ZipFile(file) as packed:
        found: dict[str, Any] = json.loads(packed.read("records.json"))
    return found


def test_each_sides_archive_holds_its_own_and_nothing_that_names_the_other_before_both_agreed(
    world: World,
) -> None:
    interest = interested(world, public(world))
    services.message_write(visit=seen(world, interest, "owner"), text="Which steel?")
    mine, theirs = records(world.enterprise), records(world.extra["buyer"])
    assert mine["cooperation.CooperationProfile"][0]["contact"].startswith("Li")
    assert [item["text"] for item in mine["cooperation.InterestMessage"]] == ["Which steel?"]
    text = json.dumps(mine, ensure_ascii=False)
    assert not any(secret in text for secret in (*BUYER_SECRETS, str(world.extra["buyer"].pk)))
    text = json.dumps(theirs, ensure_ascii=False)
    assert VALUES["who"] in text
    assert "Which steel?" in text
    assert not any(secret in text for secret in (SHAFTS, "li@metal.example", str(world.enterprise.pk)))
    agreed(world, interest)
    assert records(world.enterprise)["cooperation.Interest"][0]["who"] == VALUES["who"]


def test_erasure_leaves_nothing_of_it(world: World) -> None:
    row = public(world)
    interested(world, row)
    enterprise_erase(enterprise=world.enterprise, by=world.users["owner"])
    assert not CooperationProfile.objects.exists()
    assert not Interest.objects.exists()
    assert Client().get(reverse("partner", args=[row.reference])).status_code == 404
    assert catalogue(Asked("", {}, 1)).hits.total == 0


def test_the_officers_table_has_counts_and_no_names(world: World) -> None:
    row = public(world)
    agreed(world, interested(world, row))
    text = world.client("officer").get(reverse("partner-table")).content.decode("utf-8-sig")
    heads, cells = text.splitlines()[:2]
    found = dict(zip(heads.split(","), cells.split(","), strict=True))
    assert (found["reference"], found["interests"], found["interests_agreed"]) == (row.reference, "1", "1")
    assert not any(secret in text for secret in (SHAFTS, BUYER))


# --- the API ---------------------------------------------------------------------------------------------------------


def test_the_api_names_nobody_before_both_agreed(world: World) -> None:
    row = public(world)
    request_of_buyer(world)
    interest = interested(world, row)
    owner, buyer = world.client("owner"), world.client("buyer")
    found = buyer.get("/api/v1/partners?kind=business-offer&section=C&q=shafts").json()
    assert [item["reference"] for item in found["items"]] == [row.reference]
    assert buyer.get("/api/v1/partners?country=Spain").status_code == 422
    one = buyer.get(f"/api/v1/partners/{row.reference}?standard=miit-2024").json()
    assert one["level"]["level"] == [world.assessment.level_low, world.assessment.level_high]
    assert one["level"]["own"] is True
    wrong = buyer.get(f"/api/v1/partners/{row.reference}?standard=nonsense")
    assert wrong.status_code == 422
    assert "miit-2024" in wrong.json()["errors"][0]["remedy"]
    assert buyer.get("/api/v1/partners/CN-BO-20200101-001").status_code == 404
    for client, firm in ((owner, world.enterprise), (buyer, world.extra["buyer"])):
        assert client.get(f"/api/v1/enterprises/{firm.pk}/interests").json()["items"][0]["other"] is None
        full = client.get(f"/api/v1/interests/{interest.pk}").json()
        assert (full["other"], full["contact"]) == (None, None)
    fits = owner.get(f"/api/v1/partner-profiles/{row.pk}/fits").json()
    assert fits["fits"][0]["overlap"] == "partial"
    mine = owner.get(f"/api/v1/enterprises/{world.enterprise.pk}/partner-profiles").json()
    assert (mine["items"][0]["state"], mine["items"][0]["waiting"]) == ("published", 1)
    agreed(world, interest)
    full = owner.get(f"/api/v1/interests/{interest.pk}").json()
    assert (full["other"], full["contact"]) == (BUYER, VALUES["who"])
