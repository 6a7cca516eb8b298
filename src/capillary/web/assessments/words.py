"""Answers in words, as the report says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.model.sheet import NOT_APPLICABLE, AnswerSheet, Enterprise
from capillary.model.text import Text
from capillary.report.answers import Answers
from capillary.sheets.answers import BadAnswerError, reader_for

if TYPE_CHECKING:
    from capillary.model.standard import Question, Standard
    from capillary.report.page import Words


def answer_words(standard: Standard, question: Question, value: object) -> tuple[Words, ...]:
    """Return a raw answer in words; empty where there is none.

    Args:
        standard: the question's standard.
        question: what was asked.
        value: the raw answer; None for "don't know".
    """
    if value is None:
        return ()
    reader = reader_for(standard)
    low, high = list(reader.unknown_low), list(reader.unknown_high)
    try:
        for offset, span in enumerate(reader.read(question.id, value)):
            low[reader.start[question.id] + offset] = span.low
            high[reader.start[question.id] + offset] = span.high
    except BadAnswerError:
        # the content was changed under the same id: then the answer is shown as it was given
        return (Text(zh=str(value), en=str(value)),)
    sheet = AnswerSheet(
        standard=standard.id,
        enterprise=Enterprise(),
        answers={question.id: value},
        lowest=tuple(low),
        highest=tuple(high),
        not_applicable=frozenset({question.id} if value == NOT_APPLICABLE else ()),
        variant=None,
        evidence={},
    )
    return Answers(standard, sheet).words(question)
