"""Writes of applications: drafts, submission, questions, decisions, appeals. Money moves in `ledger`.

Every write locks the application first, then the enterprise, the call and the invoices, in this order, so that two officers who
act at once come one after the other and see what the other did.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy

from capillary.incentives.applying import WAITING, Act, Status, status_after
from capillary.incentives.invoices import invoice_key
from capillary.incentives.situation import read_situation
from capillary.incentives.words import fact_title
from capillary.model.text import msg
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.applications import judging, ledger, selectors
from capillary.web.applications.locks import locked_for
from capillary.web.applications.models import (
    INSIDE,
    Application,
    Call,
    Clearance,
    Decision,
    Event,
    Paper,
    Question,
    Spend,
)
from capillary.web.applications.tasks import letter_send
from capillary.web.core.refusals import RefusedError
from capillary.web.enterprises.models import Enterprise
from capillary.web.evidence.files.room import must_have_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models.fields.files import FieldFile

    from capillary.incentives.evaluate import Entitlement
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.applications.selectors import Visit


MOST_INVOICES = 300


# --- calls -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def call_save(*, call: Call | None, organisation: Organisation, values: Mapping[str, Any], by: User) -> Call:
    """Make a call, or change one.

    Args:
        call: the one to change, locked by the caller; None for a new one.
        organisation: whose call it is.
        values: title, note, contact, budget, opens_on, closes_on, appeal_days; for a new one programme and code as well.
        by: who does it.

    Raises:
        RefusedError: the budget would be below what is granted already, or the code is taken.
    """
    row = call or Call(organisation=organisation, made_by=by)
    before = row.budget
    for name, value in values.items():
        setattr(row, name, value)
    programme = engine.rules().programmes[row.programme]
    gives_money = selectors.version_of(programme, row).amount is not None
    if row.budget is not None and not gives_money:
        raise RefusedError(
            msg("This programme gives no money, so the call has no budget. Leave it empty."), "budget"
        )
    if row.budget is not None and row.budget < row.granted:
        raise RefusedError(
            msg(
                "{currency} {granted} is granted already. The budget cannot be less than that.",
                currency=row.currency,
                granted=f"{row.granted:,}",
            ),
            "budget",
        )
    if call is None:
        row.currency = (programme.currency or "") if gives_money else ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError(
            msg("Another call has the code {code}. Choose another one.", code=row.code), "code"
        ) from error
    if before != row.budget:
        ledger.budget_note(row, by)
    audit_write(by, "call-change" if call else "call-open", None, f"call {row.code}")
    return row


# --- a draft ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def application_start(*, call: Call, enterprise: Enterprise, by: User) -> Application:
    """Begin an application, filled in with what the enterprise told before; one that is live is returned as it is.

    Raises:
        RefusedError: the call takes no applications today.
    """
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    locked = Call.objects.select_for_update().get(pk=call.pk)
    existing = selectors.live_of(locked, enterprise)
    if existing is not None:
        return existing
    _must_be_open(locked)
    locked.numbers += 1
    locked.save(update_fields=["numbers"])
    row = Application.objects.create(
        call=locked,
        number=locked.numbers,
        enterprise=enterprise,
        name=enterprise.name,
        assessment=judging.assessment_for_rules(enterprise),
        made_by=by,
    )
    _noted(row, by, "start")
    return row


def _must_be_open(call: Call) -> None:
    today = timezone.localdate()
    if today < call.opens_on:
        raise RefusedError(msg("This call opens on {day}.", day=call.opens_on.isoformat()))
    if today > call.closes_on:
        raise RefusedError(
            msg(
                "This call closed on {day}; an application after that day cannot be taken.",
                day=call.closes_on.isoformat(),
            )
        )


@transaction.atomic
def spend_add(*, visit: Visit, values: Mapping[str, Any]) -> Spend:
    """Add an invoice, or a part of one.

    Raises:
        RefusedError: it cannot be added now, or it is claimed already, by this application or another one of the enterprise.
    """
    row = locked_for(visit, Act.EDIT)
    if values["category"] not in judging.categories_of(row):
        raise RefusedError(
            msg("This programme has no such category of spend. Choose one of the list."), "category"
        )
    if row.spends.count() >= MOST_INVOICES:
        raise RefusedError(
            msg(
                "An application holds {most} invoices at most. Enter small ones as one sum.",
                most=MOST_INVOICES,
            )
        )
    line = Spend(
        application=row,
        key=ledger.invoice_hash(invoice_key(values["supplier"], values["number"])),
        plain_number=invoice_key("", values["number"]).partition("|")[0][:60],
        currency=judging.told_now(row).currency,
        **values,
    )
    _must_be_new(row, line)
    line.save()
    _noted(row, visit.user, "spend-add", f"{line.supplier} · {line.number} · {line.claimed}")
    return line


def _must_be_new(application: Application, line: Spend) -> None:
    own = {application.enterprise_id}
    others = [*application.spends.select_related("application"), line]
    found = [
        clash
        for clash in judging.clashes_of(application, others)
        if clash.mine.id == "new" and clash.is_certain and {item.enterprise for item in clash.others} <= own
    ]
    for clash in found:
        where = {str(item.application) for item in clash.others} - {str(application.pk)}
        names = ", ".join(
            row.reference for row in Application.objects.filter(pk__in=where).select_related("call")
        )
        cause = selectors.CLASH_WORDS[clash.kind]
        raise RefusedError(
            msg("{cause} It also stands in: {names}.", cause=cause, names=names or application.reference),
            "claimed" if clash.kind == "over" else "total",
        )


@transaction.atomic
def spend_remove(*, visit: Visit, line: int) -> None:
    """Take an invoice out of a draft.

    Raises:
        RefusedError: it is no draft any more.
    """
    row = locked_for(visit, Act.EDIT)
    for found in row.spends.filter(pk=line):
        _noted(row, visit.user, "spend-remove", f"{found.supplier} · {found.number} · {found.claimed}")
        found.delete()


@transaction.atomic
def paper_add(*, visit: Visit, values: Mapping[str, Any]) -> Paper:
    """Hand in a paper, or say why an item of the checklist does not apply.

    Args:
        visit: who hands it in.
        values: fields of the paper; a file has been checked.

    Raises:
        RefusedError: nothing can be handed in now.
        BadFileError: the enterprise has no room left for the file.
    """
    row = locked_for(visit, Act.ADD_PAPER)
    if values.get("file") is not None:
        _check_room(row.enterprise, values["file_size"])
    paper = Paper(application=row, added_by=visit.user, **values)
    try:
        paper.save(force_insert=True)
        _noted(row, visit.user, "paper-add", str(paper))
    except Exception:
        if values.get("file") is not None:
            paper.file.delete(save=False)
        raise
    return paper


def _check_room(enterprise: Enterprise, size: int) -> None:
    """Raise where a file would take the enterprise over its room; the row's lock keeps two uploads from passing at once."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    must_have_room(
        size,
        Paper.objects.filter(application__enterprise=enterprise),
        cause=_lazy("The papers of your applications would take more than %(limit)s."),
        remedy=_lazy("Hand in a smaller file, such as a scan of lower resolution."),
    )


