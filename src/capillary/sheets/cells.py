"""Answers as they stand in a cell of a table: text that people type, in either language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks

if TYPE_CHECKING:
    from capillary.model.fields import Field
    from capillary.model.standard import Question

NONE_WORD = "none"
_TRUE = frozenset({"true", "yes", "y", "1", "x", "✓", "✔", "√", "是", "有"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "无", "没有"})
_NOT_APPLICABLE = frozenset({NOT_APPLICABLE, "n/a", "不适用"})
_SEPARATORS = re.compile(r"[;,|、；，\s]+")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def is_tick(text: str) -> bool:
    """Say whether a cell's text ticks a box."""
    return text.casefold() in _TRUE


def is_no_tick(text: str) -> bool:
    """Say whether a cell's text leaves a box open in so many words."""
    return text.casefold() in _FALSE


def answer_from_text(question: Question, field: Field, text: str) -> object:
    """Return the raw answer that a cell's text stands for; what it cannot be is left as text for the checks to name.

    Args:
        question: the question.
        field: the field that the cell is about.
        text: the cell's text without spaces around it; not empty.
    """
    if text.casefold() in _NOT_APPLICABLE:
        return NOT_APPLICABLE
    match question:
        case Rate():
            return _number(text.removesuffix("%").removesuffix("％").strip(), text)
        case Level():
            return _number(text, text)
        case Boolean():
            return True if is_tick(text) else False if is_no_tick(text) else text
        case Multiple() | Ticks():
            if text.casefold() == NONE_WORD:
                return []
            return [part for part in _SEPARATORS.split(text) if part]
        case Single() | Grid():
            return (
                text if text in field.position else text.upper() if text.upper() in field.position else text
            )


def _number(text: str, original: str) -> object:
    if not _NUMBER.match(text):
        return original
    value = float(text)
    return int(value) if value.is_integer() and "." not in text else value
