"""Writes of needs and matches: publication, sending, interests, quotes, contracts, deliveries, figures, ratings, complaints.

Every write locks the need or the provider first where it counts something, then the match, so that two people who act at once
come one after the other and the second one meets what the first one did.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy

from capillary.matching.anonymous import identity_problems
from capillary.matching.leads import full
from capillary.matching.life import (
    Act,
    Measured,
    Side,
    Status,
    agreed_after,
    begun,
    in_time,
    interest_hindrance,
    marks,
    record_delivered,
    record_measured,
    record_rated,
    send_hindrance,
    status_after,
)
from capillary.matching.rank import rank
from capillary.model.market import Market
from capillary.model.text import msg
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.models import Enterprise, Member
from capillary.web.evidence.files.room import must_have_room
from capillary.web.market.live import live
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import as_kept, offer_of, provider_record
from capillary.web.matches import selectors
from capillary.web.matches.locks import locked_for
from capillary.web.matches.models import Match, MatchEvent, MatchMessage, Need, Quote
from capillary.web.rates.current import rates_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from capillary.model.market import Offer
    from capillary.web.accounts.models import User
    from capillary.web.matches.selectors import Visit

MOST_OPEN_NEEDS = 10
SHORTEST_NAME = 4


# --- needs -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def need_publish(
    *, enterprise: Enterprise, assessment: Assessment | None, values: Mapping[str, Any], by: User | None
) -> Need:
    """Publish what a firm needs; providers see of it what names nobody.

    Args:
        enterprise: whose need it is.
        assessment: where it comes from, if from one.
        values: measures, languages, budget, currency, start_by, words, users, machines.
        by: who publishes it; None for the demonstration.

    Raises:
        RefusedError: the enterprise has too many open needs, or the words name it.
    """
    locked = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    if Need.objects.filter(enterprise=locked, state=Need.State.OPEN).count() >= MOST_OPEN_NEEDS:
        raise RefusedError(
            msg("{most} of your needs are open. Close one of them first.", most=MOST_OPEN_NEEDS)
        )
    name = locked.name.casefold().strip()
    if len(name) >= SHORTEST_NAME and name in str(values.get("words", "")).casefold():
        raise RefusedError(msg("Leave the name of the enterprise out of the text."), "words")
    row = Need.objects.create(
        enterprise=locked,
        assessment=assessment,
        sector=locked.sector,
        region=locked.region,
        employees=locked.employees,
        published_by=by,
        **values,
    )
    audit_write(by, "need-publish", locked.pk, f"need {row.reference}")
    return row


@transaction.atomic
def need_close(*, need: Need, by: User) -> None:
    """Take a need from the market; what waits for an answer of either side is withdrawn, what is agreed goes on."""
    row = Need.objects.select_for_update().get(pk=need.pk)
    if row.state == Need.State.CLOSED:
        return
    row.state, row.closed_at = Need.State.CLOSED, timezone.now()
    row.save(update_fields=["state", "closed_at"])
    waiting = row.matches.select_for_update(of=("self",)).filter(status__in=[Status.INTEREST, Status.SENT])
    for match in waiting.select_related("need"):
        if not match.named:
            _moved(match, Status.WITHDRAWN)
            _noted(match, by, Side.SIGNER, "close")
    audit_write(by, "need-close", row.enterprise_id, f"need {row.reference}")


@transaction.atomic
def need_send(*, need: Need, codes: Sequence[str], by: User) -> list[Match]:
    """Send a need to offers. Each provider sees what names nobody, and the rest once it takes care.

    Args:
        need: the need.
        codes: ids of offers.
        by: who sends it.

    Raises:
        RefusedError: there are too many, or an offer does not stand any more, does not fit, or nobody would answer.
    """
    row = Need.objects.select_for_update().get(pk=need.pk)
    _must_be_open(row)
    wanted = list(dict.fromkeys(codes))
    against = send_hindrance(selectors.sent_of(row), len(wanted))
    if against is not None:
        raise RefusedError(against)
    found = {item.fit.offer.id: item for item in selectors.offers_for(row)}
    made = []
    for code in wanted:
        item = found.get(code)
        if item is None or not item.can_answer:
            raise RefusedError(msg("An offer does not stand any more, or nobody would answer. Choose again."))
        if item.full is not None:
            raise RefusedError(item.full)
        if item.match is not None:
            raise RefusedError(msg("The need has met one of these offers before. Choose others."))
        provider = MarketProvider.objects.get(code=item.fit.provider.id)
        made.append(_begun(row, provider, item.fit.offer, by, by_firm=True))
    return made


def _must_be_open(need: Need) -> None:
    if need.state != Need.State.OPEN:
        raise RefusedError(msg("This need is closed."))


@transaction.atomic
def interest_express(*, provider: MarketProvider, need: Need, code: str, by: User) -> Match:
    """Express a provider's interest in a need. The firm sees the offer without a name, and accepts or refuses.

    Raises:
        RefusedError: the day's limit is reached, the offer does not fit, the need is closed, or the visitor acts for the firm.
    """
    row = Need.objects.select_for_update().get(pk=need.pk)
    locked = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    _must_be_open(row)
    today = timezone.localdate()
    against = interest_hindrance(locked.matches.filter(by_firm=False, made_at__date=today).count())
    if against is not None:
        raise RefusedError(against)
    if Member.objects.filter(enterprise=row.enterprise_id, user=by, until=None).exists():
        raise RefusedError(
            msg("You act for the firm that has this need. Somebody else of the provider has to do this.")
        )
    offer = live().market.offers.get(code)
    if offer is None or offer.provider != locked.code or not _fits(row, locked, offer):
        raise RefusedError(msg("This offer does not fit the need. Choose another one."))
    _must_have_places(locked, offer)
    if row.matches.filter(provider=locked).exists():
        raise RefusedError(msg("Your offers have met this need before."))
    return _begun(row, locked, offer, by, by_firm=False)


def _fits(need: Need, provider: MarketProvider, offer: Offer) -> bool:
    market = Market({offer.id: offer}, {provider.code: selectors.public_of(provider)})
    rates = rates_today()
    return bool(rank(selectors.wanted_of(need), market, rates).matches)


def _must_have_places(provider: MarketProvider, offer: Offer) -> None:
    """Refuse where an offer, or its provider over all offers, takes no more firms in this quarter; the provider is locked."""
    busy = selectors.busy_of(provider, timezone.localdate())
    against = full(offer, selectors.public_of(provider), busy)
    if against is not None:
        raise RefusedError(
            msg(
                "{cause} Finish or refuse something first, or change your places under “Who we are” or in the offer.",
                cause=against,
            )
        )


def _begun(need: Need, provider: MarketProvider, offer: Offer, by: User, *, by_firm: bool) -> Match:
    now, start = timezone.now(), begun(by_firm=by_firm)
    row = Match.objects.create(
        need=need,
        provider=provider,
        offer_code=offer.id,
        offer=as_kept(offer),
        status=start.status,
        by_firm=by_firm,
        firm_agreed_at=now if start.firm_agreed else None,
        provider_agreed_at=now if start.provider_agreed else None,
        since=timezone.localdate(now),
        made_by=by,
        made_at=now,
        changed_at=now,
    )
    _noted(row, by, Side.SIGNER if by_firm else Side.PROVIDER, "send" if by_firm else "express")
    return row


# --- yes and no ------------------------------------------------------------------------------------------------------


@transaction.atomic
def interest_accept(*, visit: Visit) -> None:
    """Accept a provider's interest: both have agreed, and each sees the other's name from now on.

    Raises:
        RefusedError: there is none.
    """
    row = locked_for(visit, Act.ACCEPT)
    _act(row, visit, Act.ACCEPT)


@transaction.atomic
def match_refuse(*, visit: Visit, why: str) -> None:
    """Refuse what the other side asked, with a reason.

    Raises:
        RefusedError: nothing was asked, it is too late, or the reason says who wrote it before both have agreed.
    """
    row = locked_for(visit, Act.REFUSE)
    _must_not_tell_who(row, visit, why)
    _act(row, visit, Act.REFUSE, why)


@transaction.atomic
def match_withdraw(*, visit: Visit, why: str) -> None:
    """Withdraw what one's own side asked.

    Raises:
        RefusedError: there is a contract, the other side is asked, or the reason says who wrote it before both have agreed.
    """
    row = locked_for(visit, Act.WITHDRAW)
    _must_not_tell_who(row, visit, why)
    _act(row, visit, Act.WITHDRAW, why)


def _must_not_tell_who(row: Match, visit: Visit, text: str) -> None:
    """Refuse a reason that says who wrote it before both have agreed.

    The other side's name is not looked for: a refusal would tell a guesser that the guess was right.
    """
    if row.named:
        return
    provider = (row.provider.name_zh, row.provider.name_en)
    names = (row.need.enterprise.name,) if visit.is_firm else provider
    if identity_problems({"text": text}, names):
        raise RefusedError(
            msg("Leave names, numbers and addresses out of the text: both have not agreed yet."), "text"
        )


@transaction.atomic
def match_take(*, visit: Visit, text: str = "") -> None:
    """Take care of a need that was sent: both have agreed, and the clock of the three working days stops.

    Raises:
        RefusedError: nothing was sent, the visitor acts for the firm, or the provider takes no more firms in this quarter.
    """
    row = locked_for(visit, Act.TAKE)
    locked = MarketProvider.objects.select_for_update().get(pk=row.provider_id)
    # what the offer says of its places today counts; one that is not public any more as it was
    offer = live().market.offers.get(row.offer_code) or offer_of(row.offer)
    _must_have_places(locked, offer)
    row.in_time = in_time(row.state, row.since.toordinal(), timezone.localdate().toordinal())
    _act(row, visit, Act.TAKE, text)


# --- messages --------------------------------------------------------------------------------------------------------


@transaction.atomic
def message_write(*, visit: Visit, values: Mapping[str, Any]) -> MatchMessage:
    """Write to the other side, with a file if there is one; an officer writes to both while a complaint waits.

    Args:
        visit: who writes.
        values: ``text`` and, for a file that has been checked, its fields.

    Raises:
        RefusedError: both have not agreed yet, or the match is over.
        BadFileError: there is no room left for the file.
    """
    row = locked_for(visit, Act.WRITE)
    _check_room(row, values.get("file_size", 0))
    found = MatchMessage(match=row, by=visit.user, side=_sidename(visit.side), **values)
    _kept_with_file(found)
    row.changed_at = timezone.now()
    row.save(update_fields=["changed_at"])
    _noted(row, visit.user, visit.side, Act.WRITE)
    return found


def _kept_with_file(found: MatchMessage | Quote) -> None:
    try:
        found.save(force_insert=True)
    except Exception:
        if found.file:
            found.file.delete(save=False)
        raise


def _check_room(row: Match, size: int) -> None:
    """Raise where a file would take a match over its room; the row's lock keeps two uploads from passing at once."""
    must_have_room(
        size,
        row.thread.all(),
        row.quotes.all(),
        cause=_lazy("The files of this match would take more than %(limit)s."),
        remedy=_lazy("Send a smaller file."),
    )


