"""``capillary programmes``: checks for authors of incentive programmes, and what the programmes say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.content import SHIPPED
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.cli.common import Session
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

    programmes = rules_of(session).programmes
    if identifier not in programmes:
        cause = msg("There is no programme {word}.", word=identifier)
        raise InputError([Problem("unknown-name", Place(), cause, did_you_mean(identifier, programmes))])
    for line in _lines(session, programmes[identifier]):
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


def _lines(session: Session, programme: Programme) -> Iterator[str]:
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