@transaction.atomic
def paper_remove(*, visit: Visit, paper: object) -> None:
    """Take a paper out of a draft; what was handed in with a submission stays.

    Raises:
        RefusedError: it is no draft any more.
    """
    row = locked_for(visit, Act.EDIT)
    for found in row.papers.filter(pk=paper):
        _noted(row, visit.user, "paper-remove", str(found))
        stored = [found.file] if found.file else []
        found.delete()
        transaction.on_commit(lambda stored=stored: _files_deleted(stored))


# --- handing in ------------------------------------------------------------------------------------------------------


def lacks_of(application: Application, entitlement: Entitlement) -> list[Any]:
    """Return what a draft lacks before it can be submitted, a message each."""
    found: list[Any] = []
    if entitlement.timing != "in-force":
        found.append(
            msg("The rules of this programme are not in force today, so nothing can be decided by them.")
        )
    names = selectors.missing_facts_of(entitlement)
    found.extend(msg("Not told yet: {fact}.", fact=fact_title(name, engine.rules())) for name in names)
    if judging.categories_of(application) and not application.spends.exists():
        found.append(msg("No invoice is entered. Enter what the aid is for."))
    found.extend(
        msg("Missing: {paper}. Hand it in, or say why it does not apply.", paper=item.item.title)
        for item in selectors.checklist(application, entitlement)
        if not item.is_there
    )
    own = {application.enterprise_id}
    found.extend(
        msg(
            "Invoice {number} of {supplier}: {cause}",
            number=doubt.row.number,
            supplier=doubt.row.supplier,
            cause=doubt.words,
        )
        for doubt in selectors.doubts_of(application)
        if doubt.clash.is_certain and {item.enterprise for item in doubt.clash.others} <= own
    )
    currency = judging.told(application).currency
    if application.spends.exclude(currency=currency).exists():
        found.append(
            msg(
                "Your amounts are in {currency}, but an invoice is in another currency. Enter it again.",
                currency=currency,
            )
        )
    return found


