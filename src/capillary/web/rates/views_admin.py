"""The administrator's pages of exchange rates: what is loaded, a file with a preview, one rate by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from capillary.model.problems import InputError
from capillary.web.core.language import language
from capillary.web.evidence.uploads import files_too_large
from capillary.web.rates import services
from capillary.web.rates.forms import RateForm, UploadForm
from capillary.web.rates.models import ExchangeRate, RateUpload

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE, MOST_LINES = 50, 100


@require_http_methods(["GET", "HEAD", "POST"])
def rates(request: HttpRequest) -> HttpResponse:
    """Show the rates that are loaded, the latest first; take a file, or say by cell what is wrong with it."""
    is_upload = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_upload else UploadForm()
    lines: list[str] = []
    if is_upload and files_too_large(request):
        lines = [_("The file is too large.")]
    elif is_upload and form.is_valid():
        try:
            kept = _kept(request, form.cleaned_data)
        except InputError as error:
            lines = _lines(error)
        else:
            return redirect("admin:rates-upload", kept.pk)
    page = Paginator(ExchangeRate.objects.select_related("entered_by"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"form": form, "page": page, **_told(lines)}
    return _page(request, "loaded", _("Exchange rates"), context, wrong=bool(lines or form.errors))


def _kept(request: HttpRequest, given: dict[str, Any]) -> RateUpload:
    """Keep a file that can be read; its preview finds out whether days have other figures.

    Raises:
        InputError: it cannot be used.
    """
    data, name = given["file"].read(), given["file"].name or "rates"
    services.rates_preview(data, name, certainty=given["certainty"], replaces=given["replaces"])
    return services.upload_prepare(
        data=data, name=name, certainty=given["certainty"], replaces=given["replaces"], by=request.user
    )


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what taking over a file would do, and do it."""
    kept = get_object_or_404(RateUpload, pk=pk)
    if kept.taken_at is not None:
        messages.info(request, _("This file was taken over before."))
        return redirect("admin:rates")
    try:
        if request.method == "POST":
            return _taken(request, kept)
        found = services.upload_preview(kept)
    except InputError as error:
        return _page(request, "upload", kept.file_name, _told(_lines(error)), wrong=True)
    context = {
        "found": found,
        "fresh": found.fresh[:MOST_LINES],
        "changed": found.changed[:MOST_LINES],
        "more": max(0, len(found.fresh) - MOST_LINES) + max(0, len(found.changed) - MOST_LINES),
    }
    return _page(request, "upload", kept.file_name, context)


def _taken(request: HttpRequest, kept: RateUpload) -> HttpResponse:
    count = services.upload_take(upload=kept, by=request.user)
    if count is not None:
        messages.success(request, _("{count} rates were taken over.").format(count=count))
    return redirect("admin:rates")


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Enter one rate by hand, with its source."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = services.rate_enter(given=form.given(), by=request.user)
        messages.success(request, _("Kept: {rate}").format(rate=row))
        return redirect("admin:rates")
    return _page(request, "enter", _("Enter a rate"), {"form": form}, wrong=bool(form.errors))


@require_http_methods(["POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one rate away."""
    row = get_object_or_404(ExchangeRate, pk=pk)
    said = _("Taken away: {rate}").format(rate=row)
    services.rates_remove(rows=[row], by=request.user)
    messages.success(request, said)
    return redirect("admin:rates")


def _lines(error: InputError) -> list[str]:
    return list(dict.fromkeys(problem.in_(language()) for problem in error.problems))


def _told(lines: list[str]) -> dict[str, Any]:
    return {"lines": lines[:MOST_LINES], "more_lines": max(0, len(lines) - MOST_LINES)}


def _page(
    request: HttpRequest, name: str, title: str, context: dict[str, Any], *, wrong: bool = False
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    return render(request, f"rates/admin_{name}.html", whole, status=422 if wrong else 200)
