"""Saved views: keep, rename, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from capillary.web.access import programme_for
from capillary.web.programmes import services
from capillary.web.programmes.filters import Filters
from capillary.web.programmes.forms import ViewForm
from capillary.web.programmes.models import SavedView

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the filters of the address under a name."""
    programme = programme_for(request, pk)
    query = Filters(request.GET, programme).query()
    form = ViewForm(request.POST)
    if form.is_valid():
        services.view_save(programme=programme, user=request.user, query=query, **form.cleaned_data)
        messages.success(request, _("The view “%(name)s” is saved.") % form.cleaned_data)
    else:
        messages.error(request, _("A view needs a name of at most 80 signs."))
    return _to_list(pk, query)


@require_POST
def change(request: HttpRequest, pk: UUID, view: int) -> HttpResponse:
    """Rename or delete an own view; a colleague's view does not exist here."""
    with transaction.atomic():
        programme = programme_for(request, pk)
        found = SavedView.objects.filter(pk=view, programme=programme, user=request.user).first()
        if found is None:
            raise Http404
        if request.POST.get("do") == "delete":
            services.view_delete(view=found)
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": found.name})
            return _to_list(pk, "")
        _rename(request, found)
        return _to_list(pk, found.query)


def _rename(request: HttpRequest, found: SavedView) -> None:
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A view needs a name of at most 80 signs."))
        return
    try:
        services.view_rename(view=found, **form.cleaned_data)
    except ValueError:
        messages.error(
            request, _("You have another view named “%(name)s”. Choose another name.") % form.cleaned_data
        )
    else:
        messages.success(request, _("The view is now named “%(name)s”.") % form.cleaned_data)


def _to_list(pk: UUID, query: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('programme-enterprises', args=[pk])}?{query}")
