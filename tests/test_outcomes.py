"""Figures of finished projects: right by another reckoning, from enough firms, and so that no project can be worked out."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.outcomes.figures import (
    KINDS,
    LEAST,
    Cell,
    Cost,
    Improved,
    Result,
    Value,
    covered,
    quantile,
    step_of,
    told_next,
    values_of,
)

MEASURES = ("crm-cloud", "data-rules")


def worth(currency: str, day: str) -> Fraction | None:
    """Return rates that change once."""
    return {"CNY": Fraction(1), "EUR": Fraction(8) if day >= "2026" else Fraction(7)}.get(currency)


def value(number: int, amount: float, firm: str | None = None) -> Value:
    return Value(f"r{number}", firm or f"f{number}", 2026, Fraction(amount))


def result(number: int, **given: object) -> Result:
    return replace(Result(f"r{number}", f"f{number}", frozenset(MEASURES), 2026), **given)


FIVE = [value(number, amount) for number, amount in enumerate((10, 20, 30, 40, 50))]
amounts = st.integers(-200, 10**7).map(lambda number: Fraction(number, 3))


# --- which values count --------------------------------------------------------------------------------------------------


def test_a_result_counts_for_the_same_measures_only() -> None:
    rows = [
        result(1, weeks=5),
        result(2, weeks=6, measures=frozenset({"crm-cloud"})),
        result(3, weeks=7, measures=frozenset({*MEASURES, "files-in-order"})),
    ]
    assert [item.result for item in values_of(rows, MEASURES, worth)["weeks"]] == ["r1"]
    assert covered([*MEASURES, "files-in-order"], MEASURES)
    assert not covered(["crm-cloud"], MEASURES)


def test_costs_are_told_by_size_in_one_currency_at_the_rate_of_their_day() -> None:
    rows = [
        result(1, size="small", cost=Cost(Fraction(100), "EUR", "2026-05-01")),
        result(2, size="medium", cost=Cost(Fraction(100), "CNY", "2026-05-01")),
        result(3, size=None, cost=Cost(Fraction(100), "CNY", "2026-05-01")),
        result(4, size="small", cost=Cost(Fraction(100), "XXX", "2026-05-01")),
        result(5, size="small", cost=Cost(Fraction(100), "EUR", "2025-12-31")),
    ]
    found = values_of(rows, MEASURES, worth)
    assert {part: [item.value for item in items] for part, items in found.items()} == {
        "one_off:small": [800, 700],
        "one_off:medium": [100],
    }


def test_estimates_of_effects_do_not_count() -> None:
    sure = Improved("cost", "scrap", Fraction(8), Fraction(6), measured=True)
    rows = [result(1, improved=(sure,)), result(2, improved=(replace(sure, measured=False),))]
    (only,) = values_of(rows, MEASURES, worth)["effect:cost/scrap"]
    assert (only.result, only.value) == ("r1", 25)
    assert replace(sure, after=Fraction(10)).percent == -25


# --- the figures, by another reckoning -------------------------------------------------------------------------------------


@given(st.lists(amounts, min_size=2, max_size=40))
def test_quantiles_are_those_of_the_standard_library(values: list[Fraction]) -> None:
    expected = statistics.quantiles(values, n=4, method="inclusive")
    assert [quantile(values, Fraction(part, 4)) for part in (1, 2, 3)] == expected


@given(st.fractions(min_value=Fraction(1, 100), max_value=10**9))
def test_a_step_has_two_digits_and_is_near(amount: Fraction) -> None:
    step = step_of(amount)
    assert abs(step - amount) <= amount / 7
    digits = Decimal(step.numerator) / Decimal(step.denominator)
    assert len(digits.normalize().as_tuple().digits) <= 2
    assert step_of(step) == step
    assert step_of(-amount) == -step


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10**6)), max_size=30))
def test_a_figure_is_what_a_plain_reckoning_gives(rows: list[tuple[int, int]]) -> None:
    values = [value(number, amount, f"f{firm}") for number, (firm, amount) in enumerate(rows)]
    own: dict[int, list[int]] = defaultdict(list)
    for firm, amount in rows:
        own[firm].append(amount)
    firms = [statistics.median([Fraction(amount) for amount in found]) for found in own.values()]
    cell = told_next(Cell(), values)
    assert cell.reported == len(rows)
    if len(firms) < LEAST or len({step_of(amount) for amount in firms}) < KINDS:
        assert cell.figure is None
        assert cell.told == ()
        return
    low, middle, high = statistics.quantiles(firms, n=4, method="inclusive")
    assert cell.figure is not None
    assert (cell.figure.low, cell.figure.typical, cell.figure.high) == tuple(
        map(step_of, (low, middle, high))
    )
    assert cell.figure.low <= cell.figure.typical <= cell.figure.high
    assert (cell.figure.projects, cell.figure.years) == (len(rows), (2026, 2026))


# --- nothing gives a firm away ----------------------------------------------------------------------------------------------


def test_fewer_than_five_firms_are_not_told_however_many_projects_they_have() -> None:
    many = [value(number, 10 * number, f"f{number % 4}") for number in range(40)]
    assert told_next(Cell(), many).figure is None
    assert told_next(Cell(), FIVE[:4]) == Cell(reported=4)
    assert told_next(Cell(), FIVE).figure is not None


def test_firms_that_are_all_alike_are_not_told() -> None:
    alike = [value(number, amount) for number, amount in enumerate((100, 101, 102, 99, 200))]
    assert told_next(Cell(), alike).figure is None


def test_a_figure_waits_for_a_batch() -> None:
    cell = told_next(Cell(), FIVE)
    four = [*FIVE, *(value(number, 1000 * number) for number in range(5, 9))]
    later = told_next(cell, four)
    assert later.figure == cell.figure
    assert later.reported == 9
    assert told_next(later, [*four, value(9, 9)]).figure != cell.figure


def test_a_batch_is_a_fifth_of_those_who_were_told() -> None:
    hundred = [value(number, number + 1) for number in range(100)]
    cell = told_next(Cell(), hundred)
    more = [*hundred, *(value(number, 10_000) for number in range(100, 119))]
    assert told_next(cell, more).figure == cell.figure
    assert told_next(cell, [*more, value(119, 10_000)]).figure != cell.figure


def test_what_is_taken_back_ends_the_telling_once_too_few_are_left() -> None:
    six = [*FIVE, value(5, 60)]
    cell = told_next(Cell(), six)
    assert told_next(cell, six[1:]).figure == cell.figure
    gone = told_next(cell, six[2:])
    assert gone.figure is None
    # nor does one who joins bring it back: the two figures would differ by three firms
    assert told_next(gone, [*six[2:], value(7, 1)]).figure is None


def test_a_corrected_report_waits_as_a_new_one_does() -> None:
    cell = told_next(Cell(), [*FIVE, value(5, 60)])
    corrected = [*FIVE, replace(value(5, 9_000), result="r5-again")]
    assert told_next(cell, corrected).figure == cell.figure


def test_an_older_telling_counts_as_much_as_the_last_one() -> None:
    first = told_next(Cell(), FIVE)
    both = told_next(first, [*FIVE, *(value(number, 1000) for number in range(5, 10))])
    assert len(both.told) == 2
    # five of the second telling went and one came: five firms apart from that one, but one from the first
    back = told_next(both, [*FIVE, value(10, 7)])
    assert back.figure == both.figure
    assert len(back.told) == 2


@given(st.lists(amounts, min_size=LEAST, max_size=20), amounts)
def test_one_further_project_changes_nothing_that_is_told(values: list[Fraction], further: Fraction) -> None:
    rows = [value(number, 0) for number in range(len(values))]
    rows = [replace(row, value=amount) for row, amount in zip(rows, values, strict=True)]
    cell = told_next(Cell(), rows)
    if cell.figure is None:
        return
    joined = [*rows, Value("new", "new", 2027, further)]
    again = [*rows, Value("new", rows[0].firm, 2027, further)]
    for later in (joined, again, rows[1:]):
        told = told_next(cell, later).figure
        assert told is None or told == cell.figure


steps = st.lists(
    st.tuples(st.sampled_from(("add", "take", "change")), st.integers(0, 11), st.integers(1, 10**6)),
    min_size=20,
    max_size=80,
)


@given(steps)
def test_no_two_tellings_differ_by_fewer_firms_than_one_rests_on(
    events: list[tuple[str, int, int]],
) -> None:
    """Whatever comes, changes and goes: the data behind any two figures differ in those of at least five firms."""
    now: dict[str, Value] = {}
    tellings: list[dict[str, frozenset[tuple[str, Fraction]]]] = []
    cell = Cell()
    for number, (act, firm, amount) in enumerate(events):
        name = f"f{firm}"
        theirs = sorted(key for key, item in now.items() if item.firm == name)
        if act != "add" and theirs:
            del now[theirs[0]]
        if act != "take":
            now[f"r{number}"] = Value(f"r{number}", name, 2026, Fraction(amount))
        before, cell = cell, told_next(cell, list(now.values()))
        data: dict[str, set[tuple[str, Fraction]]] = defaultdict(set)
        for item in now.values():
            data[item.firm].add((item.result, item.value))
        if len(cell.told) > len(before.told):
            assert len(data) >= LEAST
            tellings.append({name: frozenset(items) for name, items in data.items()})
        elif cell.figure is not None:
            assert cell.figure is before.figure
            assert sum(data.get(name, set()) >= items for name, items in tellings[-1].items()) >= LEAST
    for one, other in combinations(tellings, 2):
        assert sum(one.get(name) != other.get(name) for name in {*one, *other}) >= LEAST


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_reported_is_nothing_told(count: int) -> None:
    assert told_next(Cell(), FIVE[:count]) == Cell(reported=count)
