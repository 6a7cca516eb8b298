"""The smallest way to a level and the smallest proof of one: nothing smaller exists, by brute force.

Small standards are made up for brute force; certificates of the large ones are compared with an integer program.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from capillary.content import load_standard, standard_ids
from capillary.diagnosis.conditions import conditions_of
from capillary.diagnosis.cover import Alternative, Item, smallest_cover
from capillary.diagnosis.interview import Interview, smallest_certificate
from capillary.diagnosis.nearest import nearest_ways
from capillary.diagnosis.simulate import simulate
from capillary.model.standard import Multiple
from capillary.scoring.program import compile_standard
from capillary.sheets.answers import read_sheet

from .strategies import (
    FRACTIONS,
    NA,
    Raw,
    build,
    codes_of,
    full_sheets,
    levels,
    options,
    partial_sheets,
    question,
    rows,
    sheets,
    small_questions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.diagnosis.nearest import Nearest, WayUp
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.scoring.program import Program

SEARCH = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(SEARCH, max_examples=60)
LARGEST_WAY = 3


# --- smallest_cover ----------------------------------------------------------------------------------------


@st.composite
def _instances(draw: st.DrawFn) -> tuple[list[Item], tuple[int, ...]]:
    width = draw(st.integers(1, 3))
    gains = st.tuples(*(st.integers(0, 4) for _ in range(width)))
    ways = st.lists(st.tuples(st.integers(1, 4), gains), min_size=1, max_size=3)
    items = [
        tuple(Alternative(f"{number}.{at}", cost, gain) for at, (cost, gain) in enumerate(found))
        for number, found in enumerate(draw(st.lists(ways, max_size=6)))
    ]
    return items, draw(st.tuples(*(st.integers(-1, 8) for _ in range(width))))


def _meets(chosen: Sequence[Alternative], demands: Sequence[int]) -> bool:
    return all(sum(way.gain[at] for way in chosen) >= demand for at, demand in enumerate(demands))


@SEARCH
@given(_instances())
def test_a_cover_is_as_cheap_as_the_best_of_all_choices(instance: tuple[list[Item], tuple[int, ...]]) -> None:
    items, demands = instance
    choices = ([way for way in some if way] for some in product(*((None, *item) for item in items)))
    best = min((sum(way.cost for way in some) for some in choices if _meets(some, demands)), default=None)
    cover = smallest_cover(items, demands)
    if best is None:
        assert cover is None
        return
    assert cover is not None
    assert cover.cost == best == sum(way.cost for way in cover.chosen)
    assert _meets(cover.chosen, demands)
    assert len({way.name.split(".")[0] for way in cover.chosen}) == len(cover.chosen), "an item is used twice"
    assert set(cover.chosen) <= {way for item in items for way in item}


@SEARCH
@given(st.integers(1, 8), st.integers(1, 8))
def test_among_equals_a_cover_uses_earlier_items(count: int, demand: int) -> None:
    items: list[Item] = [(Alternative(str(number), 1, (1,)),) for number in range(count)]
    cover = smallest_cover(items, (demand,))
    if demand > count:
        assert cover is None
    else:
        assert cover is not None
        assert [way.name for way in cover.chosen] == [str(number) for number in range(demand)]


# --- nearest_ways ------------------------------------------------------------------------------------------


def _sheet(standard: Standard, raw: Raw) -> AnswerSheet:
    return read_sheet(raw, lambda _identifier: standard)


def _level(program: Program, codes: Sequence[int]) -> int:
    assert program.level is not None
    return int(program.run([np.array([code]) for code in codes])[program.level][0])


def _applied(program: Program, sheet: AnswerSheet, way: WayUp) -> list[int]:
    """Return the lowest codes of a sheet with the improvements of a way applied to them."""
    codes = list(sheet.lowest)
    for improvement in way.improvements:
        at = program.field_position[improvement.field]
        field = program.fields[at]
        assert improvement.question == field.question
        assert improvement.before == field.chosen(codes[at])
        assert improvement.unknown == (sheet.lowest[at] != sheet.highest[at])
        if field.kind == "set":
            added = sum(1 << field.position[key] for key in improvement.after)
            assert not added & codes[at], "what is there already is no improvement"
            assert improvement.steps == added.bit_count() > 0
            codes[at] |= added
        else:
            (key,) = improvement.after
            assert improvement.steps == field.position[key] - codes[at] > 0
            codes[at] = field.position[key]
    return codes


def _allowed(standard: Standard, program: Program, sheet: AnswerSheet, codes: Sequence[int]) -> bool:
    """Say whether every tick that is new comes with those that it requires, and nothing changed that does not apply."""
    for at, field in enumerate(program.fields):
        new = codes[at] & ~sheet.lowest[at] if field.kind == "set" else codes[at] - sheet.lowest[at]
        if new and field.question in sheet.not_applicable:
            return False
        asked = standard.by_id[field.question]
        if isinstance(asked, Multiple):
            for option in asked.options:
                required = sum(1 << field.position[key] for key in option.requires if key in field.position)
                if (
                    option.key in field.position
                    and new >> field.position[option.key] & 1
                    and codes[at] & required != required
                ):
                    return False
    return True


def _within(program: Program, codes: Sequence[int], steps: int) -> Iterator[list[int]]:
    """Yield all answers that are at most so many single steps (one rung, one tick) above these."""
    if steps:
        for at, field in enumerate(program.fields):
            if field.kind == "set":
                higher = [codes[at] | 1 << bit for bit in range(len(field.keys)) if not codes[at] >> bit & 1]
            else:
                higher = [codes[at] + 1] if codes[at] < field.top else []
            for code in higher:
                yield from _within(program, [*codes[:at], code, *codes[at + 1 :]], steps - 1)
    yield list(codes)


def _hold_nearest(standard: Standard, program: Program, sheet: AnswerSheet, *, brute: bool) -> Nearest | None:
    """Check the ways against the level that they are to reach, and against everything smaller."""
    found = nearest_ways(program, sheet)
    now = _level(program, sheet.lowest)
    if now == program.top_level:
        assert found is None
        return None
    assert found is not None
    assert found.level == now + 1
    for way in found.ways:
        codes = _applied(program, sheet, way)
        assert way.steps == found.steps
        assert _level(program, codes) >= found.level, f"{way} does not reach level {found.level}"
        assert _allowed(standard, program, sheet, codes)
    assert len(set(found.ways)) == len(found.ways)
    if brute:
        smaller = found.steps - 1 if found.ways else LARGEST_WAY
        for codes in _within(program, sheet.lowest, min(smaller, LARGEST_WAY)):
            reached = _level(program, codes) >= found.level and _allowed(standard, program, sheet, codes)
            assert not reached, f"{codes} reaches level {found.level} in fewer steps than {found.steps}"
    return found


def _small() -> Standard:
    """Return a standard with ladders, ticks, ticks that need others, a grid, and a gate on score and counts."""
    return build(
        [
            question(
                "A",
                "multiple",
                5,
                options=[
                    *options(0, key="Z", exclusive=True),
                    *options(1, 1),
                    *options(3, key="C", requires=["A", "B"]),
                ],
            ),
            question("B", "single", 4, options=options(0, 1, 4)),
            question("C", "level", 3, levels=levels(1, 2, 3)),
            question("D", "level", 3, levels=levels(1, 2, 3)),
            question("E", "grid", 2, rows=rows(2), scale=options(0, 1)),
            question("F", "ticks", 2, rows=rows(2), columns=options(1)),
        ],
        [
            {"id": "score", "kind": "sum", "of": ["A", "B", "E", "F"], "weights": [1, 1, "1/2", "1/2"]},
            {"id": "at-1", "kind": "count-at-least", "of": ["C", "D"], "threshold": 1},
            {"id": "at-2", "kind": "count-at-least", "of": ["C", "D"], "threshold": 2},
            {
                "id": "level",
                "kind": "gate",
                "levels": [
                    {
                        "level": 1,
                        "needs": [{"node": "score", "at_least": 2}, {"node": "at-1", "at_least": 1}],
                    },
                    {
                        "level": 2,
                        "needs": [{"node": "score", "at_least": 5}, {"node": "at-2", "at_least": 1}],
                    },
                    {
                        "level": 3,
                        "needs": [{"node": "score", "at_least": 8}, {"node": "at-2", "at_least": 2}],
                    },
                ],
            },
        ],
    )


@FEW
@given(st.data())
def test_no_smaller_set_of_improvements_reaches_the_next_level(data: st.DataObject) -> None:
    standard = _small()
    raw = data.draw(sheets(standard, partial=True))
    _hold_nearest(standard, compile_standard(standard), _sheet(standard, raw), brute=True)


def test_brute_force_meets_ways_of_every_size() -> None:
    """The comparison above is worth something: there are ways of one, two, three and more steps, and several of each."""
    standard = _small()
    program = compile_standard(standard)
    sizes: dict[int, int] = {}
    for raw in [*full_sheets(standard, 60, seed=73), *partial_sheets(standard, 60, seed=79)]:
        found = _hold_nearest(standard, program, _sheet(standard, raw), brute=True)
        if found is not None:
            sizes[found.steps] = max(sizes.get(found.steps, 0), len(found.ways))
    assert set(sizes) >= {1, 2, 3, 4}
    assert max(sizes.values()) > 1


@st.composite
def _additive_standards(draw: st.DrawFn) -> Standard:
    """Draw a standard whose level comes from its score."""
    asked = [draw(small_questions(f"Q{number}")) for number in range(draw(st.integers(1, 3)))]
    names = [item["id"] for item in asked]
    weights = [str(draw(FRACTIONS)) for _ in names]
    cuts = [str(cut) for cut in sorted(draw(st.sets(FRACTIONS, min_size=1, max_size=3)))]
    nodes = [
        {"id": "score", "kind": "sum", "of": names, "weights": weights},
        {"id": "level", "kind": "band", "of": ["score"], "from": cuts},
    ]
    return build(asked, nodes)


@SEARCH
@given(data=st.data(), standard=_additive_standards())
def test_no_smaller_set_of_improvements_reaches_the_next_band(
    data: st.DataObject, standard: Standard
) -> None:
    raw = data.draw(sheets(standard, partial=True))
    _hold_nearest(standard, compile_standard(standard), _sheet(standard, raw), brute=True)


def test_ways_through_a_question_whose_points_are_capped() -> None:
    """Three ticks of one point each give two together: they are no way to three points."""
    standard = build(
        [
            question("A", "multiple", 2, options=options(1, 1, 1)),
            question("B", "level", 1, levels=levels(0, 1)),
        ],
        [
            {"id": "score", "kind": "sum", "of": ["A", "B"]},
            {"id": "level", "kind": "band", "of": ["score"], "from": [3]},
        ],
    )
    sheet = _sheet(standard, {"standard": "small", "answers": {"A": [], "B": 0}})
    found = _hold_nearest(standard, compile_standard(standard), sheet, brute=True)
    assert found is not None
    assert found.steps == 4


def test_ways_through_a_count_of_questions_with_ticks() -> None:
    """A question counts from two ticks on: neither tick brings anything alone, both together do."""
    standard = build(
        [question("A", "multiple", 3, options=options(1, 1, 1)), question("B", "level", 1, levels=levels(1))],
        [
            {"id": "score", "kind": "sum", "of": ["A", "B"]},
            {"id": "done", "kind": "count-at-least", "of": ["A", "B"], "threshold": 2},
            {
                "id": "level",
                "kind": "gate",
                "levels": [{"level": 1, "needs": [{"node": "done", "at_least": 1}]}],
            },
        ],
    )
    sheet = _sheet(standard, {"standard": "small", "answers": {"A": [], "B": 1}})
    found = _hold_nearest(standard, compile_standard(standard), sheet, brute=True)
    assert found is not None
    assert found.steps == 2


@pytest.mark.parametrize("identifier", standard_ids())
def test_ways_of_the_standards_reach_their_level(identifier: str) -> None:
    standard = load_standard(identifier)
    for raw in partial_sheets(standard, 40, seed=83):
        if standard.file.variants:
            raw.setdefault("variant", standard.file.variants[0].id)
        sheet = _sheet(standard, raw)
        drops = [name for name in sheet.not_applicable if standard.by_id[name].not_applicable == "drop"]
        program = compile_standard(standard, sheet.variant, frozenset(drops))
        if program.level is None:
            assert nearest_ways(program, sheet) is None
        else:
            _hold_nearest(standard, program, sheet, brute=False)


def test_no_way_where_too_much_does_not_apply() -> None:
    standard = load_standard("miit-2024")
    nothing = {f"S{number:02}": NA for number in range(1, 17)}
    sheet = _sheet(standard, {"standard": standard.id, "answers": nothing})
    found = nearest_ways(compile_standard(standard), sheet)
    assert found is not None
    assert (found.level, found.steps, found.ways) == (1, 0, ())


# --- smallest_certificate ----------------------------------------------------------------------------------


def _certain(program: Program, codes: Sequence[int], known: frozenset[str]) -> bool:
    """Say whether the answers to these questions alone leave one level only."""
    spans = [
        (code, code) if field.question in known else (0, field.top)
        for field, code in zip(program.fields, codes, strict=True)
    ]
    assert program.level is not None
    low, high = program.run([np.array(span) for span in spans])[program.level]
    return bool(low == high)


def _fewest(program: Program, codes: Sequence[int]) -> int:
    names = [item.id for item in program.standard.questions]
    return next(
        size
        for size in range(len(names) + 1)
        for some in combinations(names, size)
        if _certain(program, codes, frozenset(some))
    )


@FEW
@given(st.data())
def test_a_certificate_is_as_small_as_the_smallest_of_all_sets_of_questions(data: st.DataObject) -> None:
    program = compile_standard(_small())
    codes = data.draw(codes_of(program.fields))
    assert smallest_certificate(program, codes) == _fewest(program, codes)


@FEW
@given(data=st.data(), standard=_additive_standards())
def test_a_certificate_of_a_band_is_as_small_as_the_smallest(data: st.DataObject, standard: Standard) -> None:
    program = compile_standard(standard)
    assume(conditions_of(program) is not None)
    codes = data.draw(codes_of(program.fields))
    assert smallest_certificate(program, codes) == _fewest(program, codes)


def _firms(program: Program, count: int, seed: int) -> list[list[int]]:
    simulated = simulate(program, count, np.random.default_rng(seed))
    return np.array(simulated).T.tolist()


def _by_question(program: Program, codes: Sequence[int], node: int) -> tuple[list[int], list[int], int]:
    """Return what each question earns and loses of a node's value, by running the program, and the base value."""
    names = [item.id for item in program.standard.questions]
    nothing, everything = [0 for _ in program.fields], [field.top for field in program.fields]

    def only(name: str, rest: list[int]) -> list[int]:
        return [
            code if field.question == name else other
            for field, code, other in zip(program.fields, codes, rest, strict=True)
        ]

    tries = [nothing, everything, *(only(name, rest) for rest in (nothing, everything) for name in names)]
    values = program.run(list(np.array(tries).T))[node].tolist()
    base, top, rest = values[0], values[1], values[2:]
    earned = [value - base for value in rest[: len(names)]]
    lost = [top - value for value in rest[len(names) :]]
    return earned, lost, base


