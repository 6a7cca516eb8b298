"""``capillary courses``: outlines of what people can learn, listed, searched and shown, and the training plan of a firm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capillary.cli.common import language_option
from capillary.cli.standards import CERTAINTY
from capillary.model.course import COURSE_FORMS
from capillary.model.measure import ROLES
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from capillary.cli.common import Session
    from capillary.content.courses import CourseWish
    from capillary.model.course import Course, CourseForm, TrainingNeeds
    from capillary.model.text import Message, Text
    from capillary.talent.training import Attendance, Gap, TrainingPlan

FORM_WORDS: Mapping[CourseForm, Message] = {
    "self-study": msg("self-study"),
    "workshop": msg("workshop"),
    "on-the-job": msg("on the job"),
}
SECONDS = 30.0


def filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which courses are wanted."""
    for option in reversed(
        (
            click.option("--search", default="", help="Words that stand in it, in Chinese or in English."),
            click.option("--role", type=click.Choice(list(ROLES)), help="Who it is for."),
            click.option("--form", type=click.Choice(list(COURSE_FORMS)), help="How one learns."),
            click.option(
                "--capability", default="", help="A capability of the firm that it helps with, by its id."
            ),
            click.option(
                "--competence", default="", help="A competence of people by its number, such as 4.1."
            ),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        )
    ):
        function = option(function)
    return function


@click.group(name="courses", invoke_without_command=True)
@filters
@language_option
def command(session: Session, as_json: bool, **given: str | None) -> None:
    """List courses, show one with `courses show ID`, or find what a firm should learn with `courses plan FILE`."""
    if click.get_current_context().invoked_subcommand is None:
        _list(session, as_json=as_json, given=given)


@command.command(name="list")
@filters
@language_option
def list_(session: Session, as_json: bool, **given: str | None) -> None:
    """List the courses that fit."""
    _list(session, as_json=as_json, given=given)


@command.command(name="show")
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def show(session: Session, identifier: str, as_json: bool) -> None:
    """Show a course: what one can do afterwards, its outline, and questions that show whether it was understood."""
    book = session.library.courses()
    course = book.courses[_known("ID", identifier, book.courses)]
    if as_json:
        click.echo(json.dumps(_whole(session, course), ensure_ascii=False, indent=2))
        return
    for line in _lines(session, course):
        click.echo(line)


@command.command(name="plan")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language_option
def plan(session: Session, file: Path, as_json: bool) -> None:
    """Find the fewest courses that close the gaps of a firm and its people.

    FILE says in YAML or JSON what the firm wants and who is there; `capillary content schema training-needs` prints its form.
    """
    from capillary.content.schema import read_as
    from capillary.model.course import TrainingNeeds
    from capillary.scoring.solver import Limits, solve
    from capillary.talent.training import needs_problems, training_plan

    needs = read_as(file, TrainingNeeds, file.name)
    library = session.library
    courses, checks = library.courses().courses, library.skills()
    problems = list(needs_problems(needs, library.capabilities(), checks, courses, file.name))
    if problems:
        raise InputError(problems)
    found = training_plan(
        needs, courses, checks, lambda model, cost: solve(model, cost, limits=Limits(seconds=SECONDS))
    )
    if as_json:
        click.echo(json.dumps(plan_as_json(found), ensure_ascii=False, indent=2))
        return
    for line in _plan_lines(session, needs, found):
        click.echo(line)


def _list(session: Session, *, as_json: bool, given: Mapping[str, str | None]) -> None:
    from capillary.content.courses import courses_found

    wish = _wish(session, {name: value or "" for name, value in given.items()})
    found = courses_found(session.library.courses(), wish)
    if as_json:
        click.echo(json.dumps([_summary(item) for item in found], ensure_ascii=False, indent=2))
        return
    for item in found:
        hours = session.say("{hours} h", hours=item.hours)
        click.echo(f"{item.id:<30} {hours:>6}  {item.title.in_(session.language)}")
    if not found:
        click.echo(session.say("No course fits. Take out a filter, or search for fewer words."))
        return
    click.echo(session.say("{count} course(s). Show one with: capillary courses show ID", count=len(found)))


def _wish(session: Session, given: Mapping[str, str]) -> CourseWish:
    """Return what is looked for.

    Raises:
        InputError: a filter names what does not exist.
    """
    from capillary.content.courses import CourseWish

    for option, word, words in (
        ("--capability", given["capability"], session.library.capabilities()),
        ("--competence", given["competence"], session.library.competences().by_id),
    ):
        if word:
            _known(option, word, words)
    return CourseWish(given["search"], given["role"], given["form"], given["capability"], given["competence"])


def _known(option: str, word: str, words: Iterable[str]) -> str:
    candidates = list(words)
    if word not in candidates:
        cause = msg("{word} is not known.", word=word)
        raise InputError([Problem("unknown-name", Place(path=option), cause, did_you_mean(word, candidates))])
    return word


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _summary(course: Course) -> dict[str, object]:
    return {
        "id": course.id,
        "title": _pair(course.title),
        "outcome": _pair(course.outcome),
        "roles": list(course.roles),
        "form": course.form,
        "hours": course.hours,
        "after": list(course.after),
        "capabilities": {name: list(span) for name, span in course.capabilities.items()},
        "competences": {name: list(span) for name, span in course.competences.items()},
    }


