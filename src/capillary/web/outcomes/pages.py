"""The page on which a firm tells what came of a project or a delivery; parts above hand in what they know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from capillary.content.estimates import composed
from capillary.web import engine
from capillary.web.access import Action
from capillary.web.core.language import language
from capillary.web.core.refusals import RefusedError
from capillary.web.outcomes.forms import OutcomeForm, currency_label
from capillary.web.outcomes.selectors import told_by_scenario
from capillary.web.outcomes.services import outcome_tell

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from capillary.model.measure import EffectBase, EffectOn
    from capillary.model.scenario import Scenario
    from capillary.web.access import Access
    from capillary.web.outcomes.services import Source


def effects_of(scenario: Scenario) -> list[tuple[EffectOn, EffectBase]]:
    """Return what the measures of a scenario make better."""
    measures = engine.library().measures().measures
    return [(item.on, item.of) for item in composed([measures[name] for name in scenario.measures])]


def tell_page(
    request: HttpRequest, access: Access, source: Source, *, back: str, back_words: str
) -> HttpResponse:
    """Ask for what came of a project, scenario by scenario, and keep it.

    Args:
        request: ``scenario`` in its address names one of those that were done; the largest is asked about otherwise.
        access: the visitor's roles on the enterprise.
        source: what was done.
        back: where the page leads back to.
        back_words: what that is called.

    Raises:
        Http404: no scenario was done as a whole.
    """
    choices = source.scenarios()
    wanted = request.GET.get("scenario", "")
    scenario = next((item for item in choices if not wanted or item.id == wanted), None)
    if scenario is None:
        raise Http404
    rows = told_by_scenario(**source.kept)
    row = rows.get(scenario.id)
    form = OutcomeForm(
        request.POST if request.method == "POST" else None,
        effects=effects_of(scenario),
        may_agree=access.may(Action.MANAGE),
        known=source.facts(scenario),
        row=row,
    )
    currency_label(form, source.currency)
    if request.method == "POST" and form.is_valid():
        try:
            outcome_tell(
                source=source,
                scenario=scenario,
                values=form.values(),
                language=language(),
                agrees=form.agrees_now,
                by=access.user,
            )
        except RefusedError as refused:
            form.add_error(refused.field or None, refused.reason.in_(language()))
        else:
            messages.success(request, _said(form, access))
            return redirect("outcomes", pk=access.enterprise.pk)
    context = {
        "access": access,
        "enterprise": access.enterprise,
        "scenario": scenario,
        "choices": [(item, item.id in rows) for item in choices],
        "form": form,
        "row": row,
        "back": back,
        "back_words": back_words,
        "levels": source.levels,
    }
    return render(request, "outcomes/tell.html", context, status=422 if form.errors else 200)


def _said(form: OutcomeForm, access: Access) -> str:
    if form.agrees_now:
        return _("Thank you. A reviewer looks at it; then it counts in the figures of the scenario.")
    if access.may(Action.MANAGE):
        return _("Kept for you. Nothing is published, since you have not agreed.")
    return _("Kept. It is published only once an owner of the firm agrees.")
