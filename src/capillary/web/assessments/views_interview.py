"""The interview: one question a screen, in the order that settles the level soonest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.model.sheet import NOT_APPLICABLE
from capillary.web import engine
from capillary.web.access import Action, Role, assessment_for, hold
from capillary.web.assessments import services
from capillary.web.assessments.facts import FactsForm
from capillary.web.assessments.forms import EmptyAnswerError, answer_problem, nothing_chosen, raw_answer
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change
from capillary.web.assessments.shown import shown_question
from capillary.web.core.http import go
from capillary.web.core.limits import limited

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.standard import Question
    from capillary.web.access import AssessmentAccess

OTHER_LANGUAGE = "in-"  # the button "in-en" shows the question in English
ORIGINS = {
    Role.HOLDER: Revision.Origin.HOLDER,
    Role.OWNER: Revision.Origin.OWNER,
    Role.COLLEAGUE: Revision.Origin.COLLEAGUE,
    Role.ADVISER: Revision.Origin.ADVISER,
    Role.ASSESSOR: Revision.Origin.ASSESSOR,
}


@require_http_methods(["GET", "HEAD", "POST"])
@limited("check", "30/h")
def check_start(request: HttpRequest) -> HttpResponse:
    """Ask what the enterprise does and how many people it has, then start the check."""
    form = FactsForm(request.POST or None, standard=request.GET.get("standard"))
    if request.method == "POST" and form.is_valid():
        assessment = services.check_start(
            facts=form.facts(), standard=form.cleaned_data["standard"], variant=form.cleaned_data["variant"]
        )
        response = redirect("interview", pk=assessment.pk)
        hold(request, response, assessment.enterprise)
        return response
    return render(request, "assessments/check_start.html", {"form": form})


@require_safe
@never_cache
def interview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the question to ask next, or what to do when the level is certain or nothing is left."""
    access = assessment_for(request, pk, Action.ANSWER)
    return _next_step(request, access, fresh=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def question(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Show one question, or take its answer."""
    if request.method == "POST":
        with transaction.atomic():
            return _answer(request, assessment_for(request, pk, Action.ANSWER, lock=True), question_id)
    access = assessment_for(request, pk, Action.ANSWER)
    return _step(request, access, _question(access.assessment, question_id))


@require_http_methods(["POST"])
def go_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on for detail though the level is certain."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        services.detail_wanted(assessment=access.assessment)
    return _next_step(request, access)


@require_http_methods(["POST"])
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the assessment and show its result."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        services.assessment_complete(assessment=access.assessment, by=access.user)
    return redirect("assessment-result", pk=pk)


def _question(assessment: Assessment, question_id: str) -> Question:
    found = engine.standard_of(assessment).by_id.get(question_id)
    if found is None:
        raise Http404
    return found


def _answer(request: HttpRequest, access: AssessmentAccess, question_id: str) -> HttpResponse:
    """Do what the pressed button says: save, don't know, does not apply, back, or switch the language."""
    assessment = access.assessment
    asked = _question(assessment, question_id)
    wish = request.POST.get("do", "save")
    if assessment.status != Assessment.Status.OPEN:
        return go(request, reverse("assessment-result", args=[assessment.pk]))
    if wish == "back":
        return _back(request, access, asked)
    try:
        value = _wished(asked, wish, request)
    except EmptyAnswerError:
        if wish.startswith(OTHER_LANGUAGE):
            return _other_language(request, wish)
        return _step(request, access, asked, [nothing_chosen()])
    problems = [] if value is None else answer_problem(engine.standard_of(assessment), asked, value)
    if problems:
        return _step(request, access, asked, problems, value)
    services.answers_change(
        assessment=assessment,
        changes=[Change(question_id, value)],
        author=Author(access.user, ORIGINS[access.role]),
    )
    return _after(request, access, question_id, wish)


def _wished(asked: Question, wish: str, request: HttpRequest) -> object:
    """Return the raw answer that the pressed button gives; None for "don't know".

    Raises:
        EmptyAnswerError: an answer was meant, but nothing was chosen.
    """
    if wish == "na":
        return NOT_APPLICABLE
    return None if wish == "unknown" else raw_answer(asked, request.POST)


def _after(request: HttpRequest, access: AssessmentAccess, question_id: str, wish: str) -> HttpResponse:
    if wish.startswith(OTHER_LANGUAGE):
        return _other_language(request, wish)
    if request.GET.get("from") == "list":
        return go(request, f"{reverse('assessment-questions', args=[access.assessment.pk])}#{question_id}")
    return _next_step(request, access)


def _other_language(request: HttpRequest, wish: str) -> HttpResponse:
    """Show the same question in the language of a wish such as ``in-en``; what was chosen has been saved."""
    return go(request, translate_url(request.get_full_path(), wish.removeprefix(OTHER_LANGUAGE)))


def _back(request: HttpRequest, access: AssessmentAccess, asked: Question) -> HttpResponse:
    assessment = access.assessment
    known = [name for name in assessment.asked if name != asked.id]
    if asked.id in assessment.asked:
        known = assessment.asked[: assessment.asked.index(asked.id)]
    if not known:
        return _step(request, access, asked)
    return _step(request, access, _question(assessment, known[-1]))


def _next_step(request: HttpRequest, access: AssessmentAccess, *, fresh: bool = False) -> HttpResponse:
    """Show what comes next. ``fresh`` is a page that was asked for by its own address."""
    assessment = access.assessment
    found = engine.interview_of(assessment)
    name = found.next_question()
    if name is None or (assessment.certain and not assessment.detail):
        context = {**_context(access), "left": _left(assessment, found.asked), "finished": name is None}
        if not request.htmx and not fresh:
            return redirect("interview", pk=assessment.pk)
        template = "assessments/_certain.html" if request.htmx else "assessments/certain.html"
        return _pushed(
            render(request, template, context), reverse("interview", args=[assessment.pk]), request
        )
    if not request.htmx:
        return redirect("interview-question", pk=assessment.pk, question_id=name)
    return _step(request, access, _question(assessment, name))


def _left(assessment: Assessment, asked: set[str]) -> int:
    return sum(item.id not in asked for item in engine.standard_of(assessment).questions)


def _step(
    request: HttpRequest,
    access: AssessmentAccess,
    asked: Question,
    problems: list[object] | None = None,
    value: object = None,
) -> HttpResponse:
    """Show one question; as the part of the page that changes where the browser asks for no more."""
    assessment = access.assessment
    entry = assessment.answers.get(asked.id)
    if value is None and entry is not None:
        value = entry["value"]
    address = reverse("interview-question", args=[assessment.pk, asked.id])
    context = {
        **_context(access),
        "question": shown_question(asked, value),
        "problems": problems or [],
        "address": address,
        "first": not assessment.asked or assessment.asked[0] == asked.id,
        "from_list": request.GET.get("from") == "list",
    }
    template = "assessments/_step.html" if request.htmx else "assessments/question.html"
    status = 422 if problems else 200
    return _pushed(render(request, template, context, status=status), address, request)


def _pushed(response: HttpResponse, address: str, request: HttpRequest) -> HttpResponse:
    if request.htmx:
        response["HX-Push-Url"] = address
    return response


@dataclass(frozen=True)
class _Progress:
    """How far the interview is: levels still possible, questions seen of all, in percent for the bar."""

    low: int | None
    high: int | None
    certain: bool
    seen: int
    all: int
    percent: int


def _context(access: AssessmentAccess) -> dict[str, object]:
    assessment = access.assessment
    standard = engine.standard_of(assessment)
    seen = len({*assessment.asked, *assessment.answers})
    progress = _Progress(
        low=assessment.level_low,
        high=assessment.level_high,
        certain=assessment.certain,
        seen=seen,
        all=len(standard.questions),
        percent=round(100 * seen / len(standard.questions)),
    )
    return {
        "access": access,
        "assessment": assessment,
        "standard": standard,
        "progress": progress,
        "top_level": max((item.level for item in standard.file.levels), default=0),
    }
