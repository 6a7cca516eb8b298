"""The interview: one question a screen, in the order that settles the level soonest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.model.sheet import NOT_APPLICABLE
from capillary.web import engine
from capillary.web.access import HELD_DAYS, Action, Role, assessment_for, hold
from capillary.web.assessments import services
from capillary.web.assessments.facts import FactsForm
from capillary.web.assessments.forms import (
    EmptyAnswerError,
    answer_problem,
    fields_of_answer,
    nothing_chosen,
    raw_answer,
)
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change
from capillary.web.assessments.shown import shown_question
from capillary.web.assessments.steps import next_of, progress_of
from capillary.web.core.http import go
from capillary.web.core.language import in_language, remember_language
from capillary.web.core.limits import limited

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.model.problems import Problem
    from capillary.model.standard import Question
    from capillary.web.access import AssessmentAccess

OTHER_LANGUAGE = "in-"  # the button "in-en" shows the question in English
DRAFT = "draft"  # marks an address that holds an answer which cannot be used yet
LONGEST_DRAFT = 200
SAVED = "Answer-Saved"  # the sign for the browser that an answer which it keeps has arrived
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
            facts=form.facts(), standard=form.cleaned_data["standard"], variant=form.variant
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
    return _closed(request, access.assessment) or _next_step(request, access, fresh=True)


@require_safe
@never_cache
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that everything is saved, and how to come back."""
    access = assessment_for(request, pk, Action.ANSWER)
    return _closed(request, access.assessment) or render(
        request, "assessments/pause.html", {**_context(access), "days": HELD_DAYS}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def question(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Show one question, or take its answer."""
    if request.method == "POST":
        return _answer(request, pk, question_id)
    access = assessment_for(request, pk, Action.ANSWER)
    asked = _question(access.assessment, question_id)
    return _closed(request, access.assessment) or _step(request, access, asked, value=_draft(request, asked))


@require_http_methods(["POST"])
def go_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on for detail though the level is certain."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        closed = _closed(request, access.assessment)
        if closed is None:
            services.detail_wanted(assessment=access.assessment)
    return closed or _next_step(request, access)


@require_http_methods(["POST"])
def complete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the assessment and show its result."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        services.assessment_complete(assessment=access.assessment, by=access.user)
    return redirect("assessment-result", pk=pk)


def _closed(request: HttpRequest, assessment: Assessment) -> HttpResponse | None:
    """Return the way to the result where the assessment takes no more answers."""
    if assessment.status == Assessment.Status.OPEN:
        return None
    return go(request, reverse("assessment-result", args=[assessment.pk]))


def _question(assessment: Assessment, question_id: str) -> Question:
    found = engine.standard_of(assessment).by_id.get(question_id)
    if found is None:
        raise Http404
    return found


def _answer(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Do what the pressed button says: save, don't know, does not apply, back, or switch the language.

    The row is read without a lock; where somebody else was quicker, it is read again with one.
    """
    access = assessment_for(request, pk, Action.ANSWER)
    given = _taken(request, access, question_id, services.answers_give)
    if given is None:
        access, given = _answer_in_turn(request, pk, question_id)
    if isinstance(given, HttpResponse):
        return given
    response = _after(request, access, given)
    if not given.problems:
        response[SAVED] = question_id
    return response


def _answer_in_turn(
    request: HttpRequest, pk: UUID, question_id: str
) -> tuple[AssessmentAccess, _Given | HttpResponse]:
    """Save the answer that was sent with the row locked, which cannot be overtaken."""
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER, lock=True)
        given = _taken(request, access, question_id, _change_locked)
    if given is None:
        raise RuntimeError("a locked row was not written")
    return access, given


def _change_locked(*, assessment: Assessment, changes: Sequence[Change], author: Author) -> bool:
    services.answers_change(assessment=assessment, changes=changes, author=author)
    return True


def _taken(
    request: HttpRequest, access: AssessmentAccess, question_id: str, save: Callable[..., bool]
) -> _Given | HttpResponse | None:
    """Save the answer that was sent, if it can be used.

    Returns:
        What was sent; the page to show where nothing can be saved; None where ``save`` did not write.
    """
    assessment = access.assessment
    asked = _question(assessment, question_id)
    closed = _closed(request, assessment)
    if closed is not None:
        return closed
    wish = request.POST.get("do", "save")
    before = assessment.answers.get(asked.id, {})
    problems: list[Problem] = []
    value: object = None
    try:
        value = _wished(asked, wish, request, before.get("value"))
        problems = [] if value is None else answer_problem(engine.standard_of(assessment), asked, value)
    except EmptyAnswerError:
        problems = [nothing_chosen()]
    if _is_late(request, before, value):
        return HttpResponse(status=409)
    author = Author(access.user, ORIGINS[access.role])
    if not problems and not save(assessment=assessment, changes=[Change(asked.id, value)], author=author):
        return None
    return _Given(asked, wish, value, problems)


def _wished(asked: Question, wish: str, request: HttpRequest, before: object) -> object:
    """Return the raw answer that the pressed button gives; None for "don't know".

    Raises:
        EmptyAnswerError: an answer was meant, but nothing was chosen.
    """
    if wish == "na":
        return NOT_APPLICABLE
    return None if wish == "unknown" else raw_answer(asked, request.POST, before)


def _is_late(request: HttpRequest, before: dict[str, object], value: object) -> bool:
    """Whether the browser kept this answer while somebody else gave another one; then the other one stands."""
    if "kept" not in request.POST or before.get("value") == value:
        return False
    return request.POST.get("seen", "") != str(before.get("revision", ""))


@dataclass(frozen=True)
class _Given:
    """What was sent: the question, the pressed button, the answer, and what is wrong with it."""

    question: Question
    wish: str
    value: object
    problems: Sequence[Problem]


def _after(request: HttpRequest, access: AssessmentAccess, given: _Given) -> HttpResponse:
    """Return the page after a button: leaving the question works whether or not its answer can be used."""
    asked = given.question
    if given.wish.startswith(OTHER_LANGUAGE):
        return _other_language(request, asked, given.wish, keep=bool(given.problems))
    if given.wish == "back":
        return _back(request, access, asked)
    if given.problems:
        return _step(request, access, asked, given.problems, given.value)
    if request.GET.get("from") == "list":
        return go(request, f"{reverse('assessment-questions', args=[access.assessment.pk])}#{asked.id}")
    return _next_step(request, access)


def _other_language(request: HttpRequest, asked: Question, wish: str, *, keep: bool) -> HttpResponse:
    """Show the same question in the language of a wish such as ``in-en``.

    Args:
        request: the request with the wish.
        asked: the question.
        wish: the pressed button's value.
        keep: whether the address takes along what was chosen, because it could not be saved.
    """
    code = wish.removeprefix(OTHER_LANGUAGE)
    if code not in dict(settings.LANGUAGES):
        raise Http404
    query = QueryDict(mutable=True)
    if request.GET.get("from") == "list":
        query["from"] = "list"
    if keep:
        query[DRAFT] = "1"
        for name, value in fields_of_answer(asked, request.POST):
            query.appendlist(name, value[:LONGEST_DRAFT])
    address = in_language(request.path, code)
    response = go(request, f"{address}?{query.urlencode()}" if query else address)
    remember_language(response, code)
    return response


def _draft(request: HttpRequest, asked: Question) -> object:
    """Return the answer that an address took along, see `_other_language`; None where there is none."""
    if DRAFT not in request.GET:
        return None
    try:
        return raw_answer(asked, request.GET)
    except EmptyAnswerError:
        return None


def _back(request: HttpRequest, access: AssessmentAccess, asked: Question) -> HttpResponse:
    before = _asked_before(access.assessment, asked.id)
    return _step(request, access, asked if before is None else _question(access.assessment, before))


def _asked_before(assessment: Assessment, question_id: str | None = None) -> str | None:
    """Return the question that was shown before another one, or the last one of all; None where there is none."""
    known = list(assessment.asked)
    if question_id in known:
        known = known[: known.index(question_id)]
    return known[-1] if known else None


def _next_step(request: HttpRequest, access: AssessmentAccess, *, fresh: bool = False) -> HttpResponse:
    """Show what comes next. ``fresh`` is a page that was asked for by its own address."""
    assessment = access.assessment
    found = next_of(assessment)
    address = reverse("interview", args=[assessment.pk])
    if found.stops:
        if not _is_part(request) and not fresh:
            return redirect(address)
        context = {
            **_context(access),
            "next": found,
            "finished": found.question is None,
            "before": _asked_before(assessment),
            "languages": [
                {"code": code, "name": label, "url": in_language(address, code)}
                for code, label in settings.LANGUAGES
            ],
        }
        return _shown(request, "certain", context, address)
    if not _is_part(request):
        return redirect("interview-question", pk=assessment.pk, question_id=found.question)
    return _step(request, access, _question(assessment, str(found.question)))


def _step(
    request: HttpRequest,
    access: AssessmentAccess,
    asked: Question,
    problems: Sequence[Problem] = (),
    value: object = None,
) -> HttpResponse:
    """Show one question; as the part of the page that changes where the browser asks for no more."""
    assessment = access.assessment
    entry = assessment.answers.get(asked.id, {})
    from_list = request.GET.get("from") == "list"
    address = reverse("interview-question", args=[assessment.pk, asked.id])
    if from_list:
        address += "?from=list"
    context = {
        **_context(access),
        "question": shown_question(asked, entry.get("value") if value is None else value),
        "unknown": value is None and asked.id in assessment.asked and not entry,
        "problems": problems,
        "address": address,
        "first": not from_list and _asked_before(assessment, asked.id) is None,
        "from_list": from_list,
        "seen_revision": entry.get("revision", ""),
    }
    return _shown(request, "step", context, address, status=422 if problems else 200)


def _shown(
    request: HttpRequest, name: str, context: dict[str, object], address: str, status: int = 200
) -> HttpResponse:
    """Render a screen of the interview: its part alone where HTMX asked, with the address that belongs to it."""
    if not _is_part(request):
        return render(request, "assessments/interview.html", {**context, "screen": name}, status=status)
    response = render(request, f"assessments/_{name}.html", {**context, "part": True}, status=status)
    response["HX-Push-Url"] = address
    return response


def _is_part(request: HttpRequest) -> bool:
    """Whether only the part of the page that changes is wanted; going back in the browser wants the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def _context(access: AssessmentAccess) -> dict[str, object]:
    return {
        "access": access,
        "assessment": access.assessment,
        "standard": engine.standard_of(access.assessment),
        "progress": progress_of(access.assessment),
    }
