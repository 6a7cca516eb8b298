"""Loads competences, courses and skills checks, and finds what a schema cannot say of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from capillary.content.schema import read_as
from capillary.content.yaml12 import line_of
from capillary.model.course import (
    TOP_LEVEL,
    CompetenceFile,
    CourseBook,
    CourseFile,
    CourseOrigin,
    SkillsFile,
)
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from capillary.model.capability import Capability
    from capillary.model.course import Course, Span
    from capillary.model.measure import StaffRole
    from capillary.model.standard import Source
    from capillary.model.text import Message

FOLDER = "courses"
SKILLS = "skills"
COMPETENCES = "competences.yaml"


@cache
def load_competences(root: Path) -> CompetenceFile:
    """Return the competences of a content folder.

    Raises:
        InputError: ``competences.yaml`` is missing or has errors; every error is named.
    """
    path = root / COMPETENCES
    file = read_as(path, CompetenceFile, COMPETENCES)
    problems = [*_source_problems(path, COMPETENCES, file.source, file.sources)]
    areas = [area.id for area in file.areas]
    for index, item in enumerate(file.competences):
        if item.area not in areas:
            steps = ("competences", index, "area")
            problems.append(_unknown(path, COMPETENCES, steps, item.area, areas))
    for part, words in (
        ("competences", [item.id for item in file.competences]),
        ("areas", areas),
        ("levels", [str(item.level) for item in file.levels]),
    ):
        problems.extend(_twice(path, COMPETENCES, part, words))
    levels = {item.level for item in file.levels}
    for level in sorted(set(range(1, TOP_LEVEL + 1)) - levels):
        place = Place(file=COMPETENCES, row=line_of(path, ("levels",)), path="levels")
        cause = msg("Level {level} has no name.", level=level)
        problems.append(
            Problem("unknown-level", place, cause, msg("List all levels from 1 to {top}.", top=TOP_LEVEL))
        )
    if problems:
        raise InputError(problems)
    return file


@cache
def load_courses(root: Path) -> CourseBook:
    """Return the courses of a content folder, checked in themselves (not against capabilities and competences).

    Raises:
        InputError: a file has errors, or two courses share an id; every error is named.
    """
    problems: list[Problem] = []
    courses: dict[str, Course] = {}
    files: dict[str, CourseFile] = {}
    origins: dict[str, CourseOrigin] = {}
    for path in sorted((root / FOLDER).glob("*.yaml")):
        shown = f"{FOLDER}/{path.name}"
        try:
            file = read_as(path, CourseFile, shown)
        except InputError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_source_problems(path, shown, file.source, file.sources))
        for index, course in enumerate(file.courses):
            origin = CourseOrigin(course.id, path, shown, index)
            if course.id in courses:
                cause = msg("{word} stands {count} times.", word=course.id, count=2)
                problems.append(_at(origin, "stands-twice", ("id",), cause, msg("Give each its own name.")))
            courses[course.id], files[course.id], origins[course.id] = course, file, origin
    if problems:
        raise InputError(problems)
    return CourseBook(courses, files, origins)


@cache
def load_skills(root: Path) -> Mapping[StaffRole, SkillsFile]:
    """Return the skills checks of a content folder, by role, checked in themselves.

    Raises:
        InputError: a file has errors, or two are for one role; every error is named.
    """
    problems: list[Problem] = []
    found: dict[StaffRole, SkillsFile] = {}
    for path in sorted((root / SKILLS).glob("*.yaml")):
        shown = f"{SKILLS}/{path.name}"
        try:
            file = read_as(path, SkillsFile, shown)
        except InputError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_source_problems(path, shown, file.source, file.sources))
        problems.extend(_question_problems(path, shown, file))
        if file.role in found:
            cause = msg("{word} stands {count} times.", word=file.role, count=2)
            place = Place(file=shown, row=line_of(path, ("role",)), path="role")
            problems.append(Problem("stands-twice", place, cause, msg("Keep one check for each role.")))
        found[file.role] = file
    if problems:
        raise InputError(problems)
    return found


def _question_problems(path: Path, shown: str, file: SkillsFile) -> Iterator[Problem]:
    yield from _twice(path, shown, "questions", [question.id for question in file.questions])
    asked = {question.competence for question in file.questions}
    for index, question in enumerate(file.questions):
        place = f"questions[{index}].options"
        row = line_of(path, ("questions", index, "options"))
        keys = [option.key for option in question.options]
        levels = [str(option.level) for option in question.options]
        for words in (keys, levels):
            for word, count in Counter(words).items():
                if count > 1:
                    cause = msg("{word} stands {count} times.", word=word, count=count)
                    yield Problem(
                        "stands-twice",
                        Place(file=shown, row=row, path=place),
                        cause,
                        msg("Give each option a key and a level of its own."),
                    )
        if "0" not in levels:
            yield Problem(
                "no-lowest",
                Place(file=shown, row=row, path=place),
                msg("No option shows level 0."),
                msg("Add what somebody without the skill would choose."),
            )
    for name in sorted(set(file.wanted) - asked):
        yield Problem(
            "not-asked",
            Place(file=shown, row=line_of(path, ("wanted", name)), path=f"wanted.{name}"),
            msg("No question asks about {word}.", word=name),
            msg("Add a question, or take the competence out of wanted."),
        )


def _twice(path: Path, shown: str, part: str, words: Sequence[str]) -> Iterator[Problem]:
    for word, count in Counter(words).items():
        if count > 1:
            place = Place(file=shown, row=line_of(path, (part,)), path=part)
            cause = msg("{word} stands {count} times.", word=word, count=count)
            yield Problem("stands-twice", place, cause, msg("Give each its own name."))


def _source_problems(path: Path, shown: str, source: str, sources: Sequence[Source]) -> Iterator[Problem]:
    known = [item.id for item in sources]
    if source not in known:
        yield _unknown(path, shown, ("source",), source, known)


def _unknown(path: Path, shown: str, steps: Sequence[str | int], word: str, known: Iterable[str]) -> Problem:
    place = Place(file=shown, row=line_of(path, tuple(steps)), path=".".join(str(step) for step in steps))
    return Problem(
        "unknown-name", place, msg("{word} is not known.", word=word), did_you_mean(word, list(known))
    )


def _at(
    origin: CourseOrigin, code: str, steps: Sequence[str | int], cause: Message, remedy: Message
) -> Problem:
    row = line_of(origin.path, (FOLDER, origin.index, *steps))
    path = origin.id + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return Problem(code, Place(file=origin.shown, row=row, path=path), cause, remedy)


# --- against the vocabulary ----------------------------------------------------------------------------------------------


def course_problems(
    book: CourseBook, capabilities: Mapping[str, Capability], competences: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield names in courses that do not exist, levels that cannot be, and ways into a course that do not exist."""
    sound = True
    tops = {name: item.top for name, item in capabilities.items()}
    heights = dict.fromkeys(competences, TOP_LEVEL)
    for course in book.courses.values():
        found = [
            *_span_problems(book.origins[course.id], "capabilities", course.capabilities, tops),
            *_span_problems(book.origins[course.id], "competences", course.competences, heights),
            *_before_problems(book, course),
        ]
        sound = sound and not found
        yield from found
    if sound:
        yield from _circle_problems(book)
        yield from _entry_problems(book)


