"""Codes of industries: the lists, how they read across (against sets), our sectors, the command and the checks."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.cli.content import check_folder
from capillary.content import SHIPPED
from capillary.content.industries import sector_problems
from capillary.content.library import Library
from capillary.content.yaml12 import read_yaml
from capillary.model.industry import SCHEMES, Crosswalk, CrosswalkFile, Row

from .sheet_kit import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capillary.model.industry import Scheme

SHIPPED_ONES = Library().industries()
# counted in the texts of the standards, as remembered: 20 and 97; 21 and 88
SECTIONS = {"gbt-4754": (20, 97), "isic-4": (21, 88), "nace-2": (21, 88)}
NO_SECTOR = {"gbt-4754": {"S", "T"}, "isic-4": {"O", "T", "U"}, "nace-2": {"O", "T", "U"}}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_classification_is_whole(scheme: Scheme) -> None:
    items = SHIPPED_ONES.industries[scheme].values()
    sections = [item.code for item in items if item.grain == "section"]
    divisions = [item.code for item in items if item.grain == "division"]
    assert (len(sections), len(divisions)) == SECTIONS[scheme]
    assert sections == [chr(ord("A") + number) for number in range(len(sections))]
    assert [code[1:] for code in divisions] == sorted(code[1:] for code in divisions)
    assert {code[0] for code in divisions} == set(sections)
    if scheme == "gbt-4754":
        assert [code[1:] for code in divisions] == [f"{number:02}" for number in range(1, 98)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_division_of_an_enterprise_lies_in_exactly_one_sector(scheme: Scheme) -> None:
    for item in SHIPPED_ONES.industries[scheme].values():
        if item.grain == "division":
            expected = 0 if item.section in NO_SECTOR[scheme] else 1
            assert len(SHIPPED_ONES.sectors_of(scheme, item.code)) == expected, item.code


def test_the_crosswalk_contradicts_the_sectors_nowhere_without_a_reason() -> None:
    assert list(sector_problems(SHIPPED_ONES, SHIPPED)) == []
    crossing = [
        row
        for row in SHIPPED_ONES.links.rows
        if SHIPPED_ONES.sectors_of("gbt-4754", row.gbt) != SHIPPED_ONES.sectors_of("isic-4", row.isic)
    ]
    assert crossing
    assert all(row.note for row in crossing)
    bare = msgspec.structs.replace(
        SHIPPED_ONES.links,
        rows=tuple(msgspec.structs.replace(row, note=None) for row in SHIPPED_ONES.links.rows),
    )
    told = list(sector_problems(Crosswalk(SHIPPED_ONES.files, bare, SHIPPED_ONES.sectors), SHIPPED))
    assert len(told) == len(crossing)


# --- reading across, against sets ---------------------------------------------------------------------------------------


def pairs(links: CrosswalkFile, scheme: Scheme, to_scheme: Scheme) -> set[tuple[str, str]]:
    """The relation of divisions between two classifications, composed of relations as sets of pairs."""
    same = {(code, code) for code in SHIPPED_ONES.industries["isic-4"] if len(code) == 3}
    chinese = {(code, code) for code in SHIPPED_ONES.industries["gbt-4754"] if len(code) == 3}
    linked = {(row.gbt, row.isic) for row in links.rows}
    to_isic = {"gbt-4754": linked, "nace-2": same, "isic-4": same}
    if scheme == to_scheme:
        return chinese if scheme == "gbt-4754" else same
    there = to_isic[scheme]
    back = {(two, one) for one, two in to_isic[to_scheme]}
    return {(one, last) for one, two in there for other, last in back if two == other}


def members(scheme: Scheme, code: str) -> set[str]:
    return {item for item in SHIPPED_ONES.industries[scheme] if len(item) == 3 and item.startswith(code)}


@st.composite
def crosswalks(draw: st.DrawFn) -> Crosswalk:
    """Any relation at all between the divisions."""
    chinese = sorted(members("gbt-4754", ""))
    others = sorted(members("isic-4", ""))
    drawn = draw(
        st.lists(st.tuples(st.sampled_from(chinese), st.sampled_from(others)), unique=True, max_size=150)
    )
    rows = tuple(Row(gbt=one, isic=other, share="part") for one, other in drawn)
    links = msgspec.structs.replace(SHIPPED_ONES.links, rows=rows)
    return Crosswalk(SHIPPED_ONES.files, links, SHIPPED_ONES.sectors)


@given(st.just(SHIPPED_ONES) | crosswalks(), st.sampled_from(SCHEMES), st.sampled_from(SCHEMES), st.data())
def test_reading_across_is_the_composition_of_relations(
    found: Crosswalk, scheme: Scheme, to_scheme: Scheme, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(list(found.industries[scheme])))
    grain = data.draw(st.sampled_from([None, "section", "division"]))
    relation = pairs(found.links, scheme, to_scheme)
    own = members(scheme, code)
    reached = {other for one, other in relation if one in own}
    lost = own - {one for one, _other in relation}
    length = {"section": 1, "division": 3, None: len(code)}[grain]
    wanted = {other[:length] for other in reached}
    related = found.related(scheme, code, to_scheme, grain)
    assert [item.code for item in related] == sorted(wanted)
    for item in related:
        assert item.whole == (not lost and reached <= members(to_scheme, item.code))


@given(crosswalks(), st.sampled_from(SCHEMES), st.sampled_from(SCHEMES))
def test_reading_across_and_back_meets_the_same_codes(
    found: Crosswalk, scheme: Scheme, to_scheme: Scheme
) -> None:
    def across(one: Scheme, other: Scheme) -> set[tuple[str, str]]:
        return {
            (code, item.code) for code in found.industries[one] for item in found.related(one, code, other)
        }

    assert across(scheme, to_scheme) == {(two, one) for one, two in across(to_scheme, scheme)}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_sectors_and_codes_name_each_other(scheme: Scheme) -> None:
    for code in SHIPPED_ONES.industries[scheme]:
        own = members(scheme, code)
        expected = {name for name in SHIPPED_ONES.sectors if own & set(SHIPPED_ONES.codes_of(name, scheme))}
        assert set(SHIPPED_ONES.sectors_of(scheme, code)) == expected


def test_some_codes_as_everybody_knows_them() -> None:
    def shown(*asked: str) -> list[tuple[str, bool]]:
        return [(item.code, item.whole) for item in SHIPPED_ONES.related(*asked)]  # type: ignore[arg-type]

    assert shown("gbt-4754", "C13", "nace-2") == [("C10", True)]
    assert shown("nace-2", "C10", "gbt-4754") == [
        ("C13", False),
        ("C14", False),
        ("C15", False),
        ("C19", False),
    ]
    assert shown("isic-4", "C12", "gbt-4754") == [("C16", True)]
    assert shown("isic-4", "T98", "gbt-4754") == []
    assert shown("isic-4", "C26", "nace-2") == [("C26", True)]
    # a division of manufacturing that ISIC keeps elsewhere, so not all of section C lies in section C
    assert ("C", False) in shown("gbt-4754", "C", "isic-4")


# --- looking up ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["C10", "c10", "10", " 10.11 ", "1011", "C1011", "C10.1"])
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    item = SHIPPED_ONES.find("nace-2", typed)
    assert item is not None
    assert item.code == "C10"


@pytest.mark.parametrize("typed", ["", "A10", "C", "1", "C1", "10.", "10111111", "food", "C99", "1O"])
def test_what_is_no_code_of_a_division_is_not_taken_for_one(typed: str) -> None:
    item = SHIPPED_ONES.find("nace-2", typed)
    assert item is None or item.grain == "section"


def test_names_are_found_in_either_language() -> None:
    for words in ("农副食品", "farm FOOD"):
        assert [item.code for item in SHIPPED_ONES.search(words, ["gbt-4754"])] == ["C13"]
    assert SHIPPED_ONES.search("  ") == []
    assert {item.scheme for item in SHIPPED_ONES.search("C13")} == set(SCHEMES)


def test_the_command_shows_reads_across_and_refuses(tmp_path: Path) -> None:
    shown = run("industries", "C35", "--in", "gbt-4754", "--to", "isic-4", "--lang", "en").out
    assert "partly in isic-4 C32 Other manufacturing – Medical instruments" in shown
    assert "nace-2" not in shown
    assert "医疗器械" in run("industries", "C35", "--in", "gbt-4754", "--lang", "zh").out
    rows = json.loads(run("industries", "10.1", "--in", "nace-2", "--json").out)
    assert rows[0]["code"] == "C10"
    assert {"scheme": "gbt-4754", "code": "C13", "whole": False} in rows[0]["related"]
    assert rows[0]["sectors"] == ["food-drink"]
    assert len(json.loads(run("industries", "--json").out)) == 62
    refused = run("industries", "nothing-like-it")
    assert refused.exit_code == 2
    assert "[unknown-industry]" in refused.err


# --- bad content ---------------------------------------------------------------------------------------------------------


def folder(tmp_path: Path, name: str, change: Callable[[str], str]) -> Path:
    """Return a content folder of one's own with one file changed."""
    shutil.copytree(SHIPPED / "industries", tmp_path / "industries")
    path = tmp_path / "industries" / name
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    return tmp_path


