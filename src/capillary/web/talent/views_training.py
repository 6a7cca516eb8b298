"""Training plans of a firm: who learns, what, by when, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.model.problems import InputError
from capillary.web.access import Action, Role, SignInNeeded, enterprise_for
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.tables import csv_table
from capillary.web.enterprises.models import Member
from capillary.web.talent import selectors, services
from capillary.web.talent.forms import PlanForm, RecordForm, TraineeForm
from capillary.web.talent.models import Attendance, Trainee, TrainingPlan

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.web.access import Access
    from capillary.web.enterprises.models import Enterprise
    from capillary.web.talent.models import OfferedCourse
    from capillary.web.talent.selectors import PlanCourse


def _trainee_form(enterprise: Enterprise, data: object = None) -> TraineeForm:
    roles = [Role.OWNER.value, Role.COLLEAGUE.value]
    members = Member.objects.select_related("user").filter(enterprise=enterprise, until=None, role__in=roles)
    return TraineeForm(data, enterprise=enterprise, members=list(members))


def _plan_form(enterprise: Enterprise, data: object = None) -> PlanForm:
    origins = [TrainingPlan.Origin.ROLES.value]
    if services.latest_assessment(enterprise):
        origins.insert(0, TrainingPlan.Origin.SHORTCOMINGS.value)
    if services.latest_roadmap(enterprise):
        origins.insert(0, TrainingPlan.Origin.ROADMAP.value)
    return PlanForm(data, origins=origins)


def _page(
    request: HttpRequest,
    access: Access,
    trainee_form: TraineeForm | None = None,
    plan_form: PlanForm | None = None,
) -> HttpResponse:
    enterprise = access.enterprise
    wrong = trainee_form or plan_form
    plans = TrainingPlan.objects.filter(enterprise=enterprise).prefetch_related("attendances")[:20]
    context = {
        "enterprise": enterprise,
        "may_hire": access.may(Action.HIRE),
        "trainees": Trainee.objects.select_related("user").filter(enterprise=enterprise),
        "plans": [(plan, *_progress(list(plan.attendances.all()))) for plan in plans],
        "trainee_form": trainee_form or _trainee_form(enterprise),
        "plan_form": plan_form or _plan_form(enterprise),
    }
    return render(request, "talent/training.html", context, status=422 if wrong else 200)


def _progress(attendances: list[Attendance]) -> tuple[int, int]:
    attended = sum(item.status == Attendance.Status.ATTENDED for item in attendances)
    return attended, len(attendances)


@require_safe
@never_cache
def training(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show who learns in a firm, and its training plans."""
    return _page(request, enterprise_for(request, pk, Action.TRAIN))


@require_http_methods(["POST"])
@limited("training", "120/h")
def trainee_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add somebody who learns."""
    access = enterprise_for(request, pk, Action.TRAIN)
    form = _trainee_form(access.enterprise, request.POST)
    if not form.is_valid():
        return _page(request, access, trainee_form=form)
    given = form.cleaned_data
    try:
        services.trainee_add(
            enterprise=access.enterprise,
            name=given["name"],
            role=given["role"],
            hours=given["hours"],
            member=form.members.get(given["member"]),
            by=access.user,
        )
    except services.TooManyError:
        messages.error(request, _("A plan is made for at most {n} people.").format(n=services.MOST_TRAINEES))
    return redirect("training", pk=pk)


@require_http_methods(["POST"])
def trainee_remove(request: HttpRequest, pk: UUID, trainee: UUID) -> HttpResponse:
    """Take somebody out."""
    access = enterprise_for(request, pk, Action.TRAIN)
    services.trainee_remove(
        trainee=get_object_or_404(Trainee, pk=trainee, enterprise=access.enterprise), by=access.user
    )
    return redirect("training", pk=pk)


@require_http_methods(["POST"])
@limited("training", "120/h")
def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a training plan."""
    access = enterprise_for(request, pk, Action.TRAIN)
    form = _plan_form(access.enterprise, request.POST)
    if not form.is_valid():
        return _page(request, access, plan_form=form)
    try:
        plan = services.training_make(enterprise=access.enterprise, by=access.user, **form.cleaned_data)
    except services.NothingToDoError:
        messages.info(
            request, _("There is nobody who learns yet, or nothing is lacking that a course helps with.")
        )
        return redirect("training", pk=pk)
    except InputError as error:
        for problem in error.problems:
            messages.error(request, problem.in_(language()))
        return redirect("training", pk=pk)
    return redirect("training-plan", pk=plan.pk)


