"""Reads the answers of a skills check: for each competence the lowest and the highest level that they leave possible.

An option shows at least its own level and less than that of the next higher one; the highest shows no upper end. An
open question leaves everything possible. Several questions about one competence give the hull of what each shows:
answers that agree leave a narrow interval, answers that contradict one another a wide one. So no better answer ever
lowers an end, and a further answer never leads out of what was possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.model.course import TOP_LEVEL
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capillary.model.course import Interval, SkillsFile

UNKNOWN: Interval = (0, TOP_LEVEL)


@dataclass(frozen=True)
class SkillGap:
    """A competence that somebody lacks, or may lack, for a role.

    Attributes:
        has: the levels that they may have.
        wanted: the level that the role asks for.
        certain: whether even the highest of their levels is too low.
    """

    competence: str
    has: Interval
    wanted: int

    @property
    def certain(self) -> bool:
        """Whether even the highest level that they may have is too low."""
        return self.has[1] < self.wanted


def check_answers(check: SkillsFile, answers: Mapping[str, str], file: str = "") -> None:
    """Refuse answers to questions or with options that the check does not have.

    Raises:
        InputError: every such answer is named.
    """
    options = {question.id: [one.key for one in question.options] for question in check.questions}
    problems = []
    for name, key in answers.items():
        place = Place(file=file or None, path=f"answers.{name}")
        if name not in options:
            cause = msg("{word} is not known.", word=name)
            problems.append(Problem("unknown-name", place, cause, did_you_mean(name, list(options))))
        elif key not in options[name]:
            cause = msg("{word} is not known.", word=key)
            problems.append(Problem("unknown-name", place, cause, did_you_mean(key, options[name])))
    if problems:
        raise InputError(problems)


def skills_of(check: SkillsFile, answers: Mapping[str, str]) -> dict[str, Interval]:
    """Return the levels of each competence that a check asks about.

    Args:
        check: the check of a role.
        answers: option by question; what is left out is open.

    Raises:
        InputError: an answer is to no question, or no option of it.
    """
    check_answers(check, answers)
    found: dict[str, Interval] = {}
    for question in check.questions:
        shown = UNKNOWN
        if question.id in answers:
            shown = question.shown_by(answers[question.id])
        low, high = found.get(question.competence, shown)
        found[question.competence] = (min(low, shown[0]), max(high, shown[1]))
    return found


def skill_gaps(skills: Mapping[str, Interval], wanted: Mapping[str, int]) -> list[SkillGap]:
    """Return the competences in which somebody is not certain to reach what is wanted, the widest gap first.

    Args:
        skills: levels by competence; what is left out is not known.
        wanted: level by competence.
    """
    gaps = [
        SkillGap(name, skills.get(name, UNKNOWN), level)
        for name, level in wanted.items()
        if skills.get(name, UNKNOWN)[0] < level
    ]
    return sorted(gaps, key=lambda gap: (not gap.certain, gap.has[0] - gap.wanted, gap.competence))
