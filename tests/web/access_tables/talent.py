"""Who may use the addresses of courses, skills checks, training plans and talent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from capillary.web.accounts.models import Organisation
from capillary.web.talent.models import (
    Attendance,
    CourseImport,
    OfferedCourse,
    SkillsResult,
    TalentProfile,
    TalentRequest,
    Trainee,
    TrainingPlan,
)

from ..kit import PEOPLE

if TYPE_CHECKING:
    from ..kit import World

EVERYBODY = set(PEOPLE)
SIGNED_IN = EVERYBODY - {"anonymous", "holder"}
TRAINERS = {"owner", "colleague", "adviser"}
FIRM = {"owner", "colleague"}
DAY = dt.date(2026, 11, 2)

TABLE = {
    "courses": {"GET": EVERYBODY},
    "course": {"GET": EVERYBODY},
    "courses-offered": {"GET": EVERYBODY},
    "course-offered": {"GET": EVERYBODY},
    "course-import": {"GET": {"officer", "administrator"}, "POST": {"officer", "administrator"}},
    "course-import-preview": {"GET": {"officer"}, "POST": {"officer"}},
    "skills": {"GET": EVERYBODY},
    "skills-check": {"GET": EVERYBODY, "POST": EVERYBODY},
    "skills-mine": {"GET": SIGNED_IN},
    "skills-delete": {"POST": {"stranger"}},
    "skills-share": {"POST": {"stranger"}},
    "training": {"GET": TRAINERS},
    "trainee-add": {"POST": TRAINERS},
    "trainee-remove": {"POST": TRAINERS},
    "training-make": {"POST": TRAINERS},
    "training-plan": {"GET": TRAINERS},
    "training-csv": {"GET": TRAINERS},
    "training-delete": {"POST": TRAINERS},
    "attendance": {"GET": TRAINERS, "POST": TRAINERS},
    "talent-people": {"GET": FIRM},
    "talent-me": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "talent-withdraw": {"POST": {"stranger"}},
    "talent-confirm": {"GET": {"assessor"}, "POST": {"assessor"}},
    "talent-answer": {"POST": {"stranger"}},
    "talent-contact": {"GET": FIRM},
    "talent-ask": {"GET": FIRM, "POST": FIRM},
}


def trainee_of(world: World) -> Trainee:
    return Trainee.objects.create(enterprise=world.enterprise, name="Shift lead", role="shop-floor")


def attendance_of(world: World) -> Attendance:
    plan = TrainingPlan.objects.create(enterprise=world.enterprise, origin="roles", begins_on=DAY)
    return Attendance.objects.create(
        plan=plan,
        trainee=trainee_of(world),
        number=1,
        course="files-in-order",
        hours=3,
        begins_on=DAY,
        due_on=DAY,
    )


def profile_of(world: World, person: str = "stranger") -> TalentProfile:
    return TalentProfile.objects.create(
        user=world.users[person],
        role="it",
        region="CN-JS",
        languages=["zh"],
        availability="now",
        levels={"4.1": 4},
        published_at=timezone.now(),
    )


def request_of(world: World, status: str) -> TalentRequest:
    return TalentRequest.objects.create(
        profile=profile_of(world), enterprise=world.enterprise, reason="A network to run", status=status
    )


def _result(world: World) -> list[object]:
    return [SkillsResult.objects.create(user=world.users["stranger"], role="it", answers={"it-01": "a"}).pk]


def offered_course(organisation: Organisation) -> OfferedCourse:
    return OfferedCourse.objects.create(
        organisation=organisation,
        number="K1",
        title_zh="网络基础",
        title_en="Networks",
        outcome_zh="会配网络。",
        outcome_en="You set up a network.",
        roles=["it"],
        form="workshop",
        hours=8,
        capabilities={"site-network": [0, 1]},
        competences={"5.1": [2, 3]},
        link_kind="lti",
        link="https://learn.example.org/lti/launch",
    )


def _import(world: World) -> list[object]:
    made = CourseImport.objects.create(organisation=world.organisation, by=world.users["officer"], rows=[])
    return [made.pk]


def _published(world: World) -> list[object]:
    profile_of(world)
    return []


ARGS = {
    "course": lambda _world: ["payment-fraud"],
    "course-offered": lambda world: [offered_course(world.organisation).pk],
    "course-import-preview": _import,
    "skills-check": lambda _world: ["shop-floor"],
    "skills-delete": _result,
    "skills-share": _result,
    "trainee-remove": lambda world: [world.enterprise.pk, trainee_of(world).pk],
    "training-plan": lambda world: [attendance_of(world).plan_id],
    "training-csv": lambda world: [attendance_of(world).plan_id],
    "training-delete": lambda world: [attendance_of(world).plan_id],
    "attendance": lambda world: [(made := attendance_of(world)).plan_id, made.pk],
    "talent-withdraw": _published,
    "talent-answer": lambda world: [request_of(world, "waiting").pk],
    "talent-contact": lambda world: [request_of(world, "accepted").pk],
    "talent-ask": lambda world: [profile_of(world).pk],
}
