"""An enterprise's pages: claiming a check, people, invitations, the visitor's own place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from capillary.web.accounts.models import Position, User
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import Facts, assessment_complete, assessment_start, check_start
from capillary.web.core.models import AuditEntry
from capillary.web.enterprises import services
from capillary.web.enterprises.invitations import invitation_send, secret_hash
from capillary.web.enterprises.models import Consent, Enterprise, Invitation, Member

from .kit import World, answer, hold, some_answers


@pytest.fixture(autouse=True)
def _same_language() -> Iterator[None]:
    """Begin in Chinese, whatever language another test left behind."""
    with translation.override("zh-hans"):
        yield


def claim(client: Client, enterprise: Enterprise, **fields: str) -> object:
    return client.post(
        reverse("enterprise-claim", args=[enterprise.pk]), {"into": "new", "name": "Example Works", **fields}
    )


def holding(world: World, person: str) -> Client:
    client = world.client(person)
    hold(client, world.unclaimed)
    return client


# --- claiming


def test_the_holder_is_shown_the_way_to_an_account(world: World) -> None:
    page = world.client("holder").get(reverse("enterprise-claim", args=[world.unclaimed.pk]))
    assert page.status_code == 200
    assert f"{reverse('account_signup')}?next={reverse('enterprise-claim', args=[world.unclaimed.pk])}" in (
        page.content.decode()
    )
    asked = world.client("holder").post(reverse("enterprise-claim", args=[world.unclaimed.pk]))
    assert asked.status_code == 302
    assert reverse("account_login") in asked["Location"]


def test_claiming_makes_an_owner_and_t0(world: World) -> None:
    client = holding(world, "stranger")
    reply = claim(client, world.unclaimed, benchmark="on")
    assert reply.status_code == 302
    world.unclaimed.refresh_from_db()
    assert world.unclaimed.name == "Example Works"
    assert world.unclaimed.claimed_at
    member = Member.objects.get(enterprise=world.unclaimed)
    assert (member.user, member.role) == (world.users["stranger"], "owner")
    assert Assessment.objects.get(enterprise=world.unclaimed).number == 0
    assert [consent.purpose for consent in Consent.objects.filter(enterprise=world.unclaimed)] == [
        "benchmark"
    ]
    assert AuditEntry.objects.filter(action="enterprise-claim", enterprise=world.unclaimed.pk).exists()
    assert client.get(reverse("assessment-result", args=[world.check.pk])).status_code == 200


def test_a_claimed_check_is_nobody_elses_any_more(world: World) -> None:
    first, second = holding(world, "stranger"), holding(world, "provider")
    claim(first, world.unclaimed)
    assert claim(second, world.unclaimed).status_code == 404
    assert second.get(reverse("enterprise", args=[world.unclaimed.pk])).status_code == 404
    assert world.client("holder").get(reverse("assessment-result", args=[world.check.pk])).status_code == 302


def test_claiming_needs_the_cookie_and_a_name(world: World) -> None:
    assert claim(world.client("stranger"), world.unclaimed).status_code == 404
    assert claim(holding(world, "stranger"), world.unclaimed, name="").status_code == 422
    assert claim(holding(world, "owner"), world.enterprise).status_code == 404


def test_no_consent_is_given_unasked(world: World) -> None:
    page = holding(world, "stranger").get(reverse("enterprise-claim", args=[world.unclaimed.pk]))
    assert "checked" not in page.content.decode()


def test_a_check_can_become_the_next_assessment_of_a_known_enterprise(world: World) -> None:
    client = holding(world, "owner")
    page = client.get(reverse("enterprise-claim", args=[world.unclaimed.pk]))
    assert world.enterprise.name in page.content.decode()
    reply = claim(client, world.unclaimed, into=str(world.enterprise.pk), name="")
    assert reply["Location"] == reverse("enterprise", args=[world.enterprise.pk])
    world.check.refresh_from_db()
    assert (world.check.enterprise, world.check.number) == (world.enterprise, 2)
    assert not Enterprise.objects.filter(pk=world.unclaimed.pk).exists()
    assert world.check.revisions.count() == 3


def test_a_completed_check_that_is_merged_reaches_the_officers(world: World) -> None:
    assessment_complete(assessment=world.check, by=None)
    services.check_merge(check=world.unclaimed.pk, into=world.enterprise, by=world.users["owner"])
    world.enrolment.refresh_from_db()
    assert world.enrolment.assessment_id == world.check.pk


def test_a_check_is_not_merged_into_somebody_elses_enterprise(world: World) -> None:
    for person in ("stranger", "colleague", "adviser"):
        claim(holding(world, person), world.unclaimed, into=str(world.enterprise.pk), name="")
        world.check.refresh_from_db()
        assert world.check.enterprise_id == world.unclaimed.pk


# --- own place


@pytest.mark.parametrize("firms", [1, 25])
def test_home_costs_few_queries_however_many_firms(
    world: World, firms: int, django_assert_max_num_queries: object
) -> None:
    owner = world.users["owner"]
    for number in range(firms):
        other = Enterprise.objects.create(name=f"Example {number:03}", claimed_at=timezone.now())
        for role in ("owner", "adviser", "assessor"):
            Member.objects.create(enterprise=other, user=owner, role=role)
        assessment_start(enterprise=other, standard="miit-2024", by=owner)
    client = holding(world, "owner")
    with django_assert_max_num_queries(15):
        assert client.get(reverse("home")).status_code == 200


def test_home_pages_and_searches(world: World) -> None:
    for number in range(25):
        other = Enterprise.objects.create(name=f"Example {number:03}", claimed_at=timezone.now())
        Member.objects.create(enterprise=other, user=world.users["owner"], role="owner")
    client = world.client("owner")
    first = client.get(reverse("home")).content.decode()
    assert "Example 003" in first
    assert "Example 020" not in first
    assert "Example 020" in client.get(reverse("home"), {"page": 3}).content.decode()
    found = client.get(reverse("home"), {"q": "020"}).content.decode()
    assert "Example 020" in found
    assert "Example 003" not in found
    assert client.get(reverse("home"), {"q": "no such", "page": "x"}).status_code == 200


def test_home_shows_what_each_person_works_with(world: World) -> None:
    def seen(person: str) -> str:
        return world.client(person).get("/en/home/").content.decode()

    assert "Example Metal Parts" in seen("owner")
    assert "As an adviser" in seen("adviser")
    assert "As an assessor" in seen("assessor")
    assert "Example Programme" in seen("officer")
    assert "To my offers" in seen("provider")
    assert "To the offers that wait" in seen("officer")
    assert "Nothing here yet" in seen("stranger")
    assert "Checks made in this browser" in holding(world, "stranger").get("/en/home/").content.decode()
    assert Client().get("/en/home/").status_code == 302


# --- the enterprise's page


def test_who_sees_the_enterprise_page_and_what(world: World) -> None:
    address = reverse("enterprise", args=[world.enterprise.pk]).replace("/zh-hans/", "/en/")
    for person in ("owner", "colleague"):
        assert "What the data may be used for" in world.client(person).get(address).content.decode()
    for person in ("adviser", "assessor", "officer"):
        page = world.client(person).get(address)
        assert page.status_code == 200
        assert "What the data may be used for" not in page.content.decode()
    for person in ("stranger", "provider", "administrator"):
        assert world.client(person).get(address).status_code == 404
    assert world.client("anonymous").get(address).status_code == 302


@pytest.mark.parametrize("rows", [0, 12])
def test_the_enterprise_page_costs_few_queries(
    world: World, rows: int, django_assert_max_num_queries: object
) -> None:
    for number in range(rows):
        user = User.objects.create_user(f"person{number}@example.com", "a good passphrase")
        Member.objects.create(enterprise=world.enterprise, user=user, role="colleague")
        Assessment.objects.create(enterprise=world.enterprise, standard="eu-dma", number=number)
    client = world.client("owner")
    with django_assert_max_num_queries(20):
        assert client.get(reverse("enterprise", args=[world.enterprise.pk])).status_code == 200


def test_facts_are_changed_by_the_owner_also_where_officers_see_them(world: World) -> None:
    address = reverse("enterprise-edit", args=[world.enterprise.pk])
    facts = {"name": "Example Castings", "sector": "machinery", "region": "CN-ZJ", "employees": "81"}
    assert world.client("colleague").post(address, facts).status_code == 404
    assert world.client("owner").post(address, {**facts, "employees": "0"}).status_code == 422
    assert world.client("owner").post(address, facts).status_code == 302
    world.enrolment.refresh_from_db()
    assert (world.enrolment.name, world.enrolment.employees) == ("Example Castings", 81)


def test_an_assessment_starts_under_a_chosen_standard_and_variant(world: World) -> None:
    address = reverse("enterprise-start", args=[world.enterprise.pk])
    assert world.client("stranger").post(address, {"standard": "eu-dma"}).status_code == 404
    world.client("colleague").post(address, {"standard": "eu-dma"})
    started = Assessment.objects.get(enterprise=world.enterprise, standard="eu-dma")
    assert started.number == 0
    assert world.client("owner").post(address, {"standard": "no-such"}).status_code == 302
    assert Assessment.objects.filter(enterprise=world.enterprise).count() == 3


# --- people


def invite(world: World, email: str = "new@example.com", role: str = "colleague", **fields: object) -> str:
    mail.outbox.clear()
    reply = world.client("owner").post(
        reverse("enterprise-people", args=[world.enterprise.pk]),
        {"email": email, "role": role, "language": "en", **fields},
    )
    assert reply.status_code == 302, reply.content.decode()
    found = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def newcomer(email: str = "new@example.com") -> tuple[User, Client]:
    user = User.objects.create_user(email, "a good passphrase")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user, client


def test_an_invitation_is_sent_accepted_and_used_up(world: World) -> None:
    link = invite(world, parts=["miit-2024/foundation"])
    letter = mail.outbox[-1]
    assert letter.to == ["new@example.com"]
    assert "Example Metal Parts invites you" in letter.subject
    stored = Invitation.objects.get()
    assert stored.secret == secret_hash(link.rstrip("/").rsplit("/", 1)[1])
    assert stored.secret not in link
    assert Client().get(link).status_code == 200
    assert reverse("account_login") in Client().post(link, {"do": "accept"})["Location"]
    user, client = newcomer()
    assert "Digital foundation" in client.get(link).content.decode()
    reply = client.post(link, {"do": "accept"})
    assert reply["Location"].endswith(f"/enterprises/{world.enterprise.pk}/parts/")
    member = Member.objects.get(user=user)
    assert (member.role, member.parts) == ("colleague", {"miit-2024": ["foundation"]})
    parts = client.get(reply["Location"]).content.decode()
    assert reverse("interview-question", args=[world.assessment.pk, "Q01"]).split("/", 2)[2] in parts
    assert client.get(link).status_code == 404
    assert client.post(link, {"do": "accept"}).status_code == 404


def test_the_letter_is_in_the_invited_persons_language(world: World) -> None:
    User.objects.create_user("chinese@example.com", "a good passphrase", language="zh-hans")
    link = invite(world, "chinese@example.com", language="en")
    assert "邀请" in mail.outbox[-1].subject
    assert link.startswith("/zh-hans/")
    assert invite(world, "english@example.com", language="en").startswith("/en/")


def test_another_address_must_be_confirmed(world: World) -> None:
    link = invite(world)
    client = world.client("stranger")
    assert client.post(link, {"do": "accept"}).status_code == 422
    assert not Member.objects.filter(user=world.users["stranger"]).exists()
    client.post(link, {"do": "accept", "confirm": "on"})
    assert Member.objects.filter(user=world.users["stranger"], role="colleague").exists()


def test_an_invitation_waits_at_home_for_its_address_only(world: World) -> None:
    invite(world)
    stored = Invitation.objects.get()
    address = reverse("invitation-mine", args=[stored.pk])
    _user, client = newcomer()
    assert address in client.get(reverse("home")).content.decode()
    assert world.client("stranger").post(address, {"do": "accept"}).status_code == 404
    assert Client().post(address, {"do": "accept"}).status_code == 302
    assert client.post(address, {"do": "decline"}).status_code == 302
    assert not Member.objects.filter(user__email="new@example.com").exists()
    assert client.post(address, {"do": "accept"}).status_code == 404


def test_old_withdrawn_and_replaced_invitations_do_not_work(world: World) -> None:
    link = invite(world)
    stored = Invitation.objects.get()
    change = reverse("invitation-change", args=[world.enterprise.pk, stored.pk])
    world.client("owner").post(change, {"do": "resend"})
    newer = re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]
    assert Client().get(link).status_code == 404
    assert Client().get(newer).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(newer).status_code == 404
    link = invite(world)
    assert Client().get(link).status_code == 200
    assert world.client("colleague").post(change, {"do": "withdraw"}).status_code == 404
    world.client("owner").post(change, {"do": "withdraw"})
    assert Client().get(link).status_code == 404
    assert world.client("owner").post(change, {"do": "resend"}).status_code == 404
    assert Client().get(reverse("invitation", args=["guessed"])).status_code == 404


def test_inviting_again_renews_instead_of_doubling(world: World) -> None:
    invite(world)
    invite(world, parts=["miit-2024/foundation"])
    stored = Invitation.objects.get()
    assert stored.parts == {"miit-2024": ["foundation"]}
    with pytest.raises(IntegrityError):
        Invitation.objects.create(
            enterprise=world.enterprise, email=stored.email, role=stored.role, language="en"
        )


def test_members_are_not_invited_twice(world: World) -> None:
    reply = world.client("owner").post(
        reverse("enterprise-people", args=[world.enterprise.pk]),
        {"email": "Colleague@example.com", "role": "colleague", "language": "en"},
    )
    assert reply.status_code == 422
    assert not Invitation.objects.exists()


def test_an_assessor_is_independent(world: World) -> None:
    link = invite(world, "colleague@example.com", "assessor")
    assert world.client("colleague").post(link, {"do": "accept"}).status_code == 422
    link = invite(world, "assessor@example.com", "adviser")
    assert world.client("assessor").post(link, {"do": "accept"}).status_code == 422


def test_an_owner_who_is_invited_as_a_colleague_stays_an_owner(world: World) -> None:
    invitation_send(
        enterprise=world.enterprise,
        email="owner@example.com",
        role=Member.Role.COLLEAGUE,
        language="en",
        by=world.users["owner"],
        base="http://testserver/",
    )
    stored = Invitation.objects.get()
    world.client("owner").post(reverse("invitation-mine", args=[stored.pk]), {"do": "accept"})
    roles = Member.objects.filter(user=world.users["owner"], until=None).values_list("role", flat=True)
    assert list(roles) == ["owner"]


def test_only_owners_manage_people(world: World) -> None:
    member = Member.objects.get(user=world.users["adviser"])
    people = reverse("enterprise-people", args=[world.enterprise.pk])
    end = reverse("member-end", args=[world.enterprise.pk, member.pk])
    promote = reverse("member-promote", args=[world.enterprise.pk, member.pk])
    for person in ("colleague", "assessor", "officer", "stranger"):
        client = world.client(person)
        assert client.get(people).status_code == 404
        assert client.post(end).status_code == 404
        assert client.post(promote).status_code == 404
    assert world.client("owner").post(promote).status_code == 404  # an adviser does not become an owner
    world.client("owner").post(end)
    member.refresh_from_db()
    assert member.until
    assert world.client("adviser").get(reverse("enterprise", args=[world.enterprise.pk])).status_code == 404


def test_a_colleague_leaves_alone(world: World) -> None:
    member = Member.objects.get(user=world.users["colleague"])
    end = reverse("member-end", args=[world.enterprise.pk, member.pk])
    assert world.client("colleague").post(end)["Location"] == reverse("home")
    assert world.client("colleague").get(reverse("enterprise", args=[world.enterprise.pk])).status_code == 404


def test_the_last_owner_hands_over_before_leaving(world: World) -> None:
    owner = Member.objects.get(user=world.users["owner"])
    colleague = Member.objects.get(user=world.users["colleague"])
    client = world.client("owner")
    end = reverse("member-end", args=[world.enterprise.pk, owner.pk])
    client.post(end)
    owner.refresh_from_db()
    assert owner.until is None
    client.post(reverse("member-promote", args=[world.enterprise.pk, colleague.pk]))
    client.post(end)
    owner.refresh_from_db()
    assert owner.until
    roles = Member.objects.filter(user=world.users["colleague"], until=None).values_list("role", flat=True)
    assert list(roles) == ["owner"]


def test_members_of_other_enterprises_are_out_of_reach(world: World) -> None:
    other = Enterprise.objects.create(name="Example Other", claimed_at=timezone.now())
    member = Member.objects.create(enterprise=other, user=world.users["stranger"], role="owner")
    for name in ("member-end", "member-promote"):
        assert (
            world.client("owner").post(reverse(name, args=[world.enterprise.pk, member.pk])).status_code
            == 404
        )
    link = Invitation.objects.create(enterprise=other, email="x@example.com", role="colleague", language="en")
    address = reverse("invitation-change", args=[world.enterprise.pk, link.pk])
    assert world.client("owner").post(address, {"do": "withdraw"}).status_code == 404


def test_who_answered_stands_beside_the_parts(world: World) -> None:
    Member.objects.filter(user=world.users["colleague"]).update(parts={"miit-2024": ["foundation"]})
    answer(world.assessment, some_answers("miit-2024", 2), world.users["owner"])
    page = world.client("colleague").get(reverse("enterprise-parts", args=[world.enterprise.pk]))
    assert "Owner" in page.content.decode()
    assert (
        world.client("owner").get(reverse("enterprise-parts", args=[world.enterprise.pk])).status_code == 200
    )


def test_names_are_never_markup(world: World) -> None:
    Enterprise.objects.filter(pk=world.enterprise.pk).update(name="<b>Example</b> & Sons")
    invite(world)
    assert "<b>Example</b> & Sons" in mail.outbox[-1].body
    for name in ("enterprise", "enterprise-people", "enterprise-consents", "enterprise-erase"):
        page = world.client("owner").get(reverse(name, args=[world.enterprise.pk])).content.decode()
        assert "<b>Example" not in page


def test_a_check_without_answers_can_be_kept(world: World) -> None:
    started = check_start(facts=Facts(sector="machinery", employees=5), standard="miit-2024")
    client = world.client("stranger")
    hold(client, started.enterprise)
    assert client.get(reverse("enterprise-claim", args=[started.enterprise_id])).status_code == 200
    assert claim(client, started.enterprise).status_code == 302


def test_an_address_that_nobody_checked_opens_no_invitation(world: World) -> None:
    invite(world)
    stored = Invitation.objects.get()
    user, client = newcomer()
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    address = reverse("invitation-mine", args=[stored.pk])
    assert address not in client.get(reverse("home")).content.decode()
    assert client.post(address, {"do": "accept"}).status_code == 404


def test_a_colleague_can_be_invited_as_an_owner(world: World) -> None:
    stored = invitation_send(
        enterprise=world.enterprise,
        email="colleague@example.com",
        role=Member.Role.OWNER,
        language="en",
        by=world.users["owner"],
        base="http://testserver/",
    )
    world.client("colleague").post(reverse("invitation-mine", args=[stored.pk]), {"do": "accept"})
    roles = Member.objects.filter(user=world.users["colleague"], until=None).values_list("role", flat=True)
    assert set(roles) == {"owner", "colleague"}


def test_nobody_becomes_an_assessor_by_an_enterprises_word_alone(world: World) -> None:
    link = invite(world, "stranger@example.com", "assessor")
    refused = world.client("stranger").post(link, {"do": "accept"})
    assert refused.status_code == 422
    assert "organisation appointed" in refused.content.decode()
    assert not Member.objects.filter(user=world.users["stranger"]).exists()
    Position.objects.create(user=world.users["stranger"], organisation=world.organisation, role="assessor")
    assert world.client("stranger").post(link, {"do": "accept"}).status_code == 302
    assert Member.objects.filter(user=world.users["stranger"], role="assessor").exists()


@pytest.mark.parametrize("person", ["colleague", "adviser", "assessor"])
def test_everybody_but_the_owner_leaves_on_the_enterprises_page(world: World, person: str) -> None:
    member = Member.objects.get(user=world.users[person])
    end = reverse("member-end", args=[world.enterprise.pk, member.pk])
    address = reverse("enterprise", args=[world.enterprise.pk])
    client = world.client(person)
    assert client.get(address).content.decode().count(f'action="{end}"') == 1
    assert end not in world.client("owner").get(address).content.decode()
    assert client.post(end)["Location"] == reverse("home")
    assert client.get(address).status_code == 404


def test_an_assessor_is_asked_for_no_parts(world: World) -> None:
    invite(world, role="assessor", parts=["miit-2024/foundation"])
    assert Invitation.objects.get().parts == {}
    page = world.client("owner").get(f"/en/enterprises/{world.enterprise.pk}/people/").content.decode()
    assert "Only an assessor whom an organisation appointed" in page


def test_an_officer_without_a_programme_is_shown_the_way_to_one(world: World) -> None:
    world.programme.delete()
    page = world.client("officer").get("/en/home/").content.decode()
    assert 'href="/en/programmes/new/"' in page
    assert "administrator sets it up" not in page


def test_a_pause_of_a_check_leads_to_keeping_it(world: World) -> None:
    page = world.client("holder").get(reverse("interview-pause", args=[world.check.pk])).content.decode()
    assert reverse("enterprise-claim", args=[world.unclaimed.pk]) in page
    assert reverse("account_signup") not in page


def test_home_leads_administrators_and_officers_to_their_places(world: World) -> None:
    page = world.client("administrator").get("/en/home/").content.decode()
    assert page.count('href="/en/admin/"') == 2, "in the menu and on the page"
    assert "Nothing here yet" not in page
    officer = world.client("officer").get("/en/home/").content.decode()
    assert f'href="/en/programmes/{world.programme.pk}/"' in officer
