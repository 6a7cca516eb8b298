"""Letters about needs, matches and requests to people: one a day at most, for each who wants them, with all that is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
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

from capillary.web.accounts.models import Position, User
from capillary.web.cooperation.selectors import interest_news
from capillary.web.enterprises.models import Member
from capillary.web.market.models import MarketProvider
from capillary.web.matches import selectors
from capillary.web.matches.models import LetterChoice, Match, MatchEvent
from capillary.web.talent.models import TalentRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.web.cooperation.models import Interest
    from capillary.web.matches.selectors import LeadShown

SALT = "match-letters"
MOST_SHOWN = 10
FIRST_DAYS = 7
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
    """

    matches: Sequence[Match]
    leads: Sequence[LeadShown]
    requests: Sequence[TalentRequest] = ()
    answers: Sequence[TalentRequest] = ()
    interests: Sequence[Interest] = ()

    @property
    def count(self) -> int:
        """How many things are new."""
        return sum(map(len, (self.matches, self.leads, self.requests, self.answers, self.interests)))


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


def news_of(user: User, since: dt.datetime) -> News:
    """Return what is new for a person since a moment."""
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
    leads = [] if provider is None else selectors.leads_of(provider, since=since)
    work = TalentRequest.objects.select_related("enterprise").filter(enterprise__erased_at=None)
    return News(
        list(told.select_related("need", "provider").distinct()),
        leads,
        list(work.filter(profile__user=user, status=TalentRequest.Status.WAITING, sent_at__gt=since)),
        list(work.filter(by=user, answered_at__gt=since)),
        interest_news(list(enterprises.values_list("enterprise", flat=True)), since),
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
    news = news_of(user, choice.last_at or now - dt.timedelta(days=FIRST_DAYS))
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
