"""What a simulation shows: sums, tables, firms, and what cannot be told. What is small is held back here, for publication."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capillary.incentives.population import CENTS, ENDLESS
from capillary.incentives.simulate import (
    BANDS,
    Answers,
    Move,
    Tally,
    amounts_moved,
    moves,
    spread,
    states,
    tallies,
    unsettled,
)
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.funding.crowd import agreed, visible
from capillary.web.funding.rules import rules
from capillary.web.funding.words import MOVES, state_words
from capillary.web.programmes.dashboard import Cell, Row, Table
from capillary.web.programmes.models import Enrolment
from capillary.web.programmes.sizes import SIZES, size_of
from capillary.web.programmes.suppression import LEAST, Held, held_back, hidden_of, small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from capillary.incentives.compare import Side
    from capillary.incentives.simulate import Unsettled
    from capillary.web.funding.models import Simulation

ORDER = ("entitled", "unclear", "not-entitled")
CHANGED = "changed"  # in addresses: all whose answer or amount changes
WHICH = {CHANGED: None, **{move.name.lower().replace("_", "-"): move for move in Move}}


@dataclass(frozen=True)
class Sum:
    """A sum of money; ``high`` None has no upper end. Both None with ``held``."""

    low: int
    high: int | None
    held: bool = False


@dataclass(frozen=True)
class FirmRow:
    """One firm of the table; amounts in hundredths, None for no end."""

    enrolment: Enrolment
    before: str
    after: str
    before_low: int
    before_high: int | None
    after_low: int
    after_high: int | None
    move: Move
    missing: tuple[str, ...]


class Outcome:
    """The result of a simulation over the enterprises that its officers see now.

    Args:
        simulation: one that is ready.
        publication: whether small figures are held back, as they must be before others see them.
    """

    def __init__(self, simulation: Simulation, *, publication: bool = False) -> None:
        self.simulation, self.publication = simulation, publication
        kept = simulation.result
        columns = ("pk", "region", "sector", "employees")
        rows = visible(simulation.programme)
        seen = {pk: rest for pk, *rest in rows.values_list(*columns)}
        # whoever does not agree any more that what it told counts is not shown with what followed from it
        agreeing = set(rows.filter(enterprise__in=agreed()).values_list("pk", flat=True))
        told = set(kept["told"])
        for pk in told - agreeing:
            seen.pop(pk, None)
        chosen = np.array([pk in seen for pk in kept["enrolments"]], bool)
        self.enrolments: list[int] = [pk for pk in kept["enrolments"] if pk in seen]
        self.places = [seen[pk] for pk in self.enrolments]
        self.left = len(kept["enrolments"]) - len(self.enrolments)
        self.told, self.cut = len(told & seen.keys()), kept["cut"]
        self.before = Answers.from_json(kept["before"]).only(chosen)
        self.after = Answers.from_json(kept["after"]).only(chosen)
        self.programme = rules().programmes[simulation.incentive]
        self.moves = moves(self.before, self.after)

    @property
    def firms(self) -> int:
        """How many enterprises there are."""
        return len(self.enrolments)

    @property
    def too_few(self) -> bool:
        """Whether there are too few of them for anything to be published."""
        return self.publication and self.firms < LEAST

    @property
    def has_money(self) -> bool:
        """Whether the programme gives amounts, and not only a class or a title."""
        return any(version.amount is not None for version in self.programme.versions)

    @cached_property
    def _states(self) -> tuple[list[str], list[str]]:
        return (
            states(rules(), self.programme, self.before),
            states(rules(), self.programme, self.after),
        )

    @property
    def turned(self) -> int:
        """How many enterprises get another answer."""
        return sum(one != other for one, other in zip(*self._states, strict=True))

    @cached_property
    def _hidden_moves(self) -> list[bool]:
        """Which of the totals by `Move` are held back; every table that has them shows the same ones."""
        counts = [int((self.moves == move).sum()) for move in Move]
        return hidden_of(counts) if self.publication else [False] * len(counts)

    @property
    def money_is_shown(self) -> bool:
        """Whether sums are: not where they, or what they differ by, stand for so few that they tell of each."""
        if not self.publication:
            return True
        groups = [*(int((self.moves == move).sum()) for move in Move)]
        for side in (self.before.side, self.after.side):
            groups += [side.entitled, side.unclear, side.entitled + side.unclear]
        return not any(small(count) for count in groups)

    def sums(self) -> tuple[Sum, Sum, Sum]:
        """Return what it costs before and after, and the difference of both ends."""
        one, other = self.before.side, self.after.side
        if not self.money_is_shown:
            nothing = Sum(0, None, held=True)
            return nothing, nothing, nothing
        high = None if one.at_most is None or other.at_most is None else other.at_most - one.at_most
        return _sum(one), _sum(other), Sum(other.certain - one.certain, high)

    def tables(self) -> list[Table]:
        """Return all tables of figures."""
        if self.too_few:
            return []
        found = []
        if self._may_stand_beside_moves([f"{one} {other}" for one, other in zip(*self._states, strict=True)]):
            found.append(self._crossing())
        if self.has_money:
            found += [self._grouped(*group) for group in self._groups()]
            if self._may_stand_beside_moves(self._bins()):
                found.append(self._spread())
        return found

    def _may_stand_beside_moves(self, labels: Sequence[str]) -> bool:
        """Whether a table by other labels gives nothing small away where the totals by `Move` are known as well.

        Who gains is nearly always somebody whose answer turns, or whose amount rises: what is left over between two such
        tables must not be small either. So a table is left out where any label has a small number of one move.
        """
        if not self.publication:
            return True
        pairs = Counter(zip(labels, self.moves.tolist(), strict=True))
        return not any(small(count) for count in pairs.values())

    def _bins(self) -> list[str]:
        """Return for each firm the band by which its amount moves, with its direction."""
        change = amounts_moved(self.before, self.after)
        ends = [cents * CENTS for cents in BANDS]
        places = np.searchsorted(ends, np.abs(change), side="right") * np.sign(change)
        return [str(place) for place in places.tolist()]

    def _hold(self, counts: Sequence[Sequence[int]], columns: Sequence[bool] | None = None) -> Held:
        return held_back(counts, columns) if self.publication else Held.nothing(counts)

    def _crossing(self) -> Table:
        one, other = self._states
        known = {*one, *other}
        order = [word for word in [*ORDER, *sorted(known - set(ORDER))] if word in known]
        counts = [
            [sum(pair == (row, column) for pair in zip(one, other, strict=True)) for column in order]
            for row in order
        ]
        names = [state_words(self.programme, word) for word in order]
        return Table(
            "answers",
            _("Answers before and after"),
            _("Before"),
            (*(_("After: {answer}").format(answer=name) for name in names), _("Together")),
            _with_totals(names, counts, self._hold(counts)),
            "",
            _("Rows: what the first form says. Columns: what the second one says."),
        )

    def _groups(self) -> Iterator[tuple[str, str, str, list[str], Callable[[str], str]]]:
        library = engine.library()
        titles = {item.id: str(item.title) for item in SIZES}
        regions, sectors = library.regions(), library.sectors()

        def region(code: str) -> str:
            return regions[code].title.in_(language()) if code in regions else code or _("Not known")

        def sector(code: str) -> str:
            return sectors[code].title.in_(language()) if code in sectors else code or _("Not known")

        sizes = [size.id if (size := size_of(place[2])) else "" for place in self.places]
        yield "size", _("By size"), _("Size"), sizes, lambda key: titles.get(key) or _("Not known")
        yield "sector", _("By sector"), _("Sector"), [place[1] for place in self.places], sector
        yield "region", _("By region"), _("Region"), [place[0] for place in self.places], region

    def _grouped(
        self, name: str, title: str, first: str, labels: list[str], words: Callable[[str], str]
    ) -> Table:
        found = tallies(self.before, self.after, labels)
        sizes = [size.id for size in SIZES]
        keys = sorted(
            found,
            key=lambda key: (sizes.index(key) if key in sizes else len(sizes), -sum(found[key].counts), key),
        )
        used = [move for move in Move if any(found[key].counts[move] for key in keys)]
        paid = [move for move in (Move.GAIN, Move.LOSE) if move in used]
        counts = [[found[key].counts[move] for move in used] for key in keys]
        held = self._hold(counts, [self._hidden_moves[move] for move in used])
        rows = list(_with_totals([words(key) for key in keys], counts, held))
        money = [_money(found[key], paid, used, held.cells[at]) for at, key in enumerate(keys)]
        whole = Tally(
            (), sum(item.more for item in found.values()), sum(item.less for item in found.values())
        )
        money.append(_money(whole, paid, used, held.columns))
        rows = [
            Row(row.title, (*row.cells, *cells), row.total) for row, cells in zip(rows, money, strict=True)
        ]
        currency = self.programme.currency or ""
        return Table(
            name,
            title,
            first,
            (
                *(str(MOVES[move]) for move in used),
                _("Together"),
                *(_MONEY[move].format(currency=currency) for move in paid),
            ),
            tuple(rows),
            "",
        )

    def _spread(self) -> Table:
        bins = spread(self.before, self.after)
        counts = [[item.up, item.down] for item in bins]
        names = [
            _("{least} and more").format(least=f"{item.least:,}")
            if item.below is None
            else _("from {least} to below {below}").format(least=f"{item.least:,}", below=f"{item.below:,}")
            for item in bins
        ]
        return Table(
            "spread",
            _("By how much amounts change"),
            self.programme.currency or "",
            (_("Rises"), _("Falls"), _("Together")),
            _with_totals(names, counts, self._hold(counts)) if bins else (),
            "",
            _("The upper end of what a firm may get; the lower one where the upper end stays."),
        )

    def unsettled(self) -> list[Unsettled]:
        """Return which facts would settle what cannot be told under the second form."""
        found = unsettled(self.after)
        return [row for row in found if not (self.publication and small(row.firms))]

    # --- firms, for the officers alone ---------------------------------------------------------------------------

    def chosen(self, which: str) -> list[int]:
        """Return which firms a choice of `WHICH` takes in, those whose amounts change most first."""
        change = np.abs(amounts_moved(self.before, self.after))
        move = WHICH.get(which)
        if which in WHICH and move is not None:
            mask = self.moves == move
        elif which == CHANGED:
            turned = np.array([one != other for one, other in zip(*self._states, strict=True)], bool)
            mask = (self.moves != Move.SAME) | turned
        else:
            mask = np.ones(self.firms, bool)
        places = np.flatnonzero(mask)
        return [int(place) for place in places[np.argsort(-change[places], kind="stable")]]

    def rows(self, places: Sequence[int]) -> list[FirmRow]:
        """Return the firms at some places, with their names."""
        wanted = [self.enrolments[place] for place in places]
        known = Enrolment.objects.in_bulk(wanted)
        one, other = self._states
        return [
            FirmRow(
                known[self.enrolments[place]],
                state_words(self.programme, one[place]),
                state_words(self.programme, other[place]),
                int(self.before.low[place]),
                _end(self.before.high[place]),
                int(self.after.low[place]),
                _end(self.after.high[place]),
                Move(int(self.moves[place])),
                self.after.missing[place],
            )
            for place in places
            if self.enrolments[place] in known
        ]


_MONEY = {
    Move.GAIN: gettext_lazy("More for those who gain, {currency}"),
    Move.LOSE: gettext_lazy("Less for those who lose, {currency}"),
}


def _money(
    tally: Tally, paid: Sequence[Move], used: Sequence[Move], hidden: Sequence[bool]
) -> tuple[Cell, ...]:
    """Return what those who gain get more and those who lose less; nothing beside a count that is held back."""
    amounts = {Move.GAIN: tally.more, Move.LOSE: tally.less}
    return tuple(Cell(None if hidden[used.index(move)] else amounts[move]) for move in paid)


def _sum(side: Side) -> Sum:
    return Sum(side.certain, side.at_most)


def _end(cents: np.int64) -> int | None:
    return None if cents >= ENDLESS else int(cents)


def whole(cents: int | None) -> int | float | None:
    """Return hundredths as units, whole where they are.

    >>> whole(12300), whole(5), whole(None)
    (123, 0.05, None)
    """
    if cents is None:
        return None
    return cents // CENTS if cents % CENTS == 0 else cents / CENTS


def _with_totals(names: Sequence[str], counts: Sequence[Sequence[int]], held: Held) -> tuple[Row, ...]:
    """Return the rows of a table with its totals, without what is held back."""
    rows = [
        Row(
            name,
            (
                *(Cell(None if away else count) for away, count in zip(held.cells[at], line, strict=True)),
                Cell(None if held.rows[at] else sum(line), total=True),
            ),
        )
        for at, (name, line) in enumerate(zip(names, counts, strict=True))
    ]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    last = [Cell(None if away else count) for away, count in zip(held.columns, sums, strict=True)]
    rows.append(Row(_("Together"), (*last, Cell(sum(sums), total=True)), total=True))
    return tuple(rows)
