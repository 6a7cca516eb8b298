"""What advisers and assessors have to do: firms and assessments, searched and sorted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from capillary.web import engine
from capillary.web.access import Role, works_with
from capillary.web.advising.models import Objection
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Invitation, Member

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise

PER_PAGE = 25
HEAVY = ("answers", "asked", "grades", "carried", "dimensions")
STATES = ("to-verify", "in-work", "objections", "signed")


@dataclass
class FirmRow:
    """One firm on an adviser's list.

    Attributes:
        last: its last assessment that is completed or signed off.
        open: assessments that are still being answered.
        may_withdraw: whether the adviser added it and it never had an owner.
    """

    enterprise: Enterprise
    owners: list[str] = field(default_factory=list)
    invited: str = ""
    last: Assessment | None = None
    open: list[OpenAssessment] = field(default_factory=list)
    may_withdraw: bool = False


@dataclass(frozen=True)
class OpenAssessment:
    """An assessment that is still being answered."""

    assessment: Assessment
    questions: int

    @property
    def left(self) -> int:
        """How many questions have no answer."""
        return max(0, self.questions - self.assessment.answered)


def advised_firms(user: User, search: str) -> QuerySet[Enterprise]:
    """Return the firms that a user advises, by name."""
    firms = works_with(user, Role.ADVISER)
    return (firms.filter(name__icontains=search) if search else firms).order_by("name", "pk")


def firms_to_withdraw(user: User) -> QuerySet[Enterprise]:
    """Return the firms that a user added as an adviser and that never had an owner."""
    added = Member.objects.filter(role=Member.Role.ADVISER, user=user, let_in_by=user, until=None)
    owned = Member.objects.filter(role=Member.Role.OWNER)
    return (
        works_with(user, Role.ADVISER)
        .filter(pk__in=added.values("enterprise"))
        .exclude(pk__in=owned.values("enterprise"))
    )


def firm_rows(firms: Sequence[Enterprise], user: User) -> list[FirmRow]:
    """Return a page of firms with their owners and assessments, in four queries however many there are."""
    rows: dict[UUID, FirmRow] = {firm.pk: FirmRow(firm) for firm in firms}
    for pk in firms_to_withdraw(user).filter(pk__in=rows).values_list("pk", flat=True):
        rows[pk].may_withdraw = True
    owners = Member.objects.filter(enterprise__in=rows, role=Member.Role.OWNER, until=None)
    for member in owners.select_related("user").order_by("since"):
        rows[member.enterprise_id].owners.append(str(member.user))
    invitations = Invitation.objects.waiting().filter(enterprise__in=rows, role=Member.Role.OWNER)
    for invitation in invitations:
        rows[invitation.enterprise_id].invited = invitation.email
    for found in Assessment.objects.filter(enterprise__in=rows).defer(*HEAVY).order_by("-started_at"):
        row = rows[found.enterprise_id]
        if found.status == Assessment.Status.OPEN:
            standard = engine.standards().get(found.standard)
            row.open.append(OpenAssessment(found, len(standard.questions) if standard else 0))
        elif row.last is None:
            row.last = found
    return list(rows.values())


def assessments_to_verify(user: User, search: str, state: str) -> QuerySet[Assessment]:
    """Return the completed and signed assessments of enterprises that a user verifies, what waits longest first.

    Args:
        user: the assessor.
        search: part of an enterprise's name.
        state: one of `STATES`, or empty for all.
    """
    rows = (
        Assessment.objects.filter(enterprise__in=works_with(user, Role.ASSESSOR))
        .exclude(status=Assessment.Status.OPEN)
        .defer(*HEAVY)
        .select_related("enterprise", "review", "signed_by")
        .annotate(
            marked=Count("review__marks__question", distinct=True),
            waiting=Count(
                "review__marks__objection",
                filter=Q(review__marks__objection__state=Objection.State.OPEN),
                distinct=True,
            ),
        )
    )
    if search:
        rows = rows.filter(enterprise__name__icontains=search)
    return _in_state(rows, state).order_by(F("signed_at").desc(nulls_first=True), "completed_at", "pk")


def _in_state(rows: QuerySet[Assessment], state: str) -> QuerySet[Assessment]:
    match state:
        case "to-verify":
            return rows.filter(status=Assessment.Status.COMPLETED, review=None)
        case "in-work":
            return rows.filter(status=Assessment.Status.COMPLETED, review__isnull=False)
        case "objections":
            return rows.filter(waiting__gt=0)
        case "signed":
            return rows.filter(status=Assessment.Status.SIGNED)
        case _:
            return rows
