"""Work behind the pages: letters, and clearing away what nobody came back for."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task

from capillary.web.enterprises import erasure, invitations


@task()
def invitation_letter(invitation: str, base: str) -> None:
    """Send the letter of an invitation."""
    invitations.letter_send(pk=UUID(invitation), base=base)


@task()
def unclaimed_purge() -> int:
    """Delete the checks that nobody claimed in time; return how many."""
    return erasure.unclaimed_purge()
