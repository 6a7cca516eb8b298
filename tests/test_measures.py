"""The measures that ship: enough of them, whole in both languages, and a chain of them to whatever a standard asks for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from capillary.content.library import Library
from capillary.content.loader import SHIPPED
from capillary.content.measures import load_measures, measure_problems
from capillary.model.measure import ROLES
from capillary.model.problems import InputError
from capillary.roadmap.calendar import PlanModel
from capillary.roadmap.firm import Firm, Prices, Size
from capillary.roadmap.goal import MOST_QUARTERS, Goal
from capillary.roadmap.network import network_of
from capillary.scoring.linear import known
from capillary.scoring.program import compile_standard
from capillary.scoring.solver import Limits, solve

if TYPE_CHECKING:
    from pathlib import Path

    from capillary.model.measure import Measure
    from capillary.model.problems import Problem

LIBRARY = Library()
MEASURES = LIBRARY.measures().measures
# What a firm pays for digital work, and what comes of it: results, which nobody can buy as a measure.
RESULTS = {"Q11", "Q12", "Q13", "Q14", "Q15"}


def test_at_least_120_measures_from_free_ones_to_serious_ones() -> None:
    assert len(MEASURES) >= 120
    one_off = [item.cost.one_off for item in MEASURES.values()]
    free = [
        item
        for item in MEASURES.values()
        if not any((*item.cost.one_off.fixed, *item.cost.yearly.fixed, *item.cost.one_off.per_user))
    ]
    assert len(free) >= 15
    assert max(part.fixed[1] for part in one_off) >= 100_000


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_says_everything_in_both_languages_and_its_ranges_rise(name: str) -> None:
    item = MEASURES[name]
    for text in (item.title, item.summary, item.first_step):
        assert text.zh.strip()
        assert text.en.strip()
        assert any("一" <= letter <= "鿿" for letter in text.zh)
    for low, typical, high in _ranges(item):
        assert 0 <= low <= typical <= high
    assert item.lowers
    assert set(item.staff) <= set(ROLES)


def test_every_one_off_cost_is_split_by_category_of_spend() -> None:
    for item in MEASURES.values():
        one_off = item.cost.one_off
        costs = any((*one_off.fixed, *one_off.per_user, *one_off.per_machine))
        assert sum(item.cost.spend.values()) == (100 if costs else 0)


def _ranges(item: Measure) -> list[tuple[int, int, int]]:
    parts = (item.cost.one_off, item.cost.yearly)
    return [item.weeks, *(part for cost in parts for part in (cost.fixed, cost.per_user, cost.per_machine))]


def test_costs_without_a_source_are_marked_unverified() -> None:
    catalogue = LIBRARY.measures()
    for item in MEASURES.values():
        certainty = catalogue.certainty_of(item, item.cost)
        sources = {source.id for source in catalogue.files[item.id].sources if source.url}
        assert certainty == "unverified" or item.cost.source in sources


def _beginner(standard: str, employees: int) -> Firm:
    program = compile_standard(LIBRARY.find(standard))
    size = Size(employees, max(1, employees // 2), employees // 3)
    levels = dict.fromkeys(LIBRARY.capabilities(), 0)
    return Firm(program, (0,) * len(program.fields), frozenset(), levels, size, frozenset({"C"}))


def _out_of_reach(standard: str, employees: int) -> set[str]:
    """Return the answers that no chain of measures brings a firm that has nothing, each tried with the solver."""
    firm = _beginner(standard, employees)
    network = network_of(firm, LIBRARY.measures(), Prices("CNY", LIBRARY.currencies()))
    every = frozenset(range(len(network.choices)))
    whole = replace(
        network,
        choices=tuple(
            replace(item, same_quarter=every, terms=replace(item.terms, weeks=(1, 1, 1)))
            for item in network.choices
        ),
    )
    missing = set()
    for field, steps in zip(firm.program.fields, network.answers, strict=True):
        keys = field.keys if field.kind == "set" else field.keys[1:]
        for key, facts in zip(keys, steps, strict=True):
            if not _possible(whole, facts):
                missing.add(f"{field.id}:{key}")
    return missing


def _possible(network: object, facts: tuple[object, ...]) -> bool:
    if any(fact is False for fact in facts):
        return False
    model = PlanModel(network, Goal(quarters=1))  # type: ignore[arg-type]
    for fact in facts:
        model.model.at_most(known(1), model.fact(fact, 1))  # type: ignore[arg-type]
    return solve(model.model, known(0), limits=Limits(seconds=10)).status == "optimal"


@pytest.mark.parametrize("standard", ["miit-2024", "cis-ig1"])
def test_every_level_option_and_safeguard_is_reached_by_some_chain(standard: str) -> None:
    missing = _out_of_reach(standard, 120) & _out_of_reach(standard, 30)
    exceptions = RESULTS if standard == "miit-2024" else set()
    assert {name.partition(":")[0].partition(".")[0] for name in missing} <= exceptions


# --- what is wrong with a file is said with its place and remedy -----------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped content that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "content")
    return tmp_path / "content"


def problems_of(folder: Path) -> list[Problem]:
    """Return what is wrong with the measures of a folder."""
    try:
        catalogue = load_measures(folder)
    except InputError as error:
        return list(error.problems)
    standards = {name: LIBRARY.find(name) for name in LIBRARY.names()}
    currencies = [rate.currency for rate in LIBRARY.currencies().rates]
    return list(measure_problems(catalogue, LIBRARY.capabilities(), standards, currencies))


def _spoilt(folder: Path, old: str, new: str) -> list[Problem]:
    path = folder / "measures" / "security.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return problems_of(folder)


def test_a_cycle_of_needs_is_named_measure_by_measure(folder: Path) -> None:
    path = folder / "measures" / "security.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    ids = [
        line.split("id:")[1].strip() for line in lines if line.startswith("  - id:") and "own-" not in line
    ]
    first, second = ids[-2], ids[-1]
    for name, other in ((first, second), (second, first)):
        place = next(number for number, line in enumerate(lines) if line == f"  - id: {name}")
        end = next((n for n in range(place + 1, len(lines)) if lines[n].startswith("  - id:")), len(lines))
        lines[place + 1 : end] = [
            line for line in lines[place + 1 : end] if not line.startswith("    needs:")
        ]
        lines.insert(place + 1, f"    needs: {{measures: [{other}]}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    problem = next(item for item in problems_of(folder) if item.code == "cycle")
    text = problem.in_("en")
    assert first in text
    assert second in text
    assert problem.place.file == "measures/security.yaml"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("capability: asset-inventory", "capability: no-such-thing", "unknown-name"),
        ("currency: CNY", "currency: XYZ", "unknown-name"),
        ("weeks: [1, 2, 4]", "weeks: [4, 2, 1]", "range-order"),
        ("risk: low", "risk: none", "schema-enum"),
        ("id: device-list", "id: Device List", "schema-pattern"),
        ('cis-ig1:\n        "1.1"', 'cis-ig9:\n        "1.1"', "unknown-name"),
        ('"1.1": ["true"]', '"1.99": ["true"]', "unknown-name"),
        ("from: 0, to: 1", "from: 1, to: 1", "raise-order"),
        ("spend: {security: 100}", "spend: {security: 60}", "share-sum"),
        ("      spend: {security: 100}\n", "", "no-category"),
        ("spend: {security: 100}", "spend: {safety: 100}", "schema"),
        ("      one_off: {fixed: [3000, 12000, 40000]}\n", "", "unused"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_measure(folder: Path, old: str, new: str, code: str) -> None:
    found = _spoilt(folder, old, new)
    assert code in {problem.code for problem in found}
    for problem in found:
        assert problem.place.file == "measures/security.yaml"
        assert problem.remedy.in_("en").strip()


def test_measures_of_an_own_folder_that_wait_for_one_another_are_refused_when_a_plan_is_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "measures").mkdir()
    text = (SHIPPED / "measures" / "security.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("measures:\n")
    first = rest[rest.index("  - id:") : rest.index("  - id:", rest.index("  - id:") + 1)]
    lines = [line for line in first.splitlines() if not line.strip().startswith("needs:")]
    both = ""
    for name, other in (("own-one", "own-two"), ("own-two", "own-one")):
        mine = [line.replace("device-list", name) for line in lines]
        both += "\n".join([mine[0], f"    needs: {{measures: [{other}]}}", *mine[1:]]) + "\n"
    (tmp_path / "measures" / "own.yaml").write_text(f"{head}measures:\n{both}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Library.with_folders([tmp_path]).measures()
    assert [problem.code for problem in caught.value.problems] == ["cycle"]
    assert caught.value.problems[0].place.file == "measures/own.yaml"


def test_horizon_is_long_enough_for_every_measure() -> None:
    assert all(item.weeks[1] <= MOST_QUARTERS * 13 for item in MEASURES.values())
