"""Programmes: those whose officer the user is, and the enterprises that take part and agreed to be seen."""

from __future__ import annotations

from typing import Any
from uuid import UUID  # noqa: TC003 - ninja reads the annotations when the program runs

from django.http import HttpRequest  # noqa: TC002 - ninja reads the annotations when the program runs
from django.utils.translation import gettext as _
from ninja import Query, Router

from capillary.web.access import Role, audit_read, programme_for
from capillary.web.api import selectors, shown
from capillary.web.api.problems import ApiProblem, Error, wrong_value
from capillary.web.api.schemas import EnrolmentPageOut, EnrolmentQuery, PageIn, PageOut, ProgrammeOut
from capillary.web.programmes.filters import Filters
from capillary.web.programmes.paging import Mark
from capillary.web.programmes.selectors import enrolments_of, programmes_shown, rows_shown

router = Router(tags=["programmes"])


@router.get(
    "/programmes",
    response=PageOut[ProgrammeOut],
    operation_id="programmes",
    url_name="programmes",
    summary="List my programmes",
)
def programmes(request: HttpRequest, page: Query[PageIn]) -> Any:
    """Return the programmes whose officer you are."""
    return selectors.page(programmes_shown(request.user), page, shown.programme)


@router.get(
    "/programmes/{uuid:programme_id}/enrolments",
    response=EnrolmentPageOut,
    operation_id="enrolments",
    url_name="enrolments",
    summary="List a programme's enrolments",
)
def enrolments(request: HttpRequest, programme_id: UUID, query: Query[EnrolmentQuery]) -> Any:
    """Return the enterprises that take part in a programme and agreed that its officers see them, page by page."""
    programme = programme_for(request, programme_id)
    filters = Filters(request.GET, programme)
    if not filters.valid:
        raise _refused(filters)
    pager = enrolments_of(programme, filters)
    if query.cursor and Mark.read(query.cursor, pager.sort) is None:
        raise wrong_value(
            "query.cursor",
            "unknown-cursor",
            _("This is no cursor of this sorting."),
            _("Begin with the first page."),
        )
    page = pager.page(query.cursor, query.limit)
    audit_read(request, f"GET {request.path}"[:200], None, Role.OFFICER)
    return {
        "items": [shown.enrolment(row) for row in rows_shown(page.rows)],
        "total": pager.rows.count(),
        "next": page.after and page.after.written(),
    }


def _refused(filters: Filters) -> ApiProblem:
    errors = tuple(
        Error(f"query.{name}", "unusable-filter", str(error), _("Change this filter or leave it out."))
        for name, found in filters.form.errors.items()
        for error in found
    )
    return ApiProblem(422, "unusable", _("What was sent cannot be used; nothing was changed."), errors)
