"""Loads the content that ships with the product, and content of the user's own in folders of the same form."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from capillary.content.places import broken_places
from capillary.content.references import broken_references
from capillary.content.schema import read_as
from capillary.model.benchmark import Benchmark, BenchmarkFile
from capillary.model.capability import Capability, CapabilityFile
from capillary.model.exact import to_fraction
from capillary.model.money import AssumptionFile, CurrencyFile
from capillary.model.place import Region, RegionFile, Sector, SectorFile
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.standard import QuestionsFile, Standard, StandardFile
from capillary.model.synonym import SynonymFile, Synonyms
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

SHIPPED = Path(__file__).parent


def standard_ids(root: Path = SHIPPED) -> tuple[str, ...]:
    """Return the identifiers of the standards under a content folder, in order.

    >>> "miit-2024" in standard_ids()
    True
    """
    folder = root / "standards"
    return tuple(sorted(item.parent.name for item in folder.glob("*/standard.yaml")))


@cache
def load_standard(identifier: str, root: Path = SHIPPED) -> Standard:
    """Return a standard.

    Args:
        identifier: its id, which is its folder's name.
        root: the content folder that holds ``standards/``.

    Raises:
        InputError: there is no such standard, or its files have errors.
    """
    known = standard_ids(root)
    if identifier not in known:
        raise InputError(
            [
                Problem(
                    "unknown-standard",
                    Place(),
                    msg("There is no standard {standard}.", standard=identifier),
                    did_you_mean(identifier, known),
                )
            ]
        )
    standard = read_standard(root / "standards" / identifier)
    if standard.id != identifier:
        cause = msg(
            "The folder {folder} holds the standard {standard}.", folder=identifier, standard=standard.id
        )
        place = Place(file=f"{identifier}/standard.yaml", path="id")
        raise InputError([Problem("folder-name", place, cause, msg("Name the folder like the standard."))])
    return standard


def read_standard(folder: Path) -> Standard:
    """Return the standard in ``folder``, checked in itself (not against the capabilities).

    Raises:
        InputError: a file is missing or has errors; every error is named.
    """
    problems: list[Problem] = []
    file: StandardFile | None = None
    questions: QuestionsFile | None = None
    try:
        file = read_as(folder / "standard.yaml", StandardFile, f"{folder.name}/standard.yaml")
    except InputError as error:
        problems.extend(error.problems)
    try:
        questions = read_as(folder / "questions.yaml", QuestionsFile, f"{folder.name}/questions.yaml")
    except InputError as error:
        problems.extend(error.problems)
    if file is None or questions is None:
        raise InputError(problems)
    standard = Standard(file, questions.questions)
    broken = broken_references(standard, folder.name)
    if broken:
        raise InputError(broken)
    return standard


@cache
def load_capabilities(root: Path = SHIPPED) -> Mapping[str, Capability]:
    """Return the hub vocabulary by identifier, in the order of the file.

    Raises:
        InputError: the file is missing or has errors.
    """
    return {item.id: item for item in load_capability_file(root).capabilities}


@cache
def load_capability_file(root: Path = SHIPPED) -> CapabilityFile:
    """Return areas and capabilities as they stand in ``capabilities.yaml``.

    Raises:
        InputError: the file is missing or has errors.
    """
    return read_as(root / "capabilities.yaml", CapabilityFile, "capabilities.yaml")


@cache
def load_sectors(root: Path = SHIPPED) -> tuple[Sector, ...]:
    """Return the sectors that forms offer, in the order of the file.

    Raises:
        InputError: ``sectors.yaml`` is missing or has errors.
    """
    file = read_as(root / "sectors.yaml", SectorFile, "sectors.yaml")
    broken = broken_places(file, "sectors.yaml")
    if broken:
        raise InputError(broken)
    return file.sectors


@cache
def load_regions(root: Path = SHIPPED) -> tuple[Region, ...]:
    """Return the regions that forms offer, in the order of the file.

    Raises:
        InputError: ``regions.yaml`` is missing or has errors.
    """
    file = read_as(root / "regions.yaml", RegionFile, "regions.yaml")
    broken = broken_places(file, "regions.yaml", known_regions(root))
    if broken:
        raise InputError(broken)
    return file.regions


@cache
def load_synonyms(root: Path = SHIPPED) -> tuple[Synonyms, ...]:
    """Return other names of capabilities.

    Raises:
        InputError: ``synonyms.yaml`` is missing or has errors.
    """
    return read_as(root / "synonyms.yaml", SynonymFile, "synonyms.yaml").synonyms


def known_regions(root: Path) -> tuple[str, ...]:
    """Return the codes that the regions of a content folder may have as parents besides their own: those that ship."""
    return () if root == SHIPPED else tuple(region.id for region in load_regions())


@cache
def load_currencies(root: Path = SHIPPED) -> CurrencyFile:
    """Return the currencies and their rates.

    Raises:
        InputError: ``currencies.yaml`` is missing or has errors.
    """
    return read_as(root / "currencies.yaml", CurrencyFile, "currencies.yaml")


@cache
def load_assumptions(root: Path = SHIPPED) -> AssumptionFile:
    """Return what a plan assumes of a firm that does not say.

    Raises:
        InputError: ``plan-assumptions.yaml`` is missing or has errors.
    """
    return read_as(root / "plan-assumptions.yaml", AssumptionFile, "plan-assumptions.yaml")


@cache
def load_benchmark(standard: str, root: Path = SHIPPED) -> Benchmark | None:
    """Return the benchmark of a standard, or None where there is none.

    Raises:
        InputError: its files have errors.
    """
    folder = root / "benchmarks"
    for path in sorted(folder.glob("*.yaml")):
        file = read_as(path, BenchmarkFile, f"benchmarks/{path.name}")
        if file.standard == standard:
            _check_aliases(file, f"benchmarks/{path.name}")
            return Benchmark(file, _read_shares(folder / file.data, file))
    return None


def _check_aliases(file: BenchmarkFile, shown: str) -> None:
    problems = [
        Problem(
            "unknown-name",
            Place(file=shown, path=f"aliases.{code}"),
            msg("{word} is not known.", word=geo),
            did_you_mean(geo, file.geos),
        )
        for code, geo in file.aliases.items()
        if geo not in file.geos
    ]
    if problems:
        raise InputError(problems)


def _read_shares(path: Path, file: BenchmarkFile) -> dict[tuple[str, str, int], tuple[Fraction, ...]]:
    shares: dict[tuple[str, str, int], tuple[Fraction, ...]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            cells = [row.get(band) for band in file.bands]
            if any(not cell for cell in cells):
                continue
            try:
                key = (row["geo"], row["size"], int(row["year"]))
                shares[key] = tuple(to_fraction(cell) for cell in cells)
            except (KeyError, ValueError) as error:
                raise InputError(
                    [
                        Problem(
                            "benchmark-figure",
                            Place(file=f"benchmarks/{path.name}", row=number),
                            msg("The row cannot be read: {cause}.", cause=str(error)),
                            msg("It needs geo, size, year and one percentage for each band."),
                        )
                    ]
                ) from error
    return shares
