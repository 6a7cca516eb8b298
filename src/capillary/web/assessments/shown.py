"""A question as its page shows it: parts with their choices, what is chosen, why we ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import msg
from capillary.web.assessments.forms import NONE, chosen_keys

if TYPE_CHECKING:
    from capillary.model.standard import Question
    from capillary.report.page import Words


@dataclass(frozen=True)
class Choice:
    """One box of a question.

    Attributes:
        alone: whether choosing it takes every other choice away ("none of these").
    """

    key: str
    text: Words
    chosen: bool
    alone: bool = False


@dataclass(frozen=True)
class Part:
    """The choices of a question, or of one row or column of it; ``title`` is None where there is only one part."""

    name: str
    title: Words | None
    several: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class ShownQuestion:
    """A question ready for its page.

    Attributes:
        percent: what stands in the field for a percentage; None where the question has no such field.
        may_not_apply: whether "does not apply" can be said.
        not_applicable: whether it was said.
    """

    id: str
    title: Words
    text: Words
    why: Words
    example: Words
    inputs: tuple[Words, ...]
    evidence: tuple[Words, ...]
    parts: tuple[Part, ...]
    percent: str | None
    may_not_apply: bool
    not_applicable: bool
    answered: bool


def shown_question(question: Question, value: object) -> ShownQuestion:
    """Return a question ready for its page.

    Args:
        question: the question.
        value: its raw answer; None where there is none.
    """
    typed = isinstance(question, Rate) and value not in (None, NOT_APPLICABLE, *_keys(question))
    return ShownQuestion(
        id=question.id,
        title=question.title,
        text=question.text,
        why=question.why,
        example=question.example,
        inputs=question.inputs,
        evidence=question.evidence,
        parts=_parts(question, {} if typed else chosen_keys(question, value)),
        percent=None if not isinstance(question, Rate) else _typed(value) if typed else "",
        may_not_apply=question.not_applicable != "refused",
        not_applicable=value == NOT_APPLICABLE,
        answered=value is not None,
    )


def _keys(question: Question) -> list[str]:
    return [item.key for item in question.options] if isinstance(question, Rate) else []


def _typed(value: object) -> str:
    """Return a percentage as it was typed: 35, not 35.0."""
    return str(value).removesuffix(".0")


def _parts(question: Question, chosen: dict[str, list[str]]) -> tuple[Part, ...]:
    match question:
        case Grid():
            return tuple(
                _part(
                    f"part.{row.key}",
                    row.text,
                    [(value.key, value.text) for value in question.scale],
                    chosen.get(row.key, []),
                )
                for row in question.rows
            )
        case Ticks():
            return tuple(
                _part(
                    f"part.{column.key}",
                    column.text,
                    [*((row.key, row.text) for row in question.rows), (NONE, msg("None of these"))],
                    chosen.get(column.key, []),
                    several=True,
                    alone=(NONE,),
                )
                for column in question.columns
            )
        case Multiple():
            alone = tuple(option.key for option in question.options if option.exclusive)
            items: list[tuple[str, Words]] = [(option.key, option.text) for option in question.options]
            if not alone:
                items.append((NONE, msg("None of these")))
            marked = chosen.get("", [])
            if marked == [NONE] and alone:
                marked = [alone[0]]
            return (_part("answer", None, items, marked, several=True, alone=(*alone, NONE)),)
        case Single() | Rate():
            items = [(option.key, option.text) for option in question.options]
        case Level():
            items = [("0", msg("not reached")), *((str(item.level), item.text) for item in question.levels)]
        case Boolean():
            items = [("true", msg("yes")), ("false", msg("no"))]
    return (_part("answer", None, items, chosen.get("", [])),)


def _part(
    name: str,
    title: Words | None,
    items: list[tuple[str, Words]],
    chosen: list[str],
    *,
    several: bool = False,
    alone: tuple[str, ...] = (),
) -> Part:
    return Part(
        name,
        title,
        several,
        tuple(Choice(key, text, key in chosen, key in alone) for key, text in items),
    )
