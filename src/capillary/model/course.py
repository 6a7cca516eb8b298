"""Competences, courses and skills checks: what people can do, how they learn it, and how it is found out.

These types are the schema of ``content/competences.yaml``, ``content/courses/`` and ``content/skills/``. Competences are
those of DigComp 3.0 (Cosgrove and Cachia, JRC144121, 2025), by its numbers; all wording is our own. See
``docs/authors/courses.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from capillary.model.measure import StaffRole
from capillary.model.standard import AT_LEAST_ONE, Certainty, Date, Identifier, Source
from capillary.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOP_LEVEL = 8
MOST_HOURS = 200
FEWEST_STEPS = 3
FEWEST_OPTIONS = 3
CourseForm = Literal["self-study", "workshop", "on-the-job"]
COURSE_FORMS: tuple[CourseForm, ...] = get_args(CourseForm)
CompetenceId = Annotated[str, Meta(pattern=r"^\d+\.\d+$")]
Rung = Annotated[int, Meta(ge=0, le=TOP_LEVEL)]
# from which level to which one a course leads; 0 is nothing
Span = tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=1)]]
# the lowest and the highest level that somebody may have
Interval: TypeAlias = tuple[int, int]


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class CompetenceArea(_Item, frozen=True, kw_only=True):
    """An area of competences, by its number in the framework."""

    id: Annotated[str, Meta(pattern=r"^\d+$")]
    title: Text


class Competence(_Item, frozen=True, kw_only=True):
    """Something that people can do with digital means; ``can`` says what, in our own words."""

    id: CompetenceId
    area: str
    title: Text
    can: Text


class CompetenceLevel(_Item, frozen=True, kw_only=True):
    """One of the eight levels, with the band of the framework's four that it belongs to."""

    level: Annotated[int, Meta(ge=1, le=TOP_LEVEL)]
    band: Literal["basic", "intermediate", "advanced", "highly-advanced"]
    title: Text
    can: Text


class CompetenceFile(_Item, frozen=True, kw_only=True):
    """``competences.yaml`` as it is written; source and certainty are those of identifiers and structure."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    areas: Annotated[tuple[CompetenceArea, ...], AT_LEAST_ONE]
    levels: Annotated[tuple[CompetenceLevel, ...], AT_LEAST_ONE]
    competences: Annotated[tuple[Competence, ...], AT_LEAST_ONE]

    @property
    def by_id(self) -> Mapping[str, Competence]:
        """Competences by number."""
        return {item.id: item for item in self.competences}

    def level_title(self, level: int) -> Text:
        """Return the name of a level.

        Raises:
            KeyError: there is no such level.
        """
        return {item.level: item.title for item in self.levels}[level]


class CourseCheck(_Item, frozen=True, kw_only=True):
    """A question that shows whether the course was understood, and the answer."""

    question: Text
    answer: Text


class Course(_Item, frozen=True, kw_only=True):
    """An outline of something to learn; the product holds no course of any provider in it.

    Attributes:
        outcome: what one can do afterwards.
        audience: who it is for.
        hours: learning hours of one person; an estimate, as sure as the file says.
        after: courses to do before, unless one has what they bring.
        capabilities: capability of the firm to the levels between which the course helps.
        competences: competence of the person to the level to begin with and the one that it leads to.
        outline: what is done, in order.
    """

    id: Identifier
    title: Text
    outcome: Text
    audience: Text
    roles: Annotated[tuple[StaffRole, ...], AT_LEAST_ONE]
    form: CourseForm
    hours: Annotated[int, Meta(ge=1, le=MOST_HOURS)]
    after: tuple[Identifier, ...] = ()
    capabilities: Annotated[dict[Identifier, Span], AT_LEAST_ONE]
    competences: Annotated[dict[CompetenceId, Span], AT_LEAST_ONE]
    outline: Annotated[tuple[Text, ...], Meta(min_length=FEWEST_STEPS)]
    checks: Annotated[tuple[CourseCheck, ...], AT_LEAST_ONE]

    def searched(self) -> str:
        """Return everything that a search looks through, in both languages and without upper case."""
        texts = [self.title, self.outcome, self.audience, *self.outline]
        texts += [part for check in self.checks for part in (check.question, check.answer)]
        return "\n".join([self.id, *(text.zh for text in texts), *(text.en for text in texts)]).casefold()


class CourseFile(_Item, frozen=True, kw_only=True):
    """``courses/<name>.yaml`` as it is written; ``source`` and ``certainty`` are those of outlines, hours and levels."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    courses: Annotated[tuple[Course, ...], AT_LEAST_ONE]


