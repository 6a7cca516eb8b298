"""Pages of officers: a simulation, how far it is, and its firms as a page and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from capillary.incentives.words import fact_title
from capillary.web import engine
from capillary.web.access import Role, SignInNeeded, audit_read, programme_for, rule_editor
from capillary.web.core.language import language
from capillary.web.core.limits import limited
from capillary.web.funding.forms_rules import given
from capillary.web.funding.models import Simulation
from capillary.web.funding.outcome import CHANGED, WHICH, FirmRow, Outcome, whole
from capillary.web.funding.rules import rules
from capillary.web.funding.trials import HEAVY, simulation_again
from capillary.web.funding.words import MOVES
from capillary.web.programmes.exports import KINDS, csv_bytes
from capillary.web.programmes.xlsx import xlsx_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from django.http import HttpRequest

PER_PAGE = 25
PUBLICATION = "publication"  # in the address: small figures are held back
HX_REFRESH = {"HX-Refresh": "true"}
FORMS = ("csv", "xlsx")


def _simulation(request: HttpRequest, name: str, pk: UUID, *, light: bool = False) -> Simulation:
    """Return a simulation whose enterprises the visitor may see.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor is no officer of its programme, or there is no such simulation.
    """
    if not request.user.is_authenticated:
        raise SignInNeeded
    rows = (
        Simulation.objects.defer(*HEAVY) if light else Simulation.objects.defer("before_text", "after_text")
    )
    found = rows.select_related("made_by").filter(pk=pk, incentive=name).first()
    if found is None or name not in rules().programmes:
        raise Http404
    found.programme = programme_for(request, found.programme_id)
    return found


@require_safe
@never_cache
def simulation(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Show a simulation: how far the work is, why it cannot be done, or what came out."""
    row = _simulation(request, name, pk)
    context: dict[str, Any] = {"programme": rules().programmes[name], "simulation": row, "seen": _seen(row)}
    if row.status != Simulation.Status.READY:
        return render(request, "funding/simulation_working.html", context)
    publication = PUBLICATION in request.GET
    found = Outcome(row, publication=publication)
    context |= {"outcome": found, "publication": publication, "sums": found.sums(), "tables": found.tables()}
    if not publication:
        which = given(request.GET, "which") or CHANGED
        places = found.chosen(which)
        page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
        context |= {
            "which": which,
            "choices": [(CHANGED, _("All that change")), *_moves(), ("all", _("All"))],
            "page": page,
            "rows": found.rows(page.object_list),
        }
        audit_read(request, f"simulation {pk}: {len(page.object_list)} enterprises", None, Role.OFFICER)
    return render(request, "funding/simulation.html", context)


def _moves() -> Iterator[tuple[str, str]]:
    yield from ((key, str(MOVES[move])) for key, move in WHICH.items() if move is not None)


def _seen(row: Simulation) -> str:
    """Return a mark of how far the work is, by which a page knows whether it shows that already."""
    return f"{row.status}-{row.progress.get('done')}-{row.hangs}"


@require_safe
@never_cache
def state(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Show how far the work is; a page that waits is loaded anew as soon as it is done."""
    row = _simulation(request, name, pk, light=True)
    if not row.is_open:
        return HttpResponse(headers=HX_REFRESH)
    if request.GET.get("seen") == _seen(row):
        return HttpResponse(status=204)
    context = {"programme": rules().programmes[name], "simulation": row, "seen": _seen(row)}
    return render(request, "funding/_simulation_state.html", context)


@require_POST
@limited("simulate", "60/h")
def again(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Work on a simulation once more, where the work has stopped."""
    user = rule_editor(request)
    row = _simulation(request, name, pk, light=True)
    if row.hangs or row.status == Simulation.Status.FAILED:
        simulation_again(simulation=row, by=user)
    return redirect("incentive-simulation", name=name, pk=pk)


@require_safe
def firms(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Send the firms of a simulation as a table, all those that were chosen."""
    row = _simulation(request, name, pk)
    form = request.GET.get("format", "csv")
    if form not in FORMS or row.status != Simulation.Status.READY:
        raise Http404
    found = Outcome(row)
    places = found.chosen(given(request.GET, "which") or CHANGED)
    audit_read(request, f"{form} of simulation {pk}: {len(places)} enterprises", None, Role.OFFICER)
    head, rows = _head(found), _lines(found.rows(places))
    body = csv_bytes([head, *rows]) if form == "csv" else b"".join(xlsx_chunks(head, [rows]))
    file = f"{name}-{row.programme.code}-{row.on:%Y-%m-%d}.{form}"
    return HttpResponse(
        body,
        content_type=KINDS[form],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}",
            "Cache-Control": "no-store",
        },
    )


def _head(found: Outcome) -> list[str]:
    money = found.programme.currency or ""
    return [
        _("Number of the enterprise"),
        _("Name"),
        _("Region"),
        _("Sector"),
        _("Employees"),
        _("Cohort"),
        _("Answer before"),
        _("Answer after"),
        _("Before, at least, {currency}").format(currency=money),
        _("Before, at most, {currency}").format(currency=money),
        _("After, at least, {currency}").format(currency=money),
        _("After, at most, {currency}").format(currency=money),
        _("What changes"),
        _("Missing facts"),
    ]


def _lines(rows: Sequence[FirmRow]) -> list[list[Any]]:
    library = engine.library()
    places = {code: item.title.in_(language()) for code, item in library.regions().items()}
    sectors = {code: item.title.in_(language()) for code, item in library.sectors().items()}
    return [
        [
            str(item.enrolment.enterprise_id),
            item.enrolment.name,
            places.get(item.enrolment.region, item.enrolment.region),
            sectors.get(item.enrolment.sector, item.enrolment.sector),
            item.enrolment.employees,
            item.enrolment.cohort,
            item.before,
            item.after,
            whole(item.before_low),
            whole(item.before_high),
            whole(item.after_low),
            whole(item.after_high),
            str(MOVES[item.move]),
            "; ".join(fact_title(fact, rules()).in_(language()) for fact in item.missing),
        ]
        for item in rows
    ]
