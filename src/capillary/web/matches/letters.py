"""Letters about needs, matches, partners, offers and requests to people: one a day at most, with all that is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from capillary.web import engine
from capillary.web.accounts.models import Position, User
from capillary.web.cooperation.selectors import interest_news
from capillary.web.core.language import language
from capillary.web.enterprises.models import Member
from capillary.web.market.models import MarketOffer, MarketProvider
from capillary.web.market.services import provider_of
from capillary.web.matches import selectors
from capillary.web.matches.models import LetterChoice, Match, MatchEvent
from capillary.web.talent.models import TalentRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.model.text import Text
    from capillary.web.cooperation.models import Interest
    from capillary.web.matches.selectors import LeadShown

SALT = "match-letters"
MOST_SHOWN = 10
FIRST_DAYS = 7
ENDS_IN = (30, 7)
# what the reader cannot need to hear of
QUIET = ("named",)


@dataclass(frozen=True)
class News:
    """What a person is told.

    Attributes:
        matches: with something new of the other side, or of a clock.
        leads: needs that fit and are new.
        requests: firms that ask the person and wait for an answer.
        answers: requests that the person sent and that were answered.
        interests: in cooperation profiles, with something new of the other side.
        reviewed: offers that were published or sent back.
        ending: offers whose last public day is near.
        accreditations: accreditations whose last day is near, by the title of the rules.
    """

    matches: Sequence[Match]
    leads: Sequence[LeadShown]
    requests: Sequence[TalentRequest] = ()
    answers: Sequence[TalentRequest] = ()
    interests: Sequence[Interest] = ()
    reviewed: Sequence[MarketOffer] = ()
    ending: Sequence[MarketOffer] = ()
    accreditations: Sequence[tuple[Text, str]] = ()

    @property
    def count(self) -> int:
        """How many things are new."""
        about_me = (self.matches, self.leads, self.requests, self.answers, self.interests)
        about_offers = (self.reviewed, self.ending, self.accreditations)
        return sum(map(len, (*about_me, *about_offers)))


@dataclass(frozen=True)
class Span:
    """The days since the letter before, and that of this letter: nothing is told twice, and nothing is left out."""

    before: dt.date
    last: dt.date

    def passes(self, end: dt.date) -> bool:
        """Whether one of the days on which a last day is announced, 30 and 7 days ahead, lies in the span.

        >>> span = Span(dt.date(2026, 5, 1), dt.date(2026, 5, 4))
        >>> [span.passes(dt.date(2026, 5, day)) for day in (8, 9, 11, 12)]
        [False, True, True, False]
        """
        return any(self.before < end - dt.timedelta(days=days) <= self.last for days in ENDS_IN)


def choice_of(user: User) -> LetterChoice:
    """Return what a person wants of letters."""
    return LetterChoice.objects.filter(user=user).first() or LetterChoice(user=user)


@transaction.atomic
def letters_choose(*, user: User, wanted: bool) -> None:
    """Stop the letters to a person, or send them again."""
    LetterChoice.objects.update_or_create(
        user=user, defaults={"stopped_at": None if wanted else timezone.now()}
    )


def token_of(user: User) -> str:
    """Return what the link to unsubscribe proves its reader by; it opens nothing else."""
    return signing.dumps(user.pk, salt=SALT)


def user_of(token: str) -> User:
    """Return whose link it is.

    Raises:
        BadSignature: nobody's.
    """
    user = User.objects.filter(pk=signing.loads(token, salt=SALT)).first()
    if user is None:
        raise signing.BadSignature
    return user


def readers() -> Sequence[int]:
    """Return the people who may have news, without those who want none.

    They are owners of firms with needs or partners, people of providers, and whoever was sent or has sent a request about work.
    """
    owned = Member.objects.filter(role=Member.Role.OWNER, until=None, enterprise__erased_at=None)
    people = User.objects.filter(is_active=True, erased_at=None).filter(
        Q(pk__in=owned.filter(enterprise__needs__isnull=False).values("user"))
        | Q(pk__in=owned.filter(enterprise__cooperation_profiles__interests__isnull=False).values("user"))
        | Q(pk__in=owned.filter(enterprise__cooperation_interests__isnull=False).values("user"))
        | Q(
            pk__in=Position.objects.filter(
                role=Position.Role.PROVIDER, organisation__market_provider__isnull=False
            ).values("user")
        )
        | Q(pk__in=TalentRequest.objects.values("profile__user"))
        | Q(pk__in=TalentRequest.objects.filter(by__isnull=False).values("by"))
    )
    return list(
        people.exclude(match_letters__stopped_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    )


def news_of(user: User, since: dt.datetime, today: dt.date | None = None) -> News:
    """Return what is new for a person since a moment.

    Args:
        user: the person.
        since: the moment.
        today: the day of the letter; None for today.
    """
    events = MatchEvent.objects.filter(at__gt=since).exclude(act__in=QUIET)
    enterprises = Member.objects.filter(
        user=user, role=Member.Role.OWNER, until=None, enterprise__erased_at=None
    ).values("enterprise")
    provider = (
        MarketProvider.objects.filter(
            organisation__positions__user=user, organisation__positions__role=Position.Role.PROVIDER
        )
        .order_by("code")
        .first()
    )
    told = Match.objects.filter(
        Q(need__enterprise__in=enterprises, pk__in=events.exclude(side="firm").values("match"))
        | Q(provider=provider, pk__in=events.exclude(side="provider").values("match"))
    )
    work = TalentRequest.objects.select_related("enterprise").filter(enterprise__erased_at=None)
    news = News(
        list(told.select_related("need", "provider").distinct()),
        [],
        list(work.filter(profile__user=user, status=TalentRequest.Status.WAITING, sent_at__gt=since)),
        list(work.filter(by=user, answered_at__gt=since)),
        interest_news(list(enterprises.values_list("enterprise", flat=True)), since),
    )
    return news if provider is None else _with_offers(news, provider, since, today or timezone.localdate())


def _with_offers(news: News, provider: MarketProvider, since: dt.datetime, today: dt.date) -> News:
    """Return the news with those of a provider: leads, offers that were reviewed, and what ends soon."""
    span = Span(timezone.localdate(since), today)
    states = (MarketOffer.State.PUBLISHED, MarketOffer.State.RETURNED)
    shown = provider.offers.filter(valid_to__gte=span.last, public__isnull=False)
    programmes = engine.accreditations().programmes
    return replace(
        news,
        leads=selectors.leads_of(provider, since=since),
        # an offer that was loaded with a catalogue was reviewed by nobody
        reviewed=list(provider.offers.filter(reviewed_at__gt=since, state__in=states)),
        ending=[row for row in shown if row.valid_to is not None and span.passes(row.valid_to)],
        accreditations=[
            (programmes[item.programme].title, item.valid_to)
            for item in provider_of(provider).accreditations
            if item.programme in programmes and span.passes(dt.date.fromisoformat(item.valid_to))
        ],
    )


@transaction.atomic
def letter_send(*, user: User, site: str, today: dt.date | None = None) -> bool:
    """Send a person the letter of the day, where there is something new; return whether one was sent.

    Args:
        user: who reads it.
        site: the address of the installation, for the links.
        today: the day; None for today.
    """
    day = today or timezone.localdate()
    LetterChoice.objects.get_or_create(user=user)
    choice = LetterChoice.objects.select_for_update().get(user=user)
    if choice.stopped_at is not None or choice.last_on == day or not user.is_active:
        return False
    now = timezone.now()
    news = news_of(user, choice.last_at or now - dt.timedelta(days=FIRST_DAYS), day)
    choice.last_at = now
    if news.count:
        choice.last_on = day
    choice.save()
    if news.count:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            _sent(user, news, site.rstrip("/"))
    return bool(news.count)


def _sent(user: User, news: News, site: str) -> None:
    stop = f"{site}{reverse('match-unsubscribe', args=[token_of(user)])}"
    text = render_to_string(
        "matches/mail/digest.txt",
        {
            "reader": user,
            "matches": [
                (row, f"{site}{reverse('match', args=[row.pk])}") for row in news.matches[:MOST_SHOWN]
            ],
            "more": max(0, len(news.matches) - MOST_SHOWN),
            "interests": [
                (row, f"{site}{reverse('interest', args=[row.pk])}") for row in news.interests[:MOST_SHOWN]
            ],
            "more_interests": max(0, len(news.interests) - MOST_SHOWN),
            "leads": len(news.leads),
            "leads_link": f"{site}{reverse('leads')}",
            "requests": [row.enterprise.name for row in news.requests[:MOST_SHOWN]],
            "requests_link": f"{site}{reverse('talent-me')}",
            "answers": [
                (row.enterprise.name, row.status == TalentRequest.Status.ACCEPTED)
                for row in news.answers[:MOST_SHOWN]
            ],
            "answers_link": f"{site}{reverse('talent-people')}",
            "reviewed": [
                (row, row.state == MarketOffer.State.PUBLISHED) for row in news.reviewed[:MOST_SHOWN]
            ],
            "ending": news.ending[:MOST_SHOWN],
            "accreditations": news.accreditations[:MOST_SHOWN],
            "more_offers": sum(max(0, len(rows) - MOST_SHOWN) for rows in (news.reviewed, news.ending)),
            "offers_link": f"{site}{reverse('market-mine')}",
            "lang": language(),
            "stop": stop,
        },
    )
    subject = ngettext(
        "Capillary: %(count)s piece of news",
        "Capillary: %(count)s pieces of news",
        news.count,
    ) % {"count": news.count}
    EmailMessage(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
        headers={"List-Unsubscribe": f"<{stop}>"},  # RFC 2369: mail programs show a link of their own
    ).send()
