"""The pages of projects and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.sheets.answers import BadAnswerError
from capillary.web import engine
from capillary.web.access import Action, enterprise_for
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.tables import csv_table
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import FORMS, file_problem
from capillary.web.evidence.uploads import files_too_large
from capillary.web.outcomes.pages import tell_page
from capillary.web.outcomes.selectors import told_by_scenario
from capillary.web.planning.models import Roadmap
from capillary.web.planning.selectors import roadmap_for
from capillary.web.projects import selectors, services
from capillary.web.projects.forms import CompleteForm, MilestoneForm
from capillary.web.projects.models import Milestone, Project

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.web.evidence.forms import _EvidenceForm
    from capillary.web.projects.selectors import ProjectAccess

KINDS = ("note", "link", "file")


@require_http_methods(["POST"])
@limited("project", "60/h")
def start(request: HttpRequest, pk: UUID, plan: int) -> HttpResponse:
    """Turn a plan of a roadmap into a project."""
    found = roadmap_for(request, pk, Action.PROJECT)
    roadmap = found.roadmap
    if roadmap.status != Roadmap.Status.READY or plan >= len(roadmap.result["plans"]):
        raise Http404
    level = roadmap.result["goal"]["level"]
    standard = engine.standard_of(roadmap.assessment)
    title = standard.file.short_title if level is None else standard.level_title(level)
    try:
        project = services.project_start(
            roadmap=roadmap, plan=plan, name=title.in_(language()), by=found.access.user
        )
    except services.NothingToDoError:
        messages.info(request, _("This plan has no measures: there is nothing to carry out."))
        return redirect("roadmap", pk=pk)
    return redirect("project", pk=project.pk)


@require_safe
@never_cache
def projects(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the projects of an enterprise."""
    access = enterprise_for(request, pk, Action.VIEW)
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "projects": selectors.projects_of(access.enterprise),
        "may_work": access.may(Action.PROJECT),
    }
    return render(request, "projects/projects.html", context)


