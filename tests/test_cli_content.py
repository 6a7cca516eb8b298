"""``capillary content``: authors of standards see every mistake at once, with file, path, cause and remedy."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from capillary.content import SHIPPED

from .sheet_kit import Run, run

QUESTIONS, STANDARD = "questions.yaml", "standard.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the smallest standard, to be broken."""
    copy = tmp_path / "eu-dii-v3"
    shutil.copytree(SHIPPED / "standards" / "eu-dii-v3", copy)
    return copy


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a content file."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rewrite(folder: Path, pattern: str, new: str) -> None:
    """Replace the first match of a pattern in the questions."""
    path = folder / QUESTIONS
    text, count = re.subn(pattern, new, path.read_text("utf-8"), count=1)
    assert count == 1, pattern
    path.write_text(text, encoding="utf-8")


def insert(folder: Path, name: str, after: str, line: str) -> None:
    """Insert a line after the first that begins with a text."""
    path = folder / name
    lines = path.read_text("utf-8").split("\n")
    at = next(number for number, text in enumerate(lines) if text.strip().startswith(after))
    lines.insert(at + 1, line)
    path.write_text("\n".join(lines), encoding="utf-8")


def broken(folder: Path) -> Run:
    done = run("content", "check", folder)
    assert done.exit_code == 2, done.out
    assert done.out == ""
    assert all(problem.place.startswith("eu-dii-v3/") for problem in done.problems)
    return done


def test_what_ships_has_no_errors() -> None:
    done = run("content", "check")
    assert (done.exit_code, done.err) == (0, "")
    assert "no errors" in done.out


def test_a_copy_has_no_errors(folder: Path) -> None:
    assert run("content", "check", folder).exit_code == 0


