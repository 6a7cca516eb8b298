"""Writes of courses and talent: kept results, training plans, talent profiles, requests, imports."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from capillary.model.course import Learner, TrainingNeeds
from capillary.model.problems import InputError
from capillary.roadmap.firm import firm_of
from capillary.talent.fit import competences_for
from capillary.talent.goals import goals_of_gaps, goals_of_measures, taught
from capillary.talent.training import needs_problems, training_plan
from capillary.web import engine
from capillary.web.access import audit_write
from capillary.web.assessments.models import Assessment
from capillary.web.planning.models import Roadmap
from capillary.web.talent import selectors
from capillary.web.talent.models import (
    Attendance,
    CourseImport,
    OfferedCourse,
    SkillsResult,
    TalentConsent,
    TalentProfile,
    TalentRequest,
    Trainee,
    TrainingPlan,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.db.models import QuerySet

    from capillary.model.course import Course, SkillsFile, Span
    from capillary.roadmap.firm import Firm
    from capillary.talent.offered import OfferedRow
    from capillary.web.accounts.models import Organisation, User
    from capillary.web.enterprises.models import Enterprise

MOST_RESULTS = 20
MOST_TRAINEES = 40
MOST_FINDINGS = 8
MOST_OFFERED = 10
REQUESTS_A_DAY = 5
DAYS_A_WEEK = 7


class TooManyError(Exception):
    """There are as many as there may be."""


class NothingToDoError(Exception):
    """There is nothing that a course would help with."""


# --- skills checks ----------------------------------------------------------------------------------------------------------


def still_asked(check: SkillsFile, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the kept answers that the check still has: content may change between two visits."""
    options = {question.id: {option.key for option in question.options} for question in check.questions}
    return {name: key for name, key in answers.items() if key in options.get(name, ())}


@transaction.atomic
def result_keep(*, user: User, role: str, answers: Mapping[str, str]) -> SkillsResult:
    """Keep the result of a check; the oldest goes where there are too many."""
    made = SkillsResult.objects.create(user=user, role=role, answers=dict(answers))
    for old in SkillsResult.objects.filter(user=user)[MOST_RESULTS:]:
        old.delete()
    audit_write(user, "skills-keep", None, f"skills {made.pk}")
    return made


@transaction.atomic
def result_delete(*, result: SkillsResult) -> None:
    """Delete a kept result."""
    audit_write(result.user, "skills-delete", None, f"skills {result.pk}")
    result.delete()


@transaction.atomic
def result_share(*, result: SkillsResult, shared: bool) -> None:
    """Let the firms that somebody works for use a result for their training plans, or no longer."""
    result.shared = shared
    result.save(update_fields=["shared"])
    audit_write(result.user, "skills-share" if shared else "skills-unshare", None, f"skills {result.pk}")


# --- training plans ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def trainee_add(
    *, enterprise: Enterprise, name: str, role: str, hours: int, member: User | None, by: User | None
) -> Trainee:
    """Add somebody who learns.

    Raises:
        TooManyError: there are as many as a plan is made for.
    """
    if Trainee.objects.filter(enterprise=enterprise).count() >= MOST_TRAINEES:
        raise TooManyError
    made = Trainee.objects.create(enterprise=enterprise, name=name, role=role, hours=hours, user=member)
    audit_write(by, "trainee-add", enterprise.pk, f"trainee {made.pk}")
    return made


@transaction.atomic
def trainee_remove(*, trainee: Trainee, by: User | None) -> None:
    """Take somebody out, with their attendances."""
    audit_write(by, "trainee-remove", trainee.enterprise_id, f"trainee {trainee.pk}")
    trainee.delete()


def firm_at(assessment: Assessment) -> Firm:
    """Return where a firm stands for certain under an assessment."""
    library = engine.library()
    return firm_of(
        engine.standard_of(assessment),
        engine.sheet_of(assessment),
        library.capabilities(),
        library.assumptions(),
    )


def latest_assessment(enterprise: Enterprise) -> Assessment | None:
    """Return the assessment of a firm that was changed last, of a standard that is installed."""
    return (
        Assessment.objects.select_related("enterprise")
        .filter(enterprise=enterprise, standard__in=list(engine.standards()))
        .order_by("-changed_at")
        .first()
    )


