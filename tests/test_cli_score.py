"""``capillary score``: a line a sheet, in constant memory; and with bad input nothing but what is wrong with it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import Workbook, load_workbook
from pyarrow import parquet

from capillary.content import load_standard
from capillary.model.fields import fields_of
from capillary.sheets.form import write_form
from capillary.sheets.workbook import LARGEST_XML

from .sheet_kit import (
    STANDARDS,
    Found,
    answers_by_lot,
    raw_sheet,
    run,
    scores,
    write_json,
    write_lines,
)

GOOD = raw_sheet("miit-2024", {"Q05": "C", "Q02": 35}, id="a", region="West", sector="C33")


def some_sheets(name: str, count: int, share: float = 1.0) -> list[dict[str, Any]]:
    standard = load_standard(name)
    dice = Random(name)  # noqa: S311 - a lot, no secret
    return [
        raw_sheet(name, answers_by_lot(standard, dice, share=share), id=f"firm-{number}")
        for number in range(count)
    ]


# --- what comes out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARDS)
def test_full_sheets_have_one_score_and_one_level(tmp_path: Path, name: str) -> None:
    raws = some_sheets(name, 20)
    for raw in raws:
        if name == "cmmm-2020":
            raw["variant"] = "discrete"
    lines = scores(run("score", write_lines(tmp_path / "many.jsonl", raws)))
    standard = load_standard(name)
    assert [line["enterprise"]["id"] for line in lines] == [raw["enterprise"]["id"] for raw in raws]
    for line in lines:
        assert line["score"][0] == line["score"][1]
        assert set(line["dimensions"]) == {dimension.id for dimension in standard.file.dimensions}
        assert all(low == high for low, high in line["dimensions"].values())
        if standard.file.scoring.level is None:
            assert line["level"] is None
        else:
            assert line["level"][0] == line["level"][1]
            assert isinstance(line["level"][0], int)


@pytest.mark.parametrize("name", STANDARDS)
def test_unknown_answers_give_an_interval_that_holds_every_completion(tmp_path: Path, name: str) -> None:
    standard = load_standard(name)
    dice = Random(3)  # noqa: S311 - a lot, no secret
    known = answers_by_lot(standard, dice, share=0.5)
    wide = scores(run("score", write_json(tmp_path / "a.json", raw_sheet(name, known))))[0]
    completed = [raw_sheet(name, answers_by_lot(standard, dice) | known) for _ in range(10)]
    for line in scores(run("score", write_lines(tmp_path / "many.jsonl", completed))):
        assert wide["score"][0] <= line["score"][0] <= line["score"][1] <= wide["score"][1]


def test_files_of_all_kinds_and_standards_come_out_in_their_order(tmp_path: Path) -> None:
    files = [
        write_lines(tmp_path / f"{name}.jsonl", some_sheets(name, 3, 0.7)) for name in reversed(STANDARDS)
    ]
    lines = scores(run("score", *files))
    assert [line["standard"] for line in lines] == [name for name in reversed(STANDARDS) for _ in range(3)]


def test_sheets_of_different_standards_in_one_file_keep_their_order(tmp_path: Path) -> None:
    raws = [some_sheets(name, 1)[0] for name in (*STANDARDS, *STANDARDS)]
    lines = scores(run("score", write_lines(tmp_path / "many.jsonl", raws)))
    assert [line["standard"] for line in lines] == [*STANDARDS, *STANDARDS]


def test_tables_hold_the_same_as_the_lines(tmp_path: Path) -> None:
    raws = some_sheets("miit-2024", 30, 0.8)
    raws[0]["enterprise"] |= {
        "revenue": 10**17,
        "name": "=cmd()",
        "age": 3,
        "sites": ["a", "b"],
        "level_low": "x",
    }
    source = write_lines(tmp_path / "many.jsonl", raws)
    lines = scores(run("score", source))
    for name in ("out.csv", "out.parquet", "out.jsonl", "out.json"):
        done = run("score", source, "--out", tmp_path / name)
        assert (done.exit_code, done.out) == (0, "")
        assert "Scored 30 sheets" in done.err
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    arrow = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    for line, row, cells in zip(lines, rows, arrow, strict=True):
        for at, end in enumerate(("low", "high")):
            assert float(row[f"score_{end}"]) == cells[f"score_{end}"] == line["score"][at]
            assert int(row[f"level_{end}"]) == cells[f"level_{end}"] == line["level"][at]
            for dimension, pair in line["dimensions"].items():
                assert float(row[f"dimension_{dimension}_{end}"]) == pair[at]
                assert cells[f"dimension_{dimension}_{end}"] == pair[at]
        assert row["id"] == cells["id"] == line["enterprise"]["id"]
    assert rows[0]["name"] == "'=cmd()", "a spreadsheet would run it"
    assert arrow[0]["name"] == "=cmd()"
    assert rows[0]["sites"] == arrow[0]["sites"] == '["a", "b"]'
    assert rows[0]["enterprise.level_low"] == "x"
    assert arrow[0]["revenue"] == 1e17
    assert [json.loads(text) for text in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()] == lines
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == lines


def test_facts_that_only_later_sheets_know_have_their_columns(tmp_path: Path) -> None:
    raws = some_sheets("eu-dii-v3", 1500)
    raws[-1]["enterprise"] |= {"region": "West", "revenue": 5}
    source = write_lines(tmp_path / "many.jsonl", raws)
    assert run("score", source, "--out", tmp_path / "out.parquet").exit_code == 0
    last = parquet.read_table(tmp_path / "out.parquet").to_pylist()[-1]
    assert (last["region"], last["revenue"]) == ("West", 5.0)


def test_a_standard_without_levels_has_no_level_columns(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", some_sheets("cis-ig1", 3))
    assert run("score", source, "--out", tmp_path / "out.csv").exit_code == 0
    head = (tmp_path / "out.csv").read_text("utf-8").splitlines()[0]
    assert "score_low" in head
    assert "level" not in head


def test_kinds_of_firm_are_scored_apart_and_an_unknown_kind_covers_all(tmp_path: Path) -> None:
    (raw,) = some_sheets("cmmm-2020", 1)
    raws = [raw, raw | {"variant": "discrete"}, raw | {"variant": "process"}]
    unknown, discrete, process = scores(run("score", write_lines(tmp_path / "many.jsonl", raws)))
    ends = [discrete["score"][0], process["score"][0]]
    assert unknown["score"] == [min(ends), max(ends)]
    assert discrete["score"][0] == discrete["score"][1]


def test_levels_are_counted_by_columns(tmp_path: Path) -> None:
    raws = some_sheets("eu-dii-v3", 60)
    for number, raw in enumerate(raws):
        raw["enterprise"]["region"] = ("西湖", "余杭")[number % 2]
    source = write_lines(tmp_path / "many.jsonl", raws)
    counted = json.loads(run("score", source, "--by", "region", "--json").out)
    assert sum(row["sheets"] for row in counted) == 60
    levels = [(line["enterprise"]["region"], line["level"][0]) for line in scores(run("score", source))]
    for row in counted:
        assert row["sheets"] == levels.count((row["region"], int(row["level"])))
    shown = run("score", source, "--by", "region").out.splitlines()
    assert shown[0].startswith("region")
    assert len({line.rstrip()[-2:] for line in shown[1:]}) == 1, "both regions have 30 sheets"


def coded(folder: Path, count: int, share: float = 1.0) -> Path:
    """Return a Parquet file of codes, all of them known where ``share`` is 1, with regions."""
    dice = Random(5)  # noqa: S311 - a lot, no secret
    table: dict[str, Any] = {"region": [("西湖", "余杭", None)[number % 3] for number in range(count)]}
    for field in fields_of(load_standard("miit-2024")):
        top = 100 if field.upper else field.top
        codes = [dice.randint(0, top) if dice.random() < share else None for _ in range(count)]
        table[field.id] = pa.array(codes, pa.int32())
    parquet.write_table(pa.table(table), folder / "codes.parquet")
    return folder / "codes.parquet"


@pytest.mark.parametrize("share", [1.0, 0.99])
def test_counts_are_those_of_the_lines(tmp_path: Path, share: float) -> None:
    """Files of complete codes are counted another, faster way: nobody may see a difference."""
    source = coded(tmp_path, 500, share)
    expected: Counter[tuple[str, str]] = Counter()
    for line in scores(run("score", source)):
        low, high = line["level"]
        region = line["enterprise"].get("region", "–")
        expected[region, str(low) if low == high else f"{low}–{high}"] += 1
    counted = json.loads(run("score", source, "--by", "region", "--json").out)
    assert {(row["region"], row["level"]): row["sheets"] for row in counted} == expected


def test_counting_is_as_strict_as_scoring(tmp_path: Path) -> None:
    source = coded(tmp_path, 50)
    table = parquet.read_table(source)
    parquet.write_table(table.append_column("Q1", pa.array([1] * 50)), source)
    run("score", source, "--by", "region").only("unknown-question")
    run("score", source).only("unknown-question")
    parquet.write_table(table.set_column(3, "Q03", pa.array([101] * 50)), source)
    for options in ((), ("--by", "region")):
        assert set(run("score", source, *options).codes) == {"number-range"}
    source.write_bytes(source.read_bytes()[:4] + bytes(200) + source.read_bytes()[204:])
    for options in ((), ("--by", "region")):
        run("score", source, *options).only("unreadable-table")


def test_a_column_that_only_some_sheets_have_can_be_counted_by(tmp_path: Path) -> None:
    raws = some_sheets("eu-dii-v3", 3)
    raws[2]["enterprise"]["region"] = "West"
    files = [write_json(tmp_path / f"{number}.json", raw) for number, raw in enumerate(raws)]
    counted = json.loads(run("score", *files, "--by", "region", "--json").out)
    assert {row["region"]: row["sheets"] for row in counted if row["region"] == "West"} == {"West": 1}
    found = run("score", *files, "--by", "regoin").only("unknown-column")
    assert "Did you mean region?" in found.text


# --- bad input: one clear error each, and nothing else ---------------------------------------------------------------


def _text(name: str, text: str | bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return make


def _form(change: Callable[[Any], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "form.xlsx"
        write_form(load_standard("miit-2024"), path, "en")
        book = load_workbook(path)
        change(book)
        book.save(path)
        return path

    return make


def _answer(key: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = book.worksheets[2]
        row = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == key)
        sheet.cell(row, 4).value = value

    return change


def _both(*changes: Callable[[Any], None]) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        for each in changes:
            each(book)

    return change


def _merge(book: Any) -> None:
    book.worksheets[2].merge_cells("D7:D9")


def _other_book(folder: Path) -> Path:
    Workbook().save(folder / "budget.xlsx")
    return folder / "budget.xlsx"


def _sparse(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with (folder / name).open("wb") as stream:
            stream.truncate(200 << 20)
        return folder / name

    return make


def _bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (LARGEST_XML + 1))
    return folder / "bomb.xlsx"


def _sheet(answers: dict[str, Any]) -> Callable[[Path], Path]:
    return _text("sheet.json", json.dumps(raw_sheet("miit-2024", answers)))


CHINESE = json.dumps(raw_sheet("miit-2024", {}, name="杭州精密机械厂"), ensure_ascii=False)
CASES: list[tuple[str, Callable[[Path], Path], str, str, str]] = [
    # what, how it is made, code, place, a part of what is said
    ("unknown question", _sheet({"Q1": "A"}), "unknown-question", "sheet.json, answers.Q1", "mean Q01?"),
    ("no such option", _sheet({"Q05": "Z"}), "unknown-option", "sheet.json, answers.Q05", "A, B, C, D, E"),
    (
        "no such option",
        _form(_answer("Q05", "Z")),
        "unknown-option",
        "sheet Answers, row 43, column D",
        "'Z'",
    ),
    ("no such option", _text("m.csv", "id,Q05\n1,Z\n"), "unknown-option", "m.csv, row 2, column Q05", "'Z'"),
    ("none with others", _sheet({"Q01": ["A", "B"]}), "none-with-others", "answers.Q01", "Keep either A"),
    (
        "none with others",
        _form(_both(_answer("Q01.A", "✓"), _answer("Q01.B", "✓"))),
        "none-with-others",
        "form.xlsx, sheet Answers, row 7, column D",
        "Keep either A",
    ),
    ("none with others", _text("m.csv", "id,Q01\n1,A;B\n"), "none-with-others", "row 2, column Q01", "A"),
    ("percentage", _sheet({"Q02": 135}), "rate-range", "sheet.json, answers.Q02", "0 to 100"),
    ("percentage", _form(_answer("Q02", 135)), "rate-range", "sheet Answers, row 12, column D", "0 to 100"),
    ("percentage", _text("m.csv", "id,Q02\n1,135\n"), "rate-range", "m.csv, row 2, column Q02", "0 to 100"),
    ("text for a number", _sheet({"S01": "two"}), "not-a-number", "sheet.json, answers.S01", "'two'"),
    ("text for a number", _form(_answer("S01", "two")), "not-a-number", "sheet Answers, row", "'two'"),
    ("text for a number", _text("m.csv", "id,S01\n1,two\n"), "not-a-number", "row 2, column S01", "'two'"),
    ("formula error", _form(_answer("Q02", "#DIV/0!")), "formula-error", "row 12, column D", "#DIV/0!"),
    ("merged cells", _form(_merge), "merged-cells", "sheet Answers, row 7, column D", "D7:D9"),
    ("wrong workbook", _other_book, "wrong-workbook", "budget.xlsx", "capillary form"),
    ("wrong sheet", _form(lambda b: setattr(b.worksheets[2], "title", "X")), "wrong-sheet", "form.xlsx", "X"),
    ("empty JSON", _text("a.json", ""), "empty-file", "a.json", "empty"),
    ("empty lines", _text("a.jsonl", ""), "empty-file", "a.jsonl", "empty"),
    ("empty workbook", _text("a.xlsx", ""), "empty-file", "a.xlsx", "empty"),
    ("empty CSV", _text("a.csv", ""), "empty-file", "a.csv", "empty"),
    ("empty Parquet", _text("a.parquet", ""), "empty-file", "a.parquet", "empty"),
    ("200 MB JSON", _sparse("a.json"), "file-too-large", "a.json", "200 MiB"),
    ("200 MB workbook", _sparse("a.xlsx"), "file-too-large", "a.xlsx", "200 MiB"),
    ("200 MB lines", _sparse("a.jsonl"), "not-text", "a.jsonl, row 1", "not a text file"),
    ("200 MB CSV", _sparse("a.csv"), "not-text", "a.csv, row 1", "not a text file"),
    ("200 MB Parquet", _sparse("a.parquet"), "unreadable-table", "a.parquet", "cannot be read"),
    ("GB18030", _text("a.json", CHINESE.encode("gb18030")), "wrong-encoding", "a.json, row 1", "GB18030"),
    ("GB18030", _text("a.jsonl", CHINESE.encode("gb18030")), "wrong-encoding", "a.jsonl, row 1", "GB18030"),
    (
        "GB18030",
        _text("a.csv", "id,name,Q05\n1,杭州精密机械厂,A\n".encode("gb18030")),
        "wrong-encoding",
        "a.csv, row 2",
        "CSV UTF-8",
    ),
    ("zip bomb", _bomb, "zip-bomb", "bomb.xlsx", "4 MiB"),
    ("not JSON", _text("a.json", "{'standard'"), "not-json", "a.json, row 1, column 2", "not JSON"),
    ("not Parquet", _text("a.parquet", "id,Q05\n"), "unreadable-table", "a.parquet", "Parquet"),
    ("unknown kind", _text("a.docx", "PK"), "file-kind", "a.docx", ".jsonl, .ndjson, .csv, .parquet"),
    ("missing", lambda folder: folder / "no.json", "missing-file", "no.json", "does not exist"),
    ("only a head", _text("a.csv", "id,Q05\n"), "no-sheets", "", "no answer sheet"),
    ("only blank lines", _text("a.jsonl", "\n\n"), "no-sheets", "", "no answer sheet"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[2]} {case[3]}")
@pytest.mark.parametrize("out", [None, "out.jsonl", "out.csv", "out.parquet"])
def test_bad_input_has_one_clear_error_and_leaves_nothing(
    tmp_path: Path, case: tuple[str, Callable[[Path], Path], str, str, str], out: str | None
) -> None:
    _, make, code, place, said = case
    path = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    options = ["--out", tmp_path / "made" / out] if out else []
    found = run("score", path, *options).only(code)
    assert place in found.place or place in found.text
    assert said in found.text
    assert found.text.rstrip().endswith((".", "?", "!"))
    assert sorted(tmp_path.iterdir()) == before, "neither the output nor its folder"


def test_an_output_that_is_there_stays_as_it_was(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD, raw_sheet("miit-2024", {"Q05": "Z"})])
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        (tmp_path / name).write_text("precious", encoding="utf-8")
        run("score", source, "--out", tmp_path / name).only("unknown-option")
        assert (tmp_path / name).read_text("utf-8") == "precious"
    assert len(list(tmp_path.iterdir())) == 4


def test_all_errors_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    files = [
        write_json(tmp_path / "good.json", GOOD),
        write_json(tmp_path / "bad.json", raw_sheet("miit-2024", {"Q05": "Z", "Q02": 120, "Q88": 1})),
        _form(_both(_answer("Q05", "Z"), _answer("S01", 9)))(tmp_path),
        _text("many.csv", "id,Q05,Q02\n1,Z,x\n2,Y,200\n")(tmp_path),
        write_lines(tmp_path / "many.jsonl", [raw_sheet("miit-2024", {"Q05": "Z"}), [], GOOD]),
        tmp_path / "missing.parquet",
    ]
    done = run("score", *files, "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert done.out == ""
    assert not (tmp_path / "out.csv").exists()
    assert done.codes.count("unknown-option") == 5
    assert sorted(done.codes) == sorted(
        ["unknown-option"] * 5
        + ["rate-range"] * 2
        + ["unknown-question", "level-range", "not-a-rate", "not-a-sheet", "missing-file"]
    )
    assert done.err.splitlines()[-1] == "12 problem(s) found."


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(write_json(tmp_path / folder / "sheet.json", raw_sheet("miit-2024", {"Q05": "Z"})))
    done = run("score", *paths)
    assert [problem.place.split(", ")[0] for problem in done.problems] == [str(path) for path in paths]


def test_very_many_problems_are_not_all_shown(tmp_path: Path) -> None:
    source = _text("many.csv", "id,Q05\n" + "1,Z\n" * 5000)(tmp_path)
    done = run("score", source)
    assert len(done.problems) == 200
    assert done.err.splitlines()[-3:] == [
        "… and 800 more.",
        "Too many problems: the rest was not read.",
        "1000 problem(s) found.",
    ]


def test_standards_do_not_mix_in_a_table(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD, *some_sheets("eu-dma", 2)])
    found: Found = run("score", source, "--out", tmp_path / "out.csv").only("mixed-standards")
    assert ".jsonl" in found.text
    assert len(scores(run("score", source))) == 3


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.txt"])
def test_outputs_of_other_kinds_are_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    run("score", tmp_path / "missing.json", "--out", tmp_path / name).only("file-kind")


def test_scores_never_take_the_place_of_answers(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD])
    before = source.read_bytes()
    run("score", source, "--out", source).only("out-is-input")
    assert source.read_bytes() == before


def test_a_table_of_counts_does_not_go_with_an_output(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD])
    done = run("score", source, "--by", "region", "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert "--out" in done.err
    assert not (tmp_path / "out.csv").exists()


def test_the_standard_of_a_table_can_be_named(tmp_path: Path) -> None:
    source = _text("many.csv", "id,data\n1,3\n")(tmp_path)
    assert scores(run("score", source, "--standard", "cmmm-2020"))[0]["standard"] == "cmmm-2020"
    found = run("score", source, "--standard", "cmmm").only("unknown-standard")
    assert "Did you mean cmmm-2020?" in found.text


def test_a_full_disk_or_a_forbidden_folder_is_said_plainly(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD])
    (tmp_path / "file").write_text("", encoding="utf-8")
    run("score", source, "--out", tmp_path / "file" / "out.csv").only("file-access")


# --- memory ----------------------------------------------------------------------------------------------------------


# A process inherits the peak of the one that starts it: a small one stands between this one and the measured one.
LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10))
"""