@transaction.atomic
def application_submit(*, visit: Visit, name: str, remark: str) -> Application:
    """Hand in a draft: what is told now is kept as it is, and the application stands in line from this moment.

    Args:
        visit: who signs.
        name: the name under the statement of truth.
        remark: what the applicant adds.

    Raises:
        RefusedError: the call is closed, something is missing, or the rules refuse it and there is no remark.
        InputError: a fact is not one that the rules can read.
    """
    row = locked_for(visit, Act.SUBMIT)
    _must_be_open(row.call)
    said, entitlement = judging.told_now(row), judging.judge(row)
    lacks = lacks_of(row, entitlement)
    if lacks:
        raise RefusedError(lacks[0])
    if entitlement.verdict == "not-entitled" and not remark.strip():
        raise RefusedError(
            msg("By the rules you are not entitled. Say in the remark why you apply all the same."), "remark"
        )
    now = timezone.now()
    row.facts, row.aids, row.currency = dict(said.facts), _plain(said.aids), said.currency
    row.on, row.submitted_at, row.in_line_at = timezone.localdate(now), now, now
    row.submitted_by, row.signed_as, row.remark = visit.user, name, remark
    row.name = row.enterprise.name
    row.status = Status.SUBMITTED
    _take_over(row, entitlement)
    row.wanted = row.asked
    row.save()
    _noted(row, visit.user, "submit", remark)
    return row


def _plain(aids: Iterable[Mapping[str, object]] | None) -> list[dict[str, object]] | None:
    return None if aids is None else [dict(item) for item in aids]


def _take_over(row: Application, entitlement: Entitlement) -> None:
    """Keep what the rules say: the verdict, and the most that can be granted."""
    row.verdict = entitlement.verdict
    money = entitlement.money
    row.asked = None
    if money is not None:
        row.asked = Decimal(0) if entitlement.verdict == "not-entitled" else money.high or money.low
    elif row.call.currency:
        row.asked = Decimal(0)
    row.changed_at = timezone.now()


@transaction.atomic
def application_withdraw(*, visit: Visit, why: str) -> None:
    """Withdraw an application, or an appeal that is not decided.

    A draft is gone; what was granted and not paid goes back to the budget.

    Raises:
        RefusedError: it is decided against, or withdrawn already.
    """
    row = locked_for(visit, Act.WITHDRAW)
    if row.state == Status.DRAFT:
        audit_write(visit.user, "application-delete", row.enterprise_id, f"application {row.reference}")
        files = [paper.file for paper in row.papers.all() if paper.file]
        row.delete()
        transaction.on_commit(lambda: _files_deleted(files))
        return
    Decision.objects.filter(application=row, state=Decision.State.PROPOSED).update(
        state=Decision.State.RETURNED, judged_at=timezone.now()
    )
    if row.round > 1 and row.state in WAITING:
        # only the appeal is withdrawn; what was decided before stands again
        row.status = Status.GRANTED if row.granted else Status.REFUSED
    else:
        ledger.give_back(row, visit.user)
        row.status = Status.WITHDRAWN
    row.changed_at = timezone.now()
    row.save()
    _noted(row, visit.user, "withdraw", why)


def _files_deleted(files: Iterable[FieldFile]) -> None:
    for item in files:
        item.storage.delete(item.name or "")


# --- questions -------------------------------------------------------------------------------------------------------


@transaction.atomic
def question_ask(*, visit: Visit, text: str, answer_by: dt.date, site: str) -> Question:
    """Ask the enterprise something; the application waits for the answer, and keeps its place in line.

    Raises:
        RefusedError: nothing can be asked now.
    """
    row = locked_for(visit, Act.ASK)
    found = Question.objects.create(application=row, text=text, asked_by=visit.user, answer_by=answer_by)
    _move(row, Act.ASK)
    _noted(row, visit.user, "ask", text, office=True)
    _write_to_firm(row, "question", site)
    return found


