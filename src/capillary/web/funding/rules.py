"""The programmes that this installation works with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from capillary.incentives.check import checked_rules
from capillary.web import engine

if TYPE_CHECKING:
    from capillary.incentives.rules import Rules
    from capillary.model.programme import Case


@cache
def rules() -> Rules:
    """Return all programmes, checked once in the life of the process.

    Raises:
        InputError: a programme of the installation's own has errors.
    """
    return checked_rules(engine.library())


@cache
def cases() -> dict[str, tuple[Case, ...]]:
    """Return the cases of every programme."""
    return dict(engine.library().programmes().cases)
