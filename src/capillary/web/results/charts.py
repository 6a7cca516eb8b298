"""The figures of the charts, in the page's language; every chart has its table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from capillary.web import engine
from capillary.web.core.templatetags.capillary import say, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.report.page import Page
    from capillary.web.assessments.models import Assessment


def dimension_chart(page: Page) -> dict[str, Any]:
    """Return the dimensions as bars: the certain and the possible share of what each can give."""
    return {
        "kind": "bars",
        "series": [_("certain"), _("possible")],
        "unit": "%",
        "rows": [
            {
                "name": say(row.title),
                "values": [float(row.bar.certain), float(row.bar.possible)],
                "label": f"{row.value} / {row.top}",
            }
            for row in page.dimensions
        ],
    }


def history_chart(same: Sequence[Assessment]) -> dict[str, Any]:
    """Return the scores of assessments under one standard as lines."""
    lines: list[dict[str, Any]] = [{"name": _("certain"), "values": [item.score_low for item in same]}]
    if any(item.score_low != item.score_high for item in same):
        lines.append({"name": _("possible"), "values": [item.score_high for item in same], "dashed": True})
    if any(item.supported_score is not None for item in same):
        lines.append({"name": _("supported by evidence"), "values": [item.supported_score for item in same]})
    return {
        "kind": "lines",
        "max": float(engine.standard_of(same[0]).file.scoring.max),
        "names": [f"T{item.number}" for item in same],
        "labels": [span(item.score_low, item.score_high) for item in same],
        "lines": lines,
    }
