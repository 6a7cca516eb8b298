"""Reads of courses and skills checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec.structs import replace

from capillary.content.courses import CourseWish, course_counts, courses_found
from capillary.model.course import COURSE_FORMS, TOP_LEVEL, Learner, TrainingNeeds
from capillary.model.measure import ROLES
from capillary.scoring.solver import Limits, solve
from capillary.talent.offered import OfferedRow, as_course
from capillary.talent.skills import skill_gaps, skills_of
from capillary.talent.training import training_plan
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.talent.models import OfferedCourse, WorkRole
from capillary.web.talent.words import FORM_WORDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from capillary.model.course import Course, Interval, SkillsFile, Span
    from capillary.model.measure import StaffRole
    from capillary.model.standard import Source
    from capillary.model.text import Text
    from capillary.scoring.linear import LinearModel, Quantity
    from capillary.talent.training import Solved, TrainingPlan

SECONDS = 5.0  # a plan for a firm takes a fraction of one
MOST_SUGGESTED = 6
MOST_OFFERED = 300  # courses of organisations that one plan chooses among, the latest ones
OFFERED = "offered-"
Choices = list[tuple[str, str, int]]


def exact(model: LinearModel, cost: Quantity) -> Solved:
    """Return the best solution, proven unless the time is up."""
    return solve(model, cost, limits=Limits(seconds=SECONDS))


def courses() -> Mapping[str, Course]:
    """Return all courses by id."""
    return engine.library().courses().courses


def offered_id(pk: UUID) -> str:
    """Return what plans call a course of an organisation."""
    return f"{OFFERED}{pk.hex}"


def plannable_courses(on: dt.date, passed: Iterable[str] = ()) -> Mapping[str, Course]:
    """Return the outlines, and the courses of organisations that begin on a day or later, by id.

    Args:
        on: the first day of the plan.
        passed: courses that somebody passed; what they taught counts, although nobody can attend them any more.
    """
    rows = OfferedCourse.objects.filter(Q(starts_on=None) | Q(starts_on__gte=on)).order_by(
        "-imported_at", "pk"
    )
    found = {offered_id(row.pk): as_course(offered_id(row.pk), _row_of(row)) for row in rows[:MOST_OFFERED]}
    gone = [
        UUID(name.removeprefix(OFFERED)) for name in passed if name.startswith(OFFERED) and name not in found
    ]
    for row in OfferedCourse.objects.filter(pk__in=gone) if gone else ():
        found[offered_id(row.pk)] = replace(as_course(offered_id(row.pk), _row_of(row)), roles=())
    return {**courses(), **found}


def _row_of(row: OfferedCourse) -> OfferedRow:
    names = (
        "number",
        "title_zh",
        "title_en",
        "outcome_zh",
        "outcome_en",
        "form",
        "hours",
        "link_kind",
        "link",
    )
    spans = {
        name: {key: (low, high) for key, (low, high) in getattr(row, name).items()}
        for name in ("capabilities", "competences")
    }
    return OfferedRow(**{name: getattr(row, name) for name in names}, roles=tuple(row.roles), **spans)


def courses_for(
    found: Mapping[str, Course], goals: Mapping[str, Span], *, everybody: bool
) -> Mapping[str, Course]:
    """Return the outlines, and of the other courses those that can help: what teaches nothing wanted makes a plan no smaller.

    A course helps by a capability that is a goal, or by a competence, which a role or another course asks for.
    """
    asked = {name for course in found.values() for name, (low, _high) in course.competences.items() if low}
    return {
        name: course
        for name, course in found.items()
        if not name.startswith(OFFERED)
        or everybody
        or not set(goals).isdisjoint(course.capabilities)
        or not asked.isdisjoint(course.competences)
    }


def capability_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the capabilities by area, for a filter."""
    library = engine.library()
    return [
        (
            area.title.in_(language()),
            [
                (item.id, item.title.in_(language()))
                for item in library.capabilities().values()
                if item.area == area.id
            ],
        )
        for area in library.areas()
    ]