@transaction.atomic
def question_answer(*, visit: Visit, text: str) -> None:
    """Answer the question that waits.

    Raises:
        RefusedError: there is none.
    """
    row = locked_for(visit, Act.ANSWER)
    found = row.questions.filter(answered_at=None).last()
    if found is not None:
        found.answer, found.answered_by, found.answered_at = text, visit.user, timezone.now()
        found.save()
    _move(row, Act.ANSWER)
    _noted(row, visit.user, "answer", text)


# --- what the office looks into --------------------------------------------------------------------------------------


@transaction.atomic
def fact_check(*, visit: Visit, fact: str, value: object, why: str) -> None:
    """Correct a fact after the papers; the enterprise sees both values and the reason.

    Args:
        visit: who corrects it.
        fact: its name.
        value: as the rules read it; None takes a correction back.
        why: the reason.

    Raises:
        RefusedError: it cannot be corrected now, or the programme does not ask for it.
        InputError: the value is not one of the fact.
    """
    row = locked_for(visit, Act.CHECK)
    if fact not in judging.asked_of(row) or fact not in engine.rules().facts:
        raise RefusedError(msg("This programme does not ask for this fact."), "fact")
    checked = dict(row.checked)
    if value is None:
        checked.pop(fact, None)
    else:
        read_situation({fact: value}, engine.rules(), on=judging.day_of(row), currency=row.currency)
        checked[fact] = {
            "value": value,
            "why": why,
            "by": visit.user.pk,
            "at": timezone.now().isoformat(timespec="seconds"),
        }
    row.checked = checked
    _take_over(row, judging.judge(row))
    row.save()
    _noted(row, visit.user, "check", f"{fact}: {why}", office=True)


@transaction.atomic
def doubt_clear(*, visit: Visit, clash: str, why: str) -> None:
    """Say why an invoice that looks like another one is not the same spend, or why the enterprise may be granted aid once more.

    Raises:
        RefusedError: there is no such doubt, or it is no mere doubt.
    """
    row = locked_for(visit, Act.CHECK)
    known = {item.clash.name for item in selectors.doubts_of(row) if not item.clash.is_certain}
    known |= {item.name for item in selectors.earlier_of(row)}
    if clash not in known:
        raise RefusedError(msg("This is no mere doubt: the enterprise has to correct its invoices."))
    Clearance.objects.update_or_create(
        application=row, clash=clash, defaults={"why": why, "by": visit.user, "at": timezone.now()}
    )
    _noted(row, visit.user, "clear", why, office=True)


# --- decisions -------------------------------------------------------------------------------------------------------


@transaction.atomic
def decision_propose(*, visit: Visit, grants: bool, amount: Decimal | None, reasons: str) -> Decision:
    """Propose to grant or to refuse; another officer decides.

    Raises:
        RefusedError: the rules, the budget, the line or a doubt stand against it, and how.
    """
    row = locked_for(visit, Act.PROPOSE)
    entitlement = judging.judge(row)
    if grants:
        Call.objects.select_for_update().get(pk=row.call_id)
        must_be_grantable(row, entitlement, amount)
    found = Decision.objects.create(
        application=row,
        round=row.round,
        grants=grants,
        amount=amount if grants else None,
        reasons=reasons,
        entitlement=entitlement.as_json(),
        facts=dict(judging.told(row).facts),
        proposed_by=visit.user,
    )
    _move(row, Act.PROPOSE)
    _noted(row, visit.user, "propose", reasons, office=True)
    return found


def must_be_grantable(row: Application, entitlement: Entitlement, amount: Decimal | None) -> None:
    """Check that an amount may be granted: by the rules, without double funding, and within the budget and the line.

    Args:
        row: the application; it and its call are locked by the caller.
        entitlement: what the rules say of it now.
        amount: what is to be granted in all; None where the programme gives no money.

    Raises:
        RefusedError: it may not.
    """
    if entitlement.verdict != "entitled":
        raise RefusedError(
            msg(
                "By the rules the enterprise is not entitled, so nothing can be granted. Correct a fact first, or refuse."
            )
        )
    if any(earlier.why is None for earlier in selectors.earlier_of(row)):
        raise RefusedError(
            msg("The enterprise was granted aid of this programme before. Say first why it may have more.")
        )
    if any(doubt.stands for doubt in selectors.doubts_of(row)) or not ledger.are_invoices_free(row):
        raise RefusedError(
            msg("An invoice is claimed twice, or may be. Settle this first; it stands under “Spend”.")
        )
    if not row.call.currency:
        return
    most = Decimal(0) if entitlement.money is None else entitlement.money.low
    least = row.granted or Decimal(0)
    if amount is None or amount <= 0:
        raise RefusedError(msg("Say how much is to be granted."), "amount")
    if amount > most:
        raise RefusedError(
            msg(
                "By the rules at most {currency} {most} can be granted.",
                currency=row.call.currency,
                most=f"{most:,}",
            ),
            "amount",
        )
    if amount < least:
        raise RefusedError(
            msg(
                "{currency} {least} was granted before. An appeal cannot make it less.",
                currency=row.call.currency,
                least=f"{least:,}",
            ),
            "amount",
        )
    ledger.must_have_room(row, amount - least)