def test_the_shipped_folder_is_fine_as_a_folder_of_ones_own(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "industries", tmp_path / "industries")
    assert check_folder(tmp_path) == []


BROKEN = [
    ("crosswalk.yaml", "gbt: A03, isic: A01", "gbt: A03, isic: A99", "unknown-name"),
    ("crosswalk.yaml", "gbt: A03, isic: A01", "gbt: Z03, isic: A01", "unknown-name"),
    ("crosswalk.yaml", "isic: A01, share: whole", "isic: A01, share: part", "share"),
    ("crosswalk.yaml", "  - {gbt: A04, isic: A03, share: whole}\n", "", "not-linked"),
    ("crosswalk.yaml", "code: T98", "code: U99", "linked"),
    ("crosswalk.yaml", "gbt: A04, isic: A03", "gbt: A04, isic: C10", "other-sector"),
    ("crosswalk.yaml", "{gbt: C34, isic: C28", "{gbt: C34, isic: C25", "stands-twice"),
    ("crosswalk.yaml", "source: own", "source: other", "unknown-name"),
    ("gbt-4754.yaml", "{code: A02,", "{code: A01,", "stands-twice"),
    ("gbt-4754.yaml", "{code: B06,", "{code: B05,", "stands-twice"),
    ("gbt-4754.yaml", "{code: T97,", "{code: Y97,", "unknown-name"),
    ("gbt-4754.yaml", "scheme: gbt-4754", "scheme: isic-4", "folder-name"),
    ("nace-2.yaml", "like: isic-4", "like: nace-2", "like"),
    ("nace-2.yaml", "like: isic-4\n", "", "no-industries"),
    ("isic-4.yaml", "zh: 采矿和采石,", 'zh: "",', "missing-translation"),
    ("isic-4.yaml", "{code: A01,", "{code: A1,", "schema-pattern"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "code"), BROKEN, ids=[f"{n}-{c}-{i}" for i, (n, _o, _w, c) in enumerate(BROKEN)]
)
def test_wrong_content_is_named_with_file_and_remedy(
    tmp_path: Path, name: str, old: str, new: str, code: str
) -> None:
    problems = check_folder(folder(tmp_path, name, lambda text: text.replace(old, new, 1)))
    found = [problem for problem in problems if problem.code == code]
    assert found, [problem.in_("en") for problem in problems]
    assert found[0].place.file == f"industries/{name}"
    assert code == "missing-translation" or found[0].place.row
    assert found[0].remedy.in_("zh")


def test_two_sectors_with_one_division_are_told(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "industries", tmp_path / "industries")
    own = """source: own
certainty: unverified
effective_from: "2026-01-01"
sources: [{id: own, title: {zh: 自己的, en: our own}}]
sectors: [{id: buttons, title: {zh: 纽扣, en: Buttons}, isic: [C32], gbt: [C41, C99]}]
"""
    (tmp_path / "sectors.yaml").write_text(own, encoding="utf-8")
    told = [problem.in_("en") for problem in check_folder(tmp_path)]
    assert any(
        "C41 of gbt-4754 lies in several sectors: other-manufacturing, buttons" in line for line in told
    )
    assert any("C99 is not known" in line for line in told)


def test_the_codes_of_the_sectors_file_exist() -> None:
    raw = read_yaml(SHIPPED / "sectors.yaml", "sectors.yaml")
    assert isinstance(raw, dict)
    for sector in raw["sectors"]:
        assert set(sector["gbt"]) <= set(SHIPPED_ONES.industries["gbt-4754"])
        assert set(sector["isic"]) <= set(SHIPPED_ONES.industries["isic-4"])