# --- price, dates, contract ------------------------------------------------------------------------------------------


@transaction.atomic
def quote_make(*, visit: Visit, values: Mapping[str, Any]) -> Quote:
    """Offer a price with dates; a further one replaces the one before.

    Args:
        visit: who offers it.
        values: one_off, yearly, currency, weeks, valid_until, note and, for a file that has been checked, its fields.

    Raises:
        RefusedError: it is not the time for it.
        BadFileError: there is no room left for the file.
    """
    row = locked_for(visit, Act.QUOTE)
    _check_room(row, values.get("file_size", 0))
    number = row.quotes.count() + 1
    found = Quote(match=row, number=number, by=visit.user, **values)
    _kept_with_file(found)
    _act(row, visit, Act.QUOTE, str(found))
    return found


@transaction.atomic
def quote_return(*, visit: Visit, why: str) -> None:
    """Ask for another quote.

    Raises:
        RefusedError: there is none.
    """
    row = locked_for(visit, Act.RETURN)
    _act(row, visit, Act.RETURN, why)


@transaction.atomic
def contract_note(*, visit: Visit, quote: int, day: dt.date) -> None:
    """Note the contract on the terms of a quote.

    Args:
        visit: who notes it; signs for the firm.
        quote: the number of the quote that was read.
        day: the day of the contract.

    Raises:
        RefusedError: the quote does not stand any more, another one was made since, or the day has not come.
    """
    row = locked_for(visit, Act.CONTRACT)
    last = row.quotes.first()
    if last is None or last.number != quote:
        raise RefusedError(msg("The provider has made another quote since. Read it first."))
    if not timezone.localdate(last.at) <= day <= timezone.localdate():
        raise RefusedError(msg("Enter a day between that of the quote and today."), "day")
    row.contract_on, row.contract_amount, row.contract_currency = day, last.first_year, last.currency
    row.deliver_by = day + dt.timedelta(weeks=last.weeks)
    _act(row, visit, Act.CONTRACT, f"{last.currency} {last.first_year}")


