"""The adaptive interview: asks next what proves the level soonest, and stops when the level is certain.

A level is proven when what has been answered meets its conditions and rules out one condition of the level above. The
interviewer imagines how the unanswered questions would be answered by the simulated firms that resemble this one most,
finds for each of them the few answers that would complete the proof, and asks the question that appears in most of those
proofs. `smallest_certificate` is the yardstick: the fewest answers that prove the level in hindsight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from capillary.diagnosis.conditions import Condition, conditions_of
from capillary.diagnosis.cover import Alternative, Item, smallest_cover
from capillary.diagnosis.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.scoring.program import Program
    from capillary.scoring.rules import CodeArray, IntArray

    FloatArray = NDArray[np.float64]

IMAGINED = 1500
RESEMBLING = 24
SEED = 20240904


@dataclass(frozen=True)
class _Board:
    """Everything about a program that the interviewer needs, question by question.

    Attributes:
        questions: the questions' ids.
        fields: positions of each question's fields.
        conditions: all conditions of all levels, once each, above what every answer gives anyway (as all values here).
        of_level: which of them each level needs, from level 1.
        tops: highest value of each condition's node.
        weight: the most that each question gives to each condition's node, questions by conditions.
        imagined: values of simulated firms, firms by questions by conditions.
        strength: the share of its fields' range that each simulated firm has, firms by questions.
        gives: question, condition, field, and what each code of the field gives to the condition's node.
    """

    questions: tuple[str, ...]
    fields: tuple[tuple[int, ...], ...]
    conditions: tuple[Condition, ...]
    of_level: tuple[tuple[int, ...], ...]
    tops: IntArray
    weight: IntArray
    imagined: IntArray
    strength: FloatArray
    gives: tuple[tuple[int, int, int, IntArray], ...]


@dataclass
class Interview:
    """An interview under way: which questions are answered, and what follows from it.

    Attributes:
        program: the compiled standard.
        lowest, highest: the span of every field, as far as it is known.
        asked: questions that need not be asked (again).
    """

    program: Program
    lowest: list[int]
    highest: list[int]
    asked: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, program: Program) -> Interview:
        """Return an interview in which nothing is known yet."""
        return cls(program, [0 for _ in program.fields], [item.top for item in program.fields])

    def answer(self, question: str, lowest: Sequence[int], highest: Sequence[int]) -> None:
        """Take in the spans of a question's fields (equal ends where it was answered, open ones for "don't know")."""
        own = [index for index, item in enumerate(self.program.fields) if item.question == question]
        for index, low, high in zip(own, lowest, highest, strict=True):
            self.lowest[index], self.highest[index] = low, high
        self.asked.add(question)

    def take_back(self, question: str) -> None:
        """Forget the answer to a question."""
        for index, item in enumerate(self.program.fields):
            if item.question == question:
                self.lowest[index], self.highest[index] = 0, item.top
        self.asked.discard(question)

    def level(self) -> tuple[int, int] | None:
        """Return the lowest and highest level still possible; None where the standard has no levels."""
        if self.program.level is None:
            return None
        codes = [np.array(pair) for pair in zip(self.lowest, self.highest, strict=True)]
        low, high = self.program.run(codes)[self.program.level]
        return int(low), int(high)

    def certain(self) -> bool:
        """Whether the level is certain, or, where there are no levels, whether every question is answered."""
        level = self.level()
        if level is None:
            names = {question.id for question in self.program.standard.questions}
            return names <= self.asked | self.program.dropped
        return level[0] == level[1]

    def next_question(self) -> str | None:
        """Return the question to ask next; None when nothing is left to ask."""
        open_questions = [
            question.id
            for question in self.program.standard.questions
            if question.id not in self.asked and question.id not in self.program.dropped
        ]
        if not open_questions:
            return None
        board = _board(self.program)
        if board is None:
            return open_questions[0]
        votes = _votes(board, self)
        return max(open_questions, key=lambda name: votes[board.questions.index(name)])


def _votes(board: _Board, interview: Interview) -> FloatArray:
    """Return for every question how many imagined proofs it stands in, weighted by how likely they are."""
    asked = np.array([name in interview.asked for name in board.questions])
    known = _known(board, interview)
    firms, weights = _resembling(board, interview, asked)
    values = np.where(asked[None, :, None], known[None], board.imagined[firms])
    # what "don't know" leaves open can be neither earned nor lost
    unknown = np.where(asked[:, None], _width(board, interview), 0)
    level = _levels(board, values.sum(axis=1))
    votes = np.zeros(len(board.questions))
    for number in np.unique(level):
        same = level == number
        proofs = _proofs(board, values[same], unknown, asked, int(number))
        votes += (weights[same][:, None] * proofs).sum(axis=0)
    return votes + 1e-6 * _fallback(board)


