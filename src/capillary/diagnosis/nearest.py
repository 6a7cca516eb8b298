"""The nearest ways to the next level: the smallest sets of improvements that reach it.

An improvement is one step: one more tick, or one rung of a ladder. The sets come from `smallest_cover`, so that none
smaller exists. Answers that are unknown are taken at their lowest: showing that the firm has it already is a step too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from capillary.diagnosis.conditions import Conditions, conditions_of
from capillary.diagnosis.cover import Alternative, Item, smallest_cover
from capillary.model.standard import Multiple
from capillary.scoring.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.model.fields import Field
    from capillary.model.sheet import AnswerSheet
    from capillary.scoring.program import Program

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
    values = evaluate(program, [np.array([code]) for code in sheet.lowest])
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
    """Yield what can be raised, one item each; its alternatives are named by field and the code reached."""
    program = conditions.program
    for index, field in enumerate(program.fields):
        if field.question in sheet.not_applicable or field.question in program.dropped:
            continue
        now = sheet.lowest[index]
        groups = _set_groups(program, field, now) if field.kind == "set" else [_rungs(field, now)]
        for codes in groups:
            ways = [
                Alternative(f"{index}:{code}", steps, _gain(conditions, level, index, now, code))
                for steps, code in codes
            ]
            useful = tuple(way for way in ways if any(way.gain))
            if useful:
                yield useful


def _gain(conditions: Conditions, level: int, index: int, now: int, code: int) -> tuple[int, ...]:
    gains = []
    for condition in conditions.of(level):
        share = conditions.shares[condition.node].get(index)
        gains.append(0 if share is None else int(share[code] - share[now]))
    return tuple(gains)


def _rungs(field: Field, now: int) -> list[tuple[int, int]]:
    return [(code - now, code) for code in range(now + 1, field.size)]


def _set_groups(program: Program, field: Field, now: int) -> list[list[tuple[int, int]]]:
    """Return ticks that can be added one by one, each its own group; ticks tied by ``requires`` form one group."""
    question = program.standard.by_id[field.question]
    requires: dict[int, int] = {}
    if isinstance(question, Multiple):
        for option in question.options:
            if option.requires and option.key in field.position:
                mask = sum(1 << field.position[key] for key in option.requires if key in field.position)
                requires[field.position[option.key]] = mask
    tied = {bit for bit, mask in requires.items()} | {
        bit for mask in requires.values() for bit in range(len(field.keys)) if mask >> bit & 1
    }
    free = [bit for bit in range(len(field.keys)) if not now >> bit & 1]
    groups = [[(1, now | 1 << bit)] for bit in free if bit not in tied]
    together = [bit for bit in free if bit in tied]
    combined = []
    for size in range(1, len(together) + 1):
        for bits in combinations(together, size):
            code = now | sum(1 << bit for bit in bits)
            if all(code & mask == mask for bit, mask in requires.items() if bit in bits):
                combined.append((size, code))
    return [*groups, combined] if combined else groups


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