class SkillsOption(_Item, frozen=True, kw_only=True):
    """What somebody would do in a situation, and the level that this shows at least."""

    key: Identifier
    text: Text
    level: Rung


class SkillsQuestion(_Item, frozen=True, kw_only=True):
    """A situation at work, and the competence that the choice speaks of."""

    id: Identifier
    competence: CompetenceId
    text: Text
    options: Annotated[tuple[SkillsOption, ...], Meta(min_length=FEWEST_OPTIONS)]

    def shown_by(self, key: str) -> Interval:
        """Return the levels that an option shows: at least its own, and less than that of the next higher one.

        Raises:
            KeyError: there is no such option.
        """
        level = {option.key: option.level for option in self.options}[key]
        higher = [option.level for option in self.options if option.level > level]
        return level, min(higher, default=TOP_LEVEL + 1) - 1


class SkillsFile(_Item, frozen=True, kw_only=True):
    """``skills/<role>.yaml`` as it is written: the check of a role and the levels that the work of the role asks for."""

    source: Identifier
    certainty: Certainty
    effective_from: Date
    sources: Annotated[tuple[Source, ...], AT_LEAST_ONE]
    role: StaffRole
    title: Text
    wanted: dict[CompetenceId, Annotated[int, Meta(ge=1, le=TOP_LEVEL)]]
    questions: Annotated[tuple[SkillsQuestion, ...], AT_LEAST_ONE]


@dataclass(frozen=True)
class CourseOrigin:
    """Where a course stands: its id, the file, how errors name that, and its place in it."""

    id: str
    path: Path
    shown: str
    index: int


@dataclass(frozen=True, eq=False)
class CourseBook:
    """All courses in the order of their files, with the file that each comes from."""

    courses: Mapping[str, Course] = field(default_factory=dict)
    files: Mapping[str, CourseFile] = field(default_factory=dict)
    origins: Mapping[str, CourseOrigin] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """What a search looks through, by id; put together once."""
        return {name: item.searched() for name, item in self.courses.items()}

    def over(self, other: CourseBook) -> CourseBook:
        """Return both together; under an id that both have stands what this one has."""
        return CourseBook(
            {
                **self.courses,
                **{name: one for name, one in other.courses.items() if name not in self.courses},
            },
            {**other.files, **self.files},
            {**other.origins, **self.origins},
        )


class Learner(_Item, frozen=True, kw_only=True):
    """Somebody who is to learn.

    Attributes:
        name: how the plan names them; any word or number will do.
        hours: what they can spare each week.
        skills: competence to the lowest and highest level; what is left out is not known.
        answers: of the skills check of the role, by question; they say what ``skills`` does not.
        done: courses that they have completed.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    role: StaffRole
    hours: Annotated[int, Meta(ge=1, le=40)] = 2
    skills: dict[CompetenceId, tuple[Rung, Rung]] = {}
    answers: dict[Identifier, Identifier] = {}
    done: tuple[Identifier, ...] = ()


class TrainingNeeds(_Item, frozen=True, kw_only=True):
    """What a firm wants to be able to do, and who is there; the file of ``capillary courses plan``.

    Attributes:
        goals: capability to the level that the firm has and the one that it wants.
        role_levels: whether everybody is also to reach the levels that their role asks for.
    """

    goals: dict[Identifier, Span] = {}
    role_levels: bool = True
    people: Annotated[tuple[Learner, ...], AT_LEAST_ONE]