def latest_roadmap(enterprise: Enterprise) -> Roadmap | None:
    """Return the latest roadmap of a firm that has a plan."""
    found = (
        Roadmap.objects.select_related("assessment__enterprise")
        .filter(assessment__enterprise=enterprise, status=Roadmap.Status.READY)
        .order_by("-made_at")[:5]
    )
    return next((row for row in found if (row.result or {}).get("plans")), None)


def goals_from(
    enterprise: Enterprise, origin: str, courses: Mapping[str, Course] | None = None
) -> dict[str, Span]:
    """Return what a firm wants to learn for, as far as some course helps with it; the outlines where none are given."""
    from capillary.content.scenarios import capabilities_asked

    library = engine.library()
    goals: dict[str, Span] = {}
    if origin == TrainingPlan.Origin.ROADMAP and (roadmap := latest_roadmap(enterprise)):
        measures = library.measures().measures
        names = [item["id"] for item in roadmap.result["plans"][0]["measures"]]
        chosen = [measures[name] for name in names if name in measures]
        goals = goals_of_measures(chosen, firm_at(roadmap.assessment).levels)
    elif origin == TrainingPlan.Origin.SHORTCOMINGS and (assessment := latest_assessment(enterprise)):
        standard = engine.standard_of(assessment)
        found = engine.diagnosis_of(assessment).findings[:MOST_FINDINGS]
        names = [name for item in found for name in sorted(capabilities_asked(standard, item.question))]
        goals = goals_of_gaps(names, firm_at(assessment).levels, library.capabilities())
    return taught(goals, (selectors.courses() if courses is None else courses).values())


def learner_of(trainee: Trainee, courses: Mapping[str, Course] | None = None) -> Learner:
    """Return somebody as the engine knows them: their shared result, and the courses that they passed."""
    answers: dict[str, str] = {}
    if trainee.user_id:
        kept = SkillsResult.objects.filter(user=trainee.user_id, role=trainee.role, shared=True).first()
        check = selectors.check_of(trainee.role)
        answers = still_asked(check, kept.answers) if kept and check else {}
    passed = Attendance.objects.filter(trainee=trainee, result=Attendance.Result.PASSED)
    names = list(passed.values_list("course", flat=True))
    known = courses if courses is not None else selectors.courses()
    done = [name for name in names if name in known]
    return Learner(
        name=str(trainee.pk),
        role=trainee.role,
        hours=trainee.hours,
        answers=answers,
        done=tuple(dict.fromkeys(done)),
    )


@transaction.atomic
def training_make(
    *,
    enterprise: Enterprise,
    origin: str,
    begins_on: dt.date,
    role_levels: bool,
    by: User | None,
    offered: bool = False,
) -> TrainingPlan:
    """Make the training plan of a firm with the fewest attendances; planned dates follow from the hours a week.

    Args:
        enterprise: whose people learn.
        origin: for what, a `TrainingPlan.Origin`.
        begins_on: the first day.
        role_levels: whether everybody is also to reach the levels of their role.
        by: who makes it.
        offered: whether courses of organisations are used beside the outlines, such as have not begun yet.

    Raises:
        NothingToDoError: nobody is there to learn, or nothing is lacking that a course helps with.
        InputError: the people or goals cannot be planned for.
    """
    trainees = {str(item.pk): item for item in Trainee.objects.filter(enterprise=enterprise)}
    passed = Attendance.objects.filter(trainee__in=trainees, result=Attendance.Result.PASSED)
    courses = (
        selectors.plannable_courses(begins_on, passed.values_list("course", flat=True))
        if offered
        else selectors.courses()
    )
    goals = goals_from(enterprise, origin, courses)
    if not trainees or not (goals or role_levels):
        raise NothingToDoError
    courses = selectors.courses_for(courses, goals, everybody=role_levels)
    people = tuple(learner_of(item, courses) for item in trainees.values())
    needs = TrainingNeeds(goals=goals, role_levels=role_levels, people=people)
    library = engine.library()
    problems = list(needs_problems(needs, library.capabilities(), library.skills(), courses))
    if problems:
        raise InputError(problems)
    found = training_plan(needs, courses, library.skills(), selectors.exact)
    if not found.attendances:
        raise NothingToDoError
    plan = TrainingPlan.objects.create(
        enterprise=enterprise,
        origin=origin,
        begins_on=begins_on,
        goals={name: list(span) for name, span in goals.items()},
        left=[{"trainee": gap.person, "name": gap.name, "level": gap.level} for gap in found.left],
        proven=found.proven,
        made_by=by,
    )
    Attendance.objects.bulk_create(
        Attendance(
            plan=plan,
            trainee=trainees[item.person],
            number=number,
            course=item.course,
            hours=item.hours,
            begins_on=begins_on + dt.timedelta(days=(item.begins - 1) * DAYS_A_WEEK),
            due_on=begins_on + dt.timedelta(days=item.ends * DAYS_A_WEEK - 1),
        )
        for number, item in enumerate(found.attendances, 1)
    )
    audit_write(by, "training-make", enterprise.pk, f"training {plan.pk}")
    return plan