def _plan_for(request: HttpRequest, pk: UUID) -> tuple[Access, TrainingPlan]:
    plan = TrainingPlan.objects.select_related("enterprise").filter(pk=pk).first()
    if plan is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    return enterprise_for(request, plan.enterprise_id, Action.TRAIN), plan


@require_safe
@never_cache
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a training plan by person."""
    access, found = _plan_for(request, pk)
    attendances = list(found.attendances.select_related("trainee"))
    courses = selectors.plan_courses(item.course for item in attendances)
    people: dict[Trainee, list[tuple[Attendance, PlanCourse]]] = {}
    for item in attendances:
        people.setdefault(item.trainee, []).append((item, courses[item.course]))
    names = {str(item.pk): item.name for item in Trainee.objects.filter(enterprise=access.enterprise)}
    attended, every = _progress(attendances)
    context = {
        "enterprise": access.enterprise,
        "plan": found,
        "people": list(people.items()),
        "attended": attended,
        "every": every,
        "hours": sum(item.hours for item in attendances),
        "late": sum(
            item.status == Attendance.Status.PLANNED and item.due_on < timezone.localdate()
            for item in attendances
        ),
        "left": [(names.get(item["trainee"], ""), item["name"], item["level"]) for item in found.left],
        "today": timezone.localdate(),
        "has_offered": any(course.offered for course in courses.values()),
    }
    return render(request, "talent/plan.html", context)


@require_safe
@never_cache
def table(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a training plan as a CSV table."""
    _access, found = _plan_for(request, pk)
    names = ("course", "hours", "begins_on", "due_on", "status", "result", "done_on", "note")
    attendances = list(found.attendances.select_related("trainee"))
    courses = selectors.plan_courses(item.course for item in attendances)
    rows = (
        (
            item.trainee.name,
            item.trainee.role,
            *(getattr(item, name) for name in names),
            courses[item.course].title,
            *_offer(courses[item.course].offered),
        )
        for item in attendances
    )
    more = ("title", "provider", "price", "currency", "starts_on", "link")
    return csv_table("training.csv", ("person", "role", *names, *more), rows)


def _offer(row: OfferedCourse | None) -> tuple[object, ...]:
    """Return what a table says of an organisation's course: provider, price, currency, day and link."""
    if row is None:
        return (None,) * 5
    return (row.organisation.in_(language()), row.price, row.currency, row.starts_on, row.link)


@require_http_methods(["POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a training plan."""
    access, found = _plan_for(request, pk)
    services.training_delete(plan=found, by=access.user)
    return redirect("training", pk=access.enterprise.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def attendance(request: HttpRequest, pk: UUID, attendance: UUID) -> HttpResponse:
    """Record who attends a course, when, and what came of it."""
    access, found = _plan_for(request, pk)
    row = get_object_or_404(Attendance.objects.select_related("plan"), pk=attendance, plan=found)
    trainees = list(Trainee.objects.filter(enterprise=access.enterprise))
    form = RecordForm(request.POST if request.method == "POST" else None, attendance=row, trainees=trainees)
    if request.method == "POST" and form.is_valid():
        services.attendance_record(attendance=row, record=form.record(), by=access.user)
        return redirect("training-plan", pk=pk)
    context = {"enterprise": access.enterprise, "plan": found, "attendance": row, "form": form}
    return render(request, "talent/attendance.html", context, status=422 if form.errors else 200)
