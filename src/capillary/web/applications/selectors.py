"""Reads: who may see an application, and what its pages show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, DecimalField, F, Q, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from capillary.incentives.applying import LIVE, WAITING, Act, Person, Side, Standing, Status, hindrance
from capillary.incentives.budget import Waiting, line
from capillary.incentives.evaluate import AIDS
from capillary.incentives.invoices import CLASH_WORDS
from capillary.incentives.rules import nearest_version, version_on
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
)
from capillary.web.accounts.models import Position
from capillary.web.applications import judging
from capillary.web.applications.models import Application, Call, Decision, Payment, Spend
from capillary.web.applications.refusals import UnreadableError
from capillary.web.enterprises.models import Enterprise, Member

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from capillary.incentives.budget import Place
    from capillary.incentives.evaluate import Entitlement
    from capillary.incentives.invoices import Clash
    from capillary.model.programme import Paper as PaperItem
    from capillary.model.programme import Programme, Version
    from capillary.model.text import Message
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.applications.models import Paper


@dataclass(frozen=True)
class Visit:
    """A visitor who was let in to an application.

    Attributes:
        side: helper or signer of the enterprise, or office.
        roles: what the visitor is to the enterprise; empty for the office.
    """

    user: User
    application: Application
    side: Side
    roles: frozenset[Role]

    @property
    def person(self) -> Person:
        """The visitor, as the engine takes it."""
        return Person(self.user.pk, self.side)

    @property
    def is_office(self) -> bool:
        """Whether the visitor looks at it from the office."""
        return self.side == Side.OFFICE

    @property
    def address(self) -> str:
        """Where the application's page is."""
        return reverse("application", args=[self.application.pk])

    @cached_property
    def standing(self) -> Standing:
        """Where the application stood when the visitor came."""
        return standing_of(self.application)

    def hindrance(self, act: Act) -> Message | None:
        """Return why the visitor may not do something now."""
        return hindrance(act, self.standing, self.person)

    def may(self, act: Act) -> bool:
        """Whether the visitor may do something now."""
        return self.hindrance(act) is None


def calls_of(user: User) -> QuerySet[Call]:
    """Return the calls of the organisations whose officer a user is."""
    return Call.objects.filter(
        organisation__positions__user=user, organisation__positions__role=Position.Role.OFFICER
    ).distinct()


def offices_of(user: User) -> Sequence[Organisation]:
    """Return the organisations whose officer a user is."""
    return list(organisations_of(user, Role.OFFICER))


def office_call(request: HttpRequest, pk: UUID, *, lock: bool = False) -> Call:
    """Return a call of an organisation whose officer the visitor is; that it was read stands in the audit log.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer of it, or there is no such call.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = calls_of(request.user).select_related("organisation").filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method in {"GET", "HEAD"}:
        audit_read(request, f"{request.method} {request.path}"[:200], None, Role.OFFICER)
    if lock:
        return Call.objects.select_for_update().get(pk=pk)
    return found


def visit(request: HttpRequest, pk: UUID, *, office: bool | None = None, signer: bool = False) -> Visit:
    """Return an application and what the visitor is to it.

    Who is both of the enterprise and of the office comes as the enterprise; the engine keeps them from deciding.

    Args:
        request: the visitor's request.
        pk: the application's id.
        office: True for pages of the office alone, False for those of the enterprise alone.
        signer: whether only those may come who sign for the enterprise.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor has nothing to do with it, or there is no such application.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    row = (
        Application.objects.filter(pk=pk, enterprise__erased_at=None)
        .select_related("call__organisation", "enterprise", "assessment")
        .first()
    )
    if row is None:
        raise Http404
    roles = roles_on(request, row.enterprise)
    granted = roles & GRANTS[Action.SIGN if signer else Action.APPLY]
    if granted and office is not True:
        if granted <= OUTSIDERS and request.method in {"GET", "HEAD"}:
            audit_read(request, f"{request.method} {request.path}"[:200], row.enterprise_id, min(granted))
        side = Side.SIGNER if roles & GRANTS[Action.SIGN] else Side.HELPER
        return Visit(request.user, row, side, roles)
    is_officer = calls_of(request.user).filter(pk=row.call_id).exists()
    if office is False or not is_officer or row.state == Status.DRAFT:
        raise Http404
    audit_read(request, f"{request.method} {request.path}"[:200], row.enterprise_id, Role.OFFICER)
    return Visit(request.user, row, Side.OFFICE, frozenset())


def standing_of(application: Application) -> Standing:
    """Return where an application stands, as the engine takes it."""
    decisions = list(application.decisions.all())
    judges: set[object] = set()
    for item in decisions:
        if item.state == Decision.State.CONFIRMED:
            judges |= {item.proposed_by_id, item.judged_by_id}
    waiting = next((item for item in decisions if item.state == Decision.State.PROPOSED), None)
    kin = Member.objects.filter(enterprise_id=application.enterprise_id).values_list("user_id", flat=True)
    today = timezone.localdate()
    by = application.appeal_by
    most = max(application.asked or Decimal(0), application.wanted or Decimal(0))
    less = (application.granted or Decimal(0)) < most or bool(application.checked)
    asked = application.questions.filter(answered_at=None).last()
    return Standing(
        status=application.state,
        round=application.round,
        proposer=None if waiting is None else waiting.proposed_by_id,
        judges=frozenset(judges - {None}),
        kin=frozenset(kin),
        days_to_appeal=None if by is None else (by - today).days,
        may_gain=application.state == Status.REFUSED or less,
        is_overdue=asked is not None and asked.answer_by < today,
        is_paying=application.payments.filter(state=Payment.State.RELEASED).exists(),
        has_grant=bool(application.granted),
    )


