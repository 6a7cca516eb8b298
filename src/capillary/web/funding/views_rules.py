"""Pages of officers: a programme's rules with their cases, changing them, drafts, and two forms side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.incentives.drafts import differences, read_draft
from capillary.incentives.simulate import NO_MONEY
from capillary.model.problems import InputError
from capillary.web.access import programme_for, programmes_of, rule_editor
from capillary.web.core.limits import limited
from capillary.web.funding import drafts
from capillary.web.funding.drafts import SHIPPED, Form
from capillary.web.funding.forms_rules import KeepForm, OverForm, RuleForm, given
from capillary.web.funding.models import RuleDraft, Simulation
from capillary.web.funding.rules import rules
from capillary.web.funding.trials import HEAVY, Question, simulation_ask

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from capillary.model.programme import Programme
    from capillary.web.accounts.models import User

LAST_SHOWN = 10


def _programme(name: str) -> Programme:
    found = rules().programmes.get(name)
    if found is None:
        raise Http404
    return found


def _form_of(user: User, name: str, key: str) -> Form:
    found = drafts.form_of(user, name, key or SHIPPED)
    if found is None:
        raise Http404
    return found


def _day(name: str) -> str:
    return drafts.good_day(_programme(name))


def _read(form: Form, name: str) -> Programme | None:
    """Return what a form writes; None where the product has changed so that it no longer is one."""
    if form.key == SHIPPED:
        return rules().programmes[name]
    try:
        return read_draft(rules(), form.text, name)
    except InputError:
        return None


def _context(user: User, name: str) -> dict[str, Any]:
    """Return what all pages of a programme's rules show."""
    seen = Simulation.objects.filter(incentive=name, programme__in=programmes_of(user))
    return {
        "programme": _programme(name),
        "drafts": list(drafts.drafts_of(user, name)),
        "can_be_simulated": _programme(name).kind not in NO_MONEY,
        "simulations": list(seen.select_related("programme", "made_by").defer(*HEAVY)[:LAST_SHOWN]),
    }


@require_safe
@never_cache
def rules_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the rules in force: figures, conditions, amounts, text, cases, and the drafts that there are."""
    user = rule_editor(request)
    _programme(name)
    return _shown(request, user, name, _form_of(user, name, SHIPPED))


@require_safe
@never_cache
def draft(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Show a draft in the same way."""
    user = rule_editor(request)
    _programme(name)
    return _shown(request, user, name, _form_of(user, name, str(pk)))


