"""The training plan of a firm: the fewest attendances, and among those the fewest hours, that close every gap.

A gap is one level of a competence that somebody lacks for their role, or one level of a capability that the firm wants
and that courses help with. Each gap needs a course that leads over that level: a competence for the person who lacks
it, a capability for anybody in the firm. Whoever attends a course has done those that it comes after, or has at least
what they bring, and reaches the level that it begins with. It is a covering problem with conditions in 0 and 1; the
solver is handed in, so that the same one serves all engines.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from graphlib import TopologicalSorter
from math import ceil
from typing import TYPE_CHECKING, Protocol

from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.scoring.linear import LinearModel, known, summed
from capillary.talent.skills import UNKNOWN, check_answers, skills_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from capillary.model.capability import Capability
    from capillary.model.course import Course, Interval, Learner, SkillsFile, TrainingNeeds
    from capillary.model.measure import StaffRole
    from capillary.scoring.linear import Quantity

MOST_PEOPLE = 100


class Solved(Protocol):
    """What a solver gives back; `capillary.scoring.solver.Answer` is one."""

    @property
    def status(self) -> str:
        """``optimal`` where it is proven."""

    @property
    def values(self) -> tuple[int, ...] | None:
        """One whole number for each variable; None where nothing was found."""


@dataclass(frozen=True, order=True)
class Gap:
    """One level that is lacking.

    Attributes:
        person: who lacks it; empty where it is a capability of the firm.
        name: the competence or the capability.
        level: the level.
        certain: whether it is certainly lacking; False where the skills are only known as an interval that reaches it.
    """

    person: str
    name: str
    level: int
    certain: bool = True


@dataclass(frozen=True)
class Attendance:
    """A person attends a course.

    Attributes:
        begins, ends: the weeks, counted from 1, at the hours a week that the person can spare.
        closes: the gaps that it leads over.
        opens: courses of the plan that come after it.
    """

    person: str
    course: str
    hours: int
    begins: int
    ends: int
    closes: tuple[Gap, ...]
    opens: tuple[str, ...]


@dataclass(frozen=True)
class TrainingPlan:
    """A plan.

    Attributes:
        attendances: by person in the order given, each in an order in which they can be attended.
        gaps: everything that was lacking and that courses help with.
        left: what is lacking and no course helps with.
        proven: whether no plan needs fewer attendances, or as many with fewer hours.
    """

    attendances: tuple[Attendance, ...]
    gaps: tuple[Gap, ...]
    left: tuple[Gap, ...]
    proven: bool

    @property
    def hours(self) -> int:
        """Learning hours of all people together."""
        return sum(item.hours for item in self.attendances)

    @property
    def weeks(self) -> int:
        """Weeks until the last person is through."""
        return max((item.ends for item in self.attendances), default=0)


def needs_problems(
    needs: TrainingNeeds,
    capabilities: Mapping[str, Capability],
    checks: Mapping[StaffRole, SkillsFile],
    courses: Mapping[str, Course],
    file: str = "",
) -> Iterator[Problem]:
    """Yield what a firm's needs name that does not exist, and levels that cannot be."""
    yield from _goal_problems(needs, capabilities, file)
    names = Counter(person.name for person in needs.people)
    for index, person in enumerate(needs.people):
        path = f"people[{index}]"
        if names[person.name] > 1:
            cause = msg("{word} stands {count} times.", word=person.name, count=names[person.name])
            place = Place(file=file or None, path=f"{path}.name")
            yield Problem("stands-twice", place, cause, msg("Give each its own name."))
        yield from _person_problems(person, path, checks, courses, file)
    if len(needs.people) > MOST_PEOPLE:
        cause = msg(
            "There are {count} people; a plan is made for at most {most}.",
            count=len(needs.people),
            most=MOST_PEOPLE,
        )
        yield Problem(
            "too-many", Place(file=file or None, path="people"), cause, msg("Split them into groups.")
        )


def _goal_problems(
    needs: TrainingNeeds, capabilities: Mapping[str, Capability], file: str
) -> Iterator[Problem]:
    for name, (low, high) in needs.goals.items():
        place = Place(file=file or None, path=f"goals.{name}")
        if name not in capabilities:
            cause = msg("{word} is not known.", word=name)
            yield Problem("unknown-name", place, cause, did_you_mean(name, list(capabilities)))
        elif high > capabilities[name].top or low >= high:
            yield Problem(
                "unknown-level",
                place,
                msg("From level {low} to level {high} is no goal of {name}.", low=low, high=high, name=name),
                msg("Its levels go up to {top}; write the level of today first.", top=capabilities[name].top),
            )


