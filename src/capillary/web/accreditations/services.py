"""Writes of accreditations: what is told, applied for, found out, proposed, decided, appealed and taken back.

Every write locks the desk where it counts, then the application, so that two people who act at once come one after the other
and the second one meets what the first one did.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy

from capillary.incentives.situation import read_situation
from capillary.incentives.words import fact_title
from capillary.matching.accrediting import (
    OFFICE_FACTS,
    WAITING,
    Act,
    Outcome,
    Status,
    round_after,
    status_after,
    verdict_hindrance,
)
from capillary.model.market import Accreditation
from capillary.model.text import Text, msg
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.accreditations import judging, selectors, tasks
from capillary.web.accreditations.models import (
    AccreditationDecision,
    AccreditationEvent,
    AccreditationPaper,
    AccreditationRequest,
    Desk,
    ProviderFacts,
)
from capillary.web.accreditations.selectors import Visit
from capillary.web.core.refusals import RefusedError
from capillary.web.evidence.files.room import must_have_room
from capillary.web.market.bonds import bound_organisations
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import provider_accredit, provider_disaccredit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models.fields.files import FieldFile

    from capillary.incentives.evaluate import Entitlement
    from capillary.model.text import Message
    from capillary.web.accounts.models import Organisation, User

State = AccreditationDecision.State
RENEW_DAYS = 90


# --- desks and facts -------------------------------------------------------------------------------------------------


@transaction.atomic
def desk_save(
    *, desk: Desk | None, organisation: Organisation, values: Mapping[str, Any], by: User | None
) -> Desk:
    """Open a desk of an office, or change one; what was accredited before stays as it was.

    Args:
        desk: the one to change; None for a new one.
        organisation: whose it is.
        values: programme (for a new one), months, appeal_days, note, contact, is_open.
        by: who does it; None for the demonstration.

    Raises:
        RefusedError: the office has one for this accreditation already.
    """
    row = (
        Desk(organisation=organisation, made_by=by)
        if desk is None
        else Desk.objects.select_for_update().get(pk=desk.pk)
    )
    for name, value in values.items():
        if desk is None or name != "programme":
            setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError(
            msg("Your office decides about this accreditation already. Change that entry."), "programme"
        ) from error
    audit_write(by, "accreditation-desk", None, str(row))
    return row


@transaction.atomic
def facts_tell(*, provider: MarketProvider, facts: Mapping[str, object], by: User | None) -> None:
    """Keep what a provider tells of itself; each application rests on it until it is submitted.

    Args:
        provider: whose facts they are.
        facts: by fact, as rules read them; None for one that is not known.
        by: who tells them.

    Raises:
        InputError: a value cannot be read; each is named.
    """
    rules = engine.accreditations()
    told = {name: value for name, value in facts.items() if name not in OFFICE_FACTS}
    read_situation(
        {name: value for name, value in told.items() if value is not None},
        rules,
        on=timezone.localdate().isoformat(),
    )
    locked = MarketProvider.objects.select_for_update().get(pk=provider.pk)
    row, _made = ProviderFacts.objects.get_or_create(provider=locked)
    row.facts = {**row.facts, **told}
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    audit_write(by, "accreditation-facts", None, locked.code)


# --- an application --------------------------------------------------------------------------------------------------


@transaction.atomic
def request_start(*, desk: Desk, provider: MarketProvider, by: User | None) -> AccreditationRequest:
    """Begin an application; one that is begun already is returned.

    Raises:
        RefusedError: the office takes none, is bound to the provider, another office has the matter in hand, or the
            accreditation holds for long enough.
    """
    row = Desk.objects.select_for_update().select_related("organisation").get(pk=desk.pk)
    if not row.is_open:
        raise RefusedError(msg("This office takes no applications now."))
    judging.programme_of(row.programme)
    if row.organisation_id in bound_organisations(provider):
        raise RefusedError(
            msg("This office is bound to you, so it cannot decide about you. Choose another one.")
        )
    mine = AccreditationRequest.objects.filter(provider=provider, desk__programme=row.programme)
    begun = mine.filter(status__in=[Status.DRAFT, *WAITING]).first()
    if begun is not None and begun.desk_id == row.pk:
        return begun
    if begun is not None:
        raise RefusedError(
            msg("You have applied for this accreditation to another office. Withdraw that first.")
        )
    today = timezone.localdate()
    held = mine.filter(status=Status.GRANTED, valid_to__gt=today + dt.timedelta(days=RENEW_DAYS)).first()
    if held is not None and held.valid_to is not None:
        raise RefusedError(
            msg(
                "You are accredited through {last}. You can apply for the renewal from {day} on.",
                last=held.valid_to.isoformat(),
                day=(held.valid_to - dt.timedelta(days=RENEW_DAYS)).isoformat(),
            )
        )
    row.numbers += 1
    row.save(update_fields=["numbers"])
    made = AccreditationRequest.objects.create(desk=row, number=row.numbers, provider=provider, made_by=by)
    _noted(made, by, "start")
    return made


def _locked(visit: Visit, act: Act) -> AccreditationRequest:
    """Return the application, locked, once it is certain that the visitor may do something with it.

    Raises:
        RefusedError: he may not, and why.
    """
    row = (
        AccreditationRequest.objects.select_for_update(of=("self",))
        .select_related("desk__organisation", "provider__organisation")
        .get(pk=visit.row.pk)
    )
    against = Visit(visit.user, row, visit.side).hindrance(act)
    if against is not None:
        raise RefusedError(against)
    return row


@transaction.atomic
def paper_add(*, visit: Visit, values: Mapping[str, Any]) -> AccreditationPaper:
    """Hand in a paper, or say why an item of the checklist does not apply.

    Args:
        visit: who hands it in.
        values: fields of the paper; a file has been checked.

    Raises:
        RefusedError: nothing can be handed in now.
        BadFileError: there is no room left for the file.
    """
    row = _locked(visit, Act.ADD_PAPER)
    _check_room(row.provider, values.get("file_size", 0))
    paper = AccreditationPaper(request=row, added_by=visit.user, **values)
    try:
        paper.save(force_insert=True)
        _noted(row, visit.user, Act.ADD_PAPER, str(paper))
    except Exception:
        if paper.file:
            paper.file.delete(save=False)
        raise
    return paper


def _check_room(provider: MarketProvider, size: int) -> None:
    """Raise where a file would take a provider over its room; the row's lock keeps two uploads from passing at once."""
    MarketProvider.objects.select_for_update().get(pk=provider.pk)
    must_have_room(
        size,
        AccreditationPaper.objects.filter(request__provider=provider),
        cause=_lazy("Your papers would take more than %(limit)s."),
        remedy=_lazy("Hand in a smaller file, such as a scan of lower resolution."),
    )


