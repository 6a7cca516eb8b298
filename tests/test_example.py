"""The example that ships: its workbook says what its sheet says, and a newcomer's first command works on it."""

from __future__ import annotations

from pathlib import Path

from capillary.content import load_standard
from capillary.sheets import read_json
from capillary.sheets.workbook import read_workbook

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_workbook_holds_the_same_answers_as_the_sheet() -> None:
    sheet = read_json(EXAMPLES / "metal-parts.json", load_standard)
    book = read_workbook(EXAMPLES / "metal-parts.xlsx", load_standard)
    assert (book.lowest, book.highest) == (sheet.lowest, sheet.highest)
    assert book.enterprise == sheet.enterprise


def test_the_example_is_plainly_an_example() -> None:
    sheet = read_json(EXAMPLES / "metal-parts.json", load_standard)
    assert sheet.enterprise.name is not None
    assert sheet.enterprise.name.startswith("示例")
