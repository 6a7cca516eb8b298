"""``capillary score``: one line a sheet, streamed, or nothing at all where an answer cannot be used."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import Progress, language_option, whole_file
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.cli.common import Session
    from capillary.fleet.score import ScoredBatch
    from capillary.fleet.write import LevelCounts


@click.command(name="score")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES…")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write .jsonl, .csv or .parquet there."
)
@click.option(
    "--standard", help="The standard of CSV and Parquet tables, where their columns do not tell it."
)
@click.option(
    "--by", help="Count levels by these columns, for example region,sector, and print a table instead."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (the sheets always come as JSON lines).")
@language_option
def command(  # noqa: PLR0917 - click gives all of them by name
    session: Session,
    files: Sequence[Path],
    out: Path | None,
    standard: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Score answer sheets from JSON, JSON Lines, forms, CSV and Parquet; an unknown answer gives an interval."""
    from capillary.fleet.write import writer_for

    if out is not None and by is not None:
        raise click.UsageError(session.say("--by prints a table; it does not go with --out."))
    problems: list[Problem] = []
    scored = _scored(session, files, standard, problems)
    if by is not None:
        names = [name.strip() for name in by.split(",") if name.strip()]
        counts = _counts_of_codes(session, files, standard, names) or _counts(scored, names, problems)
        click.echo(
            counts.as_json() if as_json else counts.as_table(session.say("level"), session.say("sheets"))
        )
    elif out is None:
        with tempfile.TemporaryDirectory() as folder:
            lines = Path(folder, "scores.jsonl")
            _write(scored, lines, problems)
            with lines.open("rb") as stream:
                shutil.copyfileobj(stream, sys.stdout.buffer)
            sys.stdout.flush()
    else:
        writer_for(out)
        _spare_inputs(files, out)
        with whole_file(out) as temporary:
            count = _write(scored, temporary, problems)
        click.echo(session.say("Scored {count} sheets into {path}.", count=count, path=out), err=True)


def _spare_inputs(files: Sequence[Path], out: Path) -> None:
    """Refuse to write the scores over the answers.

    Raises:
        InputError: the output is one of the inputs.
    """
    if out.exists() and any(path.exists() and path.samefile(out) for path in files):
        cause = msg("The scores would take the place of the answers.")
        remedy = msg("Name another file with --out.")
        raise InputError([Problem("out-is-input", Place(file=out.name), cause, remedy)])


def _scored(
    session: Session, files: Sequence[Path], standard: str | None, problems: list[Problem]
) -> Iterator[ScoredBatch]:
    from capillary.cli.read import read_batches
    from capillary.fleet.score import score_batch

    progress = Progress(session)
    count = 0
    for batch in read_batches(session, files, standard, problems):
        yield score_batch(batch)
        count += len(batch)
        progress.at(msg("{count} sheets scored …", count=count))
    progress.done()


def _write(scored: Iterator[ScoredBatch], path: Path, problems: list[Problem]) -> int:
    """Write everything, or raise what is wrong after everything has been read.

    Raises:
        InputError: some answers cannot be used.
    """
    from capillary.fleet.write import writer_for

    count = 0
    with writer_for(path)(path) as writer:
        for batch in scored:
            count += len(batch.answered)
            if problems:
                continue
            try:
                writer.add(batch)
            except InputError as error:
                problems.extend(error.problems)
    _refuse(problems, count)
    return count


def _refuse(problems: list[Problem], count: int) -> None:
    """Raise what is wrong, or that there was nothing to score.

    Raises:
        InputError: there are problems, or no sheets.
    """
    if not count and not problems:
        cause = msg("The files hold no answer sheet.")
        problems.append(Problem("no-sheets", Place(), cause, msg("Write one sheet a line or a row.")))
    if problems:
        raise InputError(problems)


def _counts(scored: Iterator[ScoredBatch], names: Sequence[str], problems: list[Problem]) -> LevelCounts:
    from capillary.fleet.write import LevelCounts

    counts = LevelCounts(names)
    count = 0
    for batch in scored:
        count += len(batch.answered)
        counts.add(batch)
    problems.extend(counts.unknown() if count else ())
    _refuse(problems, count)
    return counts


def _counts_of_codes(
    session: Session, files: Sequence[Path], standard: str | None, names: Sequence[str]
) -> LevelCounts | None:
    """Return the counts the fast way, which one Parquet file of complete codes allows; None for anything else."""
    if len(files) != 1 or files[0].suffix.lower() != ".parquet" or not files[0].is_file():
        return None
    try:
        from polars.exceptions import PolarsError
    except ImportError:  # it comes with the extra `fleet`
        return None
    from capillary.fleet.parquet import level_table
    from capillary.fleet.write import LevelCounts
    from capillary.scoring.program import compile_standard
    from capillary.sheets.wide import standard_of

    try:
        found = session.find(standard_of(files[0], session.find, session.names(), standard))
        table = level_table(files[0], compile_standard(found), names)
    except (InputError, ValueError, PolarsError):
        # What the fast way refuses, from unknown answers to a missing column, the general way reads or explains.
        return None
    counts = LevelCounts(names)
    counts.take(table, found.id)
    return counts
