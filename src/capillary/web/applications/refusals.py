"""What cannot be done with an application, in words."""

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


class NotNowError(RefusedError):
    """It cannot be done in this state, or not by this person: nothing in the form would change that."""


class UnreadableError(RefusedError):
    """The rules cannot be read for an application, because the content changed."""
