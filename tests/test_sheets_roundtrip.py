"""One format, four carriers: what an enterprise answered is the same whatever brings it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from capillary.content import load_standard
from capillary.model.fields import Field, fields_of
from capillary.model.problems import Problem
from capillary.model.sheet import AnswerSheet
from capillary.model.standard import Standard
from capillary.model.text import Language
from capillary.sheets.form import write_form
from capillary.sheets.jsonfiles import read_json, read_json_lines
from capillary.sheets.wide import WideBatch, read_wide
from capillary.sheets.workbook import read_workbook

from .sheet_kit import (
    STANDARDS,
    answers_by_lot,
    checked,
    codes_in,
    keys_in,
    raw_sheet,
    run,
    scores,
    texts_of,
    write_json,
    write_lines,
)

SHARES = (1.0, 0.5)


def sheets_by_lot(name: str, count: int, share: float) -> list[AnswerSheet]:
    standard = load_standard(name)
    dice = Random(f"{name} {share}")  # noqa: S311 - a lot, no secret
    return [
        checked(raw_sheet(name, answers_by_lot(standard, dice, share=share), id=f"firm-{number}"))
        for number in range(count)
    ]


def plain(answer: Any) -> Any:
    """Return an answer with its keys as text and its ticks as sets: the order of ticks says nothing."""
    if isinstance(answer, dict):
        return {str(key): plain(value) for key, value in answer.items()}
    return {str(key) for key in answer} if isinstance(answer, list) else answer


def open_wide(path: Path, standard: str | None = None) -> list[WideBatch]:
    problems: list[Problem] = []
    found = list(read_wide(path, load_standard, STANDARDS, standard, problems))
    assert problems == []
    return found


def assert_same(batches: list[WideBatch], sheets: list[AnswerSheet]) -> None:
    for number, _ in enumerate(fields_of(batches[0].standard)):
        lowest = [int(code) for batch in batches for code in batch.lowest[number]]
        highest = [int(code) for batch in batches for code in batch.highest[number]]
        assert lowest == [sheet.lowest[number] for sheet in sheets]
        assert highest == [sheet.highest[number] for sheet in sheets]
    answered = [int(count) for batch in batches for count in batch.answered]
    assert answered == [len(sheet.answers) for sheet in sheets]


def write_csv(path: Path, standard: Standard, sheets: list[AnswerSheet], delimiter: str = ",") -> None:
    columns = [field.id for field in fields_of(standard)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["id", *columns], delimiter=delimiter)
        writer.writeheader()
        for sheet in sheets:
            writer.writerow({"id": sheet.enterprise.id, **texts_of(standard, dict(sheet.answers))})


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_form_gives_back_its_answers(
    tmp_path: Path, name: str, share: float, language: Language
) -> None:
    for sheet in sheets_by_lot(name, 2, share):
        path = tmp_path / "form.xlsx"
        write_form(load_standard(name), path, language, sheet)
        read = read_workbook(path, load_standard)
        assert plain(dict(read.answers)) == plain(dict(sheet.answers))
        assert (read.lowest, read.highest) == (sheet.lowest, sheet.highest)
        assert read.enterprise == sheet.enterprise


@pytest.mark.parametrize("name", STANDARDS)
def test_an_empty_form_answers_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "form.xlsx"
    write_form(load_standard(name), path, "en")
    sheet = read_workbook(path, load_standard)
    assert sheet.answers == {}
    assert sheet.enterprise.as_json() == {}
    assert all(low == 0 for low in sheet.lowest)
    assert not sheet.complete


def test_what_is_known_of_an_enterprise_survives_the_form(tmp_path: Path) -> None:
    raw = raw_sheet(
        "cmmm-2020", {}, id="007", name="=1+1", employees=12, revenue=3.5e6, founded=1999, district="西湖"
    )
    raw["variant"] = "process"
    sheet = checked(raw)
    write_form(load_standard("cmmm-2020"), tmp_path / "form.xlsx", "zh", sheet)
    read = read_workbook(tmp_path / "form.xlsx", load_standard)
    assert read.enterprise == sheet.enterprise
    assert read.variant == "process"


@pytest.mark.parametrize(
    ("name", "question"), [("miit-2024", "Q04"), ("miit-2024", "Q02"), ("eu-dma", "Q1"), ("eu-dma", "Q4")]
)
def test_does_not_apply_survives_the_form(tmp_path: Path, name: str, question: str) -> None:
    sheet = checked(raw_sheet(name, {question: "na"}))
    write_form(load_standard(name), tmp_path / "form.xlsx", "zh", sheet)
    assert read_workbook(tmp_path / "form.xlsx", load_standard).answers == {question: "na"}


def test_none_of_these_survives_the_form_however_it_is_said(tmp_path: Path) -> None:
    for answers, expected in (
        ({"Q01": []}, {"Q01": ["A"]}),
        ({"Q01": ["A"]}, {"Q01": ["A"]}),
    ):
        sheet = checked(raw_sheet("miit-2024", answers))
        write_form(load_standard("miit-2024"), tmp_path / "form.xlsx", "en", sheet)
        assert read_workbook(tmp_path / "form.xlsx", load_standard).answers == expected
    answers = {"Q2": [], "Q7": ["2"], "Q1": {"invested": [], "planned": ["3"]}}
    write_form(load_standard("eu-dma"), tmp_path / "form.xlsx", "en", checked(raw_sheet("eu-dma", answers)))
    assert read_workbook(tmp_path / "form.xlsx", load_standard).answers == answers


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", SHARES)
def test_json_and_json_lines_agree(tmp_path: Path, name: str, share: float) -> None:
    sheets = sheets_by_lot(name, 5, share)
    raws = [raw_sheet(name, dict(sheet.answers), id=sheet.enterprise.id) for sheet in sheets]
    assert [read_json(write_json(tmp_path / "a.json", raw), load_standard) for raw in raws] == sheets
    problems: list[Problem] = []
    assert list(read_json_lines(write_lines(tmp_path / "a.jsonl", raws), load_standard, problems)) == sheets
    assert problems == []


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_gives_back_the_codes(tmp_path: Path, name: str, share: float, delimiter: str) -> None:
    sheets = sheets_by_lot(name, 40, share)
    write_csv(tmp_path / "many.csv", load_standard(name), sheets, delimiter)
    batches = open_wide(tmp_path / "many.csv")
    assert_same(batches, sheets)
    assert [one for batch in batches for one in batch.enterprise["id"]] == [s.enterprise.id for s in sheets]


def parquet_columns(standard: Standard, sheets: list[AnswerSheet], layout: str) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": [sheet.enterprise.id for sheet in sheets]}
    rows = [texts_of(standard, dict(sheet.answers)) for sheet in sheets]
    for number, field in enumerate(fields_of(standard)):
        codes = [codes_in(sheet, number) for sheet in sheets]
        if layout == "codes" and not field.upper:
            columns[field.id] = pa.array(codes, pa.int32())
        elif layout == "codes":
            # a rate is a percentage, not a code: any within the band will do
            ends = [float(end) for end in field.upper] + [100.0]
            columns[field.id] = pa.array([None if c is None else ends[c] for c in codes], pa.float64())
        elif layout == "lists" and field.kind == "set":
            columns[field.id] = [None if code is None else keys_in(field, code) for code in codes]
        else:
            columns[field.id] = pa.array([row.get(field.id) for row in rows], pa.string())
    return columns


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("layout", ["keys", "codes", "lists"])
def test_parquet_gives_back_the_codes_in_every_layout(
    tmp_path: Path, name: str, share: float, layout: str
) -> None:
    standard = load_standard(name)
    sheets = sheets_by_lot(name, 40, share)
    table = pa.table(parquet_columns(standard, sheets, layout))
    parquet.write_table(table, tmp_path / "many.parquet", row_group_size=16)
    assert_same(open_wide(tmp_path / "many.parquet"), sheets)


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.uint64(), pa.float32(), pa.bool_()])
def test_yes_and_no_come_in_any_type_of_number(tmp_path: Path, kind: Any) -> None:
    sheets = sheets_by_lot("eu-dii-v3", 20, 1.0)
    columns = {
        field.id: pa.array([sheet.lowest[number] for sheet in sheets], pa.int8()).cast(kind)
        for number, field in enumerate(fields_of(load_standard("eu-dii-v3")))
    }
    parquet.write_table(pa.table(columns), tmp_path / "many.parquet")
    assert_same(open_wide(tmp_path / "many.parquet"), sheets)


def test_numbers_in_lists_are_keys_and_dictionaries_are_texts(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Q2": pa.array([[1, 3], [], None], pa.list_(pa.int16())),
            "Q3": pa.array(["1;2", "none", None]).dictionary_encode(),
            "Q4.1": pa.array(["5", "0", None], pa.large_string()),
        }
    )
    parquet.write_table(table, tmp_path / "many.parquet")
    (batch,) = open_wide(tmp_path / "many.parquet", "eu-dma")
    known = {field.id: number for number, field in enumerate(fields_of(load_standard("eu-dma")))}
    spans = {
        name: list(zip(batch.lowest[known[name]].tolist(), batch.highest[known[name]].tolist(), strict=True))
        for name in ("Q2", "Q3", "Q4.1")
    }
    top = (1 << 10) - 1
    # the last row is empty and so no sheet at all
    assert spans == {"Q2": [(5, 5), (0, 0)], "Q3": [(3, 3), (0, 0)], "Q4.1": [(5, 5), (0, 0)]}
    assert fields_of(load_standard("eu-dma"))[known["Q2"]].top == top
    assert batch.answered.tolist() == [3, 3]


def carried(tmp_path: Path, standard: Standard, sheet: AnswerSheet) -> list[Path]:
    """Return one sheet in every carrier."""
    raw = raw_sheet(standard.id, dict(sheet.answers), id=sheet.enterprise.id)
    paths = [
        write_json(tmp_path / "one.json", raw),
        write_lines(tmp_path / "many.jsonl", [raw]),
        tmp_path / "form.xlsx",
        tmp_path / "many.csv",
        tmp_path / "many.parquet",
    ]
    write_form(standard, paths[2], "zh", sheet)
    write_csv(paths[3], standard, [sheet])
    parquet.write_table(pa.table(parquet_columns(standard, [sheet], "keys")), paths[4])
    return paths


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", SHARES)
def test_every_carrier_scores_the_same(tmp_path: Path, name: str, share: float) -> None:
    (sheet,) = sheets_by_lot(name, 1, share)
    lines = scores(run("score", *carried(tmp_path, load_standard(name), sheet)))
    assert len(lines) == 5
    assert all(line == lines[0] for line in lines), json.dumps(lines, indent=1)
    assert lines[0]["standard"] == name
    assert lines[0]["enterprise"] == {"id": "firm-0"}
    if sheet.complete and not load_standard(name).file.variants:
        assert lines[0]["score"][0] == lines[0]["score"][1]
    assert (lines[0]["level"] is None) == (name == "cis-ig1")


def rate_field(standard: Standard) -> Field:
    return next(field for field in fields_of(standard) if field.upper)


def set_answer(path: Path, key: str, value: Any, number_format: str = "General") -> None:
    """Write into the answer cell of a form, as a person would."""
    book = load_workbook(path)
    for sheet in book.worksheets[1:3]:
        column = 4 if sheet is book.worksheets[2] else 3
        for row in range(1, sheet.max_row + 1):
            if sheet.cell(row, 1).value == key:
                sheet.cell(row, column).value = value
                sheet.cell(row, column).number_format = number_format
    book.save(path)


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (35, "General", 35),
        (35.5, "0.0", 35.5),
        (0.35, "0%", 35),
        (0.355, "0.0%", 35.5),
        (0.07, "0.00%", 7),
        (35, '0.##"%"', 35),
        (35, "0\\%", 35),
        ("35%", "General", 35),
        ("３５％", "General", 35),
        ("35,5", "@", 35.5),
        ("35", "@", 35),
        (" C ", "@", "C"),
        ("c", "@", "C"),
        ("na", "@", "na"),
        ("不适用", "@", "na"),
    ],
)
def test_percentages_are_read_as_they_are_shown(
    tmp_path: Path, value: Any, number_format: str, expected: Any
) -> None:
    path = tmp_path / "form.xlsx"
    write_form(load_standard("miit-2024"), path, "en")
    set_answer(path, rate_field(load_standard("miit-2024")).question, value, number_format)
    assert read_workbook(path, load_standard).answers == {"Q02": expected}


@pytest.mark.parametrize(
    ("key", "value", "answers"),
    [
        ("Q05", "C", {"Q05": "C"}),
        ("Q05", "c – whatever it was", {"Q05": "C"}),
        ("Q05", "Ｃ", {"Q05": "C"}),
        ("S01", "3", {"S01": 3}),
        ("S01", 3, {"S01": 3}),
        ("S01", 3.0, {"S01": 3}),
        ("S01", "3 – any text", {"S01": 3}),
        ("Q01.B", "x", {"Q01": ["B"]}),
        ("Q01.B", "√", {"Q01": ["B"]}),
        ("Q01.B", "是", {"Q01": ["B"]}),
        ("Q01.B", True, {"Q01": ["B"]}),
        ("Q01.B", 1, {"Q01": ["B"]}),
        ("Q01.A", "✓", {"Q01": ["A"]}),
        ("Q01.B", "  ", {}),
    ],
)
def test_people_write_the_same_answer_in_many_ways(
    tmp_path: Path, key: str, value: Any, answers: dict[str, Any]
) -> None:
    path = tmp_path / "form.xlsx"
    write_form(load_standard("miit-2024"), path, "zh")
    set_answer(path, key, value)
    assert read_workbook(path, load_standard).answers == answers


@pytest.mark.parametrize(
    ("value", "employees"),
    [
        (1234, 1234),
        ("1,234", 1234),
        ("1 234", 1234),
        ("12,345,678", 12345678),
        ("１２３", 123),
        ("12.5", 12.5),
    ],
)
def test_amounts_may_have_thousands_separators(tmp_path: Path, value: Any, employees: float) -> None:
    path = tmp_path / "form.xlsx"
    write_form(load_standard("eu-dii-v3"), path, "en")
    set_answer(path, "employees", value)
    assert read_workbook(path, load_standard).enterprise.employees == employees
