"""Fields: the atoms that answers are made of, as small integers.

Every question falls into one field or several (a grid has one a row, tick boxes one a column). There are two kinds:

* a **ladder** takes one of its keys, which stand from least to most; its code is the position, from 0;
* a **set** takes any of its keys; its code is a bit mask, bit *i* for key *i*. "None of these" is mask 0 and no key.

A higher code of a ladder and a superset of a set are "more": nothing in a scoring program goes down with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from capillary.model.standard import Boolean, Grid, Level, Multiple, Question, Rate, Single, Standard, Ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A set's codes are tabulated and enumerated: 20 ticks make a million of them.
LARGEST_SET = 20


@dataclass(frozen=True)
class Field:
    """One atom of a standard's answers.

    Attributes:
        id: the question's id, with the row or column behind a dot for grids and tick boxes (``Q4.1``, ``Q1.planned``).
        question: the question's id.
        part: the row or column, or None where the question is one field.
        kind: ``ladder`` or ``set``.
        keys: what can be answered: ladder positions from least to most, or the ticks in the order of their bits.
        points: what each key gives, in the standard's points (a ladder's code, or one tick).
        none_keys: keys of the options that say "none of these" (sets only).
        upper: for a rate, the upper end in percent of each band but the last, which ends at 100.
    """

    id: str
    question: str
    part: str | None
    kind: Literal["ladder", "set"]
    keys: tuple[str, ...]
    points: tuple[Fraction, ...]
    none_keys: tuple[str, ...] = ()
    upper: tuple[Fraction, ...] = ()

    @property
    def top(self) -> int:
        """The highest code: the last position, or all ticks."""
        return len(self.keys) - 1 if self.kind == "ladder" else (1 << len(self.keys)) - 1

    @property
    def size(self) -> int:
        """How many codes there are."""
        return self.top + 1

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each key: the code of a ladder, the bit of a set."""
        return {key: index for index, key in enumerate(self.keys)}

    def chosen(self, code: int) -> tuple[str, ...]:
        """Return the keys that a code stands for.

        >>> Field("Q", "Q", None, "set", ("B", "C"), (Fraction(1), Fraction(1))).chosen(2)
        ('C',)
        """
        if self.kind == "ladder":
            return (self.keys[code],)
        return tuple(key for index, key in enumerate(self.keys) if code >> index & 1)

    def value(self, code: int) -> Fraction:
        """Return the points of a code, before a cap of the question."""
        if self.kind == "ladder":
            return self.points[code]
        return sum((points for index, points in enumerate(self.points) if code >> index & 1), Fraction(0))


def fields_of(standard: Standard) -> tuple[Field, ...]:
    """Return the fields of a standard in the order of its questions, rows and columns."""
    return tuple(field for question in standard.questions for field in question_fields(question))


def question_fields(question: Question) -> Iterator[Field]:
    """Yield the fields of one question."""
    match question:
        case Single():
            yield Field(
                question.id,
                question.id,
                None,
                "ladder",
                tuple(option.key for option in question.options),
                tuple(option.points for option in question.options),
            )
        case Rate():
            yield Field(
                question.id,
                question.id,
                None,
                "ladder",
                tuple(option.key for option in question.options),
                tuple(option.points for option in question.options),
                upper=tuple(option.up_to for option in question.options[:-1]),
            )
        case Multiple():
            ticks = [option for option in question.options if not option.exclusive]
            yield Field(
                question.id,
                question.id,
                None,
                "set",
                tuple(option.key for option in ticks),
                tuple(option.points for option in ticks),
                none_keys=tuple(option.key for option in question.options if option.exclusive),
            )
        case Level():
            points = (level.points if level.points is not None else level.level for level in question.levels)
            yield Field(
                question.id,
                question.id,
                None,
                "ladder",
                ("0", *(str(level.level) for level in question.levels)),
                (Fraction(0), *(Fraction(value) for value in points)),
            )
        case Boolean():
            yield Field(
                question.id, question.id, None, "ladder", ("false", "true"), (Fraction(0), question.points)
            )
        case Grid():
            for row in question.rows:
                yield Field(
                    f"{question.id}.{row.key}",
                    question.id,
                    row.key,
                    "ladder",
                    tuple(value.key for value in question.scale),
                    tuple(value.points for value in question.scale),
                )
        case Ticks():
            for column in question.columns:
                yield Field(
                    f"{question.id}.{column.key}",
                    question.id,
                    column.key,
                    "set",
                    tuple(row.key for row in question.rows),
                    tuple(column.points for _ in question.rows),
                )
