"""A roadmap as the template sees it: figures ready to show, sentences waiting for their language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from capillary.report.page import Bar, Fact, SourceEntry, Words

BarKind: TypeAlias = Literal["plain", "risky", "ordered"]


@dataclass(frozen=True)
class Rung:
    """One level of the standard, with what stands on it: the firm now, plans at their end."""

    title: Words
    state: Literal["passed", "now", "above"]
    plans: tuple[Words, ...]


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: when, at which level (None where there are none), with which score."""

    when: Words
    level: Words | None
    score: Words
    bar: Bar


@dataclass(frozen=True)
class Cell:
    """One figure of one plan.

    Attributes:
        value: the figure.
        note: what it is made of.
        bar: the figure as a bar.
    """

    value: Words
    note: Words | None = None
    bar: Bar | None = None


@dataclass(frozen=True)
class Line:
    """One line of the comparison: a name and a cell for each plan."""

    name: Words
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Comparison:
    """Up to three plans side by side; anchors name where each stands in detail."""

    titles: tuple[Words, ...]
    anchors: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Demand:
    """One demand of a clash, and what would do instead."""

    words: Words
    instead: Words


@dataclass(frozen=True)
class Clash:
    """Demands that cannot be met together."""

    lead: Words
    demands: tuple[Demand, ...]
    after: Words


@dataclass(frozen=True)
class Tradeoffs:
    """What more of some limits would buy, compared with one plan."""

    lead: Words
    sentences: tuple[Words, ...]


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it stands and what is written at it."""

    at: float
    label: Words


@dataclass(frozen=True)
class Box:
    """A rectangle of a chart."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One quarter of the payment chart: its rectangle, and the amount above it (empty where nothing is paid)."""

    box: Box
    middle: float
    amount: str


@dataclass(frozen=True)
class CashChart:
    """What is paid in each quarter.

    Attributes:
        description: what it shows, in words.
        limit: where the line of the most that may be paid stands; None where there is no such limit.
    """

    description: Words
    columns: tuple[Column, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    limit: float | None


@dataclass(frozen=True)
class LevelBand:
    """How long a level lasts on the axis of quarters."""

    x: float
    width: float
    level: str


@dataclass(frozen=True)
class ClimbChart:
    """Score and level over time.

    Attributes:
        path: the steps of the score, as an SVG path.
        steps: where the score changes, with its new value.
        bands: the levels; empty where the standard has none.
    """

    description: Words
    path: str
    steps: tuple[Tick, ...]
    heights: tuple[float, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    bands: tuple[LevelBand, ...]


@dataclass(frozen=True)
class QuarterRow:
    """One quarter in figures."""

    quarter: Words
    paid: str
    paid_so_far: str
    hours: tuple[str, ...]
    level: str | None
    score: str
    complete: tuple[Words, ...]


@dataclass(frozen=True)
class GanttHead:
    """The quarters above the bars: a year where one begins, and the quarter."""

    year: str
    quarter: Words


@dataclass(frozen=True)
class Amount:
    """A typical amount with its range, and whether it is unverified; the range is None where it is certain."""

    typical: str
    between: str | None
    doubt: bool = False


@dataclass(frozen=True)
class MeasureRow:
    """One measure of a plan.

    Attributes:
        x, width: its bar, in percent of the plan's time.
        remark: that its figures are the firm's own, or that it is on order.
        risk: how often such work goes wrong.
        why: why it is in.
        without: what leaving it out would cost; None where that was not worked out.
    """

    number: int
    title: Words
    first_step: Words
    period: Words
    x: float
    width: float
    kind: BarKind
    one_off: Amount
    yearly: Amount
    remark: Words | None
    hours: str
    hours_by: tuple[Words, ...]
    risk: Words
    why: tuple[Words, ...]
    without: Words | None

    @property
    def doubt(self) -> bool:
        """Whether one of its costs is unverified."""
        return self.one_off.doubt or self.yearly.doubt


@dataclass(frozen=True)
class Total:
    """The last row of the measures."""

    one_off: str
    yearly: str
    hours: str


@dataclass(frozen=True)
class Detail:
    """One plan in detail.

    Attributes:
        anchor: its name in links.
        empty: why it has no measures; None where it has some.
        stripes: every second quarter behind the bars, as an SVG path.
        left_out: that the list was cut to fit the paper; None where it was not.
        with_without: whether leaving measures out was worked out.
        without_note: what else the best plan without a measure may cost.
        spend: what the one-off costs are spent on, and how much of it each subsidy counts.
        gains: what the return rests on.
    """

    anchor: str
    title: Words
    lead: Words
    empty: Words | None
    head: tuple[GanttHead, ...]
    stripes: str
    rows: tuple[MeasureRow, ...]
    left_out: Words | None
    total: Total
    with_without: bool
    without_note: Words | None
    cash: CashChart
    climb: ClimbChart
    roles: tuple[Words, ...]
    quarters: tuple[QuarterRow, ...]
    subsidy: Words | None
    gains: tuple[Words, ...]
    gains_doubt: bool
    spend: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Foot:
    """What the figures rest on."""

    assumed: tuple[Words, ...]
    doubts: bool
    sources: tuple[SourceEntry, ...]
    product: str


@dataclass(frozen=True)
class RoadmapPage:
    """The whole paper.

    Attributes:
        unit: what amounts in tables are in.
        standings: the firm now, and at the end of the first plan.
        demands: the goal in words.
        same: that one plan is the best in several ways, a sentence each.
        notices: what the reader must know to read the figures rightly.
        paper: whether it is for printing: without what only a screen shows.
        early: whether what the first plan's return rests on stands before the plans in detail.
        brief: 0 for everything about each measure; 1 for its first reason only; 2 for none.
    """

    title: Words
    name: Words
    standard: Words
    unit: Words
    facts: tuple[Fact, ...]
    standings: tuple[Standing, ...]
    rungs: tuple[Rung, ...]
    demands: tuple[Words, ...]
    clash: Clash | None
    nothing: Words | None
    same: tuple[Words, ...]
    comparisons: tuple[Comparison, ...]
    chances: Words | None
    tradeoffs: tuple[Tradeoffs, ...]
    notices: tuple[Words, ...]
    details: tuple[Detail, ...]
    foot: Foot
    paper: bool = False
    early: bool = False
    brief: int = 0