@transaction.atomic
def decision_confirm(*, visit: Visit, remark: str, site: str) -> Decision:
    """Confirm another officer's proposal: the decision is made, and the money is set aside.

    Rules, invoices, line and budget are read once more under the locks, so that whoever comes second meets what the first did.

    Raises:
        RefusedError: the visitor made the proposal himself, or something stands against it now.
    """
    row = locked_for(visit, Act.CONFIRM)
    decision = row.decisions.get(state=Decision.State.PROPOSED)
    if decision.grants:
        row.call = Call.objects.select_for_update().select_related("organisation").get(pk=row.call_id)
        entitlement = judging.judge(row)
        must_be_grantable(row, entitlement, decision.amount)
        ledger.set_aside(row, decision, entitlement, visit.user)
        # what decided is what is shown, should anything have changed since the proposal
        decision.entitlement, decision.facts = entitlement.as_json(), dict(judging.told(row).facts)
    decision.state, decision.judged_by, decision.judged_at = (
        Decision.State.CONFIRMED,
        visit.user,
        timezone.now(),
    )
    decision.remark = remark
    decision.save()
    _move(row, Act.CONFIRM, grants=_stays_granted(row, decision))
    row.decided_at = timezone.now()
    if row.round == 1:
        row.appeal_by = timezone.localdate() + dt.timedelta(days=row.call.appeal_days)
    row.save()
    _noted(row, visit.user, "grant" if decision.grants else "refuse", decision.reasons, office=True)
    _write_to_firm(row, "decision", site)
    return decision


def _stays_granted(row: Application, decision: Decision) -> bool:
    """Whether the application is granted after a decision; an appeal that is refused leaves what was granted before."""
    return decision.grants or (row.round > 1 and bool(row.granted))


@transaction.atomic
def decision_return(*, visit: Visit, remark: str) -> None:
    """Send a proposal back; the proposer may do so as well, to change it.

    Raises:
        RefusedError: there is none.
    """
    row = locked_for(visit, Act.RETURN)
    decision = row.decisions.get(state=Decision.State.PROPOSED)
    decision.state, decision.judged_by, decision.judged_at = (
        Decision.State.RETURNED,
        visit.user,
        timezone.now(),
    )
    decision.remark = remark
    decision.save()
    _move(row, Act.RETURN)
    _noted(row, visit.user, "return", remark, office=True)


@transaction.atomic
def application_appeal(*, visit: Visit, text: str) -> None:
    """Appeal against the decision; other officers than those of the decision have to look at it.

    Raises:
        RefusedError: it is too late, there was an appeal before, there is nothing to gain, or a newer application is live.
    """
    row = locked_for(visit, Act.APPEAL)
    other = selectors.live_of(row.call, row.enterprise)
    if other is not None and other.pk != row.pk:
        raise RefusedError(
            msg(
                "Your newer application {name} is under way. Withdraw it before you appeal.",
                name=other.reference,
            )
        )
    row.round, row.in_line_at = 2, timezone.now()
    _move(row, Act.APPEAL)
    row.save()
    _noted(row, visit.user, "appeal", text)


# --- what all share --------------------------------------------------------------------------------------------------


def _move(row: Application, act: Act, *, grants: bool = False) -> None:
    row.status = status_after(act, selectors.standing_of(row), grants=grants)
    row.changed_at = timezone.now()
    row.save()


def _noted(row: Application, by: User | None, act: str, text: str = "", *, office: bool = False) -> None:
    Event.objects.create(application=row, by=by, office=office, act=act, text=text)
    # what the office weighs stands in no log that the enterprise may ask for
    firm = None if act in INSIDE else row.enterprise_id
    audit_write(by, f"application-{act}", firm, f"application {row.reference}")


def _write_to_firm(row: Application, kind: str, site: str) -> None:
    letter_send.enqueue(kind, str(row.pk), site)
