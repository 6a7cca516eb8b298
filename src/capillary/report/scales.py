"""The dimensions, and other groupings of the same questions, as tables with bars."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.report.figures import bar, shown, span, tidy_digits
from capillary.report.page import ScaleRow, View
from capillary.scoring.evaluate import Interval, programs_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.model.text import Text
    from capillary.report.accounting import ShownAccount

_NOTHING = Interval(Fraction(0), Fraction(0))


def dimensions(diagnosis: Diagnosis, account: ShownAccount) -> tuple[ScaleRow, ...]:
    """Return every dimension on its own scale, with what it loses in the score."""
    file = diagnosis.standard.file
    tops = _tops(diagnosis, file.scoring.dimensions.values())
    digits = _digits(diagnosis.score.dimensions, account)
    rows = []
    for dimension in file.dimensions:
        node = file.scoring.dimensions.get(dimension.id)
        if node is None:
            continue
        value, lost = diagnosis.score.dimensions.get(dimension.id, _NOTHING), account.lost(node)
        text = _as_in_account(account, node, value) or span(value.low, value.high, digits)
        rows.append(_row(dimension.title, dimension.summary, value, tops[node], text, _shown(lost, account)))
    return tuple(rows)


def views(diagnosis: Diagnosis, account: ShownAccount) -> tuple[View, ...]:
    """Return the other groupings of the standard."""
    found = []
    for view in diagnosis.standard.file.scoring.views:
        tops = _tops(diagnosis, (group.node for group in view.groups))
        values = diagnosis.score.views[view.id]
        digits = _digits(values, account)
        rows = [
            _row(
                group.title,
                None,
                values[group.id],
                tops[group.node],
                span(values[group.id].low, values[group.id].high, digits),
                None,
            )
            for group in view.groups
        ]
        found.append(View(view.title, tuple(rows)))
    return tuple(found)


def _row(
    title: Text, note: Text | None, value: Interval, top: Fraction, text: str, lost: str | None
) -> ScaleRow:
    return ScaleRow(
        title=title,
        note=note,
        bar=bar(value.low, value.high, top),
        value=text,
        top=shown(top, tidy_digits(top, most=2)),
        lost=lost,
    )


def _as_in_account(account: ShownAccount, node: str, value: Interval) -> str | None:
    """Return the value as the account shows it, where the node counts in the score without any weight."""
    found = account.exact.get(node)
    if found is None or (found.earned, found.earned + found.unknown) != (value.low, value.high):
        return None
    earned, _, unknown, _ = account.by_id[node].amounts
    return span(earned, earned + unknown, account.digits)


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
