"""Sizes of enterprises by head count, as lists filter them.

Only heads count here. Official definitions, which also look at turnover and differ by sector, stay with the standards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True)
class Size:
    """A size: from ``least`` people on, up to ``most`` where there is an upper end."""

    id: str
    title: Promise
    least: int
    most: int | None


SIZES = (
    Size("micro", _("Micro (1–9 people)"), 1, 9),
    Size("small", _("Small (10–49 people)"), 10, 49),
    Size("medium", _("Medium (50–249 people)"), 50, 249),
    Size("large", _("Large (250 people and more)"), 250, None),
)
SIZE_BY_ID = {size.id: size for size in SIZES}


def size_of(employees: int | None) -> Size | None:
    """Return the size of an enterprise; None where the head count is not known.

    >>> size_of(49).id, size_of(250).id, size_of(None)
    ('small', 'large', None)
    """
    if employees is None:
        return None
    return next((size for size in reversed(SIZES) if employees >= size.least), SIZES[0])