# --- delivery, figures, rating ---------------------------------------------------------------------------------------


@transaction.atomic
def delivery_report(*, visit: Visit, day: dt.date, text: str) -> None:
    """Say that everything is delivered; the firm confirms it or says what is missing.

    Raises:
        RefusedError: there is no contract, or the day lies before it or has not come.
    """
    row = locked_for(visit, Act.DELIVER)
    if row.contract_on is None or not row.contract_on <= day <= timezone.localdate():
        raise RefusedError(msg("Enter a day between that of the contract and today."), "day")
    row.delivered_on = day
    _act(row, visit, Act.DELIVER, text)


@transaction.atomic
def delivery_confirm(*, visit: Visit) -> None:
    """Confirm the delivery; it becomes part of the provider's record.

    Raises:
        RefusedError: the provider has not said that it delivered.
    """
    row = locked_for(visit, Act.CONFIRM)
    row.confirmed_at = timezone.now()
    _act(row, visit, Act.CONFIRM)
    sector = row.need.sector
    provider_record(
        by=visit.user, provider=row.provider, change=lambda record: record_delivered(record, sector)
    )


@transaction.atomic
def delivery_reject(*, visit: Visit, why: str) -> None:
    """Say what is missing of a delivery.

    Raises:
        RefusedError: the provider has not said that it delivered.
    """
    row = locked_for(visit, Act.REJECT)
    row.delivered_on = None
    _act(row, visit, Act.REJECT, why)


