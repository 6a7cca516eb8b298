"""Other forms of a programme that somebody tries out: read from a text, checked, changed figure by figure, compared.

A draft judges nobody. It becomes a rule by being put among the content, where all of this is checked once more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from capillary.content.schema import read_text_as
from capillary.content.yaml12 import lines_of, replaced
from capillary.incentives.check import rule_problems
from capillary.model.problems import InputError, Place, Problem
from capillary.model.programme import Programme
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.content.yaml12 import Lines
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Band, Parameter, Version

    Path = tuple[str | int, ...]

STAY = ("kind", "currency", "gives", "under")  # what makes two forms comparable
LONGEST = 60_000  # characters; the longest programme that ships has some ten thousand
_FIGURE = re.compile(r"-?\d{1,15}(?:\.\d{1,12})?(?:/[1-9]\d{0,11})?", re.ASCII)
_DAY_LIKE = re.compile(r"[\d-]{1,12}", re.ASCII)
_TEXT_OF = {"conditions": "if", "classes": "if", "phases": "is"}  # where an entry's expression stands
_NAMED_BY = ("id", "key")  # what an entry of a list is told from the others by


@dataclass(frozen=True)
class Slot:
    """One figure of a programme.

    Attributes:
        path: where it stands in the programme's file.
        name: of its parameter.
        key: of a table by keys, whose figure it is; None where there is one figure, a band, or all the rest.
        band: of a table by bands.
        is_rest: whether it is for every key that has no figure of its own.
        value: as it is written.
    """

    path: Path
    version: Version
    name: str
    parameter: Parameter
    value: str
    key: str | None = None
    band: Band | None = None
    is_rest: bool = False

    @property
    def id(self) -> str:
        """A name for forms that no other figure of the programme has."""
        return "-".join(str(step) for step in self.path[1:] if step not in {"parameters", "values", "value"})


def slots_of(programme: Programme) -> list[Slot]:
    """Return every figure of a programme, version by version, in the order of its file."""
    return [
        slot
        for place, version in enumerate(programme.versions)
        for name, parameter in version.parameters.items()
        for slot in _slots(("versions", place, "parameters", name), version, name, parameter)
    ]


def _slots(path: Path, version: Version, name: str, parameter: Parameter) -> Iterator[Slot]:
    if parameter.value is not None:
        yield Slot((*path, "value"), version, name, parameter, str(parameter.value))
    for key, value in parameter.values.items():
        yield Slot((*path, "values", key), version, name, parameter, str(value), key=key)
    for place, band in enumerate(parameter.bands):
        yield Slot((*path, "bands", place, "value"), version, name, parameter, str(band.value), band=band)
    if parameter.otherwise is not None:
        yield Slot((*path, "otherwise"), version, name, parameter, str(parameter.otherwise), is_rest=True)


def with_figures(text: str, values: Mapping[Path, str]) -> str:
    """Return a programme's text with other figures, each by the path of its `Slot`; all else stays as it is written.

    Raises:
        KeyError: the text has no such figure.
    """
    return replaced(text, values)


def read_draft(rules: Rules, text: str, name: str) -> Programme:
    """Return the programme that a text writes, checked together with all others as content is.

    Args:
        rules: all programmes as they are.
        text: another form of one of them.
        name: the id of that one.

    Raises:
        InputError: everything that is wrong with it, each with its line.
    """
    shown = f"{name}.yaml"
    if len(text) > LONGEST:
        cause = msg("The text has {count} characters.", count=len(text))
        remedy = msg("At most {count} are read here.", count=LONGEST)
        raise InputError([Problem("too-long", Place(file=shown), cause, remedy)])
    programme = read_text_as(text, Programme, shown)
    lines = lines_of(text)
    problems = list(_of_this_one(rules, programme, name, lines))
    if not problems:
        other = replace(rules, programmes={**rules.programmes, name: programme}, _read={})
        problems = rule_problems(other, {name: shown})
    if problems:
        raise InputError([_placed(problem, programme, lines, shown) for problem in problems])
    return programme


def _of_this_one(rules: Rules, programme: Programme, name: str, lines: Lines) -> Iterator[Problem]:
    """Yield what is refused before anything is worked out with it: another programme, and figures of endless length."""
    if programme.id != name:
        cause = msg("This is the programme {word}, not {other}.", word=programme.id, other=name)
        yield Problem("other-programme", Place(path="id"), cause, msg("Keep the id."))
    known = rules.programmes.get(name)
    for field in STAY if known is not None else ():
        before, after = getattr(known, field), getattr(programme, field)
        if before != after:
            cause = msg(
                "“{field}” is {after} here, and {before} in the programme.",
                field=field,
                after=after,
                before=before,
            )
            yield Problem(
                "other-programme", Place(path=field), cause, msg("Keep it: both forms are compared.")
            )
    for path, figure in [*((slot.path, slot.value) for slot in slots_of(programme)), *_ends(programme)]:
        if not _FIGURE.fullmatch(figure) and not _DAY_LIKE.fullmatch(figure):
            yield Problem(
                "bad-figure",
                Place(row=lines(path), path=".".join(str(step) for step in path[2:])),
                msg("“{given}” cannot be read as a figure.", given=figure[:40]),
                msg("Write at most 15 digits before the point and 12 after it, or a day as 2026-12-31."),
            )


def _ends(programme: Programme) -> Iterator[tuple[Path, str]]:
    """Yield where the bands of a programme's tables end."""
    for place, version in enumerate(programme.versions):
        for name, parameter in version.parameters.items():
            for number, band in enumerate(parameter.bands):
                for side in ("below", "up_to"):
                    if getattr(band, side) is not None:
                        path = ("versions", place, "parameters", name, "bands", number, side)
                        yield path, str(getattr(band, side))


