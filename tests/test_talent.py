"""Skills checks and training plans, against an independent oracle that tries every set of attendances."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from capillary.content.library import Library
from capillary.model.course import TOP_LEVEL, Course, CourseCheck, Learner, SkillsFile, TrainingNeeds
from capillary.model.problems import InputError
from capillary.model.text import Text
from capillary.scoring.solver import Limits, solve
from capillary.talent.fit import Skill, competences_for, fit_of
from capillary.talent.skills import skill_gaps, skills_of
from capillary.talent.training import MOST_PEOPLE, needs_problems, training_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.scoring.linear import LinearModel, Quantity
    from capillary.talent.training import Solved, TrainingPlan

LIBRARY = Library()
CHECKS = LIBRARY.skills()
COURSES = LIBRARY.courses().courses
TEXT = Text(zh="一", en="one")


def exact(model: LinearModel, cost: Quantity) -> Solved:
    return solve(model, cost, limits=Limits())


# --- the skills check ---------------------------------------------------------------------------------------------------

answers_of = {
    role: st.fixed_dictionaries(
        {},
        optional={
            question.id: st.sampled_from([option.key for option in question.options])
            for question in check.questions
        },
    )
    for role, check in CHECKS.items()
}


@given(role=st.sampled_from(list(CHECKS)), data=st.data())
def test_more_answers_stay_within_what_was_possible(role: str, data: st.DataObject) -> None:
    check = CHECKS[role]
    answers = data.draw(answers_of[role])
    before = skills_of(check, answers)
    open_ = [question for question in check.questions if question.id not in answers]
    assert all(before[question.competence] == (0, TOP_LEVEL) for question in open_)
    for question in open_:
        key = data.draw(st.sampled_from([option.key for option in question.options]))
        after = skills_of(check, {**answers, question.id: key})[question.competence]
        low, high = before[question.competence]
        assert low <= after[0] <= after[1] <= high


@given(role=st.sampled_from(list(CHECKS)), data=st.data())
def test_a_better_answer_lowers_nothing(role: str, data: st.DataObject) -> None:
    check = CHECKS[role]
    answers = data.draw(answers_of[role])
    assume(answers)
    name = data.draw(st.sampled_from(sorted(answers)))
    question = next(item for item in check.questions if item.id == name)
    level = {option.key: option.level for option in question.options}
    better = [key for key in level if level[key] > level[answers[name]]]
    assume(better)
    one, other = (
        skills_of(check, answers),
        skills_of(check, {**answers, name: data.draw(st.sampled_from(better))}),
    )
    assert all(other[key][0] >= low and other[key][1] >= high for key, (low, high) in one.items())


def test_answers_that_contradict_leave_a_wide_interval() -> None:
    check = CHECKS["it"]
    first = check.questions[0]
    twice = SkillsFile(
        source="x",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=check.sources,
        role="it",
        title=TEXT,
        wanted={first.competence: 3},
        questions=(
            first,
            type(first)(id="again", competence=first.competence, text=TEXT, options=first.options),
        ),
    )
    keys = {option.level: option.key for option in first.options}
    low, high = min(keys), max(keys)
    agreeing = skills_of(twice, {first.id: keys[low], "again": keys[low]})
    assert agreeing[first.competence] == first.shown_by(keys[low])
    assert skills_of(twice, {first.id: keys[low], "again": keys[high]})[first.competence] == (low, TOP_LEVEL)
    assert skills_of(twice, {first.id: keys[high]})[first.competence] == (0, TOP_LEVEL)


def test_gaps_say_what_is_certain() -> None:
    gaps = skill_gaps({"1.1": (1, 2), "1.2": (2, 4), "1.3": (3, 3)}, {"1.1": 3, "1.2": 3, "1.3": 3, "2.1": 1})
    assert [(gap.competence, gap.certain) for gap in gaps] == [("1.1", True), ("1.2", False), ("2.1", False)]
    with pytest.raises(InputError, match="office-01"):
        skills_of(CHECKS["office"], {"office-01x": "a", "office-02": "z"})


# --- the training plan against every set of attendances ------------------------------------------------------------------

PEOPLE = ("ann", "bo")
KEYS = ("1.1", "2.1")
spans = st.sampled_from([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)])


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, Course]:
    courses: dict[str, Course] = {}
    for number in range(draw(st.integers(1, 5))):
        name = f"c{number}"
        roles = draw(st.sampled_from([("owner",), ("it",), ("owner", "it")]))
        before = (
            st.lists(st.sampled_from(sorted(courses)), unique=True, max_size=1) if courses else st.just([])
        )
        courses[name] = Course(
            id=name,
            title=TEXT,
            outcome=TEXT,
            audience=TEXT,
            roles=roles,
            form="workshop",
            hours=draw(st.integers(1, 4)),
            after=tuple(draw(before)),
            capabilities=draw(st.dictionaries(st.sampled_from(["x", "y"]), spans, min_size=1, max_size=2)),
            competences=draw(st.dictionaries(st.sampled_from(KEYS), spans, min_size=1, max_size=2)),
            outline=(TEXT, TEXT, TEXT),
            checks=(CourseCheck(question=TEXT, answer=TEXT),),
        )
    return courses


def role_check(role: str, wanted: dict[str, int]) -> SkillsFile:
    check = CHECKS["it"]
    return SkillsFile(
        source="x",
        certainty="unverified",
        effective_from="2026-01-01",
        sources=check.sources,
        role=role,  # type: ignore[arg-type]
        title=TEXT,
        wanted=wanted,
        questions=check.questions[:1],
    )


wanted_levels = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 3), max_size=2)
known_levels = st.dictionaries(
    st.sampled_from(KEYS), st.tuples(st.integers(0, 2), st.integers(2, 4)), max_size=2
)


@st.composite
def firms(draw: st.DrawFn, courses: dict[str, Course]) -> TrainingNeeds:
    people = tuple(
        Learner(
            name=name,
            role=draw(st.sampled_from(["owner", "it"])),
            hours=draw(st.integers(1, 5)),
            skills=draw(known_levels),
            done=tuple(draw(st.lists(st.sampled_from(sorted(courses)), unique=True, max_size=1))),
        )
        for name in PEOPLE[: draw(st.integers(1, 2))]
    )
    goals = draw(st.dictionaries(st.sampled_from(["x", "y"]), spans, max_size=2))
    return TrainingNeeds(goals=goals, role_levels=draw(st.booleans()), people=people)


class Oracle:
    """Says of any set of attendances whether it can be and what it closes, straight from the words of the rule."""

    def __init__(
        self, needs: TrainingNeeds, courses: Mapping[str, Course], checks: Mapping[str, SkillsFile]
    ) -> None:
        self.needs, self.courses, self.checks = needs, courses, checks
        self.who = {person.name: person for person in needs.people}
        self.pairs = [
            (person.name, name)
            for person in needs.people
            for name, course in courses.items()
            if person.role in course.roles and name not in person.done
        ]

    def has(self, person: str, key: str, level: int) -> bool:
        learner = self.who[person]
        done = [self.courses[name].competences.get(key, (0, 0)) for name in learner.done]
        return learner.skills.get(key, (0, 8))[0] >= level or any(low < level <= high for low, high in done)

    def can(self, chosen: set[tuple[str, str]], pair: tuple[str, str]) -> bool:
        person, course = pair[0], self.courses[pair[1]]
        learner = self.who[person]
        for name in course.after:
            brought = self.courses[name].competences.items()
            has = all(learner.skills.get(key, (0, 8))[0] >= high for key, (_low, high) in brought)
            if not (has or name in learner.done or (person, name) in chosen):
                return False
        others = [self.courses[name] for one, name in chosen if one == person and name != course.id]
        for key, (low, _high) in course.competences.items():
            for level in range(1, low + 1):
                reached = any(
                    one.competences.get(key, (9, 9))[0] < level <= one.competences[key][1]
                    for one in others
                    if key in one.competences
                )
                if not reached and not self.has(person, key, level):
                    return False
        return True

    def lacking(self) -> set[tuple[str, str, int]]:
        found = set()
        done = [self.courses[name] for person in self.needs.people for name in person.done]
        for name, (low, high) in self.needs.goals.items():
            for level in range(low + 1, high + 1):
                spans_ = [course.capabilities.get(name, (0, 0)) for course in done]
                if not any(a < level <= b for a, b in spans_):
                    found.add(("", name, level))
        if self.needs.role_levels:
            for person in self.needs.people:
                for key, top in self.checks[person.role].wanted.items():
                    found |= {
                        (person.name, key, n) for n in range(1, top + 1) if not self.has(person.name, key, n)
                    }
        return found

    def closed(self, chosen: set[tuple[str, str]]) -> set[tuple[str, str, int]]:
        found = set()
        for person, name in chosen:
            course = self.courses[name]
            found |= {
                ("", key, n) for key, (a, b) in course.capabilities.items() for n in range(a + 1, b + 1)
            }
            found |= {
                (person, key, n) for key, (a, b) in course.competences.items() for n in range(a + 1, b + 1)
            }
        return found

    def possible(self) -> set[tuple[str, str]]:
        """Return the largest set of attendances that can be: what cannot be is taken out until nothing more goes."""
        chosen = set(self.pairs)
        while bad := {pair for pair in chosen if not self.can(chosen, pair)}:
            chosen -= bad
        return chosen

    def best(self) -> tuple[int, int]:
        wanted = self.lacking() & self.closed(self.possible())
        for size in range(len(self.pairs) + 1):
            costs = [
                sum(self.courses[name].hours for _person, name in chosen)
                for chosen in combinations(self.pairs, size)
                if wanted <= self.closed(set(chosen)) and all(self.can(set(chosen), pair) for pair in chosen)
            ]
            if costs:
                return size, min(costs)
        raise AssertionError("the largest possible set closes everything")


def acyclic(courses: Mapping[str, Course]) -> bool:
    """Whether no course waits for itself through others, as the check of content demands; by walking every way."""
    waits = {
        name: {
            *course.after,
            *(
                other
                for other, key, level in product(courses, KEYS, range(1, 4))
                if other != name
                and level <= course.competences.get(key, (0, 0))[0]
                and key in courses[other].competences
                and courses[other].competences[key][0] < level <= courses[other].competences[key][1]
            ),
        }
        for name, course in courses.items()
    }

    def meets(name: str, seen: tuple[str, ...]) -> bool:
        return name in seen or any(meets(other, (*seen, name)) for other in waits[name])

    return not any(meets(name, ()) for name in courses)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_the_plan_is_the_smallest_of_all_sets_of_attendances(data: st.DataObject) -> None:
    courses = data.draw(catalogues())
    assume(acyclic(courses))
    needs = data.draw(firms(courses))
    checks = {role: role_check(role, data.draw(wanted_levels)) for role in ("owner", "it")}
    found = training_plan(needs, courses, checks, exact)  # type: ignore[arg-type]
    oracle = Oracle(needs, courses, checks)
    chosen = {(item.person, item.course) for item in found.attendances}
    assert found.proven
    assert (len(found.attendances), found.hours) == oracle.best()
    assert all(oracle.can(chosen, pair) for pair in chosen)
    gaps = {(gap.person, gap.name, gap.level) for gap in found.gaps}
    left = {(gap.person, gap.name, gap.level) for gap in found.left}
    assert gaps | left == oracle.lacking()
    assert gaps == oracle.lacking() & oracle.closed(oracle.possible())
    assert gaps <= oracle.closed(chosen)
    check_order(found, oracle)


def check_order(found: TrainingPlan, oracle: Oracle) -> None:
    """Assert that each course stands after what it needs, and that weeks follow from hours."""
    spent: dict[str, int] = {}
    before: set[tuple[str, str]] = set()
    for item in found.attendances:
        assert oracle.can(before | {(item.person, item.course)}, (item.person, item.course))
        before.add((item.person, item.course))
        start = spent.get(item.person, 0)
        spent[item.person] = start + item.hours
        per_week = oracle.who[item.person].hours
        assert (item.begins - 1) * per_week <= start < item.begins * per_week
        assert (item.ends - 1) * per_week < spent[item.person] <= item.ends * per_week
        assert all(gap.person in {"", item.person} for gap in item.closes)
    assert found.weeks == max((item.ends for item in found.attendances), default=0)
    assert found.hours == sum(spent.values())


@pytest.mark.parametrize("role", ["owner", "shop-floor", "office", "it"])
def test_every_role_reaches_its_levels_with_the_courses_that_ship(role: str) -> None:
    needs = TrainingNeeds(people=(Learner(name="new", role=role, hours=3),))  # type: ignore[arg-type]
    found = training_plan(needs, COURSES, CHECKS, exact)
    assert found.proven
    assert found.left == ()
    reached = {
        (name, level)
        for item in found.attendances
        for name, (low, high) in COURSES[item.course].competences.items()
        for level in range(low + 1, high + 1)
    }
    assert {(name, n) for name, top in CHECKS[role].wanted.items() for n in range(1, top + 1)} <= reached


def test_answers_shorten_a_plan_and_what_is_known_counts_before_them() -> None:
    check = CHECKS["office"]
    best = {q.id: max(q.options, key=lambda option: option.level).key for q in check.questions}
    person = Learner(name="a", role="office", answers=best)
    found = training_plan(TrainingNeeds(people=(person,)), COURSES, CHECKS, exact)
    assert found.attendances == found.left == ()
    lower = Learner(name="a", role="office", answers=best, skills={"1.1": (0, 1)})
    again = training_plan(TrainingNeeds(people=(lower,)), COURSES, CHECKS, exact)
    assert {gap.name for gap in again.gaps} == {"1.1"}
    assert [gap.certain for gap in again.gaps] == [False, True, True]


def test_what_no_course_helps_with_is_said() -> None:
    needs = TrainingNeeds(
        goals={"robotics": (0, 1)}, role_levels=False, people=(Learner(name="a", role="it"),)
    )
    found = training_plan(needs, COURSES, CHECKS, exact)
    assert [(gap.name, gap.level) for gap in found.left] == [("robotics", 1)]
    assert found.attendances == ()


def test_a_plan_for_too_many_is_refused_and_a_solver_that_gives_up_is_said() -> None:
    many = TrainingNeeds(people=tuple(Learner(name=str(n), role="it") for n in range(MOST_PEOPLE + 1)))
    codes = {item.code for item in needs_problems(many, LIBRARY.capabilities(), CHECKS, COURSES)}
    assert codes == {"too-many"}

    class Nothing:
        status = "unknown"
        values = None

    with pytest.raises(RuntimeError, match="unknown"):
        training_plan(TrainingNeeds(people=many.people[:1]), COURSES, CHECKS, lambda _model, _cost: Nothing())


# --- who fits ---------------------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 8), st.booleans())),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 8)),
)
def test_a_fit_counts_what_is_reached(skills: dict[str, tuple[int, bool]], wanted: dict[str, int]) -> None:
    fit = fit_of({name: Skill(*skill) for name, skill in skills.items()}, wanted)
    reached = {name for name in wanted if skills.get(name, (-1, False))[0] >= wanted[name]}
    assert set(fit.has) == reached
    assert set(fit.confirmed) == {name for name in reached if skills[name][1]}
    assert fit.wanted == len(wanted)
    more = fit_of({**{name: Skill(8, True) for name in wanted}}, wanted)
    assert more.rank <= fit.rank


def test_what_a_goal_asks_for_is_what_its_courses_teach() -> None:
    courses = COURSES
    for course in courses.values():
        for name, (low, high) in course.capabilities.items():
            wanted = competences_for({name: (low, high)}, courses.values())
            assert set(course.competences) <= set(wanted)
            assert all(wanted[key] <= top for key, (_low, top) in course.competences.items())
    assert competences_for({}, courses.values()) == {}
