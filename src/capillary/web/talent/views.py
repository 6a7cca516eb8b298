"""The catalogue of courses and the skills checks, open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.content.courses import CourseWish
from capillary.web import engine
from capillary.web.access import may_edit_rules, signed_in
from capillary.web.core.limits import limited
from capillary.web.talent import selectors, services
from capillary.web.talent.models import OfferedCourse, SkillsResult

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.course import SkillsFile

PER_PAGE = 20
LONGEST = 100


@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """List the courses, by words, role, form, competence and capability, or for what a page came from."""
    topic = selectors.topic_of(request.GET.get("question", ""), request.GET.get("measure", ""))
    wish = CourseWish(
        text=request.GET.get("q", "")[:LONGEST],
        role=request.GET.get("role", ""),
        form=request.GET.get("form", ""),
        capability=request.GET.get("capability", ""),
        competence=request.GET.get("competence", ""),
        capabilities=topic.capabilities if topic else frozenset(),
    )
    page = Paginator(selectors.found_by(wish), PER_PAGE).get_page(request.GET.get("page"))
    given = {
        "q": wish.text,
        "role": wish.role,
        "form": wish.form,
        "competence": wish.competence,
        "capability": wish.capability,
        topic.kind if topic else "": topic.value if topic else "",
    }
    context = {
        "wish": wish,
        "topic": topic,
        "offered": services.offered_for(wish.capabilities or {wish.capability}),
        "page": page,
        "rows": selectors.rows(page),
        "all": len(selectors.courses()),
        "filters": selectors.filters_for(wish),
        "is_filtered": wish != CourseWish(capabilities=wish.capabilities),
        "query": urlencode({name: value for name, value in given.items() if value}),
    }
    return render(request, "talent/courses.html", context)


@require_safe
def course(request: HttpRequest, name: str) -> HttpResponse:
    """Show the outline of a course."""
    found = selectors.courses().get(name)
    if found is None:
        raise Http404
    source, certainty = selectors.origin_of(found)
    context = {
        "course": found,
        "roles": selectors.roles_words(found.roles),
        "hours": selectors.hours_words(found.hours),
        "before": [selectors.courses()[item] for item in found.after],
        "next": selectors.next_courses(found),
        "capabilities": selectors.capability_rises(found),
        "competences": selectors.competence_rises(found),
        "source": source,
        "certainty": certainty,
        "framework": engine.library().competences().sources[0],
    }
    return render(request, "talent/course.html", context)


@require_safe
def offered(request: HttpRequest) -> HttpResponse:
    """List the courses of organisations, by words and by the capability that they help with."""
    words = request.GET.get("q", "")[:LONGEST].strip()
    capability = request.GET.get("capability", "")
    page = Paginator(services.offered_found(words, capability), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "query": urlencode(
            {name: value for name, value in (("q", words), ("capability", capability)) if value}
        ),
        "capability": capability,
        "capabilities": selectors.capability_choices(),
        "may_import": request.user.is_authenticated and may_edit_rules(request.user),
    }
    return render(request, "talent/offered.html", context)


@require_safe
def offered_course(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a course of an organisation."""
    found = get_object_or_404(OfferedCourse.objects.select_related("organisation"), pk=pk)
    return render(request, "talent/offered_course.html", {"course": found})


# --- the skills check ---------------------------------------------------------------------------------------------------


@require_safe
def skills(request: HttpRequest) -> HttpResponse:
    """Let the visitor choose the check of their role."""
    return render(request, "talent/skills.html", {"checks": list(engine.library().skills().values())})


@require_http_methods(["GET", "HEAD", "POST"])
@limited("skills", "120/h")
def check(request: HttpRequest, role: str) -> HttpResponse:
    """Ask the questions of a role, and show what the answers tell; they are kept only if somebody signed in wants it."""
    found = selectors.check_of(role)
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "talent/check.html", {"check": found, "answers": {}})
    answers = _answers(request, found)
    if "keep" in request.POST:
        user = signed_in(request)
        if answers:
            services.result_keep(user=user, role=found.role, answers=answers)
            messages.success(request, _("Kept. Only you see it."))
        return redirect("skills-mine")
    if not answers:
        context = {"check": found, "answers": answers, "nothing": True}
        return render(request, "talent/check.html", context, status=422)
    context = {"check": found, "answers": answers, "shown": selectors.result_of(found, answers)}
    return render(request, "talent/result.html", context)


def _answers(request: HttpRequest, found: SkillsFile) -> dict[str, str]:
    """Return the answers that were given; what is no option of a question counts as not answered."""
    given = {question.id: request.POST.get(question.id, "") for question in found.questions}
    options = {question.id: {option.key for option in question.options} for question in found.questions}
    return {name: key for name, key in given.items() if key in options[name]}


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """Show the results that somebody kept."""
    user = signed_in(request)
    results = []
    for row in SkillsResult.objects.filter(user=user)[:PER_PAGE]:
        found = selectors.check_of(row.role)
        answers = services.still_asked(found, row.answers) if found else {}
        results.append((row, selectors.result_of(found, answers) if found else None))
    return render(request, "talent/mine.html", {"results": results})


@require_http_methods(["POST"])
def result_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a result."""
    row = get_object_or_404(SkillsResult, pk=pk, user=signed_in(request))
    services.result_delete(result=row)
    return redirect("skills-mine")


@require_http_methods(["POST"])
def result_share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the firms that somebody works for use a result, or no longer."""
    row = get_object_or_404(SkillsResult, pk=pk, user=signed_in(request))
    services.result_share(result=row, shared=not row.shared)
    return redirect("skills-mine")
