"""An oracle for scores and levels: the official rules, written out once more, slowly and by hand.

Nothing here is shared with the product. The oracle reads a standard's YAML on its own, takes answers in the form in which
a sheet holds them, and reckons with exact fractions. Where the rule of a standard fits on a few lines it stands here in
literal numbers, so that it also checks the content: points, groups, weights, cuts.

Read `judge` first, then the function of the standard that you are interested in. "Does not apply" is the word ``na``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

STANDARDS = Path(__file__).parents[1] / "src" / "capillary" / "content" / "standards"
NA = "na"
ZERO = Fraction(0)


@dataclass(frozen=True)
class Verdict:
    """What the rule gives for one full answer sheet."""

    score: Fraction
    level: int | None
    dimensions: dict[str, Fraction]
    views: dict[str, dict[str, Fraction]] = field(default_factory=dict)


def judge(standard: str, answers: Mapping[str, Any], variant: str | None = None) -> Verdict:
    """Return score, level and dimensions of a full sheet under one of the standards below."""
    return RULES[standard](answers, variant)


# --- Questions: what an answer is worth, from the YAML of the standard -------------------------------------


@cache
def questions_of(standard: str) -> dict[str, dict[str, Any]]:
    """Return the questions of a standard by id. Everything is text: ``no`` stays a word and 0.7 is exact."""
    text = (STANDARDS / standard / "questions.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - this loader builds nothing but text, lists and maps
    return {item["id"]: item for item in data["questions"]}


def number(value: object) -> Fraction:
    """Return what a person reads: ``0.7`` and ``"0.7"`` are seven tenths, ``"10/3"`` is ten thirds."""
    return Fraction(str(value))


def points(question: Mapping[str, Any], answer: Any) -> Fraction:
    """Return the points of one answer; an answer that does not apply gives none."""
    if answer == NA:
        return ZERO
    return POINTS[question["kind"]](question, answer)


def _single(question: Mapping[str, Any], answer: str) -> Fraction:
    """The points of the chosen option."""
    return _points_by_key(question["options"])[answer]


def _multiple(question: Mapping[str, Any], answer: Iterable[object]) -> Fraction:
    """The points of the ticked options together, but at most those of the question."""
    worth = _points_by_key(question["options"])
    return min(sum((worth[str(key)] for key in answer), ZERO), number(question["points"]))


def _rate(question: Mapping[str, Any], answer: object) -> Fraction:
    """The points of the band that the percentage lies in; a band holds its upper end and not its lower one."""
    if isinstance(answer, str):
        return _points_by_key(question["options"])[answer]
    rate = number(answer)
    for band in question["options"]:
        if rate <= number(band["up_to"]):
            return number(band["points"])
    raise ValueError(f"{answer} % lies in no band")


def _level(question: Mapping[str, Any], answer: object) -> Fraction:
    """The points of the level; where a level states none, its number. Level 0 gives none."""
    for level in question["levels"]:
        if number(level["level"]) == number(answer):
            return number(level.get("points", level["level"]))
    return ZERO


def _boolean(question: Mapping[str, Any], answer: bool) -> Fraction:  # noqa: FBT001 - the answer is a truth value
    """Yes gives the question's points, no gives none."""
    return number(question["points"]) if answer else ZERO


def _grid(question: Mapping[str, Any], answer: Mapping[str, object]) -> Fraction:
    """The points of each row's value, added up."""
    worth = _points_by_key(question["scale"])
    return sum((worth[str(value)] for value in answer.values()), ZERO)


def _ticks(question: Mapping[str, Any], answer: Mapping[str, list[object]]) -> Fraction:
    """For each column: its points for every ticked row."""
    worth = _points_by_key(question["columns"])
    return sum((worth[column] * len(rows) for column, rows in answer.items()), ZERO)


def _points_by_key(items: Iterable[Mapping[str, Any]]) -> dict[str, Fraction]:
    return {item["key"]: number(item.get("points", 0)) for item in items}


POINTS: dict[str, Callable[[Mapping[str, Any], Any], Fraction]] = {
    "single": _single,
    "multiple": _multiple,
    "rate": _rate,
    "level": _level,
    "boolean": _boolean,
    "grid": _grid,
    "ticks": _ticks,
}


# --- miit-2024: 15 scored questions, and 16 scenarios whose number at a level decides with the score -------

CONSTRAINED = ("S01", "S03", "S06", "S07", "S08", "S09", "S10", "S11", "S12", "S13")


