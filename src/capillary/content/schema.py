"""The JSON Schemas of the content files, and errors that explain where a file departs from them."""

from __future__ import annotations

import re
import threading
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from capillary.content.yaml12 import check_typed, line_of, lines_of, read_text, read_yaml
from capillary.model.benchmark import BenchmarkFile
from capillary.model.capability import CapabilityFile
from capillary.model.course import CompetenceFile, CourseFile, SkillsFile, TrainingNeeds
from capillary.model.exact import to_fraction
from capillary.model.industry import CrosswalkFile, IndustryFile
from capillary.model.market import MarketFile
from capillary.model.measure import MeasureFile
from capillary.model.money import AssumptionFile, CurrencyFile
from capillary.model.place import RegionFile, SectorFile
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.programme import CaseFile, FactFile, Programme
from capillary.model.scenario import ScenarioFile
from capillary.model.standard import QuestionsFile, StandardFile
from capillary.model.synonym import SynonymFile
from capillary.model.text import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema.exceptions import ValidationError

    from capillary.content.yaml12 import Lines

T = TypeVar("T")
_ONE_AT_A_TIME = threading.Lock()
SCHEMAS: Mapping[str, type] = {
    "capabilities": CapabilityFile,
    "standard": StandardFile,
    "questions": QuestionsFile,
    "benchmark": BenchmarkFile,
    "sectors": SectorFile,
    "regions": RegionFile,
    "industries": IndustryFile,
    "industry-crosswalk": CrosswalkFile,
    "measures": MeasureFile,
    "scenarios": ScenarioFile,
    "competences": CompetenceFile,
    "courses": CourseFile,
    "skills": SkillsFile,
    "training-needs": TrainingNeeds,
    "currencies": CurrencyFile,
    "plan-assumptions": AssumptionFile,
    "programme": Programme,
    "programme-facts": FactFile,
    "programme-cases": CaseFile,
    "market": MarketFile,
    "synonyms": SynonymFile,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?(/[1-9]\d*)?$"}]}


@cache
def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of content file.

    Args:
        kind: a key of `SCHEMAS`.

    Raises:
        KeyError: there is no such kind of file.
    """
    schema = msgspec.json.schema(SCHEMAS[kind], schema_hook=_schema_of)
    return {"$schema": _DIALECT, "title": f"Capillary content: {kind}", **schema}


def read_as(path: Path, kind: type[T], shown: str) -> T:
    """Return the content of a YAML file as ``kind``.

    Args:
        path: the file.
        kind: one of the types of `SCHEMAS`.
        shown: how the file is named in errors.

    Raises:
        InputError: the file is missing, is not YAML, or departs from the schema; every departure is named.
    """
    return _read_as(read_yaml(path, shown), kind, shown, lambda steps: line_of(path, steps))


def read_text_as(text: str, kind: type[T], shown: str) -> T:
    """Return a text of YAML that somebody typed as ``kind``.

    Args:
        text: the text.
        kind: one of the types of `SCHEMAS`.
        shown: how it is named in errors.

    Raises:
        InputError: it is not YAML, has aliases or is nested too deep, or departs from the schema; every departure is named.
    """
    check_typed(text, shown)
    return _read_as(read_text(text, shown), kind, shown, lines_of(text))


def _read_as(data: object, kind: type[T], shown: str, line: Lines) -> T:
    try:
        # msgspec works out what it knows of a type at its first use, and two threads at once crash it there
        with _ONE_AT_A_TIME:
            return msgspec.convert(data, kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        name = next(name for name, known in SCHEMAS.items() if known is kind)
        problems = [_problem(line, shown, found) for found in _departures(data, name)]
        raise InputError(problems or [_plain(line, shown, str(error))]) from error


def _decode(kind: type, value: object) -> object:
    if kind is Fraction:
        return to_fraction(value)
    raise NotImplementedError(kind)


def _schema_of(kind: type) -> dict[str, Any]:
    if kind is Fraction:
        return _NUMBER
    raise NotImplementedError(kind)


def _departures(data: object, kind: str) -> Iterator[ValidationError]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(json_schema(kind)).iter_errors(data):
        yield from _relevant(error)


def _relevant(error: ValidationError) -> Iterator[ValidationError]:
    """Descend into the one alternative that the author meant: the one whose ``kind`` fits."""
    if error.validator not in {"anyOf", "oneOf"} or error.validator_value == _NUMBER["anyOf"]:
        yield error
        return
    branches: dict[int, list[ValidationError]] = {}
    for part in error.context or ():
        branches.setdefault(int(part.schema_path[0]), []).append(part)
    meant = [found for found in branches.values() if not any(_about_kind(part) for part in found)]
    if not meant:
        about_kind = [part for found in branches.values() for part in found if _about_kind(part)]
        yield _any_kind(about_kind) if about_kind else error
        return
    for part in min(meant, key=len):
        yield from _relevant(part)


def _any_kind(errors: Sequence[ValidationError]) -> ValidationError:
    """Return one error for a ``kind`` that fits no alternative, with the kinds of all of them as what is allowed."""
    first = errors[0]
    allowed: list[Any] = []
    for error in errors:
        words: Any = error.validator_value
        allowed.extend(words if error.validator == "enum" else [words])
    first.validator, first.validator_value = "enum", allowed
    return first


def _about_kind(error: ValidationError) -> bool:
    return (
        bool(error.relative_path)
        and error.relative_path[-1] == "kind"
        and error.validator in {"enum", "const"}
    )


def _problem(line: Lines, shown: str, error: ValidationError) -> Problem:
    steps = tuple(error.absolute_path)
    place = Place(file=shown, row=line(steps), path=_path(steps))
    cause, remedy = _explain(error)
    return Problem(f"schema-{error.validator}", place, cause, remedy)


def _explain(error: ValidationError) -> tuple[Message, Message]:  # noqa: PLR0911 - one branch a kind of error
    demanded: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
            word = next(key for key in given if key not in known)
            return msg("The entry {word} is not known here.", word=word), did_you_mean(str(word), known)
        case "required":
            missing = next(key for key in demanded if key not in given)
            return msg("The entry {word} is missing.", word=missing), msg("Add it.")
        case "enum" | "const":
            allowed = demanded if error.validator == "enum" else [demanded]
            word = str(given)
            return msg("{word} is not one of the allowed words.", word=word), did_you_mean(
                word, [str(item) for item in allowed]
            )
        case "type":
            return (
                msg("{value} is not of the expected kind.", value=repr(given)),
                msg("Expected here: {kind}.", kind=str(demanded)),
            )
        case "minItems":
            return msg("The list is empty."), msg("Give it at least one entry.")
        case "pattern" | "anyOf":
            return (
                msg("{value} does not have the expected form.", value=repr(given)),
                msg(
                    'Identifiers are letters, digits, dots and hyphens; dates YYYY-MM-DD; fractions "10/3"; '
                    "regions CN or CN-JS; classes of business C or C13."
                ),
            )
        case _:
            return msg("{cause}.", cause=error.message), msg("Compare with docs/authors/content-format.md.")


def _path(steps: tuple[str | int, ...]) -> str:
    """Return a path in the file as ``questions[3].options[1].points``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".") or "$"


def _plain(line: Lines, shown: str, error: str) -> Problem:
    found = re.search(r"at `\$(.*)`", error)
    steps = tuple(
        int(step) if step.isdigit() else step
        for step in re.findall(r"[\w-]+", found.group(1) if found else "")
    )
    return Problem(
        "schema",
        Place(file=shown, row=line(steps), path=_path(steps)),
        msg("{cause}.", cause=error),
        msg("Compare with docs/authors/content-format.md."),
    )