def _fewest_by_integer_program(program: Program, codes: Sequence[int]) -> int:
    """Choose the fewest questions that earn every need of the level and make one need of the next impossible."""
    found = conditions_of(program)
    assert found is not None
    level = _level(program, codes)
    needs = []
    for need in found.of(level):
        earned, _, base = _by_question(program, codes, need.node)
        needs.append((earned, need.least - base))
    proofs = []
    for spoiled in found.of(level + 1) if level < program.top_level else (None,):
        wanted = list(needs)
        if spoiled is not None:
            _, lost, _ = _by_question(program, codes, spoiled.node)
            wanted.append((lost, program.tops[spoiled.node] - spoiled.least + 1))
        count = len(program.standard.questions)
        if not wanted:
            return 0
        matrix, least = np.array([row for row, _ in wanted], dtype=float), [demand for _, demand in wanted]
        solved = milp(
            np.ones(count),
            integrality=np.ones(count),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, lb=least),
        )
        if solved.success:
            chosen = np.rint(solved.x).astype(int)
            assert all(int(np.dot(chosen, row)) >= demand for row, demand in wanted), (
                "the solver cut a corner"
            )
            proofs.append(int(chosen.sum()))
    return min(proofs)


@pytest.mark.parametrize("identifier", ["miit-2024", "eu-dma"])
def test_a_certificate_is_as_small_as_an_integer_program_finds(identifier: str) -> None:
    program = compile_standard(load_standard(identifier))
    firms = _firms(program, 50, seed=89)
    assert len({_level(program, codes) for codes in firms}) == program.top_level + 1
    for codes in firms:
        assert smallest_certificate(program, codes) == _fewest_by_integer_program(program, codes), codes


