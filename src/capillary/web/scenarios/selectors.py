"""Reads of the catalogue of scenarios: searching it, one scenario for a size, and whose plan it can be started in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from capillary.content.estimates import estimate_of
from capillary.content.library import vocabulary_of
from capillary.content.scenarios import (
    Counts,
    Wish,
    business_scenarios,
    capabilities_asked,
    heads_suited,
    scenario_counts,
    scenarios_found,
    usual_heads,
)
from capillary.model.scenario import SIZE_CLASSES
from capillary.roadmap.firm import size_of
from capillary.web import engine
from capillary.web.access import GRANTS, Action, Role, held_enterprises
from capillary.web.assessments.models import Assessment
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import figure
from capillary.web.planning.forms import ROLE_LABELS
from capillary.web.programmes.sizes import SIZE_BY_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import HttpRequest

    from capillary.content.estimates import Estimate
    from capillary.model.measure import Measure
    from capillary.model.scenario import Scenario, SizeClass, Stated
    from capillary.model.standard import Question, Source
    from capillary.roadmap.firm import Size

MOST_FIRMS = 8  # in the list of those in whose plan a scenario can be started
Choices = list[tuple[str, str, int]]


@cache
def business() -> Mapping[str, Question]:
    """Return the business scenarios by id, in the order of the standard."""
    known = vocabulary_of(engine.library())
    names = business_scenarios(known.standards)
    return {
        question.id: question
        for standard in known.standards.values()
        for question in standard.questions
        if question.id in names
    }


@dataclass(frozen=True)
class Asked:
    """A question of a standard that a result page came from, with the capabilities that it asks about."""

    value: str
    question: Question
    capabilities: frozenset[str]


def asked(value: str) -> Asked | None:
    """Return the question that an address names as ``standard/question``; None where there is none."""
    name, _slash, identifier = value.partition("/")
    standard = engine.standards().get(name)
    question = None if standard is None else standard.by_id.get(identifier)
    if standard is None or question is None:
        return None
    return Asked(value, question, capabilities_asked(standard, identifier))


def found_by(wish: Wish) -> list[Scenario]:
    """Return the scenarios that fit."""
    library = engine.library()
    return scenarios_found(library.scenarios(), library.measures().measures, wish)


def fitting_first(items: Sequence[Scenario], firm: Assessment | None) -> list[Scenario]:
    """Return scenarios with those first that are for a firm's sector and size, then those for one of the two."""
    if firm is None:
        return list(items)
    sector, size = firm.enterprise.sector, size_class_of(firm.enterprise.employees)
    return sorted(items, key=lambda item: -(sector in item.sectors) - (size in item.sizes))


@dataclass(frozen=True)
class Filters:
    """The choices of every filter, each with how many scenarios it would leave."""

    business: Choices
    sector: Choices
    size: Choices
    capability: list[tuple[str, Choices]]


def filters_for(wish: Wish) -> Filters:
    """Return the choices of the filters; a choice that would leave nothing is shown only where it is the chosen one."""
    library = engine.library()
    counts: Counts = scenario_counts(library.scenarios(), library.measures().measures, wish)
    capabilities = [
        (
            area.title.in_(language()),
            _choices(
                [
                    (item.id, item.title.in_(language()))
                    for item in library.capabilities().values()
                    if item.area == area.id
                ],
                counts.capability,
                wish.capability,
            ),
        )
        for area in library.areas()
    ]
    return Filters(
        business=_choices(
            [(name, question.title.in_(language())) for name, question in business().items()],
            counts.business,
            wish.business,
        ),
        sector=_choices(
            [(item.id, item.title.in_(language())) for item in library.sectors().values()],
            counts.sector,
            wish.sector,
        ),
        size=_choices([(name, str(SIZE_BY_ID[name].title)) for name in SIZE_CLASSES], counts.size, wish.size),
        capability=[(title, choices) for title, choices in capabilities if choices],
    )


def _choices(words: Iterable[tuple[str, str]], counts: Mapping[str, int], chosen: str) -> Choices:
    return [
        (value, label, counts.get(value, 0)) for value, label in words if counts.get(value) or value == chosen
    ]


@dataclass(frozen=True)
class Row:
    """A scenario in a list, with the business scenarios and sizes that it is for, in words."""

    scenario: Scenario
    facts: list[str]


def rows(items: Iterable[Scenario]) -> list[Row]:
    """Return what a list says of scenarios."""
    return [Row(item, [*business_titles(item), sizes_words(item), measures_words(item)]) for item in items]


def business_titles(item: Scenario) -> list[str]:
    """Return the names of the business scenarios that a scenario serves or supports."""
    return [business()[name].title.in_(language()) for name in item.business if name in business()]


def sizes_words(item: Scenario) -> str:
    """Return the sizes that a scenario is for."""
    return _(", ").join(str(SIZE_BY_ID[size].title) for size in item.sizes)


def measures_words(item: Scenario) -> str:
    """Return how many measures a scenario has."""
    from django.utils.translation import ngettext

    count = len(item.measures)
    return ngettext("{n} measure", "{n} measures", count).format(n=count)


# --- one scenario -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sized:
    """What a scenario costs, takes and brings a firm of a size."""

    size: Size
    estimate: Estimate


