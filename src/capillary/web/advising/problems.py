"""A refusal with a sentence for the person, by the rules of this part."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import Promise


class NotNowError(Exception):
    """What was asked for can not be done as things stand; ``reason`` says why, in a sentence for the person."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = reason
        super().__init__(str(reason))
