"""``capillary rates``: exchange rates of a day, amounts worked out, and files of rates loaded into the product."""

from __future__ import annotations

import json
import os
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.cli.serve import SETTINGS, django_problems
from capillary.cli.standards import CERTAINTY
from capillary.model.days import is_day
from capillary.model.exact import tidy
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.rates import NoRateError, rounded, series_of, shown_rate
from capillary.model.text import Text, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from capillary.cli.common import Session
    from capillary.model.rates import Exchange, RateTable
    from capillary.model.standard import Certainty


def of_a_day(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which rates are meant."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "--from-file",
            "files",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file of rates, before those of the content; may be given several times.",
        ),
        click.option("--on", "day", help="The day, as 2026-11-27; today where it is left out."),
    ):
        function = option(function)
    return function


@click.group(name="rates")
@language_option
def command(session: Session) -> None:
    """Show exchange rates, work out an amount, or load a file of rates into the product."""


@command.command(name="list")
@click.option(
    "--in", "home", default="", help="The currency in which they are told; the base of the content."
)
@of_a_day
@language_option
def list_(session: Session, *, home: str, day: str | None, files: Sequence[Path], as_json: bool) -> None:
    """List what one unit of each currency is worth on a day."""
    table = _table(session, day, files)
    home = _currency(home or table.home, table)
    found = {code: table.exchange(code, home) for code in table.currencies if code != home}
    if as_json:
        rows = [{"currency": code, "in": home, **_as_json(item)} for code, item in found.items()]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for code, item in found.items():
        click.echo(f"1 {code} = {shown_rate(item.units)} {home}  {_words(session, item)}")


@command.command(name="convert")
@click.argument("amount")
@click.argument("one", metavar="FROM")
@click.argument("other", metavar="TO")
@of_a_day
@language_option
def convert(
    session: Session,
    *,
    amount: str,
    one: str,
    other: str,
    day: str | None,
    files: Sequence[Path],
    as_json: bool,
) -> None:
    """Work out what AMOUNT of the currency FROM is in the currency TO, exactly, and rounded as pages show it."""
    table = _table(session, day, files)
    exchange = table.exchange(_currency(one, table), _currency(other, table))
    given = _amount(amount)
    shown = rounded(exchange.of(given), other)
    if as_json:
        whole = {"amount": str(given), "from": one, "to": other, "shown": str(shown), **_as_json(exchange)}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    click.echo(f"{one} {given:,} ≈ {other} {shown:,}  {_words(session, exchange)}")


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--certainty",
    type=click.Choice(list(CERTAINTY)),
    default="official",
    show_default=True,
    help="Of the European Central Bank's figures; official only if you loaded the file from the bank yourself.",
)
@click.option(
    "--replace", is_flag=True, help="Where a day has another figure already, the new one replaces it."
)
@click.option("--since", default="", help="Pass over the days before this one.")
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
@language_option
def import_(
    session: Session, *, file: Path, certainty: Certainty, replace: bool, since: str, dry_run: bool
) -> None:
    """Load a file of rates into the product's database.

    FILE is eurofxref-hist.csv, eurofxref.csv or eurofxref-daily.xml of the European Central Bank, or a CSV table with the
    columns day,base,currency,rate,source,certainty.
    """
    if since and not is_day(since):
        raise _wrong(
            "not-a-day", "--since", msg("{word} is no day.", word=since), msg("Write days as 2026-11-27.")
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    with django_problems():
        import django

        django.setup()
        from capillary.web.rates.services import rates_preview, rates_take

        found = rates_preview(
            file.read_bytes(), file.name, certainty=certainty, replaces=replace, since=since
        )
        if not dry_run:
            rates_take(preview=found, file_name=file.name, by=None)
    counts = {"fresh": len(found.fresh), "changed": len(found.changed), "same": found.same}
    click.echo(session.say("New: {fresh}. Replaced: {changed}. There already: {same}.", **counts))
    if found.read.left_out:
        names = ", ".join(found.read.left_out)
        click.echo(session.say("Left out, because the content does not know them: {names}.", names=names))
    if dry_run:
        click.echo(session.say("Nothing was written."))


def _table(session: Session, day: str | None, files: Sequence[Path]) -> RateTable:
    """Return the rates of a day: those of the files, then the content's.

    Raises:
        InputError: a file cannot be used, or the day is none.
    """
    from capillary.sheets.rates import read_rates

    currencies = session.library.currencies()
    known = [rate.currency for rate in currencies.rates]
    today = time.strftime("%Y-%m-%d")
    if day is not None and not is_day(day):
        raise _wrong(
            "not-a-day", "--on", msg("{word} is no day.", word=day), msg("Write days as 2026-11-27.")
        )
    read = [read_rates(path.read_bytes(), path.name, known, today) for path in files]
    # of two files that have the same day the first one counts
    rows = {
        (row.quote.base, row.quote.currency, row.quote.day): row.quote
        for one in reversed(read)
        for row in one.rows
    }
    return series_of(currencies, rows.values()).on(day or today)


def _currency(code: str, table: RateTable) -> str:
    try:
        table.worth(code)
    except NoRateError:
        remedy = did_you_mean(code, table.currencies)
        raise _wrong("unknown-currency", "", msg("There is no rate for {word}.", word=code), remedy) from None
    return code


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise _wrong(
            "not-an-amount",
            "AMOUNT",
            msg("{word} is no amount.", word=text),
            msg("Write a number such as 1250.50."),
        )
    return found


def _wrong(code: str, path: str, cause: Any, remedy: Any) -> InputError:
    return InputError([Problem(code, Place(path=path or None), cause, remedy)])


def _words(session: Session, exchange: Exchange) -> str:
    if exchange.day is None:
        return ""
    sources = "; ".join(_source(item, session.language) for item in exchange.sources)
    words = session.say(
        "rate of {day}, {certainty}: {sources}",
        day=exchange.day,
        certainty=CERTAINTY[exchange.certainty],
        sources=sources,
    )
    if exchange.is_old:
        words += " " + session.say("({days} days from the day asked for)", days=abs(exchange.age))
    return words


def _source(source: Text | str, language: Any) -> str:
    return source.in_(language) if isinstance(source, Text) else source


def _as_json(exchange: Exchange) -> dict[str, Any]:
    return {
        "rate": tidy(exchange.units),
        "exact": str(exchange.units),
        "day": exchange.day,
        "certainty": exchange.certainty,
        "sources": [{"zh": _source(item, "zh"), "en": _source(item, "en")} for item in exchange.sources],
        "age_days": exchange.age,
    }
