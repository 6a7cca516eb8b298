"""The result page, the history of an enterprise under a standard, and the way on to another standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import assessment_start
from capillary.web.core.http import go
from capillary.web.core.limits import limited
from capillary.web.enterprises.models import Consent
from capillary.web.results import selectors
from capillary.web.results.charts import dimension_chart, history_chart
from capillary.web.results.peers import LEAST_PEERS, peers_of
from capillary.web.results.readable import needs_standard
from capillary.web.results.services import peers_keep_fresh
from capillary.web.results.shown import result_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import AssessmentAccess


@require_safe
@never_cache
@needs_standard
def result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the result of an assessment."""
    access = assessment_for(request, pk, Action.VIEW)
    assessment = access.assessment
    peers_keep_fresh()
    found = result_of(assessment)
    siblings = selectors.siblings_of(assessment)
    context = {
        "access": access,
        "may": _may(access),
        "assessment": assessment,
        "result": found,
        "page": found.page,
        "latest": siblings.latest,
        "same": siblings.same,
        "peers": peers_of(assessment),
        "least_peers": LEAST_PEERS,
        "counted": _counted(assessment),
        "chart": dimension_chart(found.page),
    }
    return render(request, "results/result.html", context)


def _may(access: AssessmentAccess) -> dict[str, bool]:
    """Return what the visitor may do, by the action's name, for the template."""
    is_open = access.assessment.status == Assessment.Status.OPEN
    return {
        "start": access.may(Action.ANSWER),
        "answer": access.may(Action.ANSWER) and is_open,
        "share": access.may(Action.SHARE),
        "claim": access.may(Action.CLAIM),
        "evidence": access.may(Action.EVIDENCE),
        "manage": access.may(Action.MANAGE),
    }


def _counted(assessment: Assessment) -> bool:
    """Return whether the enterprise agreed to be counted among peers."""
    return Consent.objects.filter(
        enterprise=assessment.enterprise_id, purpose=Consent.Purpose.BENCHMARK, withdrawn_at=None
    ).exists()


@require_safe
@never_cache
@needs_standard
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the enterprise's assessments under the standard, and what changed between two of them."""
    access = assessment_for(request, pk, Action.VIEW)
    same = selectors.siblings_of(access.assessment).same
    two = selectors.two_of(same, request.GET.get("from"), request.GET.get("to"))
    context = {
        "access": access,
        "may": _may(access),
        "assessment": access.assessment,
        "same": same,
        "changes": None if two is None else selectors.changes_between(*two),
        "chart": history_chart(same) if len(same) > 1 else None,
    }
    return render(request, "results/history.html", context)


@require_http_methods(["POST"])
@limited("across", "60/h")
def across_start(request: HttpRequest, pk: UUID, standard: str) -> HttpResponse:
    """Start the assessment under another standard, with what is known already, or go on with the one that is open.

    The assessment's own standard starts the next one of the history.
    """
    with transaction.atomic():
        access = assessment_for(request, pk, Action.ANSWER)
        if standard not in engine.standards():
            raise Http404
        variant = access.assessment.variant if standard == access.assessment.standard else ""
        started = assessment_start(
            enterprise=access.enterprise, standard=standard, by=access.user, variant=variant
        )
    if request.headers.get("HX-Request"):
        return go(request, reverse("interview", args=[started.pk]))
    return redirect("interview", pk=started.pk)
