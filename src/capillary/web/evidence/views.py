"""Pages about evidence: the overview, one answer with its evidence, the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.core.grades import Grade
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.evidence import selectors, services
from capillary.web.evidence.files.problem import BadFileError
from capillary.web.evidence.forms import FORMS, FilterForm, WithdrawForm, file_problem
from capillary.web.evidence.models import Evidence
from capillary.web.evidence.services import ClosedError, may_withdraw
from capillary.web.evidence.uploads import files_too_large

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from capillary.model.standard import Question
    from capillary.web.access import AssessmentAccess
    from capillary.web.assessments.models import Assessment
    from capillary.web.evidence.forms import _EvidenceForm

# Text is served with its encoding, so that nothing is left to guess.
UTF_8 = {"text/plain", "text/csv"}
FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
@never_cache
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show every answer with its grade, the two scores, and what would help most."""
    access = assessment_for(request, pk, Action.VIEW)
    standard = engine.standard_of(access.assessment)
    form = FilterForm(
        request.GET,
        grades=list(Grade.choices),
        dimensions=[(item.id, item.title.in_(language())) for item in standard.file.dimensions],
    )
    chosen = form.chosen()
    context = {
        "access": access,
        "assessment": access.assessment,
        "standard": standard,
        "overview": selectors.overview_of(access.assessment, chosen),
        "form": form,
        "filtered": bool(chosen),
        "may_add": access.may(Action.EVIDENCE),
    }
    return render(request, "evidence/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("upload", "120/h")
def question(request: HttpRequest, pk: UUID, question_id: str) -> HttpResponse:
    """Show one answer with its evidence, or add a piece."""
    action = Action.EVIDENCE if request.method == "POST" else Action.VIEW
    access = assessment_for(request, pk, action)
    asked = _question(access.assessment, question_id)
    if request.method != "POST":
        return _question_page(request, access, asked)
    kind = FORMS.get(request.POST.get("kind", ""))
    if kind is None:
        return _question_page(request, access, asked)
    # what takes long, the look into the file, comes before the row is locked
    form = kind(request.POST, request.FILES, dropped=files_too_large(request))
    if form.is_valid() and _added(request, pk, asked, form):
        return redirect("evidence-question", pk=pk, question_id=asked.id)
    return _question_page(request, access, asked, form)


def _added(request: HttpRequest, pk: UUID, asked: Question, form: _EvidenceForm) -> bool:
    """Add what a valid form holds; False with an error in the form where that is not possible."""
    try:
        with transaction.atomic():
            access = assessment_for(request, pk, Action.EVIDENCE, lock=True)
            services.evidence_add(
                assessment=access.assessment,
                question=asked.id,
                values=form.values(),
                by=access.user,
                role=access.role.value,
            )
    except BadFileError as bad:
        form.add_error("file", file_problem(form.cleaned_data["file"].name, bad))
        return False
    except ClosedError:
        form.add_error(None, _("Evidence can not be added to this answer any more."))
        return False
    grade = selectors.grade_in(access.assessment, asked.id)
    messages.success(request, _("Added. The grade of this answer: %(grade)s.") % {"grade": grade.label})
    return True


def _question(assessment: Assessment, question_id: str) -> Question:
    found = engine.standard_of(assessment).by_id.get(question_id)
    if found is None:
        raise Http404
    return found


def _question_page(
    request: HttpRequest, access: AssessmentAccess, asked: Question, wrong: _EvidenceForm | None = None
) -> HttpResponse:
    """Show the page; a form with errors stands open, as it was filled in."""
    assessment = access.assessment
    forms = [wrong if wrong and wrong.kind == kind else form() for kind, form in FORMS.items()]
    context = {
        "access": access,
        "assessment": assessment,
        "found": selectors.question_evidence(access, assessment, asked),
        "forms": forms,
        "wrong": None if wrong is None else wrong.kind,
        "may_add": access.may(Action.EVIDENCE),
        "may_answer": access.may(Action.ANSWER),
    }
    return render(request, "evidence/question.html", context, status=200 if wrong is None else 422)


@require_safe
@never_cache
def file(request: HttpRequest, pk: UUID, evidence_id: UUID) -> HttpResponseBase:
    """Serve the file of a piece of evidence, as a download that no browser opens as a page of ours."""
    access = assessment_for(request, pk, Action.VIEW)
    evidence = get_object_or_404(
        Evidence.objects.exclude(file=""), pk=evidence_id, assessment=access.assessment, withdrawn_at=None
    )
    try:
        stored = evidence.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = f"{evidence.file_type}; charset=utf-8" if evidence.file_type in UTF_8 else evidence.file_type
    return FileResponse(
        stored, as_attachment=True, filename=evidence.file_name, content_type=kind, headers=FILE_HEADERS
    )


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: UUID, evidence_id: UUID) -> HttpResponse:
    """Withdraw a piece of evidence."""
    form = WithdrawForm(request.POST)
    with transaction.atomic():
        access, evidence = _own(request, pk, evidence_id)
        if not form.is_valid():
            messages.error(request, _("Say in a few words why it is withdrawn (at most 300 signs)."))
        else:
            try:
                services.evidence_withdraw(
                    evidence=evidence, by=access.user, reason=form.cleaned_data["reason"]
                )
                messages.success(request, _("Withdrawn. It stands below, and you can put it back."))
            except ClosedError:
                messages.error(request, _("This assessment is signed off. Its evidence stays as it is."))
    return redirect("evidence-question", pk=pk, question_id=evidence.question)


@require_http_methods(["POST"])
def restore(request: HttpRequest, pk: UUID, evidence_id: UUID) -> HttpResponse:
    """Put a withdrawn piece of evidence back."""
    with transaction.atomic():
        access, evidence = _own(request, pk, evidence_id)
        try:
            services.evidence_restore(evidence=evidence, by=access.user)
            messages.success(request, _("It counts again."))
        except ClosedError:
            messages.error(request, _("This assessment is signed off. Its evidence stays as it is."))
    return redirect("evidence-question", pk=pk, question_id=evidence.question)


def _own(request: HttpRequest, pk: UUID, evidence_id: UUID) -> tuple[AssessmentAccess, Evidence]:
    """Return a piece of evidence that the visitor may withdraw, with the assessment's row locked."""
    access = assessment_for(request, pk, Action.EVIDENCE, lock=True)
    evidence = get_object_or_404(Evidence, pk=evidence_id, assessment=access.assessment)
    if not may_withdraw(access, evidence):
        raise Http404
    evidence.assessment = access.assessment
    return access, evidence
