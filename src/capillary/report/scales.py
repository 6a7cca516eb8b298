"""The dimensions, and other groupings of the same questions, as tables with bars."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.report.figures import bar, interval, shown, span, tidy_digits
from capillary.report.page import Bar, ScaleRow, View
from capillary.scoring.evaluate import Interval, programs_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.report.accounting import ShownAccount


def dimensions(diagnosis: Diagnosis, account: ShownAccount) -> tuple[ScaleRow, ...]:
    """Return every dimension on its own scale, with what it loses in the score."""
    file, values = diagnosis.standard.file, diagnosis.score.dimensions
    nodes = file.scoring.dimensions
    tops = _tops(diagnosis, nodes.values())
    digits = _digits(values, account)
    rows = []
    for dimension in file.dimensions:
        if dimension.id not in nodes:
            continue
        node, value = nodes[dimension.id], values[dimension.id]
        lost = _lost(diagnosis, account, dimension.id, node)
        text = _as_in_account(account, node, value, digits) or interval(value, digits)
        row = ScaleRow(dimension.title, dimension.summary, _bar(value, tops[node]), text, _top(tops[node]))
        rows.append(replace(row, lost=_shown(lost, account), nothing_lost=not lost))
    return tuple(rows)


def views(diagnosis: Diagnosis, account: ShownAccount) -> tuple[View, ...]:
    """Return the other groupings of the standard."""
    found = []
    for view in diagnosis.standard.file.scoring.views:
        tops = _tops(diagnosis, (group.node for group in view.groups))
        values = diagnosis.score.views[view.id]
        digits = _digits(values, account)
        rows = []
        for group in view.groups:
            value, top = values[group.id], tops[group.node]
            rows.append(ScaleRow(group.title, None, _bar(value, top), interval(value, digits), _top(top)))
        found.append(View(view.title, tuple(rows)))
    return tuple(found)


def _bar(value: Interval, top: Fraction) -> Bar:
    return bar(value.low, value.high, top)


def _top(top: Fraction) -> str:
    return shown(top, tidy_digits(top, most=2))


def _lost(diagnosis: Diagnosis, account: ShownAccount, dimension: str, node: str) -> Fraction | None:
    """Return what a dimension loses in the score, as shown; None where none of its questions gives points."""
    own = account.lost(node)
    if own is not None:
        return own
    questions = [item.id for item in diagnosis.standard.questions if item.dimension == dimension]
    lost = [amount for amount in map(account.lost, questions) if amount is not None]
    return sum(lost, Fraction(0)) if lost else None


def _as_in_account(account: ShownAccount, node: str, value: Interval, digits: int) -> str | None:
    """Return the value as the account shows it, where the node counts in the score without any weight."""
    found = account.exact.get(node)
    if found is None or (found.earned, found.earned + found.unknown) != (value.low, value.high):
        return None
    earned, _, unknown, _ = account.by_id[node].amounts
    return span(earned, earned + unknown, digits)


def _shown(value: Fraction | None, account: ShownAccount) -> str | None:
    return None if value is None else shown(value, account.digits)


def _digits(values: Mapping[str, Interval], account: ShownAccount) -> int:
    ends = [end for value in values.values() for end in (value.low, value.high)]
    return tidy_digits(*ends, most=max(1, account.digits))


def _tops(diagnosis: Diagnosis, nodes: Iterable[str]) -> dict[str, Fraction]:
    """Return the highest possible value of nodes; 0 where nothing of a node applies."""
    programs = programs_for(diagnosis.standard, diagnosis.sheet)
    tops = {}
    for node in nodes:
        places = [(program, program.position[node]) for program in programs if node in program.position]
        tops[node] = max(
            (program.in_points(place, program.tops[place]) for program, place in places), default=Fraction(0)
        )
    return tops
