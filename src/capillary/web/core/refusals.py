"""What cannot be done, in words that say why and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capillary.model.text import Message


class RefusedError(Exception):
    """Something cannot be done; nothing was changed.

    Attributes:
        reason: why, and what helps.
        field: the field of the form that it is about; empty for none.
    """

    def __init__(self, reason: Message, field: str = "") -> None:
        self.reason, self.field = reason, field
        super().__init__(reason.in_("en"))
