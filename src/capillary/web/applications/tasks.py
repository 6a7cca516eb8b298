"""Letters to the people of an enterprise about its application, sent in the background."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django_tasks import task

from capillary.web.accounts.models import User
from capillary.web.applications.models import Application
from capillary.web.enterprises.models import Member


@task
def letter_send(kind: str, application: str, site: str) -> None:
    """Tell the owners of an enterprise that something happened to its application, each in his language.

    Args:
        kind: ``question``, ``decision`` or ``payment``.
        application: its id.
        site: the address of the installation, for the link.
    """
    row = (
        Application.objects.select_related("enterprise", "call__organisation")
        .filter(pk=application, enterprise__erased_at=None)
        .first()
    )
    if row is None:
        return
    readers = User.objects.filter(
        is_active=True,
        memberships__enterprise=row.enterprise,
        memberships__role=Member.Role.OWNER,
        memberships__until=None,
    ).distinct()
    for reader in readers:
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            _send(kind, row, reader, site)


def _send(kind: str, row: Application, reader: User, site: str) -> None:
    subjects = {
        "question": gettext("A question about your application %(name)s"),
        "decision": gettext("Your application %(name)s has been decided"),
        "payment": gettext("A payment on your application %(name)s"),
    }
    link = f"{site.rstrip('/')}{reverse('application', args=[row.pk])}"
    text = render_to_string(
        "applications/mail/letter.txt",
        {"kind": kind, "application": row, "reader": reader, "link": link, "question": row.questions.last()},
    )
    send_mail(subjects[kind] % {"name": row.reference}, text, settings.DEFAULT_FROM_EMAIL, [reader.email])
