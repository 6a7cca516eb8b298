"""Journey 5: an adviser fills in with a workbook, an assessor verifies on site, the owner objects."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from capillary.web.advising.models import Objection, ReviewMark, WorkbookImport
from capillary.web.advising.words import values_of
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_complete

from ..access_tables.advising import another_answer

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def present(world: Any) -> Assessment:
    return Assessment.objects.select_related("enterprise").get(pk=world.assessment.pk)


def edited(path: Path, cells: dict[str, Any]) -> dict[str, Any]:
    """Return a downloaded workbook with other answers, by key, as a file to upload."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    sheet = next(book[name] for name in ("填报", "Answers") if name in book.sheetnames)
    for row in sheet.iter_rows(max_col=1):
        if row[0].value in cells:
            sheet.cell(row[0].row, 4).value = cells[row[0].value]
    packed = io.BytesIO()
    book.save(packed)
    return {"name": "answers.xlsx", "mimeType": EXCEL, "buffer": packed.getvalue()}


def fill(page: Page, path: Path, cells: dict[str, Any]) -> None:
    page.set_input_files("input[type=file]", edited(path, cells))
    page.click("form[enctype] button.btn-primary")


@pytest.mark.django_db(transaction=True)
def test_an_adviser_fills_in_with_a_workbook(visit: Callable[..., Any], world: Any) -> None:
    adviser = visit(world.client("adviser"))
    page = adviser.go("/adviser/")
    adviser.check("advising-firms")
    page.click("a[href$='/adviser/firms/new/']")
    adviser.check("advising-firm-add")
    page.fill("#id_name", "Example Castings")
    page.select_option("#id_sector", "machinery")
    page.fill("#id_owner_email", "boss@example.com")
    page.click("main form button.btn-primary")
    expect(page.locator("main")).to_contain_text("boss@example.com")
    page.click(f"a[href$='/assessments/{world.assessment.pk}/workbook/']")
    adviser.check("advising-workbook")
    with page.expect_download() as download:
        page.click("a[href$='/workbook/form/']")
    path = Path(download.value.path())
    first, value = another_answer(world)
    second, other = another_answer(world, 1)
    before = values_of(present(world))

    fill(page, path, {first: "ZZ", second: "many"})
    expect(page.locator(".troubles li")).to_have_count(2)
    expect(page.locator(".troubles .cell").first).to_have_text(re.compile(r"^D\d+$"))
    adviser.check("advising-workbook-errors")
    assert values_of(present(world)) == before

    fill(page, path, {first: value, second: other, "S05": "2"})
    expect(page.locator(".tiles dd").first).to_have_text("1")
    adviser.check("advising-preview")
    assert values_of(present(world)) == before
    page.click(".confirm button.btn-primary")
    expect(page.locator(".change")).to_have_count(3)
    adviser.check("advising-applied")
    assert present(world).answers[first]["value"] == value
    page.click("form[action$='/undo/'] button")
    page.wait_for_function("!document.querySelector(\"form[action$='/undo/']\")")
    adviser.check("advising-undone")
    assert values_of(present(world)) == before
    assert WorkbookImport.objects.get().undone_at


def mark_all_but(page: Page, names: list[str]) -> None:
    """Confirm all of these answers but the last, which could not be checked."""
    page.click(f"#{names[-1]} summary")
    page.fill(f"#{names[-1]} input[name=note]", "The line stood still.")
    page.click(f"#{names[-1]} button[value=unchecked]")
    expect(page.locator(f"#{names[-1]} .badge-plain")).to_be_visible()
    for name in names[:-1]:
        page.click(f"#{name} button[value=confirm]")
        expect(page.locator(f"#{name} .badge-plain")).to_be_visible()
    assert ReviewMark.objects.count() == len(names)


@pytest.mark.django_db(transaction=True)
def test_an_assessor_verifies_and_the_owner_objects(visit: Callable[..., Any], world: Any) -> None:
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    question, value = another_answer(world)
    before = values_of(present(world))
    assessor = visit(world.client("assessor"))
    page = assessor.go("/assessor/")
    assessor.check("advising-to-verify")
    page.click(f"a[href$='/assessments/{world.assessment.pk}/review/']")
    assessor.check("advising-review")

    mark_all_but(page, [name for name in before if name != question])
    page.click(f"#{question} a[href$='/correct/']")
    page.check(f"input[name=answer][value='{value}']")
    page.click("main form button.btn-primary")
    expect(page.locator(".invalid-feedback")).to_be_visible()
    assessor.check("advising-correct")
    page.fill("textarea[name=reason]", "The second line is not connected.")
    page.click("main form button.btn-primary")
    expect(page.locator(f"#{question} .old-new")).to_be_visible()
    assessor.check("advising-review-done")
    page.click("#review-progress a.btn-primary")
    expect(page.locator(".standing")).to_be_visible()
    assessor.check("advising-sign")
    page.fill("textarea[name=note]", "A thorough self-assessment.")
    page.click("main form button.btn-primary")
    expect(page.locator(".alert-success").first).to_be_visible()
    assert present(world).status == "signed"

    owner = visit(world.client("owner"))
    theirs = owner.go(f"/enterprises/{world.enterprise.pk}/")
    owner.check("advising-notices")
    theirs.click(f"#content a[href$='/assessments/{world.assessment.pk}/review/']")
    owner.check("advising-review-owner")
    theirs.click(f"#{question} a[href$='/object/']")
    theirs.fill("textarea[name=text]", "It has been connected since May.")
    theirs.fill("textarea[name=proposal]", "As we said.")
    owner.check("advising-objection")
    theirs.click("main form button.btn-primary")
    expect(theirs.locator(".objection")).to_be_visible()

    page = assessor.go("/assessor/?state=objections")
    expect(page.locator(".badge-plain.warn")).to_be_visible()
    page.click("section.firm h2 a")
    page.click(f"#{question} a[href$='/answer/']")
    page.fill("textarea[name=answer]", "You are right, I saw the invoice.")
    assessor.check("advising-objection-answer")
    page.click("button[value=uphold]")
    expect(page.locator(".objection.upheld")).to_be_visible()
    assert values_of(present(world)) == before
    assert Objection.objects.get().state == "upheld"
    owner.go(f"/assessments/{world.assessment.pk}/review/")
    expect(theirs.locator(".objection.upheld")).to_be_visible()
    owner.check("advising-upheld")
