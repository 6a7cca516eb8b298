"""The command line as newcomers use it: forms, the list of standards, a diagnosis, languages, files that appear whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from openpyxl import load_workbook

from capillary.cli import COMMANDS
from capillary.cli.common import default_language, whole_file
from capillary.content import load_standard
from capillary.model.fields import fields_of

from .sheet_kit import STANDARDS, answers_by_lot, raw_sheet, run, scores, write_json


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    words = [sys.executable, "-m", "capillary.cli", *map(str, arguments)]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run(words, capture_output=True, encoding="utf-8", env=known | environment, check=False)


# --- form ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_form_is_written_filled_and_read(tmp_path: Path, name: str, language: str) -> None:
    raw = raw_sheet(name, answers_by_lot(load_standard(name), Random(1)), id="a")  # noqa: S311 - a lot, no secret
    source = write_json(tmp_path / "sheet.json", raw)
    form = tmp_path / "form.xlsx"
    done = run("form", name, form, "--from", source, "--lang", language)
    assert (done.exit_code, done.err) == (0, "")
    assert scores(run("score", form)) == scores(run("score", source))
    again = tmp_path / "again.xlsx"
    assert (
        run("form", name, again, "--from", form, "--lang", "zh" if language == "en" else "en").exit_code == 0
    )
    assert scores(run("score", again)) == scores(run("score", source))


def test_the_form_opens_on_its_guide_in_the_language_asked_for(tmp_path: Path) -> None:
    for language, sheets in (("zh", ["说明", "企业", "填报"]), ("en", ["Guide", "Enterprise", "Answers"])):
        assert run("form", "miit-2024", tmp_path / "form.xlsx", "--lang", language).exit_code == 0
        book = load_workbook(tmp_path / "form.xlsx")
        assert book.sheetnames[:3] == sheets
        assert book.active is not None
        assert book.active.title == sheets[0]


def test_what_cannot_be_a_form_is_refused(tmp_path: Path) -> None:
    good = write_json(tmp_path / "good.json", raw_sheet("miit-2024", {}))
    bad = write_json(tmp_path / "bad.json", raw_sheet("miit-2024", {"Q05": "Z"}))
    out = tmp_path / "form.xlsx"
    assert "Did you mean miit-2024?" in run("form", "miit2024", out).only("unknown-standard").text
    run("form", "miit-2024", tmp_path / "form.xls").only("file-kind")
    run("form", "eu-dma", out, "--from", good).only("other-standard")
    run("form", "miit-2024", out, "--from", bad).only("unknown-option")
    run("form", "miit-2024", out, "--from", tmp_path / "many.csv").only("file-kind")
    assert not out.exists()
    out.write_text("precious", encoding="utf-8")
    run("form", "miit-2024", out, "--from", bad).only("unknown-option")
    assert out.read_text("utf-8") == "precious"


# --- standards -------------------------------------------------------------------------------------------------------


def test_the_standards_are_listed() -> None:
    done = run("standards")
    assert done.exit_code == 0
    for name in STANDARDS:
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"{name} ")]
        assert f"({len(load_standard(name).questions)} questions)" in line
    listed = {item["id"]: item for item in json.loads(run("standards", "--json").out)}
    assert set(listed) == set(STANDARDS)
    assert listed["miit-2024"]["levels"] == [0, 1, 2, 3, 4]
    assert listed["cis-ig1"]["levels"] == []


@pytest.mark.parametrize("name", STANDARDS)
def test_a_standard_is_shown_whole(name: str) -> None:
    standard = load_standard(name)
    text = run("standards", "show", name).out
    whole = json.loads(run("standards", "show", name, "--json").out)
    assert [item["id"] for item in whole["questions"]] == [question.id for question in standard.questions]
    assert [column for item in whole["questions"] for column in item["columns"]] == [
        field.id for field in fields_of(standard)
    ]
    for question in standard.questions:
        assert f"  {question.id}  {question.text.en}" in text
    for level in standard.file.levels:
        assert f"{level.level}  {level.title.en}" in text
    for source in standard.file.sources:
        assert source.title.en in text
    for item in whole["questions"]:
        for answer in (*item["answers"], *item["scale"]):
            assert answer["key"] in text
            assert answer["text"]["en"] in text


def test_an_unknown_standard_is_guessed() -> None:
    assert "Did you mean eu-dma?" in run("standards", "show", "eu-dm").only("unknown-standard").text


# --- diagnose --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARDS)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_diagnosis_agrees_with_the_score(tmp_path: Path, name: str, share: float) -> None:
    answers = answers_by_lot(load_standard(name), Random(2), share=share)  # noqa: S311 - a lot, no secret
    source = write_json(tmp_path / "sheet.json", raw_sheet(name, answers, name="Lathe & Co"))
    (line,) = scores(run("score", source))
    done = run("diagnose", source)
    assert (done.exit_code, done.err) == (0, "")
    assert done.out.startswith(f"Lathe & Co · {load_standard(name).file.title.en}")
    assert f"{len(answers)} of {len(load_standard(name).questions)} questions answered" in done.out
    if line["level"] is not None:
        low, high = line["level"]
        assert (f"\nLevel {low} of " if low == high else f"Level between {low} and {high}") in done.out
    as_json = run("diagnose", source, "--json")
    assert as_json.exit_code == 0
    diagnosis = json.loads(as_json.out)
    assert diagnosis["score"] == pytest.approx(line["score"])
    assert diagnosis["level"] == line["level"]
    assert diagnosis["answered"] == len(answers)


def test_a_diagnosis_takes_one_sheet_and_names_everything_wrong_with_it(tmp_path: Path) -> None:
    bad = write_json(tmp_path / "bad.json", raw_sheet("miit-2024", {"Q05": "Z", "Q02": 200}))
    done = run("diagnose", bad, "--html", tmp_path / "report.html")
    assert (done.exit_code, done.out) == (2, "")
    assert sorted(done.codes) == ["rate-range", "unknown-option"]
    assert not (tmp_path / "report.html").exists()
    run("diagnose", tmp_path / "missing.json").only("missing-file")
    assert "capillary score" in run("diagnose", tmp_path / "many.csv").only("file-kind").text


# --- everywhere ------------------------------------------------------------------------------------------------------


def test_every_command_explains_itself() -> None:
    text = run("--help").out
    for name, sentence in COMMANDS.items():
        assert name in text
        assert sentence.split(":")[0] in " ".join(text.split())
        done = run(name, "--help")
        assert done.exit_code == 0
        # what `manage` passes on is explained by Django, in its own way
        assert "--lang" in done.out or name == "manage"
    assert run("nonsense").exit_code == 2
    assert run("--version").out.startswith("capillary")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


def test_titles_come_in_the_language_asked_for_before_or_after_the_command() -> None:
    title = load_standard("miit-2024").file.title
    assert title.zh not in run("standards", "--lang", "en").out
    assert title.en in run("standards", "--lang", "en").out
    for words in (
        ("standards", "show", "miit-2024", "--lang", "zh"),
        ("standards", "--lang", "zh", "show", "miit-2024"),
    ):
        assert run(*words).out.startswith(title.zh)


def test_chinese_is_printed_whatever_the_locale_says(tmp_path: Path) -> None:
    """Where the terminal's encoding knows no Chinese, as on old servers, output is UTF-8 all the same."""
    source = write_json(tmp_path / "sheet.json", raw_sheet("eu-dii-v3", {"C01": True}, name="杭州精密机械厂"))
    done = command("score", source, LANG="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert json.loads(done.stdout)["enterprise"]["name"] == "杭州精密机械厂"
    done = command("--lang", "en", "score", tmp_path / "杭州.json", LANG="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "杭州.json: The file does not exist." in done.stderr


def test_problems_go_to_standard_error_in_one_line_each(tmp_path: Path) -> None:
    bad = write_json(tmp_path / "bad.json", raw_sheet("miit-2024", {"Q05": "Z"}))
    done = command("--lang", "en", "score", bad)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "bad.json, answers.Q05: There is no option 'Z'. Known are: A, B, C, D, E. [unknown-option]\n"
        "1 problem(s) found.\n"
    )


def write_half(path: Path, error: BaseException) -> None:
    with whole_file(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "out.txt"
    with pytest.raises(RuntimeError):
        write_half(path, RuntimeError())
    assert list(tmp_path.iterdir()) == []
    with whole_file(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert path.read_text("utf-8") == "whole"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(KeyboardInterrupt):
        write_half(path, KeyboardInterrupt())
    assert path.read_text("utf-8") == "whole"
    assert list(path.parent.iterdir()) == [path]
