"""What advisers and assessors did lately, for the page of an enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from capillary.web.advising.models import Objection, Review, WorkbookImport
from capillary.web.advising.services_review import OBJECTION_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from capillary.web.enterprises.models import Enterprise

LATELY = timedelta(days=30)
MOST = 8


@dataclass(frozen=True)
class Notice:
    """One thing that happened."""

    at: datetime
    text: str
    url: str
    more: str = ""


def notices_of(enterprise: Enterprise) -> list[Notice]:
    """Return what happened in the last thirty days, the newest first, in three queries."""
    since = timezone.now() - LATELY
    found = [*_reviews(enterprise, since), *_objections(enterprise, since), *_workbooks(enterprise, since)]
    return sorted(found, key=lambda notice: notice.at, reverse=True)[:MOST]


def _reviews(enterprise: Enterprise, since: datetime) -> list[Notice]:
    rows = Review.objects.filter(assessment__enterprise=enterprise, started_at__gte=since) | (
        Review.objects.filter(assessment__enterprise=enterprise, signed_at__gte=since)
    )
    found = []
    for review in rows.select_related("assessor"):
        url = reverse("assessment-review", args=[review.assessment_id])
        who = {"name": review.assessor}
        if review.signed_at is None:
            found.append(Notice(review.started_at, gettext("%(name)s began the verification") % who, url))
            continue
        until = formats.date_format(review.signed_at + timedelta(days=OBJECTION_DAYS), "DATE_FORMAT")
        found.append(
            Notice(
                review.signed_at,
                gettext("%(name)s signed the assessment off") % who,
                url,
                gettext("You may object to a correction until %(until)s.") % {"until": until},
            )
        )
    return found


def _objections(enterprise: Enterprise, since: datetime) -> list[Notice]:
    rows = Objection.objects.filter(mark__review__assessment__enterprise=enterprise)
    words = {
        Objection.State.OPEN: gettext("An objection waits for the assessor"),
        Objection.State.UPHELD: gettext("The assessor upheld an objection"),
        Objection.State.REJECTED: gettext("The assessor rejected an objection"),
    }
    return [
        Notice(
            item.answered_at or item.at,
            words[Objection.State(item.state)],
            f"{reverse('assessment-review', args=[item.mark.review.assessment_id])}#{item.mark.question}",
        )
        for item in rows.select_related("mark__review")
        if (item.answered_at or item.at) >= since
    ]


def _workbooks(enterprise: Enterprise, since: datetime) -> list[Notice]:
    rows = WorkbookImport.objects.filter(
        assessment__enterprise=enterprise, applied_at__gte=since, undone_at=None
    )
    return [
        Notice(
            item.applied_at or item.at,
            ngettext(
                "%(name)s applied a workbook: %(count)s answer changed",
                "%(name)s applied a workbook: %(count)s answers changed",
                item.changes,
            )
            % {"name": item.applied_by, "count": item.changes},
            reverse("workbook-import", args=[item.assessment_id, item.pk]),
        )
        for item in rows.defer("answers").select_related("applied_by")
    ]
