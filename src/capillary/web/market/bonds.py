"""Bonds of providers to organisations and to other providers, and whom they keep from judging.

A party is known by the code of a provider, or by ``org-`` and the id of an organisation that is none. A bond holds both ways,
whichever of the two declared it. Whoever has a position in a bound organisation does not review, accredit or mediate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from capillary.model.text import msg
from capillary.web.accounts.models import Organisation, Position
from capillary.web.core.language import language
from capillary.web.enterprises.models import Member
from capillary.web.market.live import live
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import provider_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from capillary.model.market import Conflict
    from capillary.model.text import Message
    from capillary.web.accounts.models import User

PREFIX = "org-"
MOST_MEANT = 10


def party_of(organisation: Organisation) -> str:
    """Return by what a bond names an organisation that is no provider."""
    return f"{PREFIX}{organisation.pk.hex}"


def organisation_id(party: str) -> UUID | None:
    """Return the organisation that a party is, by its own id; None for a provider and for what nobody knows."""
    try:
        return UUID(hex=party.removeprefix(PREFIX)) if party.startswith(PREFIX) else None
    except ValueError:
        return None


def party_names(parties: Iterable[str]) -> dict[str, str]:
    """Return what parties are called in the reader's language; the id itself for one that nobody knows."""
    wanted = list(dict.fromkeys(parties))
    found = {name: name for name in wanted}
    by_id = {number: name for name in wanted if (number := organisation_id(name)) is not None}
    for row in Organisation.objects.filter(pk__in=by_id):
        found[by_id[row.pk]] = row.in_(language())
    for code, zh, en in MarketProvider.objects.filter(code__in=wanted).values_list(
        "code", "name_zh", "name_en"
    ):
        found[code] = zh if language() == "zh" else en
    return found


def parties_called(provider: MarketProvider, words: str) -> list[tuple[str, str]]:
    """Return whom a provider can mean with some words, as party and name: exactly one where a name or an id fits whole.

    Args:
        provider: who declares a bond; it is not found itself.
        words: a name in either language, a part of one, or an id.
    """
    given = words.strip()
    named = "name_zh" if language() == "zh" else "name_en"
    whole = Q(name_zh__iexact=given) | Q(name_en__iexact=given)
    part = Q(name_zh__icontains=given) | Q(name_en__icontains=given)
    providers = MarketProvider.objects.exclude(pk=provider.pk)
    others = Organisation.objects.filter(market_provider=None).exclude(pk=provider.organisation_id)
    number = organisation_id(given)
    for condition in (whole, part):
        firms = providers.filter(condition | Q(code=given)).values_list("code", named)[:MOST_MEANT]
        bodies = others.filter(condition if number is None else Q(pk=number))[:MOST_MEANT]
        found = [*firms, *((party_of(row), row.in_(language())) for row in bodies)]
        if found:
            return sorted(found, key=lambda item: item[1])
    return []


def declared(provider: MarketProvider) -> dict[str, Conflict]:
    """Return what a provider declared, by party; what it took out counts until that is reviewed."""
    found = {item.party: item for item in provider_of(provider).conflicts}
    shown = live().market.providers.get(provider.code)
    public = () if shown is None else shown.conflicts
    return {item.party: item for item in public} | found


def bound_organisations(provider: MarketProvider) -> dict[UUID, Message]:
    """Return the organisations that are bound to a provider, its own included, each with why."""
    found: dict[UUID, Message] = {}
    own_names = {provider.code}
    if provider.organisation_id is not None:
        own_names.add(f"{PREFIX}{provider.organisation_id.hex}")
    reasons: dict[str, Message] = {}
    for code, other in live().market.providers.items():
        for item in other.conflicts:
            if code != provider.code and item.party in own_names:
                reasons[code] = msg(
                    "{name} declared a bond to this provider: {reason}", name=other.title, reason=item.reason
                )
    for party, item in declared(provider).items():
        reasons[party] = msg("This provider declared a bond: {reason}", reason=item.reason)
        number = organisation_id(party)
        if number is not None:
            found[number] = reasons[party]
    rows = MarketProvider.objects.filter(code__in=reasons, organisation__isnull=False)
    for code, organisation in rows.values_list("code", "organisation"):
        found[organisation] = reasons[code]
    if provider.organisation_id is not None:
        found[provider.organisation_id] = msg("It is the provider itself.")
    return found


def bound_people(provider: MarketProvider) -> frozenset[int]:
    """Return the users who have a position in an organisation that is bound to a provider."""
    rows = Position.objects.filter(organisation__in=bound_organisations(provider))
    return frozenset(rows.values_list("user_id", flat=True))


def tie(user: User, provider: MarketProvider) -> Message | None:
    """Return why a user cannot judge a provider; None where nothing binds them."""
    bound = bound_organisations(provider)
    mine = Position.objects.filter(user=user, organisation__in=bound).values_list(
        "organisation_id", flat=True
    )
    return next((bound[pk] for pk in mine), None)


def providers_bound_to(user: User) -> Q:
    """Return the condition on providers under which a user is bound to them, as far as it is public."""
    organisations = list(Organisation.objects.filter(positions__user=user).distinct())
    numbers = [row.pk for row in organisations]
    own = set(MarketProvider.objects.filter(organisation__in=numbers).values_list("code", flat=True))
    names = own | {party_of(row) for row in organisations}
    providers = live().market.providers
    codes = {code for code, item in providers.items() if any(part.party in names for part in item.conflicts)}
    for code in own & providers.keys():
        codes |= {part.party for part in providers[code].conflicts}
    parties = {number for code in codes if (number := organisation_id(code)) is not None}
    return Q(organisation__in=numbers) | Q(code__in=codes) | Q(organisation__in=parties)


def bonds_of_people(users: QuerySet[Any]) -> dict[str, Message]:
    """Return the public providers to which some people are bound, by code, each with why.

    Args:
        users: the ids of people as a query, such as the advisers and assessors of a firm.
    """
    rows = {
        row.organisation_id: row
        for row in Position.objects.filter(user__in=users).select_related("organisation", "user")
    }
    if not rows:
        return {}
    own = dict(MarketProvider.objects.filter(organisation__in=rows).values_list("code", "organisation"))
    by_name = {party_of(row.organisation): row for row in rows.values()}
    by_name |= {code: rows[organisation] for code, organisation in own.items()}
    providers = live().market.providers
    found: dict[str, Message] = {}
    for code in own:
        for item in providers[code].conflicts if code in providers else ():
            found[item.party] = _bound_words(by_name[code], item)
    for code, provider in providers.items():
        for item in provider.conflicts:
            if item.party in by_name:
                found[code] = _bound_words(by_name[item.party], item)
    for code in own:
        found[code] = msg(
            "{person}, who advises or assesses you, works for this provider.", person=str(by_name[code].user)
        )
    return found


def bonds_around(enterprise: UUID) -> dict[str, Message]:
    """Return the public providers to which somebody is bound who advises or assesses an enterprise, each with why."""
    roles = (Member.Role.ADVISER, Member.Role.ASSESSOR)
    members = Member.objects.filter(enterprise=enterprise, until=None, role__in=roles)
    return bonds_of_people(members.values("user"))


def _bound_words(row: Position, bond: Conflict) -> Message:
    return msg(
        "{person}, who advises or assesses you, works for an organisation that is bound to this provider: {reason}",
        person=str(row.user),
        reason=bond.reason,
    )
