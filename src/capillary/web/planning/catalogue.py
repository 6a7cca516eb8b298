"""Reads of the catalogue of measures: searching it, and everything about one measure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from capillary.content.courses import CourseWish, courses_found
from capillary.report.outlook import OBSTACLE_TITLES
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import figure
from capillary.web.programmes.sizes import SIZE_BY_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.model.measure import CostPart, Measure

MANUFACTURING = "C"  # the one section of ISIC that has too many sectors to name each


@dataclass(frozen=True)
class Wanted:
    """What is looked for in the catalogue.

    Attributes:
        area: an area of capabilities, or one capability.
        size: a size of enterprises by head count.
    """

    text: str = ""
    area: str = ""
    cost: str = ""
    size: str = ""


def measures_found(wanted: Wanted) -> list[Measure]:
    """Return the measures that fit, in the order of the catalogue."""
    words = wanted.text.lower().split()
    return [item for item in engine.library().measures().measures.values() if _fits(item, wanted, words)]


def _fits(item: Measure, wanted: Wanted, words: Sequence[str]) -> bool:
    if wanted.area and wanted.area not in _topics(item):
        return False
    if wanted.cost == "free" and not is_free(item):
        return False
    if wanted.cost == "paid" and is_free(item):
        return False
    if wanted.size and not _suits(item, wanted.size):
        return False
    texts = (item.title.zh, item.title.en, item.summary.zh, item.summary.en)
    text = " ".join([item.id, *texts]).lower()
    return all(word in text for word in words)


def _suits(item: Measure, size: str) -> bool:
    """Whether a measure makes sense for some enterprises of a size; a size that nobody knows holds none."""
    found = SIZE_BY_ID.get(size)
    if found is None:
        return False
    below = found.most is not None and found.most < item.employees_from
    return not below and (item.employees_to is None or item.employees_to >= found.least)


def is_free(item: Measure) -> bool:
    """Whether a measure costs no money, whatever the size of the firm."""
    return not any(
        amount
        for part in (item.cost.one_off, item.cost.yearly)
        for given in (part.fixed, part.per_user, part.per_machine)
        for amount in given
    )


def _topics(item: Measure) -> set[str]:
    """Return the capabilities that a measure raises, and their areas."""
    known = engine.library().capabilities()
    raised = {one.capability for one in item.raises}
    return raised | {known[name].area for name in raised if name in known}


def topics() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the areas with their capabilities that some measure raises, by name in the page's language."""
    library = engine.library()
    raised = {one.capability for item in library.measures().measures.values() for one in item.raises}
    return [
        (
            area.id,
            area.title.in_(language()),
            [
                (item.id, item.title.in_(language()))
                for item in library.capabilities().values()
                if item.area == area.id and item.id in raised
            ],
        )
        for area in library.areas()
    ]


def in_short(item: Measure) -> list[str]:
    """Return what a measure takes, typically: weeks, money, and which firms it is for."""
    found = [_("{low}–{high} weeks").format(low=item.weeks[0], high=item.weeks[2])]
    one_off, yearly = (list(_amounts(part)) for part in (item.cost.one_off, item.cost.yearly))
    if one_off:
        said = _("one-off {currency} {amounts}")
        found.append(said.format(currency=item.cost.currency, amounts=" + ".join(one_off)))
    if yearly:
        said = _("yearly {currency} {amounts}")
        found.append(said.format(currency=item.cost.currency, amounts=" + ".join(yearly)))
    return [*found, *suits(item)[:1]]


def _amounts(part: CostPart) -> Iterator[str]:
    """Yield the typical amounts of a cost."""
    for given, said in (
        (part.fixed, "{amount}"),
        (part.per_user, _("{amount} for each user")),
        (part.per_machine, _("{amount} for each machine")),
    ):
        if given[1]:
            yield said.format(amount=figure(given[1], 0))


def suits(item: Measure) -> list[str]:
    """Return which firms a measure makes sense for, by size and by sector; nothing where it does for all."""
    low, high = item.employees_from, item.employees_to
    found = []
    if high is not None:
        found.append(_("for firms with {low} to {high} people").format(low=low, high=high))
    elif low > 1:
        found.append(_("for firms with {low} people or more").format(low=low))
    if item.sections:
        found.append(_("in: {sectors}").format(sectors=_("; ").join(_sectors(item.sections))))
    return found


def _sectors(sections: Sequence[str]) -> Iterator[str]:
    if MANUFACTURING in sections:
        yield _("manufacturing")
    others = set(sections) - {MANUFACTURING}
    for item in engine.library().sectors().values():
        if others & {code[0] for code in item.isic}:
            yield item.title.in_(language())


def measure_facts(item: Measure) -> dict[str, Any]:
    """Return everything that the page of a measure shows beside the measure itself."""
    catalogue = engine.library().measures()
    capabilities = engine.library().capabilities()

    def rung(name: str, level: int) -> tuple[str, int]:
        known = capabilities.get(name)
        return (known.title.in_(language()) if known else name), level

    return {
        "certainty": catalogue.certainty_of(item, item.cost),
        "source": catalogue.source_of(item, item.cost),
        "raises": [(*rung(raised.capability, raised.from_), raised.to) for raised in item.raises],
        "levels_needed": [rung(name, level) for name, level in item.needs.capabilities.items()],
        "measures_needed": [
            catalogue.measures[name] for name in item.needs.measures if name in catalogue.measures
        ],
        "excluded": [catalogue.measures[name] for name in item.excludes if name in catalogue.measures],
        "is_free": is_free(item),
        "suits": suits(item),
        "lowers": [OBSTACLE_TITLES[obstacle] for obstacle in item.lowers],
        "scenarios": [
            scenario
            for scenario in engine.library().scenarios().scenarios.values()
            if item.id in scenario.measures
        ],
    }


@cache
def course_count(measure: str) -> int:
    """Return how many courses teach a capability that a measure raises; worked out once."""
    library = engine.library()
    found = library.measures().measures.get(measure)
    raised = frozenset() if found is None else frozenset(item.capability for item in found.raises)
    return len(courses_found(library.courses(), CourseWish(capabilities=raised))) if raised else 0
