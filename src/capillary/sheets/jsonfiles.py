"""Answer sheets as JSON (one) and JSON Lines (many)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.sheets.answers import read_sheet
from capillary.sheets.files import MEBIBYTE, check_encoding, check_size, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard

LARGEST_JSON = 20 * MEBIBYTE
LONGEST_LINE = 4 * MEBIBYTE


def read_json(path: Path, find: Callable[[str], Standard]) -> AnswerSheet:
    """Return the one sheet of a JSON file.

    Raises:
        InputError: the file or its answers cannot be used; every problem is named.
    """
    check_size(path, LARGEST_JSON)
    check_encoding(path)
    raw = _parse(path.read_bytes(), Place(file=path.name))
    try:
        return read_sheet(raw, find)
    except InputError as error:
        raise InputError([problem.at(file=path.name) for problem in error.problems]) from error


def read_json_lines(
    path: Path, find: Callable[[str], Standard], problems: list[Problem]
) -> Iterator[AnswerSheet]:
    """Yield the sheets of a JSON Lines file, one a line, in constant memory.

    Args:
        path: the file; empty lines are passed over.
        find: returns the standard of an id.
        problems: gets what is wrong; a line with problems yields nothing.

    Raises:
        InputError: the file as a whole cannot be read.
    """
    check_size(path, None)
    check_encoding(path)
    with path.open("rb") as stream:
        row = 0
        while line := stream.readline(LONGEST_LINE + 1):
            row += 1
            place = Place(file=path.name, row=row)
            if len(line) > LONGEST_LINE:
                raise refuse(
                    "line-too-long",
                    place,
                    msg("The line is longer than {most} MiB.", most=LONGEST_LINE // MEBIBYTE),
                    msg("Write one sheet a line."),
                )
            if not line.strip():
                continue
            try:
                sheet = read_sheet(_parse(line, place), find)
            except InputError as error:
                problems.extend(problem.at(file=path.name, row=row) for problem in error.problems)
            else:
                yield sheet


def _parse(text: bytes, place: Place) -> object:
    try:
        return json.loads(text.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_not_a_number)
    except json.JSONDecodeError as error:
        where = Place(file=place.file, row=place.row or error.lineno, column=str(error.colno))
        raise refuse(
            "not-json", where, msg("This is not JSON: {cause}.", cause=error.msg), msg("Mend the text here.")
        ) from error
    except RecursionError as error:
        raise refuse(
            "not-json", place, msg("The JSON is nested too deeply."), msg("An answer sheet has three levels.")
        ) from error
    except _StandsTwiceError as error:
        raise refuse(
            "stands-twice",
            place,
            msg("{word} stands {count} times.", word=str(error), count=2),
            msg("Keep one of them."),
        ) from error
    except _NotANumberError as error:
        raise refuse(
            "not-json",
            place,
            msg("{value} is not a number.", value=str(error)),
            msg("Leave the answer out where it is unknown."),
        ) from error


class _StandsTwiceError(ValueError):
    pass


class _NotANumberError(ValueError):
    pass


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _StandsTwiceError(key)
            seen.add(key)
    return found


def _not_a_number(word: str) -> NoReturn:
    raise _NotANumberError(word)
