"""What binds somebody who judges an enterprise. Parts that know of such bonds say so here; parts that judge ask here.

A part may use only parts below it, and those that judge stand below those that know who sells to whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from capillary.model.text import Message

    Finder = Callable[[int, UUID], list[Message]]

_FINDERS: dict[str, Finder] = {}


def bonds_told_by(name: str, finder: Finder) -> None:
    """Let a part tell of bonds between a user and an enterprise, by their ids; told again under the same name, once."""
    _FINDERS[name] = finder


def bonds_between(user: int, enterprise: UUID) -> list[Message]:
    """Return why a user may be biased about an enterprise, a sentence each; nothing where nobody knows of a bond."""
    return [words for name in sorted(_FINDERS) for words in _FINDERS[name](user, enterprise)]
