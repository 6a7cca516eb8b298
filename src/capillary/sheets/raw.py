"""The way back from codes to the answer that a person would have given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capillary.model.fields import question_fields
from capillary.model.standard import Boolean, Grid, Level, Question, Ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.fields import Field


def raw_of(question: Question, codes: Sequence[int]) -> Any:
    """Return the answer to a question, as JSON holds it, that stands for certain codes.

    Args:
        question: the question.
        codes: one for each of its fields, in their order.
    """
    fields = list(question_fields(question))
    match question:
        case Boolean():
            return fields[0].keys[codes[0]] == "true"
        case Level():
            return int(fields[0].keys[codes[0]])
        case Grid():
            return {str(field.part): field.keys[code] for field, code in zip(fields, codes, strict=True)}
        case Ticks():
            return {
                str(field.part): list(field.chosen(code)) for field, code in zip(fields, codes, strict=True)
            }
        case _:
            return _one(fields[0], codes[0])


def _one(field: Field, code: int) -> Any:
    if field.kind == "ladder":
        return field.keys[code]
    # "none of these" is an answer too, where the question has it
    return list(field.chosen(code)) or list(field.none_keys[:1])
