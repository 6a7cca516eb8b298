"""The result page: what it shows to whom, what it costs, and the way on to other standards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.urls import reverse

from capillary.report.page import AccountLine
from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_complete, assessment_start, grades_change
from capillary.web.core.models import AuditEntry
from capillary.web.results.shown import AccountNode, fresh_result, result_of, without_answers

from .kit import World, answer, some_answers

READERS = ("owner", "colleague", "adviser", "assessor", "officer")


def page_of(world: World, person: str, name: str = "assessment-result", **query: object) -> str:
    response = world.client(person).get(f"/en{path(name, world.assessment.pk)}", query)
    assert response.status_code == 200
    return response.content.decode()


def path(name: str, *args: object) -> str:
    return re.sub(r"^/[a-z-]+/", "/", reverse(name, args=args))


@pytest.mark.parametrize("person", READERS)
def test_who_belongs_to_the_enterprise_reads_its_result(world: World, person: str) -> None:
    page = page_of(world, person)
    assert "Example Metal Parts" in page
    assert ("/share/" in page) == (person == "owner")
    assert ("open question" in page) == (person in {"owner", "colleague", "adviser"})


@pytest.mark.parametrize(
    "name", ["assessment-result", "assessment-history", "assessment-xlsx", "assessment-share"]
)
def test_a_stranger_finds_nothing_and_others_are_asked_who_they_are(world: World, name: str) -> None:
    address = reverse(name, args=[world.assessment.pk])
    assert world.client("stranger").get(address).status_code == 404
    assert "login" in world.client("anonymous").get(address)["Location"]


def test_reading_by_outsiders_is_noted(world: World) -> None:
    page_of(world, "officer")
    entry = AuditEntry.objects.get(kind="read")
    assert (entry.role, entry.enterprise) == ("officer", world.enterprise.pk)


def test_the_holder_of_a_check_is_told_to_keep_it(world: World) -> None:
    page = world.client("holder").get(reverse("assessment-result", args=[world.check.pk])).content.decode()
    assert 'id="keep-title"' in page
    assert "/share/" not in page
    assert 'id="keep-title"' not in page_of(world, "owner")


def leaves(node: AccountNode) -> list[AccountNode]:
    return [node] if not node.children else [leaf for child in node.children for leaf in leaves(child)]


def lines(node: AccountNode) -> list[AccountLine]:
    return [node.line, *(line for child in node.children for line in lines(child))]


@pytest.mark.parametrize("standard", sorted(engine.standards()))
@pytest.mark.parametrize("count", [0, 5, 60])
def test_the_account_is_a_tree_of_all_its_lines(world: World, standard: str, count: int) -> None:
    if standard == world.assessment.standard:
        return
    found = assessment_start(enterprise=world.enterprise, standard=standard, by=None)
    answer(found, some_answers(standard, count))
    result = fresh_result(found)
    assert lines(result.account) == list(result.page.accounting.lines)
    for leaf in leaves(result.account):
        assert leaf.source is not None
        assert bool(leaf.grade) == (leaf.question in found.answers)
    response = world.client("owner").get(reverse("assessment-result", args=[found.pk]))
    assert response.status_code == 200


def test_a_kept_result_is_the_fresh_one_and_never_an_old_one(world: World) -> None:
    first = result_of(world.assessment)
    assert (
        result_of(Assessment.objects.get(pk=world.assessment.pk)) == first == fresh_result(world.assessment)
    )
    grades_change(assessment=world.assessment, grades={"Q01": "documented"})
    graded = result_of(world.assessment)
    assert graded.page.head.weighed
    answer(world.assessment, some_answers("miit-2024", 14))
    answered = result_of(world.assessment)
    assert len(answered.open) < len(graded.open)
    assert answered == fresh_result(world.assessment)
    world.assessment.enterprise.name = "Renamed"
    assert result_of(world.assessment).page.head.name == "Renamed"


def test_what_is_shown_without_answers_names_no_answer(world: World) -> None:
    grades_change(assessment=world.assessment, grades={"Q01": "documented"})
    bare = without_answers(result_of(world.assessment))
    assert not bare.account.children
    assert not bare.page.accounting.lines
    assert not bare.page.shortcomings.first
    assert not bare.page.steps.first
    assert not bare.across
    assert not bare.page.obstacles.rests_on


def test_declared_and_supported_stand_side_by_side(world: World) -> None:
    assert "Add evidence" in page_of(world, "owner") or "evidence" not in page_of(world, "owner")
    grades_change(assessment=world.assessment, grades={"Q01": "documented"})
    page = page_of(world, "owner")
    assert 'class="weighed"' in page
    assert "<dd>Documented</dd>" in page


def test_another_standard_starts_with_what_is_known(world: World) -> None:
    client = world.client("owner")
    response = client.post(reverse("across-start", args=[world.assessment.pk, "eu-dma"]))
    started = Assessment.objects.get(standard="eu-dma")
    assert response["Location"] == reverse("interview", args=[started.pk])
    assert started.carried["from"]
    again = client.post(reverse("across-start", args=[world.assessment.pk, "eu-dma"]))
    assert again["Location"] == response["Location"]
    assert (
        reverse("interview", args=[started.pk])
        in client.get(reverse("assessment-result", args=[world.assessment.pk])).content.decode()
    )
    assert client.post(reverse("across-start", args=[world.assessment.pk, "no-such"])).status_code == 404
    assert (
        world.client("assessor")
        .post(reverse("across-start", args=[world.assessment.pk, "eu-dma"]))
        .status_code
        == 404
    )


def grow(world: World, assessments: int) -> None:
    for _ in range(assessments):
        last = assessment_start(enterprise=world.enterprise, standard="miit-2024", by=world.users["owner"])
        answer(last, some_answers("miit-2024", 4), world.users["owner"])
        assessment_complete(assessment=last, by=world.users["owner"])


@pytest.mark.parametrize("more", [0, 38])
@pytest.mark.parametrize("person", ["owner", "officer"])
def test_the_pages_cost_few_queries(
    world: World, person: str, more: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    caches["process"].clear()
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    grow(world, more)
    client = world.client(person)
    for name in ("assessment-result", "assessment-history"):
        address = reverse(name, args=[world.assessment.pk])
        with django_assert_max_num_queries(20):
            client.get(address)  # the first one, which also asks for fresh figures about peers
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("count", [2, 31])
def test_the_number_of_answers_costs_no_query(
    world: World, count: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    answer(world.assessment, some_answers("miit-2024", count), world.users["owner"])
    client = world.client("owner")
    address = reverse("assessment-result", args=[world.assessment.pk])
    client.get(address)
    with django_assert_max_num_queries(10):
        client.get(address)


def test_the_history_says_what_changed(world: World) -> None:
    question = engine.standards()["miit-2024"].by_id["Q03"]
    answer(world.assessment, {"Q03": question.options[-1].key}, world.users["owner"])
    page = page_of(world, "owner", "assessment-history")
    assert "What changed from T0 to T1" in page
    assert question.options[-1].text.en in page.replace("&#x27;", "'")
    assert "better" in page
    other = page_of(world, "owner", "assessment-history", **{"from": "9", "to": "x"})
    assert "What changed from T0 to T1" in other
    grow(world, 2)
    page = page_of(world, "owner", "assessment-history", **{"from": "2", "to": "0"})
    assert "What changed from T0 to T2" in page


def test_a_history_of_one_says_that_more_will_come(world: World) -> None:
    only = assessment_start(enterprise=world.enterprise, standard="eu-dma", by=world.users["owner"])
    page = world.client("owner").get(reverse("assessment-history", args=[only.pk])).content.decode()
    assert "empty-state" in page
    assert "data-chart" not in page
    assert 'id="changes-title"' not in page


def test_charts_have_their_table_and_break_no_policy(world: World) -> None:
    response = world.client("owner").get(reverse("assessment-result", args=[world.assessment.pk]))
    page = response.content.decode()
    assert page.count("<figure") == page.count("application/json") == 1
    assert page.index("<figure") < page.index("<table")
    assert "style=" not in page
    assert "unsafe-inline" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["assessment-result", "assessment-history", "assessment-xlsx", "assessment-pdf"]
)
def test_a_standard_that_is_gone_is_said_and_no_error(world: World, name: str) -> None:
    Assessment.objects.filter(enterprise=world.enterprise).update(standard="gone-2001")
    response = world.client("owner").get(reverse(name, args=[world.assessment.pk]))
    assert response.status_code == 503
    assert b"<h1>" in response.content
