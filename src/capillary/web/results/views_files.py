"""The result as a file: PDF to hand on, workbook to reckon with."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.core import is_ratelimited

from capillary.model.problems import InputError
from capillary.report.pdf import render_pdf
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import region, sector
from capillary.web.results.readable import needs_standard
from capillary.web.results.shown import date_of, result_of
from capillary.web.results.workbook import result_workbook

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.diagnosis.diagnose import Diagnosis
    from capillary.web.assessments.models import Assessment

PDF_LIMIT = "60/h"  # a PDF takes more than a second of one processor
PDF_TYPE = "application/pdf"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 60
_UNFIT = re.compile(r"[^\w.-]+")


@require_safe
@never_cache
@needs_standard
def pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the report as PDF in the page's language."""
    assessment = assessment_for(request, pk, Action.VIEW).assessment
    rate = settings.LIMITS.get("pdf", PDF_LIMIT)
    if is_ratelimited(
        request, group="pdf", key="user_or_ip", rate=rate, method=("GET", "HEAD"), increment=True
    ):
        return render(request, "429.html", status=429)
    try:
        content = _pdf(assessment)
    except InputError as error:
        context = {"assessment": assessment, "problems": error.problems}
        return render(request, "results/no_pdf.html", context, status=503)
    return _file(content, PDF_TYPE, assessment, "pdf")


def _pdf(assessment: Assessment) -> bytes:
    """Return the report as PDF.

    Raises:
        InputError: something that makes PDF files is not installed here.
    """
    diagnosis = _in_words(engine.diagnosis_of(assessment))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.pdf"
        render_pdf(
            diagnosis,
            path,
            capabilities=engine.library().capabilities(),
            standards=engine.standards(),
            benchmark=engine.library().benchmark(assessment.standard),
            language=language(),
            written_on=date_of(assessment).isoformat(),
        )
        return path.read_bytes()


def _in_words(diagnosis: Diagnosis) -> Diagnosis:
    """Return the diagnosis with sector and region by name instead of code, as a reader wants them."""
    known = diagnosis.sheet.enterprise
    enterprise = replace(
        known,
        sector=sector(known.sector) if known.sector else None,
        region=region(known.region) if known.region else None,
    )
    return replace(diagnosis, sheet=replace(diagnosis.sheet, enterprise=enterprise))


@require_safe
@never_cache
@needs_standard
def xlsx(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the result as a workbook: result, account, answers, shortcomings."""
    assessment = assessment_for(request, pk, Action.VIEW).assessment
    content = result_workbook(assessment, result_of(assessment), language())
    return _file(content, XLSX_TYPE, assessment, "xlsx")


def _file(content: bytes, kind: str, assessment: Assessment, suffix: str) -> HttpResponse:
    header = content_disposition_header(as_attachment=True, filename=file_name(assessment, suffix))
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header or "attachment"})


def file_name(assessment: Assessment, suffix: str) -> str:
    """Return a name that says whose result of when it is, without signs that a file name may not have."""
    name = _UNFIT.sub("-", assessment.enterprise.name).strip("-.")[:LONGEST_NAME].rstrip("-.")
    parts = [
        name or "capillary",
        assessment.standard,
        f"T{assessment.number}",
        date_of(assessment).isoformat(),
    ]
    return f"{'-'.join(parts)}.{suffix}"