def test_a_certificate_asks_for_nothing_that_every_answer_gives() -> None:
    """The least answer gives a point already and the score starts at one: both are certain before anyone is asked."""
    standard = build(
        [question("A", "single", 2, options=options(1, 2)), question("B", "boolean", 1)],
        [
            {"id": "score", "kind": "sum", "of": ["A", "B"], "plus": 1},
            {"id": "level", "kind": "band", "of": ["score"], "from": [2, 4]},
        ],
    )
    program = compile_standard(standard)
    for codes in product(range(2), range(2)):
        assert smallest_certificate(program, codes) == _fewest(program, codes), codes


def test_a_standard_without_levels_has_no_certificate() -> None:
    standard = build([question("A", "boolean", 1)], [{"id": "score", "kind": "sum", "of": ["A"]}], level=None)
    assert smallest_certificate(compile_standard(standard), [1]) is None


# --- The interview -----------------------------------------------------------------------------------------


def _hold_interview(program: Program, codes: Sequence[int], refused: frozenset[str] = frozenset()) -> int:
    """Hold an interview with a firm; ``refused`` are the questions that it cannot answer. Return how many were asked."""
    interview = Interview.start(program)
    asked: list[str] = []
    while not interview.certain():
        name = interview.next_question()
        if name is None:
            break
        assert name not in asked, f"{name} is asked twice"
        asked.append(name)
        own = [
            (0, field.top) if name in refused else (code, code)
            for field, code in zip(program.fields, codes, strict=True)
            if field.question == name
        ]
        interview.answer(name, [low for low, _ in own], [high for _, high in own])
    found = interview.level()
    if found is None:
        assert set(asked) == {item.id for item in program.standard.questions} - program.dropped
    else:
        true = _level(program, codes)
        assert found[0] <= true <= found[1]
        assert found == (true, true) or refused.intersection(asked), "the interview ends without certainty"
    if refused:
        return len(asked)
    assert interview.certain()
    return len(asked)


