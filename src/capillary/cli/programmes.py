"""``capillary programmes``: checks for authors of incentive programmes, and what the programmes say."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option, whole_file
from capillary.content import SHIPPED
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.cli.common import Session
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Parameter, Programme, Version


@click.group(name="programmes", invoke_without_command=True)
@language_option
def command(session: Session) -> None:
    """List incentive programmes, show one, or check a content folder with programmes of your own."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    from capillary.cli.entitlements import rules_of
    from capillary.incentives.words import KIND_WORDS

    for name, programme in sorted(rules_of(session).programmes.items()):
        kind = KIND_WORDS[programme.kind].in_(session.language)
        click.echo(f"{name:<24} {programme.title.in_(session.language)} ({kind})")
    click.echo(session.say("Show one with: capillary programmes show ID"))


@command.command(name="show")
@click.argument("identifier", metavar="ID")
@language_option
def show(session: Session, identifier: str) -> None:
    """Show a programme: versions with their figures and conditions, and sources."""
    from capillary.cli.entitlements import rules_of

    rules = rules_of(session)
    programmes = rules.programmes
    if identifier not in programmes:
        cause = msg("There is no programme {word}.", word=identifier)
        raise InputError([Problem("unknown-name", Place(), cause, did_you_mean(identifier, programmes))])
    for line in _lines(session, rules, programmes[identifier]):
        click.echo(line)


@command.command(name="check")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[DIR]"
)
@language_option
def check(session: Session, folder: Path | None) -> None:
    """Check the programmes of a content folder and hold them to their cases; without DIR, those that ship.

    A folder without facts.yaml uses the facts that ship with the product.
    """
    counts = check_programmes(folder or SHIPPED)
    click.echo(
        session.say(
            "{folder}: {programmes} programmes, {cases} cases, no errors.",
            folder=folder or SHIPPED,
            programmes=counts[0],
            cases=counts[1],
        )
    )