def _placed(problem: Problem, programme: Programme, lines: Lines, shown: str) -> Problem:
    """Return a problem with its file and line."""
    if problem.place.file not in {None, shown}:
        return problem
    if problem.place.row is not None:
        return problem.at(file=shown)
    return problem.at(file=shown, row=lines(_steps(programme, problem.place.path or "")))


def _steps(programme: Programme, path: str) -> Path:
    """Return where in a file something stands that checks name by version, part and name.

    >>> _steps(msgspec.convert(_EXAMPLE, Programme), "2024.parameters.cap.bands.2")
    ('versions', 0, 'parameters', 'cap', 'bands', 1)
    """
    versions = sorted(enumerate(programme.versions), key=lambda item: -len(item[1].id))
    for place, version in versions:
        if path == version.id or path.startswith(f"{version.id}."):
            rest = path[len(version.id) + 1 :].split(".")
            return ("versions", place, *_within(version, [word for word in rest if word]))
    return tuple(path.split("."))


def _within(version: Version, words: Sequence[str]) -> Path:
    part, rest = (words[0], list(words[1:])) if words else ("", [])
    if part in {"conditions", "classes", "phases"} and rest:
        items: Sequence[Any] = getattr(version, part)
        names = [getattr(item, "key", None) or getattr(item, "id", None) for item in items]
        return (part, names.index(rest[0]), _TEXT_OF[part]) if rest[0] in names else (part,)
    if "bands" in rest:
        at = rest.index("bands") + 1
        return (part, *rest[:at], *(int(word) - 1 for word in rest[at : at + 1] if word.isdigit()))
    return (part, *rest) if part else ()


@dataclass(frozen=True)
class Difference:
    """One thing that two forms of a programme say differently.

    Attributes:
        path: what it is, from the programme down; entries of lists are named by their id.
        before, after: None where the one says nothing.
        parameter: whose figure it is, where it is one.
    """

    path: tuple[str, ...]
    before: str | None
    after: str | None
    parameter: Parameter | None = None


def differences(before: Programme, after: Programme) -> list[Difference]:
    """Return everything that two forms of a programme say differently, in the order of their files."""
    one, other = dict(_leaves(msgspec.to_builtins(before))), dict(_leaves(msgspec.to_builtins(after)))
    known = {
        (version.id, name): parameter
        for programme in (before, after)
        for version in programme.versions
        for name, parameter in version.parameters.items()
    }
    return [
        Difference(
            path, one.get(path), other.get(path), known.get((path[1], path[3])) if _is_figure(path) else None
        )
        for path in dict.fromkeys([*one, *other])
        if one.get(path) != other.get(path)
    ]


def _is_figure(path: tuple[str, ...]) -> bool:
    """Whether a path leads into ``versions``, a version, ``parameters``, a name."""
    return len(path) > 4 and path[0] == "versions" and path[2] == "parameters"


def _leaves(data: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, str(key)))
    elif isinstance(data, list | tuple):
        for place, value in enumerate(data, 1):
            yield from _leaves(value, (*path, _name_of(value) or str(place)))
    elif data is not None:
        yield path, str(data)


def _name_of(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((str(value[name]) for name in _NAMED_BY if value.get(name)), None)


_EXAMPLE = {
    "id": "example",
    "title": {"zh": "例", "en": "Example"},
    "summary": {"zh": "例", "en": "Example"},
    "kind": "subsidy",
    "country": "CN",
    "authority": {"zh": "例", "en": "Example"},
    "source": "s",
    "certainty": "unverified",
    "sources": [{"id": "s", "title": {"zh": "例", "en": "Example"}}],
    "versions": [{"id": "2024", "effective_from": "2024-01-01"}],
}