def _person_problems(
    person: Learner,
    path: str,
    checks: Mapping[StaffRole, SkillsFile],
    courses: Mapping[str, Course],
    file: str,
) -> Iterator[Problem]:
    asked = {question.competence for check in checks.values() for question in check.questions}
    competences = sorted(asked | {name for course in courses.values() for name in course.competences})
    for word, (low, high) in person.skills.items():
        place = Place(file=file or None, path=f"{path}.skills.{word}")
        if word not in competences:
            cause = msg("{word} is not known.", word=word)
            yield Problem("unknown-name", place, cause, did_you_mean(word, competences))
        elif low > high:
            cause = msg("The lower end {low} is above the upper end {high}.", low=low, high=high)
            yield Problem("ends-crossed", place, cause, msg("Write the lower level first."))
    for number, word in enumerate(person.done):
        if word not in courses:
            place = Place(file=file or None, path=f"{path}.done[{number}]")
            cause = msg("{word} is not known.", word=word)
            yield Problem("unknown-name", place, cause, did_you_mean(word, list(courses)))
    if person.role in checks:
        try:
            check_answers(checks[person.role], person.answers, file)
        except InputError as error:
            yield from error.problems


def known_skills(person: Learner, checks: Mapping[StaffRole, SkillsFile]) -> dict[str, Interval]:
    """Return what is known of a person: what is said of them, and what their answers show of the rest."""
    check = checks.get(person.role)
    answered = skills_of(check, person.answers) if check and person.answers else {}
    return {**answered, **person.skills}


def training_plan(
    needs: TrainingNeeds,
    courses: Mapping[str, Course],
    checks: Mapping[StaffRole, SkillsFile],
    solve: Callable[[LinearModel, Quantity], Solved],
) -> TrainingPlan:
    """Return the plan with the fewest attendances, then the fewest hours, that closes every gap that courses can close.

    Args:
        needs: checked by `needs_problems`.
        courses: checked by `capillary.content.courses.course_problems`.
        checks: the skills checks, for the answers and the levels that roles ask for.
        solve: makes a quantity of a linear model as small as possible.

    Raises:
        RuntimeError: the solver gives up without a plan.
    """
    return _Planner(needs, courses, checks).plan(solve)


