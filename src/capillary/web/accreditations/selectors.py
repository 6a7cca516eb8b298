"""Reads: who may see an application for accreditation, what a provider can apply for, and what waits for an office."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from capillary.matching.accrediting import (
    WAITING,
    Outcome,
    Person,
    Side,
    Standing,
    Status,
    hindrance,
    outcomes,
)
from capillary.web import engine
from capillary.web.access import Role, SignInNeeded, audit_read, organisations_of
from capillary.web.accounts.models import Position
from capillary.web.accreditations.judging import judged, told_by
from capillary.web.accreditations.models import AccreditationDecision, AccreditationRequest, Desk
from capillary.web.market.bonds import bound_people
from capillary.web.market.models import MarketProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from capillary.incentives.evaluate import Entitlement
    from capillary.matching.accrediting import Act
    from capillary.model.programme import Paper as PaperItem
    from capillary.model.text import Message
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.accreditations.models import AccreditationPaper

GROUPS: Mapping[str, frozenset[Status]] = {
    "waiting": WAITING,
    "accredited": frozenset({Status.GRANTED}),
    "over": frozenset({Status.REFUSED, Status.WITHDRAWN, Status.TAKEN_BACK}),
}


# --- who -------------------------------------------------------------------------------------------------------------


def provider_for(request: HttpRequest) -> MarketProvider | None:
    """Return the provider that a visitor works for; None where it has said nothing of itself yet.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor works for no provider.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    organisations = organisations_of(request.user, Role.PROVIDER)
    if not organisations.exists():
        raise Http404
    return MarketProvider.objects.filter(organisation__in=organisations).order_by("code").first()


def offices_for(request: HttpRequest) -> list[Organisation]:
    """Return the organisations whose officer a visitor is.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = list(organisations_of(request.user, Role.OFFICER))
    if not found:
        raise Http404
    return found


@dataclass(frozen=True)
class Visit:
    """A visitor who was let in to an application.

    Attributes:
        side: works for the provider, or for the office.
    """

    user: User
    row: AccreditationRequest
    side: Side

    @property
    def is_office(self) -> bool:
        """Whether the visitor works for the office."""
        return self.side == Side.OFFICE

    @property
    def address(self) -> str:
        """Where the application's page is."""
        return reverse("accreditation", args=[self.row.pk])

    @cached_property
    def standing(self) -> Standing:
        """Where the application stood when the visitor came."""
        return standing_of(self.row)

    def hindrance(self, act: Act) -> Message | None:
        """Return why the visitor may not do something now."""
        return hindrance(act, self.standing, Person(self.user.pk, self.side))

    def may(self, act: Act) -> bool:
        """Whether the visitor may do something now."""
        return self.hindrance(act) is None


def visit(request: HttpRequest, pk: UUID, side: Side | None = None) -> Visit:
    """Return an application and what the visitor is to it; a draft is its provider's alone.

    Args:
        request: the visitor's request.
        pk: the application's id.
        side: who is let in; None for both.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor has nothing to do with it, or there is no such application.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    row = (
        AccreditationRequest.objects.select_related("desk__organisation", "provider__organisation")
        .filter(pk=pk)
        .first()
    )
    found = None if row is None else _side(request.user, row)
    if row is None or found is None or side not in {None, found}:
        raise Http404
    if found == Side.OFFICE:
        audit_read(request, f"{request.method} {request.path}"[:200], None, Role.OFFICER)
    return Visit(request.user, row, found)


def _side(user: User, row: AccreditationRequest) -> Side | None:
    mine = Position.objects.filter(user=user)
    if mine.filter(organisation=row.provider.organisation_id, role=Position.Role.PROVIDER).exists():
        return Side.PROVIDER
    if (
        row.state != Status.DRAFT
        and mine.filter(organisation=row.desk.organisation_id, role=Position.Role.OFFICER).exists()
    ):
        return Side.OFFICE
    return None


def standing_of(row: AccreditationRequest) -> Standing:
    """Return where an application stands, as the engine takes it."""
    decisions = list(row.decisions.all())
    open_one = next((item for item in decisions if item.state == AccreditationDecision.State.WAITS), None)
    last = next(
        (item for item in reversed(decisions) if item.state == AccreditationDecision.State.CONFIRMED), None
    )
    judges = () if last is None else (last.proposed_by_id, last.judged_by_id)
    return Standing(
        status=row.state,
        round=row.round,
        holds=row.holds,
        before=Status(row.before) if row.before else None,
        proposer=None if open_one is None else open_one.proposed_by_id,
        judges=frozenset(item for item in judges if item is not None),
        bound=bound_people(row.provider),
        days_to_appeal=None if row.appeal_by is None else (row.appeal_by - timezone.localdate()).days,
    )


def outcomes_of(visit: Visit) -> tuple[Outcome, ...]:
    """Return what a visitor can propose now."""
    return outcomes(visit.standing) if visit.is_office else ()


# --- a provider's side -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Criteria:
    """One set of criteria, as it stands for a provider today.

    Attributes:
        item: what the rules say today with what was told.
        desks: the offices that take applications.
        requests: the provider's applications, the newest first.
    """

    item: Entitlement
    desks: Sequence[Desk]
    requests: Sequence[AccreditationRequest]

    @property
    def live(self) -> AccreditationRequest | None:
        """The application that is in somebody's hands, or the accreditation that holds."""
        begun = (row for row in self.requests if row.state in {Status.DRAFT, *WAITING} or row.holds)
        return next(begun, None)


