"""``capillary industries``: codes of GB/T 4754, NACE and ISIC looked up, searched by name and read across."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.cli.standards import CERTAINTY
from capillary.model.industry import SCHEMES
from capillary.model.problems import InputError, Place, Problem
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.cli.common import Session
    from capillary.model.industry import Crosswalk, Industry, Scheme


@click.command(name="industries")
@click.argument("words", nargs=-1, metavar="[CODE]")
@click.option("--in", "scheme", type=click.Choice(SCHEMES), help="The classification of the code.")
@click.option("--to", "to_scheme", type=click.Choice(SCHEMES), help="Only what it is in this classification.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def command(
    session: Session, words: Sequence[str], scheme: Scheme | None, to_scheme: Scheme | None, as_json: bool
) -> None:
    """Look up a section or division by its code or by words of its name; without CODE, list the sections."""
    crosswalk = session.library.industries()
    schemes = (scheme,) if scheme else SCHEMES
    found = crosswalk.search(" ".join(words), schemes) if words else _sections(crosswalk, schemes)
    if not found:
        raise InputError(
            [
                Problem(
                    "unknown-industry",
                    Place(),
                    msg(
                        "No section or division has {word} as its code or in its name.", word=" ".join(words)
                    ),
                    msg("Give a code such as C13, or one word of a name in Chinese or in English."),
                )
            ]
        )
    targets = (to_scheme,) if to_scheme else SCHEMES
    if as_json:
        shown = [crosswalk.as_json(item, targets) for item in found]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for item in found:
        click.echo(_headline(session, item))
        for line in _lines(session, crosswalk, item, targets) if words else ():
            click.echo(f"  {line}")


def _sections(crosswalk: Crosswalk, schemes: Sequence[Scheme]) -> list[Industry]:
    return [
        item
        for scheme in schemes
        for item in crosswalk.industries[scheme].values()
        if item.grain == "section"
    ]


def _headline(session: Session, item: Industry) -> str:
    title = item.title.in_(session.language)
    return f"{item.scheme:<9} {item.code:<4} {title} ({CERTAINTY[item.certainty].in_(session.language)})"


def _lines(
    session: Session, crosswalk: Crosswalk, item: Industry, targets: Sequence[Scheme]
) -> Iterator[str]:
    for target in targets:
        if target == item.scheme:
            continue
        related = crosswalk.related(item.scheme, item.code, target)
        for other in related:
            how = session.say("wholly in") if other.whole else session.say("partly in")
            title = crosswalk.industries[target][other.code].title.in_(session.language)
            note = crosswalk.note_on(item.scheme, item.code, target, other.code)
            said = f" – {note.in_(session.language)}" if note else ""
            yield f"{how} {target} {other.code} {title}{said}"
        if not related:
            yield session.say("nothing in {scheme} answers to it", scheme=target)
    names = [
        crosswalk.sectors[name].title.in_(session.language)
        for name in crosswalk.sectors_of(item.scheme, item.code)
    ]
    yield session.say("sectors: {names}", names="; ".join(names) or "–")