@command.command(name="compare")
@click.argument("identifier", metavar="ID")
@click.argument("firms", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FIRMS")
@click.option(
    "--with",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A content folder with the other form of the programme, under the same id.",
)
@click.option("--on", help="The day of the evaluation, as 2026-12-31 (default: today).")
@click.option("--currency", default="CNY", show_default=True, help="Currency of all amounts of the table.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write each firm's change as a CSV table."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def compare(  # noqa: PLR0917 - click passes every option
    session: Session,
    identifier: str,
    firms: Path,
    folder: Path,
    on: str | None,
    currency: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say what another form of a programme would cost over many firms, who would gain and who would lose.

    FIRMS is a table (.csv or .parquet) with a row for each firm and a column for each fact that is known, and id if wanted.
    """
    from capillary.incentives.compare import compare as compared
    from capillary.incentives.compare import population_of
    from capillary.model.days import is_day

    rules, changed = _both(session, identifier, folder)
    day = on or datetime.now().astimezone().date().isoformat()
    if not is_day(day):
        cause = msg("“{given}” is no day.", given=day)
        raise InputError([Problem("bad-day", Place(path="--on"), cause, msg("Write it as 2026-12-31."))])
    table = _table(firms)
    population = population_of(rules, table, on=day, currency=currency.upper(), file=firms.name)
    found = compared(rules, changed, population)
    if out is not None:
        names = table.get("id", range(1, population.size + 1))
        with whole_file(out) as path, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "change"])
            writer.writerows(
                (name, f"{int(amount) / 100:.2f}") for name, amount in zip(names, found.change, strict=True)
            )
        click.echo(session.say("Wrote {path}.", path=out), err=True)
    if as_json:
        click.echo(json.dumps({"programme": identifier, "on": day, **found.as_json()}, indent=2))
        return
    money = changed.currency or ""
    click.echo(
        session.say(
            "{title}, {count} firms, on {day}",
            title=changed.title.in_(session.language),
            count=f"{found.firms:,}",
            day=day,
        )
    )
    for name, side in (("as it is", found.before), ("changed", found.after)):
        most = session.say("no upper end") if side.at_most is None else f"{money} {side.at_most:,}"
        click.echo(
            session.say(
                "  {form}: {entitled} entitled, {unclear} cannot be told; {certain} for certain, at most {most}",
                form=session.say("as it is") if name == "as it is" else session.say("changed"),
                entitled=f"{side.entitled:,}",
                unclear=f"{side.unclear:,}",
                certain=f"{money} {side.certain:,}",
                most=most,
            )
        )
    (gain, more), (lose, less) = found.summed(1), found.summed(-1)
    click.echo(session.say("  {count} firms gain {amount}", count=f"{gain:,}", amount=f"{money} {more:,}"))
    click.echo(session.say("  {count} firms lose {amount}", count=f"{lose:,}", amount=f"{money} {less:,}"))


def _both(session: Session, identifier: str, folder: Path) -> tuple[Rules, Programme]:
    """Return the rules as they are, and the other form of one of them, checked."""
    from dataclasses import replace

    from capillary.cli.entitlements import rules_of
    from capillary.content.programmes import load_programmes
    from capillary.incentives.check import rule_problems

    rules = rules_of(session)
    own = load_programmes(folder)
    for known in (rules.programmes, own.programmes):
        if identifier not in known:
            cause = msg("There is no programme {word}.", word=identifier)
            raise InputError(
                [
                    Problem(
                        "unknown-name",
                        Place(file=None if known is rules.programmes else str(folder)),
                        cause,
                        did_you_mean(identifier, known),
                    )
                ]
            )
    changed = own.programmes[identifier]
    problems = rule_problems(replace(rules, programmes={**rules.programmes, identifier: changed}), own.paths)
    if problems:
        raise InputError(problems)
    return rules, changed


def _table(path: Path) -> dict[str, list[object]]:
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path)
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                names = file.readline().strip().split(",")
            text = pacsv.ConvertOptions(column_types={name.strip('"'): pa.string() for name in names})
            table = pacsv.read_csv(path, convert_options=text)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        cause = msg("The table cannot be read: {cause}.", cause=str(error).splitlines()[0])
        remedy = msg("Give a CSV file in UTF-8 with names in its first row, or a Parquet file.")
        raise InputError([Problem("bad-table", Place(file=path.name), cause, remedy)]) from error
    return {name: table[name].to_pylist() for name in table.column_names}


def check_programmes(root: Path) -> tuple[int, int]:
    """Return how many programmes and cases a content folder holds, all of them right.

    Raises:
        InputError: something is wrong; every problem is named.
    """
    from capillary.content.library import Library
    from capillary.content.programmes import load_programmes
    from capillary.incentives.cases import case_problems
    from capillary.incentives.check import rule_problems
    from capillary.incentives.rules import Rules

    own = load_programmes(root)
    if not own.programmes:
        cause = msg("The folder holds no programme.")
        remedy = msg("Programmes are files in the folder programmes, such as programmes/my-city.yaml.")
        raise InputError([Problem("no-content", Place(file=str(root)), cause, remedy)])
    library = Library.with_folders([] if root == SHIPPED else [root])
    whole = library.programmes()
    rules = Rules(whole.facts, whole.programmes, library.currencies())
    problems = rule_problems(rules, whole.paths)
    if not problems:
        ours = Rules(whole.facts, own.programmes, library.currencies())
        problems = list(case_problems(rules, own.cases, wanted=ours.programmes))
    if problems:
        raise InputError(problems)
    return len(own.programmes), sum(map(len, own.cases.values()))


def _lines(session: Session, rules: Rules, programme: Programme) -> Iterator[str]:
    from capillary.incentives.words import spend_words

    language = session.language
    yield f"{programme.id}  {programme.title.in_(language)}"
    yield programme.summary.in_(language)
    for version in programme.versions:
        yield ""
        until = version.effective_to or session.say("open")
        yield session.say(
            "Version {version}: {since} to {until}",
            version=version.id,
            since=version.effective_from,
            until=until,
        )
        for item in version.conditions:
            yield f"  · {item.text.in_(language)}  [{item.if_}]"
        for rule in version.classes:
            yield f"  · {rule.key}: {rule.text.in_(language)}" + (f"  [{rule.if_}]" if rule.if_ else "")
        for name, parameter in version.parameters.items():
            yield f"  {name}: {_figure(parameter)}{_doubt(programme, version, parameter)}"
        if version.amount is not None:
            yield session.say("  Amount: {text}", text=version.amount)
            counted = spend_words(rules, programme, version)
            if counted is not None:
                yield f"  {counted.in_(language)}"
        for paper in version.papers:
            yield session.say("  Paper: {title}", title=paper.title.in_(language))
    yield ""
    for source in programme.sources:
        shown = [source.title.in_(language), source.document, source.url]
        yield session.say("Source: {text}", text=", ".join(part for part in shown if part))


def _figure(parameter: Parameter) -> str:
    if parameter.by is None:
        return str(parameter.value)
    if parameter.values:
        rows = [f"{key}: {value}" for key, value in parameter.values.items()]
        rows += [] if parameter.otherwise is None else [f"…: {parameter.otherwise}"]
    else:
        rows = [
            f"< {band.below}: {band.value}"
            if band.below is not None
            else f"≤ {band.up_to}: {band.value}"
            if band.up_to is not None
            else f"…: {band.value}"
            for band in parameter.bands
        ]
    return f"{parameter.by} → {', '.join(rows)}"


def _doubt(programme: Programme, version: Version, parameter: Parameter) -> str:
    return " ‡" if programme.certainty_of(version, parameter) == "unverified" else ""