def _span_problems(
    origin: CourseOrigin, part: str, spans: Mapping[str, Span], tops: Mapping[str, int]
) -> Iterator[Problem]:
    for name, (low, high) in spans.items():
        steps = (part, name)
        if name not in tops:
            cause = msg("{word} is not known.", word=name)
            yield _at(origin, "unknown-name", steps, cause, did_you_mean(name, list(tops)))
        elif high > tops[name]:
            yield _at(
                origin,
                "unknown-level",
                steps,
                msg("{capability} has no level {level}.", capability=name, level=high),
                msg("Its levels go up to {top}.", top=tops[name]),
            )
        elif low >= high:
            yield _at(
                origin,
                "no-rise",
                steps,
                msg("From level {low} to level {high} is no rise.", low=low, high=high),
                msg("Write the lower level first."),
            )


def _before_problems(book: CourseBook, course: Course) -> Iterator[Problem]:
    origin = book.origins[course.id]
    for index, name in enumerate(course.after):
        other = book.courses.get(name)
        if other is None:
            cause = msg("{word} is not known.", word=name)
            yield _at(origin, "unknown-name", ("after", index), cause, did_you_mean(name, list(book.courses)))
        elif missing := set(course.roles) - set(other.roles):
            yield _at(
                origin,
                "role",
                ("after", index),
                msg("{other} is not for the role {role}.", other=name, role=min(missing)),
                msg("Name another course under after, or add the role there."),
            )
    for part, words in (("after", course.after), ("roles", course.roles)):
        for word, count in Counter(words).items():
            if count > 1:
                cause = msg("{word} stands {count} times.", word=word, count=count)
                yield _at(origin, "stands-twice", (part,), cause, msg("Name it once."))


def brings(course: Course, competence: str, level: int) -> bool:
    """Whether a course leads over a level of a competence."""
    low, high = course.competences.get(competence, (0, 0))
    return low < level <= high