def criteria_for(provider: MarketProvider) -> list[Criteria]:
    """Return every set of criteria with what is met, not met, and cannot be told yet.

    Raises:
        UnreadableError: what was told cannot be read any more.
    """
    day, told = timezone.localdate().isoformat(), told_by(provider)
    desks = list(Desk.objects.filter(is_open=True).select_related("organisation"))
    requests = list(provider.accreditation_requests.select_related("desk__organisation"))
    known = set_by_office(requests)
    return [
        Criteria(
            judged(name, {**known, **told}, day),
            [desk for desk in desks if desk.programme == name],
            [row for row in requests if row.desk.programme == name],
        )
        for name in sorted(engine.accreditations().programmes)
    ]


def set_by_office(requests: Sequence[AccreditationRequest]) -> dict[str, object]:
    """Return what an office found out of a provider in an accreditation that holds."""
    return {
        name: entry["value"] for row in reversed(requests) if row.holds for name, entry in row.checked.items()
    }


# --- papers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """An item of the checklist with the papers that were handed in for it."""

    item: PaperItem
    papers: Sequence[AccreditationPaper]


def checklist(row: AccreditationRequest, entitlement: Entitlement) -> list[Item]:
    """Return what the rules want to see, with what was handed in."""
    papers = list(row.papers.all())
    return [
        Item(item, [paper for paper in papers if paper.item == item.id])
        for item in entitlement.version.papers
    ]


# --- the office's side -----------------------------------------------------------------------------------------------


def requests_of(offices: Sequence[Organisation], group: str, words: str) -> QuerySet[AccreditationRequest]:
    """Return the applications to some offices, the longest waiting first; drafts are nobody's but the provider's.

    Args:
        offices: whose officer the visitor is.
        group: one of `GROUPS`.
        words: in a provider's name, or a number.
    """
    rows = AccreditationRequest.objects.filter(
        desk__organisation__in=offices, status__in=GROUPS[group]
    ).select_related("desk__organisation", "provider")
    for word in words.split():
        found = Q(provider__name_zh__icontains=word) | Q(provider__name_en__icontains=word)
        digits = word.rpartition("-")[2]
        if digits.isdigit() and len(digits) < 10:
            found |= Q(number=int(digits))
        rows = rows.filter(found)
    return rows.order_by("submitted_at" if group == "waiting" else "-changed_at", "pk")


def counts_for(offices: Sequence[Organisation]) -> dict[str, int]:
    """Return how many applications each group has."""
    return {name: requests_of(offices, name, "").count() for name in GROUPS}


def fit_to_judge(row: AccreditationRequest) -> int:
    """Return how many officers of the office may decide now: not bound, and without a part in what is appealed."""
    standing = standing_of(row)
    officers = set(
        Position.objects.filter(
            organisation=row.desk.organisation_id, role=Position.Role.OFFICER, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    out = standing.bound | (standing.judges if row.round > 1 else frozenset())
    return len(officers - out)