@transaction.atomic
def paper_remove(*, visit: Visit, paper: object) -> None:
    """Take a paper out of a draft; what was handed in with a submission stays.

    Raises:
        RefusedError: it is no draft any more.
    """
    row = _locked(visit, Act.EDIT)
    for found in row.papers.filter(pk=paper):
        _noted(row, visit.user, "paper-remove", str(found))
        stored = [found.file] if found.file else []
        found.delete()
        transaction.on_commit(lambda stored=stored: _files_deleted(stored))


def _files_deleted(files: Iterable[FieldFile]) -> None:
    for item in files:
        item.storage.delete(item.name or "")


def lacks_of(row: AccreditationRequest, entitlement: Entitlement) -> list[Message]:
    """Return what a draft lacks before it can be submitted, a message each; what the office finds out is not asked."""
    found: list[Message] = []
    if entitlement.timing != "in-force":
        found.append(msg("These rules are not in force today, so nothing can be decided by them."))
    rules = engine.accreditations()
    found.extend(
        msg("Not told yet: {fact}.", fact=fact_title(name, rules))
        for name in entitlement.missing
        if name not in OFFICE_FACTS
    )
    found.extend(
        msg("Missing: {paper}. Hand it in, or say why it does not apply.", paper=item.item.title)
        for item in selectors.checklist(row, entitlement)
        if not item.papers
    )
    return found