def _circle_problems(book: CourseBook) -> Iterator[Problem]:
    """Note courses that wait for one another: by name, or by a level that one brings and the other begins with."""
    waits = {
        course.id: {
            *course.after,
            *(
                other.id
                for other in book.courses.values()
                for name, (low, _high) in course.competences.items()
                if other is not course and any(brings(other, name, level) for level in range(1, low + 1))
            ),
        }
        for course in book.courses.values()
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        cause = msg("Courses wait for one another: {names}.", names=" → ".join(ring))
        remedy = msg("Lower the level that one begins with, or take a name out of after.")
        yield _at(book.origins[ring[0]], "circle", ("after",), cause, remedy)


def _entry_problems(book: CourseBook) -> Iterator[Problem]:
    """Note levels to begin with to which no course leads for some role."""
    for course in book.courses.values():
        for name, (low, _high) in course.competences.items():
            for role in course.roles:
                level = _unreached(book, role, name, low)
                if level:
                    yield _at(
                        book.origins[course.id],
                        "no-way",
                        ("competences", name),
                        msg(
                            "No course leads the role {role} to level {level} of {name}.",
                            role=role,
                            level=level,
                            name=name,
                        ),
                        msg("Lower the level to begin with, or add a course."),
                    )


def _unreached(book: CourseBook, role: StaffRole, competence: str, level: int) -> int:
    """Return the lowest level up to ``level`` over which no course leads a role; 0 where there is none."""
    courses = [course for course in book.courses.values() if role in course.roles]
    return next(
        (
            step
            for step in range(1, level + 1)
            if not any(brings(course, competence, step) for course in courses)
        ),
        0,
    )


def skills_problems(
    root: Path, checks: Mapping[StaffRole, SkillsFile], competences: Mapping[str, object], book: CourseBook
) -> Iterator[Problem]:
    """Yield names in skills checks that do not exist, and wanted levels to which no course leads."""
    for role, file in checks.items():
        path = next((one for one in sorted((root / SKILLS).glob("*.yaml")) if _is_of(one, role)), None)
        if path is None:
            continue
        shown = f"{SKILLS}/{path.name}"
        for index, question in enumerate(file.questions):
            if question.competence not in competences:
                steps = ("questions", index, "competence")
                yield _unknown(path, shown, steps, question.competence, competences)
        for name, level in file.wanted.items():
            missing = _unreached(book, role, name, level)
            if missing and name in competences:
                yield Problem(
                    "no-way",
                    Place(file=shown, row=line_of(path, ("wanted", name)), path=f"wanted.{name}"),
                    msg(
                        "No course leads the role {role} to level {level} of {name}.",
                        role=role,
                        level=missing,
                        name=name,
                    ),
                    msg("Lower the wanted level, or add a course."),
                )


def _is_of(path: Path, role: StaffRole) -> bool:
    return read_as(path, SkillsFile, path.name).role == role


# --- searching -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CourseWish:
    """What is looked for among courses; what is empty holds for all.

    Attributes:
        text: words that must all stand somewhere in it, in whatever language.
        capabilities: capabilities of which it teaches at least one.
    """

    text: str = ""
    role: str = ""
    form: str = ""
    capability: str = ""
    competence: str = ""
    capabilities: frozenset[str] = frozenset()


def courses_found(book: CourseBook, wish: CourseWish) -> list[Course]:
    """Return the courses that fit, in the order of the book.

    The words of the search are separated by spaces; each must be contained in a text, upper and lower case alike.
    Chinese needs no spaces: a run of characters is looked for as it stands.
    """
    words = wish.text.casefold().split()
    return [
        item
        for item in book.courses.values()
        if (not wish.role or wish.role in item.roles)
        and (not wish.form or wish.form == item.form)
        and (not wish.capability or wish.capability in item.capabilities)
        and (not wish.competence or wish.competence in item.competences)
        and (not wish.capabilities or wish.capabilities & set(item.capabilities))
        and all(word in book.texts[item.id] for word in words)
    ]


@dataclass(frozen=True)
class CourseCounts:
    """How many courses there would be for each choice of a filter, the other filters and the words as they are."""

    role: Mapping[str, int]
    form: Mapping[str, int]
    capability: Mapping[str, int]
    competence: Mapping[str, int]


def course_counts(book: CourseBook, wish: CourseWish) -> CourseCounts:
    """Return for each choice of each filter how many courses it would leave; choices that leave none are not named."""

    def counted(values: Callable[[Course], Iterable[str]], without: CourseWish) -> Mapping[str, int]:
        return Counter(value for item in courses_found(book, without) for value in values(item))

    return CourseCounts(
        role=counted(lambda item: item.roles, replace(wish, role="")),
        form=counted(lambda item: [item.form], replace(wish, form="")),
        capability=counted(lambda item: item.capabilities, replace(wish, capability="")),
        competence=counted(lambda item: item.competences, replace(wish, competence="")),
    )
