"""The diagnosis of a sheet: shortcomings, next level, obstacles, peers."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from capillary.content import load_benchmark, load_capabilities, load_standard, standard_ids
from capillary.diagnosis import diagnose
from capillary.diagnosis.diagnose import Diagnosis
from capillary.diagnosis.peers import percentile, standing
from capillary.model.sheet import Enterprise
from capillary.scoring.evaluate import Interval
from capillary.sheets import read_sheet

TOP = {
    **dict.fromkeys(["Q02", "Q03", "Q11"], 100),
    "Q01": ["B", "C", "D", "E"],
    "Q04": list("BCDEFGHIJKLMNO"),
    "Q05": "E",
    "Q06": list("BCDE"),
    "Q07": list("BCDE"),
    "Q08": "F",
    "Q09": list("BCDE"),
    "Q10": list("BCDEF"),
    **dict.fromkeys(["Q12", "Q13", "Q14", "Q15"], "C"),
    **{f"S{number:02d}": 4 for number in range(1, 17)},
}


def diagnosis(answers: dict[str, object], standard: str = "miit-2024", **more: object) -> Diagnosis:
    sheet = read_sheet({"standard": standard, "answers": answers, **more}, load_standard)
    others = [load_standard(name) for name in standard_ids()]
    return diagnose(load_standard(standard), sheet, load_capabilities(), others, load_benchmark(standard))


def test_findings_come_by_what_they_cost() -> None:
    found = diagnosis({**TOP, "Q05": "A", "Q12": "B", "S01": 0})
    costs = [finding.cost for finding in found.findings]
    assert [finding.question for finding in found.findings][:2] == ["Q05", "Q12"]
    assert costs == sorted(costs, reverse=True)
    assert costs[:2] == [10, Fraction(7, 2)]


def test_what_is_unknown_or_does_not_apply_is_no_shortcoming() -> None:
    without = {key: value for key, value in TOP.items() if key != "Q05"}
    found = diagnosis({**without, "Q03": "na"})
    assert {finding.question for finding in found.findings}.isdisjoint({"Q05", "Q03"})


def test_scenarios_that_hold_the_level_back_are_found() -> None:
    """Level 4 needs ten scenarios at level 4, six of them constrained; a constrained one counts twice."""
    low = {**TOP, **{f"S{number:02d}": 3 for number in range(1, 17)}}
    found = {finding.question: finding.blocks for finding in diagnosis(low).findings}
    assert (found["S01"], found["S02"]) == (2, 1)


def test_needs_of_the_next_level_say_what_is_missing() -> None:
    level, needs = diagnosis({**TOP, **{f"S{number:02d}": 3 for number in range(1, 17)}}).next_level or (
        0,
        (),
    )
    assert level == 4
    assert {need.node: need.met for need in needs} == {
        "score": True,
        "scenarios-at-4": False,
        "constrained-at-4": False,
    }


def test_at_the_top_there_is_no_next_level() -> None:
    found = diagnosis(TOP)
    assert found.score.level is not None
    assert found.score.level.low == 4
    assert (found.next_level, found.nearest, found.findings) == (None, None, ())


def test_nothing_answered_is_no_finding_but_a_way_up() -> None:
    found = diagnosis({})
    assert found.findings == ()
    assert found.nearest is not None
    assert found.nearest.level == 1


def test_supported_counts_only_answers_with_evidence() -> None:
    found = diagnosis(TOP, evidence={"Q05": "documented", "Q08": "declared"})
    assert found.supported is not None
    assert found.supported.score.low == found.supported.score.high == 10


def test_without_evidence_there_is_no_second_score() -> None:
    assert diagnosis(TOP).supported is None


def test_obstacles_are_weighed_only_on_what_is_known() -> None:
    assert all(sign.known == 0 for sign in diagnosis({}).obstacles)
    signs = diagnosis({**dict.fromkeys([f"S{n:02d}" for n in range(1, 17)], 0), "Q11": 0}).obstacles
    assert [sign.strength for sign in signs] == sorted((sign.strength for sign in signs), reverse=True)
    assert signs[0].strength > 0
    assert all(sign.strength == 0 for sign in diagnosis(TOP).obstacles)


def test_the_json_form_is_plain_json() -> None:
    for name in standard_ids():
        text = json.dumps(diagnosis({}, name).as_json())
        assert json.loads(text)["standard"] == name


class TestPeers:
    benchmark = load_benchmark("eu-dii-v3")

    def test_the_published_median_of_all_firms_is_found_again(self) -> None:
        """Half of the EU's enterprises with ten or more staff scored below 5.4 in 2025."""
        assert self.benchmark is not None
        shares = self.benchmark.shares["EU27_2020", "GE10", 2025]
        edges = self.benchmark.file.edges
        assert float(percentile(shares, edges, Fraction("5.42"))) == pytest.approx(50, abs=0.5)

    def test_percentiles_rise_with_the_score_and_stay_within_1_and_99(self) -> None:
        assert self.benchmark is not None
        shares = self.benchmark.shares["DE", "10-49", 2025]
        found = [percentile(shares, self.benchmark.file.edges, Fraction(score)) for score in range(13)]
        assert found == sorted(found)
        assert found[0] >= 1
        assert found[-1] <= 99

    def test_the_own_country_and_size_are_compared(self) -> None:
        assert self.benchmark is not None
        score = Interval(Fraction(6), Fraction(6))
        found = standing(self.benchmark, Enterprise(region="FI-18", employees=60), score)
        assert found is not None
        assert (found.geo, found.own_country, found.size, found.year) == ("FI", True, "50-249", 2025)

    def test_elsewhere_the_whole_is_compared(self) -> None:
        assert self.benchmark is not None
        found = standing(
            self.benchmark, Enterprise(region="浙江", employees=20), Interval(Fraction(3), Fraction(9))
        )
        assert found is not None
        assert (found.geo, found.own_country) == ("EU27_2020", False)
        assert found.low < found.high

    def test_firms_that_the_figures_do_not_cover_are_not_compared(self) -> None:
        assert self.benchmark is not None
        assert standing(self.benchmark, Enterprise(employees=4), Interval(Fraction(3), Fraction(3))) is None
