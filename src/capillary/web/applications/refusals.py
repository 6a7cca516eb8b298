"""What cannot be done with an application, in words."""

from __future__ import annotations

from capillary.web.core.refusals import RefusedError


class NotNowError(RefusedError):
    """It cannot be done in this state, or not by this person: nothing in the form would change that."""


class UnreadableError(RefusedError):
    """The rules cannot be read for an application, because the content changed."""
