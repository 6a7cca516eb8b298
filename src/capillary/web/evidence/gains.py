"""Which missing evidence would lift the supported score most: asked of the engine, answer by answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capillary.diagnosis.diagnose import supported_sheet
from capillary.scoring.evaluate import SheetScore, score_sheet
from capillary.web.core.grades import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard


@dataclass(frozen=True)
class Gain:
    """What evidence behind one more answer would do.

    Attributes:
        points: by how much the supported score would rise.
        levels: by how many levels the supported level would rise at once.
    """

    question: str
    points: float
    levels: int


@dataclass(frozen=True)
class Lift:
    """The supported level that evidence behind the first ``count`` of the gains would reach."""

    count: int
    level: int


def supported_score(standard: Standard, sheet: AnswerSheet) -> SheetScore:
    """Return the score that the evidence supports; without any evidence that of the lowest answers."""
    return score_sheet(standard, supported_sheet(standard, sheet))


def gains_of(standard: Standard, sheet: AnswerSheet) -> tuple[Gain, ...]:
    """Return the declared answers whose evidence would raise the supported score or level, the best first."""
    now = supported_score(standard, sheet)
    found = []
    for question in sheet.answers:
        if sheet.evidence.get(question, "declared") == "declared":
            then = supported_score(standard, _documented(sheet, [question]))
            gain = Gain(question, float(then.score.low - now.score.low), _level(then) - _level(now))
            if gain.points or gain.levels:
                found.append(gain)
    return tuple(sorted(found, key=lambda gain: (-gain.points, -gain.levels)))


def lift_of(standard: Standard, sheet: AnswerSheet, gains: Iterable[Gain]) -> Lift | None:
    """Return how many of the gains, from the best on, it takes to raise the supported level; None where all do not."""
    now = _level(supported_score(standard, sheet))
    taken: list[str] = []
    for gain in gains:
        taken.append(gain.question)
        then = _level(supported_score(standard, _documented(sheet, taken)))
        if then > now:
            return Lift(len(taken), then)
    return None


def _documented(sheet: AnswerSheet, questions: Iterable[str]) -> AnswerSheet:
    return replace(sheet, evidence={**sheet.evidence, **dict.fromkeys(questions, Grade.DOCUMENTED.value)})


def _level(score: SheetScore) -> int:
    return 0 if score.level is None else int(score.level.low)
