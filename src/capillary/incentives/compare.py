"""Compares two forms of a programme over many firms: what each would cost, who gains and who loses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from capillary.incentives.population import CENTS, ENDLESS, ENTITLED, UNCLEAR, Population, column_of, outcomes
from capillary.model.problems import InputError, Place, Problem, did_you_mean
from capillary.model.text import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from capillary.incentives.population import Column, Outcome
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Fact, Programme

    Ints = NDArray[np.int64]

ID = "id"
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Side:
    """What one form of a programme comes to.

    Attributes:
        entitled, unclear: numbers of firms.
        certain: what the entitled firms get for certain, in whole units of the programme's currency.
        at_most: what it costs at most; None where an amount has no upper end.
    """

    entitled: int
    unclear: int
    certain: int
    at_most: int | None


@dataclass(frozen=True)
class Comparison:
    """Two forms of a programme over the same firms.

    Attributes:
        change: the certain amount after less that before, for each firm, in hundredths.
        moved: firms whose verdict changes.
    """

    firms: int
    before: Side
    after: Side
    change: Ints
    moved: int

    def summed(self, sign: int) -> tuple[int, int]:
        """Return how many firms gain (1) or lose (-1), and how much in whole units."""
        mask = self.change * sign > 0
        return int(mask.sum()), int(np.abs(self.change[mask]).sum()) // CENTS

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        gain, lose = self.summed(1), self.summed(-1)
        return {
            "firms": self.firms,
            "before": vars(self.before),
            "after": vars(self.after),
            "gain": {"firms": gain[0], "amount": gain[1]},
            "lose": {"firms": lose[0], "amount": lose[1]},
            "unchanged": self.firms - gain[0] - lose[0],
            "moved": self.moved,
        }


def compare(rules: Rules, changed: Programme, firms: Population) -> Comparison:
    """Return what another form of a programme changes.

    Args:
        rules: with the programme as it is.
        changed: the other form of it, under the same id.
        firms: the firms.

    Raises:
        InputError: there is no rate between two currencies, or amounts are too large.
    """
    name = changed.id
    before = outcomes(rules, firms, [name])[name]
    other = replace(rules, programmes={**rules.programmes, name: changed})
    after = outcomes(other, firms, [name])[name]
    moved = int((before.verdict != after.verdict).sum())
    return Comparison(firms.size, side_of(before), side_of(after), after.low - before.low, moved)


def side_of(found: Outcome) -> Side:
    """Return what one form of a programme comes to over all firms."""
    endless = bool((found.high >= ENDLESS).any())
    return Side(
        entitled=int((found.verdict == ENTITLED).sum()),
        unclear=int((found.verdict == UNCLEAR).sum()),
        certain=int(found.low.sum()) // CENTS,
        at_most=None if endless else int(found.high.sum()) // CENTS,
    )


def population_of(
    rules: Rules, table: Mapping[str, Sequence[object]], *, on: str, currency: str, file: str
) -> Population:
    """Return the firms of a table.

    Args:
        rules: whose facts name the columns; a column ``id`` is passed over.
        table: by column, a value a firm: text as in a CSV file, or values; empty where it is not known.
        on: the day of the evaluation.
        currency: of all amounts.
        file: how the table is named in errors.

    Raises:
        InputError: a column is no fact, or a value is none of its fact; the row is named.
    """
    columns: dict[str, Column] = {}
    size = 0
    for name, values in table.items():
        size = len(values)
        if name == ID:
            continue
        fact = rules.facts.get(name)
        if fact is None:
            cause = msg("The fact {word} is not known.", word=name)
            place = Place(file=file, column=name)
            raise InputError([Problem("unknown-fact", place, cause, did_you_mean(name, [ID, *rules.facts]))])
        try:
            columns[name] = column_of(fact, [_value(fact, value) for value in values])
        except InputError as error:
            # the first row of the file holds the names
            raise InputError(
                [problem.at(file=file, row=(problem.place.row or 0) + 1) for problem in error.problems]
            ) from None
    return Population(size, on, columns, {}, currency)


def _value(fact: Fact, value: object) -> object:
    """Return a value as columns take it; what is no value of its fact stays, for the column to refuse."""
    if value is None or value == "":
        return None
    match fact.unit:
        case "flag":
            return _TRUTHS.get(str(value).strip().lower(), value)
        case "choices":
            given = value if isinstance(value, list) else str(value).split(";")
            return [str(item).strip() for item in given if str(item).strip()]
        case "choice" | "date":
            return str(value).strip()
        case _:
            return value
