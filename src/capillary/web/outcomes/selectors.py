"""Reads of the outcomes: a firm's own, what waits for review, and what a scenario may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404

from capillary.outcomes.figures import LEAST
from capillary.web import engine
from capillary.web.access import SignInNeeded, enterprise_for
from capillary.web.core.language import language
from capillary.web.enterprises.models import Member
from capillary.web.outcomes.models import Outcome, ScenarioFigure
from capillary.web.programmes.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import Promise

    from capillary.outcomes.figures import Cell
    from capillary.web.access import Access, Action
    from capillary.web.accounts.models import User
    from capillary.web.enterprises.models import Enterprise

MOST_WORDS = 20


def counted() -> QuerySet[Outcome]:
    """Return the outcomes that count: agreed, and accepted by a reviewer."""
    return Outcome.objects.filter(
        state=Outcome.State.ACCEPTED,
        consented_at__isnull=False,
        withdrawn_at=None,
        enterprise__erased_at=None,
    )


def outcome_for(request: HttpRequest, pk: UUID, action: Action) -> tuple[Access, Outcome]:
    """Return an outcome and the visitor's roles on its enterprise.

    Raises:
        SignInNeeded: nobody is signed in.
        Http404: the visitor may not do this, or there is no such outcome.
    """
    row = Outcome.objects.filter(pk=pk).first()
    if row is None:
        if not request.user.is_authenticated:
            raise SignInNeeded
        raise Http404
    return enterprise_for(request, row.enterprise_id, action), row


@dataclass(frozen=True)
class Own:
    """An outcome in the list of its firm, with the title of its scenario."""

    outcome: Outcome
    title: str
    improved: list[Mapping[str, str]]


def scenario_title(name: str) -> str:
    """Return the title of a scenario; its id where it is not in the catalogue any more."""
    found = engine.library().scenarios().scenarios.get(name)
    return name if found is None else found.title.in_(language())


def shown(row: Outcome) -> Own:
    """Return an outcome as pages show it."""
    return Own(row, scenario_title(row.scenario), row.improved)


def outcomes_of(enterprise: Enterprise) -> list[Own]:
    """Return what a firm has told, the latest first."""
    return [shown(row) for row in Outcome.objects.filter(enterprise=enterprise)]


def told_by_scenario(**kept: UUID) -> dict[str, Outcome]:
    """Return what was told of a project or a match, by scenario."""
    return {row.scenario: row for row in Outcome.objects.filter(**kept)}


# --- review -----------------------------------------------------------------------------------------------------------------


def waiting(user: User) -> QuerySet[Outcome]:
    """Return what a reviewer may look at now, the longest waiting first; nobody reviews what their own firm tells."""
    own = Member.objects.filter(user=user, until=None).values("enterprise")
    return (
        Outcome.objects.filter(
            state=Outcome.State.WAITING,
            consented_at__isnull=False,
            withdrawn_at=None,
            enterprise__erased_at=None,
        )
        .exclude(enterprise__in=own)
        .order_by("told_at", "id")
    )


def size_words(row: Outcome) -> str | Promise:
    """Return the size of the firm in words; a reviewer is told no head count."""
    size = size_of(row.employees)
    return "" if size is None else size.title


# --- what scenarios show ------------------------------------------------------------------------------------------------------


def cells_of(scenario: str) -> dict[str, Cell]:
    """Return the figures of a scenario by part."""
    return {row.part: row.cell for row in ScenarioFigure.objects.filter(scenario=scenario)}


def cells_by_scenario() -> dict[str, dict[str, Cell]]:
    """Return all figures by scenario and part."""
    found: dict[str, dict[str, Cell]] = {}
    for row in ScenarioFigure.objects.all():
        found.setdefault(row.scenario, {})[row.part] = row.cell
    return found


def with_results() -> frozenset[str]:
    """Return the scenarios of which at least one figure comes from finished projects."""
    told = ScenarioFigure.objects.filter(typical__isnull=False)
    return frozenset(told.values_list("scenario", flat=True).distinct())


@dataclass(frozen=True)
class Words:
    """What a firm says went wrong; nothing says which."""

    text: str
    language: str


@dataclass(frozen=True)
class Told:
    """How many projects are counted for a scenario, and what went wrong elsewhere, as reviewers found it to name nobody."""

    reported: int
    words: list[Words]


def told_of(scenario: str) -> Told:
    """Return what is told of a scenario besides figures; the words stand in no order that says who told them when."""
    rows = counted().filter(scenario=scenario).order_by("version")
    found = list(rows.values_list("shows_words", "wrong", "language"))
    words = [Words(text, code) for shows, text, code in found if shows and text]
    return Told(len(found), words[:MOST_WORDS])


def least() -> int:
    """Return from how many firms on a figure is told."""
    return LEAST


def titles(names: Iterable[str]) -> str:
    """Return the titles of measures."""
    from django.utils.translation import gettext as _

    measures = engine.library().measures().measures
    return _("; ").join(measures[name].title.in_(language()) if name in measures else name for name in names)
