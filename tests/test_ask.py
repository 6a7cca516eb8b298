"""``capillary ask``: asks until the level is certain, keeps every answer at once, and lets the user change his mind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from capillary.cli import ask as module
from capillary.content import load_standard
from capillary.scoring.evaluate import score_sheet

from .sheet_kit import Run, checked, raw_sheet, run, write_json


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def talk(saved: Path, standard: str, *lines: str, options: tuple[str, ...] = ()) -> Run:
    return run("ask", standard, "--save", saved, *options, input="".join(f"{line}\n" for line in lines))


def asked(done: Run, standard: str) -> list[str]:
    """Return the questions asked, in their order."""
    known = load_standard(standard).by_id
    found = [re.match(r"(\S+)  \S", line) for line in done.out.splitlines()]
    return [item[1] for item in found if item and item[1] in known]


def kept(saved: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(saved.read_text("utf-8"))["answers"]
    return answers


@pytest.mark.parametrize(("answer", "level"), [("n", 0), ("y", 3)])
def test_it_stops_when_the_level_is_certain(saved: Path, answer: str, level: int) -> None:
    done = talk(saved, "eu-dii-v3", answer, "q")
    for _ in range(12):
        if "The level is certain" not in done.out:
            done = talk(saved, "eu-dii-v3", answer, "q")
    done = talk(saved, "eu-dii-v3", "n")
    assert done.exit_code == 0
    assert re.search(r"The level is certain. Go on with \d+ more questions", done.out)
    assert f"Answers saved in {saved}. See the report with: capillary diagnose {saved}" in done.out
    assert 0 < len(kept(saved)) < 12
    score = score_sheet(load_standard("eu-dii-v3"), checked(json.loads(saved.read_text("utf-8"))))
    assert score.level is not None
    assert (score.level.low, score.level.high) == (level, level)
    # without the last answer it was not certain yet
    earlier = dict(list(kept(saved).items())[:-1])
    before = score_sheet(load_standard("eu-dii-v3"), checked(raw_sheet("eu-dii-v3", earlier))).level
    assert before is not None
    assert before.low < before.high


def test_it_goes_on_for_detail_where_that_is_wanted(saved: Path) -> None:
    stop = talk(saved, "eu-dii-v3", *["n"] * 12)
    certain_after = len(kept(saved))
    saved.unlink()
    done = talk(saved, "eu-dii-v3", *["n"] * certain_after, "y", *["n"] * (12 - certain_after))
    assert len(kept(saved)) == 12
    assert asked(done, "eu-dii-v3")[:certain_after] == asked(stop, "eu-dii-v3")
    saved.unlink()
    done = talk(saved, "eu-dii-v3", *["n"] * 12, options=("--all",))
    assert len(kept(saved)) == 12
    assert "Go on with" not in done.out


def test_a_finished_interview_says_so_again(saved: Path) -> None:
    talk(saved, "eu-dii-v3", *["y"] * 12, options=("--all",))
    done = talk(saved, "eu-dii-v3")
    assert done.exit_code == 0
    assert "Going on with 12 answers" in done.out
    assert "Level 3" in done.out
    assert asked(done, "eu-dii-v3") == []


def test_a_standard_without_levels_asks_everything(saved: Path) -> None:
    done = talk(saved, "cis-ig1", *["y"] * 56)
    assert len(asked(done, "cis-ig1")) == 56
    assert "56 of 56 questions answered" in done.out
    assert set(kept(saved).values()) == {True}


def test_every_answer_is_kept_at_once(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each prompt the file holds all answers so far: an interview that breaks off loses none."""
    seen: list[int] = []
    prompt = module.click.prompt

    def watched(*arguments: Any, **options: Any) -> Any:
        seen.append(len(kept(saved)) if saved.exists() else 0)
        return prompt(*arguments, **options)

    monkeypatch.setattr(module.click, "prompt", watched)
    talk(saved, "eu-dii-v3", "y", "n", "y", "n", "q")
    assert seen == [0, 1, 2, 3, 4]
    assert len(kept(saved)) == 4


@pytest.mark.parametrize("end", ["q", "Q", "ｑ", ""])
def test_it_pauses_and_goes_on_where_it_was(saved: Path, end: str) -> None:
    whole = talk(saved, "eu-dii-v3", *["n"] * 12)
    order = asked(whole, "eu-dii-v3")
    saved.unlink()
    # without a word the input just ends, as when the terminal is closed
    first = talk(saved, "eu-dii-v3", "n", "n", "n", *([end] if end else []))
    assert first.exit_code == 0
    assert "Paused. Go on with: capillary ask eu-dii-v3 --save" in first.out
    assert list(kept(saved)) == order[:3]
    second = talk(saved, "eu-dii-v3", *["n"] * 12)
    assert "Going on with 3 answers" in second.out
    assert asked(second, "eu-dii-v3") == order[3:]


