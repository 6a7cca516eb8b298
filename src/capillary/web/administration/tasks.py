"""Background work of the administrator."""

from __future__ import annotations

from django_tasks import task

from capillary.web.administration.models import EditionReport
from capillary.web.administration.services import edition_report_make


@task()
def make_edition_report(report: int) -> None:
    """Make a report on a change of editions."""
    edition_report_make(report=EditionReport.objects.get(pk=report))
