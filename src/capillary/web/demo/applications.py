"""The demonstration's call for applications, with applications at every stage of their life.

They are made by the product's own services, so that rules, line and ledger hold for them as for any other.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils import timezone

from capillary.incentives.applying import Side
from capillary.web.applications import judging, ledger, services
from capillary.web.applications.models import Application, Call
from capillary.web.applications.selectors import Visit
from capillary.web.assessments.models import Assessment
from capillary.web.assessments.services import figures_refresh
from capillary.web.demo.facts import MONEY_FACTS
from capillary.web.enterprises.models import Enterprise
from capillary.web.evidence.grades import Grade
from capillary.web.evidence.models import Evidence
from capillary.web.funding.services import facts_save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capillary.web.accounts.models import Organisation, User

BUDGET = Decimal(1_500_000)
OPEN_BEFORE, OPEN_AFTER = 20, 40  # days
ENOUGH_LEVEL = 2
STAGES = (
    "paid",
    "granted",
    "proposed",
    "question",
    "submitted",
    "submitted",
    "submitted",
    "twice",
    "refused",
)
SITE = "http://127.0.0.1/"
EVIDENCE_TITLE = "示例证据 · Demonstration evidence"
EVIDENCE_PAGE = "https://demo.example/"


def applications_load(users: dict[str, User], office: Organisation, now: dt.datetime) -> None:
    """Open a call of an office and let enterprises of its city apply; the owner's own one can still begin."""
    today = timezone.localdate(now)
    call = services.call_save(
        call=None,
        organisation=office,
        values={
            "programme": "cn-hangzhou",
            "code": "demo-2026-1",
            "title": "示例批次 · Demonstration batch",
            "budget": BUDGET,
            "opens_on": today - dt.timedelta(days=OPEN_BEFORE),
            "closes_on": today + dt.timedelta(days=OPEN_AFTER),
        },
        by=users["officer"],
    )
    mine = Enterprise.objects.filter(members__user=users["owner"]).order_by("created_at").first()
    if mine is not None:
        _evidence(mine)
    for number, (firm, stage) in enumerate(zip(_applicants(users["owner"]), STAGES, strict=False), 1):
        _evidence(firm)
        facts = {name: value for name, value in MONEY_FACTS.items() if not name.startswith("spend_")}
        facts_save(
            enterprise=firm, by=None, facts={**facts, "industry_cn": "industry"}, aids=[], currency="CNY"
        )
        _apply(call, firm, number, stage, users)


def _applicants(owner: User) -> Sequence[Enterprise]:
    """Return enterprises of the city's region whose declared level is high enough, always the same ones."""
    firms = (
        Enterprise.objects.filter(region="CN-ZJ", employees__lt=300)
        .exclude(members__user=owner)
        .annotate(kin=Count("members"))
        .filter(kin=0)
        .order_by("name")
    )
    return [firm for firm in firms if _last(firm) is not None][: len(STAGES)]


def _last(firm: Enterprise) -> Assessment | None:
    rows = Assessment.objects.filter(enterprise=firm, level_low__gte=ENOUGH_LEVEL)
    return rows.exclude(status=Assessment.Status.OPEN).order_by("-number").first()


def _evidence(firm: Enterprise) -> None:
    """Put a link as evidence behind every answer of the last assessment that is complete."""
    row = judging.assessment_for_rules(firm)
    if row is None or row.status == Assessment.Status.OPEN:
        return
    Evidence.objects.bulk_create(
        Evidence(
            assessment=row,
            question=name,
            kind=Evidence.Kind.LINK,
            title=EVIDENCE_TITLE,
            url=EVIDENCE_PAGE,
            role="owner",
        )
        for name in row.answers
    )
    row.grades = dict.fromkeys(row.answers, Grade.DOCUMENTED.value)
    figures_refresh(row)
    row.save()


def _apply(call: Call, firm: Enterprise, number: int, stage: str, users: dict[str, User]) -> None:
    owner = users["owner"]
    row = services.application_start(call=call, enterprise=firm, by=owner)

    def visit(who: str = "", side: Side = Side.OFFICE) -> Visit:
        return Visit(users[who] if who else owner, Application.objects.get(pk=row.pk), side, frozenset())

    signer = visit("", Side.SIGNER)
    for line in _invoices(number, is_twice=stage == "twice"):
        services.spend_add(visit=signer, values=line)
    for item in judging.judge(row).version.papers:
        services.paper_add(
            visit=signer, values={"item": item.id, "waived": "示例，没有文件 · demonstration, no file"}
        )
    services.application_submit(visit=signer, name="示例签名 · Demonstration", remark="示例 · demonstration")
    if stage == "question":
        services.question_ask(
            visit=visit("officer"),
            text="验收报告是哪一天的？ · Which day is the report of acceptance of?",
            answer_by=timezone.localdate() + dt.timedelta(days=10),
            site=SITE,
        )
    if stage in {"paid", "granted", "proposed", "refused"}:
        _decide(visit, stage)


def _decide(visit: Any, stage: str) -> None:
    row = visit("officer").application
    grants = stage != "refused" and row.verdict == "entitled"
    services.decision_propose(
        visit=visit("officer"),
        grants=grants,
        amount=row.asked if grants else None,
        reasons="材料齐全，与规则一致。 · Papers are complete and agree with the rules."
        if grants
        else "验收材料没有说明项目内容。 · The papers do not show what the project was.",
    )
    if stage == "proposed":
        return
    services.decision_confirm(visit=visit("officer2"), remark="", site=SITE)
    if stage == "paid" and grants:
        number = row.payments.order_by("number").values_list("number", flat=True)[0]
        ledger.payment_release(visit=visit("officer"), number=number, by=visit("officer").user)
        ledger.payment_confirm(
            visit=visit("officer2"),
            number=number,
            by=visit("officer2").user,
            paid_on=timezone.localdate(),
            reference=f"DEMO-{number}",
            site=SITE,
        )


def _invoices(number: int, *, is_twice: bool) -> list[dict[str, Any]]:
    """Return made-up invoices; one of an application that claims twice is the first application's."""
    day = timezone.localdate() - dt.timedelta(days=60 + number)
    first = 1 if is_twice else number
    amounts = (Decimal(180_000 + 20_000 * first), Decimal(24_000 + 1_000 * number))
    return [
        {
            "category": category,
            "supplier": f"示例服务商 {serial:03d} · Demonstration provider {serial:03d}",
            "number": f"DEMO-{serial:03d}-{kind}",
            "day": day,
            "total": amount,
            "claimed": amount,
        }
        for category, serial, kind, amount in (
            ("spend_software", first, "S", amounts[0]),
            ("spend_cloud", number, "C", amounts[1]),
        )
    ]