@pytest.mark.parametrize("back", ["<", "＜"])
def test_back_asks_the_last_question_again(saved: Path, back: str) -> None:
    done = talk(saved, "eu-dii-v3", "n", "n", back, "y", "q")
    order = asked(done, "eu-dii-v3")
    assert order[3] == order[1]
    assert kept(saved) == {order[0]: False, order[1]: True}


def test_back_at_the_first_question_stays_there(saved: Path) -> None:
    done = talk(saved, "eu-dii-v3", "<", "n", "<", "<", "q")
    assert done.out.count("This is the first question.") == 2
    assert len(set(asked(done, "eu-dii-v3")[i] for i in (0, 1, 3, 4))) == 1  # noqa: C401 - reads better
    assert kept(saved) == {}


def test_back_goes_to_what_was_asked_last_answered_or_not(saved: Path) -> None:
    done = talk(saved, "eu-dii-v3", "", "n", "<", "<", "y", "q")
    order = asked(done, "eu-dii-v3")
    # skipped first, answered second; back to the second, back to the first
    assert [order[3], order[4]] == [order[1], order[0]]
    assert kept(saved) == {order[0]: True}


def test_back_after_going_on_takes_back_what_was_answered_before(saved: Path) -> None:
    first = talk(saved, "eu-dii-v3", "n", "n", "q")
    done = talk(saved, "eu-dii-v3", "<", "q")
    assert asked(done, "eu-dii-v3")[1] == asked(first, "eu-dii-v3")[1]
    assert len(kept(saved)) == 1


def test_why_explains_and_asks_again(saved: Path) -> None:
    for word in ("?", "？"):
        done = talk(saved, "miit-2024", word, "q")
        question = load_standard("miit-2024").by_id[asked(done, "miit-2024")[0]]
        assert question.why.en in done.out
        assert question.example.en in done.out
        assert not saved.exists()


def test_what_is_not_known_is_left_out_and_not_asked_again(saved: Path) -> None:
    done = talk(saved, "eu-dii-v3", *[""] * 12)
    assert sorted(asked(done, "eu-dii-v3")) == sorted(load_standard("eu-dii-v3").by_id)
    assert "Level now between 0 and 3 (0 questions answered)" in done.out.splitlines()
    assert not saved.exists()


def test_bad_answers_are_explained_and_asked_again(saved: Path) -> None:
    done = talk(saved, "eu-dii-v3", "perhaps", "2", "y", "q")
    assert "'perhaps' is neither true nor false. Answer y or n." in done.out
    assert len(asked(done, "eu-dii-v3")) == 2
    assert list(kept(saved).values()) == [True]


def test_every_kind_of_question_takes_its_answers(saved: Path) -> None:
    """Answers that fit no kind are refused with the remedy of theirs; those that fit are kept in the form of JSON."""
    standard = load_standard("miit-2024")
    given = {
        "Multiple": ("Z", "b c", ["B", "C"], "Known are"),
        "Rate": ("120", "35%", 35, "35 for 35 %"),
        "Single": ("Z", "c", "C", "Known are"),
        "Level": ("9", "2", 2, "0 to 4"),
    }
    expected: dict[str, Any] = {}
    while len(expected) < 31:
        first = talk(saved, "miit-2024", "q", options=("--all",))
        name = asked(first, "miit-2024")[0]
        bad, good, value, remedy = given[type(standard.by_id[name]).__name__]
        done = talk(saved, "miit-2024", bad, good, "q", options=("--all",))
        assert remedy in done.out
        expected[name] = value
        assert kept(saved) == expected
    sheet = checked(raw_sheet("miit-2024", kept(saved)))
    assert sheet.complete


def test_grids_and_ticks_are_asked_part_by_part(saved: Path) -> None:
    standard = load_standard("eu-dma")
    write_json(
        saved, raw_sheet("eu-dma", {q.id: "na" for q in standard.questions if q.id not in {"Q1", "Q4"}})
    )
    lines = {"Q1": ["1 3", "none"], "Q4": ["5", "", "x", "0", "1", "2", "3", "4"]}
    done = talk(saved, "eu-dma", "q", options=("--all",))
    first = asked(done, "eu-dma")[0]
    other = {"Q1": "Q4", "Q4": "Q1"}[first]
    talk(saved, "eu-dma", *lines[first], *lines[other], options=("--all",))
    assert kept(saved)["Q1"] == {"invested": ["1", "3"], "planned": []}
    assert kept(saved)["Q4"] == {"1": "5", "3": "0", "4": "1", "5": "2", "6": "3", "7": "4"}


