"""Assessments: score and answers, new answers, the next question, the result, the revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.db import transaction
from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from django.utils.translation import gettext as _
from ninja import Query, Router

from capillary.model.problems import Place, Problem, did_you_mean
from capillary.model.text import msg
from capillary.sheets.answers import meant_by
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.api import selectors, shown
from capillary.web.api.problems import ApiProblem, not_found, unusable
from capillary.web.api.schemas import (
    AnswerIn,
    AnswersIn,
    AssessmentOut,
    NextOut,
    PageIn,
    PageOut,
    ResultOut,
    RevisionOut,
    TakeBackQuery,
)
from capillary.web.assessments.forms import answer_problem
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import Author, Change, answers_change, assessment_complete

if TYPE_CHECKING:
    from capillary.web.access import AssessmentAccess

router = Router(tags=["assessments"])


@router.get(
    "/assessments/{uuid:assessment_id}",
    response=AssessmentOut,
    operation_id="assessment",
    url_name="assessment",
    summary="Read an assessment",
)
def assessment(request: HttpRequest, assessment_id: UUID) -> Any:
    """Return score, level, dimensions and answers of an assessment."""
    return shown.assessment(assessment_for(request, assessment_id, Action.VIEW).assessment)


@router.put(
    "/assessments/{uuid:assessment_id}/answers",
    response=AssessmentOut,
    operation_id="answers_put",
    url_name="answers",
    summary="Answer several questions",
)
def answers_put(request: HttpRequest, assessment_id: UUID, body: AnswersIn) -> Any:
    """Answer several questions at once: all are taken or none. An answer that stays what it was makes no revision."""
    with transaction.atomic():
        access = _for_writing(request, assessment_id, body.revision)
        return _changed(access, body.answers, body.reason, "body.answers.{}")


@router.put(
    "/assessments/{uuid:assessment_id}/answers/{str:question}",
    response=AssessmentOut,
    operation_id="answer_put",
    url_name="answer",
    summary="Answer a question",
)
def answer_put(request: HttpRequest, assessment_id: UUID, question: str, body: AnswerIn) -> Any:
    """Answer one question. An answer that stays what it was makes no revision."""
    with transaction.atomic():
        access = _for_writing(request, assessment_id, body.revision, question)
        return _changed(access, {question: body.value}, body.reason, "body.value")


@router.delete(
    "/assessments/{uuid:assessment_id}/answers/{str:question}",
    response=AssessmentOut,
    operation_id="answer_take_back",
    url_name="answer",
    summary="Take an answer back",
)
def answer_delete(
    request: HttpRequest, assessment_id: UUID, question: str, query: Query[TakeBackQuery]
) -> Any:
    """Take an answer back: the question is open again. The revisions keep what it was."""
    with transaction.atomic():
        access = _for_writing(request, assessment_id, query.revision, question)
        return _changed(access, {question: None}, "", "")


@router.post(
    "/assessments/{uuid:assessment_id}/complete",
    response=AssessmentOut,
    operation_id="assessment_complete",
    url_name="complete",
    summary="Complete an assessment",
)
def complete(request: HttpRequest, assessment_id: UUID) -> Any:
    """Close an assessment: from now on it counts in lists and figures. Doing it twice changes nothing."""
    with transaction.atomic():
        access = assessment_for(request, assessment_id, Action.ANSWER, lock=True)
        return shown.assessment(assessment_complete(assessment=access.assessment, by=access.user))


@router.get(
    "/assessments/{uuid:assessment_id}/next",
    response=NextOut,
    operation_id="next_question",
    url_name="next",
    summary="Ask for the next question",
)
def next_question(request: HttpRequest, assessment_id: UUID) -> Any:
    """Return the question that settles the level soonest."""
    return shown.next_step(assessment_for(request, assessment_id, Action.ANSWER).assessment)


@router.get(
    "/assessments/{uuid:assessment_id}/result",
    response=ResultOut,
    operation_id="result",
    url_name="result",
    summary="Read the result",
)
def result(request: HttpRequest, assessment_id: UUID) -> Any:
    """Return the whole diagnosis: the account of the score, findings, nearest ways, peers, other standards."""
    return engine.diagnosis_of(assessment_for(request, assessment_id, Action.VIEW).assessment).as_json()


@router.get(
    "/assessments/{uuid:assessment_id}/revisions",
    response=PageOut[RevisionOut],
    operation_id="revisions",
    url_name="revisions",
    summary="List the revisions",
)
def revisions(request: HttpRequest, assessment_id: UUID, page: Query[PageIn]) -> Any:
    """Return every change of every answer, the first one first."""
    access = assessment_for(request, assessment_id, Action.VIEW)
    rows = Revision.objects.filter(assessment=access.assessment).select_related("by").order_by("number")
    return selectors.page(rows, page, lambda row: shown.revision(row, names=access.sees_people))


def _for_writing(
    request: HttpRequest, pk: UUID, seen: int | None, question: str | None = None
) -> AssessmentAccess:
    """Return the assessment, locked, if it can still be answered and is what the caller has seen.

    Raises:
        ApiProblem: it has no such question (404), it is closed, or somebody was quicker (409).
    """
    access = assessment_for(request, pk, Action.ANSWER, lock=True)
    assessment = access.assessment
    if question is not None and question not in engine.standard_of(assessment).by_id:
        raise not_found()
    if assessment.status != Assessment.Status.OPEN:
        raise ApiProblem(
            409, "assessment-closed", _("The assessment is completed. Start the next one to answer anew.")
        )
    if seen is not None and seen != assessment.revision:
        raise ApiProblem(
            409,
            "revision-passed",
            _("Revision %(seen)s is not the last one any more: that is %(last)s. Read the assessment again.")
            % {"seen": seen, "last": assessment.revision},
        )
    return access


def _changed(access: AssessmentAccess, answers: dict[str, Any], reason: str, path: str) -> Any:
    """Change answers and return the assessment; ``path`` says where in the request an answer stands."""
    standard = engine.standard_of(access.assessment)
    for name, value in answers.items():
        before = path.format(name[:60])
        asked = standard.by_id.get(name)
        if asked is None:
            cause = msg("{standard} has no question {question}.", standard=standard.id, question=name[:60])
            remedy = did_you_mean(name, meant_by(name, standard.by_id) or standard.by_id)
            raise unusable([Problem("unknown-question", Place(), cause, remedy)], before)
        problems = [] if value is None else answer_problem(standard, asked, value)
        if problems:
            raise unusable(problems, before)
    changes = [Change(name, value, reason) for name, value in answers.items()]
    author = Author(access.user, Revision.Origin.API)
    return shown.assessment(answers_change(assessment=access.assessment, changes=changes, author=author))
