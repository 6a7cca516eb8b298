"""Reads of enterprises for their people's pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils import timezone

from capillary.web import engine
from capillary.web.access import visible_enrolments
from capillary.web.accounts.models import Position, User
from capillary.web.assessments.models import Assessment
from capillary.web.enterprises.models import Consent, Enterprise, Invitation, Member
from capillary.web.programmes.models import Enrolment, Programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from capillary.model.standard import Dimension, Question

FIRM_ROLES = (Member.Role.OWNER, Member.Role.COLLEAGUE)
GUEST_ROLES = (Member.Role.ADVISER, Member.Role.ASSESSOR)
PER_PAGE = 10
MOST_GUESTS = 5
# What a list shows of an assessment; the answers themselves stay in the database.
LISTED = (
    "id",
    "enterprise",
    "standard",
    "variant",
    "number",
    "status",
    "started_at",
    "changed_at",
    "completed_at",
    "signed_at",
    "answered",
    "score_low",
    "score_high",
    "level_low",
    "level_high",
    "supported_level",
)


@dataclass
class Place:
    """An enterprise in a list: its last result, and what is still open."""

    enterprise: Enterprise
    last: Assessment | None = None
    open: list[Assessment] = field(default_factory=list)


def places_of(user: User, search: str, number: str | int) -> Page[Place]:
    """Return a page of the enterprises for which a person acts."""
    rows = _of_member(user, FIRM_ROLES)
    if search:
        rows = rows.filter(name__icontains=search)
    page: Page[Any] = Paginator(rows.order_by("name", "id"), PER_PAGE).get_page(number)
    page.object_list = _with_assessments(list(page.object_list))
    return page


def _of_member(user: User, roles: Iterable[str]) -> Any:
    return Enterprise.objects.filter(
        erased_at=None, members__user=user, members__until=None, members__role__in=roles
    ).distinct()


def _with_assessments(enterprises: Sequence[Enterprise]) -> list[Place]:
    places = {item.pk: Place(item) for item in enterprises}
    rows = Assessment.objects.filter(enterprise__in=places).only(*LISTED).order_by("started_at")
    for row in rows:
        place = places[row.enterprise_id]
        if row.status == Assessment.Status.OPEN:
            place.open.append(row)
        else:
            place.last = row
    return list(places.values())


def guests_of(user: User) -> dict[str, Any]:
    """Return for how many enterprises a person is adviser or assessor, and the first few of them."""
    counts = dict(
        Member.objects.filter(user=user, until=None, role__in=GUEST_ROLES, enterprise__erased_at=None)
        .values_list("role")
        .annotate(number=Count("enterprise", distinct=True))
    )
    first = list(_of_member(user, GUEST_ROLES).order_by("name", "id")[:MOST_GUESTS]) if counts else []
    return {
        "advised": counts.get(Member.Role.ADVISER, 0),
        "verified": counts.get(Member.Role.ASSESSOR, 0),
        "first": first,
    }


def positions_of(user: User) -> frozenset[str]:
    """Return the roles that organisations gave a person."""
    return frozenset(Position.objects.filter(user=user).values_list("role", flat=True))


def checks_held(held: Iterable[UUID]) -> list[Assessment]:
    """Return the assessments of the unclaimed checks that a browser made."""
    wanted = list(held)
    if not wanted:
        return []
    rows = Assessment.objects.filter(enterprise__in=wanted, enterprise__claimed_at=None)
    return list(
        rows.select_related("enterprise").defer("answers", "asked", "carried").order_by("-changed_at")
    )


def invitations_for(user: User) -> list[Invitation]:
    """Return the invitations that wait for a person."""
    rows = Invitation.objects.waiting().filter(email=user.email.lower())
    found = list(rows.select_related("enterprise", "invited_by"))
    return found if found and address_proven(user) else []


def address_proven(user: User) -> bool:
    """Whether a person's address is theirs: another sign-in service may have named one that it never checked."""
    return not EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=False).exists()


def assessments_of(enterprise: Enterprise, number: str | int) -> Page[Assessment]:
    """Return a page of an enterprise's assessments, the last first."""
    rows = Assessment.objects.filter(enterprise=enterprise).only(*LISTED).order_by("-started_at")
    return Paginator(rows, PER_PAGE * 2).get_page(number)


def members_of(enterprise: Enterprise) -> list[Member]:
    """Return who acts for an enterprise now."""
    rows = Member.objects.filter(enterprise=enterprise, until=None).select_related("user")
    return sorted(rows, key=lambda member: (Member.Role.values.index(member.role), member.since))


