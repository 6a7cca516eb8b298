"""Figures of finished projects that replace the ranges of a scenario: median and quartiles that give no firm away.

What is told follows four rules.

- *Enough firms.* A figure rests on at least `LEAST` firms (k-anonymity, Samarati and Sweeney 1998). A firm counts once: with
  several projects by the median of its values. Smallest and greatest values are never told, since each is one firm's own.
- *Not all alike.* The firms' values lie on at least `KINDS` steps, or else whoever knows that a firm takes part knows its
  value (distinct l-diversity, Machanavajjhala and others 2007).
- *Coarse.* Values are rounded to `STEPS`, each a fifth to a third above the one before, so that a quartile that is one firm's
  own value tells no more than its size.
- *In batches.* A figure changes only when at least `LEAST` firms, and at least a fifth of them, are new or gone, against every
  figure that was ever told. So no two tellings, however far apart, differ by fewer firms than one telling rests on. Where
  firms take back so much that fewer than `LEAST` are left, the figure is no longer told at all.

Costs hang on the size of a firm and are told by size class; these parts overlap nowhere and no total is told, so none follows
from others. Weeks, hours, levels and effects do not hang on it in the measures' own figures, and are told over all sizes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from capillary.model.measure import EffectBase, EffectOn
    from capillary.model.scenario import SizeClass

LEAST = 5
KINDS = 3
SHARE = 5  # a batch is at least one in so many
STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
ONE_OFF, WEEKS, HOURS, LEVELS, EFFECT = "one_off", "weeks", "hours", "levels", "effect"
# what one unit of a currency, by its code, was worth on a day, by ISO 8601
Worth = Callable[[str, str], Fraction | None]
# the firms behind a figure, each as the sorted ids of its results; no firm is named
Groups = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Cost:
    """What a project cost once.

    Attributes:
        amount: in units of ``currency``, zero or more.
        on: the day of the amount, ISO 8601.
    """

    amount: Fraction
    currency: str
    on: str


@dataclass(frozen=True)
class Improved:
    """What a firm found out before and after.

    Attributes:
        before: above zero.
        measured: whether it was read off or counted; False for an estimate, which does not count.
    """

    on: EffectOn
    of: EffectBase
    before: Fraction
    after: Fraction
    measured: bool

    @property
    def percent(self) -> Fraction:
        """How many percent less it is; below zero where it became more."""
        return 100 * (self.before - self.after) / self.before


@dataclass(frozen=True)
class Result:
    """What one finished project reports.

    Attributes:
        id: of this version of the report; a changed report has another one.
        firm: tells firms apart; told nowhere.
        measures: that were done.
        year: in which it was done.
        size: of the firm; None where it is not known, so that its cost counts nowhere.
        weeks, hours: how long it took, and hours of the firm's own people; None where not told.
        levels: the firm's level before and after.
    """

    id: str
    firm: str
    measures: frozenset[str]
    year: int
    size: SizeClass | None = None
    cost: Cost | None = None
    weeks: int | None = None
    hours: int | None = None
    levels: tuple[int, int] | None = None
    improved: tuple[Improved, ...] = ()


@dataclass(frozen=True)
class Value:
    """One value of one result."""

    result: str
    firm: str
    year: int
    value: Fraction


@dataclass(frozen=True)
class Figure:
    """What is told: quartiles and median, on how many projects they rest, and of which years those are."""

    low: Fraction
    typical: Fraction
    high: Fraction
    projects: int
    years: tuple[int, int]


@dataclass(frozen=True)
class Cell:
    """One figure of a scenario through time.

    Attributes:
        figure: what is told now; None where too few firms report it, or all the same.
        reported: how many projects report it now.
        told: the firms behind every figure that was ever told, the latest last.
    """

    figure: Figure | None = None
    reported: int = 0
    told: tuple[Groups, ...] = field(default=())


def covered(done: Collection[str], measures: Iterable[str]) -> bool:
    """Whether all measures of a scenario were done.

    >>> covered({"a", "b", "c"}, ("a", "b")), covered({"a"}, ("a", "b")), covered({"a"}, ())
    (True, False, False)
    """
    wanted = set(measures)
    return bool(wanted) and wanted <= set(done)


def values_of(results: Iterable[Result], measures: Collection[str], worth: Worth) -> dict[str, list[Value]]:
    """Return what results tell of a scenario, by part: ``one_off:small``, ``weeks``, ``effect:cost/scrap`` and so on.

    A result counts where exactly the scenario's measures were done: with more or fewer its cost is not that of the scenario.

    Args:
        results: of any projects.
        measures: those of the scenario.
        worth: what one unit of a currency was worth on a day, in that of the figures; None where nobody knows, and then a cost
            does not count.
    """
    found: dict[str, list[Value]] = defaultdict(list)
    for item in results:
        if item.measures == frozenset(measures):
            for part, value in _told(item, worth):
                found[part].append(Value(item.id, item.firm, item.year, value))
    return dict(found)


def _told(item: Result, worth: Worth) -> Iterable[tuple[str, Fraction]]:
    if item.cost is not None and item.size is not None:
        unit = worth(item.cost.currency, item.cost.on)
        if unit is not None:
            yield f"{ONE_OFF}:{item.size}", item.cost.amount * unit
    if item.weeks is not None:
        yield WEEKS, Fraction(item.weeks)
    if item.hours is not None:
        yield HOURS, Fraction(item.hours)
    if item.levels is not None:
        yield LEVELS, Fraction(item.levels[1] - item.levels[0])
    for effect in item.improved:
        if effect.measured:
            yield f"{EFFECT}:{effect.on}/{effect.of}", effect.percent


def step_of(value: Fraction) -> Fraction:
    """Return the nearest of the steps at which values are told, the lower one in the middle; below zero likewise.

    >>> [int(step_of(Fraction(value))) for value in (0, 1, 7, 83_214, 96, -35)]
    [0, 1, 6, 80000, 100, -30]
    """
    if value < 0:
        return -step_of(-value)
    if value == 0:
        return Fraction(0)
    unit = Fraction(1)
    while value >= 10 * unit:
        unit *= 10
    while value < unit:
        unit /= 10
    steps = [unit * Fraction(step, 10) for step in (*STEPS, 100)]
    return min(steps, key=lambda step: (abs(step - value), step))


def quantile(values: Sequence[Fraction], share: Fraction) -> Fraction:
    """Return a quantile, linear between the two values around it (type 7 of Hyndman and Fan 1996).

    >>> quantile([Fraction(4), Fraction(1), Fraction(3), Fraction(2)], Fraction(1, 2))
    Fraction(5, 2)
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def told_next(before: Cell, values: Sequence[Value]) -> Cell:
    """Return what may be told after results came, changed or went.

    Args:
        before: what is told until now; an empty cell at first.
        values: what all results that count tell of this part now.
    """
    firms: dict[str, list[Value]] = defaultdict(list)
    for item in values:
        firms[item.firm].append(item)
    groups = frozenset(tuple(sorted(item.result for item in own)) for own in firms.values())
    now = replace(before, reported=len({item.result for item in values}))
    if _is_batch(before.told, groups) and (figure := _figure(list(firms.values()))) is not None:
        return replace(now, figure=figure, told=(*before.told, groups))
    if before.figure is not None and _left(before.told[-1], values) < LEAST:
        return replace(now, figure=None)
    return now


def _is_batch(told: Iterable[Groups], groups: Groups) -> bool:
    """Whether enough firms are there, and enough of them new or gone against everything that was told."""
    return len(groups) >= LEAST and all(
        max(len(groups - earlier), len(earlier - groups)) >= max(LEAST, -(-len(earlier) // SHARE))
        for earlier in told
    )


def _left(groups: Groups, values: Iterable[Value]) -> int:
    """Return how many of the firms behind a figure still let all that they reported then be counted."""
    there = {item.result for item in values}
    return sum(there.issuperset(own) for own in groups)


def _figure(firms: Sequence[Sequence[Value]]) -> Figure | None:
    typical = [median([item.value for item in own]) for own in firms]
    if len({step_of(value) for value in typical}) < KINDS:
        return None
    years = [item.year for own in firms for item in own]
    low, middle, high = (step_of(quantile(typical, Fraction(part, 4))) for part in (1, 2, 3))
    projects = len({item.result for own in firms for item in own})
    return Figure(low, middle, high, projects, (min(years), max(years)))
