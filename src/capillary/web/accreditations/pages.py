"""What the page of an application for accreditation shows, to either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from capillary.matching.accrediting import OFFICE_FACTS, Act, Side, Status
from capillary.web import engine
from capillary.web.accreditations import judging, selectors, services
from capillary.web.accreditations.forms import ProposeForm
from capillary.web.accreditations.models import AccreditationDecision
from capillary.web.applications.forms import PaperForm, TextForm
from capillary.web.core.language import language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from capillary.incentives.evaluate import Entitlement
    from capillary.web.accreditations.models import AccreditationEvent, AccreditationRequest
    from capillary.web.accreditations.selectors import Visit

FORMS = ("paper", "submit", "appeal", "withdraw", "propose", "confirm", "return")
# what happens inside of the office until it decides
INSIDE = frozenset({"propose", "return"})


@dataclass(frozen=True)
class FactShown:
    """A fact as the page shows it.

    Attributes:
        value: what was told; None where nothing was.
        checked: what the office found out or corrected, or None.
        by_office: whether the office alone finds it out.
    """

    name: str
    value: object
    checked: Mapping[str, Any] | None
    by_office: bool


def facts_shown(row: AccreditationRequest, entitlement: Entitlement) -> list[FactShown]:
    """Return the facts that the rules ask for, told or not."""
    told = judging.told_by(row.provider) if row.state == Status.DRAFT else row.facts
    return [
        FactShown(name, told.get(name), row.checked.get(name), name in OFFICE_FACTS)
        for name in judging.asked_of(row.desk.programme, entitlement.day)
        if name in engine.accreditations().facts
    ]


def events_seen(visit: Visit) -> list[tuple[AccreditationEvent, str]]:
    """Return the steps with who made them; the provider sees the office as one body, and nothing of what it weighs."""
    office = visit.row.desk.organisation
    found = []
    for item in visit.row.events.select_related("by"):
        if not visit.is_office and item.act in INSIDE:
            continue
        name = "" if item.by is None else str(item.by)
        if item.office and not visit.is_office:
            name = office.in_(language())
        found.append((item, name))
    return found


def decisions_seen(visit: Visit) -> list[AccreditationDecision]:
    """Return the decisions; the office sees proposals that wait or were sent back as well."""
    rows = visit.row.decisions.select_related("proposed_by", "judged_by")
    return [row for row in rows if visit.is_office or row.state == AccreditationDecision.State.CONFIRMED]


def request_page(
    request: HttpRequest, visit: Visit, *, forms: Mapping[str, BaseForm] | None = None, status: int = 200
) -> HttpResponse:
    """Show an application.

    Args:
        request: the visitor's request.
        visit: who looks at it.
        forms: forms that were filled in wrongly, by name; they stand open as they were filled in.
        status: of the answer.
    """
    row, wrong = visit.row, dict(forms or {})
    context: dict[str, Any] = {"visit": visit, "row": row, "desk": row.desk, "page_address": visit.address}
    try:
        item = judging.judge(row)
    except judging.UnreadableError as error:
        context |= {"reason": error.reason, "decisions": decisions_seen(visit)}
        return render(request, "accreditations/unreadable.html", context)
    decisions = decisions_seen(visit)
    waiting = AccreditationDecision.State.WAITS
    checklist = selectors.checklist(row, item)
    listed = {entry.item.id for entry in checklist}
    context |= {
        "item": item,
        "programme": item.programme,
        "facts": facts_shown(row, item),
        "checklist": checklist,
        "other_papers": [paper for paper in row.papers.all() if paper.item not in listed],
        "decisions": [entry for entry in decisions if entry.state != waiting],
        "proposal": next((entry for entry in decisions if entry.state == waiting), None),
        "events": events_seen(visit),
        "may": {act.value.replace("-", "_"): visit.may(act) for act in Act},
        "why_not": _why_not(visit),
        "fit": selectors.fit_to_judge(row) if visit.is_office else None,
        "lacks": services.lacks_of(row, item) if row.state == Status.DRAFT else (),
        "is_draft": row.state == Status.DRAFT,
        "outcomes": selectors.outcomes_of(visit),
        "days_to_appeal": visit.standing.days_to_appeal,
        "forms": _forms(visit, item, wrong),
        "wrong": set(wrong),
    }
    return render(request, "accreditations/request.html", context, status=status)


def _why_not(visit: Visit) -> object:
    """Return why an officer cannot decide now, where there is something to decide."""
    acts = {
        Status.PROPOSED: Act.CONFIRM,
        Status.SUBMITTED: Act.PROPOSE,
        Status.APPEALED: Act.PROPOSE,
        Status.GRANTED: Act.PROPOSE,
    }
    act = acts.get(visit.row.state)
    return visit.hindrance(act) if visit.side == Side.OFFICE and act is not None else None


def _forms(visit: Visit, entitlement: Entitlement, wrong: Mapping[str, BaseForm]) -> dict[str, BaseForm]:
    made: dict[str, Any] = {
        "paper": lambda: PaperForm(items=entitlement.version.papers),
        "submit": lambda: TextForm(label=_("Remark (optional)"), required=False),
        "appeal": lambda: TextForm(label=_("What is wrong with the decision")),
        "withdraw": lambda: TextForm(label=_("Reason (optional)"), required=False),
        "propose": lambda: ProposeForm(outcomes=selectors.outcomes_of(visit)),
        "confirm": lambda: TextForm(label=_("Remark (optional)"), required=False),
        "return": lambda: TextForm(label=_("What has to change")),
    }
    found = {name: wrong.get(name) or made[name]() for name in FORMS}
    for name, form in found.items():
        form.auto_id = f"id_{name}_%s"  # several forms on one page
    return found
