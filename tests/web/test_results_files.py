"""The result as PDF and as workbook."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader

from capillary.model.problems import InputError
from capillary.web.assessments.services import grades_change
from capillary.web.enterprises.models import Enterprise
from capillary.web.results import views_files
from capillary.web.results.views_files import file_name

from .kit import World

pytestmark = pytest.mark.anywhere


def book(world: World, language: str = "en") -> Workbook:
    response = world.client("owner").get(f"/{language}/assessments/{world.assessment.pk}/result.xlsx")
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def named(world: World, name: str) -> None:
    Enterprise.objects.filter(pk=world.enterprise.pk).update(name=name)
    world.assessment.enterprise.refresh_from_db()


def test_the_workbook_holds_result_account_answers_and_shortcomings(world: World) -> None:
    grades_change(assessment=world.assessment, grades={"Q01": "measured"})
    found = book(world)
    assert found.sheetnames == ["Result", "Score account", "Answers", "Shortcomings"]
    facts = {row[0].value: row[1].value for row in found["Result"].iter_rows(min_row=2)}
    assert facts["Sector"] == "Metals and metal products"
    assert facts["Score, lowest and highest possible"] == pytest.approx(world.assessment.score_low)
    account = list(found["Score account"].iter_rows(min_row=2, values_only=True))
    assert account[0][6] == 100
    assert sum(account[0][2:6]) == pytest.approx(account[0][6])
    answers = {row[0]: row for row in found["Answers"].iter_rows(min_row=2, values_only=True)}
    assert answers["Q01"][5] == "Measured"
    assert answers["S16"][4] == "Not answered" if "S16" in answers else True
    assert found["Shortcomings"]["A2"].value == 1


def test_the_workbook_speaks_chinese(world: World) -> None:
    found = book(world, "zh-hans")
    assert found.sheetnames == ["结果", "得分明细", "答案", "短板"]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://example.com","x")', "+1", "-1+1", "@SUM(A1)", "\t=1"])
def test_a_name_never_becomes_a_formula(world: World, name: str) -> None:
    named(world, name)
    cell = book(world)["Result"]["B2"]
    assert cell.data_type == "s"
    assert cell.value.strip() == name.strip()
    assert cell.quotePrefix


def test_a_name_with_control_signs_makes_no_broken_file(world: World) -> None:
    named(world, "Exa\x07mple\x0b")
    assert book(world)["Result"]["B2"].value == "Example"


@pytest.mark.parametrize(("language", "word"), [("en", "Jiangsu"), ("zh-hans", "江苏")])
def test_the_pdf_is_in_the_language_of_the_page(world: World, language: str, word: str) -> None:
    response = world.client("owner").get(f"/{language}/assessments/{world.assessment.pk}/result.pdf")
    assert response["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    assert "Example Metal Parts" in text
    assert word in text


def test_file_names_are_safe_in_every_language(world: World) -> None:
    named(world, '示例/金属 "制品"\r\n..')
    name = file_name(world.assessment, "pdf")
    assert name.startswith("示例-金属-制品-miit-2024-T1-")
    response = world.client("owner").get(reverse("assessment-xlsx", args=[world.assessment.pk]))
    assert "filename*=utf-8''%E7%A4%BA" in response["Content-Disposition"]
    named(world, "///")
    assert file_name(world.assessment, "pdf").startswith("capillary-")


def test_where_no_pdf_can_be_made_the_page_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from capillary.model.problems import Place, Problem
    from capillary.model.text import msg

    def broken(*_: object, **__: object) -> None:
        raise InputError([Problem("pdf-unavailable", Place(), msg("No font."), msg("Install one."))])

    monkeypatch.setattr(views_files, "render_pdf", broken)
    response = world.client("owner").get(f"/en/assessments/{world.assessment.pk}/result.pdf")
    assert response.status_code == 503
    assert "Install one." in response.content.decode()
