"""``capillary entitlements``: what a firm may claim, why or why not, and what is missing to tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capillary.cli.common import language_option
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capillary.cli.common import Session
    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.rules import Rules
    from capillary.incentives.situation import Situation

FACTS_KEYS = {"on", "currency", "facts", "aids"}
ORDER = ("entitled", "unclear", "not-entitled")


@click.command(name="entitlements")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--on", help="The day of the evaluation, as 2026-12-31 (default: the file's, else today).")
@click.option(
    "--fact",
    "stated",
    multiple=True,
    metavar="NAME=VALUE",
    help="A further fact, or another value for one; may be given several times.",
)
@click.option(
    "--programme",
    "wanted",
    multiple=True,
    metavar="ID",
    help="Only this programme; may be given several times.",
)
@click.option("--all", "show_all", is_flag=True, help="Show programmes of other countries and places too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the trace of every figure.")
@language_option
def command(  # noqa: PLR0917 - click passes every option
    session: Session,
    file: Path,
    on: str | None,
    stated: tuple[str, ...],
    wanted: tuple[str, ...],
    show_all: bool,
    as_json: bool,
) -> None:
    """Say what an enterprise is entitled to on a day, why or why not, and what is missing to tell.

    FILE is an answer sheet, or a file of facts (.yaml or .json) with on, currency, facts and aids.
    """
    from capillary.incentives.evaluate import entitlements, missing_facts
    from capillary.incentives.firm import is_elsewhere
    from capillary.incentives.together import best_together

    rules = rules_of(session)
    situation, facts = _situation(session, rules, file, on, stated)
    for name in wanted:
        if name not in rules.programmes:
            cause = msg("There is no programme {word}.", word=name)
            raise InputError(
                [
                    Problem(
                        "unknown-name", Place(path="--programme"), cause, did_you_mean(name, rules.programmes)
                    )
                ]
            )
    found = [item for item in entitlements(rules, situation) if not wanted or item.programme.id in wanted]
    missing = missing_facts(found, rules, situation.currency)
    if as_json:
        answer = {
            "on": situation.on,
            "currency": situation.currency,
            "programmes": [item.as_json() for item in found],
            "together": best_together(rules, found, situation.currency).as_json(situation.currency),
            "missing": [
                {
                    "fact": item.fact,
                    "programmes": item.programmes,
                    "at_stake": None if item.at_stake is None else str(item.at_stake),
                }
                for item in missing
            ],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    shown = [item for item in found if show_all or wanted or not is_elsewhere(item, facts)]
    for line in _lines(session, rules, situation, shown):
        click.echo(line)
    if len(shown) < len(found):
        click.echo(
            session.say(
                "{count} programmes of other places are not shown; --all shows them.",
                count=len(found) - len(shown),
            )
        )


def rules_of(session: Session) -> Rules:
    """Return the programmes of the session's content, checked.

    Raises:
        InputError: a programme has errors; every one is named.
    """
    from capillary.incentives.check import checked_rules

    return checked_rules(session.library)


def _situation(
    session: Session, rules: Rules, file: Path, on: str | None, stated: Sequence[str]
) -> tuple[Situation, dict[str, object]]:
    """Return what is known of the firm, and the facts as they were written."""
    from datetime import datetime

    from capillary.incentives.situation import read_aids, read_situation

    raw = _read(session, rules, file)
    facts = {**raw.get("facts", {}), **dict(pair_of(item) for item in stated)}
    day = on or raw.get("on") or datetime.now().astimezone().date().isoformat()
    aids = None if raw.get("aids") is None else read_aids(raw["aids"])
    currency = str(raw.get("currency", "CNY"))
    return read_situation(facts, rules, on=str(day), aids=aids, currency=currency, file=file.name), facts


def _read(session: Session, rules: Rules, file: Path) -> dict[str, Any]:
    """Return facts, day, currency and aids, of a file of facts or of an answer sheet."""
    if file.suffix.lower() in {".yaml", ".yml"}:
        from capillary.content.yaml12 import read_yaml

        return _facts_file(read_yaml(file, file.name), file)
    if file.suffix.lower() == ".json":
        from capillary.sheets.jsonfiles import read_object

        raw = read_object(file)
        if "facts" in raw and "answers" not in raw:
            return _facts_file(raw, file)
    from capillary.cli.read import read_one
    from capillary.incentives.firm import enterprise_facts, level_facts

    sheet = read_one(session, file)
    other = sheet.enterprise.other
    told = other.get("facts")
    facts = {
        **enterprise_facts(sheet.enterprise, session.library.regions().values(), session.library.sectors()),
        **level_facts(session.find(sheet.standard), sheet, rules),
        **(told if isinstance(told, dict) else {}),
    }
    return {"facts": facts, **{name: other[name] for name in ("on", "currency", "aids") if name in other}}


def _facts_file(raw: object, file: Path) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("facts"), dict):
        cause = msg("The file holds no facts.")
        remedy = msg("Write them under “facts”, one to a line: employees: 86")
        raise InputError([Problem("no-facts", Place(file=file.name), cause, remedy)])
    unknown = [name for name in raw if name not in FACTS_KEYS]
    if unknown:
        word = str(unknown[0])
        place = Place(file=file.name, path=word)
        cause = msg("The entry {word} is not known here.", word=word)
        raise InputError([Problem("unknown-entry", place, cause, did_you_mean(word, FACTS_KEYS))])
    return raw


def pair_of(text: str) -> tuple[str, object]:
    """Return name and value of a fact as the command line gives it.

    Raises:
        InputError: it has no equals sign.
    """
    name, sign, value = text.partition("=")
    if not sign:
        cause = msg("{value} cannot be read.", value=text)
        remedy = msg("Write it like {example}.", example="--fact level_after=3")
        raise InputError([Problem("option", Place(path="--fact"), cause, remedy)])
    known: Mapping[str, object] = {"true": True, "false": False}
    return name.strip(), known.get(value.strip(), value.strip())


def _lines(
    session: Session, rules: Rules, situation: Situation, found: Sequence[Entitlement]
) -> Iterator[str]:
    from capillary.incentives.evaluate import missing_facts
    from capillary.incentives.together import best_together
    from capillary.incentives.words import VERDICT_WORDS, fact_title, together_words

    language = session.language
    yield session.say("On {day}:", day=situation.on)
    for verdict in ORDER:
        items = [item for item in found if item.verdict == verdict]
        if not items:
            continue
        yield ""
        yield f"{VERDICT_WORDS[verdict].in_(language)} ({len(items)})"  # type: ignore[index]
        for item in items:
            yield from _one(session, item, rules)
    for words in together_words(best_together(rules, found, situation.currency), rules, situation.currency):
        yield words.in_(language)
    missing = missing_facts(found, rules, situation.currency)
    if missing:
        yield ""
        yield session.say("What would settle the most:")
        for fact in missing:
            title = fact_title(fact.fact, rules).in_(language)
            stake = (
                session.say("open at the top")
                if fact.at_stake is None
                else f"{situation.currency} {fact.at_stake:,f}"
            )
            if fact.at_stake == 0:
                yield session.say(
                    "  {title} ({fact}): decides on {count}",
                    title=title,
                    fact=fact.fact,
                    count=fact.programmes,
                )
                continue
            yield session.say(
                "  {title} ({fact}): decides on {count}, {stake}",
                title=title,
                fact=fact.fact,
                count=fact.programmes,
                stake=stake,
            )


def _one(session: Session, item: Entitlement, rules: Rules) -> Iterator[str]:
    from capillary.incentives.words import fact_title, money_words, timing_words

    language = session.language
    programme, version = item.programme, item.version
    title = programme.title.in_(language)
    certainty = version.certainty or programme.certainty
    doubt = " ‡" if certainty == "unverified" else ""
    if item.classes:
        names = {
            choice.key: choice.title.in_(language) for choice in rules.facts[programme.gives or ""].choices
        }
        yield f"  {title}: {' / '.join(names[rule.key] for rule in item.classes)}{doubt}"
    elif item.money is not None:
        yield f"  {title}: {money_words(item.money).in_(language)}{doubt}"
    else:
        yield f"  {title}{doubt}"
    timing = timing_words(item)
    if timing is not None:
        yield f"      {timing.in_(language)}"
    for judged in item.failed:
        source = programme.source_of(version, judged.condition)
        yield session.say(
            "      fails: {text} [{source}]",
            text=judged.condition.text.in_(language),
            source=source.document or source.title.in_(language),
        )
    if item.missing:
        names_missing = ", ".join(fact_title(name, rules).in_(language) for name in item.missing)
        yield session.say("      missing: {facts}", facts=names_missing)
    if version.amount_note is not None and item.verdict != "not-entitled":
        yield f"      {version.amount_note.in_(language)}"