def appliers_of(request: HttpRequest) -> QuerySet[Enterprise]:
    """Return the enterprises that a visitor can apply for; none for somebody who is not signed in."""
    if not request.user.is_authenticated:
        return Enterprise.objects.none()
    members = Member.objects.filter(
        user=request.user, until=None, role__in=[role.value for role in GRANTS[Action.APPLY]]
    )
    return Enterprise.objects.filter(members__in=members, erased_at=None).distinct().order_by("name")


def open_calls(day: object, words: str = "") -> list[Call]:
    """Return the calls that take applications on a day, by words in their title, programme and organisation."""
    rows = Call.objects.filter(opens_on__lte=day, closes_on__gte=day).select_related("organisation")
    wanted = words.casefold().split()
    return [row for row in rows.order_by("closes_on", "code") if _fits(row, wanted)]


def _fits(call: Call, wanted: Sequence[str]) -> bool:
    programme = engine.rules().programmes.get(call.programme)
    if programme is None:
        return False
    office = call.organisation
    titles = f"{call.title} {programme.title.zh} {programme.title.en}"
    text = f"{call.code} {titles} {office.name_zh} {office.name_en}".casefold()
    return all(word in text for word in wanted)


def version_of(programme: Programme, call: Call) -> Version:
    """Return the rules of a call: those in force today, within its days."""
    day = min(max(timezone.localdate(), call.opens_on), call.closes_on).isoformat()
    return version_on(programme, day) or nearest_version(programme, day)


# --- one application -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckItem:
    """An item of the checklist of papers, with what was handed in for it."""

    item: PaperItem
    papers: Sequence[Paper]

    @property
    def is_there(self) -> bool:
        """Whether something was handed in, or it does not apply."""
        return bool(self.papers)


@dataclass(frozen=True)
class Doubt:
    """A clash of an invoice, in words.

    Attributes:
        row: the application's own line.
        why: why an officer cleared it; None while it stands.
    """

    clash: Clash
    row: Spend
    others: Sequence[Spend]
    why: str | None

    @property
    def words(self) -> Message:
        """What is wrong."""
        return CLASH_WORDS[self.clash.kind]

    @property
    def stands(self) -> bool:
        """Whether nothing can be granted while it stands."""
        return self.clash.is_certain or self.why is None


def papers_asked(application: Application) -> Sequence[PaperItem]:
    """Return the checklist of the programme; nothing where its rules cannot be read."""
    try:
        return judging.judge(application).version.papers
    except UnreadableError:
        return ()


def checklist(application: Application, entitlement: Entitlement) -> list[CheckItem]:
    """Return the programme's checklist with what was handed in."""
    papers = list(application.papers.all())
    return [
        CheckItem(item, [row for row in papers if row.item == item.id]) for item in entitlement.version.papers
    ]


def missing_facts_of(entitlement: Entitlement) -> list[str]:
    """Return what a firm has to tell before it can submit."""
    return [name for name in entitlement.missing if name == AIDS or name in engine.rules().facts]


def doubts_of(application: Application) -> list[Doubt]:
    """Return where the application's invoices meet others, and what officers said to it."""
    found = judging.clashes_of(application)
    if not found:
        return []
    cleared = dict(application.clearances.values_list("clash", "why"))
    pks = {item.id for clash in found for item in (clash.mine, *clash.others)}
    rows: dict[object, Spend] = {
        row.pk: row
        for row in Spend.objects.filter(pk__in=pks).select_related(
            "application__call", "application__enterprise"
        )
    }
    return [
        Doubt(
            clash,
            rows[clash.mine.id],
            [rows[item.id] for item in clash.others],
            cleared.get(clash.name),
        )
        for clash in found
    ]


@dataclass(frozen=True)
class Earlier:
    """Aid that the enterprise was granted in the same programme before.

    Attributes:
        why: why an officer says that it may have more; None while nobody did.
    """

    row: Application
    why: str | None

    @property
    def name(self) -> str:
        """What the doubt is known by."""
        return earlier_name(self.row)


def earlier_name(row: Application) -> str:
    """Return what the doubt about an earlier grant is known by."""
    return f"earlier:{row.pk}"


def earlier_of(application: Application) -> list[Earlier]:
    """Return what the enterprise was granted in the same programme, in this call or another one."""
    rows = (
        Application.objects.filter(
            enterprise_id=application.enterprise_id, call__programme=application.call.programme, granted__gt=0
        )
        .exclude(pk=application.pk)
        .select_related("call")
    )
    cleared = dict(application.clearances.values_list("clash", "why"))
    return [Earlier(row, cleared.get(earlier_name(row))) for row in rows]


