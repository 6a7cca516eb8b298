"""Scores many sheets at once, and writes what comes out in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.scoring.batch import plan_for
from capillary.scoring.program import Program, compile_standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Standard
    from capillary.sheets.wide import WideBatch

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredBatch:
    """Scores of some sheets, as arrays of intervals.

    Attributes:
        standard: the standard's id.
        enterprise: what is said of the enterprises, one JSON object a row.
        score, dimensions: lowest and highest values in points, rows by 2.
        level: lowest and highest levels, rows by 2; None where the standard has none.
        views: as dimensions, by view and group.
        answered: how many questions each row answers.
        questions: how many questions the standard has.
    """

    standard: str
    enterprise: Sequence[Mapping[str, object]]
    score: FloatArray
    level: NDArray[np.int64] | None
    dimensions: Mapping[str, FloatArray]
    views: Mapping[str, Mapping[str, FloatArray]]
    answered: NDArray[np.int64]
    questions: int

    def lines(self) -> Iterator[dict[str, object]]:
        """Yield one JSON object a sheet, of the same form as `SheetScore.as_json` with the enterprise before it."""
        for row, enterprise in enumerate(self.enterprise):
            line: dict[str, object] = {
                "enterprise": enterprise,
                "standard": self.standard,
                "score": _pair(self.score, row),
                "level": None if self.level is None else [int(value) for value in self.level[row]],
                "dimensions": {name: _pair(values, row) for name, values in self.dimensions.items()},
                "answered": int(self.answered[row]),
                "questions": self.questions,
            }
            if self.views:
                line["views"] = {
                    view: {name: _pair(values, row) for name, values in groups.items()}
                    for view, groups in self.views.items()
                }
            yield line


def score_batch(batch: WideBatch) -> ScoredBatch:
    """Return the scores of a batch; rows of different variants or with questions that do not apply are scored apart."""
    rows = len(batch)
    results: dict[str, NDArray[Any]] = {}
    complete = all(
        low is high or np.array_equal(low, high)
        for low, high in zip(batch.lowest, batch.highest, strict=True)
    )
    for members, programs in _groups(batch):
        lowest = [codes[members] for codes in batch.lowest]
        highest = lowest if complete else [codes[members] for codes in batch.highest]
        found = [_ends(program, lowest, highest) for program in programs]
        for name in found[0]:
            pair = np.stack(
                [
                    reduce(np.minimum, [ends[name][0] for ends in found]),
                    reduce(np.maximum, [ends[name][1] for ends in found]),
                ],
                axis=1,
            )
            results.setdefault(name, np.zeros((rows, 2), dtype=pair.dtype))[members] = pair
    scoring = batch.standard.file.scoring
    columns = list(batch.enterprise)
    return ScoredBatch(
        standard=batch.standard.id,
        enterprise=[
            {name: value for name, value in zip(columns, values, strict=True) if value is not None}
            for values in (zip(*batch.enterprise.values(), strict=True) if columns else ((),) * rows)
        ],
        score=results[scoring.score],
        level=None if scoring.level is None else results[scoring.level].astype(np.int64),
        dimensions={name: results[node] for name, node in scoring.dimensions.items()},
        views={view.id: {group.id: results[group.node] for group in view.groups} for view in scoring.views},
        answered=batch.answered,
        questions=len(batch.standard.questions),
    )


def batches_of(sheets: Iterable[AnswerSheet], find: Any, size: int = 1024) -> Iterator[WideBatch]:
    """Yield sheets in batches, in their order; a change of standard begins a new batch.

    Args:
        sheets: the checked sheets.
        find: returns the standard of an id.
        size: sheets a batch at most.
    """
    waiting: list[AnswerSheet] = []
    for sheet in sheets:
        if waiting and (len(waiting) >= size or waiting[0].standard != sheet.standard):
            yield _batch(waiting, find(waiting[0].standard))
            waiting = []
        waiting.append(sheet)
    if waiting:
        yield _batch(waiting, find(waiting[0].standard))


def _batch(sheets: Sequence[AnswerSheet], standard: Standard) -> WideBatch:
    from capillary.sheets.wide import WideBatch

    enterprises = [sheet.enterprise.as_json() for sheet in sheets]
    names = list(dict.fromkeys(name for enterprise in enterprises for name in enterprise))
    droppable = [question.id for question in standard.questions if question.not_applicable == "drop"]
    return WideBatch(
        standard=standard,
        enterprise={name: [enterprise.get(name) for enterprise in enterprises] for name in names},
        lowest=list(np.array([sheet.lowest for sheet in sheets]).T),
        highest=list(np.array([sheet.highest for sheet in sheets]).T),
        answered=np.array([len(sheet.answers) for sheet in sheets]),
        variants=[sheet.variant for sheet in sheets] if standard.file.variants else None,
        dropped={
            name: np.array([name in sheet.not_applicable for sheet in sheets])
            for name in droppable
            if any(name in sheet.not_applicable for sheet in sheets)
        },
    )


def _groups(batch: WideBatch) -> Iterator[tuple[NDArray[np.bool_] | slice, list[Program]]]:
    """Yield rows that share variant and dropped questions, with the programs that may apply to them.

    Where all rows do, they come as a slice: indexing with it copies nothing.
    """
    known: list[str | None] = [variant.id for variant in batch.standard.file.variants]
    keys: list[tuple[str | None, frozenset[str]]] = [(None, frozenset())]
    if batch.variants or batch.dropped:
        variants = batch.variants or [None] * len(batch)
        keys = [
            (variants[row], frozenset(name for name, where in batch.dropped.items() if where[row]))
            for row in range(len(batch))
        ]
    groups = dict.fromkeys(keys)
    for variant, dropped in groups:
        members = slice(None) if len(groups) == 1 else np.array([key == (variant, dropped) for key in keys])
        chosen = [variant] if variant is not None else known or [None]
        yield members, [compile_standard(batch.standard, item, dropped) for item in chosen]


def _ends(
    program: Program, lowest: Sequence[Any], highest: Sequence[Any]
) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Return lowest and highest values, in points, of everything that is reported.

    ``highest`` is the very list ``lowest`` where no answer is unknown; then the program runs once.
    """
    names = reported_nodes(program)
    present = [name for name in names if name in program.position]
    plan = plan_for(program, tuple(program.position[name] for name in present))
    low = plan.run(lowest)
    high = low if highest is lowest else plan.run(highest)
    zeros = np.zeros(len(lowest[0]))
    found: dict[str, tuple[NDArray[Any], NDArray[Any]]] = dict.fromkeys(names, (zeros, zeros))
    for name in present:
        index = program.position[name]
        unit = program.nodes[index].unit
        found[name] = (low[index] / unit, high[index] / unit)
    return found


def reported_nodes(program: Program) -> tuple[str, ...]:
    """Return the names of the nodes that a score consists of: score, level, dimensions, views; once each."""
    scoring = program.standard.file.scoring
    level = [] if scoring.level is None else [scoring.level]
    views = [group.node for view in scoring.views for group in view.groups]
    return tuple(dict.fromkeys([scoring.score, *level, *scoring.dimensions.values(), *views]))


def _pair(values: FloatArray, row: int) -> list[int | float]:
    return [int(value) if float(value).is_integer() else float(value) for value in values[row]]
