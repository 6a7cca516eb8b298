"""Letters about accreditations, sent in the background: to the people of a provider, and to the officers of an office."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django_tasks import task

from capillary.web.accounts.models import Position, User
from capillary.web.accreditations.models import AccreditationRequest

TO_OFFICE = frozenset({"submitted", "appeal"})


@task
def letter_send(kind: str, request: str, site: str) -> None:
    """Tell people that something happened to an application, each in his language.

    Args:
        kind: ``decision``, to the provider; ``submitted`` or ``appeal``, to the office.
        request: its id.
        site: the address of the installation, for the link.
    """
    row = (
        AccreditationRequest.objects.select_related("provider", "desk__organisation")
        .filter(pk=request)
        .first()
    )
    if row is None:
        return
    office = kind in TO_OFFICE
    organisation = row.desk.organisation_id if office else row.provider.organisation_id
    role = Position.Role.OFFICER if office else Position.Role.PROVIDER
    readers = User.objects.filter(
        is_active=True, erased_at=None, positions__organisation=organisation, positions__role=role
    ).distinct()
    for reader in readers:
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            _send(kind, row, reader, site)


def _send(kind: str, row: AccreditationRequest, reader: User, site: str) -> None:
    subjects = {
        "decision": gettext("Your application %(name)s has been decided"),
        "submitted": gettext("An application for accreditation: %(name)s"),
        "appeal": gettext("An appeal about an accreditation: %(name)s"),
    }
    link = f"{site.rstrip('/')}{reverse('accreditation', args=[row.pk])}"
    context = {"kind": kind, "row": row, "reader": reader, "link": link}
    text = render_to_string("accreditations/mail/letter.txt", context)
    send_mail(subjects[kind] % {"name": row.reference}, text, settings.DEFAULT_FROM_EMAIL, [reader.email])
