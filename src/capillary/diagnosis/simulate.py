"""Simulated firms: what answers look like when a firm's strength runs through all of them.

Used as the interview's expectation of answers that it has not heard yet, and by tests and benchmarks. The model is a
plain one-factor model: a firm has a strength, each question deviates from it, and each answer from the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capillary.model.fields import Field
    from capillary.scoring.program import Program
    from capillary.scoring.rules import CodeArray


@dataclass(frozen=True)
class Spread:
    """How much answers vary, each as a standard deviation on a scale from 0 (none of it) to 1 (all of it).

    Attributes:
        firms: spread of strength among firms (flat between 0 and 1 where None).
        questions: how far the questions of one firm lie from its strength.
    """

    firms: float | None = None
    questions: float = 0.18


def simulate(
    program: Program, firms: int, random: np.random.Generator, spread: Spread | None = None
) -> list[CodeArray]:
    """Return full answers of simulated firms of mixed strength.

    Args:
        program: whose fields are answered.
        firms: how many firms.
        random: the source of randomness; the same one gives the same firms.
        spread: how answers vary.

    Returns:
        One array of codes a field, each of length ``firms``.
    """
    spread = spread or Spread()
    if spread.firms is None:
        strength = random.uniform(0.0, 1.0, firms)
    else:
        strength = np.clip(random.normal(0.5, spread.firms, firms), 0.0, 1.0)
    of_question: dict[str, NDArray[np.float64]] = {}
    codes: list[CodeArray] = []
    for field in program.fields:
        if field.question not in of_question:
            deviation = random.normal(0.0, spread.questions, firms)
            of_question[field.question] = np.clip(strength + deviation, 0.0, 1.0)
        codes.append(_codes(field, of_question[field.question], random))
    return codes


def _codes(field: Field, strength: NDArray[np.float64], random: np.random.Generator) -> CodeArray:
    if field.kind == "ladder":
        wobble = random.uniform(-0.5, 0.5, len(strength))
        return np.clip(np.rint(strength * field.top + wobble * 0.6), 0, field.top).astype(np.int64)
    mask = np.zeros(len(strength), dtype=np.int64)
    for bit in range(len(field.keys)):
        mask |= (random.uniform(0.0, 1.0, len(strength)) < strength).astype(np.int64) << bit
    return mask
