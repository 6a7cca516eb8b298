"""Reads: which profiles stand, who fits a profile, who may see an interest, and what each side sees of the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from capillary.matching.partner_life import (
    InterestAct,
    InterestSide,
    InterestStanding,
    InterestStatus,
    interest_hindrance,
)
from capillary.matching.partner_reasons import partner_clash, partner_reasons, why_no_partner
from capillary.matching.partners import CrosswalkRelations, Known, LevelSpan, partners_of, seeker_of
from capillary.web import engine
from capillary.web.access import GRANTS, OUTSIDERS, Action, SignInNeeded, audit_read, roles_on
from capillary.web.cooperation import levels
from capillary.web.cooperation.models import CooperationProfile, Interest, InterestEvent
from capillary.web.cooperation.templatetags.cooperation import profile_called
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from capillary.matching.partners import Partner, Partners
    from capillary.model.partner import PartnerProfile
    from capillary.model.text import Message
    from capillary.web.accounts.models import User
    from capillary.web.cooperation.levels import Seen

State = CooperationProfile.State
# profiles that were ruled out and are shown with the reason
MOST_RULED_OUT = 20


def standing(today: dt.date) -> QuerySet[CooperationProfile]:
    """Return the profiles that everybody sees on a day."""
    return CooperationProfile.objects.filter(
        public__isnull=False, valid_from__lte=today, valid_to__gte=today, enterprise__erased_at=None
    )


def standing_by(reference: str) -> CooperationProfile:
    """Return a profile that everybody sees today.

    Raises:
        Http404: there is none.
    """
    row = standing(timezone.localdate()).filter(reference=reference).select_related("enterprise").first()
    if row is None:
        raise Http404
    return row


def profiles_of(enterprise: Enterprise) -> QuerySet[CooperationProfile]:
    """Return an enterprise's profiles, each with how many interests wait for an answer."""
    waiting = Count("interests", filter=Q(interests__status=InterestStatus.WAITING))
    return enterprise.cooperation_profiles.annotate(waiting=waiting).order_by("-changed_at", "id")


def received_by(enterprise: Enterprise) -> QuerySet[Interest]:
    """Return the interests in an enterprise's profiles, those that wait for an answer first."""
    return (
        Interest.objects.filter(profile__enterprise=enterprise)
        .select_related("profile", "enterprise")
        .order_by(_waiting_first(), "-changed_at", "id")
    )


def sent_by(enterprise: Enterprise) -> QuerySet[Interest]:
    """Return the interests that an enterprise expressed, those that wait for an answer first."""
    return enterprise.cooperation_interests.select_related("profile__enterprise").order_by(
        _waiting_first(), "-changed_at", "id"
    )


def interests_of(enterprise: Enterprise) -> QuerySet[Interest]:
    """Return the interests that an enterprise received and expressed, the latest change first."""
    return (
        Interest.objects.filter(Q(profile__enterprise=enterprise) | Q(enterprise=enterprise))
        .select_related("profile__enterprise", "enterprise")
        .order_by("-changed_at", "id")
    )


