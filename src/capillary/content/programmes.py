"""Loads incentive programmes, the facts that they ask for, and the cases that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from capillary.content.schema import read_as
from capillary.model.problems import InputError, Place, Problem
from capillary.model.programme import CaseFile, Fact, FactFile, Programme
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from capillary.model.programme import Case

T = TypeVar("T")
FOLDER = "programmes"
FACTS = "facts.yaml"


@dataclass(frozen=True)
class ProgrammeFolder:
    """What a content folder says of programmes, as it is written: expressions are read elsewhere.

    Attributes:
        cases: examples by the id of the programme that they hold.
        paths: by programme id, how its file is named in errors.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    cases: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: ProgrammeFolder) -> ProgrammeFolder:
        """Return both together; what this one has stands before what the other has under the same id."""
        return ProgrammeFolder(
            {**other.facts, **self.facts},
            {**other.programmes, **self.programmes},
            {**other.cases, **self.cases},
            {**other.paths, **self.paths},
        )


@cache
def load_programmes(root: Path) -> ProgrammeFolder:
    """Return the programmes of a content folder; none where it has no folder ``programmes``.

    Raises:
        InputError: a file has errors, two facts share an id, or a file does not have its programme's name; all are named.
    """
    folder = root / FOLDER
    problems: list[Problem] = []
    facts = _facts(folder, problems)
    programmes: dict[str, Programme] = {}
    paths: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        shown = f"{FOLDER}/{path.name}"
        programme = None if path.name == FACTS else _read(path, Programme, shown, problems)
        if programme is None:
            continue
        if programme.id != path.stem:
            cause = msg("The file {file} holds the programme {word}.", file=path.name, word=programme.id)
            remedy = msg("Name the file like the programme.")
            problems.append(Problem("file-name", Place(file=shown, path="id"), cause, remedy))
        programmes[programme.id], paths[programme.id] = programme, shown
    cases: dict[str, tuple[Case, ...]] = {}
    for path in sorted((folder / "cases").glob("*.yaml")):
        file = _read(path, CaseFile, f"{FOLDER}/cases/{path.name}", problems)
        if file is not None:
            cases[path.stem] = file.cases
    if problems:
        raise InputError(problems)
    return ProgrammeFolder(facts, programmes, cases, paths)


def _read(path: Path, kind: type[T], shown: str, problems: list[Problem]) -> T | None:
    try:
        return read_as(path, kind, shown)
    except InputError as error:
        problems.extend(error.problems)
        return None


def _facts(folder: Path, problems: list[Problem]) -> dict[str, Fact]:
    shown = f"{FOLDER}/{FACTS}"
    file = _read(folder / FACTS, FactFile, shown, problems) if (folder / FACTS).exists() else None
    facts: dict[str, Fact] = {}
    for fact in () if file is None else file.facts:
        if fact.id in facts:
            problems.append(_twice(fact.id))
        facts[fact.id] = fact
    return facts


def _twice(word: str) -> Problem:
    cause = msg("{word} stands {count} times.", word=word, count=2)
    return Problem(
        "stands-twice", Place(file=f"{FOLDER}/{FACTS}", path=word), cause, msg("Give each its own name.")
    )