@require_safe
@never_cache
def project(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a project: its milestones by quarter, how far it is, and what it has cost."""
    found = selectors.project_for(request, pk, Action.VIEW)
    prefetch_related_objects([found.project], "milestones")
    milestones = list(found.project.milestones.all())
    latest = services.latest_of(found.project.enterprise, found.project.standard)
    context = {
        **_context(found),
        "quarters": selectors.quarters_of(milestones),
        "progress": selectors.progress_of(milestones),
        "latest": latest,
        "solved": selectors.source_of(found.project).scenarios(),
        "told": told_by_scenario(project_id=found.project.pk),
    }
    return render(request, "projects/project.html", context)


def _context(found: ProjectAccess) -> dict[str, object]:
    return {
        "access": found.access,
        "enterprise": found.access.enterprise,
        "project": found.project,
        "may_work": found.access.may(Action.PROJECT),
    }


@require_safe
@never_cache
def table(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the milestones as a CSV table."""
    found = selectors.project_for(request, pk, Action.VIEW)
    names = ("number", "measure", "owner", "begins", "due", "status", "planned", "spent", "done_on", "note")
    rows = (
        (
            *(getattr(item, name) for name in names),
            selectors.measure_title(item.measure),
            found.project.currency,
        )
        for item in found.project.milestones.all()
    )
    return csv_table("milestones.csv", (*names, "title", "currency"), rows)


def _milestone(request: HttpRequest, pk: UUID, milestone: UUID) -> tuple[ProjectAccess, Milestone]:
    found = selectors.project_for(request, pk, Action.PROJECT)
    row = get_object_or_404(
        Milestone.objects.select_for_update(of=("self",)).select_related("project"),
        pk=milestone,
        project=found.project,
    )
    row.project = found.project
    return found, row


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@transaction.atomic
def milestone(request: HttpRequest, pk: UUID, milestone: UUID) -> HttpResponse:
    """Change a milestone: who sees to it, when, how far it is, what it has cost."""
    found, row = _milestone(request, pk, milestone)
    if row.status == Milestone.Status.DONE:
        raise Http404
    form = MilestoneForm(request.POST if request.method == "POST" else None, milestone=row)
    if request.method == "POST" and form.is_valid():
        services.milestone_change(milestone=row, values=form.cleaned_data, by=found.access.user)
        messages.success(request, _("Saved."))
        return redirect("project", pk=pk)
    context = {
        **_context(found),
        "milestone": row,
        "title": selectors.measure_title(row.measure),
        "form": form,
    }
    return render(request, "projects/milestone.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("upload", "120/h")
def complete(request: HttpRequest, pk: UUID, milestone: UUID) -> HttpResponse:
    """Complete a milestone with evidence; what it raises is shown before and written after."""
    with transaction.atomic():
        found, row = _milestone(request, pk, milestone)
    if row.status == Milestone.Status.DONE:
        return redirect("project", pk=pk)
    form = CompleteForm(request.POST if request.method == "POST" else None, milestone=row)
    kind = request.POST.get("kind", KINDS[0])
    proof = None
    if request.method == "POST" and kind in KINDS:
        proof = FORMS[kind](request.POST, request.FILES, dropped=files_too_large(request))
        # both are looked at, so that all that is wrong is said at once
        if form.is_valid() & proof.is_valid() and _completed(request, (pk, milestone), form, proof):
            return redirect("project", pk=pk)
    latest = services.latest_of(found.project.enterprise, found.project.standard)
    context = {
        **_context(found),
        "milestone": row,
        "title": selectors.measure_title(row.measure),
        "form": form,
        "proofs": [proof if proof is not None and name == kind else FORMS[name]() for name in KINDS],
        "kind": kind,
        "raised": [] if latest is None else services.raised_by(latest, row.measure),
        "latest": latest,
    }
    wrong = request.method == "POST"
    return render(request, "projects/complete.html", context, status=422 if wrong else 200)


def _completed(
    request: HttpRequest, names: tuple[UUID, UUID], form: CompleteForm, proof: _EvidenceForm
) -> bool:
    """Complete the milestone; False with an error in the form where that is not possible."""
    try:
        with transaction.atomic():
            found, row = _milestone(request, *names)
            author = services.Author(found.access.user, services.origin_of(found.access.role.value))
            raised = services.milestone_complete(
                milestone=row,
                done_on=form.cleaned_data["done_on"],
                spent=form.cleaned_data["spent"],
                evidence=proof.values(),
                author=author,
            )
    except BadFileError as bad:
        proof.add_error("file", file_problem(proof.cleaned_data["file"].name, bad))
        return False
    except BadAnswerError:
        form.add_error(
            None, _("An answer of the assessment does not fit its standard any more. Answer it again first.")
        )
        return False
    better = [item for item in raised if item.value is not None]
    left = [item for item in raised if item.value is None]
    if better:
        text = _("Done. These answers are better now, with your evidence: {questions}.")
        messages.success(request, text.format(questions=", ".join(item.question.id for item in better)))
    else:
        messages.success(request, _("Done."))
    if left:
        text = _("Please answer these questions, of which only a part is known: {questions}.")
        messages.info(request, text.format(questions=", ".join(item.question.id for item in left)))
    return True


@require_http_methods(["POST"])
@transaction.atomic
def reopen(request: HttpRequest, pk: UUID, milestone: UUID) -> HttpResponse:
    """Open a milestone again that was done by mistake."""
    found, row = _milestone(request, pk, milestone)
    services.milestone_reopen(milestone=row, by=found.access.user)
    messages.info(
        request, _("The milestone is open again. Its answers and evidence stay until you change them.")
    )
    return redirect("project", pk=pk)


@require_http_methods(["POST"])
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a project, or go on with one that was ended."""
    found = selectors.project_for(request, pk, Action.PROJECT)
    if found.project.status == Project.Status.ACTIVE:
        services.project_end(project=found.project, by=found.access.user)
        solved = selectors.source_of(found.project).scenarios()
        if solved and not told_by_scenario(project_id=pk):
            return redirect("project-outcome", pk=pk)
    else:
        services.project_resume(project=found.project, by=found.access.user)
    return redirect("project", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("outcome", "60/h")
def outcome(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what came of a project, and keep it."""
    found = selectors.project_for(request, pk, Action.PROJECT)
    return tell_page(
        request,
        found.access,
        selectors.source_of(found.project),
        back=reverse("project", args=[pk]),
        back_words=found.project.name,
    )


@require_http_methods(["POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a project."""
    found = selectors.project_for(request, pk, Action.PROJECT)
    enterprise = found.project.enterprise_id
    services.project_delete(project=found.project, by=found.access.user)
    messages.success(request, _("The project is deleted. Answers and evidence stay."))
    return redirect("enterprise-projects", pk=enterprise)