# what is broken; how; code; a part of its place; a part of what is said
Mistake = tuple[str, Callable[[Path], None], str, str, str]
MISTAKES: list[Mistake] = [
    (
        "an unknown entry of a question",
        lambda f: change(f, QUESTIONS, "    why:", "    whys:"),
        "schema-additionalProperties",
        "questions[0]",
        "Did you mean why?",
    ),
    (
        "an unknown entry of the standard",
        lambda f: change(f, STANDARD, "publisher:", "publishers:"),
        "schema-additionalProperties",
        "standard.yaml",
        "Did you mean publisher?",
    ),
    (
        "a kind that there is not",
        lambda f: change(f, QUESTIONS, "kind: boolean", "kind: bool"),
        "schema-enum",
        "questions[0].kind",
        "bool is not one of the allowed words",
    ),
    (
        "a dangling binding",
        lambda f: rewrite(f, r"means: \{([a-z-]+)s: 1", r"means: {\1z: 1"),
        "unknown-name",
        "questions.yaml, C",
        "Did you mean",
    ),
    (
        "a level that the capability does not have",
        lambda f: rewrite(f, r"(asserts|implied_by): \{([a-z-]+): \d", r"\1: {\2: 9"),
        "unknown-level",
        "questions.yaml, C",
        "Its levels are 1 to",
    ),
    (
        "a missing translation",
        lambda f: rewrite(f, r"title: \{zh: [^,]+,", 'title: {zh: "",'),
        "missing-translation",
        "questions.C01.title",
        "Chinese and in English",
    ),
    (
        "points that do not add up",
        lambda f: change(f, STANDARD, "max: 12", "max: 13"),
        "maximum",
        "standard.yaml, scoring.max",
        "give 12, scoring.max says 13",
    ),
    (
        "two questions of one name",
        lambda f: change(f, QUESTIONS, "id: C02", "id: C01"),
        "stands-twice",
        "questions.yaml, questions",
        "C01 stands 2 times",
    ),
    (
        "a dimension that there is not",
        lambda f: change(f, QUESTIONS, "dimension: ", "dimension: x"),
        "unknown-name",
        "questions.yaml, C01.dimension",
        "is not known",
    ),
    (
        "a folder of another name",
        lambda f: change(f, STANDARD, "id: eu-dii-v3", "id: eu-dii-v4"),
        "folder-name",
        "standard.yaml, id",
        "same name",
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[0])
def test_a_mistake_is_named_with_its_place(folder: Path, mistake: Mistake) -> None:
    _, make, code, place, said = mistake
    make(folder)
    done = broken(folder)
    lines = [line for line in done.err.splitlines() if f"[{code}]" in line]
    assert lines, done.err
    assert any(place in line and said in line for line in lines), done.err


def test_mistakes_of_all_kinds_are_named_at_once(folder: Path) -> None:
    """Everything that can be seen while both files still fit their schemas."""
    for name, make, code, _, _ in MISTAKES:
        if not code.startswith("schema") and name != "points that do not add up":
            make(folder)
    done = broken(folder)
    assert {
        "unknown-name",
        "unknown-level",
        "missing-translation",
        "stands-twice",
        "folder-name",
    } <= set(done.codes)
    assert done.codes.count("unknown-name") >= 2


def test_mistakes_in_both_files_are_named_although_one_does_not_fit(folder: Path) -> None:
    change(folder, QUESTIONS, "    why:", "    whys:")
    change(folder, QUESTIONS, "kind: boolean", "kind: bool")
    path = folder / STANDARD
    path.write_text(
        re.sub(r"summary:\n.*?\n.*?\n", 'summary: {zh: "", en: x}\n', path.read_text("utf-8"), count=1),
        "utf-8",
    )
    done = broken(folder)
    files = {problem.place.split(",")[0] for problem in done.problems}
    assert files == {"eu-dii-v3/questions.yaml", "eu-dii-v3/standard.yaml"}


def test_a_slip_of_yaml_is_named_with_its_line(folder: Path) -> None:
    path = folder / QUESTIONS
    lines = path.read_text("utf-8").split("\n")
    lines[40] = lines[40] + ' "'
    lines[41] = "  : :"
    path.write_text("\n".join(lines), encoding="utf-8")
    done = broken(folder)
    (problem,) = [item for item in done.problems if item.code == "not-yaml"]
    row = re.search(r"row (\d+)", problem.place)
    assert row is not None
    assert 40 <= int(row[1]) <= 44


def test_keys_that_stand_twice_are_named(folder: Path) -> None:
    insert(folder, STANDARD, "id:", "id: eu-dii-v3")
    assert "stands twice" in broken(folder).err


def test_no_is_a_word_and_not_false(folder: Path) -> None:
    """YAML 1.2 reads ``no`` as text; YAML 1.1 would not."""
    rewrite(folder, r"title: \{zh: ([^,]+), en: [^}]+\}", r"title: {zh: \1, en: no}")
    assert run("content", "check", folder).exit_code == 0


@pytest.mark.parametrize("name", [QUESTIONS, STANDARD])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    done = broken(folder)
    assert "missing-file" in done.codes
    assert f"eu-dii-v3/{name}" in done.err


def test_other_encodings_are_named(folder: Path) -> None:
    path = folder / QUESTIONS
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    assert "wrong-encoding" in broken(folder).codes


def test_a_folder_without_standards_is_named(tmp_path: Path) -> None:
    run("content", "check", tmp_path).only("no-content")


def test_all_standards_of_a_content_folder_are_checked(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "standards", tmp_path / "standards")
    shutil.copytree(SHIPPED / "benchmarks", tmp_path / "benchmarks")
    shutil.copy(SHIPPED / "capabilities.yaml", tmp_path)
    assert run("content", "check", tmp_path).exit_code == 0
    change(tmp_path / "standards" / "eu-dii-v3", STANDARD, "publisher:", "publishers:")
    change(tmp_path / "standards" / "cis-ig1", QUESTIONS, "kind: boolean", "kind: bool")
    done = run("content", "check", tmp_path)
    assert {problem.place.split(",")[0] for problem in done.problems} == {
        "eu-dii-v3/standard.yaml",
        "cis-ig1/questions.yaml",
    }


def test_errors_of_the_vocabulary_do_not_hide_those_of_a_standard(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "standards", tmp_path / "standards")
    shutil.copy(SHIPPED / "capabilities.yaml", tmp_path)
    change(tmp_path, "capabilities.yaml", "areas:", "area:")
    change(tmp_path / "standards" / "eu-dii-v3", STANDARD, "publisher:", "publishers:")
    places = {problem.place.split(",")[0] for problem in run("content", "check", tmp_path).problems}
    assert places == {"capabilities.yaml", "eu-dii-v3/standard.yaml"}


def test_a_standard_of_ones_own_is_used_like_those_that_ship(tmp_path: Path) -> None:
    own = tmp_path / "own" / "standards" / "my-own"
    shutil.copytree(SHIPPED / "standards" / "eu-dii-v3", own)
    change(own, STANDARD, "id: eu-dii-v3", "id: my-own")
    listed = run("--content", tmp_path / "own", "standards", "--json")
    assert "my-own" in [item["id"] for item in json.loads(listed.out)]
    form = tmp_path / "form.xlsx"
    assert run("--content", tmp_path / "own", "form", "my-own", form).exit_code == 0
    scored = run("--content", tmp_path / "own", "score", form)
    assert json.loads(scored.out)["standard"] == "my-own"
    run("score", form).only("unknown-standard")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("standard", "standards/eu-dii-v3/standard.yaml"),
        ("questions", "standards/eu-dii-v3/questions.yaml"),
        ("capabilities", "capabilities.yaml"),
        ("benchmark", "benchmarks/eu-dii-v3.yaml"),
    ],
)
def test_schemas_are_printed_and_fit_what_ships(kind: str, path: str) -> None:
    done = run("content", "schema", kind)
    schema = json.loads(done.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    data = yaml.safe_load((SHIPPED / path).read_text("utf-8").replace("en: no}", 'en: "no"}'))
    dates = json.loads(json.dumps(data, default=str))
    errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(dates)]
    assert errors == []


def test_an_unknown_schema_is_refused() -> None:
    assert run("content", "schema", "course").exit_code == 2
