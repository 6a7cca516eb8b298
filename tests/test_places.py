"""Sectors and regions: what forms offer is complete, in both languages, and tied to published codes."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
import yaml

from capillary.content import SHIPPED, load_benchmark, load_regions, load_sectors
from capillary.content.library import Library
from capillary.content.schema import SCHEMAS
from capillary.diagnosis.peers import standing
from capillary.model.problems import InputError
from capillary.model.sheet import Enterprise
from capillary.scoring.evaluate import Interval

from .sheet_kit import run

EU_27 = set(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
NOT_COUNTRIES = {"EA", "EU27_2020"}
SECTORS = """
source: own
certainty: unverified
effective_from: "2026-01-01"
sources: [{id: own, title: {zh: 自编, en: Our own}}]
sectors:
  - {id: die-casting, title: {zh: 压铸, en: Die casting}, isic: [C2432], gbt: [C3392]}
"""
REGIONS = """
source: iso
certainty: official
effective_from: "2026-01-01"
sources: [{id: iso, title: {zh: 国际标准, en: ISO 3166}}]
regions:
  - {id: DE-BY, parent: DE, title: {zh: 巴伐利亚, en: Bavaria}}
  - {id: UY, title: {zh: 乌拉圭, en: Uruguay}}
  - {id: UY-MO, parent: UY, title: {zh: 蒙得维的亚, en: Montevideo}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a content folder with sectors and regions of its own and no standard."""
    (tmp_path / "sectors.yaml").write_text(SECTORS, encoding="utf-8")
    (tmp_path / "regions.yaml").write_text(REGIONS, encoding="utf-8")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text, old
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


class TestSectors:
    def test_an_owner_chooses_among_about_twenty(self) -> None:
        assert 18 <= len(load_sectors()) <= 26
        assert max(Counter(item.id for item in load_sectors()).values()) == 1

    @pytest.mark.parametrize(
        ("scheme", "manufacturing", "left_out"),
        [("isic", range(10, 34), set("OTU")), ("gbt", range(13, 44), set("ST"))],
    )
    def test_every_line_of_business_is_in_exactly_one_sector(
        self, scheme: str, manufacturing: range, left_out: set[str]
    ) -> None:
        used = Counter(code for item in load_sectors() for code in getattr(item, scheme))
        last = "U" if scheme == "isic" else "T"
        sections = {chr(sign) for sign in range(ord("A"), ord(last) + 1)} - left_out - {"C"}
        assert set(used) == sections | {f"C{number}" for number in manufacturing}
        assert set(used.values()) == {1}

    def test_metal_products_are_known_in_both_classifications(self) -> None:
        sector = Library().sectors()["metal-products"]
        assert "C33" in sector.gbt
        assert "C25" in sector.isic


class TestRegions:
    codes = tuple(region.id for region in load_regions())

    def test_codes_are_unique_and_of_iso_form(self) -> None:
        assert max(Counter(self.codes).values()) == 1
        assert [code for code in self.codes if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", code)] == []
        assert "EL" not in self.codes
        assert "UK" not in self.codes

    def test_china_stands_first_with_its_34_units(self) -> None:
        units = [region for region in load_regions() if region.parent == "CN"]
        assert self.codes[0] == "CN"
        assert len(units) == 34
        endings = Counter(re.sub(r"^.*?(省|市|自治区|特别行政区)$", r"\1", unit.title.zh) for unit in units)
        assert endings == {"省": 23, "自治区": 5, "市": 4, "特别行政区": 2}

    def test_the_european_union_and_its_neighbours_are_offered(self) -> None:
        assert set(self.codes) >= EU_27 | {"IS", "LI", "NO", "CH", "GB"}

    def test_every_country_of_the_benchmark_is_offered_under_the_same_name(self) -> None:
        benchmark = load_benchmark("eu-dii-v3")
        assert benchmark is not None
        iso = {geo: code for code, geo in benchmark.file.aliases.items()}
        regions = Library().regions()
        for geo, title in benchmark.file.geos.items():
            if geo not in NOT_COUNTRIES:
                assert regions[iso.get(geo, geo)].title == title

    @pytest.mark.parametrize("region", ["GR", "gr", "GR-A", "EL"])
    def test_a_firm_in_greece_finds_the_greek_figures(self, region: str) -> None:
        benchmark = load_benchmark("eu-dii-v3")
        assert benchmark is not None
        score = Interval(Fraction(5), Fraction(5))
        found = standing(benchmark, Enterprise(region=region, employees=20), score)
        assert found is not None
        assert (found.geo, found.own_country) == ("EL", True)
        assert found.shares == benchmark.shares["EL", "10-49", found.year]


def test_both_languages_are_complete_and_no_title_stands_twice() -> None:
    for items in (load_sectors(), load_regions()):
        for language in ("zh", "en"):
            titles = [item.title.in_(language) for item in items]
            assert all(title.strip() for title in titles)
            assert len(set(titles)) == len(titles)
        assert all(re.search(r"[\u4e00-\u9fff]", item.title.zh) for item in items)


def test_a_folder_of_ones_own_adds_to_what_ships(folder: Path) -> None:
    change(
        folder,
        "sectors.yaml",
        "sectors:",
        "sectors:\n  - {id: mining, title: {zh: 矿, en: Pits}, isic: [], gbt: []}",
    )
    assert run("content", "check", folder).exit_code == 0
    library = Library.with_folders([folder])
    assert list(library.sectors()) == [*(item.id for item in load_sectors()), "die-casting"]
    assert library.sectors()["mining"].gbt == ("B",)
    assert list(library.regions())[-3:] == ["DE-BY", "UY", "UY-MO"]
    assert library.regions()["DE-BY"].country == "DE"


def test_a_folder_without_them_leaves_what_ships(tmp_path: Path) -> None:
    library = Library.with_folders([tmp_path])
    assert list(library.regions()) == [region.id for region in load_regions()]
    assert list(library.sectors()) == [sector.id for sector in load_sectors()]


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "path", "remedy"),
    [
        ("sectors.yaml", "isic:", "isix:", "schema-additionalProperties", "sectors[0]", "isic"),
        ("sectors.yaml", "C3392", "c3392", "schema-pattern", "sectors[0].gbt[0]", "C or C13"),
        (
            "sectors.yaml",
            "en: Die casting",
            'en: ""',
            "missing-translation",
            "die-casting",
            "Chinese and in English",
        ),
        ("sectors.yaml", "source: own", "source: owns", "unknown-name", "source", "own"),
        (
            "sectors.yaml",
            "sectors:",
            "sectors:\n  - {id: die-casting, title: {zh: 铸, en: Casting}, isic: [], gbt: []}",
            "stands-twice",
            "sectors",
            "its own name",
        ),
        ("regions.yaml", "id: DE-BY", "id: de-by", "schema-pattern", "regions[0].id", "CN or CN-JS"),
        ("regions.yaml", "zh: 巴伐利亚", 'zh: " "', "missing-translation", "DE-BY", "Chinese and in English"),
        ("regions.yaml", "id: UY,", "id: DE-BY, parent: DE,", "stands-twice", "regions", "its own name"),
        ("regions.yaml", "parent: DE", "parent: DE-X", "unknown-name", "regions.DE-BY.parent", "DE"),
        (
            "regions.yaml",
            "parent: UY",
            "parent: UY-MO",
            "unknown-name",
            "regions.UY-MO.parent",
            "Move UY-MO above",
        ),
        (
            "regions.yaml",
            "parent: DE",
            "parent: FR",
            "region-parent",
            "regions.DE-BY.parent",
            "letters of its country",
        ),
        ("regions.yaml", " parent: DE,", "", "region-parent", "regions.DE-BY.parent", "names its parent"),
        ("regions.yaml", "id: UY,", "id: UY, parent: CN,", "region-parent", "regions.UY.parent", "no parent"),
    ],
)
def test_a_broken_file_is_named_with_its_remedy(  # noqa: PLR0917 - one mistake a row
    folder: Path, name: str, old: str, new: str, code: str, path: str, remedy: str
) -> None:
    change(folder, name, old, new)
    done = run("content", "check", folder)
    assert done.exit_code == 2
    found = [problem for problem in done.problems if problem.code == code]
    assert found, done.err
    assert found[0].place.startswith(name)
    assert path in found[0].place
    assert remedy in done.err
    if code != "missing-translation":  # a text that is empty is no reason not to work
        with pytest.raises(InputError, match=re.escape(name)):
            (load_sectors if name == "sectors.yaml" else load_regions)(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sectors\.yaml: The file does not exist"):
        load_sectors(tmp_path)


def test_an_alias_of_a_benchmark_names_a_country_of_its_own(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "benchmarks", tmp_path / "benchmarks")
    change(tmp_path / "benchmarks", "eu-dii-v3.yaml", "{GR: EL}", "{GR: GR}")
    with pytest.raises(InputError, match=r"eu-dii-v3\.yaml, aliases\.GR: GR is not known"):
        load_benchmark("eu-dii-v3", tmp_path)


@pytest.mark.parametrize("kind", ["sectors", "regions"])
def test_schemas_are_printed_and_fit_what_ships(kind: str) -> None:
    schema = json.loads(run("content", "schema", kind).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    data = yaml.load((SHIPPED / f"{kind}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - all text
    errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]
    assert errors == []


def test_every_kind_of_content_has_a_schema_to_print() -> None:
    assert [kind for kind in SCHEMAS if run("content", "schema", kind).exit_code] == []
