"""How much room the files of somebody may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat

from capillary.web.evidence.files.problem import BadFileError

if TYPE_CHECKING:
    from typing import Any

    from django.db.models import QuerySet
    from django.utils.functional import Promise


def room_taken(*rows: QuerySet[Any]) -> int:
    """Return how many bytes the files of some rows take."""
    return sum(item.aggregate(all=Sum("file_size"))["all"] or 0 for item in rows)


def must_have_room(size: int, *rows: QuerySet[Any], cause: Promise, remedy: Promise) -> None:
    """Raise where a file would take somebody over ``EVIDENCE_ENTERPRISE_LIMIT``; the caller holds the lock for it.

    Args:
        size: of the file, in bytes; 0 for none.
        rows: what counts already.
        cause: what would be too large, with ``%(limit)s``.
        remedy: what helps.

    Raises:
        BadFileError: there is no room left.
    """
    limit = settings.EVIDENCE_ENTERPRISE_LIMIT
    if size and room_taken(*rows) + size > limit:
        raise BadFileError(cause % {"limit": filesizeformat(limit)}, remedy)
