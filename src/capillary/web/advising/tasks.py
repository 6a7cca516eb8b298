"""Letters to the people of a firm and to its assessor, sent in the background."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django_tasks import task

from capillary.web.accounts.models import User
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Member

READERS = {"signed": Member.Role.OWNER, "answered": Member.Role.OWNER, "objection": Member.Role.ASSESSOR}


@task
def letter_send(kind: str, assessment: str, site: str) -> None:
    """Tell whom it concerns that something happened in a verification, each in his language.

    Args:
        kind: ``signed``, ``answered`` (an objection has its answer) or ``objection`` (there is a new one).
        assessment: its id.
        site: the address of the installation, for the link.
    """
    found = Assessment.objects.select_related("enterprise", "signed_by").filter(pk=assessment).first()
    if found is None or found.enterprise.erased_at is not None:
        return
    readers = User.objects.filter(
        is_active=True,
        memberships__enterprise=found.enterprise,
        memberships__role=READERS[kind],
        memberships__until=None,
    ).distinct()
    for reader in readers:
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            _send(kind, found, reader, site)


def _send(kind: str, assessment: Assessment, reader: User, site: str) -> None:
    subjects = {
        "signed": gettext("The assessment of %(firm)s is signed off"),
        "answered": gettext("The assessor answered the objection of %(firm)s"),
        "objection": gettext("%(firm)s objects to a correction"),
    }
    firm = " ".join(str(assessment.enterprise).split())
    link = f"{site.rstrip('/')}{reverse('assessment-review', args=[assessment.pk])}"
    text = render_to_string(
        f"advising/mail/{kind}.txt", {"assessment": assessment, "firm": firm, "reader": reader, "link": link}
    )
    send_mail(subjects[kind] % {"firm": firm}, text, settings.DEFAULT_FROM_EMAIL, [reader.email])
