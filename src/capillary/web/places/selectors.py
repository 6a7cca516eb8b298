"""Reads: who may see what of places, and what their pages show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from capillary.web.access import GRANTS, Action, Role, SignInNeeded, audit_read, organisations_of, roles_on
from capillary.web.accounts.models import Position
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.places.models import Offering, PlaceRequest
from capillary.web.programmes.sizes import SIZES
from capillary.web.programmes.suppression import LEAST, hidden_of, small

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from capillary.web.accounts.models import Organisation, User
    from capillary.web.places.models import Provider

S = PlaceRequest.State
GROUPS: Mapping[str, frozenset[str]] = {
    "all": frozenset(set(S.values) - {S.WITHDRAWN, S.EXCLUDED}),
    "asked": frozenset({S.ASKED}),
    "unanswered": frozenset({S.OFFERED}),
    "accepted": frozenset({S.ACCEPTED}),
    "waiting": frozenset({S.WAITING}),
    "over": frozenset({S.DECLINED, S.EXPIRED, S.WITHDRAWN}),
    "excluded": frozenset({S.EXCLUDED}),
    "came": frozenset({S.SERVED, S.ABSENT}),
}
TAKES_PART = GROUPS["all"]


# --- who -------------------------------------------------------------------------------------------------------------


def offices_of(user: User) -> list[Organisation]:
    """Return the organisations whose officer a user is."""
    return list(organisations_of(user, Role.OFFICER))


def offerings_of(user: User) -> QuerySet[Offering]:
    """Return the offerings of the organisations whose officer a user is."""
    mine = Position.objects.filter(user=user, role=Position.Role.OFFICER).values("organisation")
    return Offering.objects.filter(organisation__in=mine).select_related("organisation")


def office_offering(request: HttpRequest, pk: UUID) -> Offering:
    """Return an offering of an organisation whose officer the visitor is.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer of it, or there is no such offering.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = offerings_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own_request(request: HttpRequest, pk: UUID) -> PlaceRequest:
    """Return a request of an enterprise that the visitor acts for.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor does not act for it, or there is no such request.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = (
        PlaceRequest.objects.filter(pk=pk, enterprise__erased_at=None)
        .select_related("offering__organisation", "enterprise", "provider")
        .first()
    )
    if found is None or not roles_on(request, found.enterprise) & GRANTS[Action.PLACE]:
        raise Http404
    return found


def askers_of(request: HttpRequest) -> QuerySet[Enterprise]:
    """Return the enterprises that a visitor can ask for; none for somebody who is not signed in."""
    if not request.user.is_authenticated:
        return Enterprise.objects.none()
    members = Member.objects.filter(
        user=request.user, until=None, role__in=[role.value for role in GRANTS[Action.PLACE]]
    )
    return Enterprise.objects.filter(members__in=members, erased_at=None).distinct().order_by("name")


# --- offerings -------------------------------------------------------------------------------------------------------


def announced() -> QuerySet[Offering]:
    """Return the offerings that everybody may see: those that take requests first, the first to close on top."""
    over = Case(When(closes_on__lt=timezone.localdate(), then=Value(1)), default=Value(0))
    rows = Offering.objects.exclude(state=Offering.State.DRAFT).select_related("organisation")
    return rows.annotate(over=over).order_by("over", "closes_on", "code")


def announced_by_words(words: str) -> QuerySet[Offering]:
    """Return the announced offerings with words in their title or organisation."""
    rows = announced()
    for word in words.split():
        rows = rows.filter(
            Q(title_zh__icontains=word)
            | Q(title_en__icontains=word)
            | Q(code__icontains=word)
            | Q(organisation__name_zh__icontains=word)
            | Q(organisation__name_en__icontains=word)
        )
    return rows


def places_in(offering: Offering) -> int:
    """Return how many places an offering has."""
    return offering.providers.aggregate(sum=Sum("capacity"))["sum"] or 0


def counts_of(offering: Offering) -> dict[str, int]:
    """Return how many requests each group has."""
    found = dict(
        PlaceRequest.objects.filter(offering=offering).values_list("state").annotate(n=Count("pk")).order_by()
    )
    return {name: sum(found.get(state, 0) for state in states) for name, states in GROUPS.items()}


@dataclass(frozen=True)
class Line:
    """A row of a table of counts; the count is None where it is held back."""

    key: str
    count: int | None


@dataclass(frozen=True)
class Table:
    """How many ask, by one property."""

    by: str
    title: str
    lines: tuple[Line, ...]
    held: bool


def tables_of(offering: Offering, *, publication: bool) -> list[Table]:
    """Return how many ask by size, region and sector.

    Args:
        offering: which one.
        publication: whether small figures are held back, as they must be before others than its officers see them, who see
            every request in the list anyway.
    """
    rows = list(
        PlaceRequest.objects.filter(offering=offering, state__in=TAKES_PART).values_list(
            "size", "region", "sector"
        )
    )
    titles = (("size", _("By size")), ("region", _("By region")), ("sector", _("By sector")))
    return [
        _table(by, title, Counter(row[index] for row in rows), publication=publication)
        for index, (by, title) in enumerate(titles)
    ]


def _table(by: str, title: str, counts: Counter[str], *, publication: bool) -> Table:
    order = [size.id for size in SIZES]
    keys = sorted(
        counts, key=(lambda key: order.index(key) if key in order else len(order)) if by == "size" else str
    )
    hidden = hidden_of([counts[key] for key in keys]) if publication else [False for _key in keys]
    lines = tuple(Line(key, None if away else counts[key]) for key, away in zip(keys, hidden, strict=True))
    return Table(by, title, lines, any(hidden))


def public_count(count: int) -> int | None:
    """Return a count as it may be published; None where it is too small."""
    return None if small(count) else count


FEWEST = LEAST


# --- requests --------------------------------------------------------------------------------------------------------


def requests_in(offering: Offering, group: str, words: str) -> QuerySet[PlaceRequest]:
    """Return the requests of a group, the places first and then the line.

    Args:
        offering: whose.
        group: one of `GROUPS`.
        words: in the enterprise's name, or a number.
    """
    rows = PlaceRequest.objects.filter(offering=offering, state__in=GROUPS[group]).select_related(
        "offering", "enterprise", "provider"
    )
    for word in words.split():
        found = Q(enterprise__name__icontains=word)
        digits = word.rpartition("-")[2]
        if digits.isdigit() and len(digits) < 10:
            found |= Q(number=int(digits))
        rows = rows.filter(found)
    return rows.order_by(F("provider__name").asc(nulls_last=True), F("place").asc(nulls_last=True), "number")


def chosen_names(row: PlaceRequest, providers: Iterable[Provider]) -> list[str]:
    """Return the names of what a request chose, the dearest first."""
    names = {item.pk: item.name for item in providers}
    return [names[pk] for pk in row.choices if pk in names]


def read_by_office(request: HttpRequest) -> None:
    """Note that the office read what enterprises asked for."""
    audit_read(request, f"{request.method} {request.path}"[:200], None, Role.OFFICER)


def late_in(offering: Offering) -> int:
    """Return how many places were not accepted in time."""
    return PlaceRequest.objects.filter(
        offering=offering, state=S.OFFERED, answer_by__lt=timezone.localdate()
    ).count()


def requests_of(enterprise: Enterprise) -> QuerySet[PlaceRequest]:
    """Return what an enterprise asked for, the newest first."""
    return (
        PlaceRequest.objects.filter(enterprise=enterprise)
        .select_related("offering__organisation", "provider")
        .order_by("-changed_at")
    )


def by_provider(offering: Offering) -> Sequence[Provider]:
    """Return the providers with the number of their places that are taken."""
    taken = Count("requests", filter=Q(requests__state__in=[S.OFFERED, S.ACCEPTED, S.SERVED, S.ABSENT]))
    return list(offering.providers.annotate(taken=taken).order_by("name"))


def request_in(offering: Offering, pk: UUID) -> PlaceRequest:
    """Return a request of an offering.

    Raises:
        Http404: there is none.
    """
    rows = PlaceRequest.objects.filter(offering=offering).select_related("offering", "enterprise")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