@transaction.atomic
def training_delete(*, plan: TrainingPlan, by: User | None) -> None:
    """Delete a training plan, with what was recorded in it."""
    audit_write(by, "training-delete", plan.enterprise_id, f"training {plan.pk}")
    plan.delete()


@dataclass(frozen=True)
class Record:
    """What is recorded of an attendance."""

    trainee: Trainee
    begins_on: dt.date
    due_on: dt.date
    status: str
    result: str
    done_on: dt.date | None
    note: str


@transaction.atomic
def attendance_record(*, attendance: Attendance, record: Record, by: User | None) -> None:
    """Record who attends, when, and what came of it."""
    for name, value in vars(record).items():
        setattr(attendance, name, value)
    attendance.save()
    audit_write(by, "attendance-record", attendance.plan.enterprise_id, f"attendance {attendance.pk}")


# --- talent ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProfileFacts:
    """What somebody publishes."""

    role: str
    region: str
    languages: list[str]
    availability: str


@transaction.atomic
def profile_publish(*, user: User, facts: ProfileFacts) -> TalentProfile:
    """Publish a profile, or change it, with the skills of the latest kept check of the role; notes the consent."""
    kept = SkillsResult.objects.filter(user=user, role=facts.role).first()
    check = selectors.check_of(facts.role)
    answers = still_asked(check, kept.answers) if kept and check else {}
    levels = selectors.least_levels(facts.role, answers)
    profile, _made = TalentProfile.objects.get_or_create(
        user=user, defaults={"role": facts.role, "region": facts.region, "availability": facts.availability}
    )
    if profile.published_at is None:
        TalentConsent.objects.create(user=user)
        profile.published_at = timezone.now()
    for name, value in asdict(facts).items():
        setattr(profile, name, value)
    profile.levels = levels
    profile.save()
    audit_write(user, "talent-publish", None, f"talent {profile.pk}")
    return profile


@transaction.atomic
def profile_withdraw(*, profile: TalentProfile) -> None:
    """Withdraw a profile: nobody finds it any more, and requests that wait are refused."""
    now = timezone.now()
    TalentConsent.objects.filter(user=profile.user, withdrawn_at=None).update(withdrawn_at=now)
    waiting = TalentRequest.objects.filter(profile=profile, status=TalentRequest.Status.WAITING)
    waiting.update(status=TalentRequest.Status.REFUSED, answered_at=now)
    profile.published_at = None
    profile.save(update_fields=["published_at"])
    audit_write(profile.user, "talent-withdraw", None, f"talent {profile.pk}")


def skills_wanted(enterprise: Enterprise) -> dict[str, int]:
    """Return the competences that a firm needs for its plan, or for its shortcomings where it has none."""
    found = goals_from(enterprise, TrainingPlan.Origin.ROADMAP)
    goals = found or goals_from(enterprise, TrainingPlan.Origin.SHORTCOMINGS)
    return competences_for(goals, selectors.courses().values())


