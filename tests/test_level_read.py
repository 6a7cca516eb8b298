"""A level read in another standard: exact under the own one, an interval across, and the grade that carries its lower end."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from capillary.content import load_capabilities, load_standard, standard_ids
from capillary.diagnosis.level_read import LevelRead, level_read
from capillary.diagnosis.profile import profile_of, read_across
from capillary.model.sheet import GRADES, AnswerSheet
from capillary.scoring import score_sheet
from capillary.sheets import read_sheet

from .strategies import Dice, full_sheets, partial_sheets

CAPABILITIES = load_capabilities()
LEVELLED = [
    name
    for name in standard_ids()
    if score_sheet(load_standard(name), read_sheet({"standard": name, "answers": {}}, load_standard)).level
]
PAIRS = [pair for pair in permutations(sorted(standard_ids()), 2) if pair[1] in LEVELLED]
COUNT = 12


def read(raw: dict[str, Any]) -> AnswerSheet:
    return read_sheet(raw, load_standard)


def found_in(name: str, *raws: dict[str, Any]) -> LevelRead | None:
    return level_read(
        load_standard(name), [(load_standard(raw["standard"]), read(raw)) for raw in raws], CAPABILITIES
    )


def graded(raw: dict[str, Any], seed: int) -> dict[str, Any]:
    dice = Dice(seed)
    return raw | {"evidence": {name: dice.pick(GRADES) for name in raw["answers"] if dice.chance(0.7)}}


def with_grade(raw: dict[str, Any], least: str) -> dict[str, Any]:
    """Return the sheet as if only answers of a grade and better had been sent."""
    kept = {
        name
        for name in raw["answers"]
        if GRADES.index(raw["evidence"].get(name, "declared")) >= GRADES.index(least)
    }
    return raw | {
        "answers": {name: value for name, value in raw["answers"].items() if name in kept},
        "evidence": {name: value for name, value in raw["evidence"].items() if name in kept},
    }


@pytest.mark.parametrize("name", LEVELLED)
def test_under_the_own_standard_it_is_the_level_of_the_answers(name: str) -> None:
    other = next(item for item in sorted(standard_ids()) if item != name)
    beside = full_sheets(load_standard(other), 1, 3)[0]
    for raw in partial_sheets(load_standard(name), COUNT, 1):
        level = score_sheet(load_standard(name), read(raw)).level
        found = found_in(name, beside, raw)
        assert level is not None
        assert found is not None
        assert (found.at_least, found.at_most) == (int(level.low), int(level.high))
        assert found.own
        assert found.sources == (name,)


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join)
def test_across_it_is_what_the_profile_says(pair: tuple[str, str]) -> None:
    for raw in partial_sheets(load_standard(pair[0]), COUNT, 2):
        profile = profile_of(load_standard(pair[0]), read(raw), CAPABILITIES)
        across = read_across(load_standard(pair[1]), profile)
        level = across.score.level
        found = found_in(pair[1], raw)
        assert level is not None
        assert found is not None
        assert (found.at_least, found.at_most, found.own) == (int(level.low), int(level.high), False)
        assert found.score == across.score.score
        assert (found.settled, found.questions) == (
            len(across.settled),
            len(across.settled) + len(across.open),
        )


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join)
def test_the_grade_is_the_best_that_carries_the_lower_end(pair: tuple[str, str]) -> None:
    blank = found_in(pair[1], {"standard": pair[0], "answers": {}})
    assert blank is not None
    assert blank.grade is None
    for target in pair if pair[0] in LEVELLED else pair[1:]:
        for number, plain in enumerate(full_sheets(load_standard(pair[0]), COUNT, 4)):
            raw = graded(plain, number)
            found = found_in(target, raw)
            assert found is not None
            lows = []
            for grade in GRADES:
                alone = found_in(target, with_grade(raw, grade))
                assert alone is not None
                lows.append(alone.at_least)
            carried = [grade for grade, low in zip(GRADES, lows, strict=True) if low >= found.at_least]
            empty = found_in(target, {"standard": pair[0], "answers": {}})
            assert empty is not None
            assert found.grade == (None if found.at_least == empty.at_least else carried[-1])


def test_a_second_standard_narrows() -> None:
    """What two standards say together is never wider than what one of them says."""
    first, second, target = "eu-dii-v3", "cmmm-2020", "miit-2024"
    for one, two in zip(
        full_sheets(load_standard(first), COUNT, 5), full_sheets(load_standard(second), COUNT, 6), strict=True
    ):
        alone, both = found_in(target, one), found_in(target, one, two)
        assert alone is not None
        assert both is not None
        assert both.at_least >= alone.at_least
        assert both.sources == (first, second)


def test_nothing_answered_says_nothing() -> None:
    assert found_in("miit-2024") is None
