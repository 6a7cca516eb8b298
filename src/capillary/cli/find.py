"""``capillary find``: one search over everything that the content holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.model.listed import KIND_WORDS

if TYPE_CHECKING:
    from typing import Any

    from capillary.cli.common import Session
    from capillary.matching.search import Hits
    from capillary.model.listed import Listed

MOST = 1000


@click.command(name="find")
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@click.option("--kind", type=click.Choice([*KIND_WORDS]), help="Entries of one kind.")
@click.option("--sector", help="A sector by its id, such as machinery.")
@click.option("--size", help="A size of firms: micro, small, medium, large.")
@click.option("--region", help="A region by its code of ISO 3166, such as CN-ZJ or ES.")
@click.option("--capability", help="A capability by its id.")
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=10, show_default=True, help="How many to show."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def command(
    session: Session, words: tuple[str, ...], kind: str | None, limit: int, as_json: bool, **given: str | None
) -> None:
    """Find scenarios, measures, courses, programmes, standards and capabilities by WORDS, in Chinese or in English."""
    from capillary.matching.search_content import content_index

    index, entries = content_index(session.library)
    filters = {name: {value} for name, value in {"what": kind, **given}.items() if value}
    hits = index.search(" ".join(words), filters, count=limit)
    found = [entries[key] for key in hits.ids]
    if as_json:
        click.echo(json.dumps(_as_json(hits, found), ensure_ascii=False, indent=2))
        return
    for typed, others in hits.instead.items():
        click.echo(
            session.say(
                "Nothing has “{typed}”; shown is what has: {words}.", typed=typed, words=", ".join(others)
            )
        )
    if hits.relaxed:
        click.echo(session.say("No entry has all of your words; these have the most of them."))
    if not found:
        click.echo(session.say("Nothing fits. Try fewer words or filters."))
        return
    for item in found:
        said = KIND_WORDS[item.kind].in_(session.language)
        click.echo(f"{item.title.in_(session.language)}  [{said}: {item.id}]")
        click.echo(f"    {item.summary.in_(session.language)}")
    if hits.total > len(found):
        click.echo(session.say("… and {count} more.", count=hits.total - len(found)))


def _as_json(hits: Hits, found: list[Listed]) -> dict[str, Any]:
    return {
        "total": hits.total,
        "relaxed": hits.relaxed,
        "instead": {typed: list(others) for typed, others in hits.instead.items()},
        "counts": {name: dict(values) for name, values in hits.counts.items()},
        "items": [
            {
                "kind": item.kind,
                "id": item.id,
                "title": {"zh": item.title.zh, "en": item.title.en},
                "summary": {"zh": item.summary.zh, "en": item.summary.en},
            }
            for item in found
        ],
    }