@dataclass(frozen=True)
class PlanCourse:
    """A course of a training plan as pages show it; ``offered`` is the row of an organisation's course."""

    title: str
    link: str
    offered: OfferedCourse | None = None


def plan_courses(names: Iterable[str]) -> dict[str, PlanCourse]:
    """Return the courses of a plan by id; one that is not there any more has no link."""
    wanted = set(names)
    pks = [UUID(name.removeprefix(OFFERED)) for name in wanted if name.startswith(OFFERED)]
    rows = OfferedCourse.objects.select_related("organisation").filter(pk__in=pks) if pks else ()
    found = {
        offered_id(row.pk): PlanCourse(
            row.title_en if language() == "en" else row.title_zh,
            reverse("course-offered", args=[row.pk]),
            row,
        )
        for row in rows
    }
    outlines = courses()
    for name in wanted - set(found):
        known = outlines.get(name)
        found[name] = (
            PlanCourse(_("a course that is not offered any more") if name.startswith(OFFERED) else name, "")
            if known is None
            else PlanCourse(known.title.in_(language()), reverse("course", args=[name]))
        )
    return found


def competence_title(name: str) -> str:
    """Return the name of a competence in the reader's language."""
    found = engine.library().competences().by_id.get(name)
    return name if found is None else found.title.in_(language())


def capability_title(name: str) -> str:
    """Return the name of a capability in the reader's language."""
    found = engine.library().capabilities().get(name)
    return name if found is None else found.title.in_(language())


@dataclass(frozen=True)
class Topic:
    """What a page came from that is to be learned for.

    Attributes:
        kind, value: as the address names it: ``question`` or ``measure``, and which.
        title: of the question or the measure.
    """

    kind: str
    value: str
    title: Text
    capabilities: frozenset[str]


def topic_of(question: str, measure: str) -> Topic | None:
    """Return what an address names as ``standard/question`` or as a measure; None where there is none."""
    from capillary.content.scenarios import capabilities_asked

    name, _slash, identifier = question.partition("/")
    standard = engine.standards().get(name)
    found = None if standard is None else standard.by_id.get(identifier)
    if standard is not None and found is not None:
        return Topic("question", question, found.title, capabilities_asked(standard, identifier))
    item = engine.library().measures().measures.get(measure)
    if item is None:
        return None
    return Topic("measure", measure, item.title, frozenset(raised.capability for raised in item.raises))


def found_by(wish: CourseWish) -> list[Course]:
    """Return the courses that fit."""
    return courses_found(engine.library().courses(), wish)


@dataclass(frozen=True)
class Filters:
    """The choices of every filter, each with how many courses it would leave."""

    role: Choices
    form: Choices
    competence: Choices
    capability: list[tuple[str, Choices]]


def filters_for(wish: CourseWish) -> Filters:
    """Return the choices of the filters; a choice that would leave nothing is shown only where it is the chosen one."""
    library = engine.library()
    counts = course_counts(library.courses(), wish)
    capabilities = [
        (
            area.title.in_(language()),
            _choices(
                [
                    (item.id, item.title.in_(language()))
                    for item in library.capabilities().values()
                    if item.area == area.id
                ],
                counts.capability,
                wish.capability,
            ),
        )
        for area in library.areas()
    ]
    return Filters(
        role=_choices([(role, str(WorkRole(role).label)) for role in ROLES], counts.role, wish.role),
        form=_choices([(form, str(FORM_WORDS[form])) for form in COURSE_FORMS], counts.form, wish.form),
        competence=_choices(
            [
                (item.id, f"{item.id} {item.title.in_(language())}")
                for item in library.competences().competences
            ],
            counts.competence,
            wish.competence,
        ),
        capability=[(title, choices) for title, choices in capabilities if choices],
    )


def _choices(words: Iterable[tuple[str, str]], counts: Mapping[str, int], chosen: str) -> Choices:
    return [
        (value, label, counts.get(value, 0)) for value, label in words if counts.get(value) or value == chosen
    ]


