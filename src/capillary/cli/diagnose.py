"""``capillary diagnose``: one sheet's diagnosis on the screen, as HTML, as PDF or as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option, whole_file
from capillary.model.exact import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.cli.common import Session
    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.diagnosis.profile import ReadAcross
    from capillary.scoring.evaluate import Interval

FIRST_FINDINGS = 8


@click.command(name="diagnose")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as one HTML file."
)
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as PDF.")
@click.option("--json", "as_json", is_flag=True, help="Print the diagnosis as JSON.")
@language_option
def command(session: Session, file: Path, html: Path | None, pdf: Path | None, as_json: bool) -> None:
    """Say where an enterprise stands, what it lacks, and the nearest ways to the next level."""
    from capillary.cli.read import read_one
    from capillary.diagnosis.diagnose import diagnose

    sheet = read_one(session, file)
    standards = {name: session.find(name) for name in session.names()}
    capabilities = session.capabilities()
    benchmark = session.benchmark(sheet.standard)
    diagnosis = diagnose(standards[sheet.standard], sheet, capabilities, list(standards.values()), benchmark)
    today = datetime.now().astimezone().date().isoformat()
    if html is not None:
        from capillary.report import render_html

        page = render_html(
            diagnosis,
            capabilities=capabilities,
            standards=standards,
            benchmark=benchmark,
            language=session.language,
            written_on=today,
        )
        with whole_file(html) as temporary:
            temporary.write_text(page, encoding="utf-8")
    if pdf is not None:
        from capillary.report import render_pdf

        with whole_file(pdf) as temporary:
            render_pdf(
                diagnosis,
                temporary,
                capabilities=capabilities,
                standards=standards,
                benchmark=benchmark,
                language=session.language,
                written_on=today,
            )
    if as_json:
        click.echo(json.dumps(diagnosis.as_json(), ensure_ascii=False, indent=2))
        return
    for line in _lines(session, diagnosis):
        click.echo(line)
    for path in (html, pdf):
        if path is not None:
            click.echo(session.say("Wrote {path}.", path=path), err=True)


def _lines(session: Session, diagnosis: Diagnosis) -> Iterator[str]:
    from capillary.scoring.evaluate import programs_for

    language = session.language
    standard, score = diagnosis.standard, diagnosis.score
    enterprise = diagnosis.sheet.enterprise
    yield click.style(
        f"{enterprise.name or enterprise.id or '–'} · {standard.file.title.in_(language)}", bold=True
    )
    if score.level is not None:
        low, high = int(score.level.low), int(score.level.high)
        if low == high:
            yield session.say(
                "Level {level} of {top}: {title}",
                level=low,
                top=programs_for(standard, diagnosis.sheet)[0].top_level,
                title=standard.level_title(low),
            )
        else:
            yield session.say("Level between {low} and {high}", low=low, high=high)
    if standard.file.variants and diagnosis.sheet.variant is None:
        yield session.say(
            "The kind of firm is not named (variant: {words}); ranges hold for all of them, the rest for the first.",
            words=", ".join(variant.id for variant in standard.file.variants),
        )
    unit = standard.file.scoring.unit
    yield session.say(
        "Score {score} of {most} {unit}; {answered} of {questions} questions answered",
        score=_span(score.score),
        most=tidy(standard.file.scoring.max),
        unit=unit,
        answered=score.answered,
        questions=score.questions,
    )
    for dimension in standard.file.dimensions:
        yield f"  {dimension.title.in_(language)}: {_span(score.dimensions[dimension.id])}"
    yield from _nearest_lines(session, diagnosis)
    if diagnosis.findings:
        yield click.style(session.say("Shortcomings, the costliest first"), bold=True)
    for finding in diagnosis.findings[:FIRST_FINDINGS]:
        cost = (
            session.say("{points} points", points=_figure(tidy(finding.cost)))
            if finding.cost
            else session.say("holds the level back")
        )
        yield f"  {finding.question} {finding.title.in_(language)} ({cost})"
    yield click.style(session.say("What this says about other standards"), bold=True)
    for across in diagnosis.across:
        yield f"  {_across_line(session, across)}"


def _across_line(session: Session, across: ReadAcross) -> str:
    score = across.score
    values = {
        "standard": across.standard,
        "score": _span(score.score),
        "most": _figure(tidy(session.find(across.standard).file.scoring.max)),
        "count": len(across.open),
    }
    if score.level is None:
        return session.say("{standard}: score {score} of {most}; {count} questions open", **values)
    return session.say(
        "{standard}: level {level}, score {score} of {most}; {count} questions open",
        level=_span(score.level),
        **values,
    )


def _nearest_lines(session: Session, diagnosis: Diagnosis) -> Iterator[str]:
    nearest = diagnosis.nearest
    if nearest is None:
        return
    if not nearest.ways:
        yield session.say("Level {level} cannot be reached: too much does not apply.", level=nearest.level)
        return
    heading = session.say(
        "Nearest way to level {level}, in the fewest steps possible ({steps}):",
        level=nearest.level,
        steps=nearest.steps,
    )
    yield click.style(heading, bold=True)
    for item in nearest.ways[0].improvements:
        title = diagnosis.standard.by_id[item.question].title.in_(session.language)
        yield f"  {item.field} {title}: {', '.join(item.before) or '–'} → {', '.join(item.after)}"


def _span(value: Interval) -> str:
    low, high = _figure(tidy(value.low)), _figure(tidy(value.high))
    return low if low == high else f"{low}–{high}"


def _figure(value: float) -> str:
    return f"{round(value, 2):g}"
