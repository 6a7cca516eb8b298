"""The content that ships: complete, sound, bound to the hub, in both languages, each figure with its source."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from capillary.cli.content import check_folder
from capillary.content import (
    SHIPPED,
    load_benchmark,
    load_capabilities,
    load_standard,
    read_standard,
    standard_ids,
)
from capillary.content.loader import load_capability_file
from capillary.content.references import dangling_bindings, unasked_capabilities
from capillary.content.schema import SCHEMAS, json_schema
from capillary.model.problems import InputError
from capillary.model.standard import GateNode, Level, Multiple, bindings_of
from capillary.scoring import compile_standard

from .strategies import build, levels, question

if TYPE_CHECKING:
    from pathlib import Path

    from capillary.model.standard import Standard

FIVE = ("cis-ig1", "cmmm-2020", "eu-dii-v3", "eu-dma", "miit-2024")


@pytest.fixture(params=FIVE)
def standard(request: pytest.FixtureRequest) -> Standard:
    return load_standard(request.param)


def test_the_five_standards_ship() -> None:
    assert standard_ids() == FIVE


def test_shipped_content_has_no_errors() -> None:
    assert [problem.in_("en") for problem in check_folder(SHIPPED)] == []


def test_the_hub_has_50_to_80_capabilities_in_13_areas_each_with_a_ladder() -> None:
    file = load_capability_file()
    assert 50 <= len(file.capabilities) <= 80
    assert len(file.areas) == 13
    used = Counter(capability.area for capability in file.capabilities)
    assert set(used) == {area.id for area in file.areas}
    assert all(capability.top >= 1 and capability.obstacles for capability in file.capabilities)


def test_every_capability_is_asked_about_and_no_binding_dangles() -> None:
    standards = [load_standard(name) for name in FIVE]
    assert list(unasked_capabilities(load_capability_file(), standards)) == []
    for item in standards:
        assert list(dangling_bindings(item, load_capabilities(), item.id)) == []


def test_bindings_along_a_ladder_never_fall(standard: Standard) -> None:
    """A better answer of one question must not say less about a capability than a worse one."""
    for item in standard.questions:
        if isinstance(item, Multiple):
            continue
        reached: dict[str, int] = {}
        for path, binding in bindings_of(item):
            if path.startswith("rows."):
                continue
            for capability, level in binding.means.items():
                assert level > reached.get(capability, 0), f"{item.id} {path} {capability}"
                reached[capability] = level


def test_every_figure_has_a_source_and_a_certainty(standard: Standard) -> None:
    for figure in (*standard.questions, *standard.file.scoring.nodes):
        assert standard.source_of(figure).title.en
        assert standard.certainty_of(figure) in {"official", "secondary", "unverified"}


def test_published_schemas_are_valid_and_match_the_types() -> None:
    for kind in SCHEMAS:
        Draft202012Validator.check_schema(json_schema(kind))


class TestMiit2024:
    standard = load_standard("miit-2024")

    def test_fifteen_questions_and_sixteen_scenarios(self) -> None:
        names = [question.id for question in self.standard.questions]
        assert names == [f"Q{n:02d}" for n in range(1, 16)] + [f"S{n:02d}" for n in range(1, 17)]

    def test_dimensions_are_worth_50_30_and_20_points(self) -> None:
        program = compile_standard(self.standard)
        worth = {
            name: program.in_points(program.position[name], program.tops[program.position[name]])
            for name in ("foundation", "management", "effect")
        }
        assert worth == {"foundation": 50, "management": 30, "effect": 20}

    def test_ten_scenarios_are_constrained(self) -> None:
        constrained = [q.id for q in self.standard.questions if isinstance(q, Level) and q.constrained]
        assert constrained == [f"S{n:02d}" for n in (1, 3, 6, 7, 8, 9, 10, 11, 12, 13)]

    def test_the_level_rule_is_the_one_of_the_notice(self) -> None:
        gate = next(node for node in self.standard.file.scoring.nodes if isinstance(node, GateNode))
        rows = {level.level: tuple(int(need.at_least) for need in level.needs) for level in gate.levels}
        assert rows == {1: (20, 6, 3), 2: (40, 6, 3), 3: (60, 8, 5), 4: (80, 10, 6)}
        for level in gate.levels:
            assert self.standard.certainty_of(level.needs[0]) != "official"


class TestEuDma:
    standard = load_standard("eu-dma")

    def test_eleven_questions_and_86_items(self) -> None:
        items = sum(
            len(getattr(question, "rows", ()) or getattr(question, "options", ()))
            for question in self.standard.questions
        )
        assert (len(self.standard.questions), items) == (11, 86)

    def test_the_disputed_rules_are_marked(self) -> None:
        first = next(node for node in self.standard.file.scoring.nodes if node.id == "D1")
        assert self.standard.certainty_of(first) == "unverified"
        assert self.standard.certainty_of(self.standard.by_id["Q7"]) == "unverified"


def test_cis_ig1_has_the_56_safeguards_each_in_one_function() -> None:
    standard = load_standard("cis-ig1")
    assert len(standard.questions) == 56
    nodes = {node.id: node for node in standard.file.scoring.nodes}
    view = standard.file.scoring.views[0]
    assert [group.id for group in view.groups] == [
        "govern",
        "identify",
        "protect",
        "detect",
        "respond",
        "recover",
    ]
    members = Counter(child for group in view.groups for child in nodes[group.node].of)
    assert set(members) == set(standard.by_id)
    assert set(members.values()) == {1}


def test_cmmm_weighs_discrete_and_process_industries_differently() -> None:
    standard = load_standard("cmmm-2020")
    assert len(standard.questions) == 20
    assert [variant.id for variant in standard.file.variants] == ["discrete", "process"]
    score = next(node for node in standard.file.scoring.nodes if node.id == standard.file.scoring.score)
    assert score.weights == {"discrete": (7, 15, 11, 37, 30), "process": (7, 24, 4, 42, 23)}


def test_levels_that_do_not_build_on_each_other_are_refused() -> None:
    """The interview and the nearest ways look one level up: whoever reaches a level must have reached those below it."""
    gate = {
        "id": "level",
        "kind": "gate",
        "levels": [
            {"level": 1, "needs": [{"node": "A", "at_least": 2}]},
            {"level": 2, "needs": [{"node": "B", "at_least": 1}]},
        ],
    }
    asked = [question("A", "level", 2, levels=levels(1, 2)), question("B", "level", 1, levels=levels(1))]
    with pytest.raises(InputError, match="demands"):
        build(asked, [{"id": "score", "kind": "sum", "of": ["A", "B"]}, gate])


def test_a_node_that_subtracts_is_refused() -> None:
    with pytest.raises(InputError, match="plus is negative"):
        build(
            [question("A", "boolean", 1)],
            [{"id": "score", "kind": "sum", "of": ["A"], "plus": "-2"}],
            level=None,
        )


@pytest.mark.parametrize("text", ["? [a]\n: 1\n", "a: \x07\n", "a: [1\n", "a: 1\na: 2\n"])
def test_what_is_not_yaml_is_named_with_its_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "questions.yaml").write_text("questions: []\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_standard(tmp_path)
    assert {problem.code for problem in caught.value.problems} >= {"not-yaml"}


def test_a_wrong_kind_names_the_kinds_that_there_are() -> None:
    with pytest.raises(InputError) as caught:
        build([question("A", "boolan", 1)], [{"id": "score", "kind": "sum", "of": ["A"]}], level=None)
    assert "Did you mean boolean?" in str(caught.value)


class TestBenchmark:
    benchmark = load_benchmark("eu-dii-v3")

    def test_holds_the_published_shares(self) -> None:
        assert self.benchmark is not None
        row = self.benchmark.shares["EU27_2020", "10-249", 2025]
        assert row == tuple(Fraction(text) for text in ("28.61", "35.14", "27.17", "9.07"))
        finland = self.benchmark.shares["FI", "10-249", 2025]
        assert finland == tuple(Fraction(text) for text in ("5.96", "27.29", "43.07", "23.69"))

    def test_shares_add_up(self) -> None:
        assert self.benchmark is not None
        assert len(self.benchmark.shares) > 400
        for key, shares in self.benchmark.shares.items():
            assert abs(sum(shares) - 100) < Fraction(1, 2), key

    def test_every_place_and_size_has_a_name(self) -> None:
        assert self.benchmark is not None
        places = {place for place, _, _ in self.benchmark.shares}
        sizes = {size for _, size, _ in self.benchmark.shares}
        assert places <= set(self.benchmark.file.geos)
        assert sizes <= {item.id for item in self.benchmark.file.size_classes}
