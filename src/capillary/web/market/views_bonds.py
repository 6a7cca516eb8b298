"""A provider's page of its bonds: whom it is bound to, for everybody to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from capillary.model.market import Conflict
from capillary.model.text import Text
from capillary.web.access import Role, organisation_for
from capillary.web.core.limits import limited
from capillary.web.market import services
from capillary.web.market.bonds import declared, parties_called, party_names
from capillary.web.market.forms import BondForm
from capillary.web.market.selectors import provider_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("market", "120/h")
def bonds(request: HttpRequest) -> HttpResponse:
    """List what a provider declared, and take another bond."""
    provider = provider_row(organisation_for(request, Role.PROVIDER))
    if provider is None:
        messages.info(request, _("First say who you are; then write offers."))
        return redirect("market-profile")
    form = BondForm(request.POST if request.method == "POST" else None)
    meant: Sequence[tuple[str, str]] = ()
    if request.method == "POST" and form.is_valid():
        meant = parties_called(provider, form.cleaned_data["party"])
        if len(meant) == 1:
            reason = Text(zh=form.cleaned_data["reason_zh"], en=form.cleaned_data["reason_en"])
            try:
                services.bond_declare(
                    provider=provider, bond=Conflict(party=meant[0][0], reason=reason), by=request.user
                )
            except services.NotNowError:
                form.add_error("party", _("This one is declared already."))
                meant = ()
            else:
                messages.success(request, _("Declared. Everybody sees it from now on."))
                return redirect("market-bonds")
        elif meant:
            form.add_error("party", _("Several have this in their name."))
        else:
            form.add_error(
                "party", _("Nobody here is called so. Only organisations of this installation can be named.")
            )
    going = {item.party for item in services.provider_of(provider).conflicts}
    shown = declared(provider)
    names = party_names(shown)
    context = {
        "rows": [(bond, names[party], party not in going) for party, bond in shown.items()],
        "form": form,
        "meant": meant,
    }
    return render(request, "market/bonds.html", context, status=422 if form.errors else 200)


@require_POST
@limited("market", "120/h")
def end(request: HttpRequest, party: str) -> HttpResponse:
    """Say that a bond holds no more."""
    provider = provider_row(organisation_for(request, Role.PROVIDER))
    if provider is None:
        return redirect("market-profile")
    try:
        services.bond_end(provider=provider, party=party, by=request.user)
    except services.NotNowError:
        messages.error(request, _("No such bond is declared."))
    else:
        if provider.public is None:
            messages.success(request, _("Taken out."))
        else:
            messages.success(request, _("Taken out. Everybody sees it until an officer has reviewed that."))
    return redirect("market-bonds")
