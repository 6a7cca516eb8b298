"""All content that a run of the product works with: what ships, and folders of the user's own."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capillary.content.courses import (
    COMPETENCES,
    course_problems,
    load_competences,
    load_courses,
    load_skills,
    skills_problems,
)
from capillary.content.industries import INDUSTRIES, load_crosswalk, load_industries
from capillary.content.loader import (
    SHIPPED,
    load_assumptions,
    load_benchmark,
    load_capabilities,
    load_capability_file,
    load_currencies,
    load_regions,
    load_sectors,
    load_standard,
    load_synonyms,
    standard_ids,
)
from capillary.content.measures import load_measures, measure_problems
from capillary.content.programmes import ProgrammeFolder, load_programmes
from capillary.content.scenarios import Vocabulary, load_scenarios, scenario_problems
from capillary.model.course import CourseBook
from capillary.model.industry import Crosswalk
from capillary.model.measure import Catalogue
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.scenario import BUSINESS_STANDARD, ScenarioBook
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.benchmark import Benchmark
    from capillary.model.capability import Area, Capability
    from capillary.model.course import CompetenceFile, SkillsFile
    from capillary.model.measure import Measure, MeasureFile, StaffRole
    from capillary.model.money import AssumptionFile, CurrencyFile
    from capillary.model.place import Region, Sector
    from capillary.model.standard import Standard
    from capillary.model.synonym import Synonyms


@dataclass(frozen=True)
class Library:
    """The content folders, the shipped one first; the first folder that has something decides."""

    roots: tuple[Path, ...] = (SHIPPED,)

    @classmethod
    def with_folders(cls, folders: Sequence[str | Path]) -> Library:
        """Return the library of the shipped content and the folders given."""
        return cls((SHIPPED, *(Path(folder) for folder in folders)))

    def find(self, identifier: str) -> Standard:
        """Return the standard of an id from the first folder that has it.

        Raises:
            InputError: no folder has it, or its files have errors.
        """
        root = _home_of(identifier, self.roots)
        if root is not None:
            return load_standard(identifier, root)
        cause = msg("There is no standard {standard}.", standard=identifier)
        raise InputError(
            [Problem("unknown-standard", Place(), cause, did_you_mean(identifier, self.names()))]
        )

    def capabilities(self) -> Mapping[str, Capability]:
        """Return the capabilities of all folders; the first folder that has an id decides what it means."""
        found: dict[str, Capability] = {}
        for root in self.roots:
            if (root / "capabilities.yaml").exists():
                found = {**load_capabilities(root), **found}
        return found

    def areas(self) -> tuple[Area, ...]:
        """Return the areas of the capabilities of all folders; the first folder that has an id decides what it means."""
        found: dict[str, Area] = {}
        for root in self.roots:
            if (root / "capabilities.yaml").exists():
                found = {item.id: item for item in load_capability_file(root).areas} | found
        return tuple(found.values())

    def sectors(self) -> Mapping[str, Sector]:
        """Return the sectors of all folders by id, those that ship first; the first folder that has an id decides."""
        found: dict[str, Sector] = {}
        for root in self.roots:
            if (root / "sectors.yaml").exists():
                found = found | {item.id: item for item in load_sectors(root) if item.id not in found}
        return found

    def regions(self) -> Mapping[str, Region]:
        """Return the regions of all folders by code, those that ship first; the first folder that has a code decides."""
        found: dict[str, Region] = {}
        for root in self.roots:
            if (root / "regions.yaml").exists():
                found = found | {item.id: item for item in load_regions(root) if item.id not in found}
        return found

    def industries(self) -> Crosswalk:
        """Return the classifications of industries, how they read across, and the sectors of all folders that they lie in.

        A folder of the user's own that has classifications replaces those that ship.

        Raises:
            InputError: a file is missing or has errors.
        """
        return _industries_of(self._last_with(INDUSTRIES), self.roots)

    def synonyms(self) -> tuple[Synonyms, ...]:
        """Return other names of capabilities of all folders together.

        Raises:
            InputError: a file has errors, or names a capability that does not exist.
        """
        found = [
            item for root in self.roots if (root / "synonyms.yaml").exists() for item in load_synonyms(root)
        ]
        known = self.capabilities()
        problems = [
            Problem(
                "unknown-name",
                Place(file="synonyms.yaml", path=item.capability),
                msg("{word} is not known.", word=item.capability),
                did_you_mean(item.capability, known),
            )
            for item in found
            if item.capability is not None and item.capability not in known
        ]
        if problems:
            raise InputError(problems)
        return tuple(found)

    def measures(self) -> Catalogue:
        """Return the measures of all folders; the first folder that has an id decides what it means.

        Raises:
            InputError: a file has errors, or names what does not exist, or measures wait for one another in a circle.
        """
        return _checked_measures_of(self.roots)

    def scenarios(self) -> ScenarioBook:
        """Return the scenarios of all folders; the first folder that has an id decides what it means.

        Raises:
            InputError: a file has errors, names what does not exist, or lists measures that cannot begin where they stand.
        """
        return _checked_scenarios_of(self.roots)

    def competences(self) -> CompetenceFile:
        """Return the competences of the first folder of the user's own that has some, else those that ship."""
        return load_competences(self._last_with(COMPETENCES))

    def courses(self) -> CourseBook:
        """Return the courses of all folders; the first folder that has an id decides what it means.

        Raises:
            InputError: a file has errors, names what does not exist, or courses wait for one another.
        """
        return _checked_courses_of(self.roots)

    def skills(self) -> Mapping[StaffRole, SkillsFile]:
        """Return the skills check of each role, of the last folder that has one for it: a user's own replaces what ships.

        Raises:
            InputError: a file has errors, names what does not exist, or wants a level to which no course leads.
        """
        return _checked_skills_of(self.roots)

    def currencies(self) -> CurrencyFile:
        """Return the currencies of the first folder of the user's own that has some, else those that ship."""
        return load_currencies(self._last_with("currencies.yaml"))

    def assumptions(self) -> AssumptionFile:
        """Return what plans assume, from the first folder of the user's own that says so, else what ships."""
        return load_assumptions(self._last_with("plan-assumptions.yaml"))

    def programmes(self) -> ProgrammeFolder:
        """Return the incentive programmes of all folders; the first folder that has an id decides what it means.

        Raises:
            InputError: a file has errors.
        """
        found = ProgrammeFolder()
        for root in self.roots:
            found = found.over(load_programmes(root))
        return found

    def programme_text(self, name: str) -> str:
        """Return the file of a programme as it is written, of the folder that decides what it means.

        Raises:
            KeyError: no folder has it.
        """
        for root in self.roots:
            path = root / "programmes" / f"{name}.yaml"
            if path.exists():
                return path.read_text(encoding="utf-8")
        raise KeyError(name)

    def accreditations(self) -> ProgrammeFolder:
        """Return the rules by which providers are accredited, from the folder ``accreditations`` of all content folders.

        They are programmes of the kind ``recognition`` in a folder of their own, for no enterprise is asked for them.

        Raises:
            InputError: a file has errors.
        """
        found = ProgrammeFolder()
        for root in self.roots:
            found = found.over(load_programmes(root / "accreditations"))
        return found

    def _last_with(self, name: str) -> Path:
        return next((root for root in self.roots[1:] if (root / name).exists()), self.roots[0])

    def benchmark(self, standard: str) -> Benchmark | None:
        """Return the figures of peers under a standard from the first folder that has some."""
        found = (load_benchmark(standard, root) for root in self.roots)
        return next((item for item in found if item is not None), None)

    def names(self) -> tuple[str, ...]:
        """Return the ids of all standards."""
        return tuple(dict.fromkeys(name for root in self.roots for name in standard_ids(root)))