def fit_to_judge(application: Application) -> int:
    """Return how many officers of the office had no part in its decisions and do not act for the enterprise."""
    standing = standing_of(application)
    officers = Position.objects.filter(
        organisation_id=application.call.organisation_id, role=Position.Role.OFFICER, user__is_active=True
    )
    return officers.exclude(user__in=[*standing.judges, *standing.kin]).count()


# --- the line and the budget -----------------------------------------------------------------------------------------


def waiting_in(call: Call) -> list[Waiting]:
    """Return the applications of a call that are not decided, with what each may still get."""
    rows = Application.objects.filter(call=call, status__in=WAITING)
    return [
        Waiting(pk, since, max((asked or Decimal(0)) - (granted or Decimal(0)), Decimal(0)))
        for pk, since, asked, granted in rows.values_list("pk", "in_line_at", "asked", "granted")
    ]


def line_in(call: Call) -> dict[object, Place]:
    """Return the place of every application that is not decided."""
    return {place.id: place for place in line(waiting_in(call), call.left)}


@dataclass(frozen=True)
class Budget:
    """A call's money.

    Attributes:
        waiting: the most that those in line can get.
        short: by how much that is more than what is left.
    """

    budget: Decimal | None
    granted: Decimal
    paid: Decimal
    left: Decimal | None
    waiting: Decimal
    short: Decimal
    currency: str

    @property
    def unpaid(self) -> Decimal:
        """What is granted and not paid yet."""
        return self.granted - self.paid

    @property
    def shares(self) -> tuple[int, int, int] | None:
        """Paid, granted beyond that, and in line, in percent of the budget; None without a budget."""
        if not self.budget:
            return None
        paid = round(100 * self.paid / self.budget)
        granted = round(100 * (self.granted - self.paid) / self.budget)
        waiting = min(round(100 * self.waiting / self.budget), 100 - paid - granted)
        return paid, granted, max(waiting, 0)


def budget_of(call: Call) -> Budget:
    """Return a call's money as it stands."""
    return budgets_of([call])[call.pk]


def budgets_of(calls: Sequence[Call]) -> dict[object, Budget]:
    """Return the money of several calls, read at once."""
    nothing = Value(Decimal(0), output_field=DecimalField())
    more = Coalesce(F("asked"), nothing) - Coalesce(F("granted"), nothing)
    rows = Application.objects.filter(call__in=calls, status__in=WAITING).values("call")
    waiting = dict(rows.annotate(sum=Sum(Greatest(more, nothing))).values_list("call", "sum"))
    return {call.pk: _budget(call, waiting.get(call.pk) or Decimal(0)) for call in calls}


def _budget(call: Call, waiting: Decimal) -> Budget:
    left = call.left
    short = Decimal(0) if left is None else max(waiting - left, Decimal(0))
    return Budget(call.budget, call.granted, call.paid, left, waiting, short, call.currency)


# --- the queue -------------------------------------------------------------------------------------------------------

GROUPS: Mapping[str, frozenset[Status]] = {
    "todo": frozenset({Status.SUBMITTED, Status.APPEALED}),
    "second": frozenset({Status.PROPOSED}),
    "with-firm": frozenset({Status.QUESTION}),
    "decided": frozenset({Status.GRANTED, Status.REFUSED, Status.WITHDRAWN}),
    "all": frozenset(set(Status) - {Status.DRAFT}),
}


def queue(call: Call, group: str, words: str) -> QuerySet[Application]:
    """Return a call's applications in the order of the line; drafts are nobody's business.

    Args:
        call: whose.
        group: one of `GROUPS`.
        words: in the enterprise's name, or a number.
    """
    rows = Application.objects.filter(call=call, status__in=GROUPS[group]).select_related(
        "call", "enterprise"
    )
    for word in words.split():
        found = Q(name__icontains=word)
        digits = word.rpartition("-")[2]
        if digits.isdigit() and len(digits) < 10:
            found |= Q(number=int(digits))
        rows = rows.filter(found)
    return rows.order_by("in_line_at", "number")


def counts_of(call: Call) -> dict[str, int]:
    """Return how many applications each group of the queue has."""
    return counts_by_call([call])[call.pk]


def counts_by_call(calls: Sequence[Call]) -> dict[object, dict[str, int]]:
    """Return how many applications each group of several queues has, read at once."""
    rows = Application.objects.filter(call__in=calls).values_list("call", "status")
    found: dict[object, dict[str, int]] = {call.pk: dict.fromkeys(GROUPS, 0) for call in calls}
    for call, status, count in rows.annotate(count=Count("pk")).order_by():
        for name, members in GROUPS.items():
            if status in members:
                found[call][name] += count
    return found


def live_of(call: Call, enterprise: object) -> Application | None:
    """Return the application that an enterprise has in a call: a draft, or one that is live."""
    return (
        Application.objects.filter(call=call, enterprise=enterprise, status__in=LIVE | {Status.DRAFT})
        .select_related("call")
        .first()
    )
