"""The charts of a plan: where every bar, line and label stands. The template only draws them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from capillary.model.text import msg
from capillary.report.roadmap.page import Box, CashChart, ClimbChart, Column, GanttHead, LevelBand, Tick
from capillary.report.roadmap.words import grouped, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.report.roadmap.words import Calendar, Money
    from capillary.roadmap.planner import Plan

# The drawing area of both charts, in the units of their view box (360 by 170).
LEFT, RIGHT, TOP, BOTTOM = 46.0, 352.0, 16.0, 130.0
_FEW_QUARTERS = 8
_FEW_BARS = 4
_LABEL = 32.0  # how much room the label of a step needs
_STEPS_UP = 4
_LEAVES = (1, 2, 5, 10)


def nice_step(most: Fraction, count: int = _STEPS_UP) -> Fraction:
    """Return the smallest step of the kind 1, 2, 5, 10 … of which ``count`` reach ``most``.

    >>> nice_step(Fraction(29612)), nice_step(Fraction(3)), nice_step(Fraction(0))
    (Fraction(10000, 1), Fraction(1, 1), Fraction(1, 1))
    """
    unit = Fraction(1)
    while unit * 10 * count < most:
        unit *= 10
    return next(unit * leaf for leaf in _LEAVES if unit * leaf * count >= most)


def cash_chart(plan: Plan, calendar: Calendar, money: Money) -> CashChart:
    """Return what is paid in each quarter, as columns."""
    paid = [state.paid for state in plan.states[1:]]
    limit = plan.goal.cash
    most = Fraction(max([*paid, limit or 0, 1]))
    step = nice_step(most)
    top = step * -(-most // step)
    width = (RIGHT - LEFT) / len(paid)
    columns = []
    for place, amount in enumerate(paid):
        height = _share(Fraction(amount), top) * (BOTTOM - TOP)
        box = Box(
            _tidy(LEFT + (place + 0.18) * width), _tidy(BOTTOM - height), _tidy(width * 0.64), _tidy(height)
        )
        label = grouped(amount) if amount and len(paid) <= _FEW_QUARTERS else ""
        columns.append(Column(box, _tidy(LEFT + (place + 0.5) * width), label))
    dearest = max(range(len(paid)), key=lambda place: paid[place])
    return CashChart(
        description=msg(
            "In all {total} until the end of {last}; most in {quarter}: {amount}.",
            total=money.say(sum(paid)),
            last=calendar.say(len(paid)),
            quarter=calendar.say(dearest + 1),
            amount=money.say(paid[dearest]),
        ),
        columns=tuple(columns),
        across=_across(calendar, len(paid), width),
        up=tuple(_up(step, top)),
        limit=None if limit is None else _height(Fraction(limit), top),
    )


def climb_chart(plan: Plan, calendar: Calendar, most: Fraction) -> ClimbChart:
    """Return score and level from the present to the end: each holds until the end of the quarter in which it changes."""
    states = plan.states
    slots = len(states)
    width = (RIGHT - LEFT) / slots
    scoring = min(most, plan_scale(plan))
    step = nice_step(scoring)
    top = step * -(-scoring // step)
    heights = [_height(state.score, top) for state in states]
    path = f"M{LEFT:g} {heights[0]:g}"
    for place, height in enumerate(heights):
        path += f"V{height:g}H{_tidy(LEFT + (place + 1) * width):g}"
    changed = [
        place for place, state in enumerate(states) if not place or state.score != states[place - 1].score
    ]
    changed = _apart(changed, width)
    steps = tuple(Tick(_tidy(LEFT + place * width + 2), points(states[place].score)) for place in changed)
    after = Tick(_tidy(LEFT + (slots - 0.5) * width), msg("then"))
    first, last = states[0], states[-1]
    return ClimbChart(
        description=msg(
            "From {first} points now to {last} points at the end of {quarter}.",
            first=points(first.score),
            last=points(last.score),
            quarter=calendar.say(last.quarter),
        ),
        path=path,
        steps=steps,
        heights=tuple(heights[place] for place in changed),
        across=(*_across(calendar, slots - 1, width), after),
        up=tuple(_up(step, top)),
        bands=_bands([state.level for state in states], width) if last.level or first.level else (),
    )


def _apart(places: Sequence[int], width: float) -> list[int]:
    """Return the places whose labels do not run into each other; the last one is always among them."""
    kept: list[int] = []
    for place in places:
        if kept and (place - kept[-1]) * width < _LABEL:
            if place != places[-1]:
                continue
            kept.pop()
        kept.append(place)
    return kept


def plan_scale(plan: Plan) -> Fraction:
    """Return the top of the score's axis: a tenth above the highest score of the plan."""
    return max(state.score for state in plan.states) * Fraction(11, 10)


def _bands(levels: Sequence[int], width: float) -> tuple[LevelBand, ...]:
    """Return how long each level lasts."""
    found: list[LevelBand] = []
    start = 0
    for place in range(1, len(levels) + 1):
        if place == len(levels) or levels[place] != levels[start]:
            box = (_tidy(LEFT + start * width), _tidy((place - start) * width))
            found.append(LevelBand(*box, str(levels[start])))
            start = place
    return tuple(found)


def gantt_head(calendar: Calendar, quarters: int) -> tuple[GanttHead, ...]:
    """Return what stands above the bars; with many quarters only their numbers, so that they do not run into each other."""
    heads = []
    for number in range(1, quarters + 1):
        year, quarter = calendar.place(number)
        crowded = quarters > _FEW_BARS
        named = quarter == 1 or (number == 1 and not (crowded and quarter == 4))
        label = str(quarter) if crowded else msg("Q{quarter}", quarter=quarter)
        heads.append(GanttHead(str(year) if named else "", label))
    return tuple(heads)


def gantt_stripes(quarters: int) -> str:
    """Return every second quarter of a row of 100 by 10, as an SVG path.

    >>> gantt_stripes(4)
    'M0 0h25v10h-25zM50 0h25v10h-25z'
    """
    width = 100 / quarters
    return "".join(
        f"M{number * width:.4g} 0h{width:.4g}v10h-{width:.4g}z" for number in range(0, quarters, 2)
    )


def _across(calendar: Calendar, quarters: int, width: float) -> tuple[Tick, ...]:
    """Return the labels below the columns: every quarter where there are few, else each year at its first quarter."""
    ticks = []
    for number in range(1, quarters + 1):
        year, quarter = calendar.place(number)
        middle = _tidy(LEFT + (number - 0.5) * width)
        if quarters <= _FEW_QUARTERS:
            short = quarter != 1 and number != 1
            label = (
                msg("Q{quarter}", quarter=quarter)
                if short
                else msg("Q{quarter} {year}", quarter=quarter, year=year)
            )
            ticks.append(Tick(middle, label))
        elif quarter == 1:
            ticks.append(Tick(middle, str(year)))
    return tuple(ticks)


def _up(step: Fraction, top: Fraction) -> list[Tick]:
    return [
        Tick(_height(step * number, top), grouped(float(step * number)))
        for number in range(int(top / step) + 1)
    ]


def _height(value: Fraction, top: Fraction) -> float:
    return _tidy(BOTTOM - _share(value, top) * (BOTTOM - TOP))


def _share(value: Fraction, top: Fraction) -> float:
    return float(min(max(value / top, Fraction(0)), Fraction(1)))


def _tidy(value: float) -> float:
    return round(value, 2)
