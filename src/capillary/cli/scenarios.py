"""``capillary scenarios``: problems that firms know and the measures that solve them, listed, searched and shown for a size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.cli.standards import CERTAINTY
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.scenario import BUSINESS_STANDARD, SIZE_CLASSES
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from capillary.cli.common import Session
    from capillary.content.estimates import Estimate, Part
    from capillary.content.scenarios import Wish
    from capillary.model.measure import EffectBase
    from capillary.model.scenario import Scenario, SizeClass
    from capillary.model.text import Message, Text

SIZE_WORDS: Mapping[SizeClass, Message] = {
    "micro": msg("micro (1–9 people)"),
    "small": msg("small (10–49 people)"),
    "medium": msg("medium (50–249 people)"),
    "large": msg("large (250 people or more)"),
}
BASE_WORDS: Mapping[EffectBase, Message] = {
    "office-labour": msg("labour cost of the office"),
    "shop-floor-labour": msg("labour cost of the shop floor"),
    "materials": msg("cost of materials"),
    "scrap": msg("scrap and rework"),
    "energy": msg("cost of energy"),
    "stock": msg("cost of holding stock"),
    "downtime": msg("losses from stoppages"),
    "lead-time": msg("lead time"),
    "incidents": msg("security incidents"),
}
MOST_HEADS = 10_000_000


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which scenarios are wanted."""
    for option in reversed(
        (
            click.option("--search", default="", help="Words that stand in it, in Chinese or in English."),
            click.option(
                "--scenario", "business", default="", help="A business scenario of miit-2024, such as S06."
            ),
            click.option("--sector", default="", help="A sector by its id, such as machinery."),
            click.option("--size", type=click.Choice(list(SIZE_CLASSES)), help="A size of firms."),
            click.option("--capability", default="", help="A capability that its measures raise, by its id."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        )
    ):
        function = option(function)
    return function


@click.group(name="scenarios", invoke_without_command=True)
@filters
@language_option
def command(session: Session, as_json: bool, **given: str | None) -> None:
    """List scenarios, or show one with `scenarios show ID`: a problem that firms know, and the measures that solve it."""
    if click.get_current_context().invoked_subcommand is None:
        _list(session, as_json=as_json, given=given)


@command.command(name="list")
@filters
@language_option
def list_(session: Session, as_json: bool, **given: str | None) -> None:
    """List the scenarios that fit."""
    _list(session, as_json=as_json, given=given)


@command.command(name="show")
@click.argument("identifier", metavar="ID")
@click.option("--employees", type=click.IntRange(1, MOST_HEADS), help="Heads of staff.")
@click.option(
    "--users",
    type=click.IntRange(0, MOST_HEADS),
    help="People who use a computer at work (default: assumed).",
)
@click.option(
    "--machines", type=click.IntRange(0, MOST_HEADS), help="Production machines (default: assumed)."
)
@click.option("--currency", help="Currency of the amounts (default: that of the rates).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def show(  # noqa: PLR0917 - click passes every option
    session: Session,
    identifier: str,
    employees: int | None,
    users: int | None,
    machines: int | None,
    currency: str | None,
    as_json: bool,
) -> None:
    """Show a scenario with what it costs, takes and brings a firm of a size."""
    from capillary.content.estimates import estimate_of
    from capillary.content.scenarios import usual_heads
    from capillary.roadmap.firm import size_of

    book, catalogue = session.library.scenarios(), session.library.measures()
    scenario = book.scenarios.get(_known("ID", identifier, book.scenarios))
    assert scenario is not None  # noqa: S101 - _known refuses what is not there
    currencies = session.library.currencies()
    if currency:
        _known("--currency", currency.upper(), [rate.currency for rate in currencies.rates])
    sectors = session.library.sectors()
    sections = frozenset(code[0] for name in scenario.sectors for code in sectors[name].isic)
    heads = employees or usual_heads(scenario, catalogue.measures)
    size = size_of(heads, users, machines, sections, session.library.assumptions())
    estimate = estimate_of(
        scenario,
        catalogue,
        currencies,
        users=size.users,
        machines=size.machines,
        currency=currency.upper() if currency else None,
    )
    if as_json:
        whole = {**_summary(scenario), **_texts(session, scenario)}
        shown = {"employees": heads, "assumed": sorted(size.assumed - {"employees"}), **estimate.as_json()}
        click.echo(json.dumps({**whole, "estimate": shown}, ensure_ascii=False, indent=2))
        return
    for line in _lines(session, scenario, estimate, heads):
        click.echo(line)


def _list(session: Session, *, as_json: bool, given: Mapping[str, str | None]) -> None:
    from capillary.content.scenarios import scenarios_found

    wish = _wish(session, {name: value or "" for name, value in given.items()})
    found = scenarios_found(session.library.scenarios(), session.library.measures().measures, wish)
    if as_json:
        click.echo(json.dumps([_summary(item) for item in found], ensure_ascii=False, indent=2))
        return
    for item in found:
        click.echo(f"{item.id:<34} {' '.join(item.business):<20} {item.title.in_(session.language)}")
    if not found:
        click.echo(session.say("No scenario fits. Take out a filter, or search for fewer words."))
        return
    click.echo(
        session.say("{count} scenario(s). Show one with: capillary scenarios show ID", count=len(found))
    )


def _wish(session: Session, given: Mapping[str, str]) -> Wish:
    """Return what is looked for.

    Raises:
        InputError: a filter names what does not exist.
    """
    from capillary.content.library import vocabulary_of
    from capillary.content.scenarios import Wish, business_scenarios

    known = vocabulary_of(session.library)
    for option, word, words in (
        ("--scenario", given["business"], business_scenarios(known.standards)),
        ("--sector", given["sector"], known.sectors),
        ("--capability", given["capability"], known.capabilities),
    ):
        if word:
            _known(option, word, words)
    return Wish(given["search"], given["business"], given["sector"], given["size"], given["capability"])


def _known(option: str, word: str, words: Iterable[str]) -> str:
    candidates = list(words)
    if word not in candidates:
        cause = msg("{word} is not known.", word=word)
        raise InputError([Problem("unknown-name", Place(path=option), cause, did_you_mean(word, candidates))])
    return word


def _summary(scenario: Scenario) -> dict[str, object]:
    return {
        "id": scenario.id,
        "title": _pair(scenario.title),
        "problem": _pair(scenario.problem),
        "serves": list(scenario.serves),
        "supports": list(scenario.supports),
        "sectors": list(scenario.sectors),
        "sizes": list(scenario.sizes),
        "measures": list(scenario.measures),
    }


def _texts(session: Session, scenario: Scenario) -> dict[str, object]:
    file = session.library.scenarios().files[scenario.id]
    return {
        "before": _pair(scenario.before),
        "after": _pair(scenario.after),
        "starts": dict(scenario.starts),
        "pitfalls": [
            {"wrong": _pair(item.wrong), "remedy": _pair(item.remedy)} for item in scenario.pitfalls
        ],
        "conditions": [_pair(item) for item in scenario.conditions],
        "checklist": [_pair(item) for item in scenario.checklist],
        "who": _pair(scenario.who),
        "facts": [
            {
                "text": _pair(item.text),
                "certainty": item.certainty,
                "source": _pair(file.source_of(item.source).title),
                "url": file.source_of(item.source).url,
            }
            for item in scenario.facts
        ],
        "certainty": file.certainty,
    }


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _lines(session: Session, scenario: Scenario, estimate: Estimate, heads: int) -> Iterator[str]:
    language, library = session.language, session.library
    yield click.style(scenario.title.in_(language), bold=True)
    yield session.say("“{problem}”", problem=scenario.problem.in_(language))
    yield ""
    yield session.say("Before: {text}", text=scenario.before.in_(language))
    yield session.say("After: {text}", text=scenario.after.in_(language))
    standard = library.find(BUSINESS_STANDARD)
    names = [standard.by_id[name].title.in_(language) for name in scenario.business]
    yield session.say("Business scenarios: {names}", names=_listed(session, names))
    sectors = library.sectors()
    names = [sectors[name].title.in_(language) for name in scenario.sectors]
    yield session.say("Sectors: {names}", names=_listed(session, names))
    names = [SIZE_WORDS[size].in_(language) for size in scenario.sizes]
    yield session.say("Sizes: {names}", names=_listed(session, names))
    yield from _step_lines(session, scenario, estimate)
    yield from _figure_lines(session, estimate, heads)
    yield from _heading(session.say("What goes wrong"))
    for pitfall in scenario.pitfalls:
        yield f"  · {pitfall.wrong.in_(language)}"
        yield f"    → {pitfall.remedy.in_(language)}"
    yield from _heading(session.say("When it can be copied"))
    yield from (f"  · {text.in_(language)}" for text in scenario.conditions)
    yield from _heading(session.say("Checklist"))
    yield from (f"  ☐ {text.in_(language)}" for text in scenario.checklist)
    yield session.say("Who does it: {text}", text=scenario.who.in_(language))
    yield from _fact_lines(session, scenario)


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield click.style(title, bold=True)


def _step_lines(session: Session, scenario: Scenario, estimate: Estimate) -> Iterator[str]:
    language = session.language
    measures, capabilities = session.library.measures().measures, session.library.capabilities()
    yield from _heading(session.say("Measures, in order"))
    for name, level in scenario.starts.items():
        title = capabilities[name].title.in_(language)
        yield "  " + session.say("needed from the start: {title}, level {level}", title=title, level=level)
    for number, step in enumerate(estimate.steps, 1):
        weeks = session.say("weeks {first}–{last}", first=step.begins + 1, last=step.ends)
        yield f"  {number}. {measures[step.measure].title.in_(language)} ({weeks})  [{step.measure}]"


def _figure_lines(session: Session, estimate: Estimate, heads: int) -> Iterator[str]:
    language = session.language
    title = session.say(
        "For {people} people, {users} users and {machines} machines (low – typical – high)",
        people=heads,
        users=estimate.users,
        machines=estimate.machines,
    )
    yield from _heading(title)
    yield session.say(
        "  One-off: {currency} {amounts}{mark}",
        currency=estimate.currency,
        amounts=_range(estimate.one_off),
        mark=_mark(estimate, "cost"),
    )
    yield session.say(
        "  Yearly: {currency} {amounts}{mark}",
        currency=estimate.currency,
        amounts=_range(estimate.yearly),
        mark=_mark(estimate, "cost"),
    )
    yield session.say("  Weeks: {weeks}{mark}", weeks=_range(estimate.weeks), mark=_mark(estimate, "weeks"))
    from capillary.report.roadmap.words import ROLE_TITLES

    hours = [f"{ROLE_TITLES[role].in_(language)} {hours}" for role, hours in estimate.hours.items()]
    if hours:
        yield session.say(
            "  Hours of own people: {hours}{mark}",
            hours=_listed(session, hours),
            mark=_mark(estimate, "staff"),
        )
    for effect in estimate.effects:
        low, typical, high = (f"{float(value):.0f}" for value in effect.percent)
        yield session.say(
            "  Less: {base} {low} – {typical} – {high} %{mark}",
            base=BASE_WORDS[effect.of].in_(language),
            low=low,
            typical=typical,
            high=high,
            mark=_mark(estimate, "effects"),
        )
    if "unverified" in estimate.certainty.values():
        names = _listed(session, [source.title.in_(language) for source in estimate.sources])
        yield session.say("  ‡ unverified; source: {names}", names=names)


def _fact_lines(session: Session, scenario: Scenario) -> Iterator[str]:
    language = session.language
    file = session.library.scenarios().files[scenario.id]
    if scenario.facts:
        yield from _heading(session.say("What is known"))
    for fact in scenario.facts:
        source = file.source_of(fact.source)
        yield f"  · {fact.text.in_(language)}"
        shown = " · ".join(part for part in (source.title.in_(language), source.url) if part)
        yield f"    {shown} ({CERTAINTY[fact.certainty].in_(language)})"


def _range(given: tuple[int, int, int]) -> str:
    return " – ".join(f"{value:,}" for value in given)


def _mark(estimate: Estimate, part: Part) -> str:
    return " ‡" if estimate.certainty.get(part) == "unverified" else ""


def _listed(session: Session, words: Iterable[str]) -> str:
    return ("、" if session.language == "zh" else ", ").join(words)
