"""The interview from the first page to the certain level, as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from capillary.model.standard import Boolean, Grid, Multiple, Question, Ticks
from capillary.web import engine
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change, answers_give

from .kit import World, answer, some_answers

HTMX = {"HX-Request": "true"}


def posted(standard: str, question_id: str) -> dict[str, Any]:
    """Return the form of a middling answer to a question."""
    question = engine.standards()[standard].by_id[question_id]
    value = some_answers(standard, len(engine.standards()[standard].questions))[question_id]
    return form_of(question, value)


def form_of(question: Question, value: Any) -> dict[str, Any]:
    match question:
        case Grid() | Ticks():
            return {f"part.{key}": given for key, given in value.items()}
        case Boolean():
            return {"answer": "true" if value else "false"}
        case Multiple():
            return {"answer": value}
    return {"answer": value}


def address(assessment: Assessment, question_id: str, language: str = "en") -> str:
    return f"/{language}/assessments/{assessment.pk}/questions/{question_id}/"


@pytest.mark.django_db
@pytest.mark.parametrize("standard", ["miit-2024", "cis-ig1", "eu-dma", "eu-dii-v3", "cmmm-2020"])
def test_a_check_without_an_account_reaches_a_certain_level(standard: str) -> None:
    client = Client()
    start = client.post("/en/check/", {"sector": "machinery", "employees": "40", "standard": standard})
    assert start.status_code == 302
    page = client.get(start["Location"], follow=True)
    for _ in range(60):
        found = re.search(r'data-question="([^"]+)"', page.content.decode())
        if found is None:
            break
        page = client.post(
            page.request["PATH_INFO"], {"do": "save", **posted(standard, found[1])}, follow=True
        )
        assert page.status_code == 200
    assessment = Assessment.objects.get()
    assert "See the result" in page.content.decode()
    assert assessment.certain or assessment.answered == len(engine.standards()[standard].questions)
    assert Revision.objects.filter(assessment=assessment).count() == assessment.answered


@pytest.mark.django_db
def test_the_start_form_remembers_what_was_said_and_names_what_is_wrong() -> None:
    page = Client().post("/en/check/", {"sector": "machinery", "employees": "many", "region": "CN-JS"})
    text = page.content.decode()
    assert "Write a whole number in digits" in text
    assert 'value="many"' in text
    assert '<option value="machinery" selected>' in text
    assert '<option value="CN-JS" selected>' in text
    assert not Assessment.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "kept"), [("process", "process"), ("", "")])
def test_the_variant_counts_only_under_its_standard(chosen: str, kept: str) -> None:
    facts = {"sector": "machinery", "employees": "40", "variant-cmmm-2020": chosen}
    Client().post("/en/check/", {**facts, "standard": "cmmm-2020"})
    Client().post("/en/check/", {**facts, "standard": "miit-2024"})
    assert dict(Assessment.objects.values_list("standard", "variant")) == {"cmmm-2020": kept, "miit-2024": ""}
    refused = Client().post("/en/check/", {**facts, "standard": "cmmm-2020", "variant-cmmm-2020": "other"})
    assert refused.status_code == 200
    assert "<details" in refused.content.decode()


@pytest.mark.django_db
def test_too_many_checks_from_one_address_are_refused_kindly(settings: Any) -> None:
    settings.LIMITS = {"check": "2/h"}
    cache.clear()
    client = Client()
    facts = {"sector": "machinery", "employees": "40", "standard": "eu-dii-v3"}
    assert [client.post("/en/check/", facts).status_code for _ in range(3)] == [302, 302, 429]
    assert "Too many attempts" in client.post("/en/check/", facts).content.decode()
    assert client.get("/en/check/").status_code == 200


def test_back_leads_over_several_questions_and_keeps_what_was_chosen(world: World) -> None:
    client = world.client("holder")
    check = world.check
    first, second, third = check.asked
    page = client.get(reverse("interview", args=[check.pk]), follow=True)
    now = page.request["PATH_INFO"].rstrip("/").split("/")[-1]
    page = client.post(address(check, now), {"do": "back", **posted("miit-2024", now)})
    assert f'data-question="{third}"' in page.content.decode()
    page = client.post(address(check, third), {"do": "back"})
    assert f'data-question="{second}"' in page.content.decode()
    page = client.post(address(check, second), {"do": "back"})
    assert f'data-question="{first}"' in page.content.decode()
    assert 'value="back"' not in page.content.decode()
    check.refresh_from_db()
    assert now in check.answers
    assert check.answers[third]["value"] == some_answers("miit-2024", 3)[third]


def test_the_same_answer_sent_twice_is_one_revision(world: World) -> None:
    client = world.client("owner")
    before = Revision.objects.count()
    for _ in range(2):
        response = client.post(address(world.assessment, "S16"), {"answer": "2"}, headers=HTMX)
        assert response.headers["Answer-Saved"] == "S16"
    assert Revision.objects.count() == before + 1


def test_dont_know_and_does_not_apply_are_always_there_and_are_said_again(world: World) -> None:
    client = world.client("holder")
    client.post(address(world.check, "S01"), {"do": "unknown"})
    assert "You said: don" in client.get(address(world.check, "S01")).content.decode()
    client.post(address(world.check, "S02"), {"do": "na"})
    assert "You said: does not apply" in client.get(address(world.check, "S02")).content.decode()
    world.check.refresh_from_db()
    assert "S01" in world.check.asked
    assert "S01" not in world.check.answers
    assert world.check.answers["S02"]["value"] == "na"


def test_nothing_chosen_is_said_and_nothing_is_saved(world: World) -> None:
    page = world.client("holder").post(address(world.check, "S01"), {"do": "save"})
    assert page.status_code == 422
    assert "Nothing is chosen yet" in page.content.decode()
    assert "Answer-Saved" not in page.headers


def test_a_part_is_sent_to_htmx_and_the_whole_page_to_a_browser_that_goes_back(world: World) -> None:
    client = world.client("holder")
    part = client.get(address(world.check, "S01"), headers=HTMX).content.decode()
    assert "<html" not in part
    assert part.lstrip().startswith("<title>")
    whole = client.get(
        address(world.check, "S01"), headers={**HTMX, "HX-History-Restore-Request": "true"}
    ).content.decode()
    assert "<html" in whole


def test_the_certain_level_stops_the_interview_and_detail_goes_on(world: World) -> None:
    client = world.client("owner")
    nothing = {
        item.id: 0
        if item.id.startswith("S")
        else [item.options[0].key]
        if isinstance(item, Multiple)
        else item.options[0].key
        for item in engine.standards()["miit-2024"].questions
    }
    answer(world.assessment, dict(list(nothing.items())[:-2]), world.users["owner"])
    page = client.get(f"/en/assessments/{world.assessment.pk}/interview/")
    assert "Your level is certain" in page.content.decode()
    assert "Answer 2 more questions for detail" in page.content.decode()
    page = client.post(f"/en/assessments/{world.assessment.pk}/interview/go-on/", follow=True)
    assert "data-question" in page.content.decode()
    for name, value in list(nothing.items())[-2:]:
        page = client.post(address(world.assessment, name), {"answer": str(value)}, follow=True)
    assert "All questions are done" in page.content.decode()


def test_a_completed_assessment_takes_no_more_answers(world: World) -> None:
    client = world.client("owner")
    pk = world.assessment.pk
    client.post(reverse("assessment-complete", args=[pk]))
    result = reverse("assessment-result", args=[pk])
    for name in ("interview", "interview-pause"):
        assert client.get(reverse(name, args=[pk]))["Location"] == result
    assert client.post(reverse("interview-go-on", args=[pk]))["Location"] == result
    where = reverse("interview-question", args=[pk, "S16"])
    assert client.get(where)["Location"] == result
    before = Revision.objects.count()
    response = client.post(where, {"answer": "2"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == result
    assert "Answer-Saved" not in response.headers
    assert Revision.objects.count() == before


def test_the_pause_says_how_to_come_back(world: World) -> None:
    text = world.client("holder").get(f"/en/assessments/{world.check.pk}/interview/pause/").content.decode()
    assert "in this browser" in text
    text = (
        world.client("owner").get(f"/en/assessments/{world.assessment.pk}/interview/pause/").content.decode()
    )
    assert "on any device" in text


def test_the_start_page_leads_back_to_the_check(world: World) -> None:
    for person, assessment in (("holder", world.check), ("colleague", world.assessment)):
        text = world.client(person).get("/en/").content.decode()
        assert f"/en/assessments/{assessment.pk}/interview/" in text
    for person in ("anonymous", "stranger", "officer"):
        assert "/interview/" not in world.client(person).get("/en/").content.decode()


def test_an_answer_kept_by_the_browser_does_not_undo_a_later_one(world: World) -> None:
    client = world.client("owner")
    where = address(world.assessment, "S16")
    kept = {"answer": "1", "kept": "1", "seen": ""}
    assert client.post(where, kept, headers=HTMX).headers["Answer-Saved"] == "S16"
    assert client.post(where, kept, headers=HTMX).headers["Answer-Saved"] == "S16"  # it had arrived before
    world.client("colleague").post(where, {"answer": "3"}, headers=HTMX)
    late = client.post(where, kept, headers=HTMX)
    assert late.status_code == 409
    assert "Answer-Saved" not in late.headers
    world.assessment.refresh_from_db()
    assert world.assessment.answers["S16"]["value"] == 3


def test_a_part_of_a_page_sends_the_whole_browser_to_the_sign_in_page(world: World) -> None:
    where = address(world.assessment, "S16")
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{where}"}
    response = world.client("anonymous").post(where, {"answer": "1"}, headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == f"/en/accounts/login/?next={where}"


def test_the_holder_of_a_check_may_use_it_and_nothing_else(world: World) -> None:
    client = world.client("holder")
    own = [world.check.pk]
    for name in ("interview", "interview-pause", "assessment-questions"):
        assert client.get(reverse(name, args=own), follow=True).status_code == 200
        assert "/accounts/login/" in client.get(reverse(name, args=[world.assessment.pk]))["Location"]
    assert client.get(reverse("answer-history", args=[*own, "S01"])).status_code == 200
    client.post(reverse("assessment-complete", args=own))
    client.post(reverse("assessment-reopen", args=own))
    world.check.refresh_from_db()
    assert world.check.status == Assessment.Status.OPEN


@pytest.mark.parametrize("person", ["stranger", "officer", "provider", "assessor"])
def test_those_who_may_not_answer_are_not_told_that_there_is_anything(world: World, person: str) -> None:
    client = world.client(person)
    for name in ("interview", "interview-pause"):
        assert client.get(reverse(name, args=[world.assessment.pk])).status_code == 404
    assert client.post(address(world.assessment, "S16"), {"answer": "1"}).status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_saving_an_answer_costs_few_queries_however_many_answers_there_are(
    world: World, count: int, django_assert_max_num_queries: Any
) -> None:
    answers = some_answers("miit-2024", 31)
    names = list(answers)
    assessment = world.check if count == 1 else world.assessment
    person = "holder" if count == 1 else "owner"
    answer(assessment, {name: answers[name] for name in names[:count]}, world.users.get(person))
    assessment.detail = True
    assessment.save()
    client = world.client(person)
    with django_assert_max_num_queries(8):
        response = client.post(
            address(assessment, names[-1]), {"do": "save", **posted("miit-2024", names[-1])}, headers=HTMX
        )
    assert response.headers["Answer-Saved"] == names[-1]


def test_of_two_who_answer_at_once_nobody_is_overwritten(world: World) -> None:
    """Both have read the same row; the second one writes nothing and has to read it anew."""
    author = Author(world.users["owner"], Revision.Origin.OWNER)
    one, other = (
        Assessment.objects.select_related("enterprise").get(pk=world.assessment.pk) for _ in range(2)
    )
    (mine, first), (theirs, second) = list(some_answers("miit-2024", 31).items())[20:22]
    assert answers_give(assessment=one, changes=[Change(mine, first)], author=author)
    assert not answers_give(assessment=other, changes=[Change(theirs, second)], author=author)
    stored = Assessment.objects.get(pk=world.assessment.pk)
    assert stored.revision == world.assessment.revision + 1 == stored.revisions.count()


def test_whoever_is_overtaken_while_answering_is_saved_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine, _), (theirs, second) = list(some_answers("miit-2024", 31).items())[20:22]

    def overtaken(**given: object) -> bool:
        row = Assessment.objects.select_related("enterprise").get(pk=world.assessment.pk)
        answer(row, {theirs: second}, world.users["colleague"])
        return answers_give(**given)

    monkeypatch.setattr("capillary.web.assessments.services.answers_give", overtaken)
    page = reverse("interview-question", args=[world.assessment.pk, mine])
    assert world.client("owner").post(page, {"do": "save", **posted("miit-2024", mine)}).status_code == 302
    stored = Assessment.objects.get(pk=world.assessment.pk)
    assert stored.answers[theirs]["by"] == world.users["colleague"].pk
    assert stored.answers[mine]["by"] == world.users["owner"].pk
    assert stored.revision == stored.revisions.count()