def sized(
    item: Scenario, people: int | None = None, users: int | None = None, machines: int | None = None
) -> Sized:
    """Return a scenario's figures for a size; what is not said is that of a usual firm of its smallest size."""
    library = engine.library()
    sectors = library.sectors()
    sections = frozenset(code[0] for name in item.sectors if name in sectors for code in sectors[name].isic)
    heads = people or usual_heads(item, library.measures().measures)
    size = size_of(heads, users, machines, sections, library.assumptions())
    estimate = estimate_of(
        item, library.measures(), library.currencies(), users=size.users, machines=size.machines
    )
    return Sized(size, estimate)


@dataclass(frozen=True)
class StepShown:
    """One measure of a scenario: its place, when it runs, what it needs of the others and what it typically costs."""

    measure: Measure
    begins: int
    ends: int
    after: str
    one_off: str
    yearly: str
    once: int
    each_year: int


def steps_shown(found: Sized) -> list[StepShown]:
    """Return the measures of a scenario in order."""
    from capillary.roadmap.firm import Prices

    library = engine.library()
    measures = library.measures().measures
    prices = Prices(found.estimate.currency, library.currencies())
    shown = []
    for step in found.estimate.steps:
        terms = prices.terms(measures[step.measure], found.size)
        shown.append(
            StepShown(
                measures[step.measure],
                step.begins + 1,
                step.ends,
                _("; ").join(measures[name].title.in_(language()) for name in step.after),
                figure(terms.one_off[1], 0) if terms.one_off[1] else "",
                figure(terms.yearly[1], 0) if terms.yearly[1] else "",
                terms.one_off[1],
                terms.yearly[1],
            )
        )
    return shown


def fits(item: Scenario, people: int) -> bool:
    """Whether a scenario is for firms with so many people."""
    measures = engine.library().measures().measures
    for size in item.sizes:
        suited = heads_suited((measures[name] for name in item.measures), size)
        if suited is not None and suited[0] <= people and (suited[1] is None or people <= suited[1]):
            return True
    return False


def hours_words(estimate: Estimate) -> str:
    """Return the hours of own people by role."""
    said = [f"{ROLE_LABELS[role]} {figure(hours, 0)}" for role, hours in estimate.hours.items()]
    return _(", ").join(said)


@dataclass(frozen=True)
class Rung:
    """A level of a capability: its name and what is true of a firm at it."""

    title: str
    level: int
    statement: str


def rungs(levels: Mapping[str, int]) -> list[Rung]:
    """Return levels of capabilities in words."""
    known = engine.library().capabilities()
    return [
        Rung(
            known[name].title.in_(language()),
            level,
            known[name].levels[level - 1].statement.in_(language()),
        )
        for name, level in levels.items()
        if name in known
    ]


def raised(estimate: Estimate) -> list[tuple[str, int, int]]:
    """Return the capabilities that a scenario raises, with the levels before and after."""
    known = engine.library().capabilities()
    return [
        (known[name].title.in_(language()), low, high)
        for name, (low, high) in estimate.raises.items()
        if name in known
    ]


def facts_of(item: Scenario) -> list[tuple[Stated, Source]]:
    """Return what sources state about a scenario, each with its source."""
    file = engine.library().scenarios().files[item.id]
    return [(fact, file.source_of(fact.source)) for fact in item.facts]


def told_by(item: Scenario) -> tuple[Source, str]:
    """Return what the descriptions of a scenario rest on, and how sure they are."""
    file = engine.library().scenarios().files[item.id]
    return file.source_of(file.source), file.certainty


# --- whose plan ----------------------------------------------------------------------------------------------------------


def plannable(request: HttpRequest, only: str = "") -> Sequence[Assessment]:
    """Return the assessments in whose plan the visitor may start a scenario: the latest of each enterprise, by its name.

    Args:
        request: the visitor's request.
        only: the id of the one assessment that is wanted; left out for all, at most `MOST_FIRMS`.
    """
    theirs = Q()
    if request.user.is_authenticated:
        roles = [role.value for role in GRANTS[Action.PLAN] - {Role.HOLDER}]
        theirs = Q(
            enterprise__members__user=request.user,
            enterprise__members__until=None,
            enterprise__members__role__in=roles,
        )
    held = held_enterprises(request)
    if held:
        theirs |= Q(enterprise__in=held, enterprise__claimed_at=None)
    if not theirs:
        return []
    found = (
        Assessment.objects.filter(theirs, enterprise__erased_at=None, standard__in=list(engine.standards()))
        .select_related("enterprise")
        .defer("answers", "asked", "carried")
        .order_by("enterprise__name", "enterprise_id", "-changed_at")
        .distinct()
    )
    if only:
        return list(found.filter(pk=wanted)) if (wanted := _uuid(only)) else []
    latest: dict[UUID, Assessment] = {}
    for row in found[: MOST_FIRMS * 10]:
        latest.setdefault(row.enterprise_id, row)
    return list(latest.values())[:MOST_FIRMS]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def size_class_of(people: int | None) -> SizeClass | None:
    """Return the size of a firm with so many people; None where that is not known."""
    from capillary.web.programmes.sizes import size_of as named

    found = named(people)
    return next((size for size in SIZE_CLASSES if found is not None and size == found.id), None)
