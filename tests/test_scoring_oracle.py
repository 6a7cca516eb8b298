"""The engine against the official rules written out by hand: 10,000 random full sheets a standard, exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from capillary.content import load_standard, standard_ids
from capillary.scoring.evaluate import Interval, score_sheet
from capillary.scoring.program import compile_standard
from capillary.sheets.answers import read_sheet, reader_for

from .oracle import NA, RULES, Verdict, judge
from .strategies import full_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.model.problems import Problem
    from capillary.model.standard import Standard
    from capillary.scoring.program import Program

    from .strategies import Raw

SHEETS = 10_000
SHIPPED = {"cis-ig1", "cmmm-2020", "eu-dii-v3", "eu-dma", "miit-2024"}


def test_all_five_standards_are_there_and_each_has_an_oracle() -> None:
    assert set(standard_ids()) >= SHIPPED
    assert set(RULES) == set(standard_ids())


@pytest.mark.parametrize("identifier", standard_ids())
def test_random_full_sheets_agree_with_the_oracle(identifier: str) -> None:
    standard = load_standard(identifier)
    sheets = full_sheets(standard, SHEETS, seed=20260401)
    wrong: list[str] = []
    seen: Counter[int | None] = Counter()
    checked = 0
    for raw, found in _scored(standard, sheets):
        expected = judge(identifier, raw["answers"], raw.get("variant"))
        checked += 1
        seen[expected.level] += 1
        if found != expected:
            wrong.append(f"{raw}\n  engine {found}\n  oracle {expected}")
    assert checked == SHEETS
    assert not wrong, f"{len(wrong)} of {SHEETS} sheets differ, among them:\n" + "\n".join(wrong[:3])
    assert set(seen) == _levels(standard), f"the sheets reach only the levels {seen}"


def _levels(standard: Standard) -> set[int | None]:
    if standard.file.scoring.level is None:
        return {None}
    variant = standard.file.variants[0].id if standard.file.variants else None
    return set(range(compile_standard(standard, variant).top_level + 1))


def _scored(standard: Standard, sheets: list[Raw]) -> Iterator[tuple[Raw, Verdict]]:
    """Yield every sheet with what the engine makes of it; sheets that need the same program are run at once."""
    reader = reader_for(standard)
    drops = {item.id for item in standard.questions if item.not_applicable == "drop"}
    batches: dict[tuple[Any, frozenset[str]], list[tuple[Raw, tuple[int, ...]]]] = defaultdict(list)
    for raw in sheets:
        problems: list[Problem] = []
        low, high = reader.codes(raw["answers"], problems)
        assert not problems, f"{raw}: {problems}"
        assert low == high, f"a full sheet leaves nothing open: {raw}"
        dropped = frozenset(name for name in drops if raw["answers"][name] == NA)
        batches[raw.get("variant"), dropped].append((raw, low))
    for (variant, dropped), batch in batches.items():
        program = compile_standard(standard, variant, dropped)
        values = program.run(list(np.array([codes for _, codes in batch]).T))
        for index, (raw, _) in enumerate(batch):
            yield raw, _verdict(program, [int(value[index]) for value in values])


def _verdict(program: Program, values: list[int]) -> Verdict:
    scoring = program.standard.file.scoring

    def value(name: str) -> Fraction:
        node = program.position.get(name)
        return Fraction(0) if node is None else program.in_points(node, values[node])

    return Verdict(
        score=value(scoring.score),
        level=None if program.level is None else values[program.level],
        dimensions={name: value(node) for name, node in scoring.dimensions.items()},
        views={view.id: {group.id: value(group.node) for group in view.groups} for view in scoring.views},
    )


@pytest.mark.parametrize("identifier", standard_ids())
def test_single_sheets_agree_with_the_oracle(identifier: str) -> None:
    standard = load_standard(identifier)
    for raw in full_sheets(standard, 200, seed=7):
        sheet = read_sheet(raw, load_standard)
        found = score_sheet(standard, sheet)
        expected = judge(identifier, raw["answers"], raw.get("variant"))
        assert found.score == _certain(expected.score), raw
        assert found.level == (None if expected.level is None else _certain(expected.level)), raw
        assert found.dimensions == {name: _certain(value) for name, value in expected.dimensions.items()}, raw
        assert found.views == {
            view: {name: _certain(value) for name, value in groups.items()}
            for view, groups in expected.views.items()
        }, raw
        assert (found.answered, found.questions) == (len(standard.questions), len(standard.questions))


def _certain(value: Fraction | int) -> Interval:
    return Interval(Fraction(value), Fraction(value))


# --- Worked examples, by hand: they hold the engine and the oracle -----------------------------------------


def _miit(scenarios: dict[int, int], **answers: Any) -> Raw:
    """Return a sheet with nothing but these answers and so many scenarios (constrained first) at these levels."""
    nothing: Raw = {
        f"Q{number:02}": ["A"] if number in (1, 4, 6, 7, 9, 10) else "A" for number in range(1, 16)
    }
    constrained = [1, 3, 6, 7, 8, 9, 10, 11, 12, 13]
    order = [*constrained, *(number for number in range(1, 17) if number not in constrained)]
    levels = [level for level, count in scenarios.items() for _ in range(count)]
    levels += [0] * (16 - len(levels))
    return {
        **nothing,
        **{f"S{number:02}": level for number, level in zip(order, levels, strict=True)},
        **answers,
    }


ALL_14 = list("BCDEFGHIJKLMNO")
FORTY: Raw = {"Q01": list("BCDE"), "Q02": 61, "Q03": "E", "Q04": ALL_14, "Q05": "E"}  # 8 + 6 + 6 + 10 + 10
TEN = [str(number) for number in range(1, 11)]
DMA_NOTHING: Raw = {
    "Q1": {"invested": [], "planned": []},
    **{name: [] for name in ("Q2", "Q3", "Q5", "Q6", "Q7", "Q8", "Q10")},
    "Q4": dict.fromkeys(TEN[:7], "0"),
    "Q9": dict.fromkeys(TEN[:5], "0"),
    "Q11": dict.fromkeys(TEN[:5], "no"),
}
DMA_25: Raw = {
    **DMA_NOTHING,
    "Q1": {"invested": TEN, "planned": TEN},
    "Q2": TEN,
    "Q3": TEN,
}  # 100 and 50 of 600
DMA_50: Raw = {  # 50 + 50 + 50 + 50 + 60 + 40
    **DMA_NOTHING,
    "Q1": {"invested": TEN, "planned": []},
    "Q2": TEN[:5],
    "Q3": TEN,
    "Q6": TEN[:8],
    "Q7": ["2"],
    "Q8": TEN[:6],
    "Q9": {"1": "5", "2": "5", "3": "3", "4": "1", "5": "1"},
    "Q10": TEN[:4],
    "Q11": {"1": "yes", "2": "partially", "3": "partially", "4": "no", "5": "no"},
}
DMA_75: Raw = {  # 100 + 100 + 100 + 100 + 20 + 30
    **DMA_25,
    "Q4": dict.fromkeys(TEN[:7], "5"),
    "Q5": TEN[:7],
    "Q6": TEN[:8],
    "Q7": ["1", *TEN[2:8]],
    "Q8": TEN[:6],
    "Q9": {**dict.fromkeys(TEN[:5], "0"), "4": "5"},
    "Q10": TEN[:6],
}
DII = {f"C{number:02}": False for number in range(1, 13)}
EXAMPLES: dict[str, tuple[str, Raw, str | None, Fraction, int]] = {
    "miit: nothing": ("miit-2024", _miit({}), None, Fraction(0), 0),
    "miit: 40 points and 6 scenarios at 2": ("miit-2024", _miit({2: 6}, **FORTY), None, Fraction(40), 2),
    "miit: 40 points, but 5 scenarios": ("miit-2024", _miit({4: 5}, **FORTY), None, Fraction(40), 0),
    "miit: 6 scenarios, but 39.3 points": (
        "miit-2024",
        _miit({2: 6}, **{**FORTY, "Q04": list("BCDEFGHIJKLMO")}),
        None,
        Fraction("39.3"),
        1,
    ),
    "miit: 60 % is still the fourth band": (
        "miit-2024",
        _miit({2: 6}, **{**FORTY, "Q02": 60.0}),
        None,
        Fraction("38.5"),
        1,
    ),
    "dma: exactly 25 is basic": ("eu-dma", DMA_25, None, Fraction(25), 0),
    "dma: beyond 25 is average": ("eu-dma", {**DMA_25, "Q10": ["9"]}, None, 25 + Fraction(5, 6), 1),
    "dma: exactly 50 is average": ("eu-dma", DMA_50, None, Fraction(50), 1),
    "dma: beyond 50 is moderately advanced": (
        "eu-dma",
        {**DMA_50, "Q10": TEN[:5]},
        None,
        50 + Fraction(5, 6),
        2,
    ),
    "dma: exactly 75 is moderately advanced": ("eu-dma", DMA_75, None, Fraction(75), 2),
    "dma: beyond 75 is advanced": ("eu-dma", {**DMA_75, "Q10": TEN[:7]}, None, 75 + Fraction(5, 6), 3),
    "dii: 3 of 12": ("eu-dii-v3", {**DII, "C01": True, "C05": True, "C12": True}, None, Fraction(3), 0),
    "dii: 4 of 12": (
        "eu-dii-v3",
        {**DII, "C01": True, "C05": True, "C12": True, "C09": True},
        None,
        Fraction(4),
        1,
    ),
    "dii: 10 of 12": (
        "eu-dii-v3",
        {**dict.fromkeys(DII, True), "C01": False, "C02": NA},
        None,
        Fraction(10),
        3,
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples(name: str) -> None:
    identifier, answers, variant, score, level = EXAMPLES[name]
    raw: Raw = {"standard": identifier, "answers": answers} | ({"variant": variant} if variant else {})
    found = score_sheet(load_standard(identifier), read_sheet(raw, load_standard))
    oracle = judge(identifier, answers, variant)
    assert (found.score, found.level) == (_certain(score), _certain(level))
    assert (oracle.score, oracle.level) == (score, level)


@pytest.mark.parametrize(
    ("variant", "design", "score", "level"),
    [
        ("discrete", 0, Fraction("1.89"), 2),  # 7*1 + 15*2 + 11*1 + 37*3 + 30*1 = 189
        ("discrete", NA, Fraction("2"), 2),  # the domain is now process design alone: 11*2
        ("process", 0, Fraction("2.08"), 2),  # 7*1 + 24*2 + 4*1 + 42*3 + 23*1 = 208
        ("process", NA, Fraction("2.12"), 2),
    ],
)
def test_worked_examples_of_smart_manufacturing(
    variant: str, design: Any, score: Fraction, level: int
) -> None:
    answers: Raw = {
        **dict.fromkeys(("organisation-strategy", "personnel-skills"), 1),
        **dict.fromkeys(("data", "integration", "information-security", "equipment", "network"), 2),
        "product-design": design,
        "process-design": 2,
        **dict.fromkeys(
            (
                "planning-scheduling",
                "production-operations",
                "equipment-management",
                "warehousing-delivery",
                "safety-environment",
                "energy-management",
            ),
            3,
        ),
        **dict.fromkeys(("procurement", "logistics", "sales", "customer-service", "product-service"), 1),
    }
    raw = {"standard": "cmmm-2020", "answers": answers, "variant": variant}
    found = score_sheet(load_standard("cmmm-2020"), read_sheet(raw, load_standard))
    oracle = judge("cmmm-2020", answers, variant)
    assert (found.score, found.level) == (_certain(score), _certain(level))
    assert (oracle.score, oracle.level) == (score, level)


def test_the_oracle_reads_words_and_decimals_as_they_stand() -> None:
    from .oracle import number, questions_of

    assert number("0.7") * 13 + number(0.9) == 10
    assert [value["key"] for value in questions_of("eu-dma")["Q11"]["scale"]] == ["no", "partially", "yes"]
