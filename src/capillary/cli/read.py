"""Reads answer sheets whatever carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg
from capillary.sheets.files import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from capillary.cli.common import Session
    from capillary.model.sheet import AnswerSheet
    from capillary.sheets.wide import WideBatch

ONE = (".json", ".xlsx")
MANY = (".jsonl", ".ndjson", ".csv", ".parquet")


def read_one(session: Session, path: Path) -> AnswerSheet:
    """Return the sheet of a file that holds one.

    Raises:
        InputError: the file cannot be used, or holds many sheets.
    """
    kind = path.suffix.lower()
    if kind == ".json":
        from capillary.sheets.jsonfiles import read_json

        return read_json(path, session.find)
    if kind == ".xlsx":
        from capillary.sheets.workbook import read_workbook

        return read_workbook(path, session.find)
    cause = msg("{name} does not end in one of: {words}.", name=path.name, words=", ".join(ONE))
    remedy = msg("One sheet comes as .json or .xlsx; many are scored with: capillary score FILE")
    raise InputError([Problem("file-kind", Place(file=path.name), cause, remedy)])


def read_batches(
    session: Session, paths: Sequence[Path], standard: str | None, problems: list[Problem]
) -> Iterator[WideBatch]:
    """Yield the sheets of files of any kind in batches, in their order.

    Args:
        session: language and content.
        paths: the files.
        standard: the standard of wide tables, or None to tell it from their columns.
        problems: gets what is wrong; what can be read is yielded all the same.
    """
    for path in paths:
        begin = len(problems)
        try:
            yield from _batches(session, path, standard, problems)
        except InputError as error:
            note(problems, error.problems)
        if sum(path.name == other.name for other in paths) > 1:
            # the name alone does not tell which file is meant
            problems[begin:] = [problem.at(file=str(path)) for problem in problems[begin:]]


def _batches(
    session: Session, path: Path, standard: str | None, problems: list[Problem]
) -> Iterator[WideBatch]:
    """Yield the sheets of one file in batches.

    Raises:
        InputError: the file as a whole cannot be read.
    """
    from capillary.fleet.score import batches_of

    kind = path.suffix.lower()
    if kind in {".csv", ".parquet"}:
        from capillary.sheets.wide import read_wide

        yield from read_wide(path, session.find, session.names(), standard, problems)
    elif kind in {".jsonl", ".ndjson"}:
        from capillary.sheets.jsonfiles import read_json_lines

        yield from batches_of(read_json_lines(path, session.find, problems), session.find)
    elif kind in ONE:
        yield from batches_of([read_one(session, path)], session.find)
    else:
        words = ", ".join((*ONE, *MANY))
        cause = msg("{name} does not end in one of: {words}.", name=path.name, words=words)
        remedy = msg("Save the answers in one of these kinds.")
        raise InputError([Problem("file-kind", Place(file=path.name), cause, remedy)])