def miit_2024(answers: Mapping[str, Any], _variant: str | None) -> Verdict:
    """Level L needs points *and* scenarios at L or above, and some of those must be constrained ones."""
    worth = {name: points(question, answers[name]) for name, question in questions_of("miit-2024").items()}
    foundation = sum((worth[f"Q{number:02}"] for number in range(1, 8)), ZERO)
    management = sum((worth[f"Q{number:02}"] for number in range(8, 12)), ZERO)
    effect = sum((worth[f"Q{number:02}"] for number in range(12, 16)), ZERO)
    score = foundation + management + effect
    scenarios = {f"S{number:02}": _level_reached(answers[f"S{number:02}"]) for number in range(1, 17)}

    def at(level: int) -> int:
        return sum(reached >= level for reached in scenarios.values())

    def constrained_at(level: int) -> int:
        return sum(scenarios[name] >= level for name in CONSTRAINED)

    if score >= 80 and at(4) >= 10 and constrained_at(4) >= 6:
        level = 4
    elif score >= 60 and at(3) >= 8 and constrained_at(3) >= 5:
        level = 3
    elif score >= 40 and at(2) >= 6 and constrained_at(2) >= 3:
        level = 2
    elif score >= 20 and at(1) >= 6 and constrained_at(1) >= 3:
        level = 1
    else:
        level = 0
    operation = Fraction(sum(scenarios.values()))
    dimensions = {
        "foundation": foundation,
        "operation": operation,
        "management": management,
        "effect": effect,
    }
    return Verdict(score, level, dimensions)


def _level_reached(answer: object) -> int:
    return 0 if answer == NA else int(number(answer))


# --- eu-dma: six dimensions of 100, their mean, four bands -------------------------------------------------


def eu_dma(answers: Mapping[str, Any], _variant: str | None) -> Verdict:
    """Every question gives 0 to 10 (Q1: 10 a column), every dimension 0 to 100; the score is their mean."""

    def ticked(name: str) -> int:
        return 0 if answers[name] == NA else len(answers[name])

    def column(name: str) -> int:
        return 0 if answers["Q1"] == NA else len(answers["Q1"][name])

    def scale(name: str, rows: int) -> Fraction:
        values = [] if answers[name] == NA else [number(value) for value in answers[name].values()]
        return 10 * sum(values, ZERO) / (5 * rows)

    def three_states(name: str, rows: int) -> Fraction:
        words = {"no": ZERO, "partially": Fraction(1, 2), "yes": Fraction(1)}
        values = [] if answers[name] == NA else [words[value] for value in answers[name].values()]
        return 10 * sum(values, ZERO) / rows

    def many(name: str, items: int) -> Fraction:
        return Fraction(10 * ticked(name), items)

    # Item 2 of Q7 ("data are not collected digitally") excludes the other 7 and gives nothing.
    q7 = ZERO if answers["Q7"] in (NA, ["2"], [2]) else many("Q7", 7)
    dimensions = {
        "D1": (column("invested") + column("planned") + many("Q2", 10)) * Fraction(10, 3),
        "D2": (many("Q3", 10) + scale("Q4", 7)) / 2 * 10,
        "D3": (many("Q5", 7) + many("Q6", 8)) / 2 * 10,
        "D4": (q7 + many("Q8", 6)) / 2 * 10,
        "D5": scale("Q9", 5) * 10,
        "D6": (many("Q10", 10) + three_states("Q11", 5)) / 2 * 10,
    }
    overall = sum(dimensions.values(), ZERO) / 6
    # basic up to 25, average up to 50, moderately advanced up to 75, advanced beyond
    level = 0 if overall <= 25 else 1 if overall <= 50 else 2 if overall <= 75 else 3
    return Verdict(overall, level, dimensions)


# --- eu-dii-v3: twelve yes-or-no questions, one point each -------------------------------------------------

DII_GROUPS = {
    "access": ("C01", "C03"),
    "software": ("C02", "C06", "C09", "C10"),
    "cloud": ("C07", "C08"),
    "online-sales": ("C04", "C05", "C11", "C12"),
}


def eu_dii_v3(answers: Mapping[str, Any], _variant: str | None) -> Verdict:
    """Count what is in place: very low 0 to 3, low 4 to 6, high 7 to 9, very high 10 to 12."""
    yes = {name: answers[name] is True for name in (f"C{number:02}" for number in range(1, 13))}
    count = sum(yes.values())
    level = 0 if count <= 3 else 1 if count <= 6 else 2 if count <= 9 else 3
    dimensions = {group: Fraction(sum(yes[name] for name in names)) for group, names in DII_GROUPS.items()}
    return Verdict(Fraction(count), level, dimensions)


# --- cmmm-2020: twenty sub-domains of 0 to 5, five domains weighed by the kind of firm ---------------------

