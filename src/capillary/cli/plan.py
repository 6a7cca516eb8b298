"""``capillary plan``: the way of one firm to its goal, on the screen, as JSON, HTML, PDF or workbook."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from capillary.cli.common import Progress, language_option, whole_file
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.cli.common import Session
    from capillary.model.measure import StaffRole
    from capillary.model.sheet import AnswerSheet
    from capillary.model.text import Language
    from capillary.roadmap.goal import Aim, Goal, Subsidy
    from capillary.roadmap.quarters import Quarter
    from capillary.roadmap.roadmap import PlanView, Question, Roadmap
    from capillary.roadmap.roadmap import Progress as Planning

DEFAULT_QUARTERS = 8
DEFAULT_SECONDS = 20.0
_SUBSIDY = re.compile(r"(?P<percent>\d+)%(?::(?P<cap>\d+))?(?:@(?P<level>\d+))?")
# what a problem of the goal is called on the command line
_OPTIONS = {
    "level": "--to-level",
    "quarters": "--by",
    "by": "--by",
    "pinned": "--pin",
    "excluded": "--exclude",
    "have": "--have",
    "contracted": "--contracted",
    "currency": "--currency",
}


@dataclass(frozen=True)
class _Wishes:
    """The options that make the goal, as they were typed."""

    to_level: int | None
    by: str | None
    begin: str | None
    budget: int | None
    cash: int | None
    running: int | None
    staff: tuple[str, ...]
    no_staff_limit: bool
    pin: tuple[str, ...]
    exclude: tuple[str, ...]
    have: tuple[str, ...]
    contracted: tuple[str, ...]
    subsidy: tuple[str, ...]
    programmes: tuple[str, ...]
    facts: tuple[str, ...]
    years: int
    discount: int
    currency: str


@dataclass(frozen=True)
class _Firm:
    """The options that say more of the firm."""

    users: int | None
    machines: int | None
    revenue: int | None
    offers: Path | None


@dataclass(frozen=True)
class _Work:
    """The options that say how to look for plans."""

    aim: tuple[Aim, ...]
    seconds: float
    seed: int


@dataclass(frozen=True)
class _Outputs:
    """Where the roadmap is written to."""

    html: Path | None
    pdf: Path | None
    xlsx: Path | None


_FILE = click.Path(dir_okay=False, path_type=Path)
_AMOUNT = click.IntRange()


@click.command(name="plan")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--to-level", type=int, help="The level to reach; without it, the most within the limits.")
@click.option("--by", help="When it must be reached: 2027-12, 2027-Q4 or 2027 (default: eight quarters).")
@click.option("--budget", type=int, help="At most this much: one-off and one year's running costs.")
@click.option("--cash", type=int, help="At most this much to pay in any one quarter.")
@click.option("--running", type=int, help="At most this much running costs a year.")
@click.option(
    "--staff",
    multiple=True,
    metavar="ROLE=HOURS",
    help="Hours of own staff in a quarter: owner, shop-floor, office or it.",
)
@click.option(
    "--no-staff-limit",
    is_flag=True,
    help="Do not limit own staff; without this, roles that are not stated get what such firms can give.",
)
@click.option("--pin", multiple=True, metavar="MEASURE", help="A measure that must be in.")
@click.option("--exclude", multiple=True, metavar="MEASURE", help="A measure that must not be in.")
@click.option("--have", multiple=True, metavar="MEASURE", help="A measure that is in place already.")
@click.option(
    "--contracted",
    multiple=True,
    metavar="MEASURE=QUARTER",
    help="A measure that is on order and paid for, with the quarter at whose end it is complete.",
)
@click.option(
    "--subsidy",
    multiple=True,
    metavar="PERCENT%[:CAP][@LEVEL]",
    help="A share of the one-off costs that comes back, at most CAP, once LEVEL is reached.",
)
@click.option(
    "--programme",
    "programmes",
    multiple=True,
    metavar="ID",
    help="An incentive programme that pays by the level reached; see: capillary programmes.",
)
@click.option(
    "--fact", "facts", multiple=True, metavar="NAME=VALUE", help="A fact that the programme asks for."
)
@click.option(
    "--years", type=int, default=3, show_default=True, help="Years of running costs that comparisons count."
)
@click.option(
    "--discount", type=int, default=5, show_default=True, help="Yearly discount on later costs, in percent."
)
@click.option("--currency", default="CNY", show_default=True, help="Currency of all amounts (ISO 4217).")
@click.option("--users", type=click.IntRange(1), help="People who use office software.")
@click.option("--machines", type=click.IntRange(0), help="Production machines.")
@click.option("--revenue", type=click.IntRange(0), help="Yearly turnover (default: the sheet's).")
@click.option("--offers", type=_FILE, help="Own figures: the roadmap's workbook filled in, or a CSV table.")
@click.option(
    "--aim",
    multiple=True,
    type=click.Choice(["cheapest", "fastest", "safest", "highest", "steady"]),
    help="Which plans; steady is the most points over all quarters (default: three that differ in kind).",
)
@click.option("--from", "begin", help="The first quarter of the plan (default: the one that begins next).")
@click.option(
    "--seconds",
    type=click.FloatRange(0.05, 3600),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="Solver time for each plan; the best so far is given when it is up.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulation.")
@click.option("--html", type=_FILE, help="Write the roadmap as one HTML file.")
@click.option("--pdf", type=_FILE, help="Write it as a PDF of two pages.")
@click.option("--xlsx", type=_FILE, help="Write it as a workbook, with room for your own offers.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--psplib",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Schedule a PSPLIB single-mode file instead: the shortest time, with its bound.",
)
@language_option
def command(session: Session, file: Path | None, psplib: Path | None, as_json: bool, **options: Any) -> None:
    """Find the cheapest, the fastest and the safest proven way of an enterprise to its goal."""
    if (file is None) == (psplib is None):
        raise click.UsageError(session.say("Give one FILE with answers, or --psplib with a file."))
    if psplib is not None:
        from capillary.cli.psplib import run_psplib

        run_psplib(session, psplib, seconds=options["seconds"], as_json=as_json)
        return
    assert file is not None  # noqa: S101 - one of the two is given
    first = _first(options["begin"])
    question = _question(
        session, file, first, _part(_Wishes, options), _part(_Firm, options), _part(_Work, options)
    )
    roadmap = _planned(session, question)
    outputs = _part(_Outputs, options)
    _write(session, roadmap, first, outputs)
    if as_json:
        from capillary.roadmap.quarters import written

        found = {"first_quarter": written(first), **roadmap.as_json()}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for line in _lines(session, roadmap, first):
        click.echo(line)
    for path in (outputs.html, outputs.pdf, outputs.xlsx):
        if path is not None:
            click.echo(session.say("Wrote {path}.", path=path), err=True)


def _part(kind: Any, options: Mapping[str, Any]) -> Any:
    return kind(**{name: options[name] for name in kind.__dataclass_fields__})


def _first(begin: str | None) -> Quarter:
    from capillary.roadmap.quarters import next_quarter, quarter_of

    if begin is not None:
        return quarter_of(begin)
    today = datetime.now().astimezone()
    return next_quarter(today.year, today.month)


def _planned(session: Session, question: Question) -> Roadmap:
    from capillary.roadmap.roadmap import make_roadmap

    progress = Progress(session)

    def told(state: Planning) -> None:
        progress.at(
            msg(
                "{found} of {wanted} plans; working on: {aim}",
                found=state.found,
                wanted=state.wanted,
                aim=state.aim,
            )
        )

    try:
        return make_roadmap(question, session.library, told)
    except InputError as error:
        raise InputError([_on_the_command_line(problem) for problem in error.problems]) from None
    finally:
        progress.done()


def _on_the_command_line(problem: Problem) -> Problem:
    """Return a problem of the goal with the option that it stands in."""
    path = problem.place.path or ""
    if path.startswith("hours."):
        return problem.at(path=f"--staff {path.removeprefix('hours.')}")
    if path.startswith("subsidies"):
        return problem.at(path="--subsidy")
    return problem.at(path=_OPTIONS.get(path, f"--{path}")) if path else problem


def _question(  # noqa: PLR0917 - the parts of one question
    session: Session, file: Path, first: Quarter, wishes: _Wishes, firm: _Firm, work: _Work
) -> Question:
    from capillary.cli.read import read_one
    from capillary.roadmap.firm import sections_of
    from capillary.roadmap.offers import read_offers
    from capillary.roadmap.roadmap import Question
    from capillary.scoring.solver import Limits

    sheet = read_one(session, file)
    library = session.library
    enterprise = sheet.enterprise
    revenue = firm.revenue
    if revenue is None and enterprise.revenue is not None:
        revenue = round(enterprise.revenue)
    return Question(
        standard=session.find(sheet.standard),
        sheet=sheet,
        goal=_with_programmes(session, sheet, _goal(wishes, first), wishes, first),
        sections=sections_of(enterprise.sector, library.sectors()),
        users=firm.users,
        machines=firm.machines,
        revenue=revenue,
        offers={} if firm.offers is None else read_offers(firm.offers, library.measures()),
        assume_staff=not wishes.no_staff_limit,
        aims=work.aim,
        limits=Limits(seconds=work.seconds),
        seed=work.seed,
    )


def _goal(wishes: _Wishes, first: Quarter) -> Goal:
    from capillary.roadmap.goal import Goal
    from capillary.roadmap.quarters import count_until, quarter_of

    try:
        quarters = DEFAULT_QUARTERS if wishes.by is None else count_until(first, quarter_of(wishes.by))
    except InputError as error:
        raise InputError([_on_the_command_line(problem) for problem in error.problems]) from None
    return Goal(
        quarters=quarters,
        level=wishes.to_level,
        budget=wishes.budget,
        cash=wishes.cash,
        running=wishes.running,
        hours=cast("dict[StaffRole, int]", dict(_pair("--staff", item, "it=200") for item in wishes.staff)),
        pinned=frozenset(wishes.pin),
        excluded=frozenset(wishes.exclude),
        have=frozenset(wishes.have),
        contracted=dict(_on_order(item, first) for item in wishes.contracted),
        subsidies=tuple(_subsidy(item) for item in wishes.subsidy),
        years=wishes.years,
        discount=wishes.discount,
        currency=wishes.currency.upper(),
    )


def _with_programmes(
    session: Session, sheet: AnswerSheet, goal: Goal, wishes: _Wishes, first: Quarter
) -> Goal:
    """Return the goal with what programmes would pay; says on standard error what was taken as met, and what is inexact."""
    if not wishes.programmes:
        return goal
    from dataclasses import replace

    from capillary.cli.entitlements import pair_of, rules_of
    from capillary.incentives.firm import enterprise_facts
    from capillary.incentives.plan import aid_by_level
    from capillary.incentives.situation import read_situation
    from capillary.report.roadmap.words import counted_words
    from capillary.roadmap.goal import MOST_MONEY, Subsidy, Tier
    from capillary.roadmap.quarters import last_day, moved
    from capillary.scoring.program import compile_standard

    rules = rules_of(session)
    if rules.facts["level_after"].standard != sheet.standard:
        cause = msg("Programmes pay by levels of {standard}.", standard=rules.facts["level_after"].standard)
        remedy = msg("Plan with a sheet of that standard, or give the subsidy with --subsidy.")
        raise InputError([Problem("other-standard", Place(path="--programme"), cause, remedy)])
    done = last_day(moved(first, goal.quarters - 1))
    known = enterprise_facts(sheet.enterprise, session.library.regions().values(), session.library.sectors())
    facts = {**known, "completed_on": done, **dict(pair_of(item) for item in wishes.facts)}
    today = datetime.now().astimezone().date().isoformat()
    situation = read_situation(facts, rules, on=today, aids=(), currency=goal.currency)
    top = compile_standard(session.find(sheet.standard)).top_level
    found = []
    for name in wishes.programmes:
        programme = rules.programmes.get(name)
        if programme is None or programme.currency is None:
            cause = msg("There is no programme {word} that pays money.", word=name)
            paying = [
                item.id
                for item in rules.programmes.values()
                if item.currency and item.kind in {"subsidy", "advice"}
            ]
            raise InputError(
                [Problem("unknown-name", Place(path="--programme"), cause, did_you_mean(name, paying))]
            )
        aid_of = aid_by_level(rules, programme, situation, range(1, top + 1))
        aids, counted = aid_of.levels, aid_of.counted
        if not aids:
            cause = msg("{title} pays nothing to this enterprise today.", title=programme.title)
            remedy = msg("See why with: capillary entitlements FILE --programme {word}", word=name)
            raise InputError([Problem("pays-nothing", Place(path="--programme"), cause, remedy)])
        tiers = [
            Tier(
                aid.level,
                int(aid.share * 100),
                MOST_MONEY if aid.cap is None else int(aid.cap),
                int(aid.bonus),
            )
            for aid in aids
        ]
        low, *higher = tiers
        found.append(
            Subsidy(
                low.percent,
                low.cap,
                low.level,
                programme.title,
                low.bonus,
                tuple(higher),
                categories=None if counted is None else counted.categories,
                counts=None if counted is None else counted.certainty,
            )
        )
        title = programme.title.in_(session.language)
        words = counted_words(found[-1])
        if words is not None:
            click.echo(f"{title}: {words.in_(session.language)}", err=True)
        if aids[-1].open_conditions:
            names = ", ".join(aids[-1].open_conditions)
            click.echo(session.say("{title}: taken as met: {names}.", title=title, names=names), err=True)
        off = max(aid.off_by for aid in aids)
        if off:
            click.echo(session.say("{title}: off by up to {amount}.", title=title, amount=int(off)), err=True)
    return replace(goal, subsidies=(*goal.subsidies, *found))


def _bad(option: str, text: str, example: str) -> InputError:
    cause = msg("{value} cannot be read.", value=text)
    remedy = msg("Write it like {example}.", example=f"{option} {example}")
    return InputError([Problem("option", Place(path=option), cause, remedy)])


def _pair(option: str, text: str, example: str) -> tuple[str, int]:
    name, mark, value = text.partition("=")
    if not mark or not re.fullmatch(r"-?\d+", value.strip()):
        raise _bad(option, text, example)
    return name.strip(), int(value)


def _on_order(text: str, first: Quarter) -> tuple[str, int]:
    from capillary.roadmap.quarters import count_until, quarter_of

    name, mark, quarter = text.partition("=")
    if not mark:
        raise _bad("--contracted", text, "office-platform=2027-Q2")
    try:
        return name.strip(), count_until(first, quarter_of(quarter))
    except InputError as error:
        raise InputError([problem.at(path="--contracted") for problem in error.problems]) from None


def _subsidy(text: str) -> Subsidy:
    from capillary.roadmap.goal import MOST_MONEY, Subsidy

    found = _SUBSIDY.fullmatch(text.replace(" ", ""))
    if found is None:
        raise _bad("--subsidy", text, "30%:200000@2")
    return Subsidy(int(found["percent"]), int(found["cap"] or MOST_MONEY), int(found["level"] or 0))


def _write(session: Session, roadmap: Roadmap, first: Quarter, outputs: _Outputs) -> None:
    from capillary.report.roadmap import roadmap_html, roadmap_pdf, roadmap_xlsx

    today = datetime.now().astimezone().date().isoformat()
    library, language = session.library, session.language
    if outputs.html is not None:
        page = roadmap_html(roadmap, library, language, first, written_on=today)
        with whole_file(outputs.html) as temporary:
            temporary.write_text(page, encoding="utf-8")
    if outputs.pdf is not None:
        content = roadmap_pdf(roadmap, library, language, first, written_on=today)
        with whole_file(outputs.pdf) as temporary:
            temporary.write_bytes(content)
    if outputs.xlsx is not None:
        with whole_file(outputs.xlsx) as temporary:
            temporary.write_bytes(roadmap_xlsx(roadmap, library, language, first))


# --- on the screen ---------------------------------------------------------------------------------------------------


def _lines(session: Session, roadmap: Roadmap, first: Quarter) -> Iterator[str]:
    from capillary.model.exact import tidy
    from capillary.report.roadmap.asked import Asked
    from capillary.report.roadmap.words import Calendar, Money
    from capillary.roadmap.timeline import standing

    language = session.language
    question = roadmap.question
    calendar = Calendar(first)
    money = Money.of_currency(question.goal.currency, session.library.currencies())
    asked = Asked(roadmap, calendar, money)
    enterprise = question.sheet.enterprise
    name = enterprise.name or enterprise.id or "–"
    yield click.style(f"{name} · {question.standard.file.title.in_(language)}", bold=True)
    level, score = standing(roadmap.firm)
    yield session.say("Now: level {level}, score {score:g}", level=level, score=float(tidy(score)))
    for sentence in asked.demands():
        yield f"  {_in(sentence, language)}"
    clash = asked.clash()
    if clash is not None:
        yield click.style(_in(clash.lead, language), bold=True)
        for item in clash.demands:
            yield f"  {_in(item.words, language)} → {_in(item.instead, language)}"
        yield _in(clash.after, language)
    for note in (asked.nothing(), asked.undecided()):
        if note is not None:
            yield _in(note, language)
    for view in roadmap.plans:
        yield ""
        yield from _plan_lines(session, roadmap, view, asked)
    sentences = list(asked.tradeoffs())
    if sentences:
        yield ""
        yield click.style(session.say("What more would buy"), bold=True)
        yield from (f"  {_in(sentence, language)}" for sentence in sentences)
    if any(_doubtful(roadmap, view) for view in roadmap.plans):
        yield ""
        yield session.say("‡ Rests on a figure that is not verified. Give your own with --offers.")


def _plan_lines(session: Session, roadmap: Roadmap, view: PlanView, asked: Any) -> Iterator[str]:
    from capillary.report.roadmap.plans import proof_words
    from capillary.report.roadmap.words import aim_title, chance, years
    from capillary.roadmap.robustness import LONGEST_PAYBACK

    language, plan, money, calendar = session.language, view.plan, asked.money, asked.calendar
    yield click.style(_in(aim_title(view), language), bold=True)
    yield "  " + _in(proof_words(plan.aim, plan.proof), language)
    if not plan.steps:
        yield "  " + session.say("Nothing has to be done.")
        return
    if plan.level:
        yield "  " + session.say(
            "Level {level} by the end of {quarter}, score {score:g}",
            level=plan.level,
            quarter=calendar.say(plan.reached),
            score=float(plan.score),
        )
    else:
        yield "  " + session.say("Score {score:g}", score=float(plan.score))
    yield "  " + session.say(
        "{spent} counted against the budget, of it {yearly} a year; {ownership} over {years} years",
        spent=money.say(plan.money.spent),
        yearly=money.say(plan.money.yearly),
        ownership=money.say(plan.money.ownership),
        years=plan.goal.years,
    )
    sure = view.robustness
    if sure.within_budget is not None:
        yield "  " + session.say(
            "Within the budget with a chance of {budget}, in time with {time}",
            budget=chance(sure.within_budget),
            time=chance(sure.in_time),
        )
    else:
        yield "  " + session.say("In time with a chance of {time}", time=chance(sure.in_time))
    low, _, high = view.returns.payback_years
    yield "  " + session.say(
        "Pays back: {best} at best, {worst} at worst",
        best=years(low, LONGEST_PAYBACK),
        worst=years(high, LONGEST_PAYBACK),
    )
    for step in plan.steps:
        measure = roadmap.catalogue.measures[step.measure]
        doubt = "‡" if _unverified(roadmap, view, step.measure) else ""
        when = _in(calendar.span(step.begins, step.complete), language)
        cost = _in(money.say(step.one_off + step.yearly), language)
        yield f"  {when}  {measure.title.in_(language)} ({step.measure}): {cost}{doubt}"


def _unverified(roadmap: Roadmap, view: PlanView, name: str) -> bool:
    catalogue, terms = roadmap.catalogue, view.terms[name]
    measure = catalogue.measures[name]
    costs = any((*terms.one_off, *terms.yearly))
    return costs and not terms.own and catalogue.certainty_of(measure, measure.cost) == "unverified"


def _doubtful(roadmap: Roadmap, view: PlanView) -> bool:
    return any(_unverified(roadmap, view, step.measure) for step in view.plan.steps)


def _in(words: Any, language: Language) -> str:
    return words if isinstance(words, str) else str(words.in_(language))
