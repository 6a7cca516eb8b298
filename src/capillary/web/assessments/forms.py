"""From a submitted question to a raw answer, as the engines read it; what can be used is decided there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.problems import Place, Problem
from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.standard import Boolean, Grid, Level, Multiple, Rate, Single, Ticks
from capillary.model.text import msg
from capillary.sheets.answers import BadAnswerError, reader_for
from capillary.sheets.cells import number_in, plain

if TYPE_CHECKING:
    from django.http import QueryDict

    from capillary.model.standard import Question, Standard

NONE = "-"  # the value of the box "none of these"; no key of the content is a dash


class EmptyAnswerError(Exception):
    """Nothing was chosen."""


def raw_answer(question: Question, posted: QueryDict, before: object = None) -> object:
    """Return the raw answer that a form holds.

    Fields: ``answer`` (one key, or several for a multiple choice), ``percent`` (a rate as a number), ``part.KEY`` for the
    rows of a grid and the columns of tick boxes.

    Args:
        question: the question.
        posted: the form.
        before: the answer that the form showed at first.

    Raises:
        EmptyAnswerError: nothing was chosen.
    """
    chosen = [item for item in posted.getlist("answer") if item]
    match question:
        case Grid():
            value: object = {
                row.key: posted[f"part.{row.key}"] for row in question.rows if posted.get(f"part.{row.key}")
            }
        case Ticks():
            value = _ticks(question, posted)
        case Multiple():
            value = [key for key in chosen if key != NONE]
            if not value and NONE in chosen:
                return []
        case Rate():
            value = _rate(posted.get("percent", ""), chosen[0] if chosen else None, before)
        case Level():
            value = number_in(chosen[0]) if chosen else None
        case Boolean():
            value = {"true": True, "false": False}.get(chosen[0]) if chosen else None
        case Single():
            value = chosen[0] if chosen else None
    if value is None or value in ({}, []):
        raise EmptyAnswerError
    return value


def _rate(typed: str, chosen: str | None, before: object) -> object:
    """Return the percentage that was typed, or the band that was chosen; the percentage is the more exact of the two.

    A percentage that stands there from before gives way to a band that was chosen now.
    """
    percent = plain(typed)
    if not percent:
        return chosen
    number = number_in(percent.removesuffix("%").strip())
    value = percent if number is None else number
    return chosen if chosen is not None and value == before else value


def fields_of_answer(question: Question, posted: QueryDict) -> list[tuple[str, str]]:
    """Return the fields of a form that hold its answer, as they were sent."""
    names = {"answer", "percent"}
    match question:
        case Grid():
            names |= {f"part.{row.key}" for row in question.rows}
        case Ticks():
            names |= {f"part.{column.key}" for column in question.columns}
    return [(name, value) for name in sorted(names) for value in posted.getlist(name)]


def _ticks(question: Ticks, posted: QueryDict) -> dict[str, list[str]]:
    """Return the ticks of all columns: a page that ticks anything at all says of every other box that it is open."""
    columns = {column.key: posted.getlist(f"part.{column.key}") for column in question.columns}
    if not any(columns.values()):
        return {}
    return {key: [item for item in given if item != NONE] for key, given in columns.items()}


def answer_problem(standard: Standard, question: Question, value: object) -> list[Problem]:
    """Return what is wrong with a raw answer; empty where it can be used."""
    try:
        reader_for(standard).read(question.id, value)
    except BadAnswerError as bad:
        return [
            Problem(each.code, Place(path=each.below or None), each.cause, each.remedy)
            for each in (bad, *bad.more)
        ]
    return []


def nothing_chosen() -> Problem:
    """Return the problem of a form on which nothing was chosen."""
    return Problem(
        "nothing-chosen",
        Place(),
        msg("Nothing is chosen yet."),
        msg("Choose an answer, or say that you do not know."),
    )


def chosen_keys(question: Question, value: object) -> dict[str, list[str]]:
    """Return which boxes of the form a raw answer ticks: keys by part, ``""`` where the question has no parts.

    >>> from capillary.content import load_standard
    >>> standard = load_standard("miit-2024")
    >>> chosen_keys(standard.questions[0], None)
    {}
    """
    if value is None or value == NOT_APPLICABLE:
        return {}
    match question:
        case Grid() if isinstance(value, dict):
            return {part: [str(key)] for part, key in value.items()}
        case Ticks() if isinstance(value, dict):
            return {part: [str(key) for key in keys] or [NONE] for part, keys in value.items()}
        case Multiple() if isinstance(value, list):
            return {"": [str(key) for key in value] or [NONE]}
        case Boolean():
            return {"": ["true" if value else "false"]}
        case _:
            return {"": [str(value)]}
