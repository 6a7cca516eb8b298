"""``capillary find``, and what can be found of each kind of content."""

from __future__ import annotations

import json
from typing import Any

import pytest

from capillary.content.library import Library
from capillary.matching.search_content import listed_content, sectors_in, sizes_between
from capillary.model.listed import ANYTHING, KIND_WORDS
from capillary.model.scenario import HEADS, SIZE_CLASSES

from .sheet_kit import run


def found(*words: str) -> dict[str, Any]:
    ran = run("find", *words, "--json")
    assert ran.exit_code == 0
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


def test_the_command_finds_content_of_all_kinds() -> None:
    answer = found("备份")
    assert {item["kind"] for item in answer["items"]} > {"measure", "course"}
    assert sum(answer["counts"]["what"].values()) == answer["total"]
    assert found("bakcup")["instead"] == {"bakcup": ["backup"]}
    assert [item["id"] for item in found("Kit Digital", "--kind", "programme")["items"]] == ["es-kit-digital"]
    assert found("backup", "--kind", "offer")["total"] == 0


def test_the_command_speaks_both_languages_and_says_what_it_left_out() -> None:
    english = run("--lang", "en", "find", "bakcup", "--limit", "2").out
    assert "shown is what has: backup" in english
    assert "[Measure: backup-" in english
    assert "more." in english
    chinese = run("--lang", "zh", "find", "电费高").out
    assert "[应用场景: power-bill-surprise]" in chinese
    assert "Nothing fits." in run("--lang", "en", "find", "zzzz").out
    assert "these have the most" in run("--lang", "en", "find", "backup", "tractor").out


def test_filters_hold() -> None:
    here = found("数字化", "--region", "ES", "--kind", "programme")
    assert {item["id"] for item in here["items"]} <= {"es-kit-digital", "es-kit-consulting"}
    assert here["total"]
    library = Library()
    wanted = found("backup", "--capability", "backup-and-recovery", "--kind", "measure", "--limit", "50")
    for item in wanted["items"]:
        measure = library.measures().measures[item["id"]]
        assert "backup-and-recovery" in {one.capability for one in measure.raises}


def test_every_entry_says_in_both_languages_what_it_is() -> None:
    keys = set()
    for item in listed_content(Library()):
        assert item.key not in keys
        keys.add(item.key)
        assert item.kind in KIND_WORDS
        for text in (item.title, item.summary):
            assert text.zh.strip()
            assert text.en.strip()


def test_a_measure_is_found_for_the_firms_that_it_makes_sense_for() -> None:
    library = Library()
    measures = library.measures().measures
    for item in listed_content(library):
        if item.kind != "measure":
            continue
        measure = measures[item.id]
        sizes = item.facets["size"]
        for size in SIZE_CLASSES:
            low, high = HEADS[size]
            some_fit = any(
                measure.employees_from <= heads <= (measure.employees_to or heads)
                for heads in range(low, (high or 5000) + 1)
            )
            assert some_fit == (size in sizes or ANYTHING in sizes), (item.id, size)


@pytest.mark.parametrize(
    ("low", "high", "sizes"),
    [
        (1, None, (ANYTHING,)),
        (1, 9, ("micro",)),
        (9, 10, ("micro", "small")),
        (250, None, ("large",)),
        (249, 250, ("medium", "large")),
    ],
)
def test_sizes_between_two_ends(low: int, high: int | None, sizes: tuple[str, ...]) -> None:
    assert sizes_between(low, high) == sizes


def test_sectors_lie_in_the_sections_that_they_stand_for() -> None:
    sectors = Library().sectors()
    assert sectors_in((), sectors) == ()
    for name in sectors_in(("C",), sectors):
        assert any(code.startswith("C") for code in sectors[name].isic)
    assert "machinery" in sectors_in(("C",), sectors)
