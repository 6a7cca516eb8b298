"""What the page of an application shows, to either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from capillary.incentives.applying import WAITING, Act, Status
from capillary.incentives.evaluate import AIDS
from capillary.web import engine
from capillary.web.applications import judging, seen, selectors, services
from capillary.web.applications.forms import (
    AskForm,
    PaidForm,
    PaperForm,
    ProposeForm,
    SpendForm,
    SubmitForm,
    TextForm,
)
from capillary.web.applications.models import Payment
from capillary.web.applications.refusals import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from capillary.incentives.evaluate import Entitlement
    from capillary.web.applications.models import Application
    from capillary.web.applications.selectors import Visit

FORMS = (
    "spend", "paper", "submit", "answer", "appeal", "withdraw", "ask", "propose", "confirm", "return",
)  # fmt: skip


@dataclass(frozen=True)
class FactShown:
    """A fact as the page shows it.

    Attributes:
        value: what was told; None where nothing was.
        checked: the correction of the office, or None.
    """

    name: str
    value: object
    checked: Mapping[str, Any] | None

    @property
    def counts(self) -> object:
        """The value that counts."""
        return self.value if self.checked is None else self.checked["value"]


def facts_shown(application: Application) -> list[FactShown]:
    """Return the facts that the programme asks for, told or not."""
    rules = engine.rules()
    draft = application.state == Status.DRAFT
    facts = judging.told_now(application).facts if draft else application.facts
    names = [name for name in judging.asked_of(application) if name != AIDS and rules.giver(name) is None]
    return [FactShown(name, facts.get(name), application.checked.get(name)) for name in names]


def application_page(
    request: HttpRequest, visit: Visit, *, forms: Mapping[str, BaseForm] | None = None, status: int = 200
) -> HttpResponse:
    """Show an application.

    Args:
        request: the visitor's request.
        visit: who looks at it.
        forms: forms that were filled in wrongly, by name; they stand open as they were filled in.
        status: of the answer.
    """
    application = visit.application
    try:
        entitlement = judging.judge(application)
    except UnreadableError as error:
        return _unreadable_page(request, visit, error)
    programme = judging.programme_of(application)
    wrong = dict(forms or {})
    context = {
        "page_address": visit.address,
        "visit": visit,
        "application": application,
        "call": application.call,
        "programme": programme,
        "item": entitlement,
        "facts": facts_shown(application),
        "spends": application.spends.all(),
        "categories": judging.categories_of(application),
        "doubts": seen.doubts_seen(visit),
        "earlier": selectors.earlier_of(application) if visit.is_office else (),
        "fit_to_judge": _fit_to_judge(visit),
        "zone": settings.TIME_ZONE,
        "checklist": selectors.checklist(application, entitlement),
        "other_papers": application.papers.filter(item=""),
        "questions": list(application.questions.all()),
        "decisions": seen.decisions_seen(visit),
        "payments": [(row, _paid_form(row, wrong)) for row in application.payments.all()],
        "events": application.events.select_related("by"),
        "place": selectors.line_in(application.call).get(application.pk)
        if application.state in WAITING
        else None,
        "may": {act.value.replace("-", "_"): visit.may(act) for act in Act},
        "why_not": _why_not(visit),
        "forms": _forms(visit, entitlement, wrong),
        "wrong": set(wrong),
        "lacks": services.lacks_of(application, entitlement) if application.state == Status.DRAFT else (),
        "days_to_appeal": visit.standing.days_to_appeal,
        "declared_level": _declared(application),
        "is_draft": application.state == Status.DRAFT,
        "paid_state": Payment.State.PAID,
    }
    return render(request, "applications/application.html", context, status=status)


def _unreadable_page(request: HttpRequest, visit: Visit, error: UnreadableError) -> HttpResponse:
    """Show what is kept of an application whose rules cannot be read; the enterprise may still withdraw it."""
    context = {
        "visit": visit,
        "application": visit.application,
        "call": visit.application.call,
        "reason": error.reason,
        "may_withdraw": visit.may(Act.WITHDRAW),
        "decisions": seen.decisions_seen(visit),
        "page_address": visit.address,
    }
    return render(request, "applications/unreadable.html", context)


def _fit_to_judge(visit: Visit) -> int | None:
    """Return how many officers may decide an appeal, where there is one to decide."""
    application = visit.application
    wanted = visit.is_office and application.round > 1 and application.state in WAITING
    return selectors.fit_to_judge(application) if wanted else None


def _paid_form(payment: Payment, wrong: Mapping[str, BaseForm]) -> BaseForm:
    """Return the form that confirms one payment; the ids of its fields are its own."""
    found = wrong.get(f"paid-{payment.number}") or PaidForm()
    found.auto_id = f"id_paid{payment.number}_%s"
    return found


def _declared(application: Application) -> int | None:
    """Return the level that the answers say, where it is certain."""
    row = application.assessment
    return None if row is None or row.level_low != row.level_high else row.level_low


def _why_not(visit: Visit) -> object:
    """Return why an officer cannot decide now, where there is something to decide."""
    acts = {Status.PROPOSED: Act.CONFIRM, Status.SUBMITTED: Act.PROPOSE, Status.APPEALED: Act.PROPOSE}
    act = acts.get(visit.application.state)
    return visit.hindrance(act) if visit.is_office and act is not None else None


def _forms(visit: Visit, entitlement: Entitlement, wrong: Mapping[str, BaseForm]) -> dict[str, BaseForm]:
    application = visit.application
    most: Decimal | None = None if entitlement.money is None else entitlement.money.low
    made: dict[str, Any] = {
        "spend": lambda: SpendForm(categories=judging.categories_of(application)),
        "paper": lambda: PaperForm(items=entitlement.version.papers),
        "submit": SubmitForm,
        "answer": lambda: TextForm(label=_("Answer to the office")),
        "appeal": lambda: TextForm(label=_("What is wrong with the decision")),
        "withdraw": lambda: TextForm(label=_("Reason (optional)"), required=False),
        "ask": AskForm,
        "propose": lambda: ProposeForm(most=most, currency=application.call.currency),
        "confirm": lambda: TextForm(label=_("Remark (optional)"), required=False),
        "return": lambda: TextForm(label=_("What has to change")),
    }
    found = {name: wrong.get(name) or made[name]() for name in FORMS}
    for name, form in found.items():
        form.auto_id = f"id_{name}_%s"  # several forms on one page
    return found
