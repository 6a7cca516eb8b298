"""The pages of a roadmap: the goal, the work, the plans, and every change to them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.core.limits import limited
from capillary.web.planning import selectors
from capillary.web.planning.changes import ChangeForm, changed
from capillary.web.planning.forms import FIRM, HOURS, GoalForm
from capillary.web.planning.incentives import paying_programmes
from capillary.web.planning.models import Roadmap
from capillary.web.planning.pages import OutdatedPageError, shown
from capillary.web.planning.services import (
    first_quarter,
    roadmap_again,
    roadmap_ask,
    roadmap_delete,
)
from capillary.web.planning.wishes import wishes_of
from capillary.web.results.readable import needs_standard

if TYPE_CHECKING:
    from django.http import HttpRequest

    from capillary.web.access import AssessmentAccess
    from capillary.web.planning.selectors import RoadmapAccess

HX_REFRESH = {"HX-Refresh": "true"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_standard
@limited("roadmap", "120/h")
def goal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what to reach, by when and within what, and list the roadmaps made so far."""
    access = assessment_for(request, pk, Action.PLAN if request.method == "POST" else Action.VIEW)
    previous = _named(request, access)
    now = selectors.before(access.assessment)
    form = GoalForm(
        request.POST if request.method == "POST" else None,
        standard=engine.standard_of(access.assessment),
        now=now.level,
        first=first_quarter(),
        wishes=None if previous is None else wishes_of(previous.wishes),
        assumed=now.hours,
        programmes=paying_programmes(access.assessment),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = roadmap_ask(
                assessment=access.assessment, wishes=form.wishes(), by=access.user, previous=previous
            )
        except InputError as error:
            form.add_problems(error.problems)
        else:
            return redirect("roadmap", pk=made.pk)
    context = {
        "access": access,
        "assessment": access.assessment,
        "may": {"plan": access.may(Action.PLAN)},
        "form": form,
        "previous": previous,
        "now": now,
        "made": selectors.made_for(access.assessment),
        "hours": " ".join(HOURS.values()),
        "firm": " ".join(FIRM),
        "open_questions": len(engine.standard_of(access.assessment).questions) - access.assessment.answered,
    }
    return render(request, "planning/goal.html", context, status=422 if form.errors else 200)


def _named(request: HttpRequest, access: AssessmentAccess) -> Roadmap | None:
    """Return the roadmap of the same assessment that the address names, to change its goal."""
    try:
        name = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return Roadmap.objects.filter(assessment=access.assessment, pk=name).first()


@require_safe
@never_cache
@needs_standard
def roadmap(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a roadmap: how far the work is, or the plans, or why there is none."""
    found = selectors.roadmap_for(request, pk, Action.VIEW)
    row = found.roadmap
    context = _context(found)
    if row.is_open:
        return render(request, "planning/working.html", context)
    if row.status == Roadmap.Status.FAILED:
        return render(request, "planning/failed.html", context)
    try:
        context |= plans_context(row)
    except OutdatedPageError:
        return render(request, "planning/outdated.html", context)
    context |= {"quarters": selectors.quarters_of(row), "is_outdated": selectors.is_outdated(row)}
    return render(request, "planning/roadmap.html", context)


def plans_context(row: Roadmap) -> dict[str, object]:
    """Return what the page of a roadmap shows, whoever looks at it.

    Raises:
        OutdatedPageError: another version of the product made it.
    """
    page = shown(row.page)
    return {
        "page": page,
        "plans": selectors.plans_shown(row, page.details),
        "clash": selectors.clash_shown(row, page),
        "fixed": selectors.fixed_by(wishes_of(row.wishes)),
    }


def _context(found: RoadmapAccess) -> dict[str, object]:
    return {
        "access": found.access,
        "assessment": found.access.assessment,
        "roadmap": found.roadmap,
        "may": {
            "plan": found.access.may(Action.PLAN),
            "manage": found.access.may(Action.MANAGE),
            "share": found.access.may(Action.SHARE),
            "project": found.access.may(Action.PROJECT),
        },
        "hangs": found.roadmap.hangs,
        "currency": wishes_of(found.roadmap.wishes).currency,
        "seen": _seen(found.roadmap),
    }


def _seen(row: Roadmap) -> str:
    """Return a mark of how far the work is, by which a page knows whether it shows that already."""
    told = row.progress
    return "-".join(str(part) for part in (row.status, *(told.get(name) for name in sorted(told)), row.hangs))


@require_safe
@never_cache
def state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how far the work is; a page that waits is loaded anew as soon as it is done.

    What has not moved on is not sent again, so that a screen reader says each step once.
    """
    found = selectors.roadmap_for(request, pk, Action.VIEW, light=True)
    if not found.roadmap.is_open:
        return HttpResponse(headers=HX_REFRESH)
    if request.GET.get("seen") == _seen(found.roadmap):
        return HttpResponse(status=204)
    return render(request, "planning/_state.html", _context(found))


@require_http_methods(["POST"])
@limited("roadmap", "120/h")
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change one thing and plan anew; the roadmap as it was stays one step back."""
    found = selectors.roadmap_for(request, pk, Action.PLAN, light=True)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(_said(form)))
        return redirect("roadmap", pk=pk)
    row = found.roadmap
    try:
        wishes = changed(wishes_of(row.wishes), form.cleaned_data, row.first)
        made = roadmap_ask(assessment=row.assessment, wishes=wishes, by=found.access.user, previous=row)
    except InputError as error:
        from capillary.web.core.language import language

        for problem in error.problems:
            messages.error(request, problem.in_(language()))
        return redirect("roadmap", pk=pk)
    return redirect("roadmap", pk=made.pk)


def _said(form: ChangeForm) -> list[str]:
    """Return what is wrong with a change, each with the name of its field."""
    return [
        f"{form.fields[name].label or name}: {error}"
        for name, errors in form.errors.items()
        for error in errors
    ]


@require_http_methods(["POST"])
@limited("roadmap", "120/h")
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Work on a roadmap once more."""
    found = selectors.roadmap_for(request, pk, Action.PLAN, light=True)
    roadmap_again(roadmap=found.roadmap, by=found.access.user)
    return redirect("roadmap", pk=pk)


@require_http_methods(["POST"])
@limited("roadmap", "120/h")
def renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the same question again, with the answers and the date of today."""
    found = selectors.roadmap_for(request, pk, Action.PLAN, light=True)
    row = found.roadmap
    try:
        made = roadmap_ask(
            assessment=row.assessment, wishes=wishes_of(row.wishes), by=found.access.user, previous=row
        )
    except InputError:
        messages.info(request, _("The goal has to be set anew: it is reached, or its date has passed."))
        return redirect(f"{reverse('assessment-plan', args=[row.assessment_id])}?from={row.pk}")
    return redirect("roadmap", pk=made.pk)


@require_http_methods(["POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a roadmap."""
    found = selectors.roadmap_for(request, pk, Action.PLAN, light=True)
    assessment = found.roadmap.assessment_id
    roadmap_delete(roadmap=found.roadmap, by=found.access.user)
    messages.success(request, _("The roadmap is deleted."))
    return redirect("assessment-plan", pk=assessment)


def not_ready(found: RoadmapAccess) -> None:
    """Refuse files of a roadmap that is not ready.

    Raises:
        Http404: it is not.
    """
    if found.roadmap.status != Roadmap.Status.READY:
        raise Http404
