"""The interview from the first page to the certain level, as a browser without JavaScript sees it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from capillary.model.standard import Grid, Multiple, Ticks
from capillary.web import engine
from capillary.web.assessments.models import Assessment, Revision

from .kit import World, some_answers


def posted(standard: str, question_id: str) -> dict[str, object]:
    question = engine.library().find(standard).by_id[question_id]
    names = [item.id for item in engine.library().find(standard).questions]
    value = some_answers(standard, len(names))[question_id]
    if isinstance(question, Grid | Ticks):
        return {f"part.{key}": given for key, given in value.items()}
    if isinstance(question, Multiple):
        return {"answer": value}
    return {"answer": {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value}


@pytest.mark.django_db
@pytest.mark.parametrize("standard", ["miit-2024", "cis-ig1", "eu-dma", "eu-dii-v3", "cmmm-2020"])
def test_a_check_without_an_account_reaches_a_certain_level(standard: str) -> None:
    client = Client()
    start = client.post(
        "/en/check/", {"sector": "machinery", "employees": "40", "standard": standard, "variant": ""}
    )
    assert start.status_code == 302
    page = client.get(start["Location"], follow=True)
    for _ in range(60):
        found = re.search(r'data-question="([^"]+)"', page.content.decode())
        if found is None:
            break
        address = page.request["PATH_INFO"]
        page = client.post(address, {"do": "save", **posted(standard, found[1])}, follow=True)
        assert page.status_code == 200
    assessment = Assessment.objects.get()
    assert "See the result" in page.content.decode()
    assert assessment.certain or assessment.answered == len(engine.standards()[standard].questions)
    assert Revision.objects.filter(assessment=assessment).count() == assessment.answered


def test_saving_an_answer_costs_few_queries_however_many_answers_there_are(
    world: World, django_assert_max_num_queries: object
) -> None:
    client = world.client("owner")
    for name in ("Q20", "S05", "S06"):
        question = engine.standards()["miit-2024"].by_id.get(name)
        if question is None:
            continue
        with django_assert_max_num_queries(8):
            client.post(
                reverse("interview-question", args=[world.assessment.pk, name]),
                {"do": "save", **posted("miit-2024", name)},
                headers={"HX-Request": "true"},
            )
