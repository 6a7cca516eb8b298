"""``capillary standards``: which standards there are, and what one of them asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.model.fields import fields_of
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.cli.common import Session
    from capillary.model.standard import Certainty, Question, ScaleValue, Standard
    from capillary.model.text import Language, Message, Text

CERTAINTY: Mapping[Certainty, Message] = {
    "official": msg("official"),
    "secondary": msg("secondary source"),
    "unverified": msg("unverified"),
}


@click.group(name="standards", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def command(session: Session, as_json: bool) -> None:
    """List the standards, or show one with `standards show ID`."""
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    standards = [session.find(name) for name in session.names()]
    if as_json:
        click.echo(json.dumps([_summary(standard) for standard in standards], ensure_ascii=False, indent=2))
        return
    for standard in standards:
        count = session.say("{count} questions", count=len(standard.questions))
        click.echo(f"{standard.id:<14} {standard.file.title.in_(session.language)} ({count})")
    click.echo(session.say("Show one with: capillary standards show ID"))


@command.command(name="show")
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def show(session: Session, identifier: str, as_json: bool) -> None:
    """Show a standard: dimensions, levels, questions with their answers, sources."""
    standard = session.find(identifier)
    if as_json:
        click.echo(json.dumps(_whole(standard), ensure_ascii=False, indent=2))
        return
    for line in _lines(session, standard):
        click.echo(line)


def _summary(standard: Standard) -> dict[str, object]:
    file = standard.file
    return {
        "id": standard.id,
        "title": _pair(file.title),
        "edition": file.edition,
        "effective_from": file.effective_from,
        "effective_to": file.effective_to,
        "questions": len(standard.questions),
        "max": float(file.scoring.max),
        "levels": [level.level for level in file.levels],
        "certainty": file.certainty,
    }


def _whole(standard: Standard) -> dict[str, object]:
    fields = fields_of(standard)
    return {
        **_summary(standard),
        "summary": _pair(standard.file.summary),
        "variants": [variant.id for variant in standard.file.variants],
        "dimensions": [{"id": item.id, "title": _pair(item.title)} for item in standard.file.dimensions],
        "level_texts": [
            {"level": item.level, "title": _pair(item.title), "meaning": _pair(item.meaning)}
            for item in standard.file.levels
        ],
        "questions": [
            {
                "id": question.id,
                "kind": question.__struct_config__.tag,
                "dimension": question.dimension,
                "text": _pair(question.text),
                "points": float(question.points),
                "constrained": question.constrained,
                "not_applicable": question.not_applicable,
                "certainty": standard.certainty_of(question),
                "answers": [{"key": key, "text": _pair(text)} for key, text in answers_of(question)],
                "scale": [{"key": value.key, "text": _pair(value.text)} for value in _scale_of(question)],
                "columns": [field.id for field in fields if field.question == question.id],
            }
            for question in standard.questions
        ],
        "sources": [
            {"id": source.id, "title": _pair(source.title), "url": source.url, "document": source.document}
            for source in standard.file.sources
        ],
    }


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def answers_of(question: Question) -> Iterator[tuple[str, Text]]:
    """Yield what can be answered to a question: option keys, levels, rows, with their texts."""
    match question:
        case Single() | Multiple() | Rate():
            yield from ((option.key, option.text) for option in question.options)
        case Level():
            yield from ((str(level.level), level.text) for level in question.levels)
        case Grid() | Ticks():
            yield from ((row.key, row.text) for row in question.rows)
        case Boolean():
            return


def _scale_of(question: Question) -> Sequence[ScaleValue]:
    """Return the values that a row of a grid takes, or the columns that tick boxes stand in."""
    if isinstance(question, Grid):
        return question.scale
    return question.columns if isinstance(question, Ticks) else ()


def _scale_lines(session: Session, question: Question) -> Iterator[str]:
    scale = "; ".join(f"{value.key} = {value.text.in_(session.language)}" for value in _scale_of(question))
    if isinstance(question, Grid):
        yield "      " + session.say("each row takes one of: {scale}", scale=scale)
    elif scale:
        yield "      " + session.say("rows are ticked in the columns: {scale}", scale=scale)


def _lines(session: Session, standard: Standard) -> Iterator[str]:
    language: Language = session.language
    file = standard.file
    yield click.style(file.title.in_(language), bold=True)
    yield file.summary.in_(language)
    yield session.say(
        "In force from {date}; certainty: {certainty}",
        date=file.effective_from,
        certainty=CERTAINTY[file.certainty],
    )
    for dimension in file.dimensions:
        yield ""
        yield click.style(dimension.title.in_(language), bold=True)
        for question in standard.questions:
            if question.dimension != dimension.id:
                continue
            yield f"  {question.id}  {question.text.in_(language)}"
            for key, text in answers_of(question):
                yield f"      {key}  {text.in_(language)}"
            yield from _scale_lines(session, question)
    if file.levels:
        yield ""
        yield click.style(session.say("Levels"), bold=True)
        for level in file.levels:
            yield f"  {level.level}  {level.title.in_(language)}: {level.meaning.in_(language)}"
    yield ""
    yield click.style(session.say("Sources"), bold=True)
    for source in file.sources:
        yield "  " + " · ".join(
            part for part in (source.title.in_(language), source.document, source.url, source.date) if part
        )
