"""Codes become answers and codes again, for every question of every standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capillary.content import load_standard
from capillary.model.fields import question_fields
from capillary.sheets.answers import reader_for
from capillary.sheets.raw import raw_of

from .sheet_kit import STANDARDS


@pytest.mark.parametrize("name", STANDARDS)
@given(st.data())
def test_codes_come_back(name: str, data: st.DataObject) -> None:
    standard = load_standard(name)
    reader = reader_for(standard)
    for question in standard.questions:
        codes = [data.draw(st.integers(0, field.top)) for field in question_fields(question)]
        spans = list(reader.read(question.id, raw_of(question, codes)))
        assert [(span.low, span.high) for span in spans] == [(code, code) for code in codes]
