"""How a form looks: colours, fonts, and rows high enough for their text, which no spreadsheet works out for us."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from capillary.sheets.layout import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from capillary.model.text import Language

INK, BLUE, GREY, WHITE = "1F2937", "1E4E79", "5A6672", "FFFFFF"
_PALE, _INPUT, _DONE, _LINE = "E8EEF4", "FFF4CC", "E6F4EA", "B8C4CE"
BAND_FILL = PatternFill("solid", fgColor=_PALE)
HEAD_FILL = PatternFill("solid", fgColor=BLUE)
# A conditional format takes its colour from the end of the gradient, a plain cell from its start.
DONE_FILL = PatternFill("solid", start_color=_DONE, end_color=_DONE)
_INPUT_FILL = PatternFill("solid", fgColor=_INPUT)
_SIDE = Side(style="thin", color=_LINE)
RULE = Border(top=_SIDE)
HAIR = Border(top=Side(style="hair", color=_LINE))
_BOX = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_UNLOCKED = Protection(locked=False)
# Both are on every Windows and macOS with an office suite; elsewhere the nearest font stands in.
_FONTS = {"zh": "Microsoft YaHei", "en": "Calibri"}
_POINTS_A_LINE = 1.5
_PADDING = 4.0
_TALLEST = 409.0
_CENTIMETRE = 1 / 2.54


def font(language: Language, size: float = 10, *, bold: bool = False, color: str = INK) -> Font:
    """Return the font of a language."""
    return Font(name=_FONTS[language], size=size, bold=bold, color=color)


def wrapped(horizontal: str = "left", vertical: str = "top", indent: int = 0) -> Alignment:
    """Return an alignment that breaks lines."""
    return Alignment(wrap_text=True, horizontal=horizontal, vertical=vertical, indent=indent)


def style_answer(cell: Cell | MergedCell, language: Language, horizontal: str = "left") -> None:
    """Make a cell one that is filled in: coloured, boxed and not locked."""
    cell.fill = _INPUT_FILL
    cell.border = _BOX
    cell.protection = _UNLOCKED
    cell.alignment = wrapped(horizontal, "center", indent=1 if horizontal == "left" else 0)
    cell.font = font(language, bold=True)


def column_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Set the widths of the first columns, in characters."""
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def height_for(texts: Sequence[tuple[str, float, float]]) -> float:
    """Return the height of a row in points.

    Args:
        texts: for each cell its text, the width of its column in characters, and the size of its font in points.
    """
    heights = (_lines(text, width, size) * size * _POINTS_A_LINE for text, width, size in texts)
    return min(_TALLEST, max(heights, default=0.0) + _PADDING)


def _lines(text: str, width: float, size: float) -> int:
    """Return how many lines a text takes; a column is as wide as so many digits of 11 points, and words do not break."""
    room = max(1.0, (width - 2) * 11 / size)
    return sum(max(1, math.ceil(columns(line) / room)) for line in text.split("\n"))


def set_page(sheet: Worksheet, *, wide: int) -> None:
    """Set a sheet up for A4 paper, so many pages wide and as many long as it takes."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = wide
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for side in ("left", "right", "top"):
        setattr(sheet.page_margins, side, 1.5 * _CENTIMETRE)
    sheet.page_margins.bottom = 1.8 * _CENTIMETRE
    sheet.page_margins.footer = 0.8 * _CENTIMETRE
    footer = sheet.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = "&P / &N"
    sheet.print_options.horizontalCentered = True
