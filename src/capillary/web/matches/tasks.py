"""Work behind the pages: the letters of the day, each on its own, so that one that fails holds up no other."""

from __future__ import annotations

from django_tasks import task

from capillary.web.accounts.models import User
from capillary.web.matches import letters


@task
def digest_letter(reader: int, site: str) -> bool:
    """Send a person the letter of the day; return whether there was anything to tell.

    Args:
        reader: the id of the person.
        site: the address of the installation, for the links.
    """
    user = User.objects.filter(pk=reader, is_active=True).first()
    return user is not None and letters.letter_send(user=user, site=site)
