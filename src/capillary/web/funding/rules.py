"""The programmes that this installation works with, and the cases that hold them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from capillary.web import engine
from capillary.web.engine import rules

if TYPE_CHECKING:
    from capillary.model.programme import Case

__all__ = ["cases", "rules"]


@cache
def cases() -> dict[str, tuple[Case, ...]]:
    """Return the cases of every programme."""
    return dict(engine.library().programmes().cases)
