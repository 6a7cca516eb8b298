"""Finding entries of all catalogues."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from ninja import Query, Router

from capillary.web.api.schemas import FindIn, FindOut
from capillary.web.api.shown import text
from capillary.web.find.live import everything
from capillary.web.find.selectors import FindAsked, found_of

router = Router(tags=["find"])


@router.get(
    "/find", response=FindOut, operation_id="find", url_name="find", summary="Search over all catalogues"
)
def find(request: HttpRequest, wanted: Query[FindIn]) -> Any:  # noqa: ARG001 - ninja hands every view its request
    """Return the entries that fit words and filters, best first, with the number that each further filter would leave."""
    state = everything()
    given = wanted.dict(exclude={"q", "limit", "offset"}, exclude_none=True)
    hits = FindAsked(wanted.q, given).hits(state.index, wanted.offset, wanted.limit)
    return {
        "items": [
            {
                "kind": item.listed.kind,
                "id": item.listed.id,
                "title": text(item.listed.title),
                "summary": text(item.listed.summary),
                "facts": item.facts,
                "url": item.url,
            }
            for item in (found_of(state, key) for key in hits.ids)
        ],
        "total": hits.total,
        "limit": wanted.limit,
        "offset": wanted.offset,
        "counts": {name: hits.counts.get(name, {}) for name in FindIn.facets()},
        "relaxed": hits.relaxed,
        "instead": {typed: list(words) for typed, words in hits.instead.items()},
    }
