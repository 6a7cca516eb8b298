"""``capillary offers``: checks files of offers and providers, and makes empty ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from capillary.cli.common import Session
    from capillary.matching.preview import Preview
    from capillary.model.text import Message

MOST_LINES = 50


@click.group(name="offers")
@language_option
def command(session: Session) -> None:
    """Check a file of offers and providers, or make an empty one to fill in."""


@command.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with what stands already: say what FILE would add and change. Offers may name its providers.",
)
@language_option
def check(session: Session, file: Path, against: Path | None) -> None:
    """Check offers and providers (.yaml, .xlsx or .csv); every error is named with its sheet, row and column."""
    from capillary.content.market import vocabulary_of
    from capillary.matching.preview import preview
    from capillary.model.market import Market
    from capillary.sheets.market import read_market

    vocabulary = vocabulary_of(session.library)
    before = Market() if against is None else read_market(against, vocabulary).market
    found = read_market(file, vocabulary, before.providers or None)
    click.echo(
        session.say(
            "{file}: {offers} offers, {providers} providers, no errors.",
            file=file.name,
            offers=len(found.market.offers),
            providers=len(found.market.providers),
        )
    )
    if not found.providers_known:
        click.echo(
            session.say(
                "The file holds no providers, so those that its offers name were not looked for; give them with --against."
            )
        )
    if against is not None:
        _say(session, preview(before, found.market))


def _say(session: Session, found: Preview) -> None:
    click.echo(
        session.say(
            "New: {new}. Changed: {changed}. Unchanged: {same}. Not in the file and left as they are: {untouched}.",
            new=found.count("new"),
            changed=found.count("changed"),
            same=found.count("unchanged"),
            untouched=len(found.untouched),
        )
    )
    lines = [line for line in found.lines if line.what != "unchanged"]
    for line in lines[:MOST_LINES]:
        if line.what == "new":
            click.echo(f"  + {line.id}")
        for change in line.changes:
            click.echo(f"  ~ {line.id}  {change.entry}: {change.before} → {change.after}")
    if len(lines) > MOST_LINES:
        click.echo(session.say("… and {count} more.", count=len(lines) - MOST_LINES))


@command.command(name="form")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of offers and providers to write into it.",
)
@language_option
def form(session: Session, file: Path, source: Path | None) -> None:
    """Write a workbook (.xlsx) for offers and providers, empty or with those of another file."""
    from capillary.content.market import vocabulary_of
    from capillary.model.market import Market
    from capillary.sheets.market import read_market, write_market_xlsx

    if file.suffix.lower() != ".xlsx":
        raise InputError(
            [Problem("file-kind", Place(file=file.name), _no_form(), msg("Name it like: offers.xlsx"))]
        )
    market = Market()
    if source is not None:
        market = read_market(source, vocabulary_of(session.library)).market
    with whole_file(file) as path:
        write_market_xlsx(path, market, session.language)
    click.echo(session.say("Wrote {path}.", path=file), err=True)


def _no_form() -> Message:
    return msg("The form of offers is a workbook.")
