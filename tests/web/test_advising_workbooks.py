"""Workbooks: download, errors by cell, preview, taking over, undoing."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from capillary.sheets.answers import read_sheet
from capillary.sheets.form import write_form
from capillary.web import engine
from capillary.web.advising.models import WorkbookImport
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_workbook import import_preview
from capillary.web.advising.services_workbook import (
    OutdatedError,
    import_apply,
    import_prepare,
    import_undo,
)
from capillary.web.advising.words import values_of
from capillary.web.advising.workbooks import ReadBook
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import assessment_complete, assessment_start

from ..sheet_kit import answers_by_lot
from .access_tables.advising import another_answer
from .kit import World, answer, some_answers

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book_of(world: World, answers: dict[str, Any], **facts: Any) -> ReadBook:
    sheet = read_sheet(
        {"standard": world.assessment.standard, "enterprise": facts, "answers": answers},
        engine.library().find,
    )
    return ReadBook("form.xlsx", "0" * 64, sheet, "")


def workbook_bytes(
    standard: str, answers: dict[str, Any], tmp_path: Path, language: Any = "en", **facts: Any
) -> bytes:
    find = engine.library().find
    sheet = read_sheet({"standard": standard, "enterprise": facts, "answers": answers}, find)
    path = tmp_path / "form.xlsx"
    write_form(find(standard), path, language, sheet)
    return path.read_bytes()


def edited(content: bytes, cells: dict[str, Any], sheet: str = "Answers") -> bytes:
    book = load_workbook(io.BytesIO(content))
    for cell, value in cells.items():
        book[sheet][cell] = value
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def cell_of(content: bytes, key: str, sheet: str = "Answers") -> str:
    rows = load_workbook(io.BytesIO(content))[sheet]
    return next(f"D{row[0].row}" for row in rows.iter_rows(max_col=1) if row[0].value == key)


def upload(world: World, content: bytes, person: str = "adviser", name: str = "form.xlsx") -> Any:
    file = SimpleUploadedFile(name, content, EXCEL)
    return world.client(person).post(
        f"/en/assessments/{world.assessment.pk}/workbook/", {"workbook": file}, follow=True
    )


def prepared(world: World, answers: dict[str, Any]) -> WorkbookImport:
    return import_prepare(
        assessment=world.assessment, book=book_of(world, answers), by=world.users["adviser"]
    )


def taken_over(world: World, answers: dict[str, Any], *, remove: bool = False) -> WorkbookImport:
    return import_apply(
        found=prepared(world, answers),
        assessment=world.assessment,
        base=world.assessment.revision,
        by=world.users["adviser"],
        remove=remove,
    )


def test_the_downloaded_workbook_holds_the_answers_and_uploads_unchanged(world: World) -> None:
    page = world.client("adviser").get(reverse("workbook-form", args=[world.assessment.pk]))
    content = b"".join(page.streaming_content)
    assert page["Content-Type"] == EXCEL
    assert "attachment" in page["Content-Disposition"]
    shown = upload(world, content)
    assert "There is nothing to apply" in shown.content.decode()
    assert world.assessment.revisions.count() == 12


def test_every_error_is_shown_with_sheet_row_and_cell_and_nothing_changes(
    world: World, tmp_path: Path
) -> None:
    content = workbook_bytes("miit-2024", dict(values_of(world.assessment)), tmp_path)
    first, second = another_answer(world)[0], another_answer(world, 1)[0]
    cells = {cell_of(content, first): "ZZ", cell_of(content, second): "many"}
    shown = upload(world, edited(content, cells))
    page = shown.content.decode()
    assert shown.status_code == 422
    for cell in cells:
        assert f">{cell}<" in page
    assert "2 things to mend" in page
    assert not WorkbookImport.objects.exists()
    assert world.assessment.revisions.count() == 12


def test_errors_are_told_in_the_language_of_the_page(world: World, tmp_path: Path) -> None:
    content = workbook_bytes("miit-2024", dict(values_of(world.assessment)), tmp_path)
    wrong = edited(content, {cell_of(content, another_answer(world)[0]): "ZZ"})
    file = SimpleUploadedFile("form.xlsx", wrong, EXCEL)
    page = world.client("adviser").post(
        f"/zh-hans/assessments/{world.assessment.pk}/workbook/", {"workbook": file}
    )
    told = page.content.decode().split('<ol class="troubles">')[1].split("</ol>")[0]
    assert "工作表“Answers”" in told
    assert re.findall("[a-z]{4,}", re.sub("<[^>]*>|Answers", "", told)) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 nothing", "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0 old", "old kind"),
        (b"PK\x03\x04 broken", "cannot be read as a workbook"),
        (b"0" * (5 * 2**20 + 1), "at most 5 MiB"),
    ],
)
def test_what_is_no_workbook_is_refused(world: World, content: bytes, said: str) -> None:
    shown = upload(world, content)
    assert shown.status_code == 422
    assert said in shown.content.decode()


def test_macros_are_refused_whatever_the_file_is_called(world: World, tmp_path: Path) -> None:
    content = workbook_bytes("miit-2024", {}, tmp_path)
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"code")
    assert "holds macros" in upload(world, packed.getvalue()).content.decode()


def test_another_archive_is_refused(world: World) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert "not an Excel workbook" in upload(world, packed.getvalue()).content.decode()


def test_the_form_of_another_standard_is_named(world: World, tmp_path: Path) -> None:
    content = workbook_bytes("eu-dma", {}, tmp_path)
    assert "is for another standard" in upload(world, content).content.decode()


def test_the_form_of_another_edition_is_named(world: World, tmp_path: Path) -> None:
    content = workbook_bytes("miit-2024", {}, tmp_path)
    book = load_workbook(io.BytesIO(content))
    for row in book["_capillary"].iter_rows():
        if row[0].value == "standard":
            row[1].value = "miit-2022"
    packed = io.BytesIO()
    book.save(packed)
    assert "another edition: miit-2022" in upload(world, packed.getvalue()).content.decode()


def test_the_workbook_of_another_firm_is_refused(world: World, tmp_path: Path) -> None:
    content = workbook_bytes("miit-2024", {}, tmp_path, id=str(world.unclaimed.pk), name="Another Firm")
    assert "made for another firm: Another Firm" in upload(world, content).content.decode()


def test_another_name_has_to_be_confirmed(world: World, tmp_path: Path) -> None:
    question, value = another_answer(world)
    content = workbook_bytes("miit-2024", {question: value}, tmp_path, name="Another Firm")
    shown = upload(world, content)
    address = shown.redirect_chain[-1][0]
    assert "The workbook names another firm" in shown.content.decode()
    client = world.client("adviser")
    refused = client.post(address, {"base": world.assessment.revision})
    assert refused.status_code == 422
    client.post(address, {"base": world.assessment.revision, "right_firm": "1"})
    assert Revision.objects.filter(assessment=world.assessment, origin="workbook").count() == 1


def test_preview_apply_and_undo_through_the_pages(world: World, tmp_path: Path) -> None:
    question, value = another_answer(world)
    before = dict(values_of(world.assessment))
    content = workbook_bytes("miit-2024", {**some_answers("miit-2024", 14), question: value}, tmp_path)
    shown = upload(world, content)
    address = shown.redirect_chain[-1][0]
    page = shown.content.decode()
    assert "Changed answers" in page
    assert "New answers" in page
    assert world.assessment.revisions.count() == 12, "a preview changes nothing"
    client = world.client("adviser")
    applied = client.post(address, {"base": world.assessment.revision}, follow=True)
    assert "Applied from the workbook" in applied.content.decode()
    changed = Assessment.objects.get(pk=world.assessment.pk)
    assert changed.answers[question]["value"] == value
    assert changed.answered == 14
    undone = client.post(f"{address}undo/", follow=True)
    assert "This workbook was undone" in undone.content.decode()
    assert values_of(Assessment.objects.get(pk=world.assessment.pk)) == before
    assert Revision.objects.filter(assessment=world.assessment).count() == 12 + 2 * 3


def test_a_change_meanwhile_shows_the_preview_anew(world: World) -> None:
    question, value = another_answer(world)
    found = prepared(world, {question: value})
    base = world.assessment.revision
    other, another = another_answer(world, 1)
    answer(world.assessment, {other: another}, world.users["owner"])
    address = reverse("workbook-import", args=[world.assessment.pk, found.pk])
    refused = world.client("adviser").post(address, {"base": base})
    title = engine.standards()["miit-2024"].by_id[other].title.in_("en")
    assert refused.status_code == 409
    page = world.client("adviser").get(address.replace("/zh-hans/", "/en/")).content.decode()
    assert "Changed in the product since the upload" in page
    assert title in page
    with pytest.raises(OutdatedError):
        import_apply(found=found, assessment=world.assessment, base=base, by=world.users["adviser"])


def test_what_the_workbook_leaves_out_is_kept_unless_chosen(world: World) -> None:
    question, value = another_answer(world)
    before = dict(values_of(world.assessment))
    preview = import_preview(prepared(world, {question: value}), world.assessment)
    assert (len(preview.changed), len(preview.added), len(preview.left_out)) == (1, 0, 11)
    taken_over(world, {question: value})
    assert values_of(world.assessment) == {**before, question: value}
    found = taken_over(world, {question: value}, remove=True)
    assert values_of(world.assessment) == {question: value}
    import_undo(found=found, assessment=world.assessment, by=world.users["adviser"])
    assert values_of(world.assessment) == {**before, question: value}


def test_undo_leaves_alone_what_was_changed_since(world: World) -> None:
    first, value = another_answer(world)
    second, other = another_answer(world, 1)
    former = world.assessment.answers[second]["value"]
    found = taken_over(world, {first: value, second: other})
    answer(world.assessment, {first: None}, world.users["owner"])
    kept = import_undo(found=found, assessment=world.assessment, by=world.users["adviser"])
    assert kept == [first]
    assert first not in world.assessment.answers
    assert world.assessment.answers[second]["value"] == former


def test_nothing_is_taken_over_twice_or_into_a_closed_assessment(world: World) -> None:
    question, value = another_answer(world)
    found = taken_over(world, {question: value})
    with pytest.raises(NotNowError):
        import_apply(
            found=found,
            assessment=world.assessment,
            base=world.assessment.revision,
            by=world.users["adviser"],
        )
    assessment_complete(assessment=world.assessment, by=world.users["owner"])
    with pytest.raises(NotNowError):
        import_undo(found=found, assessment=world.assessment, by=world.users["adviser"])
    with pytest.raises(NotNowError):
        prepared(world, {question: value})


def test_the_order_of_ticks_is_no_change(world: World) -> None:
    from capillary.model.standard import Multiple

    standard = engine.standard_of(world.assessment)
    multiple = next(
        item for item in standard.questions if isinstance(item, Multiple) and len(item.options) > 3
    )
    keys = [option.key for option in multiple.options if not option.exclusive][:2]
    answer(world.assessment, {multiple.id: keys}, world.users["owner"])
    preview = import_preview(prepared(world, {multiple.id: keys[::-1]}), world.assessment)
    assert preview.same == 1
    assert not preview.changed


def test_a_variant_is_taken_over_where_there_is_none_and_goes_with_the_undo(world: World) -> None:
    assessment = assessment_start(enterprise=world.enterprise, standard="cmmm-2020", by=world.users["owner"])
    sheet = read_sheet(
        {"standard": "cmmm-2020", "variant": "process", "answers": some_answers("cmmm-2020", 2)},
        engine.library().find,
    )
    found = import_prepare(
        assessment=assessment, book=ReadBook("f.xlsx", "0" * 64, sheet, ""), by=world.users["owner"]
    )
    assert import_preview(found, assessment).variant.en
    import_apply(found=found, assessment=assessment, base=0, by=world.users["owner"])
    assert Assessment.objects.get(pk=assessment.pk).variant == "process"
    import_undo(found=found, assessment=assessment, by=world.users["owner"])
    assert Assessment.objects.get(pk=assessment.pk).variant == ""


@pytest.mark.parametrize("count", [1, 31])
def test_taking_over_costs_as_many_queries_for_one_answer_as_for_all(
    world: World, django_assert_max_num_queries: Any, count: int
) -> None:
    answers = dict(list(answers_by_lot(engine.standards()["miit-2024"], Random(5)).items())[-count:])  # noqa: S311
    found = prepared(world, answers)
    address = reverse("workbook-import", args=[world.assessment.pk, found.pk])
    client = world.client("adviser")
    with django_assert_max_num_queries(14):
        client.post(address, {"base": world.assessment.revision})
    assert WorkbookImport.objects.get().applied_at


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.randoms(use_true_random=False), second=st.randoms(use_true_random=False), remove=st.booleans()
)
def test_taking_over_and_undoing_restores_every_answer(
    world: World,
    first: Random,
    second: Random,
    remove: bool,  # noqa: FBT001 - drawn, not passed by a caller
) -> None:
    standard = engine.standards()["miit-2024"]
    world.assessment.refresh_from_db()
    answer(world.assessment, answers_by_lot(standard, first, share=0.6), world.users["owner"])
    before = dict(values_of(world.assessment))
    level = (world.assessment.score_low, world.assessment.score_high)
    count = Revision.objects.filter(assessment=world.assessment).count()
    given_answers = answers_by_lot(standard, second, share=0.6)
    found = taken_over(world, given_answers, remove=remove)
    for name, value in values_of(world.assessment).items():
        assert name in given_answers or value == before[name]
    grown = Revision.objects.filter(assessment=world.assessment).count()
    import_undo(found=found, assessment=world.assessment, by=world.users["adviser"])
    assert values_of(world.assessment) == before
    assert (world.assessment.score_low, world.assessment.score_high) == level
    assert count <= grown <= Revision.objects.filter(assessment=world.assessment).count()
    assert grown == count + found.changes


def test_only_the_firm_and_its_adviser_upload(world: World) -> None:
    address = reverse("workbook-upload", args=[world.assessment.pk])
    for person in ("owner", "colleague", "adviser"):
        assert world.client(person).get(address).status_code == 200, person
    for person in ("assessor", "officer", "stranger", "provider"):
        assert world.client(person).get(address).status_code == 404, person


def test_an_adviser_whose_membership_ended_is_a_stranger(world: World) -> None:
    world.enterprise.members.filter(role="adviser").update(until=timezone.now())
    address = reverse("workbook-upload", args=[world.assessment.pk])
    assert world.client("adviser").get(address).status_code == 404
    assert world.enterprise.name not in world.client("adviser").get(reverse("adviser-home")).content.decode()


def test_a_file_that_was_dropped_on_its_way_in_is_too_large_and_not_missing(
    world: World, settings: Any
) -> None:
    settings.EVIDENCE_FILE_LIMIT = 100_000
    page = upload(world, b"x" * 200_000)
    assert page.status_code == 422
    assert "The file is too large: at most 5 MiB" in page.content.decode()
    assert "This field is required" not in page.content.decode()


def test_the_way_to_the_workbook_stands_with_the_questions(world: World) -> None:
    way = f"/en/assessments/{world.assessment.pk}/workbook/"
    for person in ("owner", "colleague", "adviser", "assessor", "officer"):
        text = world.client(person).get(f"/en/assessments/{world.assessment.pk}/questions/").content.decode()
        assert (way in text) == (person in {"owner", "colleague", "adviser"}), person
    assert way in world.client("colleague").get(f"/en/enterprises/{world.enterprise.pk}/").content.decode()
    check = world.client("holder").get(f"/en/assessments/{world.check.pk}/questions/").content.decode()
    assert "/workbook/" not in check
