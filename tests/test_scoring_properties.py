"""What must hold for every standard and every sheet: the readings of a scoring program agree and never fall.

Each property is tried on the standards that ship and on small standards that Hypothesis makes up, in which all kinds of
question and node occur.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.content import load_standard, standard_ids
from capillary.model.problems import InputError
from capillary.model.standard import (
    Boolean,
    Grid,
    Level,
    Multiple,
    Rate,
    Single,
    Standard,
    Ticks,
)
from capillary.scoring.batch import plan_for
from capillary.scoring.evaluate import Interval, bounds, evaluate, programs_for, score_sheet, sheet_codes
from capillary.scoring.program import compile_standard
from capillary.scoring.query import query
from capillary.scoring.trace import Account, trace
from capillary.sheets.answers import read_sheet

from .oracle import NA, judge
from .strategies import (
    LINEAR,
    Dice,
    Raw,
    answers_to,
    build,
    codes_of,
    full_sheets,
    levels,
    options,
    partial_sheets,
    question,
    random_answer,
    random_codes,
    rows,
    sheets,
    small_standards,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from capillary.model.fields import Field
    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question
    from capillary.scoring.evaluate import SheetScore
    from capillary.scoring.program import Program

SLOW = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MANY = settings(SLOW, max_examples=150)
every_standard = pytest.mark.parametrize("identifier", standard_ids())


def _programs(standard: Standard) -> list[Program]:
    """Return all programs of a standard: every variant, with and without the questions that may drop out."""
    variants: list[str | None] = [item.id for item in standard.file.variants]
    droppable = [item.id for item in standard.questions if item.not_applicable == "drop"]
    drops = [frozenset[str](), *([frozenset(droppable[:1])] if droppable else [])]
    return [compile_standard(standard, variant, drop) for variant in variants or [None] for drop in drops]


def _read(standard: Standard, raw: Raw) -> AnswerSheet:
    return read_sheet(raw, lambda _identifier: standard)


# --- Nothing falls when an answer rises --------------------------------------------------------------------


@every_standard
def test_raising_one_field_never_lowers_a_node(identifier: str) -> None:
    for program in _programs(load_standard(identifier)):
        codes = random_codes(program.fields, 400, seed=3)
        before = program.run(codes)
        for index, field in enumerate(program.fields):
            raised = list(codes)
            raised[index] = _raised(field, codes[index], np.random.default_rng(index))
            assert (raised[index] != codes[index]).any(), f"{field.id} was never raised"
            for node, low, high in zip(program.nodes, before, program.run(raised), strict=True):
                assert (low <= high).all(), f"{node.name} falls when {field.id} rises"


def _raised(field: Field, codes: Any, random: np.random.Generator) -> Any:
    if field.kind == "set":
        return codes | 1 << random.integers(0, len(field.keys), len(codes))
    return np.minimum(codes + random.integers(1, 3, len(codes)), field.top)


@MANY
@given(data=st.data(), standard=small_standards())
def test_raising_one_field_never_lowers_a_node_of_any_kind(data: st.DataObject, standard: Standard) -> None:
    program = compile_standard(standard)
    codes = data.draw(codes_of(program.fields))
    index = data.draw(st.integers(0, len(codes) - 1))
    field = program.fields[index]
    more = data.draw(st.integers(codes[index], field.top))
    higher = codes[index] | more if field.kind == "set" else more
    pairs = [np.array([code, higher if at == index else code]) for at, code in enumerate(codes)]
    for node, (low, high) in zip(program.nodes, program.run(pairs), strict=True):
        assert low <= high, node.name


# --- Bounds ------------------------------------------------------------------------------------------------


def _completed(item: Question, given: Any, pick: Callable[[Question, str | None], Any]) -> Any:
    """Return a full answer: what is given stays, ``pick`` answers the question or the parts that are missing."""
    if given is None:
        return pick(item, None)
    if given != NA and isinstance(item, Grid | Ticks):
        parts = item.rows if isinstance(item, Grid) else item.columns
        missing = {part.key: pick(item, part.key) for part in parts if given.get(part.key) is None}
        return {**missing, **{key: value for key, value in given.items() if value is not None}}
    return given


def _complete(
    standard: Standard, raw: Raw, pick: Callable[[Question, str | None], Any], variant: str | None
) -> Raw:
    answers = {item.id: _completed(item, raw["answers"].get(item.id), pick) for item in standard.questions}
    full: Raw = {"standard": standard.id, "answers": answers}
    return full if variant is None else {**full, "variant": variant}


def _least(item: Question, part: str | None) -> Any:
    match item:
        case Single() | Rate():
            return item.options[0].key
        case Multiple():
            return []
        case Level():
            return 0
        case Boolean():
            return False
        case Grid():
            return item.scale[0].key if part else {row.key: item.scale[0].key for row in item.rows}
        case Ticks():
            return [] if part else {column.key: [] for column in item.columns}
    raise TypeError(item)


def _most(item: Question, part: str | None) -> Any:
    match item:
        case Single() | Rate():
            return item.options[-1].key
        case Multiple():
            return [option.key for option in item.options if not option.exclusive]
        case Level():
            return len(item.levels)
        case Boolean():
            return True
        case Grid():
            return item.scale[-1].key if part else {row.key: item.scale[-1].key for row in item.rows}
        case Ticks():
            ticks = [row.key for row in item.rows]
            return ticks if part else {column.key: ticks for column in item.columns}
    raise TypeError(item)


def _variants(standard: Standard, raw: Raw) -> list[str | None]:
    return [raw["variant"]] if "variant" in raw else [item.id for item in standard.file.variants] or [None]


def _intervals(score: SheetScore) -> dict[str, Interval]:
    """Return everything that a score says, by name."""
    found = {"score": score.score, **{f"dimension {name}": value for name, value in score.dimensions.items()}}
    if score.level is not None:
        found["level"] = score.level
    for view, groups in score.views.items():
        found |= {f"view {view} {name}": value for name, value in groups.items()}
    return found


def _values(standard: Standard, raw: Raw) -> dict[str, Fraction]:
    """Return everything that the oracle says of a full sheet, by the same names."""
    verdict = judge(standard.id, raw["answers"], raw.get("variant"))
    found = {
        "score": verdict.score,
        **{f"dimension {name}": value for name, value in verdict.dimensions.items()},
    }
    if verdict.level is not None:
        found["level"] = Fraction(verdict.level)
    for view, groups in verdict.views.items():
        found |= {f"view {view} {name}": value for name, value in groups.items()}
    return found


def _hold_bounds(standard: Standard, raw: Raw, pick: Callable[[Question, str | None], Any]) -> None:
    """Check that bounds contain a completion and that the two extreme completions attain them."""
    found = _intervals(score_sheet(standard, _read(standard, raw)))
    lows, highs = [], []
    for variant in _variants(standard, raw):
        between = _values(standard, _complete(standard, raw, pick, variant))
        for name, interval in found.items():
            assert interval.low <= between[name] <= interval.high, (name, raw)
        lows.append(_values(standard, _complete(standard, raw, _least, variant)))
        highs.append(_values(standard, _complete(standard, raw, _most, variant)))
    for name, interval in found.items():
        assert interval.low == min(low[name] for low in lows), (name, raw)
        assert interval.high == max(high[name] for high in highs), (name, raw)


@every_standard
def test_bounds_contain_every_completion_and_are_attained(identifier: str) -> None:
    standard = load_standard(identifier)
    dice = Dice(11)
    for raw in partial_sheets(standard, 300, seed=5):
        _hold_bounds(standard, raw, lambda item, part: _any(item, part, dice))


def _any(item: Question, part: str | None, dice: Dice) -> Any:
    found = random_answer(item, dice, dice.roll())
    return found if part is None else found[part]


@every_standard
@SLOW
@given(data=st.data())
def test_bounds_hold_for_sheets_that_are_searched_for(data: st.DataObject, identifier: str) -> None:
    standard = load_standard(identifier)
    raw = data.draw(sheets(standard, partial=True))

    def pick(item: Question, part: str | None) -> Any:
        found = data.draw(answers_to(item).filter(lambda value: part is None or value != NA))
        return found if part is None else found[part]

    # a question that drops out when it does not apply changes the rule: that is no completion of an open answer
    def applicable(item: Question, part: str | None) -> Any:
        found = pick(item, part)
        return _least(item, part) if found == NA and item.not_applicable == "drop" else found

    _hold_bounds(standard, raw, applicable)


@MANY
@given(data=st.data(), standard=small_standards())
def test_bounds_of_every_node_contain_every_completion(data: st.DataObject, standard: Standard) -> None:
    raw = data.draw(sheets(standard, partial=True))
    sheet = _read(standard, raw)
    program = compile_standard(standard)
    full = data.draw(sheets(standard))["answers"]
    completion = _read(
        standard,
        _complete(standard, raw, lambda item, part: _part(full[item.id], part, item), None),
    )
    assert completion.complete
    low, high = bounds(program, *sheet_codes(sheet))
    between = program.run(sheet_codes(completion)[0])
    for node, least, value, most in zip(program.nodes, low, between, high, strict=True):
        assert least[0] <= value[0] <= most[0], node.name
    for pick, ends in ((_least, low), (_most, high)):
        extreme = _read(standard, _complete(standard, raw, pick, None))
        for value, end in zip(program.run(sheet_codes(extreme)[0]), ends, strict=True):
            assert value[0] == end[0]


def _part(answer: Any, part: str | None, item: Question) -> Any:
    if part is None:
        return answer
    return _least(item, part) if answer == NA else answer[part]


def test_an_unknown_variant_gives_the_union_of_both() -> None:
    standard = load_standard("cmmm-2020")
    apart = 0
    for raw in partial_sheets(standard, 200, seed=9):
        known = {key: value for key, value in raw.items() if key != "variant"}
        union = _intervals(score_sheet(standard, _read(standard, known)))
        one, other = (
            _intervals(score_sheet(standard, _read(standard, {**known, "variant": variant})))
            for variant in ("discrete", "process")
        )
        apart += one != other
        for name, interval in union.items():
            assert interval.low == min(one[name].low, other[name].low)
            assert interval.high == max(one[name].high, other[name].high)
    assert apart > 100, "the variants hardly differ on these sheets"


# --- Does not apply ----------------------------------------------------------------------------------------


@every_standard
def test_what_does_not_apply_counts_as_nothing_drops_out_or_is_refused(identifier: str) -> None:
    standard = load_standard(identifier)
    for raw in full_sheets(standard, 5, seed=13):
        for item in standard.questions:
            without = {**raw, "answers": {**raw["answers"], item.id: NA}}
            if item.not_applicable == "refused":
                with pytest.raises(InputError) as error:
                    _read(standard, without)
                assert [problem.code for problem in error.value.problems] == ["not-applicable-refused"]
                continue
            found = _intervals(score_sheet(standard, _read(standard, without)))
            assert {name: value.low for name, value in found.items()} == _values(standard, without)
            assert all(value.certain for value in found.values())
            if item.not_applicable == "zero":
                nothing = {**raw, "answers": {**raw["answers"], item.id: _least(item, None)}}
                assert found == _intervals(score_sheet(standard, _read(standard, nothing)))


@pytest.mark.parametrize("variant", ["discrete", "process"])
def test_dropped_product_design_leaves_its_domain_to_process_design(variant: str) -> None:
    standard = load_standard("cmmm-2020")
    for raw in full_sheets(standard, 50, seed=17):
        answers = {**raw["answers"], "product-design": NA}
        found = score_sheet(standard, _read(standard, {**raw, "answers": answers, "variant": variant}))
        level = Fraction(str(answers["process-design"]))
        assert found.dimensions["design"] == Interval(level, level)
        assert found.views["element"]["manufacturing"].low == _mean_without_product_design(standard, answers)
        same = {
            **answers,
            "product-design": answers["process-design"],
        }  # a mean does not change by its own value
        as_if = score_sheet(standard, _read(standard, {**raw, "answers": same, "variant": variant}))
        assert (found.score, found.level) == (as_if.score, as_if.level)


def _mean_without_product_design(standard: Standard, answers: Mapping[str, Any]) -> Fraction:
    node = next(node for node in standard.file.scoring.nodes if node.id == "manufacturing")
    names: Sequence[str] = getattr(node, "of", ())
    kept = [Fraction(str(answers[name])) for name in names if name != "product-design"]
    assert len(kept) == len(names) - 1 == 12
    return sum(kept, Fraction(0)) / 12


def test_a_node_drops_out_with_all_of_its_questions() -> None:
    standard = build(
        [
            question("A", "level", 4, levels=levels(1, 2, 3, 4), not_applicable="drop"),
            question("B", "level", 4, levels=levels(1, 2, 3, 4)),
        ],
        [
            {"id": "a", "kind": "mean", "of": ["A"]},
            {"id": "score", "kind": "mean", "of": ["a", "B"], "weights": [3, 1]},
            {"id": "level", "kind": "band", "of": ["score"], "from": [2]},
        ],
    )
    both = score_sheet(standard, _read(standard, {"standard": "small", "answers": {"A": 0, "B": 4}}))
    alone = score_sheet(standard, _read(standard, {"standard": "small", "answers": {"A": NA, "B": 4}}))
    assert (both.score, both.level) == (
        Interval(Fraction(1), Fraction(1)),
        Interval(Fraction(0), Fraction(0)),
    )
    assert (alone.score, alone.level) == (
        Interval(Fraction(4), Fraction(4)),
        Interval(Fraction(1), Fraction(1)),
    )


def test_a_gate_still_stands_when_a_node_that_it_needs_has_dropped_out() -> None:
    """A condition about what does not apply cannot be asked of the firm."""
    standard = build(
        [
            question("A", "level", 2, levels=levels(1, 2), not_applicable="drop"),
            question("B", "level", 2, levels=levels(1, 2)),
        ],
        [
            {"id": "a", "kind": "mean", "of": ["A"]},
            {"id": "score", "kind": "mean", "of": ["A", "B"]},
            {
                "id": "level",
                "kind": "gate",
                "levels": [
                    {"level": 1, "needs": [{"node": "score", "at_least": 1}, {"node": "a", "at_least": 1}]}
                ],
            },
        ],
    )
    found = score_sheet(standard, _read(standard, {"standard": "small", "answers": {"A": NA, "B": 2}}))
    assert found.score == Interval(Fraction(2), Fraction(2))
    assert found.level == Interval(Fraction(1), Fraction(1))


# --- Order does not matter ---------------------------------------------------------------------------------


@every_standard
def test_the_order_of_questions_in_a_sheet_and_in_the_file_does_not_matter(identifier: str) -> None:
    standard = load_standard(identifier)
    random = Random(19)  # noqa: S311 - an order, not a secret
    mixed = list(standard.questions)
    random.shuffle(mixed)
    other = Standard(standard.file, tuple(mixed))
    assert [item.id for item in other.questions] != [item.id for item in standard.questions]
    for raw in partial_sheets(standard, 100, seed=23):
        items = list(raw["answers"].items())
        random.shuffle(items)
        shuffled = {**raw, "answers": dict(items)}
        expected = score_sheet(standard, _read(standard, raw))
        assert score_sheet(standard, _read(standard, shuffled)) == expected
        assert score_sheet(other, _read(other, raw)) == expected
        assert score_sheet(other, _read(other, shuffled)) == expected


@SLOW
@given(data=st.data(), standard=small_standards())
def test_the_order_of_questions_does_not_matter_for_any_node(data: st.DataObject, standard: Standard) -> None:
    other = Standard(standard.file, tuple(data.draw(st.permutations(standard.questions))))
    raw = data.draw(sheets(standard, partial=True))
    one, two = compile_standard(standard), compile_standard(other)
    for pick in (0, 1):
        here = one.run(sheet_codes(_read(standard, raw))[pick])
        there = two.run(sheet_codes(_read(other, raw))[pick])
        assert {node.name: one.in_points(at, int(here[at][0])) for at, node in enumerate(one.nodes)} == {
            node.name: two.in_points(at, int(there[at][0])) for at, node in enumerate(two.nodes)
        }


# --- The plan for populations ------------------------------------------------------------------------------


def _hold_plan(program: Program, codes: Sequence[Any], outputs: Sequence[int]) -> None:
    found = plan_for(program, tuple(outputs)).run(codes)
    plain = program.run(codes)
    assert set(found) == set(outputs)
    for index in outputs:
        assert np.array_equal(found[index], plain[index]), program.nodes[index].name


@every_standard
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint32])
def test_the_plan_equals_the_program_for_all_outputs(identifier: str, kind: type[np.integer[Any]]) -> None:
    for program in _programs(load_standard(identifier)):
        codes = [code.astype(kind) for code in random_codes(program.fields, 3000, seed=29)]
        every = range(len(program.nodes))
        _hold_plan(program, codes, every)
        _hold_plan(program, codes, [index for index in (program.score, program.level) if index is not None])
        for index in every:
            _hold_plan(program, [code[:50] for code in codes], [index])


@every_standard
def test_the_plan_takes_codes_in_the_narrowest_types(identifier: str) -> None:
    for program in _programs(load_standard(identifier)):
        codes = [
            code.astype(np.min_scalar_type(field.top))
            for field, code in zip(program.fields, random_codes(program.fields, 3000, seed=31), strict=True)
        ]
        _hold_plan(program, codes, range(len(program.nodes)))


@MANY
@given(data=st.data(), standard=small_standards())
def test_the_plan_equals_the_program_for_nodes_of_any_kind(data: st.DataObject, standard: Standard) -> None:
    program = compile_standard(standard)
    every = range(len(program.nodes))
    outputs = data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    codes = random_codes(program.fields, 60, seed=data.draw(st.integers(0, 1000)))
    _hold_plan(program, codes, outputs)
    _hold_plan(program, codes, every)


def test_the_plan_takes_sets_of_many_ticks() -> None:
    """Sets have up to 20 ticks: more masks than a table of 16 bits holds."""
    gains = [1] * 18
    standard = build(
        [
            question("A", "level", 2, levels=levels(1, 2)),
            question("B", "multiple", 18, options=options(*gains)),
            question("C", "ticks", 17, rows=rows(17), columns=options(1)),
        ],
        [
            {"id": "score", "kind": "sum", "of": ["A", "B", "C"]},
            {"id": "level", "kind": "band", "of": ["score"], "from": [5, 20]},
        ],
    )
    program = compile_standard(standard)
    _hold_plan(program, random_codes(program.fields, 500, seed=37), range(len(program.nodes)))


# --- The query ---------------------------------------------------------------------------------------------

Layout = str
LAYOUTS: tuple[Layout, ...] = ("codes", "narrow codes", "keys", "arrays")


def column_of(field: Field, codes: Sequence[int | None], layout: Layout) -> pa.Array:
    """Return a column of answers in one of the layouts; None is unknown."""
    if layout in {"keys", "arrays"}:
        chosen = [None if code is None else field.chosen(int(code)) for code in codes]
        if field.kind == "set" and layout == "arrays":
            return pa.array(
                [None if keys is None else [*keys] or [*field.none_keys] for keys in chosen],
                pa.list_(pa.string()),
            )
        return pa.array(
            [None if keys is None else ";".join(keys or field.none_keys[:1]) for keys in chosen], pa.string()
        )
    if field.upper:
        ends = [*field.upper, Fraction(100)]
        if layout == "narrow codes":  # whole percentages
            return pa.array(
                [None if code is None else math.floor(ends[int(code)]) for code in codes], pa.int8()
            )
        return pa.array(
            [None if code is None else _percent(ends, int(code), at) for at, code in enumerate(codes)],
            pa.float64(),
        )
    if field.keys == ("false", "true") and layout == "codes":
        return pa.array([None if code is None else bool(code) for code in codes], pa.bool_())
    kind = pa.int64()
    if layout == "narrow codes":
        kind = next(
            kind
            for kind, top in ((pa.int8(), 127), (pa.int16(), 32767), (pa.int32(), 2**31))
            if field.top <= top
        )
    return pa.array([None if code is None else int(code) for code in codes], kind)


def _percent(ends: Sequence[Fraction], code: int, turn: int) -> float:
    """Return a percentage of the band: its upper end, just above its lower end, or in between."""
    low, high = float(ends[code - 1] if code else 0), float(ends[code])
    return (high, math.nextafter(low, 100.0), (low + high) / 2, math.nextafter(high, 0.0))[turn % 4]


@cache
def _duckdb() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def _ask(
    program: Program, codes: Sequence[Sequence[int | None]], layout: Layout, unknown: str = "null"
) -> Raw:
    arrays = [column_of(field, values, layout) for field, values in zip(program.fields, codes, strict=True)]
    table = pa.table(arrays, names=[field.id for field in program.fields])
    wide = query(program, ibis.memtable(table), unknown=unknown)
    outputs = [name for name in wide.columns if name not in table.column_names]
    found: Raw = _duckdb().to_pyarrow(wide[outputs]).to_pydict()
    return found


def expected_columns(program: Program, codes: Sequence[Any]) -> Raw:
    """Return what evaluate says, in the columns of the query."""
    scoring = program.standard.file.scoring
    values = evaluate(program, codes)

    def in_points(name: str) -> list[float]:
        node = program.position[name]
        return [float(program.in_points(node, int(value))) for value in values[node]]

    found: Raw = {"score": in_points(scoring.score)}
    if program.level is not None:
        found["level"] = values[program.level].tolist()
    for dimension, node in scoring.dimensions.items():
        if node in program.position:
            found[f"dimension_{dimension}"] = in_points(node)
    return found


def _hold_query(program: Program, codes: Sequence[Any], layout: Layout) -> None:
    found = _ask(program, [code.tolist() for code in codes], layout)
    expected = expected_columns(program, codes)
    assert set(found) == set(expected)
    for name, values in expected.items():
        assert found[name] == values, name


@every_standard
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_query_equals_evaluate(identifier: str, layout: Layout) -> None:
    for program in _programs(load_standard(identifier)):
        codes = random_codes(program.fields, 300, seed=43)
        tops = [np.append(code, [0, field.top]) for field, code in zip(program.fields, codes, strict=True)]
        _hold_query(program, tops, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
@SLOW
@given(standard=small_standards(), seed=st.integers(0, 1000))
def test_the_query_equals_evaluate_for_nodes_of_any_kind(
    layout: Layout, standard: Standard, seed: int
) -> None:
    program = compile_standard(standard)
    _hold_query(program, random_codes(program.fields, 20, seed), layout)


def open_codes(
    program: Program, count: int, seed: int
) -> tuple[list[Any], list[list[int | None]], list[Any]]:
    """Return lowest codes, codes with gaps, and highest codes of sheets with unknown answers."""
    random = np.random.default_rng(seed)
    codes = random_codes(program.fields, count, seed)
    share = random.random(count)
    gaps = [random.random(count) < share for _ in program.fields]
    low = [np.where(gap, 0, code) for gap, code in zip(gaps, codes, strict=True)]
    high = [
        np.where(gap, field.top, code) for gap, field, code in zip(gaps, program.fields, codes, strict=True)
    ]
    some = [
        [None if gap else int(code) for gap, code in zip(*pair, strict=True)]
        for pair in zip(gaps, codes, strict=True)
    ]
    return low, some, high


@every_standard
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_query_with_unknown_at_its_ends_equals_bounds(identifier: str, layout: Layout) -> None:
    for program in _programs(load_standard(identifier)):
        low, some, high = open_codes(program, 200, seed=47)
        assert _ask(program, some, layout, "lowest") == expected_columns(program, low)
        assert _ask(program, some, layout, "highest") == expected_columns(program, high)


@settings(SLOW, max_examples=20)
@given(standard=small_standards(), seed=st.integers(0, 1000), layout=st.sampled_from(LAYOUTS))
def test_the_query_equals_bounds_for_nodes_of_any_kind(standard: Standard, seed: int, layout: Layout) -> None:
    program = compile_standard(standard)
    low, some, high = open_codes(program, 20, seed)
    assert _ask(program, some, layout, "lowest") == expected_columns(program, low)
    assert _ask(program, some, layout, "highest") == expected_columns(program, high)


@every_standard
def test_the_query_gives_null_where_an_answer_is_unknown(identifier: str) -> None:
    for program in _programs(load_standard(identifier)):
        low, some, high = open_codes(program, 60, seed=53)
        low = [
            np.append(code, field.top) for code, field in zip(low, program.fields, strict=True)
        ]  # one full sheet
        some = [[*code, field.top] for code, field in zip(some, program.fields, strict=True)]
        high = [np.append(code, field.top) for code, field in zip(high, program.fields, strict=True)]
        hold_nulls(program, _ask(program, some, "codes"), some, low, high)


def hold_nulls(
    program: Program, found: Raw, some: list[list[int | None]], low: list[Any], high: list[Any]
) -> None:
    """Check that a result is null or certain: null where answers behind it are open, else the one possible value."""
    least, most = expected_columns(program, low), expected_columns(program, high)
    behind = _fields_behind(program)
    for name, values in found.items():
        for row, value in enumerate(values):
            unknown = any(some[index][row] is None for index in behind[name])
            if value is None:
                assert unknown, f"{name} is null, but every answer behind it is known"
            elif unknown:
                assert least[name][row] == value == most[name][row], (
                    f"{name} is given as {value}, but may be {least[name][row]} to {most[name][row]}"
                )
            else:
                assert value == least[name][row], name


def _fields_behind(program: Program) -> dict[str, set[int]]:
    from capillary.scoring.rules import Points

    below: list[set[int]] = []
    for node in program.nodes:
        sets = [{child} if isinstance(node.rule, Points) else below[child] for child in node.children]
        below.append(set().union(*sets))
    scoring = program.standard.file.scoring
    found = {"score": below[program.score]}
    if program.level is not None:
        found["level"] = below[program.level]
    for dimension, node in scoring.dimensions.items():
        if node in program.position:
            found[f"dimension_{dimension}"] = below[program.position[node]]
    return found


def test_the_query_gives_null_for_capped_nodes_too() -> None:
    standard = build(
        [
            question("A", "multiple", 2, options=options(1, 1, 1)),
            question("B", "level", 4, levels=levels(1, 2, 3, 4)),
        ],
        [
            {"id": "b", "kind": "cap", "of": ["B"], "limit": 3},
            {"id": "least", "kind": "minimum", "of": ["A", "b"]},
            {"id": "score", "kind": "sum", "of": ["A", "b", "least"]},
            {"id": "level", "kind": "band", "of": ["score"], "from": [2, 4]},
        ],
    )
    program = compile_standard(standard)
    some: list[list[int | None]] = [[None, 1, 3, 0], [2, None, 4, None]]
    low = [np.array([0, 1, 3, 0]), np.array([2, 0, 4, 0])]
    high = [np.array([7, 1, 3, 0]), np.array([2, 4, 4, 4])]
    hold_nulls(program, _ask(program, some, "codes"), some, low, high)


def test_all_readings_put_a_percentage_with_decimals_into_the_same_band() -> None:
    """0.1 belongs to the band that ends at 0.1, although 0.1 as a binary number is a little more than a tenth."""
    bands = options(0, 1, 2)
    for band, ends in zip(bands, ((None, 0.1), (0.1, 0.3), (0.3, 100)), strict=True):
        band.update({"up_to": str(ends[1])} | ({} if ends[0] is None else {"above": str(ends[0])}))
    standard = build(
        [question("A", "rate", 2, options=bands)],
        [{"id": "score", "kind": "sum", "of": ["A"]}],
        level=None,
    )
    program = compile_standard(standard)
    percents = [0.0, 0.1, 0.2, 0.3, 0.4, 100.0]
    expected = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    sheets = [_read(standard, {"standard": "small", "answers": {"A": rate}}) for rate in percents]
    wide = ibis.memtable(pa.table({"A": percents}))
    assert _duckdb().to_pyarrow(query(program, wide).score).to_pylist() == expected
    assert [float(score_sheet(standard, sheet).score.low) for sheet in sheets] == expected


def test_the_query_refuses_a_table_without_a_question() -> None:
    program = compile_standard(load_standard("eu-dii-v3"))
    table = ibis.table({field.id: "int64" for field in program.fields[1:]}, name="sheets")
    with pytest.raises(ValueError, match=program.fields[0].id):
        query(program, table)
    with pytest.raises(ValueError, match="unknown="):
        query(program, table, unknown="middle")


# --- The account of a score --------------------------------------------------------------------------------

AMOUNTS = ("potential", "earned", "unknown", "not_applicable", "lost")


def _lines(account: Account) -> Iterator[Account]:
    yield account
    for child in account.children:
        yield from _lines(child)


@every_standard
def test_an_account_adds_up_at_every_line_and_to_the_score(identifier: str) -> None:
    standard = load_standard(identifier)
    kinds: set[str] = set()
    for raw in [*partial_sheets(standard, 60, seed=59), *full_sheets(standard, 30, seed=61)]:
        sheet = _read(standard, raw)
        account = trace(standard, sheet)
        _hold_account(standard, sheet, account)
        kinds |= {line.kind for line in _lines(account)}
    assert kinds >= {"node", "question"}


def _hold_account(standard: Standard, sheet: AnswerSheet, account: Account) -> None:
    program = programs_for(standard, sheet)[0]
    low, high = bounds(program, *sheet_codes(sheet))
    score = Interval(*(program.in_points(program.score, int(ends[program.score][0])) for ends in (low, high)))
    for line in _lines(account):
        assert all(getattr(line, name) >= 0 for name in AMOUNTS), line.id
        if line.children:
            for name in AMOUNTS:
                total = sum((getattr(child, name) for child in line.children), Fraction(0))
                assert total == getattr(line, name), f"{name} of {line.id}"
    assert account.id == standard.file.scoring.score
    assert account.potential == program.in_points(program.score, program.tops[program.score])
    assert account.earned == score.low
    assert account.earned + account.unknown == score.high
    leaves = [line for line in _lines(account) if not line.children]
    assert sum((line.earned for line in leaves), Fraction(0)) == score.low
    assert sum((line.earned + line.unknown for line in leaves), Fraction(0)) == score.high
    questions = {line.id: line for line in _lines(account) if line.kind == "question"}
    for name, line in questions.items():
        skipped = name in sheet.not_applicable
        assert (line.not_applicable == line.potential - line.earned) if skipped else line.not_applicable == 0


@MANY
@given(data=st.data(), standard=small_standards(LINEAR))
def test_an_account_of_sums_and_means_adds_up(data: st.DataObject, standard: Standard) -> None:
    sheet = _read(standard, data.draw(sheets(standard, partial=True)))
    _hold_account(standard, sheet, trace(standard, sheet))


@SLOW
@given(data=st.data(), standard=small_standards())
def test_every_score_has_an_account_that_ends_in_its_lowest_value(
    data: st.DataObject, standard: Standard
) -> None:
    sheet = _read(standard, data.draw(sheets(standard, partial=True)))
    account = trace(standard, sheet)
    score = score_sheet(standard, sheet).score
    assert (account.earned, account.earned + account.unknown) == (score.low, score.high)


def test_the_account_of_a_constant_is_the_constant_and_its_children() -> None:
    standard = build(
        [question("A", "level", 2, levels=levels(1, 2)), question("B", "boolean", 1)],
        [{"id": "score", "kind": "sum", "of": ["A", "B"], "times": "5/3", "plus": 1}],
        level=None,
    )
    account = trace(standard, _read(standard, {"standard": "small", "answers": {"A": 1}}))
    assert (account.potential, account.earned, account.unknown) == (6, Fraction(8, 3), Fraction(5, 3))
    assert [child.earned for child in account.children] == [Fraction(5, 3), 0]