def former_members_of(enterprise: Enterprise) -> list[Member]:
    """Return who acted for an enterprise before, the last few."""
    rows = Member.objects.filter(enterprise=enterprise).exclude(until=None).select_related("user")
    return list(rows.order_by("-until")[: PER_PAGE * 2])


def invitations_of(enterprise: Enterprise) -> list[Invitation]:
    """Return the invitations that are not answered, the expired ones too, so that they can be sent again."""
    return list(Invitation.objects.filter(enterprise=enterprise, accepted_at=None, ended_at=None))


def enrolments_of(enterprise: Enterprise) -> list[Enrolment]:
    """Return the programmes in which an enterprise takes part."""
    rows = Enrolment.objects.filter(visible_enrolments(), enterprise=enterprise)
    return list(rows.select_related("programme__organisation").order_by("joined_at"))


def programme_open_under(code: str) -> Programme | None:
    """Return the programme that enterprises can join today with a code; None where there is none."""
    today = timezone.localdate()
    found = Programme.objects.select_related("organisation").filter(
        code__iexact=code.strip(), opens_on__lte=today
    )
    return found.exclude(closes_on__lt=today).first()


def consents_of(enterprise: Enterprise) -> list[dict[str, Any]]:
    """Return every purpose with the consent that stands and those that were withdrawn."""
    rows: Mapping[str, list[Consent]] = defaultdict(list)
    for consent in (
        Consent.objects.filter(enterprise=enterprise).select_related("given_by").order_by("given_at")
    ):
        rows[consent.purpose].append(consent)
    return [
        {
            "purpose": purpose,
            "now": next((item for item in rows[purpose.value] if item.withdrawn_at is None), None),
            "before": [item for item in rows[purpose.value] if item.withdrawn_at is not None],
        }
        for purpose in Consent.Purpose
    ]


@dataclass(frozen=True)
class Part:
    """One dimension of an assessment as somebody was asked to answer it.

    Attributes:
        questions: each with the name of whoever answered it, empty where nobody has.
    """

    assessment: Assessment
    dimension: Dimension
    questions: list[tuple[Question, bool, str]]

    @property
    def answered(self) -> int:
        """How many of the questions are answered."""
        return sum(done for _question, done, _who in self.questions)


def parts_of(enterprise: Enterprise, parts: Mapping[str, Sequence[str]]) -> list[Part]:
    """Return the parts that a member was asked to answer, in the assessments that are open."""
    still_open = list(
        Assessment.objects.filter(
            enterprise=enterprise, standard__in=parts, status=Assessment.Status.OPEN
        ).order_by("standard", "number")
    )
    names = _names_of(still_open)
    return [
        Part(assessment, dimension, _questions(assessment, dimension.id, names))
        for assessment in still_open
        for dimension in engine.standard_of(assessment).file.dimensions
        if dimension.id in parts[assessment.standard]
    ]


def _names_of(assessments: Iterable[Assessment]) -> dict[int, str]:
    people = {entry["by"] for item in assessments for entry in item.answers.values() if entry["by"]}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=people)} if people else {}


def _questions(
    assessment: Assessment, dimension: str, names: Mapping[int, str]
) -> list[tuple[Question, bool, str]]:
    found = []
    for question in engine.standard_of(assessment).questions:
        if question.dimension != dimension:
            continue
        entry = assessment.answers.get(question.id)
        found.append((question, entry is not None, names.get(entry["by"], "") if entry else ""))
    return found


def dimensions_open_to(enterprise: Enterprise) -> list[tuple[str, Dimension]]:
    """Return the dimensions of the standards under which an enterprise has assessments, each with its standard."""
    used = Assessment.objects.filter(enterprise=enterprise).values_list("standard", flat=True).distinct()
    known = engine.standards()
    return [
        (name, dimension)
        for name in sorted(used)
        if name in known
        for dimension in known[name].file.dimensions
    ]


def owned_by(user: User) -> list[Enterprise]:
    """Return the enterprises that a person owns."""
    return list(_of_member(user, [Member.Role.OWNER]).order_by("name", "id"))


def memberships_of(enterprise: Enterprise, user: User | None) -> list[Member]:
    """Return what a person is to an enterprise now."""
    if user is None:
        return []
    return list(Member.objects.filter(enterprise=enterprise, user=user, until=None).order_by("since"))


def asked_of(memberships: Iterable[Member]) -> Member | None:
    """Return the membership that asks for certain parts; None where there is none."""
    return next((member for member in memberships if member.parts), None)