def _fallback(board: _Board) -> FloatArray:
    share: FloatArray = (board.weight / np.maximum(board.tops, 1)).sum(axis=1)
    return share / max(1.0, float(share.max()))


def _proofs(
    board: _Board, values: IntArray, unknown: IntArray, asked: NDArray[np.bool_], level: int
) -> FloatArray:
    """Return 1 for the questions of a small proof of ``level`` for each imagined firm, larger for the more useful.

    The proofs are built greedily: for each condition of the level above that can be ruled out, questions are added that
    bring the most of what is still missing, and the shortest of these proofs is taken. All firms are done at once.

    Args:
        board: what the interviewer knows of the program.
        values: values of firms on ``level``, firms by questions by conditions.
        unknown: what "don't know" leaves open, questions by conditions.
        asked: which questions are asked.
        level: the level that all these firms have.

    Returns:
        Firms by questions.
    """
    below = list(board.of_level[level - 1]) if level else []
    above: list[int | None] = [*board.of_level[level]] if level < len(board.of_level) else [None]
    lost = board.weight[None] - values - unknown[None]
    needs = np.array([board.conditions[condition].least for condition in below])
    missing_below = needs - values[:, asked][:, :, below].sum(axis=1)
    gains, missing = [], []
    for rule_out in above:
        if rule_out is None:
            gains.append(values[:, :, below])
            missing.append(missing_below)
            continue
        total = int(board.tops[rule_out]) - board.conditions[rule_out].least + 1
        ruled = total - lost[:, asked, rule_out].sum(axis=1)
        gains.append(np.concatenate([values[:, :, below], lost[:, :, rule_out, None]], axis=2))
        missing.append(np.concatenate([missing_below, ruled[:, None]], axis=1))
    chosen, found = _greedy(np.concatenate(gains), np.concatenate(missing), asked)
    length = np.where(found, (chosen > 0).sum(axis=1), len(asked) + 1).reshape(len(above), -1)
    # the first of the shortest proofs; no proof at all counts for nothing
    chosen = np.where(found[:, None], chosen, 0.0).reshape(len(above), *values.shape[:2])
    proofs: FloatArray = chosen[length.argmin(axis=0), np.arange(len(values))]
    return proofs


