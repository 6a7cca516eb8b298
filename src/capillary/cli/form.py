"""``capillary form``: the form of a standard as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from capillary.cli.common import Session


@click.command(name="form")
@click.argument("identifier", metavar="ID")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.xlsx")
@click.option(
    "--from",
    "filled",
    type=click.Path(path_type=Path),
    help="An answer sheet to fill in (JSON or a filled form).",
)
@language_option
def command(session: Session, identifier: str, out: Path, filled: Path | None) -> None:
    """Write the form of a standard: drop-down lists, guidance, both languages, only answer cells unlocked."""
    from capillary.cli.read import read_one
    from capillary.sheets.form import write_form

    standard = session.find(identifier)
    if out.suffix.lower() != ".xlsx":
        cause = msg("A form is a workbook; {name} does not end in .xlsx.", name=out.name)
        raise InputError([Problem("file-kind", Place(file=out.name), cause, msg("Name it FORM.xlsx."))])
    sheet = read_one(session, filled) if filled else None
    if sheet is not None and sheet.standard != standard.id:
        cause = msg("The sheet answers {other}, not {standard}.", other=sheet.standard, standard=standard.id)
        remedy = msg("Name a sheet of the same standard.")
        raise InputError(
            [Problem("other-standard", Place(file=filled.name if filled else None), cause, remedy)]
        )
    with whole_file(out) as temporary:
        write_form(standard, temporary, session.language, sheet)
    click.echo(
        session.say("Wrote {path}. Fill in the yellow cells, then run: capillary diagnose {path}", path=out)
    )