@dataclass(frozen=True)
class Row:
    """A course in a list, with what one wants to know before opening it."""

    course: Course
    facts: list[str]


def rows(items: Iterable[Course]) -> list[Row]:
    """Return what a list says of courses."""
    return [
        Row(item, [roles_words(item.roles), hours_words(item.hours), str(FORM_WORDS[item.form])])
        for item in items
    ]


def roles_words(roles: Sequence[str]) -> str:
    """Return the roles that a course is for."""
    if len(roles) == len(ROLES):
        return _("everybody")
    return _(", ").join(str(WorkRole(role).label) for role in roles)


def hours_words(hours: int) -> str:
    """Return learning hours, marked as the estimate that they are."""
    return ngettext("{n} hour ‡", "{n} hours ‡", hours).format(n=hours)


@dataclass(frozen=True)
class Rise:
    """What a course brings: a name, and the levels between which it leads."""

    id: str
    title: str
    low: int
    high: int


def competence_rises(course: Course) -> list[Rise]:
    """Return what a course brings a person."""
    return [Rise(name, competence_title(name), *span) for name, span in course.competences.items()]


def capability_rises(course: Course) -> list[Rise]:
    """Return what a course helps a firm with."""
    return [Rise(name, capability_title(name), *span) for name, span in course.capabilities.items()]


def origin_of(course: Course) -> tuple[Source, str]:
    """Return what an outline rests on, and how sure it is."""
    file = engine.library().courses().files[course.id]
    return next(item for item in file.sources if item.id == file.source), file.certainty


def next_courses(course: Course) -> list[Course]:
    """Return the courses that come after one."""
    return [item for item in courses().values() if course.id in item.after]


# --- the skills check ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """One competence of a result: what is shown, what the role asks for.

    Attributes:
        has: the levels that the answers leave possible.
        state: ``enough``, ``lacking`` or ``open``.
    """

    id: str
    title: str
    can: str
    has: Interval
    wanted: int
    state: str

    @property
    def words(self) -> str:
        """The levels in words."""
        low, high = self.has
        if low == high:
            return _("level {level}").format(level=low)
        if high == TOP_LEVEL:
            return _("level {level} or more").format(level=low)
        return _("level {low} to {high}").format(low=low, high=high)


@dataclass(frozen=True)
class SkillsShown:
    """The result of a check, with courses that close what is lacking."""

    check: SkillsFile
    standings: list[Standing]
    enough: int
    plan: TrainingPlan
    suggested: list[Course]


def check_of(role: str) -> SkillsFile | None:
    """Return the skills check of a role; None where there is none."""
    return next((check for name, check in engine.library().skills().items() if name == role), None)


def result_of(check: SkillsFile, answers: Mapping[str, str]) -> SkillsShown:
    """Return what answers to a check show.

    Raises:
        InputError: an answer is to no question, or no option of it.
    """
    skills = skills_of(check, answers)
    gaps = {gap.competence: gap for gap in skill_gaps(skills, check.wanted)}
    names = [*gaps, *(name for name in check.wanted if name not in gaps)]
    by_id = engine.library().competences().by_id
    standings = [
        Standing(
            name,
            competence_title(name),
            by_id[name].can.in_(language()) if name in by_id else "",
            skills[name],
            check.wanted[name],
            "enough" if name not in gaps else "lacking" if gaps[name].certain else "open",
        )
        for name in names
    ]
    needs = TrainingNeeds(people=(Learner(name="x", role=check.role, answers=dict(answers)),))
    plan = training_plan(needs, courses(), engine.library().skills(), exact)
    suggested = [courses()[item.course] for item in plan.attendances][:MOST_SUGGESTED]
    return SkillsShown(check, standings, len(names) - len(gaps), plan, suggested)


def least_levels(role: StaffRole, answers: Mapping[str, str]) -> dict[str, int]:
    """Return the levels that answers show at least, without those of which they show nothing."""
    check = check_of(role)
    found = skills_of(check, answers) if check else {}
    return {name: low for name, (low, _high) in found.items() if low}