CMMM_DOMAINS = {
    "organisation": ("organisation-strategy", "personnel-skills"),
    "factory": ("data", "integration", "information-security", "equipment", "network"),
    "design": ("product-design", "process-design"),
    "operations": (
        "planning-scheduling",
        "production-operations",
        "equipment-management",
        "warehousing-delivery",
        "safety-environment",
        "energy-management",
    ),
    "business": ("procurement", "logistics", "sales", "customer-service", "product-service"),
}
CMMM_WEIGHTS = {
    "discrete": {"organisation": 7, "factory": 15, "design": 11, "operations": 37, "business": 30},
    "process": {"organisation": 7, "factory": 24, "design": 4, "operations": 42, "business": 23},
}
CMMM_ELEMENTS = {
    "people": ("organisation-strategy", "personnel-skills"),
    "technology": ("data", "integration", "information-security"),
    "resources": ("equipment", "network"),
    "manufacturing": (*CMMM_DOMAINS["design"], *CMMM_DOMAINS["operations"], *CMMM_DOMAINS["business"]),
}


def cmmm_2020(answers: Mapping[str, Any], variant: str | None) -> Verdict:
    """Domain = mean of its sub-domains, score = weighted mean of the domains; product design may drop out."""
    applies = {
        name: points(question, answers[name])
        for name, question in questions_of("cmmm-2020").items()
        if answers[name] != NA
    }

    def mean(names: Iterable[str]) -> Fraction:
        values = [applies[name] for name in names if name in applies]
        return sum(values, ZERO) / len(values)

    domains = {domain: mean(names) for domain, names in CMMM_DOMAINS.items()}
    weights = CMMM_WEIGHTS[str(variant)]
    score = sum((domains[domain] * weight for domain, weight in weights.items()), ZERO) / 100
    cuts = [Fraction(cut, 10) for cut in (8, 18, 28, 38, 48)]
    level = sum(score >= cut for cut in cuts)
    elements = {element: mean(names) for element, names in CMMM_ELEMENTS.items()}
    return Verdict(score, level, domains, {"element": elements})


# --- cis-ig1: 56 safeguards, the share that is in place ----------------------------------------------------

CIS_CONTROLS = {
    1: 2,
    2: 3,
    3: 6,
    4: 7,
    5: 4,
    6: 5,
    7: 4,
    8: 3,
    9: 2,
    10: 3,
    11: 4,
    12: 1,
    14: 8,
    15: 1,
    17: 3,
}
# Version 8 sorts the safeguards into five functions ...
CIS_VERSION_8 = {
    "identify": "1.1 2.1 2.2 3.1 3.2 5.1 15.1",
    "protect": "3.3 3.4 3.5 3.6 4.1 4.2 4.3 4.4 4.5 4.6 4.7 5.2 5.4 6.1 6.2 6.3 6.4 6.5 7.1 7.3 7.4 8.1 8.3 9.1 9.2 "
    "10.1 10.2 10.3 11.3 12.1 14.1 14.2 14.3 14.4 14.5 14.6 14.7 14.8",
    "detect": "8.2",
    "respond": "1.2 2.3 5.3 7.2 17.1 17.2 17.3",
    "recover": "11.1 11.2 11.4",
}
# ... and version 8.1 moves those that ask for a documented process or a decision to a sixth.
CIS_GOVERN = "3.1 4.1 4.2 6.1 6.2 7.1 7.2 8.1 11.1 14.1 17.2 17.3"


def cis_ig1(answers: Mapping[str, Any], _variant: str | None) -> Verdict:
    """Per cent of the safeguards that are in place; 4.4 and 6.4 are left out where they do not apply."""
    every = [
        f"{control}.{number}" for control, count in CIS_CONTROLS.items() for number in range(1, count + 1)
    ]

    def share(names: Iterable[str]) -> Fraction:
        asked = [name for name in names if not (name in ("4.4", "6.4") and answers[name] == NA)]
        return Fraction(100 * sum(answers[name] is True for name in asked), len(asked))

    controls = {
        str(control): share(name for name in every if name.split(".")[0] == str(control))
        for control in CIS_CONTROLS
    }
    govern = CIS_GOVERN.split()
    functions = {
        function: share(name for name in names.split() if name not in govern)
        for function, names in CIS_VERSION_8.items()
    }
    return Verdict(share(every), None, controls, {"function": {"govern": share(govern), **functions}})


RULES: dict[str, Callable[[Mapping[str, Any], str | None], Verdict]] = {
    "cis-ig1": cis_ig1,
    "miit-2024": miit_2024,
    "eu-dma": eu_dma,
    "eu-dii-v3": eu_dii_v3,
    "cmmm-2020": cmmm_2020,
}
