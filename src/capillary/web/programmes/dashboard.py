"""The tables of a programme's dashboard, from its stored figures; what is small is held back here alone, for publication."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.programmes.aggregates import NONE
from capillary.web.programmes.models import Aggregate
from capillary.web.programmes.suppression import LEAST, Held, held_back, hidden_of, small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from capillary.web.programmes.models import Programme

MOST_MONTHS = 24
G = Aggregate.Grouping
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Cell:
    """A figure of a table; None is held back."""

    count: int | None
    total: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    title: str
    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the dashboard.

    Attributes:
        id: its name in addresses.
        first: what the rows are.
        columns: titles of the columns, that of the total included.
        chart: how it is drawn: ``stacked``, ``bars`` or ``line``.
        text: one sentence on what it shows.
        none: whether the last column before the total stands for what there is not.
        single: what a held back cell says: where nothing but small figures is held back, that they are small.
    """

    id: str
    title: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: str
    text: str = ""
    none: bool = False
    single: bool = False
    held: bool = field(init=False)

    def __post_init__(self) -> None:
        held = any(cell.count is None for row in self.rows for cell in row.cells)
        object.__setattr__(self, "held", held)


@dataclass(frozen=True)
class Dashboard:
    """Everything on the dashboard.

    Attributes:
        enterprises, assessed: how many take part, and how many of them are assessed.
        gain: mean change of the score from the first to the last assessment; None where too few have two.
        tables: the tables; none at all where too few enterprises are assessed.
    """

    enterprises: int
    assessed: int
    again: int
    gain: float | None
    tables: tuple[Table, ...]


def dashboard_of(programme: Programme, *, publication: bool) -> Dashboard:
    """Return the dashboard of a programme from its stored figures.

    Args:
        programme: whose figures.
        publication: whether small figures are held back, as they must be before others see them. Its officers may see all
            of them: every enterprise that is counted agreed to be seen by them, one by one, in the list.
    """
    return _Builder(programme, publication=publication).dashboard()


