"""Reads: who may see a need or a match, what the market has for a need, and which needs fit a provider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from capillary.matching.leads import fitting, full, lead_of
from capillary.matching.life import (
    BOUND,
    FIRM,
    LIVE,
    WAITS,
    Act,
    Person,
    Side,
    Standing,
    Status,
    due,
    hindrance,
)
from capillary.matching.need import Need as Wanted
from capillary.matching.need import places_of
from capillary.matching.rank import match_of, rank
from capillary.matching.words import reasons
from capillary.web import engine
from capillary.web.access import (
    GRANTS,
    OUTSIDERS,
    Action,
    Role,
    SignInNeeded,
    audit_read,
    organisations_of,
    roles_on,
    visible_enrolments,
)
from capillary.web.accounts.models import Position
from capillary.web.enterprises.models import Member
from capillary.web.market.bonds import bonds_around, bound_people
from capillary.web.market.live import live
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import offer_of, provider_from
from capillary.web.market.templatetags.market import called
from capillary.web.matches.models import Match, Need
from capillary.web.programmes.models import Enrolment
from capillary.web.rates.current import rates_today

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from capillary.matching.leads import Lead
    from capillary.matching.rank import Match as Fit
    from capillary.model.market import Offer, Provider
    from capillary.model.text import Message
    from capillary.web.accounts.models import User

# needs that are looked through for the leads of a provider, the latest first
MOST_LOOKED_THROUGH = 2000
ON_ITS_WAY = frozenset({Status.TAKEN, Status.QUOTED, *BOUND})


# --- a need ----------------------------------------------------------------------------------------------------------


def wanted_of(need: Need, on: dt.date | None = None, bonds: Mapping[str, Message] | None = None) -> Wanted:
    """Return a need as the engine takes it.

    Args:
        need: the row.
        on: the day of the question; None for today.
        bonds: what binds providers to those who advise or assess the firm, where the firm is to read it.
    """
    return Wanted(
        on=(on or timezone.localdate()).isoformat(),
        wanted=dict.fromkeys(need.measures),
        places=places_of(need.region or None, engine.library().regions()),
        sector=need.sector or None,
        employees=need.employees,
        users=need.users,
        machines=need.machines,
        languages=frozenset(need.languages),
        budget=need.budget,
        currency=need.currency,
        start_by=None if need.start_by is None else need.start_by.isoformat(),
        bonds={} if bonds is None else bonds,
    )


@dataclass(frozen=True)
class Found:
    """An offer for a need, with its reasons.

    Attributes:
        can_answer: whether somebody works here for the provider, so that a need that is sent is read.
        match: the match of this need with this offer; None where there is none yet.
        full: why it takes no more firms in this quarter; None where it does.
    """

    fit: Fit
    reasons: Sequence[Message]
    can_answer: bool
    match: Match | None
    full: Message | None = None


def offers_for(need: Need) -> list[Found]:
    """Return the offers that pass a need's demands, best first, each with its reasons."""
    wanted = wanted_of(need, bonds=bonds_around(need.enterprise_id))
    ranking = rank(wanted, live().market, rates_today())
    busy = busy_of_all({fit.provider.id for fit in ranking.matches}, timezone.localdate())
    answering = set(
        MarketProvider.objects.filter(organisation__positions__role=Position.Role.PROVIDER).values_list(
            "code", flat=True
        )
    )
    begun = {row.offer_code: row for row in need.matches.all()}
    return [
        Found(
            fit,
            reasons(fit, wanted, lambda what, name: called(name, what)),
            fit.provider.id in answering,
            begun.get(fit.offer.id),
            full(fit.offer, fit.provider, busy.get(fit.provider.id, {})),
        )
        for fit in ranking.matches
    ]


def sent_of(need: Need) -> int:
    """Return with how many offers a need is that the firm sent it to, without those that ended."""
    gone = (Status.REFUSED, Status.WITHDRAWN, Status.ENDED)
    return need.matches.filter(by_firm=True).exclude(status__in=gone).count()


# --- a provider's side -----------------------------------------------------------------------------------------------