@transaction.atomic
def request_submit(*, visit: Visit, remark: str, site: str) -> None:
    """Submit an application: what is told now is what the office decides about, by the rules of today.

    Raises:
        RefusedError: it is no draft, something is missing, or the office takes none any more.
    """
    row = _locked(visit, Act.SUBMIT)
    if not row.desk.is_open:
        raise RefusedError(msg("This office takes no applications now."))
    lacks = lacks_of(row, judging.judge(row))
    if lacks:
        raise RefusedError(lacks[0])
    now = timezone.now()
    row.facts = {
        name: value
        for name, value in judging.told_by(row.provider).items()
        if name in judging.asked_of(row.desk.programme, timezone.localdate(now).isoformat())
    }
    row.remark, row.on = remark, timezone.localdate(now)
    row.submitted_by, row.submitted_at = visit.user, now
    _moved(row, visit, Act.SUBMIT, remark)
    tasks.letter_send.enqueue("submitted", str(row.pk), site)


@transaction.atomic
def request_withdraw(*, visit: Visit, why: str) -> None:
    """Withdraw an application, or give an accreditation back; a draft is deleted.

    Raises:
        RefusedError: there is nothing to withdraw.
    """
    row = _locked(visit, Act.WITHDRAW)
    if row.state == Status.DRAFT:
        files = [paper.file for paper in row.papers.all() if paper.file]
        audit_write(visit.user, "accreditation-delete", None, row.reference)
        row.delete()
        transaction.on_commit(lambda: _files_deleted(files))
        return
    held = row.holds
    row.decisions.filter(state=State.WAITS).update(state=State.RETURNED, judged_at=timezone.now())
    row.before = ""
    _moved(row, visit, Act.WITHDRAW, why)
    if held:
        _taken_from_public(row, visit.user)


@transaction.atomic
def request_appeal(*, visit: Visit, text: str, site: str) -> None:
    """Appeal against a decision; officers who had no part in it look at it anew.

    Raises:
        RefusedError: there is nothing to appeal, it was appealed before, or the time is over.
    """
    row = _locked(visit, Act.APPEAL)
    _moved(row, visit, Act.APPEAL, text)
    tasks.letter_send.enqueue("appeal", str(row.pk), site)


# --- the office ------------------------------------------------------------------------------------------------------


@transaction.atomic
def fact_check(*, visit: Visit, fact: str, value: object, why: str) -> None:
    """State what the office found out, or correct what was told; the provider sees both values and the reason.

    Raises:
        RefusedError: it is not the time for it, the officer is bound, or the rules ask for no such fact.
        InputError: the value cannot be read.
    """
    row = _locked(visit, Act.CHECK)
    day = (row.on or timezone.localdate()).isoformat()
    if fact not in judging.asked_of(row.desk.programme, day):
        raise RefusedError(msg("The rules do not ask for this."))
    read_situation({fact: value}, engine.accreditations(), on=day)
    entry = {"value": value, "why": why, "by": visit.user.pk, "at": timezone.now().isoformat()}
    row.checked = {**row.checked, fact: entry}
    row.changed_at = timezone.now()
    row.save(update_fields=["checked", "changed_at"])
    _noted(row, visit.user, Act.CHECK, f"{fact}: {why}", office=True)


@transaction.atomic
def decision_propose(*, visit: Visit, outcome: Outcome, reasons: str) -> AccreditationDecision:
    """Propose a decision to the second officer, with what the rules say now.

    Raises:
        RefusedError: it is not the time for it, the officer is bound, the rules are not met, or a reason is missing.
    """
    row = _locked(visit, Act.PROPOSE)
    _must_fit(row, visit, outcome, reasons)
    made = AccreditationDecision.objects.create(
        request=row,
        round=row.round,
        outcome=outcome,
        reasons=reasons,
        judged=judging.judge(row).as_json(),
        proposed_by=visit.user,
    )
    row.before = row.status
    _moved(row, visit, Act.PROPOSE, reasons)
    return made


def _must_fit(row: AccreditationRequest, visit: Visit, outcome: Outcome, reasons: str) -> None:
    if outcome not in selectors.outcomes_of(Visit(visit.user, row, visit.side)):
        raise RefusedError(msg("This cannot be proposed now."), "outcome")
    against = verdict_hindrance(outcome, judging.judge(row).verdict, reasons)
    if against is not None:
        raise RefusedError(against, "outcome" if outcome == Outcome.GRANT else "reasons")


