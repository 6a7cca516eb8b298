"""Drafts of programmes and what they would change: held to the evaluation of one firm, and to counts by hand."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.incentives.cases import tried
from capillary.incentives.drafts import differences, read_draft, slots_of, with_figures
from capillary.incentives.evaluate import Entitlement, Evaluator
from capillary.incentives.population import CENTS, ENDLESS
from capillary.incentives.simulate import (
    BANDS,
    Answers,
    Firm,
    Move,
    amounts_moved,
    answers_of,
    facts_for,
    moves,
    readable,
    spread,
    states,
    tallies,
    unsettled,
)
from capillary.model.problems import InputError
from capillary.model.programme import Aid, Programme

from .incentive_kit import DAYS, full_facts, rules

LIBRARY = Library()
JUDGED = sorted(name for name, item in rules().programmes.items() if item.kind != "ceiling")
VERDICTS = {"not-entitled": 0, "unclear": 1, "entitled": 2}


def text_of(name: str) -> str:
    return LIBRARY.programme_text(name)


def firm_by_lot(seed: int) -> Firm:
    """Return a firm of which some facts are known, some as ranges, some finer than arrays count."""
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    facts: dict[str, Any] = {
        name: value for name, value in full_facts(seed, without=()).items() if dice.random() < 0.75
    }
    for name, fact in rules().facts.items():
        if fact.unit in {"count", "level"} and name in facts and dice.random() < 0.3:
            facts[name] = {"from": facts[name], "to": int(facts[name]) + dice.randint(0, 40)}
        if fact.unit == "money" and name in facts and dice.random() < 0.1:
            facts[name] = f"{dice.randint(0, 10**6)}.123"
    aids = None
    if dice.random() < 0.7:
        aids = tuple(
            Aid(
                date=dice.choice(DAYS),
                amount=str(dice.choice((0, 100_000, "99999.99", 250_000))),
                currency=dice.choice(("EUR", "EUR", "CNY")),
                scheme=dice.choice(("de-minimis", None)),
            )
            for _ in range(dice.randint(0, 3))
        )
    return Firm(facts, aids, dice.choice(("CNY", "CNY", "EUR", "SGD")))


def alone(programme: Programme, situation: Any) -> Entitlement:
    changed = replace(rules(), programmes={**rules().programmes, programme.id: programme}, _read={})
    return Evaluator(changed, situation).of(programme)


def changed_by_lot(name: str, seed: int) -> Programme:
    """Return a programme with one figure changed that still passes all checks; the programme itself where none would."""
    dice = Random(seed)  # noqa: S311
    slots = [slot for slot in slots_of(rules().programmes[name]) if slot.parameter.unit == "money"]
    if not slots:
        return rules().programmes[name]
    slot = dice.choice(slots)
    return read_draft(
        rules(), with_figures(text_of(name), {slot.path: str(dice.randint(1, 2_000_000))}), name
    )


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(JUDGED),
    seeds=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    day=st.sampled_from(DAYS),
)
def test_many_firms_get_what_each_would_get_alone(name: str, seeds: list[int], day: str) -> None:
    programme = changed_by_lot(name, seeds[0])
    situations, cut = readable(rules(), [firm_by_lot(seed) for seed in seeds], day)
    assert cut == 0
    found = answers_of(rules(), programme, situations)
    for place, situation in enumerate(situations):
        one = alone(programme, situation)
        assert found.verdict[place] == VERDICTS[one.verdict]
        low, high = (0, 0) if one.money is None else (one.money.low, one.money.high)
        assert found.low[place] == low * CENTS
        assert (found.high[place] >= ENDLESS) if high is None else found.high[place] == high * CENTS
        assert found.missing[place] == one.missing
        word = states(rules(), programme, found)[place]
        assert word == (one.classes[0].key if len(one.classes) == 1 else one.verdict)
    bare = answers_of(rules(), programme, situations, name_missing=False)
    assert not any(bare.missing)
    assert replace(bare, missing=found.missing).as_json() == found.as_json()
    kept = Answers.from_json(found.as_json())  # type: ignore[arg-type]
    assert kept.as_json() == found.as_json()
    assert kept.missing == found.missing


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(JUDGED))
def test_facts_that_a_programme_does_not_look_at_change_nothing(seed: int, name: str) -> None:
    firm = firm_by_lot(seed)
    needed = facts_for(rules(), rules().programmes[name])
    less = replace(firm, facts={fact: value for fact, value in firm.facts.items() if fact in needed})
    (one, other), _ = readable(rules(), [firm, less], "2025-12-01")
    programme = rules().programmes[name]
    whole, part = alone(programme, one), alone(programme, other)
    assert (whole.verdict, whole.money, whole.missing) == (part.verdict, part.money, part.missing)


def answers(rows: list[tuple[int, int, int]]) -> Answers:
    verdict, low, high = zip(*rows, strict=True)
    size = len(rows)
    return Answers(
        np.array(verdict, np.int8),
        np.array(low, np.int64),
        np.array(high, np.int64),
        np.zeros(size, np.int64),
        ((),) * size,
    )


AMOUNTS = st.sampled_from((0, 1, 99_999, 100_000, 5_000_000, 100_000_000, 700_000_000_00, int(ENDLESS)))
PAIRS = st.tuples(AMOUNTS.filter(lambda cents: cents < int(ENDLESS)), AMOUNTS).map(sorted)


@given(rows=st.lists(st.tuples(PAIRS, PAIRS, st.sampled_from("abc")), min_size=1, max_size=20))
def test_every_firm_is_counted_once_and_money_adds_up(rows: list[Any]) -> None:
    before = answers([(2, one[0], one[1]) for one, _, _ in rows])
    after = answers([(2, other[0], other[1]) for _, other, _ in rows])
    labels = [label for _, _, label in rows]
    found = tallies(before, after, labels)
    assert sum(sum(tally.counts) for tally in found.values()) == len(rows)
    for label, tally in found.items():
        mine = [(one, other) for one, other, own in rows if own == label]
        both_rise = [other[0] - one[0] for one, other in mine if one[0] < other[0] and one[1] < other[1]]
        both_fall = [one[0] - other[0] for one, other in mine if one[0] > other[0] and one[1] > other[1]]
        same = [one for one, other in mine if one == other]
        assert tally.counts[Move.GAIN] == len(both_rise)
        assert tally.counts[Move.LOSE] == len(both_fall)
        assert tally.counts[Move.SAME] == len(same)
        assert (tally.more, tally.less) == (sum(both_rise) // CENTS, sum(both_fall) // CENTS)
    bins = spread(before, after)
    moved = amounts_moved(before, after)
    assert sum(item.up for item in bins) == int((moved > 0).sum())
    assert sum(item.down for item in bins) == int((moved < 0).sum())
    ends = {0, *BANDS, None}
    assert all(item.least in ends and item.below in ends for item in bins)
    swapped = moves(after, before)
    back = {Move.SAME: Move.SAME, Move.EITHER: Move.EITHER}
    assert list(swapped) == [back.get(Move(move), Move.LOSE - move) for move in moves(before, after).tolist()]


def test_what_is_missing_is_ranked_by_money_then_by_firms() -> None:
    found = Answers(
        np.array([1, 1, 2, 1], np.int8),
        np.array([0, 0, 50_00, 0], np.int64),
        np.array([100_00, 300_00, 50_00, int(ENDLESS)], np.int64),
        np.zeros(4, np.int64),
        (("city",), ("city", "employees"), (), ("turnover",)),
    )
    assert [(row.fact, row.firms, row.at_stake) for row in unsettled(found)] == [
        ("turnover", 1, None),
        ("city", 2, 400),
        ("employees", 1, 300),
    ]


def test_what_was_told_under_other_rules_counts_as_not_known() -> None:
    firms = [
        Firm({"city": "atlantis", "employees": 12}),
        Firm({"nobody_asks": 1, "employees": 12}),
        Firm({"turnover": 5, "employees": 12}, currency="XXX"),
        Firm({"employees": 12}, aids=(Aid(date="2026-02-30", amount=1, currency="EUR"),)),
    ]
    found, cut = readable(rules(), firms, "2026-01-01")
    assert cut == 3
    assert [set(item.facts) for item in found] == [{"employees"}] * 4
    assert found[3].aids is None
    with pytest.raises(InputError):
        readable(rules(), firms, "2026-02-30")


# --- drafts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(rules().programmes))
def test_a_programme_that_ships_is_its_own_draft(name: str) -> None:
    found = read_draft(rules(), text_of(name), name)
    assert found == rules().programmes[name]
    assert differences(found, rules().programmes[name]) == []
    ids = [slot.id for slot in slots_of(found)]
    assert len(ids) == len(set(ids))


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(rules().programmes)), data=st.data())
def test_changed_figures_are_all_that_differs(name: str, data: st.DataObject) -> None:
    shipped = rules().programmes[name]
    known = [slot for slot in slots_of(shipped) if slot.parameter.unit == "money"]
    if not known:
        return
    chosen = data.draw(
        st.lists(st.sampled_from(known), min_size=1, max_size=3, unique_by=lambda slot: slot.id)
    )
    wanted = [(slot, str(data.draw(st.integers(10**6 + 1, 10**7)))) for slot in chosen]
    text = with_figures(text_of(name), {slot.path: value for slot, value in wanted})
    found = read_draft(rules(), text, name)
    assert {slot.path: slot.value for slot in slots_of(found)} == {
        slot.path: slot.value for slot in slots_of(shipped)
    } | {slot.path: value for slot, value in wanted}
    assert sorted((item.before, item.after) for item in differences(shipped, found)) == sorted(
        (slot.value, value) for slot, value in wanted if slot.value != value
    )
    assert all(item.parameter is not None for item in differences(shipped, found))
    # all else, comments and line breaks included, is as it was
    assert len(text.splitlines()) == len(text_of(name).splitlines())


HEFEI = text_of("cn-hefei")


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("amount: min(rate * eligible, cap)", "amount: min(rate * eligible, capp)", "unknown-fact", "capp)"),
        ("if: level_after >= least_level", "if: level_after >= cap", "wrong-unit", "if: level_after >= cap"),
        ('values: {"2": 300000', 'values: {"9x": 300000', "unreachable", '"9x"'),
        ('effective_to: "2025-12-31"', 'effective_to: "2023-12-31"', "dates-order", "2023-12-31"),
        ("kind: subsidy", "kind: gift", "schema-enum", "kind: gift"),
        ("id: cn-hefei", "id: cn-other", "other-programme", "id: cn-other"),
        ("otherwise: 0", "otherwise: 1e999999999", "bad-figure", "otherwise: "),
        ("otherwise: 0", f"otherwise: {'9' * 3000}", "bad-figure", "otherwise: "),
        ("otherwise: 0", f"otherwise: {'9' * 5000}", "not-yaml", None),
        ("currency: CNY", "currency: &c CNY", "alias", "currency:"),
        ("currency: CNY", f"currency: {'[' * 40}{']' * 40}", "too-deep", "currency:"),
        ("currency: CNY", "currency: [", "not-yaml", None),
        ("currency: CNY", "currency: \x07", "not-yaml", None),
    ],
    ids=range(13),
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, code: str, word: str | None) -> None:
    text = HEFEI.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        read_draft(rules(), text, "cn-hefei")
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.remedy.in_("en")
    if word is not None:
        assert problem.place.row is not None
        assert word in text.splitlines()[problem.place.row - 1]


def test_a_thousand_mistakes_are_named_in_one_reading() -> None:
    more = "".join(f"      p{number}: {{unit: money, value: 1}}\n" for number in range(1500))
    text = HEFEI.replace("    derived:\n", f"{more}    derived:\n", 1)
    with pytest.raises(InputError) as caught:
        read_draft(rules(), text, "cn-hefei")
    assert {problem.code for problem in caught.value.problems} == {"unused"}
    rows = [problem.place.row for problem in caught.value.problems]
    assert len(rows) == len(set(rows)) == 1500


def test_a_text_without_end_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="too-long"):
        read_draft(rules(), HEFEI + "#" * 60_000, "cn-hefei")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_typed_is_a_programme_or_a_named_problem(data: st.DataObject) -> None:
    text = HEFEI
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(st.text(max_size=12)) + text[at + cut :]
    try:
        found = read_draft(rules(), text, "cn-hefei")
    except InputError as error:
        said = [problem.in_("zh") for problem in error.problems]
    else:
        situations, _ = readable(rules(), [firm_by_lot(seed) for seed in range(6)], "2025-06-01")
        said = states(rules(), found, answers_of(rules(), found, situations))
    assert said
    assert all(said)


def test_cases_are_tried_against_other_figures() -> None:
    cases = LIBRARY.programmes().cases["cn-hefei"]
    assert all(item.passed for item in tried(rules(), "cn-hefei", cases))
    cap = next(slot for slot in slots_of(rules().programmes["cn-hefei"]) if slot.key == "2")
    other = read_draft(rules(), with_figures(HEFEI, {cap.path: "250000"}), "cn-hefei")
    changed = replace(rules(), programmes={**rules().programmes, "cn-hefei": other}, _read={})
    found = tried(changed, "cn-hefei", cases)
    assert [item.passed for item in found] == [True, False, True, True]
    assert found[1].differences == (("amount", "300000", "250000"),)
    broken = msgspec.structs.replace(cases[0], facts={"city": "atlantis"})
    (one,) = tried(changed, "cn-hefei", [broken])
    assert not one.passed
    assert [problem.place.path for problem in one.problems] == ["city"]


@pytest.mark.parametrize("line", ["kind: advice", "currency: EUR"])
def test_two_forms_of_a_programme_stay_comparable(line: str) -> None:
    field = line.partition(":")[0]
    text = "\n".join(line if old.startswith(f"{field}:") else old for old in HEFEI.splitlines())
    with pytest.raises(InputError) as caught:
        read_draft(rules(), text, "cn-hefei")
    assert [(problem.code, problem.place.path) for problem in caught.value.problems] == [
        ("other-programme", field)
    ]