def _waiting_first() -> Case:
    return Case(
        When(status=InterestStatus.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField()
    )


def enterprises_of(user: User) -> list[Enterprise]:
    """Return the enterprises for which a user may express an interest: those that they own."""
    roles = [role.value for role in GRANTS[Action.MANAGE]]
    mine = Member.objects.filter(user=user, until=None, role__in=roles)
    return list(Enterprise.objects.filter(members__in=mine, erased_at=None).distinct().order_by("name", "pk"))


# --- review ----------------------------------------------------------------------------------------------------------


def waiting_for(user: User) -> QuerySet[CooperationProfile]:
    """Return the profiles that wait for review, the longest first, without those of enterprises that a user acts for."""
    own = Member.objects.filter(user=user, until=None).values("enterprise")
    return (
        CooperationProfile.objects.filter(state=State.SUBMITTED, enterprise__erased_at=None)
        .exclude(enterprise__in=own)
        .order_by("submitted_at", "id")
    )


def may_review(user: User, row: CooperationProfile) -> bool:
    """Whether a user, who is an officer, may review a profile: not that of an enterprise that they act for."""
    return not Member.objects.filter(user=user, enterprise=row.enterprise_id, until=None).exists()


# --- matching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fitting:
    """A profile that fits, with reasons; `seen` is the level of the firm behind it in the reader's standard."""

    partner: Partner
    reasons: Sequence[Message]
    seen: Seen | None


@dataclass(frozen=True)
class Fit:
    """Who fits a profile."""

    found: Partners
    fitting: Sequence[Fitting]
    ruled_out: Sequence[tuple[PartnerProfile, Sequence[Message]]]
    more: int
    clash: Sequence[Message]


def fit_for(row: CooperationProfile, standard: str) -> Fit:
    """Return the profiles of other enterprises that fit one, best first, and why others do not.

    Args:
        row: the reader's own profile, as it is being worked on.
        standard: in which levels are shown.
    """
    today = timezone.localdate()
    rows = list(standing(today).exclude(enterprise=row.enterprise_id).order_by("reference"))
    profiles = [item.shown for item in rows]
    showing = {item.reference: item.enterprise_id for item in rows if item.shows_level}
    latest = levels.latest_of({*showing.values(), row.enterprise_id})
    mine = row.written
    known = Known(
        engine.library().regions(),
        CrosswalkRelations(engine.library().industries()),
        {
            name: _spans(latest.get(enterprise, ()), {mine.least.standard})
            for name, enterprise in showing.items()
            if mine.least is not None
        },
    )
    demanded = {item.least.standard for item in profiles if item.least is not None}
    own = _spans(latest.get(row.enterprise_id, ()), demanded)
    found = partners_of(seeker_of(mine, today.isoformat(), own), profiles, known)
    fitting = [
        Fitting(
            item,
            partner_reasons(item, found.seeker, profile_called),
            levels.seen(latest.get(showing.get(item.profile.reference), ()), standard),
        )
        for item in found.partners
    ]
    shown = [
        (item.profile, why_no_partner(item, found.seeker, profile_called))
        for item in sorted(found.ruled_out, key=lambda item: (len(item.failed), item.profile.reference))
    ]
    return Fit(
        found,
        fitting,
        shown[:MOST_RULED_OUT],
        max(0, len(shown) - MOST_RULED_OUT),
        partner_clash(found),
    )


def _spans(rows: Sequence[object], standards: set[str]) -> Mapping[str, LevelSpan]:
    found = {name: levels.seen(rows, name) for name in sorted(standards)}
    return {name: item.span for name, item in found.items() if item is not None}


def level_seen(row: CooperationProfile | Interest, standard: str) -> Seen | None:
    """Return the level of the enterprise behind a profile or an interest, where it agreed that it is shown."""
    if not row.shows_level:
        return None
    return levels.seen(levels.latest_of([row.enterprise_id]).get(row.enterprise_id, ()), standard)


# --- an interest -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """A visitor who was let in to an interest.

    Attributes:
        signs: whether the visitor may bind their side.
        both: whether the visitor acts for the other side as well.
    """

    user: User
    interest: Interest
    side: InterestSide
    signs: bool
    both: bool = False

    @property
    def is_publisher(self) -> bool:
        """Whether the visitor comes from the side whose profile it is."""
        return self.side == InterestSide.PUBLISHER

    @property
    def own(self) -> Enterprise:
        """The visitor's enterprise."""
        return self.interest.profile.enterprise if self.is_publisher else self.interest.enterprise

    @property
    def other(self) -> Enterprise | None:
        """The other enterprise; None before both have agreed."""
        if not self.interest.named:
            return None
        return self.interest.enterprise if self.is_publisher else self.interest.profile.enterprise

    @property
    def other_contact(self) -> str:
        """Whom to reach at the other side and how; empty before both have agreed."""
        if not self.interest.named:
            return ""
        return self.interest.who if self.is_publisher else self.interest.profile.contact

    @property
    def address(self) -> str:
        """Where the interest's page is."""
        return reverse("interest", args=[self.interest.pk])

    @cached_property
    def standing(self) -> InterestStanding:
        """Where the interest stood when the visitor came."""
        asked = self.interest.thread.filter(side=self.side, anonymous=True).count()
        return InterestStanding(self.interest.state, self.side, self.signs, self.both, asked)

    def hindrance(self, act: InterestAct) -> Message | None:
        """Return why the visitor may not do something now."""
        return interest_hindrance(act, self.standing)

    def may(self, act: InterestAct) -> bool:
        """Whether the visitor may do something now."""
        return self.hindrance(act) is None


def visit(request: HttpRequest, pk: UUID, *, action: Action = Action.MATCH) -> Visit:
    """Return an interest and what the visitor is to it; who acts for both sides comes as the one whose profile it is.

    Args:
        request: the visitor's request.
        pk: the interest's id.
        action: what a visitor must be allowed to do for an enterprise to be let in.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor has nothing to do with it, or there is no such interest.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    row = (
        Interest.objects.filter(pk=pk, enterprise__erased_at=None, profile__enterprise__erased_at=None)
        .select_related("profile__enterprise", "enterprise")
        .first()
    )
    if row is None:
        raise Http404
    sides = {InterestSide.PUBLISHER: row.profile.enterprise, InterestSide.SEEKER: row.enterprise}
    held = {side: roles_on(request, enterprise) for side, enterprise in sides.items()}
    let_in = [side for side, roles in held.items() if roles & GRANTS[action]]
    if not let_in:
        raise Http404
    side = let_in[0]
    roles = held[side]
    if not roles & GRANTS[Action.OBJECT]:
        outsider = next(iter(roles & OUTSIDERS))
        audit_read(request, f"{request.method} {request.path}"[:200], sides[side].pk, outsider)
    acts = [one for one, roles in held.items() if roles & GRANTS[Action.MATCH]]
    return Visit(request.user, row, side, signs=bool(roles & GRANTS[Action.MANAGE]), both=len(acts) > 1)


# --- letters ---------------------------------------------------------------------------------------------------------


def interest_news(enterprises: Sequence[UUID], since: dt.datetime) -> list[Interest]:
    """Return the interests of enterprises in which the other side did something after a moment, the latest change first.

    That both see each other's name is told by the step that led to it.
    """
    events = InterestEvent.objects.filter(at__gt=since).exclude(act="named")
    there = events.filter(side=InterestSide.SEEKER).values("interest")
    back = events.filter(side=InterestSide.PUBLISHER).values("interest")
    rows = Interest.objects.filter(
        Q(profile__enterprise__in=enterprises, pk__in=there) | Q(enterprise__in=enterprises, pk__in=back)
    )
    return list(rows.distinct().order_by("-changed_at", "id"))
