"""The catalogue of scenarios, open to everybody, and the button that starts one in a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from capillary.content.scenarios import Wish
from capillary.model.problems import InputError
from capillary.web import engine
from capillary.web.access import Action, assessment_for
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.core.tables import csv_table
from capillary.web.outcomes.selectors import least, told_of, with_results
from capillary.web.planning.starting import plannable
from capillary.web.results.readable import needs_standard
from capillary.web.scenarios import selectors
from capillary.web.scenarios.figures import COSTS, HEADS, figures_of, table
from capillary.web.scenarios.forms import SizeForm
from capillary.web.scenarios.services import scenario_start

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from capillary.model.scenario import Scenario
    from capillary.web.assessments.models import Assessment
    from capillary.web.scenarios.selectors import Asked

PER_PAGE = 20
LONGEST = 100


@require_safe
def scenarios(request: HttpRequest) -> HttpResponse:
    """List the scenarios, by words, business scenario, sector, size, capability, and what a question asks about."""
    question = selectors.asked(request.GET.get("question", ""))
    told = with_results()
    wish = Wish(
        text=request.GET.get("q", "")[:LONGEST],
        business=request.GET.get("business", ""),
        sector=request.GET.get("sector", ""),
        size=request.GET.get("size", ""),
        capability=request.GET.get("capability", ""),
        helps=question.capabilities if question else frozenset(),
        only=told if request.GET.get("results") else None,
    )
    firm = _firm(request)
    found = selectors.fitting_first(selectors.found_by(wish), firm)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wish": wish,
        "question": question,
        "firm": firm,
        "firm_filters": _firm_filters(firm, question),
        "page": page,
        "rows": selectors.rows(page, told),
        "with_results": len(selectors.found_by(replace(wish, only=told))),
        "all": len(engine.library().scenarios().scenarios),
        "filters": selectors.filters_for(wish),
        "is_filtered": wish != Wish(helps=wish.helps),
        "chosen_results": wish.only is not None,
        "query": _query(wish, question, firm),
        "carried": _carried(firm),
    }
    return render(request, "scenarios/scenarios.html", context)


def _firm(request: HttpRequest) -> Assessment | None:
    """Return the assessment that the address names, where the visitor may plan with it."""
    name = request.GET.get("assessment", "")
    return next(iter(plannable(request, name)), None) if name else None


def _carried(firm: Assessment | None) -> str:
    return urlencode({"assessment": firm.pk}) if firm else ""


def _firm_filters(firm: Assessment | None, question: Asked | None) -> str:
    """Return the search for scenarios of the firm's own sector and size; nothing where neither is known."""
    if firm is None:
        return ""
    sector = firm.enterprise.sector if firm.enterprise.sector in engine.library().sectors() else ""
    size = selectors.size_class_of(firm.enterprise.employees) or ""
    if not sector and not size:
        return ""
    return _query(Wish(sector=sector, size=size), question, firm)


def _query(wish: Wish, question: Asked | None, firm: Assessment | None) -> str:
    """Return the search as it stands in the address, for the links to other pages."""
    given = {
        "q": wish.text,
        "business": wish.business,
        "sector": wish.sector,
        "size": wish.size,
        "capability": wish.capability,
        "results": "1" if wish.only is not None else "",
        "question": question.value if question else "",
        "assessment": firm.pk if firm else "",
    }
    return urlencode({name: value for name, value in given.items() if value})


@require_safe
def scenario(request: HttpRequest, name: str) -> HttpResponse:
    """Show one scenario, with its figures for the size that the reader gives, or that of the reader's firm."""
    found = _named(name)
    firm = _firm(request)
    form = SizeForm(request.GET if set(SizeForm.base_fields) & set(request.GET) else None)
    size = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if not form.is_bound and firm is not None:
        size = {"people": firm.enterprise.employees}
    shown = selectors.sized(found, **size)
    source, certainty = selectors.told_by(found)
    figures, told = figures_of(found, shown), told_of(found.id)
    context = {
        "scenario": found,
        "firm": firm,
        "firms": [firm] if firm else plannable(request),
        "carried": _carried(firm),
        "form": form,
        "size": shown.size,
        "fits": selectors.fits(found, shown.size.employees),
        "estimate": shown.estimate,
        "hours": selectors.hours_words(shown.estimate),
        "costs": [item for item in figures if item.name in COSTS],
        "others": [item for item in figures if item.name not in COSTS],
        "is_free": not any(value for item in figures if item.name in COSTS for value in item.told),
        "has_results": any(item.from_results for item in figures),
        "size_words": selectors.size_words(shown.size.employees),
        "reported": told.reported,
        "least": least(),
        "words": told.words,
        "steps": selectors.steps_shown(shown),
        "starts": selectors.rungs(found.starts),
        "raises": selectors.raised(shown.estimate),
        "facts": selectors.facts_of(found),
        "source": source,
        "certainty": certainty,
        "serves": [selectors.business()[item] for item in found.serves],
        "supports": [selectors.business()[item] for item in found.supports],
        "sizes": selectors.sizes_words(found),
    }
    return render(request, "scenarios/scenario.html", context, status=422 if form.errors else 200)


@require_safe
@limited("figures", "60/h")
def figures_csv(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django hands every view its request
    """Send the figures of all scenarios as a CSV table, each with where it comes from."""
    return csv_table("scenario-figures.csv", HEADS, table())


def _named(name: str) -> Scenario:
    found = engine.library().scenarios().scenarios.get(name)
    if found is None:
        raise Http404
    return found


@require_http_methods(["POST"])
@needs_standard
@limited("roadmap", "120/h")
def start(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Put the measures of a scenario into the plan of a firm, and show the plan that is made."""
    access = assessment_for(request, pk, Action.PLAN)
    found = _named(name)
    estimate = selectors.sized(found, access.assessment.enterprise.employees).estimate
    back = f"{reverse('scenario', args=[name])}?{urlencode({'assessment': pk})}"
    try:
        started = scenario_start(
            assessment=access.assessment, scenario=found, estimate=estimate, by=access.user
        )
    except InputError as error:
        for problem in error.problems:
            messages.error(request, problem.in_(language()))
        return redirect(back)
    if started.pins.there:
        said = _("Left out, because your answers show that you have it: {names}.")
        messages.info(request, said.format(names=_titles(started.pins.there)))
    if started.pins.unsuited:
        said = _("Left out, because it makes no sense for a firm of your size or sector: {names}.")
        messages.info(request, said.format(names=_titles(started.pins.unsuited)))
    if started.roadmap is None:
        messages.info(request, _("Nothing of this scenario is new to your firm, so the plan stays as it is."))
        return redirect(back)
    count = len(started.pins.pinned)
    said = ngettext(
        "“{title}” is in your plan: {n} measure that stays in any case.",
        "“{title}” is in your plan: {n} measures that stay in any case.",
        count,
    )
    messages.success(request, said.format(title=found.title.in_(language()), n=count))
    return redirect("roadmap", pk=started.roadmap.pk)


def _titles(names: Iterable[str]) -> str:
    measures = engine.library().measures().measures
    return _("; ").join(measures[name].title.in_(language()) for name in names)
