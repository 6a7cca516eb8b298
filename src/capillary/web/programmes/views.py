"""The pages of programme officers: their programmes, the list of enterprises, its export, inviting."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capillary.web.access import Role, SignInNeeded, audit_read, organisations_of, programme_for
from capillary.web.programmes import services
from capillary.web.programmes.exports import KINDS, Export
from capillary.web.programmes.filters import Filters
from capillary.web.programmes.forms import CohortForm, ProgrammeForm
from capillary.web.programmes.selectors import cohorts_of, page_of, programmes_shown, views_of
from capillary.web.programmes.shown import shown_list

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from capillary.web.accounts.models import Organisation
    from capillary.web.programmes.models import Programme


def _organisations(request: HttpRequest) -> QuerySet[Organisation]:
    """Return the organisations whose officer the visitor is; for nobody else there is anything here."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    found = organisations_of(request.user, Role.OFFICER)
    if not found:
        raise Http404
    return cast("QuerySet[Organisation]", found)


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """Show the programmes whose officer the visitor is."""
    _organisations(request)
    context = {"programmes": programmes_shown(request.user), "today": timezone.localdate()}
    return render(request, "programmes/programmes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Create a programme."""
    form = ProgrammeForm(request.POST or None, _organisations(request))
    if request.method == "POST" and form.is_valid():
        programme = services.programme_create(
            organisation=form.cleaned_data["organisation"], terms=form.terms(), by=request.user
        )
        messages.success(request, _("The programme is there. Now invite enterprises."))
        return redirect("programme-invite", pk=programme.pk)
    return render(request, "programmes/programme_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a programme."""
    programme = programme_for(request, pk)
    form = ProgrammeForm(request.POST or None, None, programme)
    if request.method == "POST" and form.is_valid():
        services.programme_change(programme=programme, terms=form.terms(), by=request.user)
        messages.success(request, _("The programme is changed."))
        return redirect("programme-enterprises", pk=pk)
    return render(
        request, "programmes/programme_form.html", {"form": form, "programme": programme, "tab": "edit"}
    )


@require_safe
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show code and link with which enterprises join."""
    programme = programme_for(request, pk)
    link = request.build_absolute_uri(reverse("programme-join-code", args=[programme.code]))
    context = {"programme": programme, "link": link, "tab": "invite"}
    return render(request, "programmes/invite.html", context)


@require_safe
@never_cache
def enterprises(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the enterprises that consented: filtered, sorted, a page at a time."""
    programme = programme_for(request, pk)
    cohorts = cohorts_of(programme)
    filters = Filters(request.GET, programme, cohorts)
    page, total = page_of(programme, filters, request.GET.get("page", ""))
    audit_read(request, f"list of {programme.pk}: {len(page.rows)} enterprises", None, Role.OFFICER)
    context = {
        "programme": programme,
        "filters": filters,
        "list": shown_list(programme, filters, page, total),
        "cohorts": cohorts,
        "views": views_of(programme, request.user),
        "tab": "enterprises",
    }
    part = request.htmx and not request.htmx.history_restore_request
    response = render(request, f"programmes/{'_list' if part else 'enterprises'}.html", context)
    if part:
        # what stands in the address afterwards: the filters that are on, without the empty fields of the form
        query = filters.query()
        response["HX-Push-Url"] = request.path + (f"?{query}" if query else "")
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def cohort(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the chosen enterprises into a cohort."""
    with transaction.atomic():
        programme = programme_for(request, pk)
        form = CohortForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("The name of a cohort has at most 60 signs."))
        elif not form.chosen:
            messages.error(request, _("No enterprise is chosen. Tick the boxes in front of the names first."))
        else:
            _assign(request, programme, form)
    # The filters come back through our own parser, so nothing else gets into the address.
    filters = Filters(request.GET, programme)
    return HttpResponseRedirect(f"{reverse('programme-enterprises', args=[pk])}?{filters.query()}")


def _assign(request: HttpRequest, programme: Programme, form: CohortForm) -> None:
    name = form.cleaned_data["cohort"]
    count = services.cohort_assign(programme=programme, enrolments=form.chosen, cohort=name, by=request.user)
    if name:
        said = ngettext(
            "%(count)s enterprise is in the cohort “%(name)s” now.",
            "%(count)s enterprises are in the cohort “%(name)s” now.",
            count,
        )
    else:
        said = ngettext(
            "%(count)s enterprise is in no cohort now.", "%(count)s enterprises are in no cohort now.", count
        )
    messages.success(request, said % {"count": count, "name": name})


@require_safe
def export(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Send the filtered list as a file, row by row."""
    programme = programme_for(request, pk)
    form = request.GET.get("format", "csv")
    if form not in KINDS:
        raise Http404
    found = Export(programme, Filters(request.GET, programme))
    count = found.count()
    audit_read(request, f"{form} of {programme.pk}: {count} enterprises", None, Role.OFFICER)
    name = f"{programme.code}-{timezone.localdate():%Y-%m-%d}.{form}"
    response = StreamingHttpResponse(found.bytes_of(form), content_type=KINDS[form])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response
