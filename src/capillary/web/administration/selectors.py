"""What the pages about the content read: the standards in use, and reports on changes of editions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from django.db.models import Count

from capillary.model.standard import Figure
from capillary.web import engine
from capillary.web.assessments.models import Assessment
from capillary.web.programmes.models import Programme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capillary.model.standard import Standard
    from capillary.web.administration.models import EditionReport


@dataclass(frozen=True)
class Used:
    """A standard and how much it is used.

    Attributes:
        unverified: how many of its figures are marked as unverified.
        gone: whether assessments use it though it is not installed any more; then ``standard`` is None.
    """

    id: str
    standard: Standard | None
    unverified: int
    assessments: int
    programmes: int

    @property
    def gone(self) -> bool:
        """Whether it is used though it is not installed any more."""
        return self.standard is None


def standards_used() -> list[Used]:
    """Return every standard that is installed or used, the installed ones first."""
    assessed = _counts(Assessment)
    ran = _counts(Programme)
    known = engine.standards()
    names = [*known, *sorted({*assessed, *ran} - set(known))]
    return [
        Used(
            id=name,
            standard=known.get(name),
            unverified=unverified_figures(known[name]) if name in known else 0,
            assessments=assessed.get(name, 0),
            programmes=ran.get(name, 0),
        )
        for name in names
    ]


def _counts(model: Any) -> dict[str, int]:
    return dict(model.objects.order_by().values_list("standard").annotate(count=Count("pk")))


def unverified_figures(standard: Standard) -> int:
    """Return how many figures of a standard are marked as unverified, in it or by what they inherit."""
    found = [*_figures(standard.file), *(item for asked in standard.questions for item in _figures(asked))]
    return sum(standard.certainty_of(item) == "unverified" for item in found)


def _figures(thing: object) -> Iterator[Figure]:
    """Yield every figure in a part of the content."""
    if isinstance(thing, Figure):
        yield thing
    if isinstance(thing, msgspec.Struct):
        for name in thing.__struct_fields__:
            yield from _figures(getattr(thing, name))
    elif isinstance(thing, tuple):
        for item in thing:
            yield from _figures(item)
    elif isinstance(thing, dict):
        for item in thing.values():
            yield from _figures(item)


def largest_changes(report: EditionReport) -> list[dict[str, Any]]:
    """Return the largest changes of a report, each with its assessment and enterprise as far as they are still there."""
    rows = report.result.get("largest", [])
    stored = {
        str(item.pk): item
        for item in Assessment.objects.select_related("enterprise").filter(
            pk__in=[row["assessment"] for row in rows], enterprise__erased_at=None
        )
    }
    return [{**row, "stored": stored.get(row["assessment"])} for row in rows]
