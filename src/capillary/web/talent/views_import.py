"""Import of courses of organisations, with a preview."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from capillary.model.problems import InputError
from capillary.talent.offered import EXTRA, NEEDED, read_offered
from capillary.web import engine
from capillary.web.access import course_importer
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.talent import services
from capillary.web.talent.forms import ImportForm
from capillary.web.talent.models import CourseImport, OfferedCourse

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, HttpResponse

    from capillary.talent.offered import OfferedRow

MOST_PROBLEMS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("course-import", "30/h")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a table, and name every cell that cannot be used."""
    organisations = course_importer(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ImportForm(*posted, organisations=organisations)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            rows = _read(form.cleaned_data["file"])
        except InputError as error:
            problems = [problem.in_(language()) for problem in error.problems[:MOST_PROBLEMS]]
        else:
            organisation = form.organisations[form.cleaned_data["organisation"]]
            made = services.import_prepare(organisation=organisation, rows=rows, by=request.user)
            return redirect("course-import-preview", pk=made.pk)
    context = {"form": form, "problems": problems, "columns": NEEDED, "extra": list(EXTRA.values())}
    return render(request, "talent/import.html", context, status=422 if form.errors or problems else 200)


def _read(file: UploadedFile) -> list[OfferedRow]:
    library = engine.library()
    tops = {name: item.top for name, item in library.capabilities().items()}
    suffix = PurePath(file.name or "").suffix
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix.lower()[:6]}"
        path.write_bytes(file.read())
        return read_offered(path, tops, library.competences().by_id, file.name or "")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the courses that were read, and store them on a yes."""
    organisations = course_importer(request)
    prepared = get_object_or_404(
        CourseImport.objects.select_related("organisation"),
        pk=pk,
        by=request.user,
        organisation__in=organisations,
    )
    if request.method == "POST":
        count = services.import_confirm(prepared=prepared)
        messages.success(
            request, ngettext("{n} course stored.", "{n} courses stored.", count).format(n=count)
        )
        return redirect("courses-offered")
    there = set(
        OfferedCourse.objects.filter(organisation=prepared.organisation).values_list("number", flat=True)
    )
    rows = [(row, row["number"] in there) for row in prepared.rows]
    return render(request, "talent/preview.html", {"prepared": prepared, "rows": rows})
