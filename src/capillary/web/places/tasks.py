"""Background work of places: large draws, and letters to enterprises."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django_tasks import task

from capillary.web.accounts.models import User
from capillary.web.enterprises.models import Member
from capillary.web.places.models import PlaceRequest


@task
def draw(offering: str, by: int) -> None:
    """Make a large draw."""
    from capillary.web.places.draws import draw_work

    draw_work(UUID(offering), User.objects.filter(pk=by).first())


@task
def publish(offering: str, site: str) -> None:
    """Write the results of a large draw to its requests."""
    from capillary.web.places.draws import publish_work

    publish_work(UUID(offering), site)


@task
def letters(offering: str, only: list[str], site: str) -> None:
    """Send each enterprise of an offering its letter, in a task of its own, so that none is sent twice.

    Args:
        offering: its id.
        only: ids of requests; all that take part where there is none.
        site: the address of the installation, for the link; empty where nobody's request tells it.
    """
    out = (PlaceRequest.State.WITHDRAWN, PlaceRequest.State.EXCLUDED)
    rows = PlaceRequest.objects.filter(offering=offering).exclude(state__in=out)
    if only:
        rows = rows.filter(pk__in=only)
    for pk in rows.values_list("pk", flat=True):
        letter_send.enqueue(str(pk), bool(only), site)


@task
def letter_send(request: str, moved: bool, site: str) -> None:  # noqa: FBT001 - a task takes plain values
    """Tell the owners of an enterprise what became of its request, each in his language.

    Args:
        request: its id.
        moved: whether it moved up after the draw.
        site: the address of the installation; empty where nobody's request tells it.
    """
    row = (
        PlaceRequest.objects.select_related("enterprise", "offering__organisation", "provider")
        .filter(pk=request, enterprise__erased_at=None)
        .first()
    )
    if row is None:
        return
    for reader in _owners(row):
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            link = _link(row, site)
            text = render_to_string(
                "places/mail/letter.txt", {"row": row, "moved": moved, "reader": reader, "link": link}
            )
            subject = gettext("Your request %(name)s: the result") % {"name": row.reference}
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [reader.email])


def _owners(row: PlaceRequest) -> list[User]:
    return list(
        User.objects.filter(
            is_active=True,
            memberships__enterprise=row.enterprise,
            memberships__role=Member.Role.OWNER,
            memberships__until=None,
        ).distinct()
    )


def _link(row: PlaceRequest, site: str) -> str:
    return f"{site.rstrip('/')}{reverse('place', args=[row.pk])}" if site else ""


@task
def exclusion_letter(request: str, site: str) -> None:
    """Tell the owners of an enterprise that its request was excluded, or takes part again, or what the objection came to.

    Args:
        request: its id.
        site: the address of the installation.
    """
    row = (
        PlaceRequest.objects.select_related("enterprise", "offering__organisation")
        .filter(pk=request, enterprise__erased_at=None)
        .first()
    )
    last = None if row is None else row.exclusions.first()
    if row is None or last is None:
        return
    for reader in _owners(row):
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            context = {"row": row, "exclusion": last, "reader": reader, "link": _link(row, site)}
            text = render_to_string("places/mail/exclusion.txt", context)
            subject = gettext("Your request %(name)s") % {"name": row.reference}
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [reader.email])
