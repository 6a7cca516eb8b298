"""What the content holds, as entries that can be found: scenarios, measures, courses, programmes, standards, capabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capillary.matching.search import Index
from capillary.matching.search_documents import Words, listed_document
from capillary.matching.search_query import Thesaurus
from capillary.model.listed import ANYTHING, Listed
from capillary.model.scenario import HEADS, SIZE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capillary.content.library import Library
    from capillary.model.capability import Capability
    from capillary.model.course import Course
    from capillary.model.measure import Measure
    from capillary.model.place import Sector
    from capillary.model.programme import Programme
    from capillary.model.scenario import Scenario
    from capillary.model.standard import Standard

# Texts of the content stand in both languages.
BOTH = ("zh", "en")
EVERYWHERE: Mapping[str, tuple[str, ...]] = {"region": (ANYTHING,), "language": BOTH}


def words_of(library: Library) -> Words:
    """Return what documents say beside their own texts.

    Raises:
        InputError: a content file has errors.
    """
    return Words(library.measures().measures, library.capabilities(), library.regions(), library.sectors())


def thesaurus_of(library: Library) -> Thesaurus:
    """Return the names of the hub vocabulary that mean the same.

    Raises:
        InputError: a content file has errors.
    """
    return Thesaurus.of_capabilities(library.capabilities(), library.synonyms())


def content_index(library: Library) -> tuple[Index, Mapping[str, Listed]]:
    """Return the index over all content, and its entries by key.

    Raises:
        InputError: a content file has errors.
    """
    words = words_of(library)
    entries = {item.key: item for item in listed_content(library)}
    documents = [listed_document(item, words) for item in entries.values()]
    return Index.of(documents, thesaurus_of(library)), entries


def listed_content(library: Library) -> Iterator[Listed]:
    """Yield everything that the content holds.

    Raises:
        InputError: a content file has errors.
    """
    words = words_of(library)
    for scenario in library.scenarios().scenarios.values():
        yield scenario_listed(scenario, words)
    for measure in words.measures.values():
        yield measure_listed(measure, words)
    for course in library.courses().courses.values():
        yield course_listed(course)
    for programme in library.programmes().programmes.values():
        yield programme_listed(programme, words)
    for name in library.names():
        yield standard_listed(library.find(name))
    for capability in words.capabilities.values():
        yield capability_listed(capability)


def scenario_listed(item: Scenario, words: Words) -> Listed:
    """Return a scenario: what the owner says, how it is before and after, and the words that people look for it by."""
    raised = (
        one.capability
        for name in item.measures
        if name in words.measures
        for one in words.measures[name].raises
    )
    return Listed(
        "scenario",
        item.id,
        item.title,
        item.problem,
        names=(*item.keywords.zh, *item.keywords.en),
        more=(item.before, item.after),
        facets={
            "sector": item.sectors,
            "size": item.sizes,
            **EVERYWHERE,
            "capability": tuple(dict.fromkeys(raised)),
            "measure": item.measures,
        },
    )


def measure_listed(item: Measure, words: Words) -> Listed:
    """Return a measure; it is found for the sectors and sizes in which it makes sense."""
    return Listed(
        "measure",
        item.id,
        item.title,
        item.summary,
        more=(item.first_step,),
        facets={
            "sector": sectors_in(item.sections, words.sectors) or (ANYTHING,),
            "size": sizes_between(item.employees_from, item.employees_to),
            **EVERYWHERE,
            **({"price": ("free",)} if item.is_free else {}),
            "capability": tuple(dict.fromkeys(one.capability for one in item.raises)),
            "measure": (item.id,),
        },
    )


def course_listed(item: Course) -> Listed:
    """Return a course: what one can do afterwards, who it is for, what is done."""
    return Listed(
        "course",
        item.id,
        item.title,
        item.outcome,
        more=(item.audience, *item.outline),
        facets={
            "sector": (ANYTHING,),
            "size": (ANYTHING,),
            **EVERYWHERE,
            "capability": tuple(item.capabilities),
        },
    )


def programme_listed(item: Programme, words: Words) -> Listed:
    """Return an incentive programme, found in its country and all that lies in it."""
    return Listed(
        "programme",
        item.id,
        item.title,
        item.summary,
        more=(item.authority,),
        facets={
            "sector": (ANYTHING,),
            "size": (ANYTHING,),
            "region": words.inside([item.country]),
            "language": BOTH,
        },
    )


def standard_listed(item: Standard) -> Listed:
    """Return a standard with what it is about."""
    return Listed(
        "standard",
        item.id,
        item.file.title,
        item.file.summary,
        names=(item.id, item.file.short_title.zh, item.file.short_title.en),
        more=(item.file.publisher, *(dimension.title for dimension in item.file.dimensions)),
        facets={"sector": (ANYTHING,), "size": (ANYTHING,), **EVERYWHERE},
    )


def capability_listed(item: Capability) -> Listed:
    """Return a capability, with what is true of a firm on each rung of its ladder."""
    first, *rest = (rung.statement for rung in item.levels)
    return Listed(
        "capability",
        item.id,
        item.title,
        first,
        more=tuple(rest),
        facets={"sector": (ANYTHING,), "size": (ANYTHING,), **EVERYWHERE, "capability": (item.id,)},
    )


def sectors_in(sections: tuple[str, ...], sectors: Mapping[str, Sector]) -> tuple[str, ...]:
    """Return the sectors that lie in some of the sections of ISIC."""
    wanted = set(sections)
    return tuple(name for name, item in sectors.items() if wanted & {code[0] for code in item.isic})


def sizes_between(low: int, high: int | None) -> tuple[str, ...]:
    """Return the sizes of firms of which some have a head count between two ends, both included.

    >>> sizes_between(1, None), sizes_between(20, 100)
    (('*',), ('small', 'medium'))
    """
    found = tuple(
        size
        for size in SIZE_CLASSES
        if (high is None or HEADS[size][0] <= high) and (HEADS[size][1] or low) >= low
    )
    return (ANYTHING,) if len(found) == len(SIZE_CLASSES) else found
