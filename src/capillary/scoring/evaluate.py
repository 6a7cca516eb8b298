"""The readings *evaluate* and *bounds* for answer sheets: scores and levels, certain or as intervals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from capillary.model.exact import tidy
from capillary.scoring.program import Program, compile_standard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.scoring.rules import CodeArray, IntArray


@dataclass(frozen=True)
class Interval:
    """Lowest and highest possible value; equal where the value is certain."""

    low: Fraction
    high: Fraction

    @property
    def certain(self) -> bool:
        """Whether both ends are the same."""
        return self.low == self.high

    def union(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def as_json(self) -> list[int | float]:
        """Return ``[low, high]`` as JSON numbers."""
        return [tidy(self.low), tidy(self.high)]


@dataclass(frozen=True)
class SheetScore:
    """What an answer sheet is worth under its standard.

    Attributes:
        score: the score in the standard's points.
        level: the level as an interval of whole numbers, or None where the standard has no levels.
        dimensions: every dimension's value.
        views: every group's value of the standard's other groupings, by view.
        answered: questions with an answer ("does not apply" included).
        questions: questions of the standard.
    """

    standard: str
    score: Interval
    level: Interval | None
    dimensions: Mapping[str, Interval]
    views: Mapping[str, Mapping[str, Interval]]
    answered: int
    questions: int

    def as_json(self) -> dict[str, object]:
        """Return the score as a JSON object: intervals as ``[low, high]``, level null where there is none."""
        found: dict[str, object] = {
            "standard": self.standard,
            "score": self.score.as_json(),
            "level": None if self.level is None else self.level.as_json(),
            "dimensions": {name: value.as_json() for name, value in self.dimensions.items()},
            "answered": self.answered,
            "questions": self.questions,
        }
        if self.views:
            found["views"] = {
                view: {name: value.as_json() for name, value in groups.items()}
                for view, groups in self.views.items()
            }
        return found


def evaluate(program: Program, codes: Sequence[CodeArray]) -> list[IntArray]:
    """Return every node's value for full answers of one firm or of many.

    Args:
        program: the compiled standard.
        codes: one array of codes a field of the program, all of one shape.

    Returns:
        One array a node in ``program.nodes``, in that node's integer units.

    Raises:
        ValueError: the number of arrays is not the number of fields.
    """
    if len(codes) != len(program.fields):
        raise ValueError(f"{len(program.fields)} fields, but {len(codes)} arrays of codes")
    return program.run(codes)


def bounds(
    program: Program, lowest: Sequence[CodeArray], highest: Sequence[CodeArray]
) -> tuple[list[IntArray], list[IntArray]]:
    """Return every node's lowest and highest possible value for partial answers.

    The bounds are tight: every rule is monotone, so the lowest answers, which are a possible completion, give the lowest
    value, and the highest answers the highest.

    Args:
        program: the compiled standard.
        lowest: the least possible code of each field.
        highest: the greatest possible code of each field.
    """
    return evaluate(program, lowest), evaluate(program, highest)


def programs_for(standard: Standard, sheet: AnswerSheet) -> tuple[Program, ...]:
    """Return the programs that may apply to a sheet: one, or one a variant where the variant is not known."""
    dropped = frozenset(
        name for name in sheet.not_applicable if standard.by_id[name].not_applicable == "drop"
    )
    variants: list[str | None] = [item.id for item in standard.file.variants]
    chosen = [sheet.variant] if sheet.variant is not None else variants or [None]
    return tuple(compile_standard(standard, variant, dropped) for variant in chosen)


def score_sheet(standard: Standard, sheet: AnswerSheet) -> SheetScore:
    """Return score, level and dimensions of one sheet, as intervals where answers are missing.

    Args:
        standard: the standard that the sheet answers.
        sheet: the checked answers.

    Raises:
        ValueError: the sheet belongs to another standard.
    """
    if sheet.standard != standard.id:
        raise ValueError(f"the sheet answers {sheet.standard}, not {standard.id}")
    scores = [_score_with(program, sheet) for program in programs_for(standard, sheet)]
    first = scores[0]
    for other in scores[1:]:
        first = _union(first, other)
    return first


def sheet_codes(sheet: AnswerSheet) -> tuple[list[CodeArray], list[CodeArray]]:
    """Return a sheet's lowest and highest codes as arrays of length 1."""
    return [np.array([code]) for code in sheet.lowest], [np.array([code]) for code in sheet.highest]


def _score_with(program: Program, sheet: AnswerSheet) -> SheetScore:
    codes = [np.array(pair) for pair in zip(sheet.lowest, sheet.highest, strict=True)]
    values = evaluate(program, codes)

    def interval(name: str) -> Interval:
        node = program.position.get(name)
        if node is None:
            return Interval(Fraction(0), Fraction(0))
        low, high = (program.in_points(node, int(value)) for value in values[node])
        return Interval(low, high)

    scoring = program.standard.file.scoring
    return SheetScore(
        standard=program.standard.id,
        score=interval(scoring.score),
        level=None if scoring.level is None or program.level is None else interval(scoring.level),
        dimensions={name: interval(node) for name, node in scoring.dimensions.items()},
        views={view.id: {group.id: interval(group.node) for group in view.groups} for view in scoring.views},
        answered=len(sheet.answers),
        questions=len(program.standard.questions),
    )


def _union(one: SheetScore, other: SheetScore) -> SheetScore:
    level = one.level.union(other.level) if one.level and other.level else None
    return SheetScore(
        standard=one.standard,
        score=one.score.union(other.score),
        level=level,
        dimensions={name: value.union(other.dimensions[name]) for name, value in one.dimensions.items()},
        views={
            view: {name: value.union(other.views[view][name]) for name, value in groups.items()}
            for view, groups in one.views.items()
        },
        answered=one.answered,
        questions=one.questions,
    )
