"""Puts the demonstration into the database: enterprises with histories, programmes, and accounts to look around with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from capillary.incentives.drafts import slots_of, with_figures
from capillary.roadmap.quarters import moved, written
from capillary.web import engine
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import figures_refresh
from capillary.web.demo.accreditations import accreditations_load
from capillary.web.demo.applications import applications_load
from capillary.web.demo.facts import MONEY_FACTS
from capillary.web.demo.history import MadeUp, answers_of, made_up, told_by
from capillary.web.demo.market import demonstration_market
from capillary.web.demo.matches import matches_load
from capillary.web.demo.outcomes import outcomes_load
from capillary.web.demo.partners import partners_load
from capillary.web.demo.places import places_load
from capillary.web.demo.training import training_load
from capillary.web.enterprises.models import Consent, Enterprise, Member
from capillary.web.funding.drafts import SHIPPED, Form, draft_keep, form_of, good_day
from capillary.web.funding.models import FirmFacts
from capillary.web.funding.services import facts_save
from capillary.web.funding.trials import Question, simulation_ask
from capillary.web.market.models import MarketProvider
from capillary.web.market.services import market_load, offer_save, offer_submit
from capillary.web.planning.services import first_quarter, roadmap_ask
from capillary.web.planning.wishes import Wishes
from capillary.web.programmes.models import Enrolment, Programme
from capillary.web.programmes.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENTERPRISES = 300
ADVISED, VERIFIED = 25, 15
DRAFT_OF, DRAFT_CAP, DRAFT_NAME = "cn-nanjing", "250000", "上限 25 万元 · Cap of 250,000"
ROADMAP_QUARTERS, ROADMAP_TOP, ROADMAP_BUDGET = 6, 3, 500_000
# The log-ins that the start page shows; they are roles, not people.
ACCOUNTS = {
    "owner": "企业负责人 · Enterprise owner",
    "adviser": "顾问 · Adviser",
    "assessor": "评估师 · Assessor",
    "officer": "计划管理员 · Programme officer",
    "officer2": "计划管理员（第二人） · Second programme officer",
    "provider": "服务商 · Provider",
    "abroad": "国外企业（西班牙） · Firm abroad (Spain)",
    "admin": "系统管理员 · Administrator",
}


POSITIONS = (
    ("officer", "officer"),
    ("officer2", "officer"),
    ("adviser", "adviser"),
    ("assessor", "assessor"),
)


@dataclass(frozen=True)
class _Plan:
    """One programme of the demonstration and the regions whose enterprises take part."""

    code: str
    names: tuple[str, str]
    organisation: tuple[str, str, str]
    standard: str
    regions: frozenset[str]


PLANS = (
    _Plan(
        "demo-city",
        ("示例市中小企业数字化转型试点", "Demo City SME digital transformation pilot"),
        ("示例市工业和信息化局", "Demo City Industry Office", "authority"),
        "miit-2024",
        frozenset({"CN-JS", "CN-ZJ"}),
    ),
    _Plan(
        "demo-association",
        ("示例行业协会数字化诊断", "Demo Association digital diagnosis"),
        ("示例制造业协会", "Demo Manufacturing Association", "association"),
        "miit-2024",
        frozenset({"CN-GD", "CN-SC"}),
    ),
    _Plan(
        "demo-chamber",
        ("示例商会数字化自查", "Demo Chamber digital check"),
        ("示例商会（德国）", "Demo Chamber (Germany)", "association"),
        "eu-dii-v3",
        frozenset({"DE"}),
    ),
)


def demo_is_loaded() -> bool:
    """Whether the demonstration is in the database."""
    return User.objects.filter(is_demo=True).exists()


@transaction.atomic
def demo_load(*, now: dt.datetime, tell: Callable[[str], None], count: int = ENTERPRISES) -> None:
    """Load the demonstration; the same enterprises every time, dated back from ``now``."""
    users = _accounts()
    programmes = _programmes(users)
    for number, plan in enumerate(made_up(count), start=1):
        programme = next(item for item in programmes if plan.region in _plan_of(item).regions)
        _enterprise(plan, programme, users, now)
        if number % 100 == 0:
            tell(f"{number}/{count}")
    _roadmap(users["owner"])
    _facts(users["owner"])
    applications_load(users, programmes[0].organisation, now)
    places_load(users, programmes[0].organisation, now)
    training_load(users, now)
    _draft(programmes[0], users["officer"])
    _market(users["provider"], now.year)
    matches_load(users)
    outcomes_load(users, now)
    partners_load(users, now, _assessment)
    accreditations_load(users, programmes[0].organisation)


def _roadmap(owner: User) -> None:
    """Have a roadmap made for the enterprise of the demonstration's owner; the background worker does it after the start."""
    assessment = Assessment.objects.filter(enterprise__members__user=owner).order_by("-started_at").first()
    if assessment is None:
        return
    before = int(assessment.level_low or 0)
    by = written(moved(first_quarter(), ROADMAP_QUARTERS - 1))
    wishes = Wishes(by=by, level=before + 1 if before < ROADMAP_TOP else None, budget=ROADMAP_BUDGET)
    roadmap_ask(assessment=assessment, wishes=wishes, by=owner)