class _Builder:
    def __init__(self, programme: Programme, *, publication: bool) -> None:
        self.publication = publication
        self.least = LEAST if publication else 1
        self.standard = engine.standards().get(programme.standard)
        self.counts: dict[str, Counts] = defaultdict(lambda: defaultdict(dict))
        self.totals: dict[str, float] = defaultdict(float)
        for item in Aggregate.objects.filter(programme=programme):
            self.counts[item.grouping][item.key][item.part] = item.count
            self.totals[item.grouping] += item.total
        levels: dict[str, int] = defaultdict(int)
        for row in self.counts[G.REGION].values():
            for level, count in row.items():
                levels[level] += count
        self.overall = levels
        self.levels = self._levels_with(levels)
        # Every table that has levels shows the same totals of them; so they are decided once.
        self.hidden = self._hidden_of([levels.get(level, 0) for level in self.levels])

    def _is_small(self, count: int) -> bool:
        return self.publication and small(count)

    def _hidden_of(self, counts: Sequence[int]) -> list[bool]:
        return hidden_of(counts) if self.publication else [False for _ in counts]

    def _held_back(self, counts: Sequence[Sequence[int]], columns: Sequence[bool] | None = None) -> Held:
        return held_back(counts, columns) if self.publication else Held.nothing(counts)

    def dashboard(self) -> Dashboard:
        assessed = sum(self.overall.values())
        again = sum(count for row in self.counts[G.CHANGE].values() for count in row.values())
        return Dashboard(
            enterprises=self.counts[G.ENTERPRISES].get("", {}).get("", 0),
            assessed=assessed,
            again=again,
            gain=self.totals[G.CHANGE] / again if again >= self.least else None,
            tables=tuple(self._tables(again)) if assessed >= self.least else (),
        )

    def _tables(self, again: int) -> Iterable[Table]:
        has_levels = self.levels != [NONE]
        if has_levels:
            yield self._by_level(G.REGION, _("Levels by region"), _("Region"), _region)
            yield self._by_level(G.SECTOR, _("Levels by sector"), _("Sector"), _sector)
        yield self._weakest()
        yield self._months()
        if has_levels:
            yield self._supported()
        if has_levels and again >= self.least:
            yield from self._change()

    def _levels_with(self, found: Iterable[str]) -> list[str]:
        """Return the levels of the standard and those that were found besides, in order; no level comes last."""
        known = [] if self.standard is None else [str(item.level) for item in self.standard.file.levels]
        more = sorted((level for level in found if level not in known and level != NONE), key=int)
        return [*known, *more, *([NONE] if NONE in found or not known else [])]

    def _level(self, level: str) -> str:
        if level == NONE:
            return _("No level")
        return level if self.standard is None else self.standard.level_title(int(level)).in_(language())

    def _by_level(self, grouping: str, title: str, first: str, name: Callable[[str], str]) -> Table:
        found = self.counts[grouping]
        keys = sorted(found, key=lambda key: (-sum(found[key].values()), key))
        columns = [self._level(level) for level in self.levels]
        rows = _crossed(found, keys, self.levels, name, lambda counts: self._held_back(counts, self.hidden))
        return Table(grouping, title, first, (*columns, _("Together")), rows, "stacked")

    def _weakest(self) -> Table:
        known = () if self.standard is None else self.standard.file.dimensions
        titles = {item.id: item.title.in_(language()) for item in known}
        counts = {key: row.get("", 0) for key, row in self.counts[G.WEAKEST].items()}
        counts = {**dict.fromkeys(titles, 0), **counts}
        keys = sorted(counts, key=lambda key: (key == "", -counts[key], key))
        hidden = self._hidden_of([counts[key] for key in keys])
        rows = tuple(
            Row(titles.get(key, key) or _("None"), (Cell(None if away else counts[key]),))
            for key, away in zip(keys, hidden, strict=True)
        )
        return Table(
            G.WEAKEST,
            _("Weakest dimensions"),
            _("Dimension"),
            (_("Enterprises"),),
            rows,
            "bars",
            _("For how many enterprises each dimension is the one in which they reach the smallest share."),
        )

    def _supported(self) -> Table:
        found = self.counts[G.SUPPORTED]
        parts = self._levels_with({part for row in found.values() for part in row})
        # The totals that are shared with the other tables stand in the rows here, so the table is decided lying.
        turned = {part: {level: found.get(level, {}).get(part, 0) for level in self.levels} for part in parts}
        counts = [[turned[part][level] for level in self.levels] for part in parts]
        held = self._held_back(counts, self.hidden)
        rows = [
            Row(
                self._level(level),
                (
                    *(Cell(None if held.cells[at][index] else counts[at][index]) for at in range(len(parts))),
                    Cell(None if held.columns[index] else self.overall.get(level, 0), total=True),
                ),
            )
            for index, level in enumerate(self.levels)
        ]
        sums = [sum(row) for row in counts]
        last = [
            Cell(None if away else count, total=True) for away, count in zip(held.rows, sums, strict=True)
        ]
        rows.append(Row(_("Together"), (*last, Cell(sum(sums), total=True)), total=True))
        names = [_("No evidence") if part == NONE else self._level(part) for part in parts]
        return Table(
            G.SUPPORTED,
            _("Declared and supported levels"),
            _("Declared level"),
            (*names, _("Together")),
            tuple(rows),
            "stacked",
            _("Rows: the level that enterprises declare. Columns: the level that their evidence supports."),
            none=parts[-1] == NONE,
        )

    def _months(self) -> Table:
        found = {key: row.get("", 0) for key, row in self.counts[G.MONTH].items()}
        months = _months_between(min(found), max(found))[-MOST_MONTHS:] if found else []
        rows = tuple(
            Row(month, (Cell(None if self._is_small(found.get(month, 0)) else found.get(month, 0)),))
            for month in months
        )
        title, first = _("Assessments by month"), _("Month")
        return Table(G.MONTH, title, first, (_("Completed assessments"),), rows, "line", single=True)

    def _change(self) -> Iterable[Table]:
        found = self.counts[G.CHANGE]
        levels = self._levels_with({*found, *(part for row in found.values() for part in row)})
        counts = [[found.get(before, {}).get(now, 0) for now in levels] for before in levels]
        held = self._held_back(counts)
        columns = (*(self._level(level) for level in levels), _("Together"))
        before, now = [sum(row) for row in counts], [sum(row) for row in zip(*counts, strict=True)]
        everybody = Cell(sum(before), total=True)
        yield Table(
            "then-and-now",
            _("Levels at the first assessment and now"),
            _("When"),
            columns,
            (
                Row(_("First assessment"), (*_cells(before, held.rows), everybody)),
                Row(_("Now"), (*_cells(now, held.columns), everybody)),
            ),
            "stacked",
            _("Only enterprises with two assessments or more."),
        )
        rows = _crossed(found, levels, levels, self._level, self._held_back)
        yield Table(
            G.CHANGE,
            _("From which level to which"),
            _("Level at the first assessment"),
            columns,
            rows,
            "",
            _("Rows: the level at the first assessment. Columns: the level now."),
        )


def _crossed(
    found: Mapping[str, Mapping[str, int]],
    keys: Sequence[str],
    parts: Sequence[str],
    name: Callable[[str], str],
    hold_back: Callable[[Sequence[Sequence[int]]], Held],
) -> tuple[Row, ...]:
    """Return the rows of a table with its totals, without what is held back."""
    counts = [[found.get(key, {}).get(part, 0) for part in parts] for key in keys]
    held = hold_back(counts)
    rows = [
        Row(
            name(key),
            (*_cells(line, held.cells[at]), Cell(None if held.rows[at] else sum(line), total=True)),
        )
        for at, (key, line) in enumerate(zip(keys, counts, strict=True))
    ]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    rows.append(Row(_("Together"), (*_cells(sums, held.columns), Cell(sum(sums), total=True)), total=True))
    return tuple(rows)


def _cells(counts: Sequence[int], hidden: Sequence[bool]) -> tuple[Cell, ...]:
    return tuple(Cell(None if away else count) for count, away in zip(counts, hidden, strict=True))


def _region(code: str) -> str:
    item = engine.library().regions().get(code)
    return item.title.in_(language()) if item else code or _("Not known")


def _sector(code: str) -> str:
    item = engine.library().sectors().get(code)
    return item.title.in_(language()) if item else code or _("Not known")


def _months_between(first: str, last: str) -> list[str]:
    """Return all months from one to another.

    >>> _months_between("2025-11", "2026-02")
    ['2025-11', '2025-12', '2026-01', '2026-02']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(start, end + 1)]


def figure_text(cell: Cell, table: Table) -> str:
    """Return what stands in a cell."""
    if cell.count is not None:
        return f"{cell.count:,}"
    return _("fewer than 10") if table.single else _("held back")
