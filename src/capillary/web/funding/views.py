"""Pages: a firm's money, the facts behind it, and the programmes themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from capillary.incentives.cases import entitlement_of
from capillary.incentives.evaluate import AIDS
from capillary.incentives.words import KIND_WORDS
from capillary.model.days import is_day
from capillary.web.access import Action, assessment_for, may_edit_rules
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.funding import selectors
from capillary.web.funding.forms import FactsForm
from capillary.web.funding.rules import cases, rules
from capillary.web.funding.telling import facts_told
from capillary.web.results.readable import needs_standard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.web.access import AssessmentAccess

ASKED_NEXT = 6
PLACES = ("country", "city")
PER_PAGE = 24
LONGEST = 100


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_standard
@limited("facts", "240/h")
def money(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a firm may claim, on a day or after a plan, and ask for what is missing."""
    access = assessment_for(request, pk, Action.PLAN)
    assessment = access.assessment
    plans = selectors.plans_of(assessment)
    plan = next((item for item in plans if item.value == request.GET.get("plan")), None)
    on = request.GET.get("on") or None
    if on is not None and not is_day(on):
        messages.error(request, _("“{day}” is no day. Write it as 2026-12-31.").format(day=on[:20]))
        on = None
    page = selectors.money_page(assessment, on=on, plan=plan)
    missing = [
        item.fact
        for item in page.missing
        if not selectors.from_the_assessment(item.fact) or item.fact == AIDS
    ]
    # where a firm is decides on most programmes, so that is asked first
    places = [name for name in PLACES if name not in page.known and (name == "country" or _is_chinese(page))]
    names = list(dict.fromkeys([*places, *missing]))
    form = _form(
        request, access, names[:ASKED_NEXT] if request.method != "POST" else request.POST.getlist("asked")
    )
    if request.method == "POST" and facts_told(
        form, enterprise=access.enterprise, by=access.user, known=selectors.assessed_facts(access.assessment)
    ):
        messages.success(request, _("Kept. What you may claim is worked out anew."))
        return redirect(request.get_full_path())
    context = {
        "access": access,
        "assessment": assessment,
        "page": page,
        "form": form,
        "plans": plans,
        "plan": plan,
        "on": on,
    }
    return render(request, "funding/money.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs_standard
@limited("facts", "240/h")
def facts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for every fact that some programme asks for."""
    access = assessment_for(request, pk, Action.PLAN)
    names = [name for name in rules().facts if not selectors.from_the_assessment(name)]
    form = _form(request, access, [*names, AIDS])
    if request.method == "POST" and facts_told(
        form, enterprise=access.enterprise, by=access.user, known=selectors.assessed_facts(access.assessment)
    ):
        messages.success(request, _("Kept. What you may claim is worked out anew."))
        return redirect("assessment-money", pk=pk)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(rules().facts[name].about, []).append(name)
    context = {
        "access": access,
        "assessment": access.assessment,
        "form": form,
        "groups": [(about, " ".join(found)) for about, found in groups.items()],
        "aid": " ".join(name for name in form.fields if name.startswith("aid_")),
    }
    return render(request, "funding/facts.html", context, status=422 if form.errors else 200)


def _is_chinese(page: selectors.MoneyPage) -> bool:
    return page.known.get("country", "cn") == "cn"


def _form(request: HttpRequest, access: AssessmentAccess, names: Iterable[str]) -> FactsForm:
    told = selectors.told_by(access.assessment)
    known = selectors.facts_of(access.assessment, told)
    return FactsForm(
        request.POST if request.method == "POST" else None,
        names=names,
        told=known,
        aids=told.aids,
        currency=told.currency,
    )


def _kept(form: FactsForm, access: AssessmentAccess) -> bool:
    known = selectors.assessed_facts(access.assessment)
    return facts_told(form, enterprise=access.enterprise, by=access.user, known=known)


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """List incentive programmes, by words, kind and country."""
    text = request.GET.get("q", "")[:LONGEST]
    kind, country = request.GET.get("kind", ""), request.GET.get("country", "")
    words = text.lower().split()
    found = [
        item
        for _name, item in sorted(rules().programmes.items())
        if (not kind or item.kind == kind)
        and (not country or item.country == country)
        and all(
            word in f"{item.id} {item.title.zh} {item.title.en} {item.summary.zh} {item.summary.en}".lower()
            for word in words
        )
    ]
    kinds = {item.kind for item in rules().programmes.values()}
    context = {
        "q": text,
        "kind": kind,
        "country": country,
        "kinds": [(name, KIND_WORDS[name].in_(language())) for name in KIND_WORDS if name in kinds],
        "countries": sorted({item.country for item in rules().programmes.values()}),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "count": len(found),
    }
    return render(request, "funding/programmes.html", context)


@require_safe
def programme(request: HttpRequest, name: str) -> HttpResponse:
    """Show a programme: its versions with figures and conditions, its cases with what the rules say, its sources."""
    item = rules().programmes.get(name)
    if item is None:
        raise Http404
    tried = [(case, entitlement_of(rules(), name, case)) for case in cases().get(name, ())]
    context = {
        "programme": item,
        "cases": tried,
        "facts": rules().facts,
        "may_edit": request.user.is_authenticated and may_edit_rules(request.user),
    }
    return render(request, "funding/programme.html", context)