def peak(source: Path, out: Path) -> float:
    """Return the most memory that scoring a file takes, in MiB."""
    scoring = [sys.executable, "-m", "capillary.cli", "score", str(source), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *scoring], capture_output=True, text=True, check=True
    )
    code, most = done.stdout.split()
    assert code == "0"
    return float(most)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_number_of_sheets(tmp_path: Path, kind: str) -> None:
    raws = some_sheets("miit-2024", 1000)
    few = write_lines(tmp_path / "few.jsonl", raws * 2)
    many = write_lines(tmp_path / "many.jsonl", raws * 20)
    assert peak(many, tmp_path / f"a.{kind}") - peak(few, tmp_path / f"b.{kind}") < 4


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "many.jsonl", [GOOD] * 3000)
    command = [sys.executable, "-m", "capillary.cli", "score", str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_tables_of_codes_score_like_tables_of_keys(tmp_path: Path) -> None:
    keys, codes = tmp_path / "keys.csv", tmp_path / "codes.parquet"
    keys.write_text("id,Q01,Q02,Q05,S01\na,B;C,35,C,2\nb,none,0,A,0\n", encoding="utf-8")
    parquet.write_table(
        pa.table({"id": ["a", "b"], "Q01": [3, 0], "Q02": [35, 0], "Q05": [2, 0], "S01": [2, 0]}), codes
    )
    assert scores(run("score", keys)) == scores(run("score", codes))
