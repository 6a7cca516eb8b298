"""Answers as they stand in a cell of a table: text that people type, in either language."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks

if TYPE_CHECKING:
    from capillary.model.fields import Field
    from capillary.model.standard import Question

NONE_WORD = "none"
_NONE = frozenset({NONE_WORD, "无", "没有", "以上都没有"})
_TRUE = frozenset({"true", "yes", "y", "1", "x", "✓", "✔", "√", "是", "有"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "无", "没有"})
_NOT_APPLICABLE = frozenset({NOT_APPLICABLE, "n/a", "不适用"})
_SEPARATORS = re.compile(r"[;,|、\s]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}([ ,'’][0-9]{3})+(\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")


def plain(text: str) -> str:
    """Return a text without spaces around it and without the full-width forms that Chinese keyboards give.

    >>> plain(" ３５％ "), plain("Ｂ；Ｃ")
    ('35%', 'B;C')
    """
    return unicodedata.normalize("NFKC", text).strip()


def is_tick(text: str) -> bool:
    """Say whether a cell's text ticks a box."""
    return plain(text).casefold() in _TRUE


def is_no_tick(text: str) -> bool:
    """Say whether a cell's text leaves a box open in so many words."""
    return plain(text).casefold() in _FALSE


def number_in(text: str) -> int | float | None:
    """Return the number that a text holds, with or without thousands separators; None where it holds none.

    >>> number_in("1,234,567"), number_in("42.5"), number_in("12,5"), number_in("3000万")
    (1234567, 42.5, None, None)
    """
    shown = plain(text)
    if _GROUPED.fullmatch(shown):
        shown = re.sub("[ ,'’]", "", shown)
    elif not _NUMBER.fullmatch(shown):
        return None
    value = float(shown)
    return int(value) if value.is_integer() and "." not in shown else value


def answer_from_text(question: Question, field: Field, text: str) -> object:
    """Return the raw answer that a cell's text stands for; what it cannot be is left as text for the checks to name.

    Args:
        question: the question.
        field: the field that the cell is about.
        text: the cell's text; not empty.
    """
    shown = plain(text)
    if shown.casefold() in _NOT_APPLICABLE:
        return NOT_APPLICABLE
    match question:
        case Rate():
            return _rate(field, shown)
        case Level():
            number = number_in(shown)
            return shown if number is None else number
        case Boolean():
            return True if is_tick(shown) else False if is_no_tick(shown) else shown
        case Multiple() | Ticks():
            parts = [] if shown.casefold() in _NONE else _SEPARATORS.split(shown)
            return [_key(field, part) for part in parts if part]
        case Single() | Grid():
            return _key(field, shown)


def _key(field: Field, text: str) -> str:
    """Return the key that a text names, also where its letters are small."""
    known = {*field.position, *field.none_keys}
    return text if text in known else text.upper() if text.upper() in known else text


def _rate(field: Field, text: str) -> object:
    """Return a percentage, with or without its sign; one below 100 has no thousands, so a comma in it is a decimal one."""
    number = number_in(_DECIMAL_COMMA.sub(r"\1.\2", text.removesuffix("%").strip()))
    return _key(field, text) if number is None else number
