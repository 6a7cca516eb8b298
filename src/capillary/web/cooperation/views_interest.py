"""Pages of an interest: expressed, answered, talked about; names once both have agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from capillary.matching.partner_life import InterestAct
from capillary.model.problems import InputError
from capillary.web.access import Action, signed_in
from capillary.web.cooperation import levels, selectors, services
from capillary.web.cooperation.forms import InterestForm, MessageForm, WhyForm
from capillary.web.cooperation.selectors import visit
from capillary.web.cooperation.views import partner_page
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.cooperation.forms import PartnerForm
    from capillary.web.cooperation.models import InterestEvent
    from capillary.web.cooperation.selectors import Visit


@require_POST
@limited("partners", "120/h")
def express(request: HttpRequest, reference: str) -> HttpResponse:
    """Express an interest in a profile."""
    user = signed_in(request)
    enterprises = selectors.enterprises_of(user)
    if not enterprises:
        raise Http404
    row = selectors.standing_by(reference)
    form = InterestForm(request.POST, enterprises=enterprises)
    if form.is_valid():
        try:
            made = services.interest_express(
                profile=row, enterprise=form.chosen, values=form.values(), by=user
            )
        except InputError as error:
            form.refuse_input(error)
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(
                request,
                _("Sent, without your name. If the other side agrees, both of you see who the other is."),
            )
            return redirect("interest", pk=made.pk)
    return partner_page(request, row, form, 422)


def interest_page(
    request: HttpRequest,
    seen: Visit,
    *,
    forms: Mapping[str, PartnerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show an interest to either side.

    Args:
        request: the visitor's request.
        seen: who looks at it.
        forms: forms that were filled in wrongly, by name; they stand open as they were filled in.
        status: of the answer.
    """
    row, wrong = seen.interest, dict(forms or {})
    standard = levels.reader_standard(request)
    source = row if seen.is_publisher else row.profile
    context = {
        "visit": seen,
        "interest": row,
        "profile": row.about,
        "stands": row.profile.public is not None,
        "thread": list(row.thread.all()),
        "steps": steps_of(seen),
        "standard": standard,
        "seen": selectors.level_seen(source, standard),
        "may": {act.value: seen.may(act) for act in InterestAct},
        "forms": {
            name: wrong.get(name) or kind()
            for name, kind in (
                ("decline", WhyForm), ("withdraw", WhyForm), ("end", WhyForm), ("message", MessageForm),
            )
        },
        "wrong": set(wrong),
    }  # fmt: skip
    for name, form in context["forms"].items():
        form.auto_id = f"id_{name}_%s"  # several forms on one page
    return render(request, "cooperation/interest.html", context, status=status)


def steps_of(seen: Visit) -> list[tuple[InterestEvent, str]]:
    """Return the steps of an interest with the person who made each, whom only the own side sees."""
    return [
        (event, str(event.by) if event.by is not None and event.side == seen.side else "")
        for event in seen.interest.events.select_related("by")
    ]


@require_safe
@never_cache
def interest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an interest."""
    return interest_page(request, visit(request, pk))


@require_POST
@limited("partners", "120/h")
def agree(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree to be named."""
    seen = visit(request, pk, action=Action.MANAGE)
    try:
        services.interest_agree(visit=seen)
        messages.success(request, _("Both have agreed. Now each of you sees who the other is."))
    except RefusedError as error:
        messages.error(request, error.reason.in_(language()))
    return redirect(seen.address)


def _with_words(
    request: HttpRequest, pk: UUID, name: str, act: Callable[..., object], said: str
) -> HttpResponse:
    action = Action.MATCH if name == "message" else Action.MANAGE
    seen = visit(request, pk, action=action)
    form = MessageForm(request.POST) if name == "message" else WhyForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"].replace("\r\n", "\n").strip()
        try:
            act(visit=seen, **{"text" if name == "message" else "why": text})
        except InputError as error:
            form.refuse_input(error)
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, said)
            return redirect(seen.address)
    return interest_page(request, seen, forms={name: form}, status=422)


@require_POST
@limited("partners", "120/h")
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decline with a reason."""
    return _with_words(request, pk, "decline", services.interest_decline, _("Declined, without your name."))


@require_POST
@limited("partners", "120/h")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw the own interest."""
    return _with_words(request, pk, "withdraw", services.interest_withdraw, _("Withdrawn."))


@require_POST
@limited("partners", "120/h")
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End what both agreed on."""
    return _with_words(request, pk, "end", services.interest_end, _("Ended. Nobody writes here any more."))


@require_POST
@limited("partners", "120/h")
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask, answer or write."""
    return _with_words(request, pk, "message", services.message_write, _("Sent."))
