"""Pages for everybody: the catalogue of profiles, and one profile without a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from capillary.web.cooperation import levels, selectors
from capillary.web.cooperation.catalogue import FACETS, catalogue
from capillary.web.cooperation.forms import InterestForm
from capillary.web.core.searched import Asked

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from capillary.web.cooperation.models import CooperationProfile

FACET_WORDS = {
    "kind": _("Kind of cooperation"),
    "country": _("Country"),
    "section": _("Industry"),
    "partnership": _("Form of partnership"),
    "size": _("Size of the firm"),
    "stage": _("Stage of development"),
    "language": _("Language"),
    "shows": _("Level"),
}


@require_safe
@never_cache
def partners(request: HttpRequest) -> HttpResponse:
    """List profiles, by words and filters."""
    page = catalogue(Asked.of(request.GET, FACETS))
    facets = [(name, FACET_WORDS[name], choices) for name, choices in page.facets]
    own = selectors.enterprises_of(request.user) if request.user.is_authenticated else []
    return render(request, "cooperation/partners.html", {"page": page, "facets": facets, "own": own})


@require_safe
@never_cache
def partner(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a profile: what is sought or offered, and the level behind it in the reader's own standard; no name."""
    return partner_page(request, selectors.standing_by(reference))


def partner_page(
    request: HttpRequest, row: CooperationProfile, form: InterestForm | None = None, status: int = 200
) -> HttpResponse:
    """Show a profile, with the form of an interest as it was filled in."""
    standard = levels.reader_standard(request)
    enterprises = selectors.enterprises_of(request.user) if request.user.is_authenticated else []
    own = any(item.pk == row.enterprise_id for item in enterprises)
    before = None
    if enterprises:
        mine = row.interests.filter(enterprise__in=enterprises)
        before = mine.order_by("-made_at").first()
    context = {
        "row": row,
        "profile": row.shown,
        "seen": selectors.level_seen(row, standard),
        "standard": standard,
        "standards": levels.levelled(),
        "form": form or InterestForm(enterprises=enterprises),
        "can_ask": bool(enterprises) and not own,
        "own": own,
        "before": before,
        "ends_soon": row.ends_soon(timezone.localdate()),
    }
    return render(request, "cooperation/partner.html", context, status=status)
