"""Answer sheets as JSON (one) and JSON Lines (many)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.sheets.answers import read_sheet
from capillary.sheets.files import MEBIBYTE, MOST_PROBLEMS, check_encoding, check_size, note, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard

LARGEST_JSON = 20 * MEBIBYTE
LONGEST_LINE = 4 * MEBIBYTE
# A sheet nests four deep; what goes beyond this would come apart wherever it is written out again.
DEEPEST = 32


def read_json(path: Path, find: Callable[[str], Standard]) -> AnswerSheet:
    """Return the one sheet of a JSON file.

    Raises:
        InputError: the file or its answers cannot be used; every problem is named.
    """
    check_size(path, LARGEST_JSON)
    check_encoding(path)
    return _sheet(path.read_bytes(), Place(file=path.name), find)


def read_object(path: Path) -> dict[str, Any]:
    """Return the one object of a JSON file, whatever it is about.

    Raises:
        InputError: the file cannot be used, or does not hold one object.
    """
    check_size(path, LARGEST_JSON)
    check_encoding(path)
    place = Place(file=path.name)
    raw, problems = _parse(path.read_bytes(), place)
    found: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if not isinstance(raw, dict):
        cause = msg("The file does not hold an object.")
        problems = [
            *problems,
            Problem("not-an-object", place, cause, msg("Write {braces} around it.", braces="{ }")),
        ]
    if problems:
        raise InputError(problems)
    return found


def read_json_lines(
    path: Path, find: Callable[[str], Standard], problems: list[Problem]
) -> Iterator[AnswerSheet]:
    """Yield the sheets of a JSON Lines file, one a line, in constant memory.

    Args:
        path: the file; empty lines are passed over.
        find: returns the standard of an id.
        problems: gets what is wrong; a line with problems yields nothing. Reading ends when it holds `MOST_PROBLEMS`.

    Raises:
        InputError: the file as a whole cannot be read.
    """
    check_size(path, None)
    check_encoding(path)
    with path.open("rb") as stream:
        for row, line in enumerate(_lines(stream), start=1):
            if len(problems) >= MOST_PROBLEMS:
                return
            if not line.strip():
                continue
            place = Place(file=path.name, row=row)
            try:
                sheet = _sheet(line, place, find)
            except InputError as error:
                note(problems, error.problems)
            else:
                yield sheet


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a stream; of one that is too long, its beginning, one byte longer than allowed."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield line


def _sheet(text: bytes, place: Place, find: Callable[[str], Standard]) -> AnswerSheet:
    """Return the checked sheet of a JSON text.

    Args:
        text: UTF-8, with or without a byte order mark.
        place: the file, and the row where it holds many sheets.
        find: returns the standard of an id.

    Raises:
        InputError: the text is not JSON or its answers cannot be used; every problem is named.
    """
    if place.row is not None and len(text) > LONGEST_LINE:
        raise refuse(
            "line-too-long",
            place,
            msg("The line is longer than {most} MiB.", most=LONGEST_LINE // MEBIBYTE),
            msg("Write one sheet a line."),
        )
    raw, problems = _parse(text, place)
    try:
        sheet = read_sheet(raw, find)
    except InputError as error:
        found = [problem.at(file=place.file, row=place.row) for problem in error.problems]
        raise InputError([*problems, *found]) from error
    if problems:
        raise InputError(problems)
    return sheet


def _parse(text: bytes, place: Place) -> tuple[Any, list[Problem]]:
    """Return what a JSON text says, and what it may not say; JSON that names a key twice keeps the last.

    Raises:
        InputError: it is not JSON, or nested far too deeply.
    """
    repeated: list[str] = []
    constants: list[str] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            repeated.extend(key for key in found if sum(key == other for other, _ in pairs) > 1)
        return found

    def constant(word: str) -> float:
        constants.append(word)
        return math.nan

    try:
        raw = json.loads(text.decode("utf-8-sig"), object_pairs_hook=build, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = Place(file=place.file, row=place.row or error.lineno, column=str(error.colno))
        cause = msg("This is not JSON: {cause}.", cause=error.msg)
        raise refuse("not-json", where, cause, msg("Mend the text here.")) from error
    except RecursionError as error:
        raise _too_deep(place) from error
    except ValueError as error:
        # Python does not read whole numbers of thousands of digits
        cause = msg("This is not JSON: {cause}.", cause=str(error))
        raise refuse("not-json", place, cause, msg("Mend the text here.")) from error
    if text.count(b"[") + text.count(b"{") > DEEPEST and _depth(raw) > DEEPEST:
        raise _too_deep(place)
    problems = [_repeated(place, key) for key in dict.fromkeys(repeated)]
    if constants or b"\\u" in text:
        problems.extend(problem.at(file=place.file, row=place.row) for problem in _unusable(raw))
    return raw, problems


def _too_deep(place: Place) -> InputError:
    cause = msg("The JSON is nested too deeply.")
    return refuse("not-json", place, cause, msg("An answer sheet has three levels."))


def _depth(raw: object) -> int:
    """Return how deep lists and objects lie in each other, without recursion."""
    depth = 0
    level = [raw]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [part for item in level for part in (item.values() if isinstance(item, dict) else item)]
    return depth


def _repeated(place: Place, key: str) -> Problem:
    cause = msg("{word} stands {count} times.", word=key, count=2)
    return Problem("stands-twice", place, cause, msg("Keep one of them."))


def _unusable(raw: object, path: str = "") -> Iterator[Problem]:
    """Yield a problem for everything that JSON cannot hold: NaN, and halves of characters; take NaN out."""
    parts = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in list(parts):
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, float) and math.isnan(value):
            raw[key] = None  # type: ignore[index]
            cause = msg("{value} is not a number.", value="NaN")
            remedy = msg("Leave the answer out where it is unknown.")
            yield Problem("not-a-number", Place(path=where), cause, remedy)
        elif any(isinstance(text, str) and _is_broken(text) for text in (key, value)):
            cause = msg("The text holds half of a character.")
            yield Problem("not-text", Place(path=where), cause, msg("Write the text again."))
        yield from _unusable(value, where)


def _is_broken(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
