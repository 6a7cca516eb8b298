"""One small world for the tests of the web product: an enterprise, everybody who may meet it, and a stranger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.utils import timezone

from capillary.web.access import HELD_COOKIE
from capillary.web.accounts.models import Organisation, Position, User
from capillary.web.assessments.models import Assessment, Revision
from capillary.web.assessments.services import (
    Author,
    Change,
    answers_change,
    assessment_complete,
    assessment_start,
)
from capillary.web.enterprises.models import Consent, Enterprise, Member
from capillary.web.programmes.models import Enrolment, Programme

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE = (
    "anonymous",
    "holder",
    "owner",
    "colleague",
    "adviser",
    "assessor",
    "officer",
    "provider",
    "administrator",
    "stranger",
)


@dataclass
class World:
    """Everybody and everything that a test needs.

    Attributes:
        users: by role; ``anonymous`` and ``holder`` have none.
        enterprise: claimed; the owner, colleague, adviser and assessor are its members; it takes part in `programme`.
        assessment: its open assessment T1; `earlier` is T0, completed.
        unclaimed: an enterprise that only the holder's cookie knows, with `check`, its assessment.
    """

    users: dict[str, User]
    enterprise: Enterprise
    earlier: Assessment
    assessment: Assessment
    unclaimed: Enterprise
    check: Assessment
    organisation: Organisation
    programme: Programme
    enrolment: Enrolment
    extra: dict[str, Any] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """Return a browser in which this person is signed in (or holds the check's cookie)."""
        client = Client()
        if person in self.users:
            client.force_login(self.users[person], backend="django.contrib.auth.backends.ModelBackend")
        if person == "holder":
            hold(client, self.unclaimed)
        return client


def hold(client: Client, enterprise: Enterprise) -> None:
    """Give a browser the cookie of an unclaimed enterprise."""
    from django.core.signing import get_cookie_signer

    client.cookies[HELD_COOKIE] = get_cookie_signer(salt=HELD_COOKIE).sign(str(enterprise.pk))


def some_answers(standard: str, count: int) -> dict[str, object]:
    """Return raw answers to the first ``count`` questions of a standard: the middle choice of each."""
    from capillary.model.standard import Boolean, Grid, Level, Multiple, Ticks
    from capillary.web import engine

    found: dict[str, object] = {}
    for question in engine.library().find(standard).questions[:count]:
        match question:
            case Multiple():
                found[question.id] = [next(item.key for item in question.options if not item.exclusive)]
            case Level():
                found[question.id] = 1
            case Boolean():
                found[question.id] = True
            case Grid():
                found[question.id] = {row.key: question.scale[0].key for row in question.rows}
            case Ticks():
                found[question.id] = {column.key: [question.rows[0].key] for column in question.columns}
            case _:
                found[question.id] = question.options[len(question.options) // 2].key
    return found


def answer(assessment: Assessment, answers: Mapping[str, object], user: User | None = None) -> Assessment:
    """Answer questions as the owner."""
    return answers_change(
        assessment=assessment,
        changes=[Change(name, value) for name, value in answers.items()],
        author=Author(user, Revision.Origin.OWNER if user else Revision.Origin.HOLDER),
    )


def make_world(standard: str = "miit-2024") -> World:
    """Make the world; needs the database."""
    users = {
        name: User.objects.create_user(f"{name}@example.com", "a good passphrase", name=name.capitalize())
        for name in PEOPLE
        if name not in {"anonymous", "holder"}
    }
    User.objects.filter(pk=users["administrator"].pk).update(is_staff=True, is_superuser=True)
    enterprise = Enterprise.objects.create(
        name="Example Metal Parts",
        sector="metal-products",
        region="CN-JS",
        employees=80,
        claimed_at=timezone.now(),
    )
    for role in Member.Role.values:
        Member.objects.create(enterprise=enterprise, user=users[role], role=role)
    city = Organisation.objects.create(name_zh="示例市", name_en="Example City", kind="authority")
    vendor = Organisation.objects.create(name_zh="示例服务商", name_en="Example Provider", kind="provider")
    Position.objects.create(user=users["officer"], organisation=city, role="officer")
    Position.objects.create(user=users["adviser"], organisation=city, role="adviser")
    Position.objects.create(user=users["assessor"], organisation=city, role="assessor")
    Position.objects.create(user=users["provider"], organisation=vendor, role="provider")
    programme = Programme.objects.create(
        organisation=city,
        name_zh="示例计划",
        name_en="Example Programme",
        standard=standard,
        code="example",
        opens_on=dt.date(2026, 1, 1),
    )
    Consent.objects.create(enterprise=enterprise, purpose="programme", given_by=users["owner"])
    enrolment = Enrolment.objects.create(
        programme=programme, enterprise=enterprise, consented_at=timezone.now(), name=enterprise.name
    )
    owner = users["owner"]
    earlier = assessment_start(enterprise=enterprise, standard=standard, by=owner)
    answer(earlier, some_answers(standard, 8), owner)
    assessment_complete(assessment=earlier, by=owner)
    assessment = assessment_start(enterprise=enterprise, standard=standard, by=owner)
    answer(assessment, some_answers(standard, 12), owner)
    unclaimed = Enterprise.objects.create(sector="machinery", employees=12)
    check = assessment_start(enterprise=unclaimed, standard=standard, by=None)
    answer(check, some_answers(standard, 3))
    return World(
        users=users,
        enterprise=enterprise,
        earlier=earlier,
        assessment=assessment,
        unclaimed=unclaimed,
        check=check,
        organisation=city,
        programme=programme,
        enrolment=enrolment,
    )
