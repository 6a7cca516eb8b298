"""The places of advisers and assessors: lists, search, paging, adding a firm."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from capillary.web.advising import services_review
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.services_firms import firm_withdraw
from capillary.web.assessments.services import assessment_complete, assessment_start
from capillary.web.enterprises.models import Enterprise, Invitation, Member

from .kit import World, answer, some_answers

FACTS = {
    "name": "Example Castings",
    "sector": "machinery",
    "employees": "30",
    "region": "CN-JS",
    "owner_email": "boss@example.com",
}


def here(name: str, *args: Any) -> str:
    return reverse(name, args=args).replace("/zh-hans/", "/en/")


def more_firms(world: World, count: int, role: str) -> None:
    for number in range(count):
        firm = Enterprise.objects.create(name=f"Workshop {number:03}", claimed_at=timezone.now())
        Member.objects.create(enterprise=firm, user=world.users[role], role=role)
        assessment = assessment_start(enterprise=firm, standard="miit-2024", by=None)
        answer(assessment, some_answers("miit-2024", 2))
        assessment_complete(assessment=assessment, by=None)


def test_an_adviser_adds_a_firm_and_its_owner_is_invited(world: World) -> None:
    client = world.client("adviser")
    page = client.post(here("adviser-firm-add"), FACTS, follow=True)
    firm = Enterprise.objects.get(name="Example Castings")
    assert "the owner gets a letter" in page.content.decode()
    assert "boss@example.com is invited" in page.content.decode()
    assert firm.claimed_at, "it is no check without an account that is cleared away"
    assert list(firm.members.values_list("user__email", "role")) == [("adviser@example.com", "adviser")]
    assert Invitation.objects.get().role == "owner"
    assert mail.outbox[-1].to == ["boss@example.com"]


def test_the_owner_of_a_new_firm_can_end_the_advisers_access(world: World) -> None:
    client = world.client("adviser")
    client.post(here("adviser-firm-add"), FACTS)
    firm = Enterprise.objects.get(name="Example Castings")
    client.get(here("adviser-home"))  # shows the message of the form before
    firm.members.update(until=timezone.now())
    assert "Example Castings" not in client.get(here("adviser-home")).content.decode()
    assert client.get(here("adviser-owner-invite", firm.pk)).status_code == 404


def test_the_owner_is_somebody_else_than_the_adviser(world: World) -> None:
    page = world.client("adviser").post(
        here("adviser-firm-add"), {**FACTS, "owner_email": "Adviser@example.com"}
    )
    assert page.status_code == 422
    assert "your own address" in page.content.decode()
    assert "Example Castings" in page.content.decode(), "nothing that was typed is lost"
    assert not Enterprise.objects.filter(name="Example Castings").exists()


def test_the_invitation_can_be_sent_again_until_there_is_an_owner(world: World) -> None:
    client = world.client("adviser")
    client.post(here("adviser-firm-add"), FACTS)
    firm = Enterprise.objects.get(name="Example Castings")
    client.post(here("adviser-owner-invite", firm.pk), {"owner_email": "boss@example.com"})
    assert Invitation.objects.count() == 1
    assert len(mail.outbox) == 2
    refused = client.post(here("adviser-owner-invite", world.enterprise.pk), {"owner_email": "x@example.com"})
    assert refused.status_code == 422


def test_only_who_has_the_position_adds_firms(world: World) -> None:
    world.users["adviser"].positions.all().delete()
    client = world.client("adviser")
    assert client.get(here("adviser-home")).status_code == 200, "an enterprise let the person in"
    assert client.get(here("adviser-firm-add")).status_code == 404
    assert client.post(here("adviser-firm-add"), FACTS).status_code == 404


def test_the_advisers_list_shows_owner_last_result_and_what_is_open(world: World) -> None:
    page = world.client("adviser").get(here("adviser-home")).content.decode()
    assert "Example Metal Parts" in page
    assert "Owner" in page
    assert "19 questions open" in page
    assert here("workbook-upload", world.assessment.pk) in page
    assert here("assessment-result", world.earlier.pk) in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_advisers_list_costs_as_many_queries_for_one_firm_as_for_a_page(
    world: World, django_assert_max_num_queries: Any, count: int
) -> None:
    more_firms(world, count, "adviser")
    client = world.client("adviser")
    with django_assert_max_num_queries(12):
        page = client.get(here("adviser-home"))
    assert page.content.decode().count('class="card firm"') == min(25, count + 1)


def test_search_and_pages(world: World) -> None:
    more_firms(world, 30, "adviser")
    client = world.client("adviser")
    second = client.get(here("adviser-home"), {"page": 2}).content.decode()
    assert second.count('class="card firm"') == 6
    found = client.get(here("adviser-home"), {"q": "shop 01"}).content.decode()
    assert found.count('class="card firm"') == 10
    many = client.get(here("adviser-home"), {"q": "shop"}).content.decode()
    assert "?page=2&amp;q=shop" in many
    nothing = client.get(here("adviser-home"), {"q": "no such"}).content.decode()
    assert "No firm has a name like this" in nothing


def test_the_assessors_list_by_state(world: World) -> None:
    client = world.client("assessor")

    def found(state: str) -> int:
        page = client.get(here("assessor-home"), {"state": state}).content.decode()
        return page.count('class="card firm"')

    assert (found(""), found("to-verify"), found("in-work"), found("signed")) == (1, 1, 0, 0)
    question = next(iter(world.earlier.answers))
    services_review.answer_confirm(assessment=world.earlier, question=question, by=world.users["assessor"])
    assert (found("to-verify"), found("in-work")) == (0, 1)
    for name in world.earlier.answers:
        services_review.answer_confirm(assessment=world.earlier, question=name, by=world.users["assessor"])
    services_review.review_sign(assessment=world.earlier, by=world.users["assessor"])
    assert (found("in-work"), found("signed"), found("objections")) == (0, 1, 0)


@pytest.mark.parametrize("count", [1, 30])
def test_the_assessors_list_costs_as_many_queries_for_one_assessment_as_for_a_page(
    world: World, django_assert_max_num_queries: Any, count: int
) -> None:
    more_firms(world, count, "assessor")
    client = world.client("assessor")
    with django_assert_max_num_queries(8):
        client.get(here("assessor-home"))


def test_the_places_are_only_for_those_who_work_there(world: World) -> None:
    for name, person in (("adviser-home", "adviser"), ("assessor-home", "assessor")):
        for other in ("owner", "colleague", "officer", "provider", "administrator", "stranger"):
            assert world.client(other).get(here(name)).status_code == 404, other
        assert world.client(person).get(here(name)).status_code == 200
        assert world.client("anonymous").get(here(name)).status_code == 302


def test_the_adviser_withdraws_a_firm_that_never_had_an_owner(world: World) -> None:
    client = world.client("adviser")
    client.post(here("adviser-firm-add"), FACTS)
    firm = Enterprise.objects.get(name="Example Castings")
    way = here("adviser-firm-withdraw", firm.pk)
    home = client.get(here("adviser-home")).content.decode()
    assert home.count("Withdraw the firm") == 1
    assert way in home
    assert client.post(way, {"name": "Example"}).status_code == 422
    done = client.post(way, {"name": "Example Castings"}, follow=True)
    assert "Example Castings is erased." in done.content.decode()
    firm.refresh_from_db()
    assert (firm.name, bool(firm.erased_at)) == ("", True)
    assert not Invitation.objects.exists()


def test_nobody_withdraws_a_firm_that_has_or_had_an_owner(world: World) -> None:
    client = world.client("adviser")
    assert client.get(here("adviser-firm-withdraw", world.enterprise.pk)).status_code == 404
    client.post(here("adviser-firm-add"), FACTS)
    firm = Enterprise.objects.get(name="Example Castings")
    owner = Member.objects.create(
        enterprise=firm, user=world.users["stranger"], role="owner", until=timezone.now()
    )
    assert client.post(here("adviser-firm-withdraw", firm.pk), {"name": firm.name}).status_code == 404
    with pytest.raises(NotNowError):
        firm_withdraw(firm=firm, by=world.users["adviser"])
    owner.delete()
    Member.objects.filter(enterprise=firm).update(let_in_by=world.users["owner"])
    assert client.get(here("adviser-firm-withdraw", firm.pk)).status_code == 404
