"""Answer sheets in their four carriers: JSON, JSON Lines, workbooks and wide tables."""

from capillary.sheets.answers import read_sheet, reader_for
from capillary.sheets.jsonfiles import read_json, read_json_lines

__all__ = ["read_json", "read_json_lines", "read_sheet", "reader_for"]