def _greedy(
    gains: NDArray[np.generic], missing: NDArray[np.generic], asked: NDArray[np.bool_]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return for every firm the questions picked, and whether they bring all that is missing.

    Args:
        gains: what each question brings, firms by questions by needs.
        missing: what is still needed, firms by needs.
        asked: questions that bring no more than is counted already.
    """
    need = missing.astype(np.float64)
    gain = np.where(asked[None, :, None], 0.0, gains.astype(np.float64))
    chosen = np.zeros(gain.shape[:2])
    failed = np.zeros(len(gain), dtype=np.bool_)
    going = np.flatnonzero((need > 0).any(axis=1))
    while len(going):
        still = np.maximum(need[going], 0.0)
        share = np.where(still > 0, still, np.inf)
        worth = (np.minimum(gain[going], still[:, None]) / share[:, None]).sum(axis=2)
        pick = worth.argmax(axis=1)
        most = worth[np.arange(len(going)), pick]
        failed[going[most <= 0.0]] = True
        going, pick, most = going[most > 0.0], pick[most > 0.0], most[most > 0.0]
        chosen[going, pick] = 1.0 + most
        need[going] -= gain[going, pick]
        gain[going, pick] = 0.0
        going = going[(need[going] > 0).any(axis=1)]
    return chosen, ~failed


def _known(board: _Board, interview: Interview) -> IntArray:
    return _question_values(board, interview.lowest)


def _width(board: _Board, interview: Interview) -> IntArray:
    return _question_values(board, interview.highest) - _known(board, interview)


def _question_values(board: _Board, codes: Sequence[int]) -> IntArray:
    values = np.zeros(board.weight.shape, dtype=np.int64)
    for question, column, index, points in board.gives:
        values[question, column] += points[codes[index]]
    return values


def _resembling(
    board: _Board, interview: Interview, asked: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the imagined firms whose answers are nearest to those given, and their weights."""
    given = np.array(
        [np.mean([_share(interview, index) for index in own]) if own else 0.0 for own in board.fields]
    )
    if not asked.any():
        step = max(1, len(board.imagined) // RESEMBLING)
        firms = np.arange(0, step * RESEMBLING, step)
        return firms, np.ones(len(firms))
    distance = ((board.strength[:, asked] - given[asked][None, :]) ** 2).mean(axis=1)
    firms = np.argsort(distance, kind="stable")[:RESEMBLING]
    return firms, np.ones(len(firms))


def _share(interview: Interview, index: int) -> float:
    item = interview.program.fields[index]
    low, high = interview.lowest[index], interview.highest[index]
    if item.kind == "ladder":
        return (low + high) / 2 / max(1, item.top)
    return (low.bit_count() + high.bit_count()) / 2 / len(item.keys)


def _levels(board: _Board, totals: IntArray) -> IntArray:
    level = np.zeros(len(totals), dtype=np.int64)
    for number, needed in enumerate(board.of_level, start=1):
        met = np.all([totals[:, index] >= board.conditions[index].least for index in needed], axis=0)
        level = np.where(met, number, level)
    return level


@lru_cache(maxsize=16)
def _board(program: Program) -> _Board | None:
    found = conditions_of(program)
    if found is None:
        return None
    kept = list(dict.fromkeys(condition for level in found.levels for condition in level))
    questions = tuple(item.id for item in program.standard.questions if item.id not in program.dropped)
    fields = tuple(
        tuple(index for index, item in enumerate(program.fields) if item.question == name)
        for name in questions
    )
    codes = simulate(program, IMAGINED, np.random.default_rng(SEED))
    imagined = _values_by_question(found.shares, kept, fields, codes)
    weight = _values_by_question(
        found.shares, kept, fields, [np.array([item.top]) for item in program.fields]
    )[0]
    return _Board(
        questions=questions,
        fields=fields,
        conditions=tuple(Condition(item.node, item.least - found.base(item.node)) for item in kept),
        of_level=tuple(tuple(kept.index(condition) for condition in level) for level in found.levels),
        tops=np.array([program.tops[item.node] - found.base(item.node) for item in kept]),
        weight=weight,
        imagined=imagined,
        strength=_strengths(program, fields, codes),
        gives=tuple(
            (
                number,
                column,
                index,
                found.shares[condition.node][index] - found.shares[condition.node][index][0],
            )
            for number, own in enumerate(fields)
            for column, condition in enumerate(kept)
            for index in own
            if index in found.shares[condition.node]
        ),
    )


def _values_by_question(
    shares: Mapping[int, Mapping[int, IntArray]],
    kept: Sequence[Condition],
    fields: Sequence[Sequence[int]],
    codes: Sequence[CodeArray],
) -> IntArray:
    values = np.zeros((len(codes[0]), len(fields), len(kept)), dtype=np.int64)
    for number, own in enumerate(fields):
        for column, condition in enumerate(kept):
            for index in own:
                share = shares[condition.node].get(index)
                if share is not None:
                    values[:, number, column] += share[codes[index]] - share[0]
    return values


def _strengths(program: Program, fields: Sequence[Sequence[int]], codes: Sequence[CodeArray]) -> FloatArray:
    columns = []
    for own in fields:
        parts: list[FloatArray] = []
        for index in own:
            item = program.fields[index]
            if item.kind == "ladder":
                parts.append(codes[index] / max(1, item.top))
            else:
                bits = np.stack([codes[index] >> bit & 1 for bit in range(len(item.keys))])
                parts.append(bits.mean(axis=0))
        columns.append(np.mean(parts, axis=0))
    return np.stack(columns, axis=1)


def smallest_certificate(program: Program, codes: Sequence[int]) -> int | None:
    """Return the fewest questions whose answers already prove the level that full answers give, exactly.

    Args:
        program: the compiled standard.
        codes: the full answers, one code a field.

    Returns:
        The number of questions; None where the standard has no levels.
    """
    found = conditions_of(program)
    if found is None or program.level is None:
        return None
    level = int(program.run([np.array([code]) for code in codes])[program.level][0])
    names = [question.id for question in program.standard.questions]
    below = found.of(level)
    above: Sequence[Condition | None] = found.of(level + 1) if level < program.top_level else [None]
    counts = []
    for rule_out in above:
        demands = [condition.least - found.base(condition.node) for condition in below]
        if rule_out is not None:
            demands.append(program.tops[rule_out.node] - rule_out.least + 1)
        items: list[Item] = []
        for name in names:
            gain = [_earned(found.shares[condition.node], program, name, codes) for condition in below]
            if rule_out is not None:
                gain.append(_lost(found.shares[rule_out.node], program, name, codes))
            items.append((Alternative(name, 1, tuple(gain)),))
        cover = smallest_cover(items, tuple(demands))
        if cover is not None:
            counts.append(cover.cost)
    return min(counts)


def _earned(share: Mapping[int, IntArray], program: Program, question: str, codes: Sequence[int]) -> int:
    return sum(
        int(points[codes[index]] - points[0])
        for index, points in share.items()
        if program.fields[index].question == question
    )


def _lost(share: Mapping[int, IntArray], program: Program, question: str, codes: Sequence[int]) -> int:
    return sum(
        int(points[-1] - points[codes[index]])
        for index, points in share.items()
        if program.fields[index].question == question
    )
