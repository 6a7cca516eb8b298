"""What is wrong with a file, and what the sender can do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class BadFileError(Exception):
    """A file that is not taken.

    Attributes:
        cause: what is wrong.
        remedy: what the sender can do.
    """

    def __init__(self, cause: str | _StrPromise, remedy: str | _StrPromise) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.remedy = remedy
