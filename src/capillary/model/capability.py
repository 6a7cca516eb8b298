"""The hub vocabulary: capabilities, each with a ladder of levels that are true or false of a firm."""

from __future__ import annotations

from typing import Literal

import msgspec

from capillary.model.text import Text

Obstacle = Literal["cannot", "cannot-afford", "does-not-dare"]
OBSTACLES: tuple[Obstacle, ...] = ("cannot", "cannot-afford", "does-not-dare")


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Area(_Item, frozen=True, kw_only=True):
    """A group of capabilities, for reading only: no rule depends on it."""

    id: str
    title: Text


class Rung(_Item, frozen=True, kw_only=True):
    """One level of a capability's ladder and the statement that is true of a firm that has reached it."""

    level: int
    statement: Text


class Capability(_Item, frozen=True, kw_only=True):
    """Something that a firm can do, on a ladder of cumulative levels from 1; level 0 is none of it.

    Attributes:
        obstacles: what usually holds a small firm back here: it cannot, cannot afford to, does not dare to.
    """

    id: str
    area: str
    title: Text
    obstacles: tuple[Obstacle, ...]
    levels: tuple[Rung, ...]

    @property
    def top(self) -> int:
        """The highest level of the ladder."""
        return len(self.levels)


class CapabilityFile(_Item, frozen=True, kw_only=True):
    """``capabilities.yaml`` as it is written."""

    areas: tuple[Area, ...]
    capabilities: tuple[Capability, ...]
