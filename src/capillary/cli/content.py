"""``capillary content``: checks for authors of standards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.cli.common import language_option
from capillary.content import SHIPPED
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.cli.common import Session
    from capillary.model.capability import CapabilityFile
    from capillary.model.standard import Standard


@click.group(name="content")
@language_option
def command(session: Session) -> None:
    """Check content and print its JSON Schemas."""


@command.command(name="check")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[DIR]"
)
@language_option
def check(session: Session, folder: Path | None) -> None:
    """Check a content folder, or the folder of one standard; without DIR, the content that ships with the product."""
    root = folder or SHIPPED
    problems = check_folder(root)
    if problems:
        raise InputError(problems)
    click.echo(session.say("{folder}: no errors.", folder=root))


@command.command(name="schema")
@click.argument(
    "kind",
    type=click.Choice(
        [
            "capabilities",
            "standard",
            "questions",
            "benchmark",
            "sectors",
            "regions",
            "industries",
            "industry-crosswalk",
            "measures",
            "scenarios",
            "competences",
            "courses",
            "skills",
            "training-needs",
            "currencies",
            "plan-assumptions",
            "programme",
            "programme-facts",
            "programme-cases",
            "market",
            "synonyms",
        ]
    ),
)
@language_option
def schema(session: Session, kind: str) -> None:  # noqa: ARG001 - every command gets the session
    """Print the JSON Schema of one kind of content file."""
    from capillary.content.schema import json_schema

    click.echo(json.dumps(json_schema(kind), ensure_ascii=False, indent=2))


def check_folder(root: Path) -> list[Problem]:
    """Return everything that is wrong with a content folder, or with the folder of one standard."""
    from capillary.content.loader import load_capability_file, standard_ids
    from capillary.content.references import missing_translations, unasked_capabilities

    single = (root / "standard.yaml").exists() or (root / "questions.yaml").exists()
    folders = [root] if single else [root / "standards" / name for name in standard_ids(root)]
    problems, has_places = _place_problems(root)
    has_plans = any((root / name).is_dir() for name in ("measures", "scenarios", "courses", "skills"))
    problems.extend(_plan_problems(root))
    problems.extend(_scenario_problems(root))
    problems.extend(_course_problems(root))
    problems.extend(_synonym_problems(root))
    problems.extend(_industry_problems(root))
    has_words = (root / "synonyms.yaml").exists() or (root / "industries").is_dir()
    if not folders and (has_places or has_plans or has_words):
        return problems
    if not folders:
        cause = msg("The folder holds no standard.")
        remedy = msg("A standard is a folder with standard.yaml.")
        return [Problem("no-content", Place(file=str(root)), cause, remedy)]
    own_capabilities = (root / "capabilities.yaml").exists()
    file: CapabilityFile | None = None
    try:
        file = load_capability_file(root if own_capabilities else SHIPPED)
    except InputError as error:
        problems.extend(error.problems)
    standards = [_check_standard(folder, file, problems) for folder in folders]
    if own_capabilities and file is not None:
        problems.extend(missing_translations(file, "capabilities.yaml"))
        whole = [standard for standard in standards if standard is not None]
        if len(whole) == len(folders):
            problems.extend(unasked_capabilities(file, whole))
    problems.extend(_benchmark_problems(root, [folder.name for folder in folders]))
    return problems


def _check_standard(
    folder: Path, capabilities: CapabilityFile | None, problems: list[Problem]
) -> Standard | None:
    """Add what is wrong with one standard, as much as its files let us see; return it if they can be read."""
    from capillary.content.references import broken_references, dangling_bindings, missing_translations
    from capillary.content.schema import read_as
    from capillary.model.standard import QuestionsFile, Standard, StandardFile

    parts: list[Any] = []
    kinds: tuple[tuple[str, type], ...] = (
        ("standard.yaml", StandardFile),
        ("questions.yaml", QuestionsFile),
    )
    for name, kind in kinds:
        shown = f"{folder.name}/{name}"
        try:
            part: Any = read_as(folder / name, kind, shown)
        except InputError as error:
            problems.extend(error.problems)
            continue
        parts.append(part)
        problems.extend(missing_translations(part, shown))
    if len(parts) < len(kinds):
        return None
    standard = Standard(parts[0], parts[1].questions)
    broken = broken_references(standard, folder.name)
    problems.extend(broken)
    if standard.id != folder.resolve().name:
        cause = msg(
            "The standard is called {standard}, its folder {folder}.",
            standard=standard.id,
            folder=folder.name,
        )
        place = Place(file=f"{folder.name}/standard.yaml", path="id")
        problems.append(Problem("folder-name", place, cause, msg("Give both the same name.")))
    if capabilities is not None:
        known = {item.id: item for item in capabilities.capabilities}
        problems.extend(dangling_bindings(standard, known, folder.name))
    if not broken:
        problems.extend(_program_problems(standard, folder.name))
    return standard


def _place_problems(root: Path) -> tuple[list[Problem], bool]:
    """Return what is wrong with the sectors and regions of a content folder, and whether it has any."""
    from capillary.content.loader import known_regions
    from capillary.content.places import broken_places
    from capillary.content.references import missing_translations
    from capillary.content.schema import read_as
    from capillary.model.place import RegionFile, SectorFile

    problems: list[Problem] = []
    kinds: tuple[tuple[str, type], ...] = (("sectors.yaml", SectorFile), ("regions.yaml", RegionFile))
    present = [(name, kind) for name, kind in kinds if (root / name).exists()]
    for name, kind in present:
        try:
            file: Any = read_as(root / name, kind, name)
        except InputError as error:
            problems.extend(error.problems)
            continue
        problems.extend(missing_translations(file, name))
        problems.extend(broken_places(file, name, known_regions(root)))
    return problems, bool(present)


def _plan_problems(root: Path) -> list[Problem]:
    """Return what is wrong with the measures of a content folder, and with the figures that plans rest on."""
    from capillary.content.library import Library
    from capillary.content.measures import load_measures, measure_problems
    from capillary.content.references import missing_translations
    from capillary.content.schema import SCHEMAS, read_as

    problems: list[Problem] = []
    for name in ("currencies", "plan-assumptions"):
        if (root / f"{name}.yaml").exists():
            try:
                file: Any = read_as(root / f"{name}.yaml", SCHEMAS[name], f"{name}.yaml")
            except InputError as error:
                problems.extend(error.problems)
                continue
            problems.extend(missing_translations(file, f"{name}.yaml"))
    try:
        own = load_measures(root)
        if root == SHIPPED:
            library = Library()
            standards = {name: library.find(name) for name in library.names()}
            currencies = [rate.currency for rate in library.currencies().rates]
            problems.extend(measure_problems(own, library.capabilities(), standards, currencies))
        elif own.measures:
            Library.with_folders([root]).measures()
        for measure, file in own.files.items():
            shown = f"measures/{measure}"
            problems.extend(missing_translations(own.measures[measure], shown))
            problems.extend(missing_translations(file.sources, shown))
    except InputError as error:
        problems.extend(problem for problem in error.problems if problem not in problems)
    return problems


def _scenario_problems(root: Path) -> list[Problem]:
    """Return what is wrong with the scenarios of a content folder; measures that cannot be read are told elsewhere."""
    from capillary.content.library import Library, vocabulary_of
    from capillary.content.references import missing_translations
    from capillary.content.scenarios import load_scenarios, scenario_problems

    try:
        own = load_scenarios(root)
    except InputError as error:
        return list(error.problems)
    problems: list[Problem] = []
    for name, scenario in own.scenarios.items():
        problems.extend(missing_translations(scenario, own.origins[name].shown, name))
    for file in {id(item): item for item in own.files.values()}.values():
        problems.extend(missing_translations(file.sources, "scenarios", "sources"))
    try:
        known = vocabulary_of(Library.with_folders([] if root == SHIPPED else [root]))
    except InputError:
        return problems
    return [*problems, *scenario_problems(own, known)]


def _synonym_problems(root: Path) -> list[Problem]:
    """Return what is wrong with the other names of capabilities of a content folder."""
    from capillary.content.library import Library

    if not (root / "synonyms.yaml").exists():
        return []
    try:
        Library.with_folders([] if root == SHIPPED else [root]).synonyms()
    except InputError as error:
        return list(error.problems)
    return []


def _industry_problems(root: Path) -> list[Problem]:
    """Return what is wrong with the classifications of industries of a content folder, and between them and the sectors."""
    from capillary.content.industries import (
        INDUSTRIES,
        load_crosswalk,
        load_industries,
        sector_problems,
    )
    from capillary.content.library import Library
    from capillary.content.references import missing_translations

    if not (root / INDUSTRIES).is_dir():
        return []
    library = Library.with_folders([] if root == SHIPPED else [root])
    try:
        files, links = load_industries(root), load_crosswalk(root)
        found = list(sector_problems(library.industries(), root))
    except InputError as error:
        return list(error.problems)
    for scheme, file in files.items():
        found.extend(missing_translations(file, f"{INDUSTRIES}/{scheme}.yaml"))
    return [*found, *missing_translations(links, f"{INDUSTRIES}/crosswalk.yaml")]


def _course_problems(root: Path) -> list[Problem]:
    """Return what is wrong with the competences, courses and skills checks of a content folder."""
    from capillary.content.courses import (
        COMPETENCES,
        course_problems,
        load_competences,
        load_courses,
        load_skills,
        skills_problems,
    )
    from capillary.content.library import Library
    from capillary.content.references import missing_translations

    problems: list[Problem] = []
    library = Library.with_folders([] if root == SHIPPED else [root])
    try:
        if (root / COMPETENCES).exists():
            problems.extend(missing_translations(load_competences(root), COMPETENCES))
        own, checks = load_courses(root), load_skills(root)
        for name, course in own.courses.items():
            problems.extend(missing_translations(course, own.origins[name].shown, name))
        for file in {id(item): item for item in own.files.values()}.values():
            problems.extend(missing_translations(file.sources, "courses", "sources"))
        for role, check in checks.items():
            problems.extend(missing_translations(check, f"skills/{role}"))
        competences = library.competences().by_id
        whole = own if root == SHIPPED else own.over(load_courses(SHIPPED))
        problems.extend(course_problems(whole, library.capabilities(), competences))
        problems.extend(skills_problems(root, checks, competences, whole))
    except InputError as error:
        problems.extend(problem for problem in error.problems if problem not in problems)
    return problems


def _benchmark_problems(root: Path, standards: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the benchmarks of a content folder."""
    from capillary.content.loader import load_benchmark

    problems: list[Problem] = []
    if (root / "benchmarks").is_dir():
        for standard in standards:
            try:
                load_benchmark(standard, root)
            except InputError as error:
                problems.extend(error.problems)
    return list({problem.in_("en"): problem for problem in problems}.values())


def _program_problems(standard: Standard, folder: str) -> list[Problem]:
    """Return what only the compiled program shows: a best answer that does not give the maximum, a level that none reaches."""
    from capillary.scoring.program import compile_standard

    problems = []
    variants: list[str | None] = [item.id for item in standard.file.variants]
    for variant in variants or [None]:
        program = compile_standard(standard, variant)
        place = Place(file=f"{folder}/standard.yaml", path="scoring.max")
        most = program.in_points(program.score, program.tops[program.score])
        if most != standard.file.scoring.max:
            cause = msg(
                "The best answers give {most}, scoring.max says {max}.",
                most=most,
                max=standard.file.scoring.max,
            )
            problems.append(
                Problem("maximum", place, cause, msg("Correct scoring.max, the points or the weights."))
            )
        titled = {level.level for level in standard.file.levels}
        if titled and titled != set(range(program.top_level + 1)):
            cause = msg(
                "The levels are {titled}, the best answers give level {top}.",
                titled=sorted(titled),
                top=program.top_level,
            )
            place = Place(file=f"{folder}/standard.yaml", path="levels")
            problems.append(
                Problem("levels", place, cause, msg("Give every level from 0 to the top a title."))
            )
    return problems
