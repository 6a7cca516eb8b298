"""Reads of the catalogue of measures: searching it, and everything about one measure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from capillary.content.courses import CourseWish, courses_found
from capillary.matching.search import Index
from capillary.matching.search_content import measure_listed
from capillary.matching.search_documents import listed_document
from capillary.report.outlook import OBSTACLE_TITLES
from capillary.web import engine
from capillary.web.core.language import language
from capillary.web.core.templatetags.capillary import figure
from capillary.web.find.live import everything
from capillary.web.find.registry import thesaurus, words
from capillary.web.programmes.sizes import SIZE_BY_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capillary.matching.search import Hits
    from capillary.model.course import Course
    from capillary.model.measure import CostPart, Effect, Measure
    from capillary.model.standard import Certainty, Source

UNVERIFIED = "‡"
MOST_COURSES = 8  # in the list of a measure
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


@dataclass(frozen=True)
class MeasuresFound:
    """The measures that fit: best first where words are looked for, else in the order of the catalogue.

    Attributes:
        hits: how the words were found; None without words.
    """

    measures: list[Measure]
    hits: Hits | None = None


def measures_found(wanted: Wanted) -> MeasuresFound:
    """Return the measures that fit."""
    known = engine.library().measures().measures
    if not wanted.text.strip():
        return MeasuresFound([item for item in known.values() if _fits(item, wanted)])
    hits = measure_index().search(wanted.text, count=len(known))
    found = [known[key.partition(":")[2]] for key in hits.ids]
    return MeasuresFound([item for item in found if _fits(item, wanted)], hits)


@cache
def measure_index() -> Index:
    """Return the index over the measures alone."""
    known = engine.library().measures().measures
    documents = [listed_document(measure_listed(item, words()), words()) for item in known.values()]
    return Index.of(documents, thesaurus())


def _fits(item: Measure, wanted: Wanted) -> bool:
    if wanted.area and wanted.area not in _topics(item):
        return False
    if wanted.cost == "free" and not item.is_free:
        return False
    if wanted.cost == "paid" and item.is_free:
        return False
    return not wanted.size or _suits(item, wanted.size)


def _suits(item: Measure, size: str) -> bool:
    """Whether a measure makes sense for some enterprises of a size; a size that nobody knows holds none."""
    found = SIZE_BY_ID.get(size)
    if found is None:
        return False
    below = found.most is not None and found.most < item.employees_from
    return not below and (item.employees_to is None or item.employees_to >= found.least)


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
    """Return what a measure takes, typically: weeks and money, marked where they are unverified, and which firms it is for."""
    found = [_("{low}–{high} weeks").format(low=item.weeks[0], high=item.weeks[2])]
    one_off, yearly = (list(_amounts(part)) for part in (item.cost.one_off, item.cost.yearly))
    if one_off:
        said = _("one-off {currency} {amounts}")
        found.append(said.format(currency=item.cost.currency, amounts=" + ".join(one_off)))
    if yearly:
        said = _("yearly {currency} {amounts}")
        found.append(said.format(currency=item.cost.currency, amounts=" + ".join(yearly)))
    if engine.library().measures().certainty_of(item, item.cost) == "unverified":
        found = [f"{said} {UNVERIFIED}" for said in found]
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


def alternatives(item: Measure) -> list[Measure]:
    """Return the measures that raise all that a measure raises, as high or higher; those that take least time first."""
    wanted = {one.capability: one.to for one in item.raises}
    found = []
    for other in engine.library().measures().measures.values():
        reached = {one.capability: one.to for one in other.raises}
        if other.id != item.id and wanted and all(reached.get(name, 0) >= to for name, to in wanted.items()):
            found.append(other)
    return sorted(found, key=lambda other: other.weeks[1])


def courses_for(item: Measure) -> list[Course]:
    """Return the courses that help with what a measure raises; those that help with most of it first."""
    wanted = {one.capability: one.to for one in item.raises}

    def helps(course: Course) -> int:
        return sum(
            course.capabilities[name][0] < to for name, to in wanted.items() if name in course.capabilities
        )

    known = engine.library().courses().courses.values()
    return sorted((course for course in known if helps(course)), key=lambda course: -helps(course))


def offers_of(item: Measure) -> int:
    """Return how many public offers deliver a measure."""
    return everything().index.search("", {"what": {"offer"}, "measure": {item.id}}, count=0).total


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
        "raises": [
            (raised.capability, *rung(raised.capability, raised.from_), raised.to) for raised in item.raises
        ],
        "effects": [(effect, *_standing_of(item, effect)) for effect in item.effects],
        "alternatives": [(other, in_short(other)) for other in alternatives(item)],
        "courses": courses_for(item)[:MOST_COURSES],
        "offers": offers_of(item),
        "levels_needed": [rung(name, level) for name, level in item.needs.capabilities.items()],
        "measures_needed": [
            catalogue.measures[name] for name in item.needs.measures if name in catalogue.measures
        ],
        "excluded": [catalogue.measures[name] for name in item.excludes if name in catalogue.measures],
        "is_free": item.is_free,
        "suits": suits(item),
        "lowers": [OBSTACLE_TITLES[obstacle] for obstacle in item.lowers],
        "scenarios": [
            scenario
            for scenario in engine.library().scenarios().scenarios.values()
            if item.id in scenario.measures
        ],
    }


def _standing_of(item: Measure, effect: Effect) -> tuple[Certainty, Source]:
    """Return how sure an effect is, and where it comes from."""
    catalogue = engine.library().measures()
    return catalogue.certainty_of(item, effect), catalogue.source_of(item, effect)


@cache
def course_count(measure: str) -> int:
    """Return how many courses teach a capability that a measure raises; worked out once."""
    library = engine.library()
    found = library.measures().measures.get(measure)
    raised = frozenset() if found is None else frozenset(item.capability for item in found.raises)
    return len(courses_found(library.courses(), CourseWish(capabilities=raised))) if raised else 0
