"""JSON and JSON Lines: everything that is wrong is named at once, with its place and what mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from capillary.content import load_standard
from capillary.model.fields import fields_of
from capillary.model.problems import InputError, Problem
from capillary.sheets.answers import read_sheet
from capillary.sheets.files import MOST_PROBLEMS
from capillary.sheets.jsonfiles import LARGEST_JSON, LONGEST_LINE, read_json, read_json_lines

from .sheet_kit import raw_sheet, write_json, write_lines


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_json(path, load_standard)
    assert all(problem.remedy.in_("en") for problem in caught.value.problems)
    assert all(problem.place.file == path.name for problem in caught.value.problems)
    return list(caught.value.problems)


def only(path: Path, code: str) -> Problem:
    (problem,) = problems_of(path)
    assert problem.code == code
    return problem


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


BAD_ANSWERS: list[tuple[str, dict[str, Any], str, str, str]] = [
    # standard, answers, code, path, a part of the remedy
    ("miit-2024", {"Q1": "B"}, "unknown-question", "answers.Q1", "Did you mean Q01?"),
    ("miit-2024", {"xyz": "B"}, "unknown-question", "answers.xyz", "Known are: Q01, Q02"),
    ("miit-2024", {"Q05": "Z"}, "unknown-option", "answers.Q05", "Known are: A, B, C, D, E."),
    ("miit-2024", {"Q05": "c"}, "unknown-option", "answers.Q05", "Did you mean C?"),
    ("miit-2024", {"Q05": 3}, "not-a-key", "answers.Q05", "A, B, C, D, E"),
    ("miit-2024", {"Q01": "B"}, "not-a-list", "answers.Q01", '["B"]'),
    ("miit-2024", {"Q01": ["A", "B"]}, "none-with-others", "answers.Q01", "Keep either A or the others."),
    ("miit-2024", {"Q01": ["B", "B"]}, "chosen-twice", "answers.Q01", "once"),
    ("miit-2024", {"Q01": ["B", "Z"]}, "unknown-option", "answers.Q01", "Known are: A, B"),
    ("miit-2024", {"Q02": 120}, "rate-range", "answers.Q02", "35 for 35 %"),
    ("miit-2024", {"Q02": -1}, "rate-range", "answers.Q02", "35 for 35 %"),
    ("miit-2024", {"Q02": "35"}, "not-a-rate", "answers.Q02", "without quotes"),
    ("miit-2024", {"Q02": True}, "not-a-number", "answers.Q02", "without quotes"),
    ("miit-2024", {"Q02": [35]}, "not-a-number", "answers.Q02", "without quotes"),
    ("miit-2024", {"S01": 5}, "level-range", "answers.S01", "0 to 4"),
    ("miit-2024", {"S01": 1.5}, "level-range", "answers.S01", "0 to 4"),
    ("miit-2024", {"S01": "3"}, "not-a-number", "answers.S01", "without quotes"),
    ("eu-dii-v3", {"C01": "yes"}, "not-a-truth-value", "answers.C01", "true or false"),
    ("eu-dii-v3", {"C01": 1}, "not-a-truth-value", "answers.C01", "true or false"),
    ("eu-dma", {"Q4": {"9": "1"}}, "unknown-part", "answers.Q4.9", "Known are: 1, 2"),
    ("eu-dma", {"Q4": {"1": 7}}, "unknown-option", "answers.Q4.1", "Known are: 0, 1"),
    ("eu-dma", {"Q11": {"1": "maybe"}}, "unknown-option", "answers.Q11.1", "Known are: no, partially, yes"),
    ("eu-dma", {"Q4": ["1"]}, "not-an-object", "answers.Q4", '{"1": …}'),
    ("eu-dma", {"Q1": {"invest": ["1"]}}, "unknown-part", "answers.Q1.invest", "Did you mean invested?"),
    ("eu-dma", {"Q1": {"invested": "1"}}, "not-a-list", "answers.Q1.invested", '["1"]'),
    ("eu-dma", {"Q1": {"invested": [11]}}, "unknown-option", "answers.Q1.invested", "Did you mean"),
    ("cmmm-2020", {"data": "na"}, "not-applicable-refused", "answers.data", "leave it out"),
]


@pytest.mark.parametrize("case", BAD_ANSWERS, ids=lambda case: f"{case[2]}-{case[3]}")
def test_an_answer_that_cannot_be_used_is_named(
    tmp_path: Path, case: tuple[str, dict[str, Any], str, str, str]
) -> None:
    standard, answers, code, path, remedy = case
    problem = only(write_json(tmp_path / "sheet.json", raw_sheet(standard, answers)), code)
    assert problem.place.path == path
    assert remedy in problem.remedy.in_("en")


def test_all_problems_of_a_sheet_are_named_at_once(tmp_path: Path) -> None:
    raw = raw_sheet(
        "eu-dma",
        {"Q2": ["1", "99", "98", "1"], "Q4": {"1": "9", "2": "8", "77": "1"}, "Q99": 1, "Q3": "x"},
        employees="many",
        revenue=-5,
        name=["a"],
    )
    raw |= {"variant": "x", "evidence": {"Q2": "sworn", "Q98": "declared"}, "answer": {}}
    found = problems_of(write_json(tmp_path / "sheet.json", raw))
    assert [(problem.code, problem.place.path) for problem in found] == [
        ("unknown-entry", "answer"),
        ("not-text", "enterprise.name"),
        ("not-a-number", "enterprise.employees"),
        ("not-a-number", "enterprise.revenue"),
        ("unknown-variant", "variant"),
        ("unknown-option", "answers.Q2"),
        ("unknown-option", "answers.Q2"),
        ("chosen-twice", "answers.Q2"),
        ("unknown-option", "answers.Q4.1"),
        ("unknown-option", "answers.Q4.2"),
        ("unknown-part", "answers.Q4.77"),
        ("unknown-question", "answers.Q99"),
        ("not-a-list", "answers.Q3"),
        ("unknown-grade", "evidence.Q2"),
        ("unknown-question", "evidence.Q98"),
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ([], "not-a-sheet"),
        ("miit-2024", "not-a-sheet"),
        ({}, "missing-standard"),
        ({"standard": 2024}, "missing-standard"),
        ({"standard": "miit-2023"}, "unknown-standard"),
        ({"standard": "../miit-2024"}, "unknown-standard"),
        ({"standard": "miit-2024", "answers": []}, "not-answers"),
        ({"standard": "miit-2024", "enterprise": ["a"]}, "not-an-object"),
        ({"standard": "miit-2024", "evidence": "all"}, "not-an-object"),
        ({"standard": "cmmm-2020", "variant": "chemical"}, "unknown-variant"),
    ],
)
def test_a_sheet_of_the_wrong_shape_is_refused(tmp_path: Path, raw: Any, code: str) -> None:
    only(write_json(tmp_path / "sheet.json", raw), code)


def test_many_sheets_in_one_json_file_are_told_about_json_lines(tmp_path: Path) -> None:
    problem = only(write_json(tmp_path / "sheet.json", [raw_sheet("miit-2024", {})]), "not-a-sheet")
    assert ".jsonl" in problem.remedy.in_("en")


FORMS: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    # the answer forms as they are documented, and the codes that they stand for, by field
    (
        "miit-2024",
        {"Q01": ["B", "C"], "Q02": 35.0, "Q03": "B", "Q04": ["A"], "Q05": "C", "S01": 3, "Q06": []},
        {"Q01": 3, "Q02": 2, "Q03": 1, "Q04": 0, "Q05": 2, "S01": 3, "Q06": 0},
    ),
    ("miit-2024", {"Q02": 0, "Q03": 10, "Q11": 10.01, "S01": 0}, {"Q02": 0, "Q03": 0, "Q11": 1, "S01": 0}),
    ("miit-2024", {"Q02": 100, "Q03": 60, "S01": 2.0}, {"Q02": 4, "Q03": 3, "S01": 2}),
    ("eu-dii-v3", {"C01": True, "C02": False}, {"C01": 1, "C02": 0}),
    ("cis-ig1", {"1.1": True, "4.4": "na"}, {"1.1": 1, "4.4": 0}),
    (
        "eu-dma",
        {
            "Q1": {"invested": [1, 3], "planned": [2]},
            "Q2": [1, 10],
            "Q3": [],
            "Q4": {"1": 5},
            "Q11": {"2": "yes"},
        },
        {"Q1.invested": 5, "Q1.planned": 2, "Q2": 513, "Q3": 0, "Q4.1": 5, "Q11.2": 2},
    ),
    ("eu-dma", {"Q1": {"invested": []}, "Q4": {"1": 0, "7": "3"}}, {"Q1.invested": 0, "Q4.1": 0, "Q4.7": 3}),
    ("cmmm-2020", {"data": 5, "equipment": 0}, {"data": 5, "equipment": 0}),
]


@pytest.mark.parametrize(("standard", "answers", "codes"), FORMS)
def test_answers_stand_for_their_codes_and_everything_else_is_unknown(
    standard: str, answers: dict[str, Any], codes: dict[str, int]
) -> None:
    sheet = read_sheet(raw_sheet(standard, answers), load_standard)
    fields = fields_of(load_standard(standard))
    spans = dict(
        zip((field.id for field in fields), zip(sheet.lowest, sheet.highest, strict=True), strict=True)
    )
    for field in fields:
        expected = (codes[field.id], codes[field.id]) if field.id in codes else (0, field.top)
        assert spans[field.id] == expected, field.id


def test_a_misspelt_standard_is_guessed(tmp_path: Path) -> None:
    problem = only(write_json(tmp_path / "sheet.json", {"standard": "miit2024"}), "unknown-standard")
    assert problem.remedy.in_("en") == "Did you mean miit-2024?"


def test_what_is_null_or_left_out_is_unknown_and_never_zero() -> None:
    empty = read_sheet({"standard": "miit-2024"}, load_standard)
    nulls = read_sheet(
        {"standard": "miit-2024", "enterprise": None, "evidence": None, "answers": {"Q01": None}},
        load_standard,
    )
    assert empty == nulls
    assert empty.answers == {}
    assert set(empty.lowest) == {0}
    assert all(high > 0 for high in empty.highest)


def test_the_first_mistake_in_the_text_has_its_row_and_column(tmp_path: Path) -> None:
    problem = only(
        written(tmp_path / "sheet.json", '{"standard": "miit-2024",\n "answers": {"Q01": }}'), "not-json"
    )
    assert (problem.place.row, problem.place.column) == (2, "21")


def test_keys_that_stand_twice_are_all_named_beside_bad_answers(tmp_path: Path) -> None:
    text = (
        '{"standard": "miit-2024", "answers": {"Q05": "A", "Q05": "B", "Q08": "A", "Q08": "Z", "Q12": "Y"}}'
    )
    found = problems_of(written(tmp_path / "sheet.json", text))
    assert [problem.code for problem in found] == [
        "stands-twice",
        "stands-twice",
        "unknown-option",
        "unknown-option",
    ]
    assert [problem.cause.values.get("word") for problem in found[:2]] == ["Q05", "Q08"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_json_has_no_number_for_is_refused_with_its_path(tmp_path: Path, word: str) -> None:
    text = f'{{"standard": "miit-2024", "enterprise": {{"age": [1, {word}]}}, "answers": {{"Q02": {word}}}}}'
    found = problems_of(written(tmp_path / "sheet.json", text))
    assert [(problem.code, problem.place.path) for problem in found] == [
        ("not-a-number", "enterprise.age.1"),
        ("not-a-number", "answers.Q02"),
    ]


@pytest.mark.parametrize("number", ["1e999", "1" + "0" * 400])
def test_numbers_beyond_all_bounds_are_refused(tmp_path: Path, number: str) -> None:
    text = (
        f'{{"standard": "miit-2024", "enterprise": {{"revenue": {number}}}, "answers": {{"Q02": {number}}}}}'
    )
    found = problems_of(written(tmp_path / "sheet.json", text))
    assert [problem.code for problem in found] == ["not-a-number", "not-a-number"]


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    only(written(tmp_path / "sheet.json", '{"standard": ' + "1" * 5000 + "}"), "not-json")


@pytest.mark.parametrize("depth", [50, 900, 200_000])
def test_deep_nesting_is_refused(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    text = f'{{"standard": "miit-2024", "enterprise": {{"x": {deep}}}, "answers": {{"Q01": {deep}}}}}'
    problem = only(written(tmp_path / "sheet.json", text), "not-json")
    assert "three levels" in problem.remedy.in_("en")


def test_halves_of_characters_are_refused(tmp_path: Path) -> None:
    text = '{"standard": "miit-2024", "enterprise": {"name": "\\ud800", "\\udfff": 1}, "answers": {}}'
    found = problems_of(written(tmp_path / "sheet.json", text))
    assert [problem.code for problem in found] == ["not-text", "not-text"]


def test_characters_that_are_written_in_halves_are_read(tmp_path: Path) -> None:
    text = '{"standard": "miit-2024", "enterprise": {"name": "\\ud83d\\ude00 \\u5382"}}'
    assert read_json(written(tmp_path / "a.json", text), load_standard).enterprise.name == "\U0001f600 厂"


def test_large_values_are_shown_shortly(tmp_path: Path) -> None:
    raw = raw_sheet("miit-2024", {"Q05": "x" * 5000, "Q01": [{"a": list(range(5000))}], "y" * 5000: 1})
    for problem in problems_of(write_json(tmp_path / "sheet.json", raw)):
        assert len(problem.in_("en")) < 400


def test_a_sheet_full_of_unknown_questions_is_not_read_to_its_end(tmp_path: Path) -> None:
    raw = raw_sheet("miit-2024", {f"X{number}": 1 for number in range(20_000)})
    assert len(problems_of(write_json(tmp_path / "sheet.json", raw))) == MOST_PROBLEMS


SHEET = '{"standard": "miit-2024", "enterprise": {"name": "杭州某厂"}, "answers": {"Q05": "C"}}'


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (SHEET.encode("gb18030"), "wrong-encoding", "GB18030"),
        (SHEET.encode("utf-16"), "wrong-encoding", "UTF-16"),
        (
            SHEET.replace("杭州某厂", "Müller & Söhne").encode("cp1252"),
            "wrong-encoding",
            "The text is not UTF-8.",
        ),
        (SHEET.encode()[:60], "wrong-encoding", "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "not-text", "not a text file"),
        (b"", "empty-file", "empty"),
    ],
)
def test_wrong_encodings_are_named(tmp_path: Path, suffix: str, text: bytes, code: str, said: str) -> None:
    path = written(tmp_path / f"sheet{suffix}", text)
    with pytest.raises(InputError) as caught:
        _ = (
            read_json(path, load_standard)
            if suffix == ".json"
            else [*read_json_lines(path, load_standard, [])]
        )
    (problem,) = caught.value.problems
    assert problem.code == code
    assert said in problem.cause.in_("en")
    assert problem.remedy.in_("en")
    if code != "empty-file":
        assert problem.place.row == 1


def test_the_row_of_a_wrong_encoding_is_named(tmp_path: Path) -> None:
    lines = [SHEET.encode()] * 700 + [SHEET.encode("gb18030")] + [SHEET.encode()] * 700
    # many blocks before it, so that rows are counted across them
    path = written(tmp_path / "many.jsonl", b"\n".join([b" " * 4000 + line for line in lines]))
    with pytest.raises(InputError) as caught:
        list(read_json_lines(path, load_standard, []))
    assert caught.value.problems[0].place.row == 701
    assert "GB18030" in caught.value.problems[0].cause.in_("en")


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", b"\xef\xbb\xbf" + SHEET.encode())
    assert read_json(path, load_standard).answers == {"Q05": "C"}
    problems: list[Problem] = []
    path = written(
        tmp_path / "a.jsonl", b"\xef\xbb\xbf" + SHEET.encode() + b"\r\n\r\n" + SHEET.encode() + b"\r\n"
    )
    assert len(list(read_json_lines(path, load_standard, problems))) == 2
    assert problems == []


def test_each_bad_line_is_named_by_its_row_and_good_ones_are_read(tmp_path: Path) -> None:
    good = json.dumps(raw_sheet("miit-2024", {"Q05": "C"}))
    bad = json.dumps(raw_sheet("miit-2024", {"Q05": "Z", "Q08": "Z"}))
    path = written(tmp_path / "many.jsonl", f"{good}\n{bad}\n\n{{\n{good}\n[]\nnull")
    problems: list[Problem] = []
    sheets = list(read_json_lines(path, load_standard, problems))
    assert len(sheets) == 2
    assert [(problem.place.row, problem.code) for problem in problems] == [
        (2, "unknown-option"),
        (2, "unknown-option"),
        (4, "not-json"),
        (6, "not-a-sheet"),
        (7, "not-a-sheet"),
    ]


def test_problems_of_a_long_file_do_not_grow_without_end(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "many.jsonl", [raw_sheet("miit-2024", {"Q05": "Z"})] * (MOST_PROBLEMS + 500)
    )
    problems: list[Problem] = []
    assert list(read_json_lines(path, load_standard, problems)) == []
    assert len(problems) == MOST_PROBLEMS


def test_a_line_without_end_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "many.jsonl", b'{"x": "' + b"a" * (2 * LONGEST_LINE) + b'"}\n' + SHEET.encode())
    problems: list[Problem] = []
    assert len(list(read_json_lines(path, load_standard, problems))) == 1
    assert [(problem.code, problem.place.row) for problem in problems] == [("line-too-long", 1)]


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "sheet.json"
    with path.open("wb") as stream:
        stream.truncate(LARGEST_JSON + 1)
    problem = only(path, "file-too-large")
    assert "JSON Lines" in problem.remedy.in_("en")
