"""``capillary content``: checks for authors of standards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.content import SHIPPED
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from capillary.cli.common import Session
    from capillary.model.standard import Standard


@click.group(name="content")
def command() -> None:
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
@click.argument("kind", type=click.Choice(["capabilities", "standard", "questions", "benchmark"]))
@language_option
def schema(session: Session, kind: str) -> None:
    """Print the JSON Schema of one kind of content file."""
    from capillary.content.schema import json_schema

    click.echo(json.dumps(json_schema(kind), ensure_ascii=False, indent=2))


def check_folder(root: Path) -> list[Problem]:
    """Return everything that is wrong with a content folder, or with the folder of one standard."""
    from capillary.content.loader import load_capabilities, load_capability_file, read_standard, standard_ids
    from capillary.content.references import dangling_bindings, missing_translations, unasked_capabilities

    own_capabilities = (root / "capabilities.yaml").exists()
    if (root / "standard.yaml").exists():
        folders = [root]
    else:
        folders = [root / "standards" / name for name in standard_ids(root)]
    if not folders:
        cause = msg("The folder holds no standard.")
        return [
            Problem(
                "no-content", Place(file=str(root)), cause, msg("A standard is a folder with standard.yaml.")
            )
        ]
    problems: list[Problem] = []
    standards: list[Standard] = []
    try:
        capabilities = load_capabilities(root if own_capabilities else SHIPPED)
    except InputError as error:
        return list(error.problems)
    for folder in folders:
        try:
            standard = read_standard(folder)
        except InputError as error:
            problems.extend(error.problems)
            continue
        standards.append(standard)
        problems.extend(dangling_bindings(standard, capabilities, folder.name))
        problems.extend(missing_translations(standard.file, f"{folder.name}/standard.yaml"))
        problems.extend(missing_translations(standard.questions, f"{folder.name}/questions.yaml"))
        problems.extend(_program_problems(standard, folder.name))
    if own_capabilities:
        file = load_capability_file(root)
        problems.extend(missing_translations(file, "capabilities.yaml"))
        if len(standards) == len(folders):
            problems.extend(unasked_capabilities(file, standards))
    return problems


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