@transaction.atomic
def outcome_measure(*, visit: Visit, cost: Decimal, used_by: int | None) -> None:
    """Keep what a project has cost, and the levels before and after it; against the contract they go into the record.

    Raises:
        RefusedError: the delivery is not confirmed, or it was measured before.
    """
    row = locked_for(visit, Act.MEASURE)
    row.cost, row.used_by = cost, used_by
    row.level_before, row.level_after = levels_of(row)
    _act(row, visit, Act.MEASURE, f"{row.contract_currency} {cost}")
    facts = measured_of(row)
    provider_record(
        by=visit.user, provider=row.provider, change=lambda record: record_measured(record, facts)
    )


def measured_of(row: Match) -> Measured:
    """Return what was measured, as the engine takes it."""
    risen = None
    if row.level_before is not None and row.level_after is not None:
        risen = row.level_after - row.level_before
    return Measured(
        in_time=row.delivered_on is not None
        and row.deliver_by is not None
        and row.delivered_on <= row.deliver_by,
        in_budget=row.cost is not None
        and row.contract_amount is not None
        and row.cost <= row.contract_amount,
        levels=risen,
    )


def levels_of(row: Match) -> tuple[int | None, int | None]:
    """Return the firm's level before a contract and after its delivery, by its own answers.

    Both come from assessments under one standard, that of the assessment that the need comes from, and only where the level is
    certain; None where there is none.
    """
    if row.need.assessment is None or row.contract_on is None or row.delivered_on is None:
        return None, None
    rows = Assessment.objects.filter(
        enterprise=row.need.enterprise_id, standard=row.need.assessment.standard
    ).order_by("number")
    before: int | None = None
    after: int | None = None
    for item in rows:
        level = item.level_low if item.certain else None
        completed = item.completed_at and timezone.localdate(item.completed_at)
        if completed is not None and completed <= row.contract_on:
            before = level
        elif timezone.localdate(item.changed_at) >= row.delivered_on:
            after = level
    return before, after


@transaction.atomic
def match_rate(*, visit: Visit, satisfied: bool, in_use: bool, trained: bool) -> None:
    """Rate a delivery by answers to yes-or-no questions; the first one goes into the provider's record as a count.

    Raises:
        RefusedError: it is not delivered and measured, was rated before, or a complaint waits.
    """
    row = locked_for(visit, Act.RATE)
    row.satisfied, row.in_use, row.trained = satisfied, in_use, trained
    _act(row, visit, Act.RATE)
    provider_record(
        by=visit.user, provider=row.provider, change=lambda record: record_rated(record, satisfied=satisfied)
    )