def provider_for(request: HttpRequest) -> MarketProvider | None:
    """Return what the market knows of the provider that a visitor works for; None where it has said nothing of itself yet.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor works for no provider.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    organisations = organisations_of(request.user, Role.PROVIDER)
    if not organisations.exists():
        raise Http404
    return (
        MarketProvider.objects.filter(organisation__in=organisations)
        .select_related("organisation")
        .order_by("code")
        .first()
    )


def public_of(row: MarketProvider) -> Provider:
    """Return a provider as everybody sees it; as it says of itself where nothing of it is public any more."""
    return provider_from(row.public or row.data)


@dataclass(frozen=True)
class LeadShown:
    """A need that fits a provider: what may be known of it, and the offers that fit it."""

    need: Need
    lead: Lead
    fits: Sequence[Fit]


def busy_of_all(codes: Iterable[str], today: dt.date) -> dict[str, dict[str, int]]:
    """Return how many firms providers take on in this quarter, by provider and offer; without what came to nothing.

    A firm counts in the quarter in which its contract was noted, and before that in the one in which the match began.
    """
    first = quarter_of(today)
    counts = (
        Match.objects.filter(provider__code__in=list(codes), status__in=ON_ITS_WAY)
        .filter(Q(contract_on__gte=first) | Q(contract_on=None, made_at__date__gte=first))
        .values_list("provider__code", "offer_code")
        .annotate(Count("pk"))
        .order_by()
    )
    found: dict[str, dict[str, int]] = {}
    for code, offer, count in counts:
        found.setdefault(code, {})[offer] = count
    return found


def busy_of(provider: MarketProvider, today: dt.date) -> dict[str, int]:
    """Return how many firms a provider takes on in this quarter, by offer; see `busy_of_all`."""
    return busy_of_all([provider.code], today).get(provider.code, {})


def quarter_of(day: dt.date) -> dt.date:
    """Return the first day of a quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def leads_of(row: MarketProvider, *, since: dt.datetime | None = None) -> list[LeadShown]:
    """Return the needs that fit a provider's offers and capacity and that it has not answered, the latest first.

    Args:
        row: the provider.
        since: only needs that were published after this moment; None for all.
    """
    state = live()
    provider = public_of(row)
    offers = [item for item in state.market.offers.values() if item.provider == row.code]
    if not offers:
        return []
    busy, rates = busy_of(row, timezone.localdate()), rates_today()
    own = Member.objects.filter(user__positions__organisation=row.organisation_id, until=None)
    needs = (
        Need.objects.filter(state=Need.State.OPEN, enterprise__erased_at=None)
        .exclude(pk__in=row.matches.values("need"))
        .exclude(enterprise__in=own.values("enterprise"))
    )
    if since is not None:
        needs = needs.filter(published_at__gt=since)
    found = []
    for need in needs[:MOST_LOOKED_THROUGH]:
        wanted = wanted_of(need)
        fits = fitting(wanted, offers, provider, busy, rates)
        if fits:
            found.append(LeadShown(need, lead_of(wanted), fits))
    return found


# --- a match ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """A visitor who was let in to a match.

    Attributes:
        side: helper or signer of the firm, provider, or officer.
    """

    user: User
    match: Match
    side: Side

    @property
    def person(self) -> Person:
        """The visitor, as the engine takes it."""
        return Person(self.user.pk, self.side)

    @property
    def is_firm(self) -> bool:
        """Whether the visitor comes from the firm."""
        return self.side in FIRM

    @property
    def is_officer(self) -> bool:
        """Whether the visitor mediates."""
        return self.side == Side.OFFICER

    @property
    def address(self) -> str:
        """Where the match's page is."""
        return reverse("match", args=[self.match.pk])

    @cached_property
    def standing(self) -> Standing:
        """Where the match stood when the visitor came."""
        return standing_of(self.match)

    @property
    def sees_firm(self) -> bool:
        """Whether the firm's name is shown."""
        return self.is_firm or self.standing.named

    @property
    def sees_provider(self) -> bool:
        """Whether the provider's name is shown: to a firm that chose its public offer, and else once both agreed."""
        return self.side == Side.PROVIDER or self.match.by_firm or self.standing.named

    @cached_property
    def offer(self) -> Offer:
        """The offer as it was when the match began."""
        return offer_of(self.match.offer)

    @cached_property
    def provider(self) -> Provider:
        """The provider as everybody sees it now."""
        return public_of(self.match.provider)

    @cached_property
    def lead(self) -> Lead:
        """What may be known of the need by anybody here."""
        return lead_of(wanted_of(self.match.need))

    @property
    def reasons(self) -> list[Message]:
        """Return why the offer fits."""
        bonds = bonds_around(self.match.need.enterprise_id) if self.is_firm and self.sees_provider else None
        wanted = wanted_of(self.match.need, bonds=bonds)
        fit = match_of(wanted, self.offer, self.provider, rates_today())
        return reasons(fit, wanted, lambda what, name: called(name, what))

    def hindrance(self, act: Act) -> Message | None:
        """Return why the visitor may not do something now."""
        return hindrance(act, self.standing, self.person)

    def may(self, act: Act) -> bool:
        """Whether the visitor may do something now."""
        return self.hindrance(act) is None


