"""Pages of outcomes: a firm's own with its consent, and the reviewer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.web.access import Action, Role, audit_read, enterprise_for, reviewer
from capillary.web.core.language import language
from capillary.web.core.refusals import RefusedError
from capillary.web.outcomes import selectors, services
from capillary.web.outcomes.forms import ReturnForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

PER_PAGE = 50


@require_safe
@never_cache
def outcomes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List what a firm has told of its projects, and whether it may be published."""
    access = enterprise_for(request, pk, Action.PROJECT)
    page = Paginator(selectors.outcomes_of(access.enterprise), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "page": page,
        "may_agree": access.may(Action.MANAGE),
        "least": selectors.least(),
    }
    return render(request, "outcomes/outcomes.html", context)


@require_http_methods(["POST"])
def agree(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree, as an owner, that an outcome is published without a name, or take that back."""
    access, row = selectors.outcome_for(request, pk, Action.MANAGE)
    user = access.user
    assert user is not None  # noqa: S101 - owners have an account
    if "withdraw" in request.POST:
        services.outcome_withdraw(outcome=row, by=user)
        messages.success(request, _("Taken back. The words are gone, and no further figure rests on it."))
    else:
        services.outcome_agree(outcome=row, by=user)
        messages.success(request, _("Thank you. It counts as soon as a reviewer has looked at it."))
    return redirect("outcomes", pk=access.enterprise.pk)


@require_http_methods(["POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete what was told."""
    access, row = selectors.outcome_for(request, pk, Action.MANAGE)
    services.outcome_delete(outcome=row, by=access.user)
    messages.success(request, _("Deleted."))
    return redirect("outcomes", pk=access.enterprise.pk)


# --- review -----------------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """List the outcomes that wait for review, the longest first."""
    page = Paginator(selectors.waiting(reviewer(request)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [selectors.shown(row) for row in page]
    return render(request, "outcomes/queue.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an outcome without the firm's name; let it count, with or without its words, or send it back with a reason."""
    user = reviewer(request)
    row = get_object_or_404(selectors.waiting(user), pk=pk)
    form = ReturnForm(request.POST if "return" in request.POST else None)
    if request.method == "POST":
        try:
            if "accept" in request.POST:
                services.outcome_accept(outcome=row, by=user, with_words=request.POST["accept"] == "words")
                messages.success(request, _("It counts now."))
                return redirect("outcome-review")
            if form.is_valid():
                services.outcome_return(outcome=row, by=user, reason=form.cleaned_data["reason"])
                messages.success(request, _("Sent back."))
                return redirect("outcome-review")
        except RefusedError as refused:
            messages.error(request, refused.reason.in_(language()))
            return redirect("outcome-review")
    else:
        audit_read(request, f"outcome {row.pk}", row.enterprise_id, Role.OFFICER)
    context = {
        "own": selectors.shown(row),
        "measures": selectors.titles(row.measures),
        "size": selectors.size_words(row),
        "form": form,
        "least": selectors.least(),
    }
    return render(request, "outcomes/review.html", context, status=422 if form.errors else 200)
