"""An assessment as a workbook: download, upload, preview, taking over, undoing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import get_valid_filename
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.sheets.form import write_form
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.advising.forms import ApplyForm, WorkbookForm
from capillary.web.advising.models import WorkbookImport
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_workbook import applied_changes, import_preview, recent_imports
from capillary.web.advising.services_workbook import (
    OutdatedError,
    import_apply,
    import_prepare,
    import_undo,
)
from capillary.web.advising.workbooks import (
    LARGEST_UPLOAD,
    MEBIBYTE,
    WorkbookRefusedError,
    too_large,
    workbook_read,
)
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.evidence.uploads import files_too_large

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import AssessmentAccess

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@never_cache
def workbook_form(request: HttpRequest, pk: UUID) -> FileResponse:
    """Give out the form of the assessment's standard with its present answers filled in."""
    assessment = assessment_for(request, pk, Action.UPLOAD).assessment
    standard = engine.standard_of(assessment)
    name = get_valid_filename(f"{assessment.enterprise.name or 'capillary'}-{standard.id}.xlsx")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        write_form(standard, path, language(), engine.sheet_of(assessment))
        packed = tempfile.SpooledTemporaryFile(max_size=LARGEST_UPLOAD)  # noqa: SIM115 - the answer closes it
        packed.write(path.read_bytes())
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename=name, content_type=EXCEL)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("workbook", "30/h")
def workbook_upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a filled workbook, or say by cell what is wrong with it."""
    access = assessment_for(request, pk, Action.UPLOAD)
    if request.method != "POST":
        return _upload_page(request, access, WorkbookForm())
    form = WorkbookForm(request.POST, request.FILES)
    if files_too_large(request):  # it was dropped on its way in, so that the form only misses it
        return _upload_page(request, access, WorkbookForm(), troubles=(too_large(),))
    if not form.is_valid():
        return _upload_page(request, access, form)
    try:
        book = workbook_read(form.cleaned_data["workbook"], access.assessment)
        found = import_prepare(assessment=access.assessment, book=book, by=access.user)
    except WorkbookRefusedError as error:
        return _upload_page(request, access, form, troubles=error.troubles)
    except NotNowError as error:
        messages.error(request, error.reason)
        return redirect("workbook-upload", pk=pk)
    return redirect("workbook-import", pk=pk, import_id=found.pk)


def _upload_page(
    request: HttpRequest, access: AssessmentAccess, form: WorkbookForm, troubles: tuple = ()
) -> HttpResponse:
    context = {
        **_context(access),
        "form": form,
        "troubles": troubles,
        "recent": recent_imports(access.assessment),
        "most": LARGEST_UPLOAD // MEBIBYTE,
    }
    return render(
        request, "advising/workbook_upload.html", context, status=422 if troubles or form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def workbook_import(request: HttpRequest, pk: UUID, import_id: UUID) -> HttpResponse:
    """Show what a workbook would change, and take it over; afterwards show what it changed."""
    if request.method != "POST":
        access = assessment_for(request, pk, Action.UPLOAD)
        return _import_page(request, access, _import(access, import_id))
    form = ApplyForm(request.POST)
    with transaction.atomic():
        access = assessment_for(request, pk, Action.UPLOAD, lock=True)
        found = _import(access, import_id)
        if not form.is_valid() or (found.other_name and not form.cleaned_data["right_firm"]):
            return _import_page(request, access, found, unsure=True)
        try:
            import_apply(
                found=found,
                assessment=access.assessment,
                base=form.cleaned_data["base"],
                by=access.user,
                remove=form.cleaned_data["remove"],
            )
        except OutdatedError:
            return _import_page(request, access, found, outdated=True)
        except NotNowError as error:
            messages.error(request, error.reason)
    return redirect("workbook-import", pk=pk, import_id=import_id)


@require_POST
def workbook_undo(request: HttpRequest, pk: UUID, import_id: UUID) -> HttpResponse:
    """Put the answers back that a workbook changed."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.UPLOAD, lock=True)
        found = _import(access, import_id)
        try:
            kept = import_undo(found=found, assessment=access.assessment, by=access.user)
        except NotNowError as error:
            messages.error(request, error.reason)
        else:
            messages.success(request, gettext("The answers are what they were before the workbook."))
            if kept:
                messages.warning(request, _kept(kept))
    return redirect("workbook-import", pk=pk, import_id=import_id)


def _kept(names: list[str]) -> str:
    return ngettext(
        "%(count)s answer was changed again since and stays as it is: %(names)s",
        "%(count)s answers were changed again since and stay as they are: %(names)s",
        len(names),
    ) % {"count": len(names), "names": ", ".join(names)}


def _import(access: AssessmentAccess, import_id: UUID) -> WorkbookImport:
    rows = WorkbookImport.objects.select_related("by", "applied_by", "undone_by")
    return get_object_or_404(rows, pk=import_id, assessment=access.assessment)


def _import_page(
    request: HttpRequest,
    access: AssessmentAccess,
    found: WorkbookImport,
    *,
    outdated: bool = False,
    unsure: bool = False,
) -> HttpResponse:
    context = {**_context(access), "found": found, "outdated": outdated, "unsure": unsure}
    if found.applied_at is not None:
        context["changes"] = applied_changes(found, access.assessment)
        return render(request, "advising/workbook_applied.html", context)
    context["preview"] = import_preview(found, access.assessment)
    status = 409 if outdated else 422 if unsure else 200
    return render(request, "advising/workbook_preview.html", context, status=status)


def _context(access: AssessmentAccess) -> dict[str, object]:
    return {
        "access": access,
        "assessment": access.assessment,
        "standard": engine.standard_of(access.assessment),
        "closed": access.assessment.status != "open",
    }
