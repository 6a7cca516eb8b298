"""The verification on site, its sign-off, and objections to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.model.sheet import NOT_APPLICABLE
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.advising import services_review as services
from capillary.web.advising.forms import ObjectionAnswerForm, ObjectionForm, ReasonForm, SignForm
from capillary.web.advising.models import Objection, ReviewMark
from capillary.web.advising.problems import NotNowError
from capillary.web.advising.selectors_review import review_page
from capillary.web.advising.words import in_words, with_answers
from capillary.web.assessments.forms import EmptyAnswerError, answer_problem, nothing_chosen, raw_answer
from capillary.web.assessments.shown import shown_question
from capillary.web.core.bonds import bonds_between
from capillary.web.core.language import language

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.standard import Question
    from capillary.web.access import AssessmentAccess
    from capillary.web.advising.selectors_review import ReviewPage

FILTERS = ("open", "corrected", "unchecked")


@require_safe
@never_cache
def assessment_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what was confirmed, corrected or not checked; to an assessor with the means to do so."""
    access = assessment_for(request, pk, Action.VIEW)
    chosen = request.GET.get("show", "")
    return render(
        request, "advising/review.html", _review_context(access, chosen if chosen in FILTERS else "")
    )


def _review_context(access: AssessmentAccess, chosen: str = "") -> dict[str, object]:
    assessment = access.assessment
    verifies = access.may(Action.VERIFY)
    of_firm = verifies and services.belongs_to_firm(assessment, access.user)
    own = verifies and services.has_answered_himself(assessment, access.user)
    page = review_page(assessment)
    rows = [row for row in page.rows if _is_shown(row.mark, chosen)]
    return {
        **_context(access),
        "page": page,
        "rows": rows,
        "chosen": chosen,
        "verifies": verifies,
        "own_answers": own,
        "of_firm": of_firm,
        "bonds": _bonds(access, page, verifies=verifies),
        "may_mark": verifies and not own and not of_firm and assessment.status == assessment.Status.COMPLETED,
        "may_answer": verifies and not own and not of_firm,
        "may_object": access.may(Action.OBJECT),
        "until": services.objections_until(assessment),
        "in_time": services.may_object_now(assessment),
    }


def _bonds(access: AssessmentAccess, page: ReviewPage, *, verifies: bool) -> list[str]:
    """Return what binds the assessor: as it was at the sign-off, or as it is for who is about to verify."""
    if page.review is not None and access.assessment.status == access.assessment.Status.SIGNED:
        return [words[language()] for words in page.review.bonds]
    if not verifies or access.user is None:
        return []
    return [words.in_(language()) for words in bonds_between(access.user.pk, access.enterprise.pk)]


def _is_shown(mark: ReviewMark | None, chosen: str) -> bool:
    if chosen == "open":
        return mark is None
    return not chosen or (mark is not None and mark.kind == chosen)


