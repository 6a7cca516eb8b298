"""A firm's level as seen in the reader's own standard, by what the firm answered under other standards.

Under the same standard it is the level of its answers. Otherwise its answers become a profile of capabilities, which is read
across: the level is then an interval, both ends included, which holds every level that the firm may have. How far it can be
relied on is the grade of evidence: the best one whose answers alone already carry the lower end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.diagnosis.profile import across_sheet, empty_profile, profile_of
from capillary.model.fields import fields_of
from capillary.model.sheet import GRADES
from capillary.scoring.evaluate import score_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.capability import Capability
    from capillary.model.sheet import AnswerSheet, Grade
    from capillary.model.standard import Standard
    from capillary.scoring.evaluate import Interval


@dataclass(frozen=True)
class LevelRead:
    """A level under a standard, as an interval.

    Attributes:
        standard: the id of the standard in which it is read.
        at_least, at_most: levels, equal where the level is certain.
        own: whether the firm answered this very standard; else it is read across.
        grade: the grade of the evidence that carries ``at_least``; None where that is the lowest level of all.
        sources: ids of the standards under which the answers were given that were used.
        score: the score in the standard's points, which is often narrower than the level.
        settled, questions: how many questions of the standard the answers settle, of how many.
    """

    standard: str
    at_least: int
    at_most: int
    own: bool
    grade: Grade | None
    sources: tuple[str, ...]
    score: Interval
    settled: int
    questions: int

    @property
    def certain(self) -> bool:
        """Whether the level is certain."""
        return self.at_least == self.at_most


def level_read(
    standard: Standard,
    answered: Sequence[tuple[Standard, AnswerSheet]],
    capabilities: Mapping[str, Capability],
) -> LevelRead | None:
    """Return a firm's level under a standard; None where the standard has no levels or nothing was answered.

    Args:
        standard: the reader's.
        answered: a sheet under each standard that the firm has answered; one of the reader's own standard is used alone.
        capabilities: the hub vocabulary.
    """
    own = tuple((other, sheet) for other, sheet in answered if other.id == standard.id)[:1]
    reading = _Reading(standard, own or tuple(answered), bool(own), capabilities)
    if not reading.used:
        return None
    sheet = reading.sheet("declared")
    found = score_sheet(standard, sheet)
    if found.level is None:
        return None
    least, grade = int(found.level.low), None
    if least > _lowest(standard, capabilities):
        grade = next(item for item in reversed(GRADES) if reading.least(item) >= least)
    return LevelRead(
        standard=standard.id,
        at_least=least,
        at_most=int(found.level.high),
        own=bool(own),
        grade=grade,
        sources=tuple(other.id for other, _ in reading.used),
        score=found.score,
        settled=_settled(standard, sheet),
        questions=len(standard.questions),
    )


def _settled(standard: Standard, sheet: AnswerSheet) -> int:
    """Return how many questions of a sheet leave nothing open."""
    still_open = {
        item.question
        for item, low, high in zip(fields_of(standard), sheet.lowest, sheet.highest, strict=True)
        if low != high
    }
    return len(standard.questions) - len(still_open)


@dataclass(frozen=True)
class _Reading:
    """A level that is read from sheets, under one of them or across all."""

    standard: Standard
    used: tuple[tuple[Standard, AnswerSheet], ...]
    own: bool
    capabilities: Mapping[str, Capability]

    def sheet(self, grade: Grade) -> AnswerSheet:
        """Return the sheet of the reader's standard that answers of a grade and better imply."""
        kept = [(other, backed(other, sheet, grade)) for other, sheet in self.used]
        if self.own:
            return kept[0][1]
        profile = empty_profile(self.capabilities)
        for other, answers in kept:
            profile = profile_of(other, answers, self.capabilities, profile)
        return across_sheet(self.standard, profile)

    def least(self, grade: Grade) -> int:
        """Return the lowest possible level by answers of a grade and better."""
        level = score_sheet(self.standard, self.sheet(grade)).level
        return 0 if level is None else int(level.low)


def _lowest(standard: Standard, capabilities: Mapping[str, Capability]) -> int:
    """Return the lowest level that a firm of which nothing is known may have."""
    level = score_sheet(standard, across_sheet(standard, empty_profile(capabilities))).level
    return 0 if level is None else int(level.low)


def backed(standard: Standard, sheet: AnswerSheet, grade: Grade) -> AnswerSheet:
    """Return a sheet with only the answers whose evidence is of a grade or better; everything else is open.

    All answers are of the grade ``declared`` or better, so that this grade leaves the sheet as it is.
    """
    if grade == "declared":
        return sheet
    least = GRADES.index(grade)
    kept = {name for name, found in sheet.evidence.items() if GRADES.index(found) >= least}
    fields = fields_of(standard)
    return replace(
        sheet,
        answers={name: value for name, value in sheet.answers.items() if name in kept},
        lowest=tuple(
            code if item.question in kept else 0 for item, code in zip(fields, sheet.lowest, strict=True)
        ),
        highest=tuple(
            code if item.question in kept else item.top
            for item, code in zip(fields, sheet.highest, strict=True)
        ),
        not_applicable=sheet.not_applicable & kept,
        evidence={name: found for name, found in sheet.evidence.items() if name in kept},
    )
