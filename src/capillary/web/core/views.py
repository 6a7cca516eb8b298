"""The start page, the mail of a local installation, and the sign that the server is alive."""

from __future__ import annotations

import email
import email.policy
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from capillary.web.access import Role, held_enterprises, works_with
from capillary.web.assessments.facts import standards_in_order
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.steps import progress_of
from capillary.web.find.registry import catalogues

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest

MOST_LETTERS = 50
# the catalogue that the start page shows itself
HERE = frozenset({"standard"})


@require_safe
def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view gets its request
    """Say that the server answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show what this is and the way in; go on with a check that this browser began."""
    going = _going(request)
    accounts = get_user_model().objects.filter(is_demo=True).order_by("id") if settings.DEMO else []
    context = {
        "going": going,
        "progress": None if going is None else progress_of(going),
        "days": settings.UNCLAIMED_DAYS,
        "standards": standards_in_order(),
        "catalogues": [(item.title, item.text, item.url()) for item in catalogues() if item.kind not in HERE],
        "accounts": accounts,
        "demo_password": settings.DEMO_PASSWORD,
    }
    return render(request, "core/start.html", context)


def _going(request: HttpRequest) -> Assessment | None:
    """Return the check or the assessment that this visitor worked on last and has not completed."""
    mine = Q(enterprise__in=held_enterprises(request), enterprise__claimed_at=None)
    if request.user.is_authenticated:
        for role in (Role.OWNER, Role.COLLEAGUE):
            mine |= Q(enterprise__in=works_with(request.user, role))
    still_open = Assessment.objects.filter(mine, status=Assessment.Status.OPEN, enterprise__erased_at=None)
    return still_open.order_by("-changed_at").first()


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """Show the letters that a local installation without a mail server would have sent."""
    if settings.PRODUCTION or settings.EMAIL_HOST:
        raise Http404
    folder = settings.EMAIL_FILE_PATH
    paths = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    letters = [letter for path in paths[:MOST_LETTERS] for letter in _letters(path)]
    return render(request, "core/mail.html", {"letters": letters})


def _letters(path: Path) -> list[dict[str, str]]:
    """Return the letters of one file, the last one first."""
    found = []
    for part in path.read_text(encoding="utf-8").split("-" * 79):
        if not part.strip():
            continue
        letter = email.message_from_string(part.strip(), policy=email.policy.default)
        body = letter.get_body(("plain",))
        found.append(
            {
                "to": str(letter["To"]),
                "subject": str(letter["Subject"]),
                "date": str(letter["Date"]),
                "text": "" if body is None else body.get_content(),
            }
        )
    return found[::-1]