# --- complaints ------------------------------------------------------------------------------------------------------


@transaction.atomic
def complaint_make(*, visit: Visit, text: str) -> None:
    """Complain: officers of the programmes in which the firm takes part see the match from now on, and mediate.

    Raises:
        RefusedError: both have not agreed yet, a complaint waits already, or the firm takes part in no programme.
    """
    row = locked_for(visit, Act.COMPLAIN)
    if not selectors.has_mediators(row):
        raise RefusedError(
            msg("The firm takes part in no programme whose officers could mediate. Join one first.")
        )
    row.complaint_at, row.settled_at = timezone.now(), None
    row.complaint_firm = visit.is_firm
    _act(row, visit, Act.COMPLAIN, text)


@transaction.atomic
def complaint_drop(*, visit: Visit, text: str) -> None:
    """Take one's own complaint back; nobody mediates any more, and the match goes on.

    Raises:
        RefusedError: no complaint of one's own side waits, such as because it was settled meanwhile.
    """
    row = locked_for(visit, Act.DROP)
    row.settled_at = timezone.now()
    _act(row, visit, Act.DROP, text)


@transaction.atomic
def complaint_settle(*, visit: Visit, text: str, ends: bool) -> None:
    """Settle a complaint with words that both sides read; the match goes on or ends.

    Raises:
        RefusedError: there is no complaint, or the officer acts for one of the sides.
    """
    row = locked_for(visit, Act.SETTLE)
    row.settled_at = timezone.now()
    _act(row, visit, Act.SETTLE, text, ends=ends)


# --- clocks ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def clocks_check(today: dt.date | None = None) -> int:
    """Note what the clocks have struck, each mark on its own day whenever this runs; return how many are new."""
    day = today or timezone.localdate()
    rows = (
        Match.objects.select_for_update(of=("self",))
        .select_related("need")
        .exclude(status__in=[Status.RATED, Status.REFUSED, Status.WITHDRAWN, Status.ENDED])
        .filter(overdue_on=None, since__lt=day)
    )
    new = 0
    for row in rows.iterator():
        until = None if row.deliver_by is None else row.deliver_by.toordinal()
        for mark in marks(row.state, row.since.toordinal(), day.toordinal(), until):
            field = "reminded_on" if mark.kind == "remind" else "overdue_on"
            if getattr(row, field) is None:
                setattr(row, field, dt.date.fromordinal(mark.day))
                MatchEvent.objects.create(match=row, act=mark.kind)
                audit_write(None, f"match-{mark.kind}", row.need.enterprise_id, f"match {row.pk}")
                new += 1
        row.save(update_fields=["reminded_on", "overdue_on"])
    return new


# --- what all share --------------------------------------------------------------------------------------------------


def _act(row: Match, visit: Visit, act: Act, text: str = "", *, ends: bool = False) -> None:
    """Move a match on, note the step, and from the moment on which both have agreed also that names are shown."""
    standing, was_named = selectors.standing_of(row), row.named
    firm, provider = agreed_after(act, standing)
    now = timezone.now()
    row.firm_agreed_at = row.firm_agreed_at or (now if firm else None)
    row.provider_agreed_at = row.provider_agreed_at or (now if provider else None)
    _moved(row, status_after(act, standing, ends=ends))
    _noted(row, visit.user, visit.side, act, text)
    if row.named and not was_named:
        _noted(row, visit.user, visit.side, "named")


def _moved(row: Match, status: Status) -> None:
    if status != row.state:
        row.since, row.reminded_on, row.overdue_on = timezone.localdate(), None, None
    row.status, row.changed_at = status, timezone.now()
    row.save()


def _sidename(side: Side) -> str:
    return "firm" if side in {Side.HELPER, Side.SIGNER} else side.value


def _noted(row: Match, by: User | None, side: Side, act: str, text: str = "") -> None:
    MatchEvent.objects.create(match=row, by=by, side=_sidename(side), act=str(act), text=text)
    audit_write(by, f"match-{act}", row.need.enterprise_id, f"match {row.pk}")
