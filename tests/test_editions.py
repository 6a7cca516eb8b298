"""What a change of editions changes, held against changes that the test made itself and scores that it works out itself."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.content import load_standard
from capillary.diagnosis.editions import (
    LARGEST,
    Tally,
    compare_editions,
    rebase,
    rescore,
    tally,
)
from capillary.model.problems import InputError
from capillary.model.sheet import AnswerSheet
from capillary.model.standard import Standard
from capillary.scoring.evaluate import score_sheet
from capillary.sheets.answers import read_sheet

from .strategies import Raw, build, full_sheets, options, partial_sheets, question, small_questions

Made = tuple[list[Raw], list[Raw], set[str], set[str], dict[str, set[str]]]


def standard_of(questions: list[Raw]) -> Standard:
    names = [item["id"] for item in questions]
    gate = {
        "id": "level",
        "kind": "gate",
        "levels": [{"level": 1, "needs": [{"node": "score", "at_least": "2"}]}],
    }
    return build(questions, [{"id": "score", "kind": "sum", "of": names}, gate])


@st.composite
def editions(draw: st.DrawFn) -> Made:
    """Draw the questions of two editions, and what was done to get from one to the other."""
    old = [draw(small_questions(f"Q{number}")) for number in range(draw(st.integers(2, 4)))]
    latest: list[Raw] = []
    dropped: set[str] = set()
    changed: dict[str, set[str]] = {}
    for item in copy.deepcopy(old):
        deed = draw(st.sampled_from(["keep", "drop", "title", "why", "option", "na"]))
        if deed == "drop" and len(dropped) < len(old) - 1:
            dropped.add(item["id"])
            continue
        if deed in {"title", "why"}:
            item[deed] = {"zh": "新", "en": "other"}
            changed[item["id"]] = {deed}
        elif deed == "na":
            item["not_applicable"] = "refused"
            changed[item["id"]] = {"not_applicable"}
        elif deed == "option" and item["kind"] == "multiple":
            item["options"].append({"key": "N", "text": {"zh": "新", "en": "new"}, "points": "0"})
            changed[item["id"]] = {"options", "options.N"}
        latest.append(item)
    new = [draw(small_questions(f"N{number}")) for number in range(draw(st.integers(0, 2)))]
    return old, [*latest, *new], {item["id"] for item in new}, dropped, changed


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(editions())
def test_finds_exactly_what_was_changed(made: Made) -> None:
    old, latest, new, dropped, changed = made
    found = compare_editions(standard_of(old), standard_of(latest))
    assert set(found.new) == new
    assert set(found.dropped) == dropped
    assert {item.question: {part.part for part in item.parts} for item in found.changed} == changed
    assert found.same == len(old) - len(dropped) - len(changed)
    assert found.nodes == ({"score": "changed"} if new or dropped else {})


def fits(standard: Standard, name: str, value: object) -> bool:
    try:
        read_sheet({"standard": standard.id, "answers": {name: value}}, lambda _name: standard)
    except InputError:
        return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(editions(), st.integers(0, 1000))
def test_scores_again_as_if_the_fitting_answers_had_been_sent_anew(made: Made, seed: int) -> None:
    old, latest = standard_of(made[0]), standard_of(made[1])
    for raw in (*full_sheets(old, 3, seed), *partial_sheets(old, 3, seed)):
        sheet = read_sheet(raw, lambda _name: old)
        good = {name: value for name, value in sheet.answers.items() if fits(latest, name, value)}
        anew = read_sheet({"standard": "small", "answers": good}, lambda _name: latest)
        found = rescore(old, latest, sheet)
        assert found.before == score_sheet(old, sheet)
        assert found.after == score_sheet(latest, anew)
        assert {item.question for item in found.refused} == set(sheet.answers) - set(good)
        assert {item.question for item in found.refused if item.code == "dropped"} == set(
            sheet.answers
        ) & made[3]


@pytest.mark.parametrize("name", ["miit-2024", "eu-dma", "cmmm-2020"])
def test_the_same_edition_changes_nothing(name: str) -> None:
    standard = load_standard(name)
    sheets = [read_sheet(raw, lambda _name: standard) for raw in partial_sheets(standard, 20, 7)]
    found = tally(standard, standard, [(str(number), sheet) for number, sheet in enumerate(sheets)])
    assert found.count == len(sheets)
    assert all(before == after for before, after in found.levels)
    assert not found.refused
    assert not found.largest()
    assert all(rebase(standard, standard, sheet) == (sheet, ()) for sheet in sheets)


def test_keeps_what_other_sources_say_where_the_keys_are_the_same() -> None:
    asked = [
        question("Q1", "single", 2, options=options(0, 1, 2)),
        question("Q2", "single", 2, options=options(0, 2)),
    ]
    other = copy.deepcopy(asked)
    other[1]["options"] = options(0, 1, 2)
    old, latest = standard_of(asked), standard_of(other)
    sheet = AnswerSheet(
        "small", read_sheet({"standard": "small"}, lambda _n: old).enterprise, {}, (1, 1), (2, 1)
    )
    moved, refused = rebase(old, latest, sheet)
    assert refused == ()
    assert (moved.lowest, moved.highest) == ((1, 0), (2, 2))


def test_names_options_points_and_words() -> None:
    asked = [question("Q1", "single", 2, options=options(0, 1, 2))]
    other = copy.deepcopy(asked)
    other[0]["options"][1]["points"] = "1.5"
    other[0]["options"][2]["text"] = {"zh": "改", "en": "reworded"}
    other[0]["dimension"] = "all"
    parts = compare_editions(standard_of(asked), standard_of(other)).changed[0].parts
    assert [(part.part, part.effect) for part in parts] == [
        ("options.B.points", "scoring"),
        ("options.C", "wording"),
    ]
    assert (parts[0].before, parts[0].after) == (1, Fraction(3, 2))


def test_an_answer_whose_option_is_gone_is_unknown_and_says_why() -> None:
    asked = [question("Q1", "single", 2, options=options(0, 1, 2)), question("Q2", "boolean", 1)]
    other = copy.deepcopy(asked)
    other[0]["options"] = [other[0]["options"][0], other[0]["options"][2]]
    old, latest = standard_of(asked), standard_of(other)
    sheet = read_sheet({"standard": "small", "answers": {"Q1": "B", "Q2": True}}, lambda _name: old)
    moved, refused = rebase(old, latest, sheet)
    assert dict(moved.answers) == {"Q2": True}
    assert [(item.question, item.code) for item in refused] == [("Q1", "unknown-option")]
    assert score_sheet(latest, moved).score.as_json() == [1, 3]


def test_keeps_the_twenty_largest_shifts() -> None:
    asked = [question("Q1", "single", 60, options=options(*range(61)[:26]) + options(60, key="a"))]
    other = copy.deepcopy(asked)
    for option in other[0]["options"]:
        option["points"] = str(Fraction(option["points"]) * 2)
    other[0]["points"] = "120"
    old, latest = standard_of(asked), standard_of(other)
    found = Tally(old, latest)
    expected: list[tuple[Fraction, str]] = []
    for number, option in enumerate(asked[0]["options"]):
        sheet = read_sheet({"standard": "small", "answers": {"Q1": option["key"]}}, lambda _name: old)
        found.add(f"{number:02}", rescore(old, latest, sheet))
        expected.append((Fraction(option["points"]) / 100, f"{number:02}"))
    assert [(item.size, item.name) for item in found.largest()] == sorted(expected, reverse=True)[:LARGEST]


def test_counts_answers_that_do_not_fit_by_question_and_reason() -> None:
    asked = [question("Q1", "boolean", 2), question("Q2", "boolean", 1)]
    old, latest = standard_of(asked), standard_of(asked[1:])
    sheets: list[Any] = [read_sheet({"standard": "small", "answers": {"Q1": True}}, lambda _name: old)] * 3
    found = tally(old, latest, [(str(number), sheet) for number, sheet in enumerate(sheets)])
    assert found.refused == {("Q1", "dropped"): 3}
    assert found.levels == {(1, 0): 3}
    assert found.causes["Q1", "dropped"].in_("en") == "The question is not asked any more."
