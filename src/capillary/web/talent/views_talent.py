"""People who look for work with their skills, and the firms that ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.talent.fit import Skill, fit_of
from capillary.web import engine
from capillary.web.access import Role, audit_read, hiring_firms, signed_in, working_as
from capillary.web.assessments.facts import region_choices
from capillary.web.core.limits import limited
from capillary.web.enterprises.models import Member
from capillary.web.talent import services
from capillary.web.talent.forms import ConfirmForm, ProfileForm, RequestForm
from capillary.web.talent.models import SkillsResult, TalentProfile, TalentRequest, WorkRole
from capillary.web.talent.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from capillary.web.enterprises.models import Enterprise

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("talent", "60/h")
def me(request: HttpRequest) -> HttpResponse:
    """Publish one's own profile, see who asked, and withdraw it."""
    user = signed_in(request)
    profile = TalentProfile.objects.filter(user=user).first()
    form = ProfileForm(request.POST if request.method == "POST" else None, profile=profile)
    if request.method == "POST" and form.is_valid():
        services.profile_publish(user=user, facts=form.facts())
        messages.success(request, _("Published. Firms see it without your name."))
        return redirect("talent-me")
    context = {
        "form": form,
        "profile": profile,
        "skills": skills_shown(profile) if profile else [],
        "consents": user.talent_consents.all(),
        "requests": TalentRequest.objects.select_related("enterprise").filter(profile=profile)
        if profile
        else [],
        "has_result": SkillsResult.objects.filter(user=user).exists(),
    }
    return render(request, "talent/me.html", context, status=422 if form.errors else 200)


def skills_shown(profile: TalentProfile) -> list[tuple[str, int, bool]]:
    """Return the skills of a profile: competence, level, and whether an assessor confirmed it."""
    confirmed = {item.competence: item.level for item in profile.confirmations.all()}
    names = sorted({*profile.levels, *confirmed})
    return [
        (
            name,
            max(profile.levels.get(name, 0), confirmed.get(name, 0)),
            confirmed.get(name, 0) >= profile.levels.get(name, 0),
        )
        for name in names
    ]


@require_http_methods(["POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw one's own profile."""
    profile = get_object_or_404(TalentProfile, user=signed_in(request))
    services.profile_withdraw(profile=profile)
    messages.success(request, _("Withdrawn. Nobody finds it any more."))
    return redirect("talent-me")


@require_http_methods(["POST"])
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or refuse a request."""
    user = signed_in(request)
    found = get_object_or_404(TalentRequest, pk=pk, profile__user=user, status=TalentRequest.Status.WAITING)
    services.request_answer(request=found, accepted="accept" in request.POST, by=user)
    return redirect("talent-me")


@require_safe
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Let a firm look through the published profiles, by role, region, language and skill."""
    firms = hiring_firms(request)
    given = {name: request.GET.get(name, "") for name in ("role", "region", "language", "competence", "need")}
    firm = next((item for item in firms if str(item.pk) == given["need"]), None)
    wanted = services.skills_wanted(firm) if firm else {}
    found = _found(given, firms)
    page = Paginator(_ranked(found, wanted) if wanted else found, PER_PAGE).get_page(request.GET.get("page"))
    competences = engine.library().competences().competences
    context = {
        "page": page,
        "rows": [(item, skills_shown(item), fit_of(_skills(item), wanted)) for item in page],
        "firms": firms,
        "firm": firm,
        "wanted": wanted,
        "given": given,
        "is_filtered": any(given.values()),
        "query": urlencode({name: value for name, value in given.items() if value}),
        "roles": WorkRole.choices,
        "regions": region_choices(),
        "competences": competences,
        "spoken": list(LANGUAGES.items()),
        "sent": TalentRequest.objects.select_related("profile__user", "enterprise").filter(
            enterprise__in=firms
        )[:PER_PAGE],
    }
    return render(request, "talent/people.html", context)


def _skills(profile: TalentProfile) -> dict[str, Skill]:
    return {name: Skill(level, sure) for name, level, sure in skills_shown(profile)}


def _ranked(rows: Iterable[TalentProfile], wanted: Mapping[str, int]) -> list[TalentProfile]:
    """Return profiles, who fits best what is wanted first, those who fit alike in the order that they had."""
    return sorted(rows, key=lambda item: fit_of(_skills(item), wanted).rank)


def _visible(firms: Iterable[Enterprise]) -> QuerySet[TalentProfile]:
    """Return the published profiles without those of the firms' own people: an employer does not see who looks around."""
    own = Member.objects.filter(enterprise__in=firms, until=None).values("user")
    return TalentProfile.objects.filter(published_at__isnull=False).exclude(user__in=own)


def _found(given: dict[str, str], firms: Iterable[Enterprise]) -> QuerySet[TalentProfile]:
    rows = _visible(firms).prefetch_related("confirmations")
    if given["role"]:
        rows = rows.filter(role=given["role"])
    if given["region"]:
        rows = rows.filter(region=given["region"])
    wanted, spoken = given["competence"], given["language"]
    if wanted or spoken:
        # JSON cannot be searched alike on both databases, and the rows are few enough to look at
        fit = [
            item.pk
            for item in rows
            if (not spoken or spoken in item.languages)
            and (not wanted or any(name == wanted for name, _level, _sure in skills_shown(item)))
        ]
        rows = rows.filter(pk__in=fit)
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("talent-request", "30/h")
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send somebody a request with a reason."""
    firms = hiring_firms(request)
    profile = get_object_or_404(_visible(firms), pk=pk)
    form = RequestForm(request.POST if request.method == "POST" else None, firms=firms)
    if request.method == "POST" and form.is_valid():
        firm = form.firms[form.cleaned_data["enterprise"]]
        try:
            services.request_send(
                profile=profile, enterprise=firm, reason=form.cleaned_data["reason"], by=signed_in(request)
            )
        except services.TooManyError:
            said = _("Not sent: a request to this person is waiting, or {n} were sent today.")
            messages.error(request, said.format(n=services.REQUESTS_A_DAY))
        else:
            messages.success(request, _("Sent. You see the name if the person accepts."))
        return redirect("talent-people")
    context = {
        "form": form,
        "profile": profile,
        "skills": skills_shown(profile),
        "most": services.REQUESTS_A_DAY,
    }
    return render(request, "talent/ask.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show name and address of somebody who accepted; the log says that they were read."""
    firms = hiring_firms(request)
    found = get_object_or_404(
        TalentRequest.objects.select_related("profile__user", "enterprise"),
        pk=pk,
        enterprise__in=firms,
        status=TalentRequest.Status.ACCEPTED,
    )
    audit_read(request, f"request {found.pk} talent {found.profile_id}", found.enterprise_id, Role.OWNER)
    return render(request, "talent/contact.html", {"found": found, "skills": skills_shown(found.profile)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("talent-confirm", "60/h")
def confirm(request: HttpRequest) -> HttpResponse:
    """Let an assessor confirm a skill of somebody who gave their code."""
    assessor = working_as(request, Role.ASSESSOR)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["code"].user_id == assessor.pk:
            form.add_error("code", _("Nobody confirms their own skills."))
        else:
            services.skill_confirm(
                profile=given["code"], competence=given["competence"], level=given["level"], by=assessor
            )
            messages.success(request, _("Confirmed."))
            return redirect("talent-confirm")
    return render(request, "talent/confirm.html", {"form": form}, status=422 if form.errors else 200)
