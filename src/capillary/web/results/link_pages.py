"""The pages of links with a secret, whatever they show: where they are made and withdrawn, and what visitors come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from capillary.web.results.links import opened_too_often, unlisted

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.db.models import QuerySet
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from capillary.web.assessments.models import Assessment
    from capillary.web.results.models import SecretLink


@dataclass(frozen=True)
class LinkPage:
    """The page on which links to one kind of thing are made and withdrawn.

    Attributes:
        title: its heading, to be translated when it is shown.
        tab: the part of the assessment that it belongs to.
        page, withdraw, opens: names of its own address, of the one that withdraws a link, and of what a link opens.
    """

    template: str
    title: Any
    tab: str
    page: str
    withdraw: str
    opens: str

    def shown(
        self,
        request: HttpRequest,
        *,
        of: UUID,
        assessment: Assessment,
        form: Form,
        links: QuerySet[SecretLink],
        token: str | None = None,
        **context: object,
    ) -> HttpResponse:
        """Return the page with the links of one thing.

        Args:
            request: of the page.
            of: the id of what the links show.
            assessment: that it belongs to.
            form: for a new link; with errors the page says so by its status.
            links: made so far.
            token: the secret of a link that was just made, which is shown this once.
            context: what else the template needs.
        """
        now = timezone.now()
        context |= {
            "title": self.title,
            "tab": self.tab,
            "assessment": assessment,
            "form": form,
            "links": [
                (link, link.works(now), reverse(self.withdraw, args=[of, link.pk]))
                for link in links.select_related("made_by")
            ],
            "address": token and request.build_absolute_uri(reverse(self.opens, args=[token])),
        }
        return render(request, self.template, context, status=422 if form.errors else 200)

    def made_already(self, request: HttpRequest, of: UUID) -> HttpResponse:
        """Say that a form has made its link before."""
        messages.info(request, _("This link had been made already. Its address cannot be shown again."))
        return redirect(self.page, pk=of)

    def withdrawn(self, request: HttpRequest, of: UUID) -> HttpResponse:
        """Say that a link is withdrawn."""
        messages.success(request, _("The link is withdrawn. Whoever opens it now finds nothing."))
        return redirect(self.page, pk=of)


def for_visitors(
    view: Callable[[HttpRequest, str], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Let a view be opened with a secret: so many times an hour, unlisted, and kept by nobody on the way."""

    @require_safe
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        if opened_too_often(request):
            return unlisted(render(request, "429.html", status=429))
        return unlisted(view(request, token))

    return wrapped