@functools.cache
def _home_of(identifier: str, roots: tuple[Path, ...]) -> Path | None:
    """Return the first folder that has a standard; kept, because it is asked once a sheet."""
    return next((root for root in roots if identifier in standard_ids(root)), None)


@functools.cache
def _industries_of(home: Path, roots: tuple[Path, ...]) -> Crosswalk:
    return Crosswalk(load_industries(home), load_crosswalk(home), Library(roots).sectors())


@functools.cache
def _measures_of(roots: tuple[Path, ...]) -> Catalogue:
    measures: dict[str, Measure] = {}
    files: dict[str, MeasureFile] = {}
    paths: dict[str, str] = {}
    for root in roots:
        found = load_measures(root)
        measures = {**found.measures, **measures}
        files = {**found.files, **files}
        paths = {**found.paths, **paths}
    return Catalogue(measures, files, paths)


@functools.cache
def _checked_measures_of(roots: tuple[Path, ...]) -> Catalogue:
    """Return the measures of all folders; what ships is checked when it is built, a user's own when it is used."""
    catalogue = _measures_of(roots)
    if len(roots) > 1:
        library = Library(roots)
        named = {standard for measure in catalogue.measures.values() for standard in measure.fulfils}
        standards = {name: library.find(name) for name in library.names() if name in named}
        currencies = [rate.currency for rate in library.currencies().rates]
        problems = list(measure_problems(catalogue, library.capabilities(), standards, currencies))
        if problems:
            raise InputError(problems)
    return catalogue


@functools.cache
def _checked_scenarios_of(roots: tuple[Path, ...]) -> ScenarioBook:
    """Return the scenarios of all folders; what ships is checked when it is built, a user's own when it is used."""
    book = ScenarioBook()
    for root in roots:
        book = book.over(load_scenarios(root))
    if len(roots) > 1:
        problems = list(scenario_problems(book, vocabulary_of(Library(roots))))
        if problems:
            raise InputError(problems)
    return book


@functools.cache
def _checked_courses_of(roots: tuple[Path, ...]) -> CourseBook:
    """Return the courses of all folders; what ships is checked when it is built, a user's own when it is used."""
    book = CourseBook()
    for root in roots:
        book = book.over(load_courses(root))
    if len(roots) > 1:
        library = Library(roots)
        problems = list(course_problems(book, library.capabilities(), library.competences().by_id))
        if problems:
            raise InputError(problems)
    return book


@functools.cache
def _checked_skills_of(roots: tuple[Path, ...]) -> Mapping[StaffRole, SkillsFile]:
    checks: dict[StaffRole, SkillsFile] = {}
    problems: list[Problem] = []
    for root in roots:
        own = load_skills(root)
        checks.update(own)
        if root != SHIPPED:
            library = Library(roots)
            problems.extend(skills_problems(root, own, library.competences().by_id, library.courses()))
    if problems:
        raise InputError(problems)
    return checks


def vocabulary_of(library: Library) -> Vocabulary:
    """Return what the scenarios of a library may name.

    Raises:
        InputError: something of it cannot be read.
    """
    standards = {name: library.find(name) for name in library.names() if name == BUSINESS_STANDARD}
    return Vocabulary(library.measures().measures, library.capabilities(), library.sectors(), standards)
