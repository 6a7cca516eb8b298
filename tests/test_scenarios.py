"""The scenarios that ship, what is worked out from their measures, and what is said of a file that is wrong."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capillary.content.estimates import PARTS, estimate_of, prerequisites, weakest
from capillary.content.library import Library, vocabulary_of
from capillary.content.loader import SHIPPED
from capillary.content.scenarios import (
    Wish,
    business_scenarios,
    capabilities_of,
    heads_suited,
    load_scenarios,
    scenario_problems,
    scenarios_found,
    usual_heads,
)
from capillary.model.measure import Catalogue
from capillary.model.problems import InputError
from capillary.model.scenario import HEADS, SIZE_CLASSES

from .sheet_kit import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from capillary.content.estimates import Estimate
    from capillary.model.measure import CostPart
    from capillary.model.problems import Problem
    from capillary.model.scenario import Scenario
    from capillary.model.standard import Certainty
    from capillary.model.text import Text

LIBRARY = Library()
BOOK = LIBRARY.scenarios()
SCENARIOS = BOOK.scenarios
CATALOGUE = LIBRARY.measures()
MEASURES = CATALOGUE.measures
CURRENCIES = LIBRARY.currencies()
NAMES = sorted(SCENARIOS)
KNOWN = vocabulary_of(LIBRARY)
BUSINESS = business_scenarios(KNOWN.standards)
MOST_ALIKE = 0.25  # of the words of two scenarios that stand in both
MOST_MEASURES_ALIKE = 0.75


# --- what ships ------------------------------------------------------------------------------------------------------


def test_a_hundred_scenarios_over_all_business_scenarios_and_many_sectors() -> None:
    assert 100 <= len(SCENARIOS) <= 110
    assert len(BUSINESS) == 16
    served = Counter(name for item in SCENARIOS.values() for name in item.serves)
    assert {name: served[name] for name in BUSINESS if served[name] < 4} == {}
    sectors = Counter(name for item in SCENARIOS.values() for name in item.sectors)
    assert len([name for name, count in sectors.items() if count >= 3]) >= 12
    sections = {code[0] for name in sectors for code in LIBRARY.sectors()[name].isic}
    assert len(sections - {"C"}) >= 6
    sizes = Counter(name for item in SCENARIOS.values() for name in item.sizes)
    assert min(sizes[name] for name in SIZE_CLASSES) >= 10
    free = [name for name in NAMES if estimate(SCENARIOS[name]).is_free]
    assert free


def test_what_ships_names_only_what_exists_in_an_order_that_can_be() -> None:
    assert list(scenario_problems(BOOK, KNOWN)) == []


def test_no_two_scenarios_are_composed_alike() -> None:
    composed = Counter(frozenset(item.measures) for item in SCENARIOS.values())
    assert max(composed.values()) == 1
    alike = [
        (one.id, other.id)
        for one, other in combinations(SCENARIOS.values(), 2)
        if shared(set(one.measures), set(other.measures)) > MOST_MEASURES_ALIKE
    ]
    assert alike == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_scenarios_are_told_alike(language: str) -> None:
    words = {name: words_of(SCENARIOS[name], language) for name in NAMES}
    assert min(map(len, words.values())) >= 50
    alike = [
        (one, other, round(shared(words[one], words[other]), 2))
        for one, other in combinations(NAMES, 2)
        if shared(words[one], words[other]) > MOST_ALIKE
    ]
    assert alike == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_titles_problems_and_steps_stand_once(language: str) -> None:
    for texts in (
        [item.title for item in SCENARIOS.values()],
        [item.problem for item in SCENARIOS.values()],
        [item.after for item in SCENARIOS.values()],
        [item.who for item in SCENARIOS.values()],
        [pitfall.wrong for item in SCENARIOS.values() for pitfall in item.pitfalls],
        [step for item in SCENARIOS.values() for step in item.checklist],
    ):
        counted = Counter(getattr(text, language) for text in texts)
        assert [text for text, count in counted.items() if count > 1] == []


def shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def words_of(item: Scenario, language: str) -> set[str]:
    """Return the words of four letters and more, or the pairs of Chinese characters, of everything that a scenario tells."""
    text = " ".join(getattr(part, language) for part in told(item))
    if language == "en":
        return set(re.findall(r"[a-z]{4,}", text.lower()))
    return {pair for run_ in re.findall("[一-鿿]+", text) for pair in map("".join, pairwise(run_))}


def told(item: Scenario) -> list[Text]:
    pitfalls = [part for pitfall in item.pitfalls for part in (pitfall.wrong, pitfall.remedy)]
    return [
        *(item.title, item.problem, item.before, item.after, item.who),
        *pitfalls,
        *item.conditions,
        *item.checklist,
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_whole_in_both_languages(name: str) -> None:
    item = SCENARIOS[name]
    for text in told(item):
        assert text.zh.strip()
        assert text.en.strip()
        assert re.search("[一-鿿]", text.zh)
        assert not re.search("[一-鿿]", text.en)
        assert text.zh.rstrip("”")[-1] in "。！？" or text == item.title, text.zh
    assert len(item.pitfalls) >= 2
    assert len(item.conditions) >= 2
    assert 4 <= len(item.checklist) <= 8
    assert len(item.keywords.zh) >= 4
    assert len(item.keywords.en) >= 4


# A result with a figure is a claim: it needs a source, and stands among the facts then.
CLAIM = re.compile(
    r"\d+\s*%|[一二三四五六七八九十两\d]+(?:成|倍|个点|分钟|个百分点)|\b(?:percent|per cent|times faster|half the)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", NAMES)
def test_the_state_after_claims_no_figure(name: str) -> None:
    item = SCENARIOS[name]
    # an hour or a number of minutes that is a rule of the work, such as an alarm after ten minutes, is no result
    rules = {"cold-room-warm-at-night": "升温十分钟打电话"}
    zh = item.after.zh.replace(rules.get(name, "\0"), "")
    assert not CLAIM.search(zh)
    assert not CLAIM.search(item.after.en)


def test_facts_name_a_source_and_are_never_surer_than_it() -> None:
    facts = [(BOOK.files[item.id], fact) for item in SCENARIOS.values() for fact in item.facts]
    assert len(facts) >= 40
    for file, fact in facts:
        source = file.source_of(fact.source)
        assert source.id != file.source
        assert source.url or source.document or fact.certainty != "official"
    with pytest.raises(KeyError):
        facts[0][0].source_of("nobody")


# --- what is worked out, against an independent sum -------------------------------------------------------------------


def estimate(item: Scenario, users: int = 10, machines: int = 5, currency: str | None = None) -> Estimate:
    return estimate_of(item, CATALOGUE, CURRENCIES, users=users, machines=machines, currency=currency)


def priced(parts: Iterable[CostPart], end: int, users: int, machines: int) -> int:
    return sum(
        part.fixed[end] + part.per_user[end] * users + part.per_machine[end] * machines for part in parts
    )


def longest(item: Scenario, end: int) -> int:
    """Return the longest chain of measures that wait for one another, found by walking every chain."""
    needed = {name: waits_for(item, name) for name in item.measures}

    def chain(name: str) -> int:
        return MEASURES[name].weeks[end] + max((chain(other) for other in needed[name]), default=0)

    return max(chain(name) for name in item.measures)


def waits_for(item: Scenario, name: str) -> list[str]:
    """Return what a measure waits for: the first that brings a level which the firm does not start with, or a named one."""
    before = item.measures[: item.measures.index(name)]
    own = MEASURES[name]
    wanted = dict(own.needs.capabilities)
    for raised in own.raises:
        wanted[raised.capability] = max(raised.from_, wanted.get(raised.capability, 0))
    found = [other for other in before if other in own.needs.measures]
    for capability, level in wanted.items():
        if level > item.starts.get(capability, 0):
            for other in before:
                if any(
                    one.capability == capability and one.from_ < level <= one.to
                    for one in MEASURES[other].raises
                ):
                    found.append(other)
                    break
    return found


@given(name=st.sampled_from(NAMES), users=st.integers(0, 5000), machines=st.integers(0, 2000))
def test_cost_time_staff_and_effects_are_those_of_the_measures(name: str, users: int, machines: int) -> None:
    item = SCENARIOS[name]
    found = estimate(item, users, machines)
    chosen = [MEASURES[one] for one in item.measures]
    for end in range(3):
        assert found.one_off[end] == priced((one.cost.one_off for one in chosen), end, users, machines)
        assert found.yearly[end] == priced((one.cost.yearly for one in chosen), end, users, machines)
        assert found.weeks[end] == longest(item, end)
        assert (
            max(one.weeks[end] for one in chosen) <= found.weeks[end] <= sum(one.weeks[end] for one in chosen)
        )
    assert list(found.one_off) == sorted(found.one_off)
    assert list(found.weeks) == sorted(found.weeks)
    for role, hours in found.hours.items():
        assert hours == sum(one.staff.get(role, 0) for one in chosen) > 0
    assert sum(found.hours.values()) == sum(sum(one.staff.values()) for one in chosen)
    bases = {effect.of for one in chosen for effect in one.effects}
    assert {effect.of for effect in found.effects} == bases
    for effect in found.effects:
        acting = [
            given for one in chosen for given in one.effects if (given.on, given.of) == (effect.on, effect.of)
        ]
        for end in range(3):
            left = Fraction(100)
            for given_ in acting:
                left -= left * given_.percent[end] / 100
            assert effect.percent[end] == 100 - left
            assert effect.percent[end] <= sum(given_.percent[end] for given_ in acting)
        assert list(effect.percent) == sorted(effect.percent)


@given(name=st.sampled_from(NAMES))
def test_the_weakest_figure_decides_how_sure_each_part_is(name: str) -> None:
    item = SCENARIOS[name]
    found = estimate(item)
    order = ["official", "secondary", "unverified"]
    costs = [CATALOGUE.certainty_of(MEASURES[one], MEASURES[one].cost) for one in item.measures]
    assert found.certainty["cost"] == max(costs, key=order.index)
    assert set(found.certainty) <= set(PARTS)
    assert ("effects" in found.certainty) == bool(found.effects)
    assert found.sources
    assert weakest([]) == "unverified"


@given(
    name=st.sampled_from(NAMES), unsure=st.integers(0, 20), mark=st.sampled_from(["secondary", "unverified"])
)
def test_one_unsure_figure_makes_the_whole_unsure(name: str, unsure: int, mark: Certainty) -> None:
    item = SCENARIOS[name]
    one = item.measures[unsure % len(item.measures)]
    official = {known: replace(file, certainty="official") for known, file in CATALOGUE.files.items()}
    sure = Catalogue(MEASURES, official, CATALOGUE.paths)
    certain = estimate_of(item, sure, CURRENCIES, users=3, machines=3).certainty
    assert set(certain.values()) == {"official"}
    less = Catalogue({**MEASURES, one: replace(MEASURES[one], certainty=mark)}, official, CATALOGUE.paths)
    found = estimate_of(item, less, CURRENCIES, users=3, machines=3).certainty
    assert found["cost"] == found["weeks"] == mark
    assert found.get("effects") in {None, mark if MEASURES[one].effects else "official"}


def test_another_currency_is_at_the_rate_of_the_content_and_as_sure_as_that() -> None:
    item = SCENARIOS["order-board-and-erp-disagree"]
    euros, yuan = estimate(item, 10, 5, "EUR"), estimate(item, 10, 5)
    assert euros.currency == "EUR"
    assert euros.one_off[1] == pytest.approx(yuan.one_off[1] / 8, abs=2)
    assert euros.certainty["cost"] == "unverified"
    with pytest.raises(KeyError):
        estimate(item, 10, 5, "XXX")
    with pytest.raises(ValueError, match="negative"):
        estimate(item, -1, 5)


def test_steps_begin_when_those_before_them_are_complete() -> None:
    for item in SCENARIOS.values():
        found = estimate(item)
        ends = {step.measure: step.ends for step in found.steps}
        after = prerequisites(item, MEASURES)
        for step in found.steps:
            assert step.begins == max((ends[other] for other in step.after), default=0)
            assert step.after == after[step.measure]
            assert step.ends - step.begins == MEASURES[step.measure].weeks[1]
    shown = estimate(SCENARIOS["virus-stops-invoicing"])
    by_name = {step.measure: step for step in shown.steps}
    assert set(by_name["recovery-plan"].after) == {"backup-automatic", "backup-offline"}
    assert by_name["continuity-plan"].after == ("recovery-plan",)
    assert shown.raises["backup-and-recovery"] == (0, 4)


# --- searching ---------------------------------------------------------------------------------------------------------


def found(**wish: str) -> list[str]:
    return [item.id for item in scenarios_found(BOOK, MEASURES, Wish(**wish))]


def test_a_search_finds_chinese_without_spaces_and_english_in_any_case() -> None:
    assert "order-board-and-erp-disagree" in found(text="看板")
    assert found(text="ORDER board") == found(text="order BOARD")
    assert "order-board-and-erp-disagree" in found(text="ORDER board")
    assert found(text="看板 erp") == ["order-board-and-erp-disagree"]
    assert found(text="无此一说") == []
    assert found() == list(SCENARIOS)


@given(
    business=st.sampled_from(["", *BUSINESS]),
    sector=st.sampled_from(["", *LIBRARY.sectors()]),
    size=st.sampled_from(["", *SIZE_CLASSES]),
    capability=st.sampled_from(["", *LIBRARY.capabilities()]),
    text=st.sampled_from(["", "扫码", "the", "单 机", "invoice"]),
)
def test_filters_combine_as_and(business: str, sector: str, size: str, capability: str, text: str) -> None:
    wanted = {
        item.id
        for item in SCENARIOS.values()
        if (business in {"", *item.serves, *item.supports})
        and (sector in {"", *item.sectors})
        and (size in {"", *item.sizes})
        and (not capability or capability in capabilities_of(item, MEASURES))
        and all(word in item.searched() for word in text.split())
    }
    assert set(found(business=business, sector=sector, size=size, capability=capability, text=text)) == wanted


def test_a_head_count_to_show_it_for_suits_all_its_measures() -> None:
    for item in SCENARIOS.values():
        for size in item.sizes:
            heads = usual_heads(item, MEASURES, size)
            low, high = HEADS[size]
            assert low <= heads
            assert high is None or heads <= high
            for name in item.measures:
                assert heads >= MEASURES[name].employees_from
                assert heads <= (MEASURES[name].employees_to or heads)
    assert usual_heads(SCENARIOS["grower-sells-direct"], MEASURES, "large") == 5
    assert heads_suited([MEASURES["planning-ai"]], "small") is None


# --- what is wrong with a file is said with its place and remedy ------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped content that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "content")
    return tmp_path / "content"


def problems_of(folder: Path) -> list[Problem]:
    """Return what is wrong with the scenarios of a folder."""
    try:
        book = load_scenarios(folder)
    except InputError as error:
        return list(error.problems)
    return list(scenario_problems(book, KNOWN))


def spoilt(folder: Path, name: str, old: str, new: str, after: str = "") -> list[Problem]:
    """Return what is said once a text is replaced, the first time after another text."""
    path = folder / "scenarios" / name
    text = path.read_text("utf-8")
    place = text.index(old, text.index(after))
    path.write_text(text[:place] + new + text[place + len(old) :], encoding="utf-8")
    return problems_of(folder)


MISTAKES = [
    # what is replaced by what, in which scenario; code; place; a part of what is said
    (
        "measures: [work-orders-scan, planning-system]",
        "measures: [work-orders-scam]",
        "unknown-name",
        "measures[0]",
        "work-orders-scan",
    ),
    ("sectors: [metal-products,", "sectors: [metal-product,", "unknown-name", "sectors[0]", "metal-products"),
    ("serves: [S05, S06]", "serves: [S05, S66]", "unknown-name", "serves[1]", "S66"),
    ("supports: [S03]", "supports: [Q01]", "unknown-name", "supports[0]", "Q01"),
    (
        "production-control: 1,",
        "production-kontrol: 1,",
        "unknown-name",
        "starts.production-kontrol",
        "production-control",
    ),
    (
        "production-control: 1,",
        "production-control: 9,",
        "unknown-level",
        "starts.production-control",
        "level 9",
    ),
    ("production-control: 1,", "production-control: 2,", "needless", "starts.production-control", "level 2"),
    ("production-control: 1, ", "", "order", "measures[0]", "level 1"),
    ("production-planning: 1", "production-planning: 2", "needless", "measures[1]", "planning-system"),
    ("serves: [S05, S06]", "serves: [S05, S06, S13]", "not-raised", "serves[2]", "S13"),
    ("supports: [S03]", "supports: [S06]", "is-raised", "supports[0]", "S06"),
    ("sizes: [small, medium]", "sizes: [small, small]", "stands-twice", "sizes", "2 times"),
    ("sizes: [small, medium]", "sizes: [micro, small]", "size", "sizes[0]", "micro"),
    ("sectors: [metal-products,", "sectors: [agriculture,", "sector", "sectors[0]", "agriculture"),
    ("source: questionnaire", "source: questionaire", "unknown-name", "facts[0].source", "questionnaire"),
    (
        "id: order-board-and-erp-disagree",
        "id: where-is-my-order",
        "stands-twice",
        "where-is-my-order.id",
        "2 times",
    ),
    ("    problem:\n", "    problems:\n", "schema-additionalProperties", "scenarios[0]", "problem"),
    ("sizes: [small, medium]", "sizes: [tiny]", "schema-enum", "scenarios[0].sizes[0]", "tiny"),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "said"), MISTAKES, ids=[f"{row[2]}-{row[3]}" for row in MISTAKES]
)
def test_a_mistake_is_named_with_file_row_and_remedy(  # noqa: PLR0917 - one row of the table
    folder: Path, old: str, new: str, code: str, place: str, said: str
) -> None:
    problems = spoilt(folder, "production.yaml", old, new, after="scenarios:")
    hit = [item for item in problems if item.code == code]
    assert hit, [item.in_("en") for item in problems]
    (named, *_) = [item for item in hit if place in (item.place.path or "")]
    assert named.place.file == "scenarios/production.yaml"
    assert named.place.row is not None
    assert said in named.in_("en")
    assert named.remedy.in_("zh")


def test_a_measure_before_what_it_needs_is_told_what_to_move(folder: Path) -> None:
    problems = spoilt(
        folder,
        "security.yaml",
        "backup-automatic, backup-offline, recovery-plan, continuity-plan",
        "recovery-plan, backup-automatic, backup-offline, continuity-plan",
    )
    said = " ".join(item.in_("en") for item in problems)
    assert {item.code for item in problems} == {"order"}
    assert "List backup-offline above it." in said
    assert "Move backup-automatic above it." in said


def test_measures_that_exclude_each_other_cannot_stand_together(folder: Path) -> None:
    problems = spoilt(
        folder,
        "supply.yaml",
        "measures: [change-talks, erp-suite, training-first]",
        "measures: [change-talks, erp-suite, erp-cloud-small, training-first]",
    )
    assert "excluded" in {item.code for item in problems}


def test_a_scenario_without_business_scenario_is_refused(folder: Path) -> None:
    problems = spoilt(folder, "security.yaml", "    supports: [S13, S03, S12]\n", "")
    assert [item.code for item in problems] == ["no-business"]


def test_content_check_covers_scenarios(folder: Path) -> None:
    spoilt(folder, "start.yaml", 'zh: "花二十万上的系统，没人用"', 'zh: ""')
    spoilt(folder, "start.yaml", "sectors: [metal-products,", "sectors: [metal,")
    load_scenarios.cache_clear()
    done = run("content", "check", folder)
    assert done.exit_code == 2
    assert {item.code for item in done.problems} == {"missing-translation", "unknown-name"}


def test_a_folder_of_own_scenarios_is_added_and_checked(tmp_path: Path) -> None:
    own = tmp_path / "scenarios"
    own.mkdir()
    text = (
        (SHIPPED / "scenarios" / "start.yaml").read_text("utf-8").replace("where-to-begin", "our-first-step")
    )
    (own / "own.yaml").write_text(text, encoding="utf-8")
    assert run("content", "check", tmp_path).exit_code == 0
    book = Library.with_folders([tmp_path]).scenarios()
    assert len(book.scenarios) == len(SCENARIOS) + 1
    assert book.origins["system-nobody-uses"].path == BOOK.origins["system-nobody-uses"].path
    (own / "own.yaml").write_text(text.replace("digital-budget", "digital-bucket"), encoding="utf-8")
    load_scenarios.cache_clear()
    with pytest.raises(InputError, match="digital-bucket"):
        Library.with_folders([tmp_path, tmp_path]).scenarios()


# --- the command line ---------------------------------------------------------------------------------------------------


def test_the_command_line_lists_searches_and_shows() -> None:
    done = run("scenarios", "--lang", "zh", "--search", "看板 erp")
    assert (done.exit_code, done.err) == (0, "")
    assert "墙上的看板和系统里的订单永远对不上" in done.out
    listed = json.loads(run("scenarios", "list", "--scenario", "S09", "--size", "micro", "--json").out)
    assert [item["id"] for item in listed] == found(business="S09", size="micro")
    for options in (("--sector", "mining"), ("--capability", "work-safety")):
        assert run("scenarios", "list", *options).exit_code == 0
    assert "No scenario fits" in run("scenarios", "--search", "zzzz").out


def test_the_command_line_shows_a_scenario_for_a_size() -> None:
    name = "order-board-and-erp-disagree"
    whole = json.loads(run("scenarios", "show", name, "--users", "20", "--machines", "0", "--json").out)
    expected = estimate(SCENARIOS[name], 20, 0)
    assert whole["estimate"]["one_off"] == list(expected.one_off)
    assert whole["estimate"]["certainty"]["cost"] == "unverified"
    assert whole["facts"][0]["url"]
    text = run("scenarios", "show", name, "--lang", "en").out
    assert "‡ unverified" in text
    assert "☐" in text
    assert "Who does it" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("show", "order-board"), "order-board"),
        (("list", "--sector", "machin"), "machinery"),
        (("list", "--scenario", "S06x"), "S06"),
        (("show", "order-board-and-erp-disagree", "--currency", "XXX"), "--currency"),
    ],
)
def test_the_command_line_names_what_it_does_not_know(options: tuple[str, ...], said: str) -> None:
    done = run("scenarios", *options)
    assert done.exit_code == 2
    assert said in done.err
