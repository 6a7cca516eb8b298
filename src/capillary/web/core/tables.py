"""Tables for spreadsheet programs."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMULAS = frozenset("=+-@\t\r\n")


def csv_table(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a CSV table as a download: UTF-8 that spreadsheet programs recognise, and nothing that they run.

    Args:
        name: of the file.
        heads: names of the columns.
        rows: cells; None is left empty.
    """
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(heads)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return response


def harmless(cell: object) -> object:
    """Return a cell that no spreadsheet program takes for a formula; times are those of the installation's place.

    >>> harmless("=1+1"), harmless(None), harmless(7), harmless(-7), harmless("-7")
    ("'=1+1", '', '7', '-7', "'-7")
    """
    if isinstance(cell, dt.datetime):
        cell = timezone.localtime(cell).isoformat(sep=" ", timespec="seconds")
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in FORMULAS and not isinstance(cell, int | float | Decimal) else text
