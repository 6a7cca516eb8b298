"""All questions of an assessment with their answers, the history of an answer, and opening an assessment again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.assessments import services
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.selectors import State, Wanted, history_of, may_reopen, questions_of
from capillary.web.core.language import language

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

LONGEST_SEARCH = 100


@require_safe
@never_cache
def questions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all questions by dimension, with their present answers."""
    access = assessment_for(request, pk, Action.VIEW)
    assessment = access.assessment
    names = access.sees_people
    wanted = Wanted(
        text=request.GET.get("q", "")[:LONGEST_SEARCH].strip(),
        state=request.GET.get("state", ""),
        by=request.GET.get("by", "") if names else "",
    )
    listing = questions_of(assessment, wanted, language())
    may_answer = access.may(Action.ANSWER)
    context = {
        "access": access,
        "assessment": assessment,
        "listing": listing,
        "wanted": wanted,
        "states": [(state.value, state.label, listing.counts[state]) for state in State],
        "names": names,
        "may_edit": may_answer and assessment.status == Assessment.Status.OPEN,
        "may_reopen": may_answer and may_reopen(assessment),
        "may_upload": access.may(Action.UPLOAD) and assessment.status == Assessment.Status.OPEN,
    }
    return render(request, "assessments/questions.html", context)


@require_safe
@never_cache
def history(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Show every revision of one answer; below its question where HTMX asked."""
    access = assessment_for(request, pk, Action.VIEW)
    found = engine.standard_of(access.assessment).by_id.get(question_id)
    if found is None:
        raise Http404
    context = {
        "access": access,
        "assessment": access.assessment,
        "question": found,
        "changes": history_of(access.assessment, found),
        "names": access.sees_people,
    }
    template = "assessments/_history.html" if request.htmx else "assessments/history.html"
    return render(request, template, context)


@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a completed assessment again."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        assessment = access.assessment
        if assessment.status != Assessment.Status.OPEN:
            if not may_reopen(assessment):
                messages.error(request, _("This assessment stays closed. Start the next one instead."))
                return redirect("assessment-questions", pk=pk)
            services.assessment_reopen(assessment=assessment, by=access.user)
            messages.success(request, _("The assessment is open again. Answers can be changed."))
    return redirect("assessment-questions", pk=pk)