def _facts(owner: User) -> None:
    """Let the enterprise of the demonstration's owner have told what its money depends on."""
    enterprise = Enterprise.objects.filter(members__user=owner).order_by("created_at").first()
    if enterprise is not None:
        facts_save(enterprise=enterprise, by=owner, facts=MONEY_FACTS, aids=None, currency="CNY")


def _draft(programme: Programme, officer: User) -> None:
    """Let the demonstration's officer have kept another cap of an incentive programme, and simulated it."""
    shipped = form_of(officer, DRAFT_OF, SHIPPED)
    assert shipped is not None  # noqa: S101 - it ships
    caps = [slot for slot in slots_of(engine.rules().programmes[DRAFT_OF]) if slot.name == "cap"]
    text = with_figures(shipped.text, {slot.path: DRAFT_CAP for slot in caps})
    draft = draft_keep(incentive=DRAFT_OF, name=DRAFT_NAME, note="", text=text, by=officer)
    on = dt.date.fromisoformat(good_day(engine.rules().programmes[DRAFT_OF]))
    after = Form(str(draft.pk), draft.name, draft.text, draft)
    simulation_ask(question=Question(DRAFT_OF, shipped, after, programme, on), by=officer)


def _market(vendor: User, year: int) -> None:
    """Publish the market of the demonstration; its provider is behind some of it, and wants to publish a change."""
    market = demonstration_market(engine.library(), year=year)
    market_load(market)
    row = MarketProvider.objects.get(code="demo-provider-1")
    row.organisation = Organisation.objects.create(
        name_zh=row.name_zh, name_en=row.name_en, kind=Organisation.Kind.PROVIDER
    )
    row.save(update_fields=["organisation"])
    Position.objects.create(user=vendor, organisation=row.organisation, role=Position.Role.PROVIDER)
    item = next(offer for offer in market.offers.values() if offer.provider == row.code)
    later = msgspec.structs.replace(item, weeks=item.weeks + 1)
    offer_submit(offer=offer_save(provider=row, by=vendor, offer=later), by=vendor)


def _plan_of(programme: Programme) -> _Plan:
    return next(plan for plan in PLANS if plan.code == programme.code)


def _accounts() -> dict[str, User]:
    password = make_password(settings.DEMO_PASSWORD)
    users = {
        name: User.objects.create(email=f"{name}@demo.example", name=title, password=password, is_demo=True)
        for name, title in ACCOUNTS.items()
    }
    User.objects.filter(pk=users["admin"].pk).update(is_staff=True, is_superuser=True)
    from allauth.account.models import EmailAddress

    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users.values()
    )
    return users


