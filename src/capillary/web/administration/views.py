"""Pages about the content: what is installed and used, and what a change of editions would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from capillary.diagnosis.editions import compare_editions
from capillary.web import engine
from capillary.web.administration import selectors, services
from capillary.web.administration.forms import EditionsForm
from capillary.web.administration.models import EditionReport
from capillary.web.administration.words import lines_of
from capillary.web.core.language import language
from capillary.web.core.tables import csv_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from capillary.diagnosis.editions import EditionChange

LATEST_REPORTS = 20


@require_safe
def content(request: HttpRequest) -> HttpResponse:
    """Show every standard: edition, dates, certainty, questions, unverified figures, how much it is used."""
    title = _("Content overview")
    return _page(request, "content", {"title": title, "standards": selectors.standards_used()})


@require_http_methods(["GET", "HEAD", "POST"])
def editions(request: HttpRequest) -> HttpResponse:
    """Show the reports that there are, or ask for a new one."""
    form = EditionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        report = services.edition_report_start(
            old=form.cleaned_data["old"], latest=form.cleaned_data["latest"], by=request.user
        )
        return redirect("admin:edition-report", report.pk)
    reports = EditionReport.objects.select_related("made_by")[:LATEST_REPORTS]
    context = {"title": _("Changes of editions"), "form": form, "reports": reports}
    return _page(request, "editions", context, status=422 if form.errors else 200)


@require_safe
def edition_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what differs between two editions, and what that does to the stored assessments."""
    report = get_object_or_404(EditionReport, pk=pk)
    change = _change(report)
    context = {
        "title": _("From %(old)s to %(latest)s") % {"old": report.old, "latest": report.latest},
        "report": report,
        "change": change,
        "lines": lines_of(change) if change else [],
        "largest": selectors.largest_changes(report),
        "refused": _refused(report),
    }
    return _page(request, "edition_report", context)


@require_safe
def edition_report_csv(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    """Give the report as a table."""
    report = get_object_or_404(EditionReport, pk=pk)
    heads, *rows = _rows(report)
    return csv_table(f"{report.old}-{report.latest}.csv", [str(name) for name in heads], rows)


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {**admin.site.each_context(request), **context}
    return render(request, f"administration/{name}.html", whole, status=status)


def _change(report: EditionReport) -> EditionChange | None:
    """Return what differs; None where one of the editions is not installed any more."""
    known = engine.standards()
    if report.old not in known or report.latest not in known:
        return None
    return compare_editions(known[report.old], known[report.latest])


def _refused(report: EditionReport) -> list[dict[str, Any]]:
    return [{**item, "cause": item[language()]} for item in report.result.get("refused", [])]


def _rows(report: EditionReport) -> Iterator[list[object]]:
    yield [_("Section"), _("What"), _("Part"), _("Before"), _("After"), _("Number")]
    change = _change(report)
    for line in lines_of(change) if change else []:
        yield [line.kind, line.question, line.part, line.before, line.after, ""]
    for name, kind in change.nodes.items() if change else []:
        yield [_("scoring rule"), name, kind, "", "", ""]
    for before, after, count in report.result.get("levels", []):
        yield [_("level"), "", "", before, after, count]
    for row in selectors.largest_changes(report):
        before, after = (_span(row[end]["score"]) for end in ("before", "after"))
        yield [_("largest changes"), row["stored"] or row["assessment"], "", before, after, row["share"]]
    for item in _refused(report):
        yield [_("answers that do not fit"), item["question"], item["cause"], "", "", item["count"]]


def _span(ends: list[float]) -> str:
    low, high = ends
    return str(low) if low == high else f"{low}–{high}"
