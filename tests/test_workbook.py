"""The form: what it looks like to those who fill it in, and what is said when something in it cannot be used."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from capillary.content import load_standard
from capillary.model.problems import InputError, Problem
from capillary.model.text import Language
from capillary.sheets.form import write_form
from capillary.sheets.layout import rows_of
from capillary.sheets.workbook import LARGEST_BOOK, LARGEST_XML, MOST_PARTS, read_workbook

from .sheet_kit import STANDARDS

KEY, ANSWER, FACT = 1, 4, 3


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the empty forms of all standards in both languages."""
    folder = tmp_path_factory.mktemp("forms")
    for name in STANDARDS:
        for language in ("zh", "en"):
            write_form(load_standard(name), folder / f"{name}-{language}.xlsx", language)
    return folder


@pytest.fixture
def form(forms: Path, tmp_path: Path) -> Path:
    """Return an empty form of miit-2024 in English."""
    return Path(tmp_path / "form.xlsx").write_bytes((forms / "miit-2024-en.xlsx").read_bytes()) and (
        tmp_path / "form.xlsx"
    )


def answers_of(book: Any) -> Worksheet:
    sheet: Worksheet = book.worksheets[2]
    return sheet


def row_of(sheet: Worksheet, key: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, KEY).value == key)


def edit(path: Path, change: Callable[[Any], None]) -> Path:
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def put(path: Path, **values: Any) -> Path:
    """Write answers into the form by key; ``Q01_B`` stands for ``Q01.B``."""

    def change(book: Any) -> None:
        sheet = answers_of(book)
        for key, value in values.items():
            sheet.cell(row_of(sheet, key.replace("_", ".")), ANSWER).value = value

    return edit(path, change)


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_workbook(path, load_standard)
    for problem in caught.value.problems:
        assert problem.place.file == path.name
        assert problem.remedy.in_("en")
    return list(caught.value.problems)


def only(path: Path, code: str) -> Problem:
    (problem,) = problems_of(path)
    assert problem.code == code
    return problem


# --- the form itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_and_option_stands_in_both_languages(
    forms: Path, name: str, language: Language
) -> None:
    sheet = answers_of(load_workbook(forms / f"{name}-{language}.xlsx"))
    first = {sheet.cell(row, 3).value for row in range(1, sheet.max_row + 1)}
    second = {sheet.cell(row, 5).value for row in range(1, sheet.max_row + 1)}
    other: Language = "en" if language == "zh" else "zh"
    for row in rows_of(load_standard(name)):
        assert row.text.in_(language) in first
        assert row.text.in_(other) in second


@pytest.mark.parametrize("name", STANDARDS)
def test_guidance_says_what_counts_and_which_papers_show_it(forms: Path, name: str) -> None:
    sheet = answers_of(load_workbook(forms / f"{name}-en.xlsx"))
    for question in load_standard(name).questions:
        note = str(sheet.cell(row_of(sheet, question.id) + 1, 3).value)
        assert question.example.en in note
        assert all(paper.en in note for paper in question.evidence)
        assert all(item.en in note for item in question.inputs)


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_only_answer_cells_can_be_changed(forms: Path, name: str, language: Language) -> None:
    book = load_workbook(forms / f"{name}-{language}.xlsx")
    keys = {row.key for row in rows_of(load_standard(name)) if row.key and row.kind != "heading"}
    for number, sheet in enumerate(book.worksheets):
        assert sheet.protection.sheet
        unlocked = {
            cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked
        }
        column = {1: FACT, 2: ANSWER}.get(number)
        keyed = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, KEY).value]
        if column is None:
            assert unlocked == set()
        elif number == 1:
            assert unlocked == {sheet.cell(row, column).coordinate for row in keyed}
        else:
            assert unlocked == {
                sheet.cell(row, column).coordinate for row in keyed if sheet.cell(row, KEY).value in keys
            }
    assert book.security is not None
    assert book.security.lockStructure
    assert [sheet.sheet_state for sheet in book.worksheets[3:]] == ["hidden", "hidden"]
    assert all(book.worksheets[number].column_dimensions["A"].hidden for number in (1, 2))