def _whole(session: Session, course: Course) -> dict[str, object]:
    return {
        **_summary(course),
        "audience": _pair(course.audience),
        "outline": [_pair(text) for text in course.outline],
        "checks": [{"question": _pair(one.question), "answer": _pair(one.answer)} for one in course.checks],
        "certainty": session.library.courses().files[course.id].certainty,
    }


def _lines(session: Session, course: Course) -> Iterator[str]:
    from capillary.report.roadmap.words import ROLE_TITLES

    language, library = session.language, session.library
    file = library.courses().files[course.id]
    capabilities, competences = library.capabilities(), library.competences()
    mark = " ‡" if file.certainty == "unverified" else ""
    yield click.style(course.title.in_(language), bold=True)
    yield session.say("Afterwards: {text}", text=course.outcome.in_(language))
    yield session.say("For whom: {text}", text=course.audience.in_(language))
    roles = [ROLE_TITLES[role].in_(language) for role in course.roles]
    yield session.say("Roles: {names}", names=("、" if language == "zh" else ", ").join(roles))
    yield session.say(
        "{hours} hours{mark}, {form}",
        hours=course.hours,
        mark=mark,
        form=FORM_WORDS[course.form].in_(language),
    )
    for name in course.after:
        title = library.courses().courses[name].title.in_(language)
        yield session.say("Before it: {title}  [{id}]", title=title, id=name)
    yield ""
    yield session.say("Helps the firm with")
    for name, (low, high) in course.capabilities.items():
        yield f"  · {capabilities[name].title.in_(language)} {low} → {high}{mark}"
    yield session.say("Brings the person in")
    for name, (low, high) in course.competences.items():
        yield f"  · {name} {competences.by_id[name].title.in_(language)} {low} → {high}{mark}"
    yield ""
    yield session.say("What is done")
    yield from (f"  {number}. {text.in_(language)}" for number, text in enumerate(course.outline, 1))
    yield session.say("Questions")
    for check in course.checks:
        yield f"  ? {check.question.in_(language)}"
        yield f"    → {check.answer.in_(language)}"
    source = next(item for item in file.sources if item.id == file.source)
    yield f"{source.title.in_(language)} ({CERTAINTY[file.certainty].in_(language)})"


# --- the plan --------------------------------------------------------------------------------------------------------------


def plan_as_json(found: TrainingPlan) -> dict[str, object]:
    """Return a plan as JSON holds it."""
    return {
        "attendances": [_attendance(item) for item in found.attendances],
        "hours": found.hours,
        "weeks": found.weeks,
        "gaps": len(found.gaps),
        "left": [_gap(gap) for gap in found.left],
        "proven": found.proven,
    }


def _attendance(item: Attendance) -> dict[str, object]:
    return {
        "person": item.person,
        "course": item.course,
        "hours": item.hours,
        "begins": item.begins,
        "ends": item.ends,
        "closes": [_gap(gap) for gap in item.closes],
        "opens": list(item.opens),
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {"person": gap.person or None, "name": gap.name, "level": gap.level, "certain": gap.certain}


def _plan_lines(session: Session, needs: TrainingNeeds, found: TrainingPlan) -> Iterator[str]:
    language, courses = session.language, session.library.courses().courses
    if not found.attendances:
        yield session.say("No course is needed.")
    for person in needs.people:
        theirs = [item for item in found.attendances if item.person == person.name]
        if not theirs:
            continue
        yield click.style(
            session.say("{name}, {hours} hours a week", name=person.name, hours=person.hours), bold=True
        )
        for item in theirs:
            weeks = session.say("weeks {first}–{last}", first=item.begins, last=item.ends)
            yield f"  {weeks:<14} {courses[item.course].title.in_(language)}  [{item.course}]"
    if found.attendances:
        yield ""
        yield session.say(
            "{count} attendance(s), {hours} hours ‡, {weeks} weeks.",
            count=len(found.attendances),
            hours=found.hours,
            weeks=found.weeks,
        )
        yield (
            session.say("Proven: no plan needs fewer attendances, or as many with fewer hours.")
            if found.proven
            else session.say("Not proven: the time was up before every other plan was ruled out.")
        )
        yield session.say("‡ unverified: hours and levels are our own estimates.")
    if found.left:
        yield ""
        yield session.say("No course helps with:")
        for gap in found.left:
            yield "  · " + session.say(
                "{name}, level {level}{person}",
                name=_gap_title(session, gap),
                level=gap.level,
                person=f" ({gap.person})" if gap.person else "",
            )


def _gap_title(session: Session, gap: Gap) -> str:
    library = session.library
    found = library.competences().by_id.get(gap.name) if gap.person else library.capabilities().get(gap.name)
    return gap.name if found is None else found.title.in_(session.language)
