"""The list of all questions, the history of an answer, and opening an assessment again."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from capillary.sheets.answers import reader_for
from capillary.web import engine
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import (
    Author,
    Change,
    answers_change,
    assessment_complete,
    assessment_reopen,
    assessment_start,
    grades_change,
)

from .kit import World, answer, some_answers
from .test_interview import HTMX


def listed(world: World, person: str, query: str = "") -> str:
    page = world.client(person).get(f"/en/assessments/{world.assessment.pk}/questions/{query}")
    assert page.status_code == 200
    return page.content.decode()


def test_the_list_shows_every_question_and_its_answer_in_words(world: World) -> None:
    grades_change(assessment=world.assessment, grades={"Q01": "documented"})
    text = listed(world, "owner")
    assert text.count('class="card answer-row"') == 31
    assert "The workshop has a network for machine control" in text
    assert "Owner · " in text
    assert "Documented" in text
    assert f"/en/assessments/{world.assessment.pk}/questions/Q01/?from=list" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=open", 18),
        ("?state=answered", 12),
        ("?state=unknown", 1),
        ("?q=q01", 1),
        ("?q=nobody+would+ask+this", 0),
        ("?state=answered&q=workshop+machine+control", 1),
        ("?state=nonsense", 0),
    ],
)
def test_the_list_can_be_searched_and_filtered(world: World, query: str, found: int) -> None:
    owner = world.users["owner"]
    answers_change(
        assessment=world.assessment,
        changes=[Change("S16", None)],
        author=Author(owner, Revision.Origin.OWNER),
    )
    text = listed(world, "owner", query)
    assert text.count('class="card answer-row"') == found
    assert ("No question fits" in text) == (found == 0)


def test_the_list_can_be_narrowed_to_one_person(world: World) -> None:
    colleague = world.users["colleague"]
    answers_change(
        assessment=world.assessment,
        changes=[Change("S16", 2)],
        author=Author(colleague, Revision.Origin.COLLEAGUE),
    )
    text = listed(world, "owner", f"?by={colleague.pk}")
    assert text.count('class="card answer-row"') == 1
    assert 'id="S16"' in text


def test_only_those_who_may_answer_get_links_to_change_an_answer(world: World) -> None:
    for person, may in (
        ("owner", True),
        ("colleague", True),
        ("adviser", True),
        ("assessor", False),
        ("officer", False),
    ):
        assert ("?from=list" in listed(world, person)) == may, person
    assert (
        world.client("stranger").get(reverse("assessment-questions", args=[world.assessment.pk])).status_code
        == 404
    )
    away = world.client("anonymous").get(reverse("assessment-questions", args=[world.assessment.pk]))
    assert "/accounts/login/" in away["Location"]


def test_an_officer_sees_the_answers_and_not_who_gave_them(world: World) -> None:
    text = listed(world, "officer")
    assert "The workshop has a network for machine control" in text
    assert 'name="by"' not in text
    history = (
        world.client("officer")
        .get(f"/en/assessments/{world.assessment.pk}/questions/Q01/history/")
        .content.decode()
    )
    assert "Owner · " in history
    assert "Owner · Owner" not in history


def test_the_history_shows_who_when_and_why(world: World) -> None:
    answers_change(
        assessment=world.assessment,
        changes=[Change("S16", 2, "counted again")],
        author=Author(world.users["adviser"], Revision.Origin.ADVISER),
    )
    answers_change(
        assessment=world.assessment,
        changes=[Change("S16", None)],
        author=Author(world.users["owner"], Revision.Origin.OWNER),
    )
    client = world.client("colleague")
    where = f"/en/assessments/{world.assessment.pk}/questions/S16/history/"
    text = client.get(where).content.decode()
    for wanted in ("counted again", "Adviser · Adviser", "Owner · Owner", "Don't know"):
        assert wanted in text
    part = client.get(where, headers=HTMX).content.decode()
    assert "<html" not in part
    assert "counted again" in part
    assert client.get(where.replace("S16", "none")).status_code == 404
    assert world.client("stranger").get(where).status_code == 404


@pytest.mark.parametrize("count", [1, 31])
def test_the_list_costs_few_queries_however_many_answers_there_are(
    world: World, count: int, django_assert_max_num_queries: Any
) -> None:
    for number, (name, value) in enumerate(list(some_answers("miit-2024", 31).items())[:count]):
        person = ("owner", "colleague", "adviser")[number % 3]
        answer(world.assessment, {name: value}, world.users[person])
    client = world.client("owner")
    with django_assert_max_num_queries(10):
        client.get(reverse("assessment-questions", args=[world.assessment.pk]))


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 302), ("colleague", 302), ("adviser", 302), ("stranger", 404), ("assessor", 404)],
)
def test_a_completed_assessment_can_be_opened_again(world: World, person: str, status: int) -> None:
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    assert ("Open it again" in listed(world, "owner")) is True
    response = world.client(person).post(reverse("assessment-reopen", args=[world.assessment.pk]))
    assert response.status_code == status
    world.assessment.refresh_from_db()
    assert (world.assessment.status == Assessment.Status.OPEN) == (status == 302)


def test_a_signed_or_an_earlier_assessment_stays_closed(world: World) -> None:
    client = world.client("owner")
    client.post(reverse("assessment-reopen", args=[world.earlier.pk]))
    world.earlier.refresh_from_db()
    assert world.earlier.status == Assessment.Status.COMPLETED
    with pytest.raises(ValueError, match="stays closed"):
        assessment_reopen(assessment=world.earlier, by=world.users["owner"])
    Assessment.objects.filter(pk=world.assessment.pk).update(status=Assessment.Status.SIGNED)
    page = client.post(reverse("assessment-reopen", args=[world.assessment.pk]), follow=True)
    assert "stays closed" in page.content.decode() or "仍然关闭" in page.content.decode()
    world.assessment.refresh_from_db()
    assert world.assessment.status == Assessment.Status.SIGNED


def test_what_another_standard_says_is_named(world: World) -> None:
    other = assessment_start(enterprise=world.enterprise, standard="eu-dii-v3", by=world.users["owner"])
    reader = reader_for(engine.standards()["eu-dii-v3"])
    low, high = list(reader.unknown_low), list(reader.unknown_high)
    low[0] = high[0]
    other.carried = {"from": str(world.assessment.pk), "lowest": low, "highest": high}
    other.save()
    where = f"/en/assessments/{other.pk}/questions/?state=carried"
    text = world.client("owner").get(where).content.decode()
    assert text.count('class="card answer-row"') == 1
    assert "Known from another assessment" in text
