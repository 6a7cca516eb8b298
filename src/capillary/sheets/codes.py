"""Turns the columns of wide tables into codes, a whole column at a time."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from capillary.model.sheet import NOT_APPLICABLE
from capillary.model.text import msg
from capillary.sheets.answers import AnswerReader, BadAnswerError
from capillary.sheets.cells import NONE_WORD, answer_from_text
from capillary.sheets.files import MOST_PROBLEMS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capillary.model.fields import Field
    from capillary.sheets.tables import Rows

    CodeArray = NDArray[np.integer[Any]]
    Mask = NDArray[np.bool_]

_GOOD, _EMPTY, _DROPPED, _BAD = range(4)


@dataclass(frozen=True)
class CodedColumn:
    """One answer column of some rows.

    Attributes:
        lowest, highest: the codes that the answers leave possible, one a row; unanswered rows go from 0 to the top.
        answered: where there is an answer.
        not_applicable: where the answer is that the question does not apply.
    """

    lowest: CodeArray
    highest: CodeArray
    answered: Mask
    not_applicable: Mask


def code_column(rows: Rows, reader: AnswerReader, field: Field) -> CodedColumn:
    """Return the codes of a field's column; what cannot be used is noted and left unknown."""
    column = _Column(rows, reader, field)
    codes = column.codes()
    answered = column.answered
    lowest = highest = codes
    if not answered.all():
        lowest, highest = np.where(answered, codes, 0), np.where(answered, codes, field.top)
    return CodedColumn(lowest, highest, answered, column.not_applicable & answered)


def band_codes(field: Field, percent: NDArray[Any]) -> CodeArray:
    """Return the codes of percentages: bands are closed above.

    Whole percentages are compared with whole edges, so that narrow integers stay narrow: x > 10.5 is x > 10 for them.
    """
    codes = np.zeros(percent.shape, dtype=np.uint8)
    for upper in field.upper:
        codes += percent > (floor(upper) if percent.dtype.kind in "iu" else float(upper))
    return codes


class _Column:
    """A column while it is read: answers that cannot be used are taken out of ``answered``."""

    def __init__(self, rows: Rows, reader: AnswerReader, field: Field) -> None:
        self.rows = rows
        self.array = rows.table.column(field.id)
        self.reader = reader
        self.field = field
        self.question = reader.standard.by_id[field.question]
        self.offset = [item.id for item in reader.of_question[field.question]].index(field.id)
        self.answered: Mask = self.array.is_valid().to_numpy(zero_copy_only=False).copy()
        self.not_applicable: Mask = np.zeros(len(rows), dtype=np.bool_)

    def codes(self) -> CodeArray:
        """Return a code a row; where nothing is answered it means nothing."""
        import pyarrow as pa

        if pa.types.is_dictionary(self.array.type):
            self.array = self.array.cast(self.array.type.value_type)
        kind = self.array.type
        if pa.types.is_null(kind):
            return np.zeros(len(self.rows), dtype=np.int64)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return self._from_texts(self.array)
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return self._from_lists()
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
            return self._from_numbers(self._whole_numbers())
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = self.array.cast(pa.float64()).to_numpy(zero_copy_only=False)
            self.answered &= ~np.isnan(numbers)
            return self._from_numbers(np.where(self.answered, numbers, 0.0))
        return self._refuse_type(str(kind))

    def _refuse_type(self, kind: str) -> CodeArray:
        self.rows.note(
            0,
            self.field.id,
            "column-type",
            msg("A column of type {kind} holds no answers.", kind=kind),
            msg("Store text, whole numbers, percentages or lists of keys."),
        )
        self.answered[:] = False
        return np.zeros(len(self.rows), dtype=np.int64)

    def _from_texts(self, array: Any) -> CodeArray:
        import pyarrow as pa

        if pa.types.is_string_view(array.type):
            array = array.cast(pa.string())
        encoded = array.dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        index: NDArray[np.int32] = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        codes: CodeArray = np.zeros(max(1, len(texts)), dtype=np.int64)
        states = np.zeros(max(1, len(texts)), dtype=np.uint8)
        for position, text in enumerate(texts):
            try:
                states[position], codes[position] = self._read(text)
            except BadAnswerError as bad:
                states[position] = _BAD
                self._note_rows((index == position) & self.answered, bad)
        state = states[index]
        self.answered &= (state == _GOOD) | (state == _DROPPED)
        self.not_applicable = state == _DROPPED
        found: CodeArray = codes[index]
        return found

    def _read(self, text: str) -> tuple[int, int]:
        """Return what a text is, and its code."""
        if not text.strip():
            return _EMPTY, 0
        raw = answer_from_text(self.question, self.field, text)
        dropped = isinstance(raw, str) and raw == NOT_APPLICABLE
        whole = raw if self.field.part is None or dropped else {self.field.part: raw}
        code = self.reader.read(self.question.id, whole)[self.offset].low
        return (_DROPPED if dropped else _GOOD), code

    def _note_rows(self, where: Mask, bad: BadAnswerError) -> None:
        for row in np.flatnonzero(where)[:MOST_PROBLEMS]:
            for each in (bad, *bad.more):
                self.rows.note(int(row), self.field.id, each.code, each.cause, each.remedy)

    def _from_lists(self) -> CodeArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        flat = self.array.flatten()
        if pa.types.is_floating(flat.type) or not _holds_keys(flat.type):
            return self._refuse_type(str(self.array.type))
        gaps = pc.list_parent_indices(self.array).filter(flat.is_null()).to_numpy(zero_copy_only=False)
        for row in np.unique(gaps)[:MOST_PROBLEMS]:
            self.rows.note(
                int(row),
                self.field.id,
                "unknown-option",
                msg("The list holds an empty entry."),
                msg("Leave it out; leave the cell empty where the answer is unknown."),
            )
        self.answered[gaps] = False
        joined = pc.binary_join(self.array.cast(pa.list_(pa.string())), ";")
        return self._from_texts(pc.if_else(pc.equal(joined, ""), NONE_WORD, joined))

    def _whole_numbers(self) -> NDArray[Any]:
        import pyarrow as pa

        kind = pa.uint8() if pa.types.is_boolean(self.array.type) else self.array.type
        numbers: NDArray[Any] = self.array.cast(kind).fill_null(0).to_numpy(zero_copy_only=False)
        return numbers

    def _from_numbers(self, numbers: NDArray[Any]) -> CodeArray:
        """Return codes that stand as numbers: percentages of a rate, else codes as they are."""
        top = 100 if self.field.upper else self.field.top
        if len(numbers) and (numbers.min() < 0 or numbers.max() > top):
            numbers = self._without((numbers < 0) | (numbers > top), numbers)
        if self.field.upper:
            return band_codes(self.field, numbers)
        if numbers.dtype.kind == "f":
            numbers = self._without(numbers != np.floor(numbers), numbers).astype(np.int64)
        return numbers

    def _without(self, bad: Mask, numbers: NDArray[Any]) -> NDArray[Any]:
        remedy = (
            msg("Write a percentage: 35 for 35 %.")
            if self.field.upper
            else msg("Write a whole number from 0 to {top}.", top=self.field.top)
        )
        for row in np.flatnonzero(bad)[:MOST_PROBLEMS]:
            cause = msg("{value} is no code of this question.", value=numbers[row].item())
            self.rows.note(int(row), self.field.id, "number-range", cause, remedy)
        self.answered &= ~bad
        return np.where(bad, numbers.dtype.type(0), numbers)


def _holds_keys(kind: Any) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
    )
