"""A roadmap as a file: PDF of two pages, workbook with room for offers, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.core import is_ratelimited
from msgspec.structs import replace

from capillary.model.problems import InputError
from capillary.report.roadmap.render import page_pdf
from capillary.roadmap.offers import read_offers
from capillary.roadmap.quarters import written
from capillary.web import engine
from capillary.web.access import Action
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.planning.models import Roadmap
from capillary.web.planning.pages import OutdatedPageError, shown
from capillary.web.planning.selectors import roadmap_for
from capillary.web.planning.services import roadmap_ask
from capillary.web.planning.views import not_ready
from capillary.web.planning.wishes import OwnFigures, wishes_of
from capillary.web.results.views_files import PDF_LIMIT, PDF_TYPE, XLSX_TYPE, file_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

MOST_BYTES = 5_000_000


@require_safe
@never_cache
def pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the roadmap as PDF in the page's language."""
    found = roadmap_for(request, pk, Action.VIEW)
    not_ready(found)
    rate = settings.LIMITS.get("pdf", PDF_LIMIT)
    if is_ratelimited(
        request, group="pdf", key="user_or_ip", rate=rate, method=("GET", "HEAD"), increment=True
    ):
        return render(request, "429.html", status=429)
    context = {"assessment": found.access.assessment, "roadmap": found.roadmap, "access": found.access}
    try:
        content = page_pdf(shown(found.roadmap.page), language())
    except OutdatedPageError:
        return render(request, "planning/outdated.html", context, status=503)
    except InputError as error:
        return render(request, "results/no_pdf.html", {**context, "problems": error.problems}, status=503)
    return _file(content, PDF_TYPE, found.roadmap, "pdf")


@require_safe
@never_cache
def xlsx(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the roadmap as a workbook, with columns for the firm's own figures."""
    found = roadmap_for(request, pk, Action.VIEW)
    not_ready(found)
    name = "book_zh" if language() == "zh" else "book_en"
    (content,) = Roadmap.objects.values_list(name).get(pk=pk)
    return _file(bytes(content), XLSX_TYPE, found.roadmap, "xlsx")


@require_safe
@never_cache
def as_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the roadmap as JSON, as the command line prints it."""
    found = roadmap_for(request, pk, Action.VIEW)
    not_ready(found)
    said = {"first_quarter": written(found.roadmap.first), **found.roadmap.result}
    content = json.dumps(said, ensure_ascii=False, indent=1).encode()
    return _file(content, "application/json", found.roadmap, "json")


def _file(content: bytes, kind: str, roadmap: Roadmap, suffix: str) -> HttpResponse:
    name = file_name(roadmap.assessment, suffix)
    stem, _dot, ending = name.rpartition(".")
    header = content_disposition_header(as_attachment=True, filename=f"{stem}-roadmap.{ending}")
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header or "attachment"})


@require_http_methods(["POST"])
@limited("roadmap", "120/h")
def offers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the firm's own figures from the workbook that was filled in, and plan anew."""
    found = roadmap_for(request, pk, Action.PLAN, light=True)
    row = found.roadmap
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MOST_BYTES:
        messages.error(request, _("Choose the workbook with your figures, at most 5 MB."))
        return redirect("roadmap", pk=pk)
    try:
        given = read_offers(file.read(), engine.library().measures(), file.name)
    except InputError as error:
        for problem in error.problems[:10]:
            messages.error(request, problem.in_(language()))
        return redirect("roadmap", pk=pk)
    if not given:
        messages.info(request, _("The workbook has no own figures in it."))
        return redirect("roadmap", pk=pk)
    wishes = wishes_of(row.wishes)
    own = {name: OwnFigures(item.one_off, item.yearly, item.weeks) for name, item in given.items()}
    try:
        made = roadmap_ask(
            assessment=row.assessment,
            wishes=replace(wishes, offers={**wishes.offers, **own}),
            by=found.access.user,
            previous=row,
        )
    except InputError as error:
        for problem in error.problems:
            messages.error(request, problem.in_(language()))
        return redirect("roadmap", pk=pk)
    count = len(own)
    text = ngettext(
        "Own figures of {count} measure are taken over.",
        "Own figures of {count} measures are taken over.",
        count,
    )
    messages.success(request, text.format(count=count))
    return redirect("roadmap", pk=made.pk)