def grid_only(saved: Path) -> None:
    standard = load_standard("eu-dma")
    write_json(saved, raw_sheet("eu-dma", {q.id: "na" for q in standard.questions if q.id != "Q4"}))


def test_back_within_a_grid_goes_back_one_row(saved: Path) -> None:
    grid_only(saved)
    talk(saved, "eu-dma", "5", "4", "<", "3", "2", "2", "2", "2", "2", options=("--all",))
    assert kept(saved)["Q4"] == {"1": "5", "2": "3", "3": "2", "4": "2", "5": "2", "6": "2", "7": "2"}


def test_back_at_the_first_row_goes_back_one_question(saved: Path) -> None:
    grid_only(saved)
    before = kept(saved)
    done = talk(saved, "eu-dma", "5", "<", "<", "q", options=("--all",))
    assert asked(done, "eu-dma")[0] == "Q4"
    assert kept(saved) == dict(list(before.items())[:-1])


def test_a_whole_grid_may_not_apply(saved: Path) -> None:
    grid_only(saved)
    talk(saved, "eu-dma", "5", "na", options=("--all",))
    assert kept(saved)["Q4"] == "na"


def test_does_not_apply_is_offered_and_kept(saved: Path) -> None:
    done = talk(saved, "eu-dii-v3", "na", "不适用", "q")
    assert "na  does not apply" in done.out
    assert list(kept(saved).values()) == ["na", "na"]


def test_does_not_apply_is_refused_where_the_question_is_for_all(saved: Path) -> None:
    done = talk(saved, "cmmm-2020", "1", "na", "3", "q")
    assert "applies to every firm" in done.out
    assert list(kept(saved).values()) == [3]


def test_questions_that_do_not_apply_leave_the_score(saved: Path) -> None:
    write_json(
        saved, raw_sheet("cis-ig1", {q.id: True for q in load_standard("cis-ig1").questions if q.id != "4.4"})
    )
    done = talk(saved, "cis-ig1", "na")
    assert asked(done, "cis-ig1") == ["4.4"]
    score = score_sheet(load_standard("cis-ig1"), checked(json.loads(saved.read_text("utf-8"))))
    assert score.score.low == score.score.high == 100


def test_the_kind_of_firm_is_asked_once_and_kept(saved: Path) -> None:
    done = talk(saved, "cmmm-2020", "7", "2", "3", "q")
    assert "Which kind of firm" in done.out
    raw = json.loads(saved.read_text("utf-8"))
    assert raw["variant"] == "process"
    again = talk(saved, "cmmm-2020", "3", "q")
    assert "Which kind of firm" not in again.out
    assert len(kept(saved)) == 2


def test_the_kind_of_firm_can_be_named(saved: Path) -> None:
    talk(saved, "cmmm-2020", "3", "q", options=("--variant", "discrete"))
    assert json.loads(saved.read_text("utf-8"))["variant"] == "discrete"
    found = talk(saved, "cmmm-2020", options=("--variant", "discreet")).only("unknown-variant")
    assert "Did you mean discrete?" in found.text
    talk(saved, "eu-dii-v3", options=("--variant", "discrete")).only("unknown-variant")


def test_a_smart_factory_is_proven_with_few_questions(saved: Path) -> None:
    done = talk(saved, "cmmm-2020", "1", *["3"] * 20)
    assert "Level 3" in done.out
    assert len(kept(saved)) <= 20


def test_what_else_a_sheet_says_survives_the_interview(saved: Path) -> None:
    raw = raw_sheet("eu-dii-v3", {"C01": True}, id="a", founded=1999)
    raw["evidence"] = {"C01": "documented"}
    write_json(saved, raw)
    talk(saved, "eu-dii-v3", "y", "q")
    after = json.loads(saved.read_text("utf-8"))
    assert len(after.pop("answers")) == 2
    raw.pop("answers")
    assert after == raw


def test_a_sheet_of_another_standard_is_not_overwritten(saved: Path) -> None:
    write_json(saved, raw_sheet("eu-dma", {}))
    before = saved.read_bytes()
    found = talk(saved, "eu-dii-v3", "y").only("other-standard")
    assert "--save" in found.text
    assert saved.read_bytes() == before


def test_a_damaged_sheet_is_not_overwritten(saved: Path) -> None:
    saved.write_text("{", encoding="utf-8")
    talk(saved, "eu-dii-v3", "y").only("not-json")
    assert saved.read_text("utf-8") == "{"


def test_answers_are_kept_beside_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("ask", "eu-dii-v3", input="y\nq\n")
    assert len(kept(tmp_path / "eu-dii-v3-answers.json")) == 1
    run("ask", "eu-dii", input="").only("unknown-standard")