class _Planner:
    def __init__(
        self, needs: TrainingNeeds, courses: Mapping[str, Course], checks: Mapping[StaffRole, SkillsFile]
    ) -> None:
        self.needs, self.courses, self.checks = needs, courses, checks
        self.people = {person.name: person for person in needs.people}
        self.skills = {person.name: known_skills(person, checks) for person in needs.people}
        self.model = LinearModel()
        self.flags: dict[tuple[str, str], Quantity] = {
            (person.name, course.id): self.model.flag(f"{person.name} {course.id}")
            for person in needs.people
            for course in courses.values()
            if person.role in course.roles and course.id not in person.done
        }

    def plan(self, solve: Callable[[LinearModel, Quantity], Solved]) -> TrainingPlan:
        gaps, left = [], []
        for gap in self._lacking():
            helping = self._helping(gap)
            if helping:
                gaps.append(gap)
                self.model.at_most(known(1), summed([self.flags[pair] for pair in helping]))
            else:
                left.append(gap)
        for (person, course), flag in self.flags.items():
            for ways in self._conditions(self.people[person], self.courses[course]):
                self.model.at_most(flag, summed([self.flags[person, way] for way in ways]))
        if not gaps:
            return TrainingPlan((), (), tuple(left), proven=True)
        # one attendance weighs more than all hours together
        weight = 1 + sum(self.courses[course].hours for _person, course in self.flags)
        cost = summed(
            [flag.scaled(weight + self.courses[course].hours) for (_, course), flag in self.flags.items()]
        )
        solved = solve(self.model, cost)
        if solved.values is None:
            raise RuntimeError(solved.status)
        chosen = [pair for pair, flag in self.flags.items() if round(flag.value(solved.values))]
        return TrainingPlan(
            tuple(self._attendances(chosen, gaps)), tuple(gaps), tuple(left), solved.status == "optimal"
        )

    def _least(self, person: Learner, competence: str) -> int:
        return self.skills[person.name].get(competence, UNKNOWN)[0]

    def _has(self, person: Learner, competence: str, level: int) -> bool:
        """Whether a person is certain to have a level, or did a course that leads over it."""
        return level <= self._least(person, competence) or any(
            _leads(self.courses[name].competences, competence, level)
            for name in person.done
            if name in self.courses
        )

    def _lacking(self) -> Iterator[Gap]:
        done = [self.courses[name] for person in self.needs.people for name in person.done]
        for name, (low, high) in self.needs.goals.items():
            for level in range(low + 1, high + 1):
                if not any(_leads(course.capabilities, name, level) for course in done):
                    yield Gap("", name, level)
        if not self.needs.role_levels:
            return
        for person in self.needs.people:
            wanted = self.checks[person.role].wanted if person.role in self.checks else {}
            for name, top in wanted.items():
                most = self.skills[person.name].get(name, UNKNOWN)[1]
                for level in range(1, top + 1):
                    if not self._has(person, name, level):
                        yield Gap(person.name, name, level, certain=level > most)

    def _helping(self, gap: Gap) -> list[tuple[str, str]]:
        return [
            (person, course)
            for person, course in self.flags
            if (
                gap.person == person and _leads(self.courses[course].competences, gap.name, gap.level)
                if gap.person
                else _leads(self.courses[course].capabilities, gap.name, gap.level)
            )
            and self._can(self.people[person], course, frozenset())
        ]

    def _can(self, person: Learner, course: str, above: frozenset[str]) -> bool:
        """Whether a person can ever attend a course: for every condition there is some course that they can attend."""
        return course not in above and all(
            any(self._can(person, way, above | {course}) for way in ways)
            for ways in self._conditions(person, self.courses[course])
        )

    def _conditions(self, person: Learner, course: Course) -> Iterator[Sequence[str]]:
        """Yield what must be attended before a course: of each list at least one."""
        for name in course.after:
            other = self.courses[name]
            there = all(self._least(person, key) >= high for key, (_, high) in other.competences.items())
            if name not in person.done and not there:
                yield [name] if (person.name, name) in self.flags else []
        for key, (low, _high) in course.competences.items():
            for level in range(1, low + 1):
                if not self._has(person, key, level):
                    yield [
                        other.id
                        for other in self.courses.values()
                        if other is not course
                        and (person.name, other.id) in self.flags
                        and _leads(other.competences, key, level)
                    ]

    def _attendances(self, chosen: Sequence[tuple[str, str]], gaps: Sequence[Gap]) -> Iterator[Attendance]:
        for person in self.needs.people:
            theirs = [course for name, course in chosen if name == person.name]
            before = {
                course: {
                    way
                    for ways in self._conditions(person, self.courses[course])
                    for way in ways
                    if way in theirs
                }
                for course in theirs
            }
            spent = 0
            for course in _in_order(before, {name: self.courses[name].hours for name in theirs}):
                hours = self.courses[course].hours
                item = self.courses[course]
                yield Attendance(
                    person.name,
                    course,
                    hours,
                    spent // person.hours + 1,
                    ceil((spent + hours) / person.hours),
                    tuple(
                        gap
                        for gap in gaps
                        if (gap.person == person.name and _leads(item.competences, gap.name, gap.level))
                        or (not gap.person and _leads(item.capabilities, gap.name, gap.level))
                    ),
                    tuple(other for other in theirs if course in before[other]),
                )
                spent += hours


def _leads(spans: Mapping[str, tuple[int, int]], name: str, level: int) -> bool:
    low, high = spans.get(name, (0, 0))
    return low < level <= high


def _in_order(before: Mapping[str, set[str]], hours: Mapping[str, int]) -> Iterator[str]:
    """Yield courses so that what comes before stands before; of those that are ready the shortest, then by name."""
    sorter = TopologicalSorter(before)
    sorter.prepare()
    ready: set[str] = set(sorter.get_ready())
    while ready:
        course = min(ready, key=lambda name: (hours[name], name))
        ready.discard(course)
        yield course
        sorter.done(course)
        ready.update(sorter.get_ready())
