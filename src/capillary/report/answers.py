"""Answers in words: what was answered, what a better answer would be, and how an answer becomes points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from capillary.model.fields import Field, fields_of
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import msg
from capillary.report.figures import shown, tidy_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capillary.model.sheet import AnswerSheet
    from capillary.model.standard import Question, Standard
    from capillary.model.text import Message, Text
    from capillary.report.page import Words

FEW = 3


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def text(self) -> Text: ...


@dataclass(frozen=True)
class Coded:
    """One field with its lowest and highest possible code."""

    field: Field
    low: int
    high: int

    @property
    def settled(self) -> bool:
        """Whether the code is known."""
        return self.low == self.high


@dataclass(frozen=True)
class Answers:
    """The answers of a sheet, question by question."""

    standard: Standard
    sheet: AnswerSheet

    @cached_property
    def coded(self) -> Mapping[str, tuple[Coded, ...]]:
        """The fields of every question with their codes."""
        found: dict[str, tuple[Coded, ...]] = {}
        codes = zip(fields_of(self.standard), self.sheet.lowest, self.sheet.highest, strict=True)
        for field, low, high in codes:
            found[field.question] = (*found.get(field.question, ()), Coded(field, low, high))
        return found

    @cached_property
    def open(self) -> tuple[str, ...]:
        """Questions that are not settled, in the standard's order."""
        return tuple(name for name, coded in self.coded.items() if not all(item.settled for item in coded))

    def words(self, question: Question) -> tuple[Words, ...]:
        """Return what was answered."""
        if question.id in self.sheet.not_applicable:
            return (msg("Does not apply to this firm"),)
        if question.id not in self.sheet.answers:
            return (msg("Not answered"),)
        raw = self.sheet.answers[question.id]
        coded = self.coded[question.id]
        first = coded[0]
        match question:
            case Level() if not first.low:
                return (msg("Nothing of this yet"),)
            case Rate() if isinstance(raw, int | float):
                band = question.options[first.low].text
                return (msg("{percent} %: {band}", percent=f"{raw:g}", band=band),)
            case Grid() | Ticks():
                return tuple(_rows_in_words(question, coded))
            case _:
                found = reach_words(question, first.field, first.field.chosen(first.low))
                return found or (msg("None of these"),)

    def in_short(self, question: Question) -> tuple[Words, ...]:
        """Return what was answered; of many ticks only the first, of many rows only how many were reached."""
        if not isinstance(question, Grid) or question.id not in self.sheet.answers:
            found = self.words(question)
            if len(found) <= FEW:
                return found
            return (*found[: FEW - 1], msg("and {count} more", count=len(found) - FEW + 1))
        coded = self.coded[question.id]
        lowest = question.scale[0].text
        reached = sum(item.low > 0 for item in coded)
        return (msg("{count} of {all} lines above “{lowest}”", count=reached, all=len(coded), lowest=lowest),)

    def better(self, question: Question, step: Text | None) -> tuple[Words, ...]:
        """Return the next better answer.

        Args:
            question: the question.
            step: the next better answer as the finding says it; used where the question has one list of options.
        """
        coded = self.coded[question.id]
        first = coded[0]
        match question:
            case Boolean():
                return reach_words(question, first.field, ("true",))
            case Level():
                return reach_words(
                    question, first.field, first.field.chosen(min(first.low + 1, first.field.top))
                )
            case Grid():
                behind = sorted(
                    (item for item in coded if item.low < item.field.top), key=lambda item: item.low
                )
                return _each(
                    question, ((item.field, item.field.chosen(item.low + 1)) for item in behind[:FEW])
                )
            case Ticks():
                missing = [
                    (item.field, key)
                    for item in coded
                    for key in item.field.chosen(item.field.top & ~item.low)
                ]
                return _each(question, ((field, (key,)) for field, key in missing[:FEW]))
            case _:
                return () if step is None else (step,)


def _each(question: Question, reached: Iterable[tuple[Field, tuple[str, ...]]]) -> tuple[Words, ...]:
    return tuple(words for field, keys in reached for words in reach_words(question, field, keys))


def reach_words(question: Question, field: Field, keys: Sequence[str]) -> tuple[Words, ...]:
    """Return in words what a field has when it takes these keys: a ladder's position, or ticks of a set."""
    return tuple(_key_words(question, field, key) for key in keys)


def _key_words(question: Question, field: Field, key: str) -> Words:
    match question:
        case Boolean():
            return msg("Yes") if key == "true" else msg("No")
        case Level():
            statement = next(level.text for level in question.levels if str(level.level) == key)
            return msg("Level {level}: {statement}", level=key, statement=statement)
        case Grid():
            return msg(
                "{row}: {value}", row=_text(question.rows, field.part), value=_text(question.scale, key)
            )
        case Ticks():
            return msg(
                "{row}: {value}", row=_text(question.columns, field.part), value=_text(question.rows, key)
            )
        case _:
            return _text(question.options, key)


def _rows_in_words(question: Grid | Ticks, coded: Sequence[Coded]) -> Iterator[Words]:
    for item in coded:
        if isinstance(question, Ticks):
            name = _text(question.columns, item.field.part)
            ticked = item.low.bit_count()
            yield msg("{row}: {count} of {all}", row=name, count=ticked, all=len(item.field.keys))
        elif item.settled:
            yield from reach_words(question, item.field, item.field.chosen(item.low))
        else:
            yield msg("{row}: {value}", row=_text(question.rows, item.field.part), value=msg("Not answered"))


def _text(items: Sequence[_Keyed], key: str | None) -> Text:
    return next(item.text for item in items if item.key == key)


_RULES: Mapping[type, Message] = {
    Single: msg("points of the option chosen"),
    Multiple: msg("points of all boxes ticked"),
    Rate: msg("points of the band that the rate falls in"),
    Level: msg("points of the level reached"),
    Boolean: msg("points for yes"),
    Grid: msg("points of all lines together"),
    Ticks: msg("points of all ticks together"),
}


def rule_words(question: Question) -> Message:
    """Return how a question's points come from its answer."""
    if isinstance(question, Multiple) and sum(option.points for option in question.options) > question.points:
        most = shown(question.points, tidy_digits(question.points, most=2))
        return msg("points of all boxes ticked, at most {limit}", limit=most)
    return _RULES[type(question)]
