"""What the page of a match shows, to either side and to a mediator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from capillary.matching.life import Act, Side, Status
from capillary.matching.words import record_words
from capillary.web.matches import raising, selectors, services
from capillary.web.matches.forms import (
    ConfirmForm,
    ContractForm,
    DeliverForm,
    MeasureForm,
    MessageForm,
    QuoteForm,
    RateForm,
    SettleForm,
    TextForm,
)
from capillary.web.matches.telling import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from capillary.model.scenario import Scenario
    from capillary.web.matches.models import MatchEvent
    from capillary.web.matches.selectors import Visit


def match_page(
    request: HttpRequest, visit: Visit, *, forms: Mapping[str, BaseForm] | None = None, status: int = 200
) -> HttpResponse:
    """Show a match.

    Args:
        request: the visitor's request.
        visit: who looks at it.
        forms: forms that were filled in wrongly, by name; they stand open as they were filled in.
        status: of the answer.
    """
    match, wrong = visit.match, dict(forms or {})
    quotes = list(match.quotes.all())
    sees_thread = match.named and (not visit.is_officer or match.complaint_at is not None)
    context = {
        "visit": visit,
        "match": match,
        "need": match.need,
        "lead": visit.lead,
        "offer": visit.offer,
        "provider": visit.provider,
        "record": record_words(visit.provider.record),
        "reasons": visit.reasons,
        "quotes": quotes,
        "thread": list(match.thread.select_related("by")) if sees_thread else [],
        "steps": steps_of(visit),
        "due": selectors.due_on(match),
        "waits_for_firm": selectors.waits_for_firm(match),
        "may": {act.value: visit.may(act) for act in Act},
        "raised": raising.would_raise(match) if visit.may(Act.CONFIRM) else [],
        "measured": services.measured_of(match) if match.cost is not None else None,
        "forms": _forms(visit, wrong, quotes[0].number if quotes else 0),
        "wrong": set(wrong),
        "is_helper": visit.side == Side.HELPER,
        "solved": _solved(visit),
        "is_ended": match.state in {Status.REFUSED, Status.WITHDRAWN, Status.ENDED},
    }
    return render(request, "matches/match.html", context, status=status)


def _solved(visit: Visit) -> list[Scenario]:
    """Return the scenarios of which a firm can tell what came of them."""
    source = source_of(visit.match) if visit.is_firm else None
    return [] if source is None else source.scenarios()


def steps_of(visit: Visit) -> list[tuple[MatchEvent, str]]:
    """Return the steps of a match with the person who made each, whom only the own side sees."""
    own = "firm" if visit.is_firm else visit.side.value
    found = []
    for event in visit.match.events.select_related("by"):
        is_own = event.by is not None and event.side == own
        found.append((event, str(event.by) if is_own else ""))
    return found


def _forms(visit: Visit, wrong: Mapping[str, BaseForm], quote: int) -> dict[str, BaseForm]:
    match = visit.match
    made: dict[str, Any] = {
        "refuse": lambda: TextForm(label=_("Reason, for the other side to read")),
        "withdraw": lambda: TextForm(label=_("Reason, for the other side to read")),
        "return": lambda: TextForm(label=_("What has to change")),
        "reject": lambda: TextForm(label=_("What is missing")),
        "complain": lambda: TextForm(
            label=_("What went wrong"),
            help_text=_(
                "Officers of the programmes in which the firm takes part read this, and the whole match with it."
            ),
        ),
        "drop": lambda: TextForm(label=_("Reason (optional)"), required=False),
        "message": MessageForm,
        "quote": lambda: QuoteForm(currency=match.need.currency),
        "contract": lambda: ContractForm(quote=quote),
        "deliver": DeliverForm,
        "confirm": ConfirmForm,
        "measure": lambda: MeasureForm(currency=match.contract_currency, amount=match.contract_amount),
        "rate": RateForm,
        "settle": SettleForm,
    }
    found = {name: wrong.get(name) or make() for name, make in made.items()}
    for name, form in found.items():
        form.auto_id = f"id_{name}_%s"  # several forms on one page
    return found