@transaction.atomic
def decision_confirm(*, visit: Visit, remark: str, site: str) -> AccreditationRequest:
    """Confirm another officer's proposal: this is the decision, and the provider gets a letter.

    Raises:
        RefusedError: nothing waits, it is one's own proposal, the officer is bound, or the rules are not met any more.
    """
    row = _locked(visit, Act.CONFIRM)
    found = row.decisions.select_for_update().get(state=State.WAITS)
    outcome = Outcome(found.outcome)
    against = verdict_hindrance(outcome, judging.judge(row).verdict, found.reasons)
    if against is not None:
        raise RefusedError(against)
    now = timezone.now()
    found.state, found.judged_by, found.judged_at, found.remark = State.CONFIRMED, visit.user, now, remark
    found.save()
    standing = selectors.standing_of(row)
    today = timezone.localdate(now)
    row.status, row.round, row.before = (
        status_after(Act.CONFIRM, standing, outcome),
        round_after(Act.CONFIRM, standing, outcome),
        "",
    )
    row.decided_at, row.appeal_by = now, today + dt.timedelta(days=row.desk.appeal_days)
    if outcome == Outcome.GRANT:
        row.granted_on, row.valid_to = today, months_later(today, row.desk.months)
    row.changed_at = now
    row.save()
    _noted(row, visit.user, outcome, found.reasons, office=True)
    _made_public(row, outcome, str(found.judged["version"]), visit.user)
    tasks.letter_send.enqueue("decision", str(row.pk), site)
    return row


def _made_public(row: AccreditationRequest, outcome: Outcome, version: str, by: User) -> None:
    if outcome == Outcome.GRANT and row.granted_on is not None and row.valid_to is not None:
        office = row.desk.organisation
        held = Accreditation(
            programme=row.desk.programme,
            granted_on=row.granted_on.isoformat(),
            valid_to=row.valid_to.isoformat(),
            version=version,
            by=Text(zh=office.name_zh, en=office.name_en),
        )
        # a renewal takes the place of what it renews
        earlier = AccreditationRequest.objects.filter(
            provider=row.provider, desk__programme=row.desk.programme, status=Status.GRANTED
        ).exclude(pk=row.pk)
        for other in earlier.filter(valid_to__gte=row.granted_on):
            assert other.granted_on is not None  # noqa: S101 - the database holds it
            other.valid_to = max(other.granted_on, row.granted_on - dt.timedelta(days=1))
            other.save(update_fields=["valid_to"])
        provider_accredit(provider=row.provider, held=held, by=by)
    elif outcome == Outcome.TAKE_BACK:
        _taken_from_public(row, by)


def _taken_from_public(row: AccreditationRequest, by: User) -> None:
    if row.granted_on is not None:
        provider_disaccredit(
            provider=row.provider,
            programme=row.desk.programme,
            granted_on=row.granted_on.isoformat(),
            by=by,
        )


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the last day of so many months from a day on, the day itself counted.

    >>> months_later(dt.date(2026, 1, 31), 1), months_later(dt.date(2026, 3, 1), 24)
    (datetime.date(2026, 2, 27), datetime.date(2028, 2, 29))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last)) - dt.timedelta(days=1)


@transaction.atomic
def decision_return(*, visit: Visit, remark: str) -> None:
    """Send a proposal back to the office, with what has to change.

    Raises:
        RefusedError: nothing waits, or the officer is bound.
    """
    row = _locked(visit, Act.RETURN)
    found = row.decisions.select_for_update().get(state=State.WAITS)
    found.state, found.judged_by, found.judged_at, found.remark = (
        State.RETURNED,
        visit.user,
        timezone.now(),
        remark,
    )
    found.save()
    _moved(row, visit, Act.RETURN, remark)
    row.before = ""
    row.save(update_fields=["before"])


# --- what all share --------------------------------------------------------------------------------------------------


def _moved(row: AccreditationRequest, visit: Visit, act: Act, text: str = "") -> None:
    standing = selectors.standing_of(row)
    row.status, row.round = status_after(act, standing), round_after(act, standing)
    row.changed_at = timezone.now()
    row.save()
    _noted(row, visit.user, act, text, office=visit.is_office)


def _noted(
    row: AccreditationRequest, by: User | None, act: str, text: str = "", *, office: bool = False
) -> None:
    AccreditationEvent.objects.create(request=row, by=by, act=str(act), text=text, office=office)
    audit_write(by, f"accreditation-{act}", None, row.reference)