def _programmes(users: dict[str, User]) -> list[Programme]:
    found = []
    for plan in PLANS:
        zh, en, kind = plan.organisation
        organisation = Organisation.objects.create(name_zh=zh, name_en=en, kind=kind)
        for name, role in POSITIONS:
            Position.objects.create(user=users[name], organisation=organisation, role=role)
        found.append(
            Programme.objects.create(
                organisation=organisation,
                name_zh=plan.names[0],
                name_en=plan.names[1],
                standard=plan.standard,
                code=plan.code,
                opens_on=dt.date(2024, 9, 1),
            )
        )
    return found


def _enterprise(plan: MadeUp, programme: Programme, users: dict[str, User], now: dt.datetime) -> None:
    began = plan.completed(0, now) - dt.timedelta(days=3)
    enterprise = Enterprise.objects.create(
        name=plan.name,
        sector=plan.sector,
        region=plan.region,
        employees=plan.employees,
        created_at=began,
        claimed_at=began,
    )
    _people(enterprise, plan, users, began)
    _told(enterprise, plan, now)
    Consent.objects.bulk_create(
        Consent(enterprise=enterprise, purpose=purpose, given_at=began)
        for purpose in (Consent.Purpose.PROGRAMME, Consent.Purpose.BENCHMARK)
    )
    last = None
    for index in range(len(plan.days)):
        assessment = _assessment(enterprise, plan, programme.standard, index, now)
        if assessment.status != Assessment.Status.OPEN:
            last = assessment
    Enrolment.objects.create(
        programme=programme,
        enterprise=enterprise,
        cohort=str(began.year),
        joined_at=began,
        consented_at=began,
        **(
            standing_of(last)
            if last
            else {
                "name": plan.name,
                "sector": plan.sector,
                "region": plan.region,
                "employees": plan.employees,
            }
        ),
    )


def _told(enterprise: Enterprise, plan: MadeUp, now: dt.datetime) -> None:
    """Let an enterprise have told what incentives ask for, and agree that officers count with it; the owner's does not."""
    facts = told_by(plan, now.date())
    if facts is None or plan.number == 1:
        return
    FirmFacts.objects.create(enterprise=enterprise, facts=facts, aids=None)
    Consent.objects.create(enterprise=enterprise, purpose=Consent.Purpose.INCENTIVES, given_at=now)


def _people(enterprise: Enterprise, plan: MadeUp, users: dict[str, User], began: dt.datetime) -> None:
    roles = [
        role
        for role, most in (("owner", 1), ("adviser", ADVISED), ("assessor", VERIFIED))
        if plan.number <= most
    ]
    Member.objects.bulk_create(
        Member(enterprise=enterprise, user=users[role], role=role, since=began) for role in roles
    )


def _assessment(
    enterprise: Enterprise, plan: MadeUp, standard: str, index: int, now: dt.datetime
) -> Assessment:
    at = plan.completed(index, now)
    still_open = plan.still_open and index == len(plan.days) - 1 and index > 0
    answers = answers_of(plan, engine.standards()[standard], index)
    if still_open:
        answers = dict(list(answers.items())[: max(3, len(answers) // 2)])
    assessment = Assessment(
        enterprise=enterprise,
        standard=standard,
        number=index,
        status=Assessment.Status.OPEN if still_open else Assessment.Status.COMPLETED,
        started_at=at - dt.timedelta(days=2),
        changed_at=at,
        completed_at=None if still_open else at,
        asked=list(answers),
        answers={
            name: {"value": value, "by": None, "at": at.isoformat(timespec="seconds"), "revision": number}
            for number, (name, value) in enumerate(answers.items(), start=1)
        },
        revision=len(answers),
    )
    figures_refresh(assessment)
    assessment.save(force_insert=True)
    Revision.objects.bulk_create(_revisions(assessment, list(answers.items()), at))
    return assessment


def _revisions(
    assessment: Assessment, answers: Sequence[tuple[str, object]], at: dt.datetime
) -> list[Revision]:
    return [
        Revision(
            assessment=assessment,
            number=number,
            question=name,
            value=value,
            origin=Revision.Origin.OWNER,
            at=at,
        )
        for number, (name, value) in enumerate(answers, start=1)
    ]
