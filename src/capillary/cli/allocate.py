"""``capillary allocate``: who gets which place where more is wanted than there is, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.cli.common import Session
    from capillary.matching.allocation import Market
    from capillary.matching.allocation_lines import Lines
    from capillary.matching.allocation_write import Move

MOST_DIGITS = 18
_FILE = click.Path(path_type=Path)


@click.command(name="allocate")
@click.argument("firms", type=_FILE, metavar="FIRMS")
@click.argument("providers", type=_FILE, metavar="PROVIDERS")
@click.option(
    "--priority",
    "texts",
    multiple=True,
    metavar="COLUMN=ORDER",
    help="Who comes first: size=micro,small,* or level=lowest, highest, earliest, latest or same; "
    "may be given several times, the weightiest first.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 10**MOST_DIGITS),
    default=0,
    show_default=True,
    help="Seed of the lottery between equals.",
)
@click.option(
    "--declined",
    multiple=True,
    metavar="FIRM",
    help="An enterprise that has declined its place; the next in line move up. May be given several times.",
)
@click.option(
    "--firm",
    "wanted",
    multiple=True,
    metavar="FIRM",
    help="Tell only of this enterprise; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write .csv (enterprises) or .xlsx (enterprises, offers, waiting lists) there.",
)
@language_option
def command(  # noqa: PLR0917 - click passes every option
    session: Session,
    firms: Path,
    providers: Path,
    texts: tuple[str, ...],
    seed: int,
    declined: tuple[str, ...],
    wanted: tuple[str, ...],
    as_json: bool,
    out: Path | None,
) -> None:
    """Allocate places fairly where more is wanted than there is: stable, explained, the same for everybody who repeats it.

    FIRMS and PROVIDERS are CSV files or workbooks; their columns stand in docs/reference/allocation.md.
    """
    from capillary.matching.allocation import allocate, decline
    from capillary.matching.allocation_files import read_market
    from capillary.matching.allocation_lines import Lines
    from capillary.matching.allocation_rules import read_rules
    from capillary.matching.allocation_write import as_json as json_of
    from capillary.matching.allocation_write import moves

    _check_out(out, (firms, providers))
    given = read_market(firms, providers, read_rules(texts), seed)
    _check_names(given, "--declined", declined)
    _check_names(given, "--firm", wanted)
    before = allocate(given)
    after = decline(before, declined) if declined else before
    lines, moved = Lines(after), moves(before, after)
    shown = wanted or tuple(firm.id for firm in given.firms)
    if out is not None:
        _write(session, lines, out)
    if as_json:
        for line in json_of(lines, session.language, shown, moved):
            click.echo(line)
        return
    for line in _summary(session, lines, moved):
        click.echo(line)
    if out is None or wanted:
        for firm in shown:
            for line in _firm(session, lines, firm):
                click.echo(line)


def _check_out(out: Path | None, inputs: Sequence[Path]) -> None:
    """Refuse a file that nothing writes, and one that would take the place of what is read.

    Raises:
        InputError: it is one of these.
    """
    from capillary.matching.allocation_write import writer_for

    if out is None:
        return
    place = Place(file=out.name)
    if writer_for(out.suffix) is None:
        cause = msg("{name} does not end in one of: {words}.", name=out.name, words=".csv, .xlsx")
        raise InputError([Problem("file-kind", place, cause, msg("Name the output after its kind."))])
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        cause = msg("The allocation would take the place of what it is made from.")
        raise InputError([Problem("out-is-input", place, cause, msg("Name another file with --out."))])


def _check_names(given: Market, option: str, names: Sequence[str]) -> None:
    for name in names:
        if name not in given.number_of:
            cause = msg("There is no enterprise {name}.", name=name)
            remedy = did_you_mean(name, given.number_of)
            raise InputError([Problem("unknown-enterprise", Place(path=option), cause, remedy)])


def _write(session: Session, lines: Lines, out: Path) -> None:
    from capillary.matching.allocation_write import writer_for

    write = writer_for(out.suffix)
    if write is not None:
        with whole_file(out) as path:
            write(path, lines, session.language)
        click.echo(session.say("Wrote {path}.", path=out), err=True)


def _summary(session: Session, lines: Lines, moved: Sequence[Move]) -> Iterator[str]:
    given, allocation = lines.market, lines.allocation
    first = sum(
        offer in firm.choices[:1]
        for offer, firm in ((allocation.offer_of(firm.id), firm) for firm in given.firms)
    )
    yield session.say(
        "{placed} of {count} enterprises have a place; {first} at their first choice. Seed of the lottery: {seed}.",
        placed=f"{sum(offer >= 0 for offer in allocation.got):,}",
        count=f"{len(given.firms) - len(allocation.gone):,}",
        first=f"{first:,}",
        seed=given.seed,
    )
    for number, offer in enumerate(given.offers):
        yield session.say(
            "  {offer}: {taken} of {places} places taken, {waiting} in line",
            offer=offer,
            taken=f"{len(allocation.held[number]):,}",
            places=f"{given.places[number]:,}",
            waiting=f"{len(lines.waiting(number)):,}",
        )
    for move in moved:
        if move.before is None:
            yield session.say("{firm} moves up to {after}.", firm=move.firm, after=move.after)
        else:
            yield session.say(
                "{firm} moves up from {before} to {after}.",
                firm=move.firm,
                before=move.before,
                after=move.after,
            )


def _firm(session: Session, lines: Lines, firm: str) -> Iterator[str]:
    from capillary.matching.allocation_words import explanation

    yield ""
    yield firm
    for words in explanation(lines, firm, lines.standings(firm)):
        yield f"  {words.in_(session.language)}"
