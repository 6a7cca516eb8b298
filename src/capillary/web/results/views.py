"""The result page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from capillary.web import engine
from capillary.web.access import Action, assessment_for

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@require_safe
def result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the result of an assessment."""
    access = assessment_for(request, pk, Action.VIEW)
    page = engine.page_of(engine.diagnosis_of(access.assessment), None)
    return render(
        request, "results/result.html", {"access": access, "assessment": access.assessment, "page": page}
    )