def offered(book: Any, coordinate: str) -> list[str]:
    """Return what the drop-down of an answer cell offers."""
    for validation in answers_of(book).data_validations.dataValidation:
        if coordinate in validation.sqref and validation.type == "list":
            assert validation.showErrorMessage
            assert validation.error
            inline = re.fullmatch(r'"([^"]*)"', validation.formula1)
            if inline:
                return inline[1].split(",")
            title, area = validation.formula1.rsplit("!", 1)
            return [cell.value for (cell,) in book[title.strip("'")][area.replace("$", "")]]
    return []


@pytest.mark.parametrize("name", STANDARDS)
def test_every_answer_cell_has_its_list_or_takes_a_percentage(forms: Path, name: str) -> None:
    book = load_workbook(forms / f"{name}-en.xlsx")
    sheet = answers_of(book)
    for row in rows_of(load_standard(name)):
        if row.kind not in {"tick", "choice", "percent"}:
            continue
        cell = sheet.cell(row_of(sheet, row.key), ANSWER)
        choices = offered(book, cell.coordinate)
        if row.kind == "tick":
            assert choices == ["✓"]
        elif row.kind == "choice":
            assert len(choices) == len(row.choices)
        else:
            (rule,) = [
                item for item in sheet.data_validations.dataValidation if cell.coordinate in item.sqref
            ]
            assert rule.showErrorMessage
            assert f"{cell.coordinate}<=100" in rule.formula1
            assert all(f'{cell.coordinate}="{key}"' in rule.formula1 for key, _ in row.choices)


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_that_a_drop_down_offers_is_read(
    forms: Path, tmp_path: Path, name: str, language: Language
) -> None:
    """Each choice in turn, in all cells at once: as many rounds as the longest list is long."""
    standard = load_standard(name)
    rows = [row for row in rows_of(standard) if row.kind == "choice"]
    path = tmp_path / "form.xlsx"
    for turn in range(max((len(row.choices) for row in rows), default=0)):
        book = load_workbook(forms / f"{name}-{language}.xlsx")
        sheet = answers_of(book)
        for row in rows:
            cell = sheet.cell(row_of(sheet, row.key), ANSWER)
            cell.value = offered(book, cell.coordinate)[turn % len(row.choices)]
        book.save(path)
        answers = read_workbook(path, load_standard).answers
        for row in rows:
            given = answers[row.question]
            given = given[row.label] if isinstance(given, dict) else given
            expected = row.choices[turn % len(row.choices)][0]
            assert str(given).casefold() == expected.casefold()


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_are_high_enough_for_their_text(forms: Path, name: str, language: Language) -> None:
    """A column as wide as n digits holds about n/2 Chinese characters, and some 1.2 n letters, of 10 points."""
    sheet = answers_of(load_workbook(forms / f"{name}-{language}.xlsx"))
    for row in range(4, sheet.max_row + 1):
        height = sheet.row_dimensions[row].height
        assert 0 < height <= 409
        for column in (3, 5):
            cell = sheet.cell(row, column)
            room = sheet.column_dimensions["ABCDE"[column - 1]].width / 2 * 10 / cell.font.size
            lines = [
                sum(1 if sign > "\u2e80" else 0.42 for sign in line)
                for line in str(cell.value or "").split("\n")
            ]
            assert height >= sum(max(1, -(-line // room)) for line in lines) * cell.font.size * 1.2


def test_the_same_form_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_form(load_standard("eu-dii-v3"), tmp_path / name, "zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_form_of_word_ids_counts_its_questions(forms: Path) -> None:
    sheet = answers_of(load_workbook(forms / "cmmm-2020-en.xlsx"))
    labels = [sheet.cell(row_of(sheet, q.id), 2).value for q in load_standard("cmmm-2020").questions]
    assert labels == [str(number) for number in range(1, 21)]


def test_a_form_of_a_standard_with_variants_asks_for_the_kind_of_firm(forms: Path) -> None:
    def choose(book: Any) -> None:
        sheet = book.worksheets[1]
        sheet.cell(row_of(sheet, "variant"), FACT).value = "process – 流程型"

    path = forms.parent / "variant.xlsx"
    path.write_bytes((forms / "cmmm-2020-zh.xlsx").read_bytes())
    assert read_workbook(edit(path, choose), load_standard).variant == "process"


# --- what cannot be used ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code", "key", "said"),
    [
        ({"Q05": "Z – unheard of"}, "unknown-option", "Q05", "There is no option 'Z'."),
        ({"S01": "7"}, "level-range", "S01", "7 is not a level"),
        ({"S01": 2.5}, "level-range", "S01", "2.5 is not a level"),
        ({"S01": "two"}, "not-a-number", "S01", "'two' stands where a number belongs"),
        ({"Q02": 120}, "rate-range", "Q02", "120 is outside"),
        ({"Q02": -3}, "rate-range", "Q02", "-3 is outside"),
        ({"Q02": "about a third"}, "not-a-rate", "Q02", "neither a number nor the key"),
        ({"Q01_A": "✓", "Q01_C": "✓"}, "none-with-others", "Q01.A", "A says that none applies"),
        ({"Q01_C": "perhaps"}, "not-a-tick", "Q01.C", "'perhaps' is not a tick"),
        ({"Q01_B": "no", "Q01_C": "no"}, "half-filled", "Q01.B", "Some options are refused"),
        ({"Q01": "B, C"}, "wrong-cell", "Q01", "in the row of the question itself"),
        ({"Q05": "#REF!"}, "formula-error", "Q05", "#REF!"),
        ({"Q05": "=1/0"}, "formula-without-value", "Q05", "result was not saved"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_with_its_cell(
    form: Path, values: dict[str, Any], code: str, key: str, said: str
) -> None:
    problem = only(put(form, **values), code)
    sheet = answers_of(load_workbook(form))
    assert (problem.place.sheet, problem.place.row, problem.place.column) == (
        "Answers",
        row_of(sheet, key),
        "D",
    )
    assert said in problem.cause.in_("en")
    assert problem.place.in_("en") == f"form.xlsx, sheet Answers, row {row_of(sheet, key)}, column D"


def test_a_column_of_ticks_with_none_and_others_is_named(forms: Path, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes((forms / "eu-dma-en.xlsx").read_bytes())
    put(path, Q1_planned_none="✓", Q1_planned_3="✓", Q4_1="9 – never")
    assert [problem.code for problem in problems_of(path)] == ["none-with-others", "unknown-option"]


def test_dates_are_refused(form: Path) -> None:
    from datetime import date

    assert only(put(form, Q05=date(2024, 5, 1)), "date").place.row


def test_facts_of_the_enterprise_are_named_with_their_cell(form: Path) -> None:
    def change(book: Any) -> None:
        sheet = book.worksheets[1]
        for key, value in (("employees", "12,5"), ("revenue", "3000万")):
            sheet.cell(row_of(sheet, key), FACT).value = value

    found = problems_of(edit(form, change))
    assert [(p.code, p.place.sheet, p.place.column) for p in found] == [
        ("not-a-number", "Enterprise", "C"),
        ("not-a-number", "Enterprise", "C"),
    ]
    assert [problem.place.row for problem in found] == [7, 8]


def test_merged_cells_are_named_once_with_their_range(form: Path) -> None:
    def merge(book: Any) -> None:
        sheet = answers_of(book)
        row = row_of(sheet, "Q01.B")
        sheet.merge_cells(f"D{row}:D{row + 2}")

    problem = only(edit(form, merge), "merged-cells")
    assert re.search(r"D\d+:D\d+ are merged", problem.cause.in_("en"))


def test_a_copied_row_is_named(form: Path) -> None:
    def copy(book: Any) -> None:
        sheet = answers_of(book)
        sheet.cell(sheet.max_row + 1, KEY).value = "Q05"

    assert "Q05 stands 2 times" in only(edit(form, copy), "stands-twice").cause.in_("en")


def test_an_unknown_key_is_named_with_its_row(form: Path) -> None:
    def change(book: Any) -> None:
        sheet = answers_of(book)
        sheet.cell(row_of(sheet, "Q05"), KEY).value = "Q5"

    problem = only(edit(form, change), "unknown-question")
    assert problem.place.row == row_of(answers_of(load_workbook(form)), "Q5")


def test_all_problems_of_a_form_are_named_at_once(form: Path) -> None:
    values = {"Q05": "Z", "Q02": 300, "Q01_A": "✓", "Q01_B": "✓", "Q04_C": "?", "S01": "9", "S02": "#N/A"}
    found = problems_of(put(form, **values))
    assert sorted(problem.code for problem in found) == [
        "formula-error",
        "level-range",
        "none-with-others",
        "not-a-tick",
        "rate-range",
        "unknown-option",
    ]
    assert len({problem.place.row for problem in found}) == 6


def test_a_formula_with_a_saved_result_is_an_answer(form: Path) -> None:
    """What a spreadsheet saves: the formula and, beside it, the result."""
    put(form, Q02="=70/2")
    parts = dict(_parts(form))
    name = "xl/worksheets/sheet3.xml"
    parts[name] = parts[name].replace(b"<f>70/2</f><v />", b"<f>70/2</f><v>35</v>")
    assert b"<v>35</v>" in parts[name]
    _pack(form, parts)
    assert read_workbook(form, load_standard).answers == {"Q02": 35}


# --- files that are no form ------------------------------------------------------------------------------------------


def _parts(path: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_another_workbook_is_told_how_to_become_a_form(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Budget"
    book.save(tmp_path / "budget.xlsx")
    problem = only(tmp_path / "budget.xlsx", "wrong-workbook")
    assert "Budget" in problem.cause.in_("en")
    assert "capillary form" in problem.remedy.in_("en")


def test_a_form_of_another_version_is_told_apart(form: Path) -> None:
    def change(book: Any) -> None:
        book["_capillary"]["B1"].value = "99"

    assert "version" in only(edit(form, change), "wrong-workbook").cause.in_("en")


def test_a_form_of_an_unknown_standard_is_refused(form: Path) -> None:
    def change(book: Any) -> None:
        book["_capillary"]["B2"].value = "miit-2025"

    with pytest.raises(InputError) as caught:
        read_workbook(edit(form, change), load_standard)
    assert caught.value.problems[0].remedy.in_("en") == "Did you mean miit-2024?"


@pytest.mark.parametrize(("number", "title"), [(1, "Enterprise"), (2, "Answers")])
def test_a_missing_sheet_is_named(form: Path, number: int, title: str) -> None:
    def change(book: Any) -> None:
        book.worksheets[number].title = "Sheet1"

    problem = only(edit(form, change), "wrong-sheet")
    assert f"The sheet {title} is missing" in problem.cause.in_("en")
    assert "Sheet1" in problem.cause.in_("en")


def test_a_sheet_without_keys_is_the_wrong_sheet(form: Path) -> None:
    def change(book: Any) -> None:
        sheet = answers_of(book)
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, KEY).value = None

    problem = only(edit(form, change), "wrong-sheet")
    assert problem.place.sheet == "Answers"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"id,Q01\n1,A\n", "not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old-workbook"),
        (b"PK\x03\x04 and then nothing", "not-a-workbook"),
    ],
)
def test_files_that_are_no_workbook_are_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(data)
    only(path, code)


def test_missing_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    only(tmp_path / "nothing.xlsx", "missing-file")
    only(tmp_path, "not-a-file")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    only(_pack(tmp_path / "a.xlsx", {"readme.txt": b"hello"}), "not-a-workbook")


def test_a_sparse_file_of_200_mebibytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    with path.open("wb") as stream:
        stream.truncate(200 << 20)
    problem = only(path, "file-too-large")
    assert "200 MiB" in problem.cause.in_("en")
    assert LARGEST_BOOK < 200 << 20


def test_a_zip_bomb_is_refused_without_unpacking_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _pack(tmp_path / "form.xlsx", {"xl/workbook.xml": b" " * (LARGEST_XML + 1)})
    assert path.stat().st_size < 100_000

    def forbidden(*_: object, **__: object) -> None:
        pytest.fail("something was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", forbidden)
    monkeypatch.setattr(zipfile.ZipFile, "read", forbidden)
    problem = only(path, "zip-bomb")
    assert "4 MiB in 1 parts" in problem.cause.in_("en")


def test_a_zip_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    only(_pack(tmp_path / "a.xlsx", {f"{number}.txt": b"" for number in range(MOST_PARTS + 1)}), "zip-bomb")


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet3.xml", "docProps/core.xml"])
def test_billion_laughs_are_refused(form: Path, name: str) -> None:
    parts = dict(_parts(form))
    text = parts[name].decode()
    head, found, rest = text.rpartition("?>")
    parts[name] = (head + found + LAUGHS + rest.replace("</", "&i;</", 1)).encode()
    problem = only(_pack(form, parts), "xml-entities")
    assert "fresh form" in problem.remedy.in_("en")


def test_entities_in_another_encoding_are_refused_too(form: Path) -> None:
    parts = dict(_parts(form))
    text = parts["xl/workbook.xml"].decode()
    body = text.rpartition("?>")[2]
    parts["xl/workbook.xml"] = ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS + body).encode("utf-16")
    only(_pack(form, parts), "not-a-workbook")


def test_an_encoding_that_there_is_not_is_refused(form: Path) -> None:
    parts = dict(_parts(form))
    parts["docProps/core.xml"] = b"<?xml version='1.0' encoding='UTF-9'?><a/>"
    only(_pack(form, parts), "not-a-workbook")


def test_a_password_is_named(form: Path) -> None:
    data = bytearray(form.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    form.write_bytes(bytes(data))
    assert "password" in only(form, "old-workbook").remedy.in_("en")


def test_a_stray_cell_in_the_last_row_does_not_slow_reading_down(form: Path) -> None:
    def change(book: Any) -> None:
        answers_of(book).cell(1_048_576, 9).value = "stray"

    assert read_workbook(edit(form, change), load_standard).answers == {}


def test_damaged_workbooks_are_refused_and_never_crash(form: Path, tmp_path: Path) -> None:
    """Bytes changed by lot, in the packed file and in its parts."""
    data = form.read_bytes()
    parts = _parts(form)
    dice = Random(7)  # noqa: S311 - a lot, no secret
    path = tmp_path / "damaged.xlsx"
    refused = 0
    for turn in range(60):
        if turn % 2:
            changed = bytearray(data)
            for _ in range(3):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            path.write_bytes(bytes(changed))
        else:
            broken = dict(parts)
            name = dice.choice(sorted(broken))
            text = bytearray(broken[name])
            begin = dice.randrange(len(text))
            del text[begin : begin + dice.randrange(1, 40)]
            broken[name] = bytes(text)
            _pack(path, broken)
        with contextlib.suppress(InputError):
            read_workbook(path, load_standard)
            continue
        refused += 1
    assert refused > 10


def test_parts_that_openpyxl_leaves_out_are_no_concern(form: Path) -> None:
    parts = dict(_parts(form))
    name = "xl/worksheets/sheet3.xml"
    extension = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"></ext></extLst></worksheet>'
    parts[name] = parts[name].replace(b"</worksheet>", extension)
    assert read_workbook(_pack(form, parts), load_standard).answers == {}


def test_forms_stay_far_below_the_bounds_for_bombs(forms: Path) -> None:
    for path in forms.glob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        assert unpacked < LARGEST_XML / 8
