"""The nearest ways to the next level: the smallest sets of improvements that reach it.

An improvement is one step: one more tick, or one rung of a ladder. The sets come from `smallest_cover`, so that none
smaller exists. Answers that are unknown are taken at their lowest: showing that the firm has it already is a step too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capillary.diagnosis.conditions import Conditions, conditions_of
from capillary.diagnosis.cover import Alternative, Item, smallest_cover
from capillary.model.standard import Multiple
from capillary.scoring.evaluate import evaluate, sheet_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.model.fields import Field
    from capillary.model.sheet import AnswerSheet
    from capillary.scoring.program import Program
    from capillary.scoring.rules import IntArray

WAYS = 3


@dataclass(frozen=True)
class Improvement:
    """One field raised.

    Attributes:
        field: the field's id.
        question: the question's id.
        before: what is answered now, as keys (lowest possibility where unknown).
        after: what the answer becomes.
        steps: how many ticks or rungs lie between.
        unknown: the present answer is unknown; it may turn out that the firm is there already.
    """

    field: str
    question: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: int
    unknown: bool


@dataclass(frozen=True)
class WayUp:
    """One smallest set of improvements."""

    improvements: tuple[Improvement, ...]

    @property
    def steps(self) -> int:
        """Size of the set."""
        return sum(improvement.steps for improvement in self.improvements)


@dataclass(frozen=True)
class Nearest:
    """The nearest ways to a level.

    Attributes:
        level: the level that they reach.
        steps: the size of a smallest set: no smaller one reaches the level.
        ways: some of the smallest sets, as different from one another as they can be found; empty if the level cannot be
            reached because too much does not apply.
    """

    level: int
    steps: int
    ways: tuple[WayUp, ...]


def nearest_ways(program: Program, sheet: AnswerSheet, ways: int = WAYS) -> Nearest | None:
    """Return the smallest sets of improvements that reach the next level.

    Args:
        program: the compiled standard.
        sheet: the checked answers.
        ways: how many sets to look for at most.

    Returns:
        The ways to the level above the lowest possible one; None at the top and where the standard has no levels.
    """
    conditions = conditions_of(program)
    if conditions is None or program.level is None:
        return None
    values = evaluate(program, sheet_codes(sheet)[0])
    level = int(values[program.level][0]) + 1
    if level > program.top_level:
        return None
    wanted = conditions.of(level)
    demands = tuple(condition.least - int(values[condition.node][0]) for condition in wanted)
    raises = list(_raises(conditions, level, sheet))
    found: list[WayUp] = []
    used: set[int] = set()
    for _ in range(ways):
        # What earlier sets used goes to the end: among equals, the cover prefers earlier items.
        order = sorted(range(len(raises)), key=lambda index: index in used)
        cover = smallest_cover([raises[index] for index in order], demands)
        if cover is None:
            return Nearest(level, 0, ())
        names = {way.name for way in cover.chosen}
        used |= {index for index, item in enumerate(raises) if names & {way.name for way in item}}
        way = WayUp(_improvements(program, sheet, [way.name for way in cover.chosen]))
        if way not in found:
            found.append(way)
    return Nearest(level, found[0].steps, tuple(found))


def _raises(conditions: Conditions, level: int, sheet: AnswerSheet) -> Iterator[Item]:
    """Yield what can be raised, one item a field; its alternatives are named by field and the code reached."""
    program = conditions.program
    for index, field in enumerate(program.fields):
        if field.question in sheet.not_applicable or field.question in program.dropped:
            continue
        now = sheet.lowest[index]
        codes = _higher_codes(program, field, now)
        steps = _steps(field, now, codes)
        gains = _gains(conditions, level, index, now, codes)
        useful = tuple(
            Alternative(f"{index}:{codes[row]}", int(steps[row]), tuple(int(gain) for gain in gains[row]))
            for row in _worth_having(steps, gains)
        )
        if useful:
            yield useful


def _higher_codes(program: Program, field: Field, now: int) -> IntArray:
    """Return the codes above ``now``: higher rungs, or more ticks, those tied by ``requires`` only together."""
    if field.kind == "ladder":
        return np.arange(now + 1, field.size)
    codes: IntArray = np.arange(field.size)
    codes = codes[(codes & now == now) & (codes != now)]
    question = program.standard.by_id[field.question]
    for option in question.options if isinstance(question, Multiple) else ():
        if option.requires and option.key in field.position:
            bit = 1 << field.position[option.key]
            needed = sum(1 << field.position[key] for key in option.requires if key in field.position)
            codes = codes[(now & bit != 0) | (codes & bit == 0) | (codes & needed == needed)]
    return codes


def _steps(field: Field, now: int, codes: IntArray) -> IntArray:
    if field.kind == "ladder":
        return codes - now
    added = codes & ~np.int64(now)
    return sum(
        (added >> bit & 1 for bit in range(len(field.keys))), start=np.zeros(codes.shape, dtype=np.int64)
    )


def _gains(conditions: Conditions, level: int, index: int, now: int, codes: IntArray) -> IntArray:
    """Return what each code adds to each condition, codes by conditions."""
    columns = []
    for condition in conditions.of(level):
        share = conditions.shares[condition.node].get(index)
        columns.append(np.zeros(len(codes), dtype=np.int64) if share is None else share[codes] - share[now])
    return np.stack(columns, axis=1)


def _worth_having(steps: IntArray, gains: IntArray) -> list[int]:
    """Return the rows that add something and repeat no other row's steps and gains; the lowest code stands for its like."""
    if not len(steps):
        return []
    _, first = np.unique(np.column_stack([steps, gains]), axis=0, return_index=True)
    return [int(row) for row in sorted(first) if gains[row].any()]


def _improvements(program: Program, sheet: AnswerSheet, names: Sequence[str]) -> tuple[Improvement, ...]:
    reached: dict[int, int] = {}
    for name in names:
        index, code = (int(part) for part in name.split(":"))
        field = program.fields[index]
        reached[index] = reached.get(index, 0) | code if field.kind == "set" else code
    improvements = []
    for index in sorted(reached):
        field, now, code = program.fields[index], sheet.lowest[index], reached[index]
        steps = (code & ~now).bit_count() if field.kind == "set" else code - now
        improvements.append(
            Improvement(
                field=field.id,
                question=field.question,
                before=field.chosen(now),
                after=field.chosen(code & ~now) if field.kind == "set" else field.chosen(code),
                steps=steps,
                unknown=sheet.highest[index] != now,
            )
        )
    return tuple(improvements)
