"""What comes next in an interview, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from capillary.diagnosis.interview import Interview
from capillary.scoring.program import compile_standard
from capillary.web import engine

if TYPE_CHECKING:
    from capillary.model.standard import Standard
    from capillary.web.assessments.models import Assessment

# Most firms take the same first steps; a state is a few hundred bytes.
STATES_KEPT = 8192


@dataclass(frozen=True)
class Next:
    """What an interview does next.

    Attributes:
        question: id of the question to ask; None where nothing is left to ask.
        left: how many questions are still open.
        stops: whether the interview stops here, because the level is certain or nothing is left.
    """

    question: str | None
    left: int
    stops: bool


def next_of(assessment: Assessment) -> Next:
    """Return what the interview of an assessment does next."""
    found = engine.interview_of(assessment)
    program = found.program
    name = _next_question(
        program.standard,
        program.variant,
        program.dropped,
        (tuple(found.lowest), tuple(found.highest)),
        frozenset(found.asked),
    )
    left = sum(item.id not in found.asked for item in program.standard.questions)
    return Next(name, left, name is None or (assessment.certain and not assessment.detail))


@lru_cache(maxsize=STATES_KEPT)
def _next_question(
    standard: Standard,
    variant: str | None,
    dropped: frozenset[str],
    codes: tuple[tuple[int, ...], tuple[int, ...]],
    asked: frozenset[str],
) -> str | None:
    """Return the question to ask next: it depends on nothing else, and costs more than all the rest of a request."""
    program = compile_standard(standard, variant, dropped)
    return Interview(program, list(codes[0]), list(codes[1]), set(asked)).next_question()


@dataclass(frozen=True)
class Rung:
    """One level of the standard, and whether it is still possible."""

    level: int
    possible: bool


@dataclass(frozen=True)
class Progress:
    """How far an interview is.

    Attributes:
        low, high: levels still possible; None where the standard has none.
        rungs: all levels of the standard, the lowest first.
        seen: how many questions were shown or answered, of ``all``.
    """

    low: int | None
    high: int | None
    certain: bool
    rungs: tuple[Rung, ...]
    seen: int
    all: int


def progress_of(assessment: Assessment) -> Progress:
    """Return how far the interview of an assessment is."""
    standard = engine.standard_of(assessment)
    low, high = assessment.level_low, assessment.level_high
    rungs = tuple(
        Rung(item.level, low is not None and high is not None and low <= item.level <= high)
        for item in sorted(standard.file.levels, key=lambda item: item.level)
    )
    seen = len({*assessment.asked, *assessment.answers} & standard.by_id.keys())
    return Progress(low, high, assessment.certain, rungs, seen, len(standard.questions))
