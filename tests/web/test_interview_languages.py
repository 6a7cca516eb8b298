"""The language can be switched on every question, and nothing that was chosen or typed is lost."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Ticks
from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import Facts, check_start

from .kit import World, hold, some_answers
from .test_interview import HTMX, address, form_of

STANDARDS = ("miit-2024", "cis-ig1", "eu-dma", "eu-dii-v3", "cmmm-2020")


def one_of_each_kind() -> list[tuple[str, str]]:
    found = {}
    for standard in STANDARDS:
        for question in engine.standards()[standard].questions:
            found.setdefault((standard, type(question).__name__), question.id)
    return [(standard, name) for (standard, _), name in found.items()]


def started(standard: str) -> tuple[Client, Assessment]:
    assessment = check_start(facts=Facts(sector="machinery", employees=40), standard=standard)
    client = Client()
    hold(client, assessment.enterprise)
    return client, assessment


def ticked(page: Any) -> set[tuple[str, str]]:
    boxes = re.findall(
        r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]+)"( checked)?', page.content.decode()
    )
    return {(name, html.unescape(value)) for name, value, checked in boxes if checked}


@pytest.mark.django_db
@pytest.mark.parametrize(("standard", "name"), one_of_each_kind())
def test_what_was_chosen_is_there_in_the_other_language(standard: str, name: str) -> None:
    client, assessment = started(standard)
    question = engine.standards()[standard].by_id[name]
    value = some_answers(standard, len(engine.standards()[standard].questions))[name]
    sent = form_of(question, value)
    page = client.post(address(assessment, name), {"do": "in-zh-hans", **sent}, follow=True)
    assert page.request["PATH_INFO"] == address(assessment, name, "zh-hans")
    assert question.text.zh in html.unescape(page.content.decode())
    wanted = {
        (field, str(each))
        for field, given in sent.items()
        for each in (given if isinstance(given, list) else [given])
    }
    if isinstance(question, Ticks | Grid | Multiple | Boolean | Level | Rate):
        assert wanted <= ticked(page)
    page = client.post(address(assessment, name, "zh-hans"), {"do": "in-en", **sent}, follow=True)
    assert question.text.en in html.unescape(page.content.decode())
    assert ticked(page) >= wanted


@pytest.mark.django_db
def test_nothing_chosen_switches_the_language_all_the_same() -> None:
    client, assessment = started("eu-dma")
    for name in engine.standards()["eu-dma"].by_id:
        page = client.post(address(assessment, name), {"do": "in-zh-hans"}, follow=True)
        assert page.request["PATH_INFO"] == address(assessment, name, "zh-hans")
    assessment.refresh_from_db()
    assert assessment.answers == {}
    assert client.cookies["language"].value == "zh-hans"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["about half", "150", "12,5 %", "-3", '"><b>'])
def test_a_percentage_that_can_not_be_used_is_not_lost(typed: str) -> None:
    client, assessment = started("miit-2024")
    wrong = client.post(address(assessment, "Q02"), {"do": "save", "percent": typed})
    assert wrong.status_code == 422
    assert field(wrong) == typed
    page = client.post(address(assessment, "Q02"), {"do": "in-zh-hans", "percent": typed}, follow=True)
    assert page.request["PATH_INFO"] == address(assessment, "Q02", "zh-hans")
    assert field(page) == typed
    by_part = client.post(address(assessment, "Q02"), {"do": "in-zh-hans", "percent": typed}, headers=HTMX)
    assert field(client.get(by_part.headers["HX-Redirect"])) == typed
    assessment.refresh_from_db()
    assert assessment.answers == {}


def field(page: Any) -> str:
    found = re.search(r'name="percent"[^>]* value="([^"]*)"', page.content.decode())
    assert found
    return html.unescape(found[1])


@pytest.mark.django_db
def test_a_band_takes_the_place_of_a_percentage_without_javascript() -> None:
    client, assessment = started("miit-2024")
    client.post(address(assessment, "Q02"), {"do": "save", "percent": " ３５％ "})
    page = client.get(address(assessment, "Q02"))
    assert field(page) == "35"
    assert ticked(page) == set()
    client.post(address(assessment, "Q02"), {"do": "save", "percent": "35", "answer": "E"})
    page = client.get(address(assessment, "Q02"))
    assert field(page) == ""
    assert ticked(page) == {("answer", "E")}
    client.post(address(assessment, "Q02"), {"do": "save", "percent": "12.5", "answer": "E"})
    assert field(client.get(address(assessment, "Q02"))) == "12.5"


@pytest.mark.django_db
def test_options_that_exclude_each_other_stay_ticked_in_the_other_language() -> None:
    client, assessment = started("miit-2024")
    page = client.post(address(assessment, "Q01"), {"do": "in-zh-hans", "answer": ["A", "B"]}, follow=True)
    assert ticked(page) == {("answer", "A"), ("answer", "B")}


def test_the_way_back_to_the_list_outlives_the_language(world: World) -> None:
    client = world.client("owner")
    where = address(world.assessment, "Q02")
    page = client.post(f"{where}?from=list", {"do": "in-zh-hans", "percent": "x"}, follow=True)
    assert "from=list" in page.request["QUERY_STRING"]
    wrong = client.post(f"{where}?from=list", {"do": "save", "percent": "x"}, headers=HTMX)
    assert wrong.headers["HX-Push-Url"] == f"{where}?from=list"
    saved = client.post(f"{where}?from=list", {"do": "save", "percent": "20"})
    assert saved["Location"] == f"{reverse('assessment-questions', args=[world.assessment.pk])}#Q02".replace(
        "/zh-hans/", "/en/"
    )


def test_a_language_that_is_not_there_is_a_page_that_is_not_there(world: World) -> None:
    response = world.client("owner").post(address(world.assessment, "Q02"), {"do": "in-xx", "percent": "20"})
    assert response.status_code == 404
