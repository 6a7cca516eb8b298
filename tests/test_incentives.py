"""Entitlements held to an oracle that reads rules with Python itself, to completions of unknown facts, and to their traces."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capillary.incentives import population as crowd
from capillary.incentives.evaluate import AIDS, Entitlement, entitlements, missing_facts
from capillary.incentives.plan import aid_by_level
from capillary.incentives.rules import Rules, version_on
from capillary.incentives.situation import Situation, rate, read_aids, read_situation
from capillary.incentives.spend import CountedSpend, counted_spend, spend_facts
from capillary.incentives.together import best_together
from capillary.model.problems import InputError
from capillary.model.programme import Aid, Parameter

from .incentive_kit import DAYS, amount_of, class_of, full_facts, one_value, rounded, rules, truth_of

MANY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 10**9)
CURRENCIES = st.sampled_from(["CNY", "EUR", "SGD"])
NO_AID: tuple[Aid, ...] = ()


def told(
    facts: dict[str, Any], on: str, currency: str = "CNY", aids: tuple[Aid, ...] | None = NO_AID
) -> Situation:
    return read_situation(facts, rules(), on=on, aids=aids, currency=currency)


def with_classes(facts: dict[str, Any], currency: str) -> dict[str, Any]:
    """Return the facts with the size classes, by the oracle."""
    found = dict(facts)
    for programme in rules().programmes.values():
        if programme.gives:
            factor = rate(rules(), currency, programme.currency or currency)
            found[programme.gives] = class_of(programme, facts, factor)
    return found


@MANY
@given(seed=SEEDS, on=st.sampled_from(DAYS), currency=CURRENCIES)
def test_complete_facts_agree_with_the_oracle(seed: int, on: str, currency: str) -> None:
    facts = full_facts(seed)
    whole = with_classes(facts, currency)
    for item in entitlements(rules(), told(facts, on, currency)):
        programme = item.programme
        assert item.verdict != "unclear"
        assert item.missing == ()
        if version_on(programme, on) is None:
            assert (item.verdict, item.timing == "in-force") == ("not-entitled", False)
            continue
        if item.classes:
            assert [rule.key for rule in item.classes] == [whole[programme.gives or ""]]
            continue
        factor = rate(rules(), currency, programme.currency or currency)
        holds = truth_of(programme, item.version, whole, factor)
        assert {judged.condition.id for judged in item.failed} == {
            name for name, it in holds.items() if not it
        }
        assert (item.verdict == "entitled") == all(holds.values())
        if item.verdict == "entitled" and item.version.amount:
            amount = amount_of(programme, item.version, whole, factor)
            if item.ceiling is not None:
                amount = min(amount, Fraction(300_000) if on >= "2024-01-01" else Fraction(200_000))
            assert item.money is not None
            assert (item.money.low, item.money.high) == (rounded(amount, programme),) * 2
            if item.phases:
                assert sum(phase.money.low for phase in item.phases) == item.money.low


@MANY
@given(seed=SEEDS, on=st.sampled_from(DAYS), share=st.floats(0.1, 0.9))
def test_what_is_said_of_partial_facts_holds_for_every_completion(seed: int, on: str, share: float) -> None:
    facts = full_facts(seed)
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    known = {name: value for name, value in facts.items() if dice.random() < share}
    partly = {item.programme.id: item for item in entitlements(rules(), told(known, on, aids=None))}
    for aids in (
        NO_AID,
        read_aids([{"date": "2024-05-01", "amount": 299_000, "currency": "EUR", "scheme": "de-minimis"}]),
    ):
        for item in entitlements(rules(), told(facts, on, aids=aids)):
            before = partly[item.programme.id]
            assert before.verdict in {"unclear", item.verdict}
            if before.money is not None and item.money is not None:
                assert before.money.low <= item.money.low
                assert (
                    before.money.high is None
                    or item.money.high is None
                    or item.money.high <= before.money.high
                )
            if before.classes:
                assert {rule.key for rule in item.classes} <= {rule.key for rule in before.classes}


@MANY
@given(seed=SEEDS, on=st.sampled_from(DAYS), share=st.floats(0.1, 0.9))
def test_the_missing_facts_are_enough_to_tell(seed: int, on: str, share: float) -> None:
    facts = full_facts(seed)
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    known = {name: value for name, value in facts.items() if dice.random() < share}
    found = {item.programme.id: item for item in entitlements(rules(), told(known, on))}
    for name, item in found.items():
        open_amount = item.money is not None and item.money.is_open
        assert bool(item.missing) == (item.verdict == "unclear" or open_amount)
        assert not set(item.missing) & set(known)
        asked = {**known, **{fact: facts[fact] for fact in item.missing if fact != AIDS}}
        again = next(one for one in entitlements(rules(), told(asked, on)) if one.programme.id == name)
        assert again.verdict != "unclear"
        assert again.money is None or not again.money.is_open


@MANY
@given(seed=SEEDS, on=st.sampled_from(DAYS), share=st.floats(0.2, 1))
def test_every_trace_recomputes_to_its_result(seed: int, on: str, share: float) -> None:
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    known = {name: value for name, value in full_facts(seed).items() if dice.random() < share}
    for item in entitlements(rules(), told(known, on, "EUR")):
        as_json = item.as_json()
        traces = [condition["trace"] for condition in as_json["conditions"]]  # type: ignore[attr-defined]
        traces += [as_json["trace"]] if "trace" in as_json else []
        for trace in traces:
            recomputed(trace)


def recomputed(step: dict[str, Any]) -> Any:
    """Work a step of a trace out from what is below it, where all of that is known, and hold it to what it says."""
    below = [recomputed(part) for part in step.get("of", ())]
    value = step["value"]
    op = step["op"]
    if op in {"fact", "number", "parameter", "class", "if", "in"}:
        return value
    if any(isinstance(part, dict) or part is None for part in below):
        return value
    worked = {
        "derived": lambda: below[0],
        "+": lambda: below[0] + below[1],
        "-": lambda: below[0] - below[1],
        "*": lambda: below[0] * below[1],
        "min": lambda: min(below),
        "max": lambda: max(below),
        "<": lambda: below[0] < below[1],
        "<=": lambda: below[0] <= below[1],
        ">": lambda: below[0] > below[1],
        ">=": lambda: below[0] >= below[1],
        "and": lambda: all(below),
        "or": lambda: any(below),
        "not": lambda: not below[0],
    }[op]()
    assert worked == value or worked == pytest.approx(value, rel=1e-12)
    return value


# --- many firms at once ----------------------------------------------------------------------------------------------


def columns(rows: list[dict[str, Any]]) -> dict[str, crowd.Column]:
    return {
        name: crowd.column_of(fact, [row.get(name) for row in rows])
        for name, fact in rules().facts.items()
        if any(name in row for row in rows)
    }


@settings(MANY, max_examples=25)
@given(seed=SEEDS, on=st.sampled_from(DAYS), share=st.floats(0.3, 1), currency=CURRENCIES)
def test_many_firms_at_once_are_judged_like_one(seed: int, on: str, share: float, currency: str) -> None:
    dice = Random(seed)  # noqa: S311 - a lot, no secret
    rows = [
        {name: value for name, value in full_facts(seed + number).items() if dice.random() < share}
        for number in range(12)
    ]
    used = np.array([dice.choice([0, 29_900_000, 40_000_000]) for _ in rows], np.int64)
    firms = crowd.Population(len(rows), on, columns(rows), {"de-minimis": used}, currency)
    found = crowd.outcomes(rules(), firms)
    for number, row in enumerate(rows):
        aid = Aid(date=on, amount=str(Decimal(int(used[number])) / 100), currency="EUR", scheme="de-minimis")
        for item in entitlements(rules(), told(row, on, currency, (aid,))):
            one = found[item.programme.id]
            assert ("not-entitled", "unclear", "entitled")[one.verdict[number]] == item.verdict, (
                item.programme.id
            )
            low, high = _in_cents(item)
            assert (one.low[number], one.high[number]) == (low, high), item.programme.id


def _in_cents(item: Entitlement) -> tuple[int, int]:
    if item.money is None:
        return 0, 0
    high = crowd.ENDLESS if item.money.high is None else int(item.money.high * 100)
    return (int(item.money.low * 100) if item.verdict == "entitled" else 0), int(high)


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [full_facts(number) for number in range(50)]
    firms = crowd.Population(len(rows), "2026-05-01", columns(rows))
    whole = crowd.outcomes(rules(), firms)
    monkeypatch.setattr(crowd, "CHUNK", 7)
    for name, parts in crowd.outcomes(rules(), firms).items():
        assert (parts.verdict == whole[name].verdict).all()
        assert (parts.low == whole[name].low).all()


@pytest.mark.parametrize("value", ["1.234", "-1", "9e18", "many"])
def test_what_cannot_be_counted_exactly_is_refused_with_its_row(value: str) -> None:
    with pytest.raises((InputError, ValueError)):
        crowd.column_of(rules().facts["turnover"], [1, value])


# --- days and ceilings -----------------------------------------------------------------------------------------------


@given(seed=SEEDS)
@settings(MANY, max_examples=30)
def test_every_version_is_open_through_its_last_day(seed: int) -> None:
    facts = full_facts(seed)
    for programme in rules().programmes.values():
        for version in programme.versions:
            for day in (version.effective_from, version.effective_to):
                if day is not None:
                    assert version_on(programme, day) is version
    ended = next(
        item
        for item in entitlements(rules(), told(facts, "2025-01-01"))
        if item.programme.id == "de-go-digital"
    )
    assert (ended.verdict, ended.timing) == ("not-entitled", "ended")


@given(
    grants=st.lists(
        st.tuples(
            st.sampled_from(["2023-06-01", "2023-06-02", "2025-01-01", "2026-06-01", "2026-06-02"]),
            st.integers(0, 200_000),
        ),
        max_size=5,
    )
)
def test_the_ceiling_counts_the_aid_of_three_years(grants: list[tuple[str, int]]) -> None:
    aids = tuple(Aid(date=day, amount=amount, currency="EUR", scheme="de-minimis") for day, amount in grants)
    facts = {
        "country": "es",
        "employees": 20,
        "active_months": 24,
        "has_diagnosis": True,
        "is_approved_vendor": True,
        "solution": "crm",
        "spend_total": 4000,
    }
    found = next(
        item
        for item in entitlements(rules(), told(facts, "2026-06-01", "EUR", aids))
        if item.programme.id == "es-kit-digital"
    )
    counted = sum(amount for day, amount in grants if "2023-06-01" < day <= "2026-06-01")
    assert found.money is not None
    assert found.money.low == max(0, min(4000, 300_000 - counted))


def test_missing_facts_are_ranked_by_the_money_that_they_settle() -> None:
    facts = {
        "city": "nanjing",
        "size_cn": "small",
        "is_pilot_industry": True,
        "has_central_funding": False,
        "level_after": 2,
    }
    found = entitlements(rules(), told(facts, "2026-01-15"))
    ranked = missing_facts(found, rules(), "CNY")
    nanjing = next(item for item in found if item.programme.id == "cn-nanjing")
    assert nanjing.verdict == "entitled"
    assert set(nanjing.missing) == {"completed_on", "spend_software", "spend_cloud", "spend_gateways"}
    stakes = [item.at_stake for item in ranked if item.at_stake is not None]
    assert stakes == sorted(stakes, reverse=True)
    assert {item.fact: item.at_stake for item in ranked}["spend_software"] >= Decimal(500_000)  # type: ignore[operator]


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("employes", 3, "unknown-fact"),
        ("employees", "3.5", "wrong-unit"),
        ("employees", -1, "wrong-unit"),
        ("employees", True, "wrong-unit"),
        ("employees", {"from": 9, "to": 3}, "wrong-unit"),
        ("turnover", "CNY 5", "wrong-unit"),
        ("turnover", "1e999999999", "wrong-unit"),
        ("turnover", 10**30, "wrong-unit"),
        ("turnover", [5], "wrong-unit"),
        ("turnover", {"from": {}, "to": []}, "wrong-unit"),
        ("turnover", "٣", "wrong-unit"),
        ("city", "paris", "wrong-unit"),
        ("titles", "high-tech", "wrong-unit"),
        ("titles", ["high"], "wrong-unit"),
        ("completed_on", "2026-02-30", "bad-day"),
        ("is_accepted", "yes", "wrong-unit"),
    ],
)
def test_a_wrong_fact_is_named_with_what_mends_it(name: str, value: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        told({name: value, "employees" if name != "employees" else "assets": 5}, "2026-01-01")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.path) == (code, name)
    for language in ("zh", "en"):
        assert problem.in_(language)  # type: ignore[arg-type]


def test_a_day_a_currency_and_aid_that_cannot_be() -> None:
    aids = read_aids([{"date": "2026-13-01", "amount": "-3", "currency": "XXX"}])
    with pytest.raises(InputError) as caught:
        told({}, "soon", "ABC", aids)
    assert [problem.code for problem in caught.value.problems] == [
        "bad-day",
        "bad-day",
        "bad-aid",
        "unknown-currency",
        "unknown-currency",
    ]
    with pytest.raises(InputError):
        read_aids([{"amount": 3}])


def test_a_range_is_enough_where_no_rule_lies_inside_it() -> None:
    facts = {"industry_cn": "industry", "employees": {"from": 50, "to": 99}, "turnover": {"from": 4_000_000}}
    found = next(
        item for item in entitlements(rules(), told(facts, "2026-01-01")) if item.programme.id == "cn-size"
    )
    assert [rule.key for rule in found.classes] == ["small"]


def test_every_fact_has_values_and_words() -> None:
    dice = Random(5)  # noqa: S311 - a lot, no secret
    for name, fact in rules().facts.items():
        assert read_situation({name: one_value(fact, dice)}, rules(), on="2026-01-01").facts[name] is not None
        assert fact.question.zh.endswith("？")
        assert fact.question.en.endswith("?")


# --- what a plan can count with --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cn-wuhan", [(2, "0.3", 300_000, 0), (3, "0.4", 400_000, 0)]),
        ("cn-longyan", [(2, "0.5", 250_000, 0), (3, "0.5", 350_000, 0), (4, "0.5", 450_000, 0)]),
        ("cn-hangzhou", [(2, "0.4", None, 0)]),
        ("cn-guangdong", [(2, "0.5", 600_000, 0), (3, "0.5", 2_000_000, 0), (4, "0.5", 5_000_000, 0)]),
        ("cn-nanjing", [(2, "0.5", 500_000, 0), (4, "0.5", 500_000, 200_000)]),
    ],
)
def test_a_programme_is_read_as_share_cap_and_bonus_by_level(
    name: str, expected: list[tuple[Any, ...]]
) -> None:
    city = {"cn-guangdong": "guangzhou"}.get(name, name.removeprefix("cn-"))
    situation = told({"city": city, "size_cn": "small", "completed_on": "2026-01-20"}, "2026-02-01")
    aid_of = aid_by_level(rules(), rules().programmes[name], situation, range(1, 5))
    found = aid_of.levels
    assert [(aid.level, aid.share, aid.cap, aid.bonus) for aid in found] == [
        (level, Fraction(share), cap, bonus) for level, share, cap, bonus in expected
    ]
    assert {aid.off_by for aid in found} == {0}
    assert "pilot-industry" in found[0].open_conditions
    services = {"services"} if name == "cn-guangdong" else set()
    assert aid_of.counted == CountedSpend(frozenset({"software", "cloud", "gateways"} | services), "official")


def test_a_programme_that_pays_nothing_has_no_level() -> None:
    situation = told({"city": "hefei"}, "2026-02-01")
    assert aid_by_level(rules(), rules().programmes["cn-wuhan"], situation, range(1, 5)).levels == ()
    assert aid_by_level(rules(), rules().programmes["cn-hefei"], situation, range(1, 5)).levels == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sg-psg", CountedSpend(None, "unverified")),
        ("es-kit-digital", CountedSpend(None, "unverified")),
        ("es-kit-consulting", CountedSpend(frozenset({"advice"}), "official")),
        ("cn-size", None),
    ],
)
def test_what_a_rule_counts_is_read_from_the_facts_that_it_names(
    name: str, expected: CountedSpend | None
) -> None:
    programme = rules().programmes[name]
    for version in programme.versions:
        assert counted_spend(rules(), programme, version) == expected


def test_spend_of_a_plan_becomes_facts_and_a_category_without_one_counts_in_the_total() -> None:
    facts = spend_facts(rules(), {"software": 100, "training": 20})
    assert facts == {
        "spend_software": 100,
        "spend_cloud": 0,
        "spend_gateways": 0,
        "spend_services": 0,
        "spend_advice": 0,
        "spend_total": 120,
    }


# --- several programmes at once --------------------------------------------------------------------------------------


@settings(MANY, max_examples=60)
@given(
    worths=st.lists(st.integers(0, 400_000), min_size=1, max_size=5),
    pairs=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5),
    under=st.sets(st.integers(0, 4)),
    used=st.integers(0, 400_000),
)
def test_the_best_set_is_the_best_of_all(
    worths: list[int], pairs: set[tuple[int, int]], under: set[int], used: int
) -> None:
    names = [f"p{number}" for number in range(len(worths))]
    ceiling = rules().programmes["eu-de-minimis"]
    base = rules().programmes["es-kit-consulting"]
    programmes = {"eu-de-minimis": ceiling}
    for number, name in enumerate(names):
        others = tuple(
            names[other] for one, other in pairs if one == number and other != one and other < len(names)
        )
        version = msgspec.structs.replace(
            base.versions[0],
            parameters={"given": Parameter(unit="money", value=worths[number])},
            conditions=(),
            amount="given",
        )
        programmes[name] = msgspec.structs.replace(
            base, id=name, not_with=others, under=ceiling.id if number in under else None, versions=(version,)
        )
    small = Rules(rules().facts, programmes, rules().currencies)
    aid = Aid(date="2025-06-01", amount=used, currency="EUR", scheme="de-minimis")
    found = entitlements(small, told({}, "2026-06-01", "EUR", (aid,)))
    together = best_together(small, found, "EUR")
    left = max(0, 300_000 - used)

    def value(chosen: tuple[str, ...]) -> int:
        amounts = {name: worths[names.index(name)] for name in chosen}
        capped = sum(amount for name, amount in amounts.items() if programmes[name].under)
        return min(capped, left) + sum(
            amount for name, amount in amounts.items() if not programmes[name].under
        )

    def fits(chosen: tuple[str, ...]) -> bool:
        return not any(other in programmes[name].not_with for name in chosen for other in chosen)

    every = [chosen for size in range(len(names) + 1) for chosen in combinations(names, size) if fits(chosen)]
    assert together.total == max(map(value, every))
    assert fits(together.chosen)
    assert value(together.chosen) == together.total
    for name, reasons in together.given_up.items():
        assert reasons or not worths[names.index(name)] or value((*together.chosen, name)) == together.total