@require_POST
def review_mark(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Confirm an answer, or note that it could not be checked."""
    note = request.POST.get("note", "")[:4000]
    with transaction.atomic():
        access = assessment_for(request, pk, Action.VERIFY, lock=True)
        _question(access, question_id)
        wanted = {"assessment": access.assessment, "question": question_id, "by": access.user, "note": note}
        try:
            if request.POST.get("do") == "unchecked":
                services.answer_leave_unchecked(**wanted)
            else:
                services.answer_confirm(**wanted)
        except NotNowError as error:
            messages.error(request, error.reason)
    return _back(request, access, question_id)


def _back(request: HttpRequest, access: AssessmentAccess, question_id: str) -> HttpResponse:
    """Return to the question on the review page; to HTMX only the question and the progress."""
    if getattr(request, "htmx", False):
        context = _review_context(access)
        row = next((row for row in context["rows"] if row.question.id == question_id), None)
        return render(request, "advising/_review_swap.html", {**context, "row": row})
    shown = request.POST.get("show", "")
    query = f"?show={shown}" if shown in FILTERS else ""
    return redirect(f"{reverse('assessment-review', args=[access.assessment.pk])}{query}#{question_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_correct(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Replace an answer by what was found on site."""
    if request.method != "POST":
        access = assessment_for(request, pk, Action.VERIFY)
        return _correct_page(request, access, _question(access, question_id), ReasonForm())
    with transaction.atomic():
        access = assessment_for(request, pk, Action.VERIFY, lock=True)
        return _corrected(request, access, _question(access, question_id))


def _corrected(request: HttpRequest, access: AssessmentAccess, asked: Question) -> HttpResponse:
    form = ReasonForm(request.POST)
    try:
        value = NOT_APPLICABLE if "not_applicable" in request.POST else raw_answer(asked, request.POST)
        problems = answer_problem(engine.standard_of(access.assessment), asked, value)
    except EmptyAnswerError:
        value, problems = None, [nothing_chosen()]
    if problems or not form.is_valid():
        return _correct_page(request, access, asked, form, problems=problems, value=value)
    try:
        services.answer_correct(
            assessment=access.assessment,
            question=asked.id,
            value=value,
            reason=form.cleaned_data["reason"],
            by=access.user,
            site=request.build_absolute_uri("/"),
        )
    except NotNowError as error:
        form.add_error(None, str(error.reason))
        return _correct_page(request, access, asked, form, value=value)
    return redirect(f"{reverse('assessment-review', args=[access.assessment.pk])}#{asked.id}")


def _correct_page(
    request: HttpRequest,
    access: AssessmentAccess,
    asked: Question,
    form: ReasonForm,
    *,
    problems: object = (),
    value: object = None,
) -> HttpResponse:
    entry = access.assessment.answers.get(asked.id)
    if entry is None:
        raise Http404
    context = {
        **_context(access),
        "question": shown_question(asked, entry["value"] if value is None else value),
        "words": in_words(access.assessment).words(asked),
        "form": form,
        "problems": problems,
    }
    bad = bool(problems) or bool(form.errors)
    return render(request, "advising/correct.html", context, status=422 if bad else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review_sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the summary before the sign-off, and sign off."""
    if request.method != "POST":
        access = assessment_for(request, pk, Action.VERIFY)
        return render(request, "advising/sign.html", {**_review_context(access), "form": SignForm()})
    form = SignForm(request.POST)
    with transaction.atomic():
        access = assessment_for(request, pk, Action.VERIFY, lock=True)
        if not form.is_valid():
            return render(
                request, "advising/sign.html", {**_review_context(access), "form": form}, status=422
            )
        try:
            services.review_sign(
                assessment=access.assessment,
                by=access.user,
                note=form.cleaned_data["note"],
                site=request.build_absolute_uri("/"),
            )
        except NotNowError as error:
            messages.error(request, error.reason)
        else:
            messages.success(request, gettext("Signed off. The owner gets a letter."))
    return redirect("assessment-review", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def objection_create(request: HttpRequest, pk: UUID, mark_id: int) -> HttpResponse:
    """Object to a correction."""
    form = ObjectionForm(request.POST or None)
    with transaction.atomic():
        access = assessment_for(request, pk, Action.OBJECT, lock=request.method == "POST")
        mark = _mark(access, mark_id)
        if request.method == "POST" and form.is_valid():
            try:
                services.objection_create(
                    assessment=access.assessment,
                    mark=mark,
                    text=form.cleaned_data["text"],
                    proposal=form.cleaned_data["proposal"],
                    by=access.user,
                    site=request.build_absolute_uri("/"),
                )
            except NotNowError as error:
                messages.error(request, error.reason)
            else:
                messages.success(request, gettext("Your objection is with the assessor."))
            return redirect(f"{reverse('assessment-review', args=[pk])}#{mark.question}")
    context = {**_correction_context(access, mark), "form": form}
    return render(request, "advising/objection.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def objection_answer(request: HttpRequest, pk: UUID, mark_id: int) -> HttpResponse:
    """Uphold an objection or reject it."""
    form = ObjectionAnswerForm(request.POST or None)
    with transaction.atomic():
        access = assessment_for(request, pk, Action.VERIFY, lock=request.method == "POST")
        objection = get_object_or_404(
            Objection.objects.select_related("by", "mark__by", "mark__review__assessment"),
            mark=_mark(access, mark_id),
        )
        # the row that is locked, not a second copy of it
        objection.mark.review.assessment = access.assessment
        if request.method == "POST" and form.is_valid() and _answered(request, access, objection, form):
            return redirect(f"{reverse('assessment-review', args=[pk])}#{objection.mark.question}")
    context = {**_correction_context(access, objection.mark), "objection": objection, "form": form}
    return render(request, "advising/objection_answer.html", context, status=422 if form.errors else 200)


def _answered(
    request: HttpRequest, access: AssessmentAccess, objection: Objection, form: ObjectionAnswerForm
) -> bool:
    """Answer an objection as the pressed button says; return whether the page is done."""
    act = services.objection_uphold if request.POST.get("do") == "uphold" else services.objection_reject
    try:
        act(
            assessment=access.assessment,
            objection=objection,
            answer=form.cleaned_data["answer"],
            by=access.user,
            site=request.build_absolute_uri("/"),
        )
    except NotNowError as error:
        form.add_error("answer", str(error.reason))
        return False
    messages.success(request, gettext("The firm gets a letter with your answer."))
    return True


def _mark(access: AssessmentAccess, mark_id: int) -> ReviewMark:
    rows = ReviewMark.objects.select_related("review", "by")
    return get_object_or_404(
        rows, pk=mark_id, review__assessment=access.assessment, kind=ReviewMark.Kind.CORRECTED
    )


def _correction_context(access: AssessmentAccess, mark: ReviewMark) -> dict[str, object]:
    """Return a correction with both answers in words."""
    assessment = access.assessment
    asked = _question(access, mark.question)
    former = services.former_value(assessment, mark)
    old = with_answers(assessment, {} if former is None else {asked.id: former})
    return {
        **_context(access),
        "mark": mark,
        "question": asked,
        "firm_said": in_words(old).words(asked),
        "now_says": in_words(assessment).words(asked),
    }


def _question(access: AssessmentAccess, question_id: str) -> Question:
    found = engine.standard_of(access.assessment).by_id.get(question_id)
    if found is None:
        raise Http404
    return found


def _context(access: AssessmentAccess) -> dict[str, object]:
    return {
        "access": access,
        "assessment": access.assessment,
        "standard": engine.standard_of(access.assessment),
        "tab": "review",
    }