@transaction.atomic
def skill_confirm(*, profile: TalentProfile, competence: str, level: int, by: User) -> None:
    """Confirm, as an assessor, that somebody has a level of a competence; a later confirmation replaces an earlier one."""
    profile.confirmations.update_or_create(
        competence=competence, defaults={"level": level, "by": by, "at": timezone.now()}
    )
    audit_write(by, "talent-confirm", None, f"talent {profile.pk} {competence}")


@transaction.atomic
def request_send(*, profile: TalentProfile, enterprise: Enterprise, reason: str, by: User) -> TalentRequest:
    """Ask somebody whether they want to talk.

    Raises:
        TooManyError: the firm has sent as many today as it may, or one is waiting already.
    """
    since = timezone.now() - dt.timedelta(days=1)
    type(enterprise).objects.select_for_update().get(pk=enterprise.pk)
    sent = TalentRequest.objects.filter(enterprise=enterprise, sent_at__gte=since).count()
    waiting = TalentRequest.objects.filter(
        enterprise=enterprise, profile=profile, status=TalentRequest.Status.WAITING
    )
    if sent >= REQUESTS_A_DAY or waiting.exists():
        raise TooManyError
    made = TalentRequest.objects.create(profile=profile, enterprise=enterprise, reason=reason, by=by)
    audit_write(by, "talent-request", enterprise.pk, f"request {made.pk}")
    return made


@transaction.atomic
def request_answer(*, request: TalentRequest, accepted: bool, by: User) -> None:
    """Accept a request, so that the firm sees name and address, or refuse it."""
    request.status = TalentRequest.Status.ACCEPTED if accepted else TalentRequest.Status.REFUSED
    request.answered_at = timezone.now()
    request.save(update_fields=["status", "answered_at"])
    action = "talent-accept" if accepted else "talent-refuse"
    audit_write(by, action, request.enterprise_id, f"request {request.pk}")


# --- courses of organisations -------------------------------------------------------------------------------------------------


def offered_found(words: str, capability: str = "") -> QuerySet[OfferedCourse]:
    """Return the courses of organisations in which all words stand, in either language, and that help with a capability."""
    rows = OfferedCourse.objects.select_related("organisation")
    for word in words.split():
        fields = ("title_zh", "title_en", "outcome_zh", "outcome_en")
        wanted = Q()
        for field in fields:
            wanted |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(wanted)
    if capability:
        # JSON cannot be searched alike on both databases, and the rows are few enough to look at
        fit = [pk for pk, spans in rows.values_list("pk", "capabilities") if capability in spans]
        rows = rows.filter(pk__in=fit)
    return rows


def offered_for(capabilities: Collection[str]) -> list[OfferedCourse]:
    """Return courses of organisations that teach some of these capabilities, at most `MOST_OFFERED`."""
    # JSON cannot be searched alike on both databases, and the rows are few enough to look at
    rows = OfferedCourse.objects.select_related("organisation") if any(capabilities) else ()
    return [row for row in rows if not set(capabilities).isdisjoint(row.capabilities)][:MOST_OFFERED]


@transaction.atomic
def import_prepare(*, organisation: Organisation, rows: Sequence[OfferedRow], by: User) -> CourseImport:
    """Keep rows that were read without an error until somebody says yes; an earlier preview of theirs goes."""
    CourseImport.objects.filter(by=by).delete()
    audit_write(by, "courses-upload", None, f"{len(rows)} courses")
    return CourseImport.objects.create(organisation=organisation, by=by, rows=[asdict(row) for row in rows])


@transaction.atomic
def import_confirm(*, prepared: CourseImport) -> int:
    """Store the courses of a preview; those whose number the organisation has already are replaced."""
    for row in prepared.rows:
        OfferedCourse.objects.update_or_create(
            organisation=prepared.organisation,
            number=row["number"],
            defaults={
                **row,
                "price": Decimal(row["price"]) if row.get("price") else None,
                "starts_on": row.get("starts_on") or None,
                "imported_at": timezone.now(),
            },
        )
    audit_write(prepared.by, "courses-import", None, f"organisation {prepared.organisation_id}")
    count = len(prepared.rows)
    prepared.delete()
    return count