def visit(request: HttpRequest, pk: UUID, sides: frozenset[Side] = frozenset(Side)) -> Visit:
    """Return a match and what the visitor is to it.

    Who is both of the firm and of the provider comes as the firm, unless only the provider is let in.

    Args:
        request: the visitor's request.
        pk: the match's id.
        sides: who is let in.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor has nothing to do with it, or there is no such match.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    row = (
        Match.objects.filter(pk=pk, need__enterprise__erased_at=None)
        .select_related("need__enterprise", "provider__organisation")
        .first()
    )
    side = None if row is None else _side(request, row, sides)
    if row is None or side is None:
        raise Http404
    return Visit(request.user, row, side)


def _side(request: HttpRequest, row: Match, sides: frozenset[Side]) -> Side | None:
    roles = roles_on(request, row.need.enterprise)
    if roles & GRANTS[Action.MATCH]:
        side = Side.SIGNER if roles & GRANTS[Action.MANAGE] else Side.HELPER
        if side in sides:
            if not roles & GRANTS[Action.OBJECT]:
                _read(request, row, next(iter(roles & OUTSIDERS)))
            return side
    if Side.PROVIDER in sides and works_for(request.user, row.provider):
        if row.named:
            _read(request, row, Role.PROVIDER)
        return Side.PROVIDER
    if Side.OFFICER in sides and row.complaint_at is not None and mediates(request.user, row):
        _read(request, row, Role.OFFICER)
        return Side.OFFICER
    return None


def _read(request: HttpRequest, row: Match, role: Role) -> None:
    audit_read(request, f"{request.method} {request.path}"[:200], row.need.enterprise_id, role)


def works_for(user: User, provider: MarketProvider) -> bool:
    """Whether a user works for a provider."""
    return Position.objects.filter(
        user=user, organisation=provider.organisation_id, role=Position.Role.PROVIDER
    ).exists()


def mediates(user: User, row: Match) -> bool:
    """Whether a user is an officer of a programme in which the firm takes part with consent."""
    return Enrolment.objects.filter(
        visible_enrolments(),
        enterprise=row.need.enterprise_id,
        programme__organisation__positions__user=user,
        programme__organisation__positions__role=Position.Role.OFFICER,
    ).exists()


def has_mediators(row: Match) -> bool:
    """Whether the firm takes part in a programme of which an officer could mediate: one who is bound to neither side."""
    officers = Position.objects.filter(
        role=Position.Role.OFFICER,
        user__is_active=True,
        organisation__programmes__in=Enrolment.objects.filter(
            visible_enrolments(), enterprise=row.need.enterprise_id
        ).values("programme"),
    ).values_list("user_id", flat=True)
    kin = Member.objects.filter(enterprise_id=row.need.enterprise_id, until=None)
    return bool(set(officers) - bound_people(row.provider) - set(kin.values_list("user_id", flat=True)))


def standing_of(row: Match) -> Standing:
    """Return where a match stands, as the engine takes it."""
    kin = Member.objects.filter(enterprise_id=row.need.enterprise_id, until=None)
    staff = Position.objects.filter(organisation=row.provider.organisation_id)
    days = None
    if row.state == Status.QUOTED:
        quote = row.quotes.first()
        days = None if quote is None else (quote.valid_until - timezone.localdate()).days
    return Standing(
        status=row.state,
        firm_agreed=row.firm_agreed_at is not None,
        provider_agreed=row.provider_agreed_at is not None,
        complaint=row.complains,
        complaint_firm=row.complaint_firm,
        quote_days=days,
        kin=frozenset(kin.values_list("user_id", flat=True)),
        staff=frozenset(staff.values_list("user_id", flat=True)),
        bound=bound_people(row.provider) if row.complains else frozenset(),
    )


def due_on(row: Match) -> dt.date | None:
    """Return the last day on which what is waited for is in time; None where nobody is waited for."""
    until = None if row.deliver_by is None else row.deliver_by.toordinal()
    last = due(row.state, row.since.toordinal(), until)
    return None if last is None else type(row.since).fromordinal(last)


def waits_for_firm(row: Match) -> bool | None:
    """Return whether the firm is waited for; None where nobody is."""
    wait = WAITS.get(row.state)
    return None if wait is None else wait.firm


def of_enterprises(enterprises: object) -> QuerySet[Match]:
    """Return the matches of enterprises, what needs something first."""
    return Match.objects.filter(need__enterprise__in=enterprises).select_related("need", "provider")


def of_provider(row: MarketProvider) -> QuerySet[Match]:
    """Return the matches of a provider."""
    return row.matches.select_related("need__enterprise", "provider")


def complaints_for(user: User) -> QuerySet[Match]:
    """Return the matches with a complaint, settled or not, that a user may mediate in; what waits first."""
    enrolled = Enrolment.objects.filter(
        visible_enrolments(),
        enterprise=OuterRef("need__enterprise"),
        programme__organisation__positions__user=user,
        programme__organisation__positions__role=Position.Role.OFFICER,
    )
    return (
        Match.objects.filter(Exists(enrolled), complaint_at__isnull=False)
        .select_related("need__enterprise", "provider")
        .order_by("settled_at", "complaint_at")
    )


def needs_of(enterprise: object) -> QuerySet[Need]:
    """Return the needs of an enterprise, each with how many matches live."""
    alive = Count("matches", filter=Q(matches__status__in=[item.value for item in LIVE]))
    return Need.objects.filter(enterprise=enterprise).annotate(alive=alive).order_by("-published_at")


def titles_of(rows: Iterable[Match]) -> Mapping[UUID, str]:
    """Return what the other side of each match of a firm is called: the offer, where its provider may be named."""
    from capillary.web.core.language import language

    found = {}
    for row in rows:
        offer = offer_of(row.offer)
        shown = row.by_firm or row.named
        found[row.pk] = offer.title.in_(language()) if shown else called(offer.kind, "kind")
    return found