def _shown(request: HttpRequest, user: User, name: str, form: Form) -> HttpResponse:
    read = _read(form, name)
    context = {
        **_context(user, name),
        "form": form,
        "read": read,
        "cases": [] if read is None else drafts.cases_tried(name, read),
        "is_mine": form.draft is not None and form.draft.made_by_id == user.pk,
    }
    return render(request, "funding/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("rules", "240/h")
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change a form of a programme: check it, keep it as a draft, or simulate it against the one that it came from."""
    user = rule_editor(request)
    before = _read_or_shipped(user, _programme(name).id, given(request.GET, "of"))
    data = request.POST if request.method == "POST" else None
    wish = given(request.POST, "do")
    form = RuleForm(data, name=name, text=before.text)
    keep = KeepForm(data if wish == "keep" else None)
    over = OverForm(data if wish == "simulate" else None, user, _day(name))
    context = {**_context(user, name), "before": before, "form": form, "keep": keep, "over": over}
    if data is None:
        return render(request, "funding/rules_edit.html", context)
    # what the other buttons ask for stays typed as well
    for other in (keep, over):
        if not other.is_bound:
            other.initial.update({field: data[field] for field in other.fields if data.get(field)})
    if not form.is_valid() or form.changed is None:
        return render(request, "funding/rules_edit.html", context, status=422)
    if wish == "keep" and keep.is_valid():
        return _kept(request, name, form, keep)
    if wish == "simulate" and over.is_valid():
        after = Form("", "", form.changed_text)
        return _asked(
            request, user, Question(name, before, after, over.cleaned_data["over"], over.cleaned_data["on"])
        )
    start = read_draft(rules(), before.text, name)
    context |= {
        "is_checked": True,
        "differences": differences(start, form.changed),
        "turned": drafts.cases_turned(name, start, form.changed),
        # from here on the page shows what was made of fields and text together
        "form": RuleForm(None, name=name, text=form.changed_text),
    }
    return render(
        request, "funding/rules_edit.html", context, status=422 if keep.errors or over.errors else 200
    )


def _read_or_shipped(user: User, name: str, key: str) -> Form:
    """Return the form to begin with; the one in force where a draft cannot be read any more."""
    form = _form_of(user, name, key)
    return form if _read(form, name) is not None else _form_of(user, name, SHIPPED)


def _kept(request: HttpRequest, name: str, form: RuleForm, keep: KeepForm) -> HttpResponse:
    try:
        made = drafts.draft_keep(
            incentive=name,
            name=keep.cleaned_data["name"],
            note=keep.cleaned_data["note"],
            text=form.changed_text,
            by=request.user,
        )
    except ValueError:
        messages.error(request, _("You have too many drafts of this programme. Delete some first."))
        return redirect("incentive-rules", name=name)
    messages.success(request, _("The draft is kept. No firm is judged by it."))
    return redirect("incentive-draft", name=name, pk=made.pk)


def _asked(request: HttpRequest, user: User, question: Question) -> HttpResponse:
    # whoever is no officer of the programme gets no further
    programme_for(request, question.programme.pk)
    if rules().programmes[question.incentive].kind in NO_MONEY:
        raise Http404
    made = simulation_ask(question=question, by=user)
    return redirect("incentive-simulation", name=question.incentive, pk=made.pk)


@require_safe
@never_cache
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Show what two forms of a programme say differently, and offer to simulate one against the other."""
    user = rule_editor(request)
    _programme(name)
    one = _form_of(user, name, given(request.GET, "one"))
    other = _form_of(user, name, given(request.GET, "other"))
    pair = (_read(one, name), _read(other, name))
    context = {
        **_context(user, name),
        "one": one,
        "other": other,
        "differences": differences(*pair) if all(pair) else [],
        "turned": drafts.cases_turned(name, *pair) if all(pair) else [],
        "unreadable": not all(pair),
        "over": OverForm(None, user, _day(name)),
    }
    return render(request, "funding/rules_compare.html", context)


@require_POST
@limited("simulate", "60/h")
def simulate(request: HttpRequest, name: str) -> HttpResponse:
    """Simulate one form of a programme against another over the enterprises of a programme."""
    user = rule_editor(request)
    _programme(name)
    over = OverForm(request.POST, user, _day(name))
    if not over.has_programmes:
        raise Http404
    one = _form_of(user, name, given(request.POST, "one"))
    other = _form_of(user, name, given(request.POST, "other"))
    if not over.is_valid():
        for errors in over.errors.values():
            messages.error(request, " ".join(errors))
        return redirect(f"{reverse('incentive-compare', args=[name])}?one={one.key}&other={other.key}")
    data = over.cleaned_data
    return _asked(request, user, Question(name, one, other, data["over"], data["on"]))


@require_safe
@never_cache
def draft_file(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Send a draft as the file that it would be among the content."""
    user = rule_editor(request)
    _programme(name)
    form = _form_of(user, name, str(pk))
    return HttpResponse(
        form.text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def draft_delete(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Ask whether a draft shall go, and delete it; only whoever made it may."""
    user = rule_editor(request)
    found = RuleDraft.objects.filter(incentive=name, pk=pk, made_by=user).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        drafts.draft_delete(draft=found, by=user)
        messages.success(request, _("The draft is deleted."))
        return redirect("incentive-rules", name=name)
    return render(request, "funding/rules_delete.html", {"programme": _programme(name), "draft": found})