def _programs(identifier: str) -> list[Program]:
    standard = load_standard(identifier)
    variants: list[Any] = [item.id for item in standard.file.variants] or [None]
    droppable = frozenset(item.id for item in standard.questions if item.not_applicable == "drop")
    every = [compile_standard(standard, variant) for variant in variants]
    return [*every, compile_standard(standard, variants[0], droppable)] if droppable else every


@pytest.mark.parametrize("identifier", standard_ids())
def test_an_interview_ends_certain_with_the_true_level_and_asks_nothing_twice(identifier: str) -> None:
    for program in _programs(identifier):
        for codes in _firms(program, 12, seed=97):
            asked = _hold_interview(program, codes)
            fewest = smallest_certificate(program, codes)
            assert asked >= (0 if fewest is None else fewest)
            assert asked <= len(program.standard.questions)


@pytest.mark.parametrize("identifier", standard_ids())
def test_an_interview_with_a_firm_that_cannot_answer_everything_ends_too(identifier: str) -> None:
    (program, *_) = _programs(identifier)
    names = [item.id for item in program.standard.questions]
    random = np.random.default_rng(101)
    for codes in _firms(program, 6, seed=103):
        refused = frozenset(name for name in names if random.random() < 0.3)
        _hold_interview(program, codes, refused)


@FEW
@given(data=st.data())
def test_an_interview_on_a_small_standard_ends_with_the_true_level(data: st.DataObject) -> None:
    program = compile_standard(SMALL)
    codes = data.draw(codes_of(program.fields))
    _hold_interview(program, codes)


SMALL = _small()


def test_an_answer_taken_back_is_asked_again() -> None:
    program = compile_standard(SMALL)
    interview = Interview.start(program)
    first = interview.next_question()
    assert first is not None
    width = sum(field.question == first for field in program.fields)
    interview.answer(first, [0] * width, [0] * width)
    assert interview.next_question() != first
    interview.take_back(first)
    assert (interview.lowest, interview.highest) == (
        Interview.start(program).lowest,
        Interview.start(program).highest,
    )
    assert interview.next_question() == first
