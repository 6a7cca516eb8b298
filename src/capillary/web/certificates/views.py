"""Pages: a firm's certificates, what an issuer publishes, and verification for everybody."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.core import is_ratelimited

from capillary.credentials.keys import DID_WEB, pinned_keys
from capillary.credentials.verify import Trust, verify
from capillary.model.problems import InputError
from capillary.web.access import Action, assessment_for
from capillary.web.assessments.models import Assessment
from capillary.web.certificates.forms import IssueForm, VerifyForm
from capillary.web.certificates.models import IssuedCertificate
from capillary.web.certificates.paper import certificate_pdf
from capillary.web.certificates.services import (
    NotCompletedError,
    certificate_issue,
    certificate_revoke,
    issuer_keys,
    published_status,
)
from capillary.web.core.grades import Grade
from capillary.web.core.limits import limited
from capillary.web.results.readable import needs_standard
from capillary.web.results.views_files import PDF_LIMIT, PDF_TYPE

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.credentials.verify import Verification

KEPT = 300  # seconds that a published list may be kept by others
FILES = {
    "vc": ("document", "application/vc", "certificate.json"),
    "sd-jwt": ("token", "application/dc+sd-jwt", "certificate.txt"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_standard
@limited("certificates", "30/h")
def certificates(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List the certificates of an assessment, and issue one."""
    access = assessment_for(request, pk, Action.SHARE)
    assessment = access.assessment
    form = IssueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            certificate_issue(
                assessment=assessment,
                by=access.user,
                days=form.cleaned_data["days"],
                registration=form.cleaned_data["registration"].strip(),
                status_address=request.build_absolute_uri(reverse("certificate-status")),
            )
        except NotCompletedError:
            form.add_error(None, _("The assessment is still open. Complete it first."))
        else:
            messages.success(request, _("The certificate is issued."))
            return redirect("assessment-certificate", pk=pk)
    context = {
        "access": access,
        "assessment": assessment,
        "form": form,
        "is_open": assessment.status == Assessment.Status.OPEN,
        "issued": assessment.certificates.select_related("entry", "made_by"),
    }
    return render(request, "certificates/certificates.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def download(request: HttpRequest, pk: UUID, certificate: UUID, form: str) -> HttpResponse:
    """Send a certificate in one of its formats."""
    access = assessment_for(request, pk, Action.SHARE)
    row = get_object_or_404(IssuedCertificate, assessment=access.assessment, pk=certificate)
    if form == "pdf":
        return _paper(request, row)
    if form not in FILES:
        raise Http404
    field, kind, name = FILES[form]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(getattr(row, field), content_type=f"{kind}; charset=utf-8", headers=headers)


def _paper(request: HttpRequest, row: IssuedCertificate) -> HttpResponse:
    rate = settings.LIMITS.get("pdf", PDF_LIMIT)
    if is_ratelimited(
        request, group="pdf", key="user_or_ip", rate=rate, method=("GET", "HEAD"), increment=True
    ):
        return render(request, "429.html", status=429)
    try:
        content = certificate_pdf(row, request.build_absolute_uri(reverse("verify-certificate")))
    except InputError as error:
        context = {"assessment": row.assessment, "problems": error.problems}
        return render(request, "results/no_pdf.html", context, status=503)
    headers = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return HttpResponse(content, content_type=PDF_TYPE, headers=headers)


@require_http_methods(["POST"])
def revoke(request: HttpRequest, pk: UUID, certificate: UUID) -> HttpResponse:
    """Take a certificate back."""
    access = assessment_for(request, pk, Action.SHARE)
    row = get_object_or_404(IssuedCertificate, assessment=access.assessment, pk=certificate)
    certificate_revoke(certificate=row, by=access.user)
    messages.success(request, _("The certificate is taken back. Whoever checks it from now on is told so."))
    return redirect("assessment-certificate", pk=pk)


@require_safe
@cache_control(public=True, max_age=KEPT)
def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view gets its request
    """Publish the keys of this installation, with the succession of each."""
    return JsonResponse(issuer_keys().published())


@require_safe
@cache_control(public=True, max_age=KEPT)
def did(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view gets its request
    """Publish the DID document, with the keys of the past, where this installation is known as ``did:web``; to any site."""
    issuer = issuer_keys()
    if not issuer.did.startswith(DID_WEB):
        raise Http404
    return JsonResponse(issuer.document(), headers={"Access-Control-Allow-Origin": "*"})


@require_safe
@cache_control(public=True, max_age=KEPT)
def status(request: HttpRequest) -> HttpResponse:
    """Publish the list of certificates that were taken back."""
    return JsonResponse(published_status(request.build_absolute_uri(request.path)))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("verify", "120/h")
def check(request: HttpRequest) -> HttpResponse:
    """Verify a certificate for anybody: in the browser where it can, here where it is sent."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    found = None
    if request.method == "POST" and form.is_valid():
        found = _verified(request, form.cleaned_data["text"])
    context = {
        "form": form,
        "found": found,
        "claims": found and _claims(found),
        "raw": found and json.dumps(found.claims, ensure_ascii=False, indent=2),
        "grades": json.dumps({grade.value: str(grade.label) for grade in Grade}, ensure_ascii=False),
    }
    return render(request, "certificates/verify.html", context, status=422 if form.errors else 200)


def _verified(request: HttpRequest, text: str) -> Verification:
    """Return what is to be held of a credential: one of this installation against its own keys, any other by its own."""
    ours = tuple(pinned_keys(issuer_keys().published()))
    lists = (published_status(request.build_absolute_uri(reverse("certificate-status"))),)
    here = verify(text, Trust(int(time.time()), ours, lists))
    return here if here.claims else verify(text, Trust(int(time.time())))


def _claims(found: Verification) -> dict[str, object] | None:
    subject = found.claims.get("credentialSubject", found.claims)
    if not found.ours or not isinstance(subject, dict) or not isinstance(subject.get("assessment"), dict):
        return None
    grade = subject["assessment"].get("evidenceGrade")
    return {
        "name": subject.get("legalName"),
        "registration": subject.get("registrationNumber"),
        **subject["assessment"],
        "grade": dict(Grade.choices).get(grade, grade),
    }
